"""Reading a small file that somebody else may have chosen: a checkout, a project, another program."""

from __future__ import annotations

import os

__all__ = ["LARGEST", "read_plain", "without_waiting"]

LARGEST = 64 * 1024 * 1024
"""Manifests, locks and settings are written by people, or a few megabytes at most."""


def without_waiting(path: str, flags: int) -> int:
    """An ``opener`` that does not wait for a writer where the file is a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_plain(path: str, largest: int = LARGEST) -> bytes:
    """The content of the file. Raises OSError, also where it is none (a pipe, in which nobody writes, or a
    device, which never ends) or is larger than such files can be."""
    import errno
    import stat

    with open(path, "rb", opener=without_waiting) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no file", path)
        if status.st_size > largest:
            raise OSError(errno.EFBIG, f"it has more than {largest >> 20} MiB", path)
        data = file.read(status.st_size + 1)
        # It was longer than that if somebody writes into it; and the files of /proc say that they are empty.
        return data if len(data) <= status.st_size else data + file.read(largest + 1 - len(data))
