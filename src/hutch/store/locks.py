"""Advisory file locks, and the one place that knows how platforms differ in them.

The lock dies with the process that holds it. Where a file system has no locks (some network
mounts), waiting for one is skipped: locks here save work, safety comes from atomic renames.
"""

from __future__ import annotations

import errno
import os
import sys
import time

from hutch.store.problems import StoreBusy, store_problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from types import TracebackType

__all__ = ["hold", "try_lock", "unlock"]

_UNSUPPORTED = frozenset(
    getattr(errno, name)
    for name in ("ENOLCK", "ENOSYS", "EOPNOTSUPP", "ENOTSUP", "EINVAL", "EBADF")
    if hasattr(errno, name)
)
_OPEN = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)

if sys.platform == "win32":
    import msvcrt

    # One byte far behind the holder's name: Windows locks are mandatory, and the name must stay readable.
    _OFFSET = 1 << 30

    def try_lock(descriptor: int) -> bool | None:
        """Take the lock if it is free: whether it was; None where there are no locks."""
        os.lseek(descriptor, _OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EDEADLOCK):
                return False
            return None
        return True

    def unlock(descriptor: int) -> None:
        """Give the lock back."""
        os.lseek(descriptor, _OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        except OSError:
            pass

else:
    import fcntl

    def try_lock(descriptor: int) -> bool | None:
        """Take the lock if it is free: whether it was; None where there are no locks."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno in _UNSUPPORTED:
                return None
            raise
        return True

    def unlock(descriptor: int) -> None:
        """Give the lock back."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
        except OSError:
            pass


def _holder(descriptor: int) -> str:
    """Who wrote into the lock file last, if it can be read: ``process 4711 (hutch sync)``."""
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        text = os.read(descriptor, 300).decode("utf-8", "replace")
    except OSError:
        return ""
    pid, _, command = text.partition("\n")[0].partition(" ")
    command = "".join(each for each in command if each.isprintable())
    if not pid.isdigit():
        return ""
    return f"process {pid} ({command})" if command else f"process {pid}"


def _sign(descriptor: int) -> None:
    """Say who we are, for those who wait. It is a courtesy: failing is all right."""
    command = " ".join([os.path.basename(sys.argv[0]) if sys.argv else "", *sys.argv[1:2]]).strip()
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{os.getpid()} {command}\n".encode()[:200].ljust(201))
    except OSError:
        pass


def _open(path: str) -> int:
    try:
        return os.open(path, _OPEN, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return os.open(path, _OPEN, 0o666)


def _is_current(descriptor: int, path: str) -> bool:
    """Whether the file that we locked is still the one that others will find."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False


def hold(
    path: str,
    name: str,
    *,
    timeout: float | None = None,
    waiting: Callable[[str], None] | None = None,
) -> AbstractContextManager[bool]:
    """Hold the lock file at ``path`` while inside; gives whether there is such a thing as a lock here.

    ``timeout`` in seconds (None waits for ever, 0 does not wait). ``waiting`` is called once, with who holds
    the lock ("" if unknown), when it is not free at once. Entering raises StoreBusy, StoreProblem.
    """
    return _Held(path, name, timeout, waiting)


class _Held:
    """A lock file that is locked while inside."""

    __slots__ = ("_descriptor", "_how", "_locked", "_path")

    def __init__(
        self, path: str, name: str, timeout: float | None, waiting: Callable[[str], None] | None
    ) -> None:
        self._path = path
        self._how = name, timeout, waiting
        self._descriptor = -1
        self._locked = False

    def __enter__(self) -> bool:
        name = self._how[0]
        try:
            self._descriptor, self._locked = _take(self._path, *self._how)
        except OSError as error:
            if error.errno not in (errno.EROFS, errno.EACCES, errno.EPERM):
                raise store_problem(error, f"making the lock '{name}'", self._path) from error
            # We cannot write here, so there is nothing of ours to keep apart.
        return self._locked

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor < 0:
            return
        if self._locked:
            # Those who wait have this very file open; they notice that it is gone, and open the next.
            if os.name != "nt":
                try:
                    os.unlink(self._path)
                except OSError:
                    pass
            unlock(self._descriptor)
        os.close(self._descriptor)


def _take(
    path: str, name: str, timeout: float | None, waiting: Callable[[str], None] | None
) -> tuple[int, bool]:
    """An open lock file, and whether it is locked (False where there are no locks); StoreBusy, OSError."""
    end = None if timeout is None else time.monotonic() + timeout
    pause = 0.002
    told = False
    descriptor = _open(path)
    try:
        while True:
            held = try_lock(descriptor)
            if held is None:
                return descriptor, False
            if held:
                if os.name == "nt" or _is_current(descriptor, path):
                    _sign(descriptor)
                    return descriptor, True
                fresh = _open(path)
                os.close(descriptor)
                descriptor = fresh
                continue
            if end is not None and time.monotonic() >= end:
                raise StoreBusy(name, timeout or 0.0, holder=_holder(descriptor), path=path)
            if waiting is not None and not told:
                told = True
                waiting(_holder(descriptor))
            time.sleep(pause if end is None else max(0.0, min(pause, end - time.monotonic())))
            pause = min(pause * 1.5, 0.05)
    except BaseException:
        os.close(descriptor)
        raise
