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
LARGEST = 4 << 20


def is_active(environ: Mapping[str, str], root: str) -> bool:
    """Whether the shell, or what started this command, is in the environment at ``root``."""
    said = environ.get("VIRTUAL_ENV")
    return bool(said) and os.path.realpath(str(said)) == os.path.realpath(root)


def processes_in(root: str, proc: str = PROC) -> list[tuple[int, str]]:
    """(number, command line) of each process that was started out of ``root``, or has loaded files of it."""
    real = {os.fsencode(os.path.join(path, "")) for path in (root, os.path.realpath(root))}
    found: list[tuple[int, str]] = []
    try:
        numbers = sorted(int(name) for name in os.listdir(proc) if name.isdecimal())
    except OSError:
        return []
    for number in numbers:
        if number == os.getpid():
            continue
        folder = os.path.join(proc, str(number))
        words = _read(os.path.join(folder, "cmdline")).split(b"\0")
        started = any(word.startswith(tuple(real)) for word in words[:2])
        # A path of an argument is no use of it; what is mapped into memory is.
        if started or any(start in _read(os.path.join(folder, "maps")) for start in real):
            found.append((number, b" ".join(words).decode("utf-8", "replace").strip()))
    return found


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(LARGEST)
    except OSError:
        return b""  # it has ended, or is another user's
