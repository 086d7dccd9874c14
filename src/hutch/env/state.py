"""The environment's state file: what the last command found, so that the next need not look again.

What is in it is the business of whoever writes it (`ops`); this module only keeps the bytes honest.
This is on the path of a warm `hutch run`: it imports `marshal` and `os`, and nothing else.

Whoever changes the environment removes the file first (see `apply.py`), so a state that can be read
belongs to an environment that no change has begun on since. It is believed until the machine is started
again: what was never synced may be lost then, and somebody has to look (`settling.py`).
"""

from __future__ import annotations

import marshal
import os
import time

__all__ = [
    "boot_mark",
    "forget_state",
    "is_this_boot",
    "read_old_state",
    "read_places",
    "read_state",
    "use_state",
    "write_places",
    "write_state",
]

MAGIC = b"hutch-state-3 %d %d\n"
"""How a file begins, with its own device and inode: `marshal` is not made for what others have written, and
who puts a file into a repository does not know which inode it will have here."""
NAME = os.path.join(".hutch", "state")
PLACES = os.path.join(".hutch", "places")
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Nobody waits here for who writes into a pipe of that name."""


# Counts on while the machine sleeps: from its start to now, by two system calls that open no file.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
SLACK = 2.0
"""Seconds by which somebody may set the clock without our taking it for another start."""


def boot_mark() -> tuple[float, float]:
    """Which start of the machine this is: when it was, and how long ago, in seconds."""
    running = time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)
    return round(time.time() - running, 3), round(running, 3)


def is_this_boot(mark: object) -> bool:
    """Whether ``mark`` was taken since the machine was started. In doubt (the clock was set) it was not."""
    match mark:
        case (float(start), float(running)) | [float(start), float(running)]:
            now = boot_mark()
            return abs(now[0] - start) < SLACK and now[1] >= running
    return False


def read_state(environment: str | os.PathLike[str]) -> object | None:
    """The value last written for the environment at that path; None if absent, damaged or foreign, or if
    the machine was started again since and nobody has looked what was lost."""
    match _read(os.path.join(environment, NAME)):
        case (mark, value) if mark is None or is_this_boot(mark):
            return value
    return None


def read_old_state(environment: str | os.PathLike[str]) -> object | None:
    """The same of an earlier start of the machine: for those who have looked at what was lost since."""
    match _read(os.path.join(environment, NAME)):
        case (_, value):
            return value
    return None


def _read(path: str) -> object | None:
    try:
        with open(os.open(path, FLAGS), "rb") as file:
            status = os.fstat(file.fileno())
            data = file.read(status.st_size)  # of a link to /dev/zero: nothing
        head = MAGIC % (status.st_dev, status.st_ino)
        if not data.startswith(head):
            return None
        return marshal.loads(memoryview(data)[len(head) :])  # type: ignore[no-any-return]
    except (OSError, ValueError, EOFError, TypeError):
        return None


def write_state(environment: str | os.PathLike[str], value: object, *, settled: bool = False) -> None:
    """Keep ``value``, anything that `marshal` can write. Failing only makes the next start slower.

    It is believed until the machine is started again; if all changes are ``settled``, after that, too.
    """
    _write(os.path.join(environment, NAME), (None if settled else boot_mark(), value))


def _write(path: str, value: object) -> None:
    temporary = f"{path}.{os.getpid()}"
    try:
        # "x": through a link of that name somebody else's file would be written.
        with open(temporary, "xb") as file:
            status = os.fstat(file.fileno())
            file.write(MAGIC % (status.st_dev, status.st_ino) + marshal.dumps(value))  # type: ignore[arg-type]
        os.replace(temporary, path)
    except OSError:
        try:
            os.unlink(temporary)
        except OSError:
            pass


def use_state(environment: str | os.PathLike[str]) -> None:
    """Set the date of the state to now, at most once an hour: the environment was used."""
    from time import time

    path = os.path.join(environment, NAME)
    try:
        if not -3600 < time() - os.stat(path).st_mtime < 3600:
            os.utime(path)
    except OSError:
        pass


def forget_state(environment: str | os.PathLike[str]) -> None:
    """Remove the state, before a change. Raises OSError when that is not allowed."""
    try:
        os.unlink(os.path.join(environment, NAME))
    except FileNotFoundError:
        pass


def read_places(environment: str | os.PathLike[str]) -> dict[str, str]:
    """By name, the state of the directory that a distribution was built from when it was put there.

    Unlike the state it outlives changes: `direct_url.json` says where something comes from, and this
    what it was then.
    """
    value = _read(os.path.join(environment, PLACES))
    if not isinstance(value, dict):
        return {}
    return {name: state for name, state in value.items() if isinstance(name, str) and isinstance(state, str)}


def write_places(environment: str | os.PathLike[str], places: dict[str, str]) -> None:
    """Keep the states. Failing only makes the next command build and install them again."""
    _write(os.path.join(environment, PLACES), places)
