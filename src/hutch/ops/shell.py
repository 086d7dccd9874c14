"""``hutch shell``: a shell of the user's own in which an environment is active."""

from __future__ import annotations

import os
import sys

from hutch.errors import Problem, UsageProblem
from hutch.events import Notice
from hutch.ops.selection import SelectionOptions
from hutch.values import dataclass, fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env import Environment
    from hutch.ops.context import Context
    from hutch.shell import ActivationFacts

__all__ = ["ShellOptions", "ShellOutcome", "shell"]

MARK = "HUTCH_IN_SHELL"
"""The environment of the `hutch shell` that somebody is in."""


class NoSuchShell(Problem):
    """There is no program of that name to be a shell."""

    code = "no-such-shell"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no shell {name}", hint="--shell takes a name on PATH, or a path")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellOptions(SelectionOptions):
    """The options of ``shell``: those of ``run``; ``arguments`` are for the shell."""

    arguments: tuple[str, ...] = ()
    shell: str | None = None
    sync: bool = True
    env_file: tuple[str, ...] = ()
    link_mode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellOutcome:
    """The shell's exit code; where it replaces this process nobody sees it."""

    exit_code: int

    def to_json(self) -> dict[str, int]:
        return {"exit_code": self.exit_code}


def shell(context: Context, options: ShellOptions, *, interactive: bool | None = None) -> ShellOutcome:
    """Bring the environment up to date, and become a shell in which it is active.

    ``interactive`` says whether somebody types at it: without a terminal it reads commands, and has no files
    of the user's that could change what is active.
    """
    from hutch.ops.activate import facts_of
    from hutch.ops.child import child_environment, execute
    from hutch.ops.run import read_env_file
    from hutch.ops.user_shell import user_shell

    if interactive is None:
        interactive = not options.arguments and sys.stdin is not None and sys.stdin.isatty()
    kind, program = (
        user_shell(context.environ) if options.shell is None else _named_shell(context, options.shell)
    )
    path = _program(program, dict(context.environ))  # before anything is brought up to date
    environment = _environment(context, options)
    facts = facts_of(environment, context.environ)
    variables = _outside(dict(context.environ))
    known = context.environ.get(MARK)
    if known and interactive and os.path.exists(known):
        active = context.environ.get("CONDA_PREFIX" if environment.prefix else "VIRTUAL_ENV")
        if os.path.samefile(known, environment.root) and active == known:
            text = f"you are in the shell of {facts.prompt} already; exit leaves it"
            context.emit(Notice(text))
            return ShellOutcome(exit_code=0)
        context.emit(Notice(f"this is a shell within the one of {known}; exit goes back to that"))
    for name in options.env_file:
        variables.update(read_env_file(context, name))
    variables[MARK] = environment.root
    start, folder, is_active = _prepare(kind, program, facts, variables, interactive)
    words = [os.path.basename(path), *start, *options.arguments]
    if not is_active and environment.prefix:
        from hutch.ops.conda_activation import activating, prefix_variables

        variables = prefix_variables(variables, environment.root)
        path, words = activating(environment.root, path, words, variables)
    elif not is_active:
        child_environment(variables, facts.environment, facts.scripts)
        variables["VIRTUAL_ENV_PROMPT"] = facts.prompt
    if interactive:
        context.emit(Notice(f"in a shell with {facts.prompt} active; exit leaves it"))
    stay = context.throws_away
    context.becomes_another = not stay
    if not stay:
        context.close()
    try:
        return ShellOutcome(exit_code=execute(path, words, variables, stay=stay))
    except Problem:
        if folder is not None:
            from hutch.trees import delete_tree

            delete_tree(folder)
        raise


def _environment(context: Context, options: ShellOptions) -> Environment:
    from hutch.ops.activate import present_for_activation
    from hutch.ops.run import RunOptions, environment_to_run_in

    if context.root is None and context.named is None and context.env is None:
        return present_for_activation(context)
    same = {field.name for field in fields(RunOptions)}
    chosen = {each.name: getattr(options, each.name) for each in fields(ShellOptions) if each.name in same}
    return environment_to_run_in(context, RunOptions(**chosen))


def _named_shell(context: Context, name: str) -> tuple[str | None, str]:
    from hutch.shell import kind_of

    if os.path.basename(name) != name:
        name = context.path(os.path.expanduser(name))
        if not os.path.isfile(name) or not os.access(name, os.X_OK):
            raise NoSuchShell(name)
    return kind_of(name), name


def _program(program: str, variables: dict[str, str]) -> str:
    from hutch.ops.child import find_program

    found = find_program(program, {"PATH": os.defpath, **variables})
    if found is None:
        raise NoSuchShell(program)
    return found


def _outside(variables: dict[str, str]) -> dict[str, str]:
    """The variables as they would be if no environment were active: the shell begins with a clean table."""
    active = variables.pop("VIRTUAL_ENV", None)
    variables.pop("VIRTUAL_ENV_PROMPT", None)
    _leave_conda(variables)
    variables.pop("HUTCH_SHELL_STATE", None)  # of the hook, which is to begin anew as well
    if active and "PATH" in variables:
        own = {os.path.join(active, name) for name in ("bin", "Scripts")}
        parts = [each for each in variables["PATH"].split(os.pathsep) if each.rstrip("/\\") not in own]
        variables["PATH"] = os.pathsep.join(parts)
    return variables


def _leave_conda(variables: dict[str, str]) -> None:
    """Take out an environment of conda's that the hook has activated; what its scripts have set stays."""
    from hutch.shell.hooks.answer import decode_state

    state = decode_state(variables.get("HUTCH_SHELL_STATE", ""))
    if state is None or "CONDA_PREFIX" not in state[1] or variables.get("CONDA_PREFIX") != state[0][0]:
        return
    parts = variables.get("PATH", "").split(os.pathsep)
    for folder in state[0][1].split(os.pathsep):
        if folder in parts:
            parts.remove(folder)
    variables["PATH"] = os.pathsep.join(parts)
    for name, value in state[1].items():
        variables.pop(name, None)
        if value is not None:
            variables[name] = value


def _prepare(
    kind: str | None, program: str, facts: ActivationFacts, variables: dict[str, str], interactive: bool
) -> tuple[tuple[str, ...], str | None, bool]:
    """The words behind the program, and the folder with the files that it is to read, whose variables are
    set; and whether it activates by itself."""
    from hutch.shell import start_shell

    if interactive:
        import shutil
        import tempfile

        try:
            folder = tempfile.mkdtemp(prefix="hutch-shell-")
        except OSError as error:
            raise UsageProblem(
                "there is no place for the files that start the shell",
                why=f"{tempfile.gettempdir()}: {error.strerror or error}",
                hint="TMPDIR names another folder for temporary files",
            ) from error
        rm = shutil.which("rm") or "/bin/rm"
        start = start_shell(kind, program, facts, folder, variables, rm=rm)
        if start.active:
            for name, text in start.files.items():
                with open(os.path.join(folder, name), "x", encoding="utf-8", newline="") as file:
                    file.write(text)
            if not start.files:
                os.rmdir(folder)
            for name, value in start.variables.items():
                if value is None:
                    variables.pop(name, None)
                else:
                    variables[name] = value
            return start.words, folder if start.files else None, True
        os.rmdir(folder)
    return (), None, False
