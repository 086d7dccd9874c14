"""Working folders: locked while somebody uses them, swept when nobody does.

The lock is on the folder itself and dies with its process, so that whoever was killed leaves nothing
that others could take for work in progress.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager

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
        if _is_abandoned(folder):
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


def _is_abandoned(folder: str) -> bool:
    """Whether nobody uses the scratch folder any more."""
    try:
        old = time.time() - os.lstat(folder).st_mtime > _ABANDONED
        if os.name == "nt":
            return old
        from hutch.store.locks import try_lock

        descriptor = os.open(folder, FOLDER | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        locked = try_lock(descriptor)
        return old if locked is None else locked
    except OSError:
        return False
    finally:
        # Closing gives the lock back before the folder is gone: harmless, since its maker, had there
        # been one, would have failed to lock it and gone away, and others may remove it as well.
        os.close(descriptor)
