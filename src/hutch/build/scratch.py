"""Directories that a build may fill with anything, and that go away with all of it."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_left", "remove_tree", "scratch_directory"]


@contextmanager
def scratch_directory(inside: Path | None) -> Iterator[Path]:
    """A directory that goes away with all that a build left in it, whatever its permissions."""
    import tempfile

    made = Path(tempfile.mkdtemp(prefix="hutch-build-", dir=inside))
    try:
        yield made
    finally:
        remove_tree(made)


def remove_tree(directory: Path) -> None:
    """Remove a tree; directories that may not be entered are opened first. What cannot go, stays."""
    import shutil

    from hutch.trees import delete_tree, walk

    try:
        delete_tree(os.fspath(directory))
    except OSError:
        for root, below, _ in walk(os.fspath(directory)):
            for name in below:
                path = os.path.join(root, name)
                if not os.path.islink(path):
                    os.chmod(path, 0o700)
        try:
            shutil.rmtree(directory, ignore_errors=True)
        except RecursionError:
            pass


def read_left(path: str | os.PathLike[str], most: int, *, tail: bool = False) -> bytes:
    """What a build left in a file: the first (or last) ``most`` bytes. Raises OSError where it is no plain
    file: a pipe would keep us waiting for ever, and a link leads to what is not the build's."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", os.fspath(path))
        if tail:
            file.seek(max(0, status.st_size - most))
        return file.read(most)
