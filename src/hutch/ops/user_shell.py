"""Which shell the user types in: the nearest shell that this process descends from, else what SHELL says."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["ancestors", "user_shell"]

GENERATIONS = 8
"""How far up a shell is looked for: behind launchers, runners and the subshell of a ``$(...)``."""


def user_shell(
    environ: Mapping[str, str], above: Iterable[tuple[str, str]] | None = None
) -> tuple[str | None, str]:
    """Which kind of shell it is, as ``hutch.shell.kind_of`` tells, and its program; None for an unknown one.

    ``above`` are the names and programs of the processes above this one, nearest first. A plain ``sh`` is
    what a makefile or a script starts, and says less than SHELL.
    """
    from hutch.shell import kind_of

    plain: tuple[str, str] | None = None
    for name, program in ancestors() if above is None else above:
        kind = kind_of(name) or kind_of(program)
        if kind == "sh":
            plain = plain or (kind, program)
        elif kind is not None:
            return kind, program
    told = environ.get("SHELL", "")
    if told and kind_of(told) is not None:
        return kind_of(told), told
    if plain is not None:
        return plain
    if os.name == "nt":
        # Every process there has PSModulePath; cmd alone has a PROMPT.
        if environ.get("PROMPT"):
            return "cmd", environ.get("COMSPEC", "cmd.exe")
        return "powershell", "pwsh.exe" if "PowerShell\\7" in environ.get(
            "PSModulePath", ""
        ) else "powershell.exe"
    return (kind_of(told), told) if told else ("sh", "/bin/sh")


def ancestors() -> Iterator[tuple[str, str]]:
    """Name and program of the processes above this one, nearest first, as far as the system tells."""
    process = os.getppid()
    look = _from_proc if os.path.isdir("/proc/self") else _from_ps
    for _ in range(GENERATIONS):
        found = look(process) if process > 1 else None
        if found is None:
            return
        name, program, process = found
        yield name, program


def _from_proc(process: int) -> tuple[str, str, int] | None:
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
        with open(f"/proc/{process}/cmdline", encoding="utf-8", errors="surrogateescape") as file:
            words = file.read().split("\0")
    except OSError:
        return None
    # A name may have any letters: what follows it begins behind the last bracket.
    name = text[text.find("(") + 1 : text.rfind(")")]
    above = int(text[text.rfind(")") + 2 :].split()[1])
    try:
        program = os.readlink(f"/proc/{process}/exe")
    except OSError:
        program = name
    if os.path.basename(program).startswith("python"):
        # xonsh is a program of Python's.
        script = next((word for word in words[1:3] if os.path.basename(word) == "xonsh"), None)
        if script is not None:
            return "xonsh", script, above
    if not os.path.exists(program):  # replaced while it runs
        program = name
    return name, program, above


def _from_ps(process: int) -> tuple[str, str, int] | None:
    if os.name == "nt":
        return None
    import subprocess

    try:
        done = subprocess.run(
            ["ps", "-o", "ppid=", "-o", "comm=", "-p", str(process)],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
        above, _, program = done.stdout.strip().partition(" ")
        program = program.strip()
        return os.path.basename(program), program.lstrip("-"), int(above)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
