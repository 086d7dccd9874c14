"""Writing a new environment where there is nothing yet: every name once, with no look at what is in the way.

`create` writes over what it finds, through one name that is renamed, and looks at each step what is there.
A directory that nobody has put anything into needs none of that: until `pyvenv.cfg`, which comes last, it
carries the mark by which the next command knows that it may begin anew. Imports next to nothing; see
``ops.quick_venv``.
"""

from __future__ import annotations

import os

from hutch.env.flock import release, sign, take
from hutch.env.syncing import sync_directory, sync_file
from hutch.store.disk import CREATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["make_fresh", "sync_ways", "write_fresh"]

SETTINGS = "pyvenv.cfg"
MARK = "creating"
LOCK = "lock"


def make_fresh(
    root: str,
    directories: Sequence[str],
    links: Sequence[tuple[str, str]],
    files: Sequence[tuple[str, bytes]],
) -> bool:
    """Make an environment at ``root``, of which the parent is there and itself is not.

    False where anything is otherwise, or somebody is quicker; OSError where the disk refuses. What is there
    then is for `create_environment` to look at, which can go on from wherever this ended.
    """
    own = os.path.join(root, ".hutch")
    try:
        os.mkdir(root)
        os.mkdir(own)
        os.close(os.open(os.path.join(own, MARK), CREATE, 0o666))
        descriptor = os.open(
            os.path.join(own, LOCK), os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666
        )
    except (FileExistsError, FileNotFoundError):
        return False
    try:
        # Another command may have come in between, and may be done by now.
        if not take(descriptor) or os.listdir(root) != [".hutch"] or len(os.listdir(own)) != 2:
            return False
        sign(descriptor)
        write_fresh(root, directories, links, files)
        os.unlink(os.path.join(own, MARK))
    finally:
        release(descriptor)
    return True


def write_fresh(
    root: str,
    directories: Sequence[str],
    links: Sequence[tuple[str, str]],
    files: Sequence[tuple[str, bytes]],
    *,
    passing: bool = False,
) -> None:
    """Write what an environment consists of into ``root``, which holds nothing of it; its lock is held.

    Paths are relative, with slashes; the settings are among the ``files``, and come last.
    """
    made: set[str] = set()
    for path in directories:
        _make_directory(root, path, made)
    for path, target in links:
        os.symlink(target, os.path.join(root, path))
    before = ""
    for path, content in files:
        same, before = path.lower() == before.lower(), path
        # Who dies here leaves a piece of a text at most, under the mark; of the settings all or nothing.
        settings = path == SETTINGS
        if settings and not passing:
            sync_ways(root, directories, links)
        place = os.path.join(root, ".hutch", "new") if settings else os.path.join(root, path)
        try:
            descriptor = os.open(place, CREATE, 0o666)
        except FileExistsError:
            if same:
                continue  # Activate.ps1, on a disk where that is activate.ps1
            raise
        try:
            written = os.write(descriptor, content)
            while written < len(content):
                written += os.write(descriptor, content[written:])
            if settings and not passing:
                sync_file(descriptor)
        finally:
            os.close(descriptor)
        if settings:
            os.replace(place, os.path.join(root, path))
    if not passing:
        sync_directory(root)


def sync_ways(root: str, directories: Sequence[str], others: Sequence[tuple[str, str]]) -> None:
    """Have the disk know of all that an environment cannot do without, before settings say that it is one.

    After a power cut there are settings only where there is all of this; texts are looked at later.
    """
    for directory in _ways(directories, [path for path, _ in others]):
        sync_directory(os.path.join(root, directory))


def _make_directory(root: str, path: str, made: set[str]) -> None:
    if path in made:
        return
    parent = path.rpartition("/")[0]
    if parent:
        _make_directory(root, parent, made)
    os.mkdir(os.path.join(root, path))
    made.add(path)


def _ways(directories: Sequence[str], others: Sequence[str]) -> list[str]:
    """The directories above what an environment cannot do without, and the root itself."""
    found = {"", *(path.rpartition("/")[0] for path in others)}
    for path in directories:
        parent = path.rpartition("/")[0]
        while parent:
            found.add(parent)
            parent = parent.rpartition("/")[0]
    return sorted(found, reverse=True)
