"""Directories that a build may fill with anything, and that go away with all of it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["remove_tree", "scratch_directory"]


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

    shutil.rmtree(directory, ignore_errors=True)
    if os.path.lexists(directory):
        for root, below, _ in os.walk(directory):
            for name in below:
                path = os.path.join(root, name)
                if not os.path.islink(path):
                    os.chmod(path, 0o700)
        shutil.rmtree(directory, ignore_errors=True)
