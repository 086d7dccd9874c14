"""Working folders: locked while somebody uses them, swept when nobody does.

The lock is on the folder itself and dies with its process, so that whoever was killed leaves nothing
that others could take for work in progress.
"""

from __future__ import annotations

import os
import time

from hutch.light import contextmanager
from hutch.store.disk import FOLDER, remove_tree, unique_name
from hutch.store.problems import store_problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

__all__ = ["sweep", "working_folder", "working_path"]

# Where folders cannot be locked, one that nobody touched for so many seconds is nobody's.
_ABANDONED = 24 * 3600


@contextmanager
def working_folder(base: str) -> Iterator[str]:
    """A new folder in ``base``, ours while inside, removed on the way out."""
    try:
        folder, descriptor = _make_locked(base)
    except OSError as error:
        raise store_problem(error, "making a working folder in the store", base) from error
    try:
        yield folder
    finally:
        remove_tree(folder)
        if descriptor is not None:
            os.close(descriptor)


@contextmanager
def working_path(folder: AbstractContextManager[str]) -> Iterator[Path]:
    """The same as a Path."""
    from pathlib import Path

    with folder as path:
        yield Path(path)


def sweep(base: str) -> tuple[int, int]:
    """Remove the folders in ``base`` that nobody uses; the files and bytes freed."""
    files = size = 0
    try:
        names = os.listdir(base)
    except OSError:
        return 0, 0
    for name in names:
        folder = os.path.join(base, name)
        with _taken(folder) as abandoned:
            if abandoned:
                freed = remove_tree(folder)
                files += freed[0]
                size += freed[1]
    return files, size


def _make_locked(base: str) -> tuple[str, int | None]:
    """A new folder in ``base`` and the descriptor whose lock says that it is in use (None without locks)."""
    while True:
        folder = os.path.join(base, unique_name())
        try:
            os.mkdir(folder, 0o700)
        except FileNotFoundError:
            os.makedirs(base, exist_ok=True)
            continue
        if os.name == "nt":
            return folder, None
        from hutch.store.locks import try_lock

        # Somebody sweeping may have found the folder before we locked it: then it is theirs to remove.
        try:
            descriptor = os.open(folder, FOLDER)
        except FileNotFoundError:
            continue
        try:
            if try_lock(descriptor) is not False and os.path.samestat(os.fstat(descriptor), os.stat(folder)):
                return folder, descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


@contextmanager
def _taken(folder: str) -> Iterator[bool]:
    """Whether nobody uses the scratch folder any more; then it is locked while inside.

    Its maker may be between making and locking it: the lock has to be held until the folder is gone, so that
    he cannot take it, and makes another one.
    """
    try:
        old = time.time() - os.lstat(folder).st_mtime > _ABANDONED
        descriptor = None if os.name == "nt" else os.open(folder, FOLDER | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        yield False
        return
    if descriptor is None:
        yield old
        return
    from hutch.store.locks import try_lock

    try:
        try:
            locked = try_lock(descriptor)
        except OSError:
            locked = False
        yield old if locked is None else locked
    finally:
        os.close(descriptor)
