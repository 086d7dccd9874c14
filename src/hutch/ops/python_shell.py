"""``hutch python shell``: a Python for one shell, as `pyenv shell` has it.

A command cannot change the shell that called it. The shell hook evaluates what this prints; without the hook
the user does.
"""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.ops.context import Context

__all__ = ["PythonShellOptions", "PythonShellOutcome", "python_shell"]

VARIABLE = "HUTCH_PYTHON"
SHELLS = ("bash", "zsh", "sh", "fish", "csh", "tcsh", "powershell", "nushell", "xonsh", "elvish")
_SAME = {"dash": "sh", "ksh": "sh", "ash": "sh", "pwsh": "powershell", "nu": "nushell"}


class NoShellPython(Problem):
    """This shell has no Python of its own."""

    code = "no-shell-python"


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonShellOptions:
    """The options of ``python shell``."""

    request: str | None = None
    unset: bool = False
    shell: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonShellOutcome:
    """``line`` is what the shell is to evaluate; empty where only ``value`` was asked for."""

    value: str | None
    line: str
    shell: str
    path: str | None = None
    again: str = ""

    def to_json(self) -> dict[str, object]:
        return {"value": self.value, "line": self.line or None, "shell": self.shell, "path": self.path}


def python_shell(context: Context, options: PythonShellOptions) -> PythonShellOutcome:
    """The line that sets or unsets the Python of one shell, or what it is now."""
    shell = options.shell or _running_shell(context.environ)
    if options.unset:
        if options.request is not None:
            raise UsageProblem("--unset takes no Python")
        line = _unset(shell)
        return PythonShellOutcome(value=None, line=line, shell=shell, again=_again("--unset", shell))
    if options.request is None:
        for name in (VARIABLE, "PYENV_VERSION"):
            if value := context.environ.get(name):
                return PythonShellOutcome(value=value, line="", shell=shell)
        raise NoShellPython(
            "this shell has no Python of its own", hint="hutch python shell 3.12 gives it one"
        )
    from hutch.ops.context import Context
    from hutch.ops.plain_python import NoPlainPython, plain_python

    request = options.request
    if os.path.isdir(context.path(request)) and os.sep in request:
        request = context.path(request)
    within = Context(context.directory, {**context.environ, VARIABLE: request}, emit=context.emit)
    try:
        found = plain_python(within)
    except NoPlainPython as problem:
        problem.why = ()  # it was typed a moment ago
        raise
    finally:
        within.close()
    return PythonShellOutcome(
        value=request, line=_set(shell, request), shell=shell, path=found.path, again=_again(request, shell)
    )


def _set(shell: str, value: str) -> str:
    from hutch.shell import quote

    if shell == "fish":
        return f"set -gx {VARIABLE} {quote('fish', value)}"
    if shell in ("csh", "tcsh"):
        return f"setenv {VARIABLE} {quote('csh', value)}"
    if shell == "powershell":
        return f"$env:{VARIABLE} = {quote('powershell', value)}"
    if shell == "nushell":
        return f"$env.{VARIABLE} = {quote('nu', value)}"
    if shell == "xonsh":
        return f"${VARIABLE} = {value!a}"
    if shell == "elvish":
        return f"set-env {VARIABLE} '" + value.replace("'", "''") + "'"
    return f"export {VARIABLE}={quote('sh', value)}"


def _unset(shell: str) -> str:
    if shell == "fish":
        return f"set -e {VARIABLE}"
    if shell in ("csh", "tcsh"):
        return f"unsetenv {VARIABLE}"
    if shell == "powershell":
        return f"Remove-Item Env:{VARIABLE} -ErrorAction SilentlyContinue"
    if shell == "nushell":
        return f"hide-env -i {VARIABLE}"
    if shell == "xonsh":
        return f"${{...}}.pop('{VARIABLE}', None)"
    if shell == "elvish":
        return f"unset-env {VARIABLE}"
    return f"unset {VARIABLE}"


def _again(word: str, shell: str) -> str:
    """How to have the line evaluated, for who has read it on a terminal."""
    import shlex

    word = word if word.startswith("--") else shlex.quote(word)
    if shell == "fish":
        return f"hutch python shell {word} | source"
    if shell in ("csh", "tcsh"):
        return f"eval `hutch python shell {word}`"
    if shell == "powershell":
        return f"hutch python shell {word} | Invoke-Expression"
    if shell in ("nushell", "xonsh", "elvish"):
        return _set(shell, word) if not word.startswith("--") else _unset(shell)
    return f'eval "$(hutch python shell {word})"'


def _running_shell(environ: Mapping[str, str]) -> str:
    """The shell that called: the process above where the system tells it, else the user's own one."""
    names = [environ.get("SHELL", "")]
    try:
        with open(f"/proc/{os.getppid()}/comm", encoding="utf-8", errors="replace") as file:
            names.insert(0, file.read(64).strip())
    except OSError:
        pass
    for name in names:
        base = os.path.basename(name).removeprefix("-").removesuffix(".exe")
        base = _SAME.get(base, base)
        if base in SHELLS:
            return base
    return "powershell" if os.name == "nt" else "sh"
