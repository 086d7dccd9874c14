"""``hutch conda activate|deactivate|reactivate``: what a shell evaluates to go to an environment and back.

A command cannot change the shell that called it: the function `hutch` of the shell hook evaluates this.
"""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.ops.context import Context
    from hutch.shell.conda import CondaStep, PrefixFacts

__all__ = [
    "CondaActivateOptions",
    "CondaDeactivateOptions",
    "CondaReactivateOptions",
    "CondaShellOutcome",
    "conda_activate",
    "conda_deactivate",
    "conda_reactivate",
    "file_to_read",
    "own_words",
    "step_into",
]

SHELLS = ("bash", "zsh", "ksh", "sh", "fish", "csh", "tcsh", "xonsh", "elvish", "powershell", "pwsh", "cmd")
KINDS = {"tcsh": "csh", "pwsh": "powershell", "dash": "sh"}
LINES = {
    "fish": "{} | source",
    "csh": "eval `{}`",
    "xonsh": "execx($({}))",
    "elvish": "eval ({} | slurp)",
    "powershell": "{} | Out-String | Invoke-Expression",
    "cmd": 'for /f "delims=" %i in (\'{}\') do @call "%i"',
}
"""What to type in a shell without the hook; the others of the family of sh have ``eval "$({})"``."""


class NeedsShellHook(Problem):
    """A command was called that only works where the shell evaluates what it prints."""

    code = "needs-shell-hook"

    def __init__(self, verb: str, words: str, shell: str | None) -> None:
        from hutch.shell.hooks.functions import FUNCTIONS

        hints = []
        if shell is not None:
            line = LINES.get(shell, 'eval "$({})"').format(f"{words} --shell {shell}")
            hints.append(f"in this shell, now: {line}")
        if shell in FUNCTIONS:
            hints.append(f"from the next shell on: hutch shell-hook {shell} --install")
        if verb == "activate":
            hints.append("in a script: hutch run -n NAME COMMAND, which needs no activation")
        super().__init__(
            f"hutch conda {verb} needs the shell hook",
            why="a command cannot change the shell that it was called from",
            hint=tuple(hints),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaActivateOptions:
    """The options of ``conda activate``: an environment by its name, or by a path."""

    environment: str | None = None
    stack: bool = False
    shell: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaDeactivateOptions:
    """The options of ``conda deactivate``."""

    shell: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaReactivateOptions:
    """The options of ``conda reactivate``."""

    shell: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaShellOutcome:
    """What ``shell`` is to evaluate, and the same as data; ``prefix`` is what is active then."""

    shell: str
    prefix: str | None
    text: str
    step: CondaStep

    def to_json(self) -> dict[str, object]:
        step = self.step
        unset = [*step.unset, *(one.name for one in step.restore if one.value is None)]
        unset += [one.place for one in step.restore if one.value is not None]
        return {
            "prefix": self.prefix,
            "shell": self.shell,
            "path": list(step.path or ()),
            "deactivate": list(step.leave),
            "unset": unset,
            "set": {
                **{one.name: one.value for one in step.restore if one.value is not None},
                **{one.place: one.value for one in step.save if one.value is not None},
                **step.export,
            },
            "activate": list(step.enter),
        }


def conda_activate(context: Context, options: CondaActivateOptions) -> CondaShellOutcome:
    """Go to an environment: in the place of the active one, or over it."""
    shell = _shell(context, options.shell, "activate")
    root = _target(context, options.environment)
    step = step_into(context, root, shell, stack=options.stack)
    return _outcome(context, shell, step)


def conda_deactivate(context: Context, options: CondaDeactivateOptions) -> CondaShellOutcome:
    """Go back to the environment that was active before, if there was one."""
    from hutch.shell.conda import step_down

    shell = _shell(context, options.shell, "deactivate")
    environ = context.environ
    step = step_down(environ, _facts(environ, shell), prompt=_prompt(context), separator=os.pathsep)
    return _outcome(context, shell, step)


def conda_reactivate(context: Context, options: CondaReactivateOptions) -> CondaShellOutcome:
    """Read the scripts and the variables of the active environment again."""
    from hutch.shell.conda import level_of, step_down, step_in

    shell = _shell(context, options.shell, "reactivate")
    environ = context.environ
    facts = _facts(environ, shell)
    if level_of(environ):
        step = step_in(environ, facts(environ["CONDA_PREFIX"]), prompt=_prompt(context), separator=os.pathsep)
    else:
        step = step_down(environ, facts, separator=os.pathsep)  # which is nothing
    return _outcome(context, shell, step)


def step_into(context: Context, root: str, shell: str, *, stack: bool = False) -> CondaStep:
    """What activates the environment at ``root`` in ``shell``."""
    from hutch.shell.conda import step_over

    facts, environ = _facts(context.environ, shell), context.environ
    return step_over(environ, facts(root), facts, stack=stack, prompt=_prompt(context), separator=os.pathsep)


def _outcome(context: Context, shell: str, step: CondaStep) -> CondaShellOutcome:
    from hutch.ops.conda_sh import with_sh
    from hutch.shell.conda_text import step_text

    step = with_sh(step, context.environ, os.pathsep)
    idle = not step.level and not step.export and not step.unset and not step.restore
    text = "" if idle else step_text(shell, step, os.pathsep)
    prefix = step.export.get("CONDA_PREFIX")
    return CondaShellOutcome(shell=shell, prefix=prefix, text=text, step=step)


def _facts(environ: Mapping[str, str], shell: str) -> Facts:
    from hutch.shell.conda_text import EXTENSIONS

    return Facts(EXTENSIONS.get(shell, ".sh"), environ)


class Facts:
    """The facts of an environment, by its root."""

    def __init__(self, extension: str, environ: Mapping[str, str]) -> None:
        self.extension, self.environ = extension, environ

    def __call__(self, root: str) -> PrefixFacts:
        from hutch.ops.conda_activation import prefix_facts

        return prefix_facts(root, self.extension, self.environ)


def _prompt(context: Context) -> str | None:
    """What `.condarc` says of the prompt: nothing shown, or how."""
    from hutch.shell.conda import PROMPT

    condarc = context.configuration.condarc
    if condarc.switch("changeps1") is False:
        return None
    return condarc.text("env_prompt") or PROMPT


def _shell(context: Context, said: str | None, verb: str) -> str:
    from hutch.ops.user_shell import user_shell

    if said is not None:
        return KINDS.get(said, said)
    import shlex

    kind, _ = user_shell(context.environ)
    words = " ".join(shlex.quote(word) for word in context.typed)
    raise NeedsShellHook(verb, f"hutch {words}" if words else f"hutch conda {verb}", kind)


def _target(context: Context, said: str | None) -> str:
    """The environment that is meant, as conda understands the word."""
    from hutch.env import is_prefix
    from hutch.ops.activation_path import refuse_path
    from hutch.ops.chosen import note_use
    from hutch.ops.conda_directory import NotAPrefix, what_it_is_instead
    from hutch.ops.conda_place import find_by_name
    from hutch.ops.problems import NoEnvironment
    from hutch.shell.conda import conda_base

    if said is None or said in ("base", "root"):
        root = conda_base(context.environ)
        if not root and said is not None:
            root = find_by_name(context, said)
        if not root:
            raise UsageProblem(
                "no environment was named",
                why="and there is no conda here whose base would be meant",
                hint="hutch conda activate NAME; hutch conda env list shows which there are",
            )
    elif said in (".", "..") or said.startswith("~") or os.path.basename(said) != said:
        root = context.path(os.path.expanduser(said))
        if not is_prefix(root) and is_prefix(os.path.join(root, ".venv")):
            root = os.path.join(root, ".venv")
    else:
        root = find_by_name(context, said)
    root = os.path.abspath(root)
    if not is_prefix(root):
        if os.path.isfile(os.path.join(root, "pyvenv.cfg")):
            raise NotAPrefix(
                root,
                "it is a virtual environment",
                hint=f"hutch activate is for those: hutch activate {root}",
            )
        if not os.path.lexists(root):
            raise NoEnvironment(root, f"hutch conda create -p {root}")
        raise what_it_is_instead(root)
    refuse_path(root)
    if os.path.lexists(os.path.join(root, ".hutch", "journal")):
        from hutch.ops.conda_directory import open_present_prefix

        open_present_prefix(context, root)  # a change that was cut off is undone first
    if os.path.isdir(os.path.join(root, ".hutch")):
        note_use(root)
    return root


def own_words(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The words that call this very hutch, from a shell whose PATH has changed."""
    import sys

    from hutch.ops.shell_hook import UnknownProgram, own_program

    try:
        return (own_program(environ),)
    except UnknownProgram:
        return (sys.executable, "-m", "hutch")


def file_to_read(shell: str, text: str) -> str:
    """For shells that evaluate no text of several lines: what has them read a file that removes itself."""
    import tempfile

    from hutch.shell.quoting import quote_cmd, quote_csh

    if shell not in ("csh", "cmd") or not text:
        return text
    folder = tempfile.mkdtemp(prefix="hutch-activate-")
    file = os.path.join(folder, f"activate.{'bat' if shell == 'cmd' else 'csh'}")
    if shell == "cmd":
        text += f'@(goto) 2>nul & rmdir /s /q "{quote_cmd(folder)}"\r\n'
    else:
        text += f"/bin/rm -rf {quote_csh(folder)}\n"
    with open(file, "x", encoding="utf-8", errors="surrogateescape", newline="") as stream:
        stream.write(text)
    return f"{file}\n" if shell == "cmd" else f"source {quote_csh(file)}\n"
