"""Deleting what hutch made: a tree whole, and no link followed."""

from __future__ import annotations

import os

__all__ = ["delete_tree"]


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
    _delete_directory(path)


def _delete_directory(path: str) -> None:
    unlink = os.unlink
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    _delete_directory(entry.path)
                else:
                    unlink(entry.path)
        os.rmdir(path)
    except FileNotFoundError:
        pass
