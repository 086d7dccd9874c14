"""The environment's lock: one process at a time changes it.

`flock` on `.hutch/lock` (`msvcrt.locking` on Windows): advisory, dropped by the kernel when its holder
dies, shared with the holder's children (so that one that links on keeps the lock of a killed parent).
The file itself is never removed: removing it would let two processes lock two files of one name.
"""

from __future__ import annotations

import errno
import os
import time
from _thread import get_ident

from hutch.env.flock import release, sign, signature, take
from hutch.events import Emit, Notice, silent
from hutch.light import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["hold_lock", "is_locked", "refuse_links"]

PATIENCE = 300.0
"""Seconds to wait for another process before giving up."""
NO_LOCKS = frozenset(
    getattr(errno, name)
    for name in ("ENOLCK", "ENOSYS", "EOPNOTSUPP", "ENOTSUP", "EINVAL")
    if hasattr(errno, name)
)

_held: dict[tuple[int, str], int] = {}
"""How often a thread of this process holds the lock of an environment: taking it again is free."""


@contextmanager
def hold_lock(root: str, *, emit: Emit = silent, timeout: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of the environment at ``root``, and nothing more. Raises CannotWrite, EnvironmentBusy."""
    from hutch.env.problems import CannotWrite

    key = (get_ident(), os.path.realpath(root))
    if _held.get(key):
        _held[key] += 1
        try:
            yield
        finally:
            _held[key] -= 1
        return
    path = os.path.join(root, ".hutch", "lock")
    refuse_links(root)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
    except OSError as error:
        raise CannotWrite(path, error.strerror or str(error)) from error
    try:
        _wait(descriptor, root, emit, timeout)
        sign(descriptor)
        _held[key] = 1
        try:
            yield
        finally:
            del _held[key]
    finally:
        release(descriptor)


def is_locked(root: str) -> bool:
    """Whether another process is changing the environment just now; waits for nothing, and makes nothing."""
    from hutch.plain import without_waiting

    try:
        descriptor = without_waiting(os.path.join(root, ".hutch", "lock"), os.O_RDWR)
    except OSError:
        return False
    try:
        return not take(descriptor)
    except OSError:
        return False
    finally:
        release(descriptor)


def refuse_links(root: str) -> None:
    """Raise CannotWrite if hutch's own directory in an environment is a link, or has one.

    hutch makes none there but ``new``, which it deletes before it writes. An environment may come with a
    checkout, and whatever is written by these names (the lock, the journal, a mark) would be written
    where the link leads to.
    """
    from hutch.env.problems import CannotWrite

    reason = "it is a symbolic link, and hutch would write somewhere else"
    directory = os.path.join(root, ".hutch")
    if os.path.islink(directory):
        raise CannotWrite(directory, reason)
    try:
        with os.scandir(directory) as entries:
            odd = {each.path: each.is_symlink() for each in entries if _is_odd(each)}
    except FileNotFoundError:
        return
    except OSError as error:
        raise CannotWrite(directory, error.strerror or str(error)) from error
    for path in sorted(odd):
        raise CannotWrite(path, reason if odd[path] else "it is no file, but a pipe or a device")


def _is_odd(entry: os.DirEntry[str]) -> bool:
    if entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False):
        return False
    return entry.name != "new" or not entry.is_symlink()


def _wait(descriptor: int, root: str, emit: Emit, timeout: float) -> None:
    from hutch.env.problems import EnvironmentBusy

    began = time.monotonic()
    pause = 0.005
    told = False
    while True:
        try:
            if take(descriptor):
                return
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            emit(
                Notice(
                    f"the file system of {root} has no locks: do not run two commands at once", warning=True
                )
            )
            return
        waited = time.monotonic() - began
        if waited >= timeout:
            raise EnvironmentBusy(root, signature(descriptor), timeout)
        if not told and waited > 0.5:
            told = True
            holder = signature(descriptor) or "another command"
            emit(Notice(f"waiting for {holder}, which is changing {root}"))
        time.sleep(min(pause, max(0.001, timeout - waited)))
        pause = min(pause * 1.5, 0.1)
