"""Make a folder a store: the first write of the first command does it."""

from __future__ import annotations

import os

from hutch.store.disk import write_atomic
from hutch.store.layout import CACHEDIR_TAG, MARKER, MARKER_TEXT, kind_of_folder
from hutch.store.problems import NotAStore, store_problem

__all__ = ["found_store"]


def found_store(root: str) -> None:
    """Make ``root`` a store: NotAStore if it is a folder with other people's things, StoreProblem."""
    files = {MARKER: MARKER_TEXT, "CACHEDIR.TAG": CACHEDIR_TAG}
    try:
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
    except OSError as error:
        raise store_problem(error, "making the cache", root) from error
