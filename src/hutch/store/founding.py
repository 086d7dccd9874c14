"""Make a folder a store, and find out whether one can be used."""

from __future__ import annotations

import errno
import os

from hutch.store.disk import write_atomic
from hutch.store.layout import CACHEDIR_TAG, MARKER, MARKER_TEXT, kind_of_folder
from hutch.store.problems import NotAStore, StoreProblem, store_problem

__all__ = ["found_elsewhere", "found_store", "why_unwritable"]

# The place is not to be written, as against full, or in somebody's way.
_UNWRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


def found_store(root: str) -> None:
    """Make ``root`` a store: NotAStore if it is a folder with other people's things, StoreProblem."""
    try:
        _found(root)
    except OSError as error:
        raise store_problem(error, "making the cache", root) from error


def _found(root: str) -> None:
    files = {MARKER: MARKER_TEXT, "CACHEDIR.TAG": CACHEDIR_TAG}
    # For its user alone. What environments link to can be read through them all the same.
    os.makedirs(root, mode=0o700, exist_ok=True)
    others = [
        name
        for name in os.listdir(root)
        if kind_of_folder(name) is None and name[0] != "." and name not in (*files, "lost+found")
    ]
    # Another process may have founded it, and put things in, since we looked for the marker.
    if others and not os.path.exists(os.path.join(root, MARKER)):
        raise NotAStore(root, f"it has other things in it, such as '{others[0]}'")
    for name, content in files.items():
        if not os.path.exists(os.path.join(root, name)):
            write_atomic(os.path.join(root, name), content)


def why_unwritable(root: str) -> StoreProblem | None:
    """Why nothing can be kept in ``root``, which is made a store if it is none; None if all is well.

    Raises StoreProblem where it is not a matter of permission: a full disk, a file in its place.
    """
    doing = "writing to the cache"
    try:
        if not os.path.exists(os.path.join(root, MARKER)):
            doing = "making the cache"
            _found(root)
            return None
        if os.access(root, os.W_OK | os.X_OK):
            closed = _closed_folder(root)
            if closed is None:
                return None
            raise PermissionError(errno.EACCES, f"{os.strerror(errno.EACCES)} to {closed}")
        # It says no without saying why; one attempt does.
        write_atomic(os.path.join(root, MARKER), MARKER_TEXT)
    except OSError as error:
        problem = store_problem(error, doing, root)
        if error.errno in _UNWRITABLE:
            return problem
        raise problem from error
    return None


def _closed_folder(root: str) -> str | None:
    """A folder of the store that somebody else (root, as a rule) made for himself alone."""
    for name in os.listdir(root):
        if kind_of_folder(name) and not os.access(os.path.join(root, name), os.W_OK | os.X_OK):
            return name
    return None


def found_elsewhere(root: str) -> str:
    """A private folder with a store named ``cache`` in it, for whoever cannot use ``root``; StoreProblem."""
    import tempfile

    try:
        folder = tempfile.mkdtemp(prefix="hutch-")
    except OSError as error:
        raise store_problem(
            error, f"making a temporary cache instead of {root}", tempfile.gettempdir()
        ) from error
    found_store(os.path.join(folder, "cache"))
    return folder
