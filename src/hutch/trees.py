"""Trees of directories that somebody else may have made, a thousand deep and more.

Neither Python's stack nor the length of a path may be what ends the work on one.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["delete_tree", "walk"]

DEEP, LONG = 60, 800
"""Directories that are further down than this many names, or characters, are moved up to be deleted."""


def walk(top: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """As `os.walk` from above, which in Python 3.11 calls itself for each directory in a directory."""
    waiting = [top]
    while waiting:
        here = waiting.pop()
        directories: list[str] = []
        files: list[str] = []
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    (directories if entry.is_dir() else files).append(entry.name)
        except OSError:
            continue
        yield here, directories, files
        below = (os.path.join(here, name) for name in reversed(directories))
        waiting += [path for path in below if not os.path.islink(path)]


def delete_tree(path: str) -> None:
    """Delete a file, a link or a directory with all in it; nothing is fine too. Never follows a link."""
    try:
        os.unlink(path)
        return
    except FileNotFoundError:
        return
    except (IsADirectoryError, PermissionError):
        # macOS and Windows say EPERM or EACCES for a directory.
        if os.path.islink(path) or not os.path.isdir(path):
            raise
    while _delete_directory(path, path, 0):
        pass


def _delete_directory(path: str, top: str, depth: int) -> bool:
    """Delete the directory; true if something of it was moved to ``top`` instead, which is left then."""
    unlink = os.unlink
    moved = False
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    unlink(entry.path)
                elif depth < DEEP and len(entry.path) < len(top) + LONG:
                    moved = _delete_directory(entry.path, top, depth + 1) or moved
                else:
                    os.rename(entry.path, os.path.join(top, f".deep-{os.urandom(8).hex()}"))
                    moved = True
        if not moved or path != top:
            os.rmdir(path)
    except FileNotFoundError:
        pass
    return moved
