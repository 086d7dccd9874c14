"""Measure a store, clean it. Cold: nothing of this is needed to use one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from hutch.store.disk import remove_tree, unique_name
from hutch.store.layout import MARKER, MUTEX, SCRATCH, kind_of_folder
from hutch.store.manifest import read_manifest
from hutch.store.problems import NotAStore
from hutch.store.tables import unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Freed", "Size", "clean", "measure"]


class Size(NamedTuple):
    """What one kind of thing takes in the store."""

    kind: str
    files: int
    bytes: int


class Freed(NamedTuple):
    """What was removed: files, and the bytes that no environment shares."""

    files: int
    bytes: int


def _folders(root: str) -> Iterator[tuple[str, str]]:
    """Kind and path of each of our folders; links are not ours."""
    try:
        with os.scandir(root) as entries:
            found = sorted(
                (entry.name, entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)
            )
    except OSError:
        return
    for name, path in found:
        kind = kind_of_folder(name)
        if kind is not None:
            yield kind, path


def measure(root: str) -> tuple[Size, ...]:
    """Files and bytes by kind; nothing for a store that is not there."""
    sizes: dict[str, tuple[int, int]] = {}
    for kind, path in _folders(root):
        files, size = sizes.get(kind, (0, 0))
        waiting = [path]
        while waiting:
            try:
                with os.scandir(waiting.pop()) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
                        else:
                            files += 1
                            size += entry.stat(follow_symlinks=False).st_size
            except OSError:
                continue
        sizes[kind] = (files, size)
    return tuple(Size(kind, *sizes[kind]) for kind in sorted(sizes))


def clean(root: str, packages: frozenset[str] | None, sweep: Callable[[], tuple[int, int]]) -> Freed:
    """See ``Store.clean``. ``packages`` are normalised here; ``sweep`` removes abandoned working folders."""
    if not os.path.isdir(root):
        return Freed(0, 0)
    if not os.path.isfile(os.path.join(root, MARKER)):
        if not os.listdir(root):
            return Freed(0, 0)
        raise NotAStore(root, f"it does not have the file {MARKER}")
    if packages is None:
        return _clean_all(root, sweep)
    from hutch.spec.names import normalize

    return _clean_packages(root, frozenset(normalize(name) for name in packages))


def _clean_all(root: str, sweep: Callable[[], tuple[int, int]]) -> Freed:
    files = size = 0
    for kind, path in _folders(root):
        if kind == "scratch" and os.path.basename(path) == SCRATCH:
            freed = sweep()
        elif kind == "mutex" and os.path.basename(path) == MUTEX:
            # A lock file that is removed while somebody waits for it would lock nothing any more.
            continue
        else:
            freed = _remove(root, path)
        files += freed[0]
        size += freed[1]
    return Freed(files, size)


def _clean_packages(root: str, packages: frozenset[str]) -> Freed:
    from hutch.spec.names import normalize

    files = size = 0
    gone: set[str] = set()
    for kind, folder in list(_folders(root)):
        for path in _entries(folder):
            name = os.path.basename(path)
            if kind == "wheels":
                with_manifest = _read(os.path.join(path, "manifest"))
                manifest = read_manifest(with_manifest)
                if manifest is None or normalize(manifest.name) not in packages:
                    continue
                gone.add(name)
            elif kind != "index" or name.rpartition("~")[2] not in packages:
                continue
            freed = _remove(root, path)
            files += freed[0]
            size += freed[1]
    # Metadata and built wheels are kept by hash: those of the wheels that went.
    for kind, folder in list(_folders(root)):
        for path in _entries(folder):
            name = os.path.basename(path)
            if (kind == "metadata" and name in gone) or (kind == "built" and _built_wheel(path) in gone):
                freed = _remove(root, path)
                files += freed[0]
                size += freed[1]
    return Freed(files, size)


def _entries(folder: str) -> Iterator[str]:
    """Paths of the entries of one kind: tables lie in its folder, wheels one level down."""
    try:
        entries = [(each.path, each.is_dir(follow_symlinks=False)) for each in os.scandir(folder)]
    except OSError:
        return
    for path, is_folder in entries:
        if not is_folder:
            yield path
            continue
        try:
            names = os.listdir(path)
        except OSError:
            continue
        for name in names:
            yield os.path.join(path, name)


def _read(path: str) -> bytes | None:
    from hutch.store.disk import read_bytes

    return read_bytes(path)


def _built_wheel(path: str) -> str | None:
    value = unpack(_read(path))
    return value[1] if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str) else None


def _remove(root: str, path: str) -> tuple[int, int]:
    """Move out of sight first, so that no reader sees a part of it; then remove."""
    aside = os.path.join(root, SCRATCH, unique_name())
    try:
        os.makedirs(os.path.dirname(aside), exist_ok=True)
        os.rename(path, aside)
    except OSError:
        # Full disks and odd file systems: remove it where it is.
        aside = path
    return remove_tree(aside)
