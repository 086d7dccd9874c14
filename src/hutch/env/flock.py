"""The system's part of an environment's lock: taking it, letting it go, and who has it.

Apart from ``locking``, which waits and tells, because making an environment at a glance needs no more.
"""

from __future__ import annotations

import errno
import os

__all__ = ["release", "sign", "signature", "take"]

if os.name == "nt":  # pragma: no cover - no Windows where these tests run
    import msvcrt

    # The byte that is locked lies far behind the signature, which others must be able to read.
    _BYTE = 1 << 30

    def take(descriptor: int) -> bool:
        """Whether the lock is ours now; OSError where there are no locks."""
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EDEADLK, errno.EAGAIN):
                return False
            raise
        return True

    def release(descriptor: int) -> None:
        """Let the lock go."""
        try:
            os.lseek(descriptor, _BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            pass
        os.close(descriptor)

else:
    import fcntl

    def take(descriptor: int) -> bool:
        """Whether the lock is ours now; OSError where there are no locks."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(descriptor: int) -> None:
        """Let the lock go: closing is enough, and leaves it with a child that still works for us."""
        os.close(descriptor)


def sign(descriptor: int) -> None:
    """Write who we are, for the message of those who wait."""
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.truncate(descriptor, 0)
        os.write(descriptor, b"%d\n" % os.getpid())
    except OSError:
        pass


def signature(descriptor: int) -> str:
    """Who has the lock, in words; empty if it is not known."""
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        text = os.read(descriptor, 32).decode("ascii", "replace").strip()
    except OSError:
        return ""
    return f"process {text}" if text.isdigit() else ""
