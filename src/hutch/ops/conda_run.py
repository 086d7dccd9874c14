"""``hutch conda run``: a command in a conda environment, as if that had been activated."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context

__all__ = ["CondaRunOptions", "CondaRunOutcome", "conda_run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaRunOptions:
    """The options of ``conda run``; output is never captured, so that those for it change nothing."""

    command: tuple[str, ...] = ()
    prefix: str | None = None
    cwd: str | None = None
    no_capture_output: bool = False
    live_stream: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaRunOutcome:
    """The child's exit code; where the child replaces this process nobody sees it."""

    exit_code: int

    def to_json(self) -> dict[str, int]:
        return {"exit_code": self.exit_code}


def conda_run(context: Context, options: CondaRunOptions) -> CondaRunOutcome:
    """Run the command with the variables of the environment, and what its packages activate."""
    from hutch.ops.child import execute
    from hutch.ops.conda_activation import activating, find_in, prefix_variables
    from hutch.ops.conda_directory import open_present_prefix
    from hutch.ops.conda_place import present_place
    from hutch.ops.run import CommandNotFound

    if not options.command:
        raise UsageProblem("run needs a command", hint="hutch conda run -n NAME python")
    root = open_present_prefix(context, present_place(context, options.prefix)).root
    variables = prefix_variables(dict(context.environ), root)
    words = list(options.command)
    if options.cwd is not None:
        folder = context.path(options.cwd)
        if not os.path.isdir(folder):
            raise UsageProblem(f"--cwd names a directory that is not there: {folder}")
        os.chdir(folder)
    program = find_in(words[0], variables)
    if program is None:
        raise CommandNotFound(words[0], (), prefix=True)
    program, words = activating(root, program, words, variables)
    context.becomes_another = True
    context.close()
    return CondaRunOutcome(exit_code=execute(program, words, variables))
