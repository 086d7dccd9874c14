"""Who uses an environment: the shell that is in it, and programs that run out of it, where the system tells.

Only Linux tells everybody: what a process was started with and what it has loaded stand in `/proc`.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["is_active", "processes_in"]

PROC = "/proc"
_SAID = ("VIRTUAL_ENV", "CONDA_PREFIX")
LARGEST = 4 << 20


def is_active(environ: Mapping[str, str], root: str) -> bool:
    """Whether the shell, or what started this command, is in the environment at ``root``."""
    said = {os.path.realpath(environ[name]) for name in _SAID if environ.get(name)}
    return os.path.realpath(root) in said


def processes_in(root: str, proc: str = PROC) -> list[tuple[int, str]]:
    """(number, command line) of each process that was started out of ``root``, has loaded files of it, or is
    in it as a shell is. Those that this command was started by are left out: `is_active` tells of them."""
    real = {os.fsencode(os.path.join(path, "")) for path in (root, os.path.realpath(root))}
    active = {b"%b=%b" % (name.encode(), path.rstrip(b"/")) for path in real for name in _SAID}
    above = _ancestors(proc)
    found: list[tuple[int, str]] = []
    try:
        numbers = sorted(int(name) for name in os.listdir(proc) if name.isdecimal())
    except OSError:
        return []
    for number in numbers:
        if number in above:
            continue
        folder = os.path.join(proc, str(number))
        words = _read(os.path.join(folder, "cmdline")).split(b"\0")
        # A path among the arguments is no use of it; what is mapped into memory is.
        if (
            words[0].startswith(tuple(real))
            or not active.isdisjoint(_read(os.path.join(folder, "environ")).split(b"\0"))
            or any(start in _read(os.path.join(folder, "maps")) for start in real)
        ):
            found.append((number, b" ".join(words).decode("utf-8", "replace").strip()))
    return found


def _ancestors(proc: str) -> set[int]:
    """This process, and those that it was started by."""
    found: set[int] = set()
    number = os.getpid()
    while number > 0 and number not in found:
        found.add(number)
        # 123 (name of the program) S 122 …
        fields = _read(os.path.join(proc, str(number), "stat")).rpartition(b")")[2].split()
        number = int(fields[1]) if len(fields) > 1 and fields[1].isdigit() else 0
    return found


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(LARGEST)
    except OSError:
        return b""  # it has ended, or is another user's
