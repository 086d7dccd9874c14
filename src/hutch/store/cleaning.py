"""Measure a store, clean it. Cold: nothing of this is needed to use one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from hutch.store.built import wheel_of
from hutch.store.conda_manifest import read_conda_manifest
from hutch.store.disk import remove_tree, unique_name
from hutch.store.layout import MARKER, MUTEX, SCRATCH, TREES, kind_of_folder, sentinel
from hutch.store.linked import mark_removal
from hutch.store.manifest import read_manifest
from hutch.store.problems import NotAStore, StoreBusy
from hutch.store.roots import registered
from hutch.store.scratch import working_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from hutch.store.folder import Store

__all__ = ["Freed", "Size", "clean", "folders", "is_gone", "is_ours", "measure", "measure_tree"]

# What is held while a thing of these kinds is made or changed, before its name.
_LOCKS = {"archives": "download-", "envs": "env-", "git": "git-"}


class Size(NamedTuple):
    """What one kind of thing takes in the store."""

    kind: str
    files: int
    bytes: int


class Freed(NamedTuple):
    """What was removed: files, and the bytes that no environment shares; and how many trees were ``kept``,
    because environments link to them."""

    files: int
    bytes: int
    kept: int = 0


def folders(root: str) -> Iterator[tuple[str, str]]:
    """Kind and path of each folder of a store; links are not ours."""
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
    """Files and bytes by kind; nothing for a store that is not there.

    A file that several places share (throwaway environments are linked from wheels) counts once, as a part
    of the wheel. What environments elsewhere share is the store's all the same.
    """
    sizes: dict[str, tuple[int, int]] = {}
    seen: set[tuple[int, int]] = set()
    for kind, path in sorted(folders(root), key=lambda each: (each[0] != "wheels", each)):
        files, size = sizes.get(kind, (0, 0))
        more = measure_tree(path, seen)
        sizes[kind] = (files + more[0], size + more[1])
    return tuple(Size(kind, *sizes[kind]) for kind in sorted(sizes))


def measure_tree(path: str, seen: set[tuple[int, int]]) -> tuple[int, int]:
    """Files and bytes below ``path``, without those of ``seen``, to which shared ones are added."""
    files = size = 0
    waiting = [path]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                        continue
                    facts = entry.stat(follow_symlinks=False)
                    if facts.st_nlink > 1:
                        if (facts.st_dev, facts.st_ino) in seen:
                            continue
                        seen.add((facts.st_dev, facts.st_ino))
                    files += 1
                    size += facts.st_size
        except OSError:
            continue
    return files, size


def clean(store: Store, packages: frozenset[str] | None, in_use: Callable[[str], Collection[str]]) -> Freed:
    """See ``Store.clean``. ``packages`` are normalised here."""
    root = store.root
    if not is_ours(root):
        return Freed(0, 0)
    if packages is None:
        return _clean_all(store, in_use)
    from hutch.spec.names import normalize

    return _clean_packages(store, frozenset(normalize(name) for name in packages), in_use)


def is_ours(root: str) -> bool:
    """Whether there is a store to remove something from; NotAStore where there is something else."""
    if not os.path.isdir(root):
        return False
    if not os.path.isfile(os.path.join(root, MARKER)):
        if not os.listdir(root):
            return False
        raise NotAStore(root, f"it does not have the file {MARKER}")
    return True


def _living(root: str) -> dict[str, str]:
    """The environments that are there, by the note of each."""
    return {note: path for note, path in registered(root) if not is_gone(path)}


def is_gone(environment: str) -> bool:
    """Whether it is surely not there: a home that cannot be read now comes back."""
    for mark in ("pyvenv.cfg", os.path.join("conda-meta", "history")):
        try:
            os.stat(os.path.join(environment, mark))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            continue
        except OSError:
            pass
        return False
    return True


def _clean_trees(
    store: Store, in_use: Callable[[str], Collection[str]], packages: frozenset[str] | None = None
) -> tuple[int, int, int]:
    """Remove the trees (of those packages) that nobody links to; files, bytes, and how many stay.

    Who is linking at this moment looks whether the tree is there when his record is. So we look for records
    when the tree is not: one of us sees the other.
    """
    from hutch.spec.names import normalize

    def linked() -> set[str]:
        return {key for path in _living(store.root).values() for key in in_use(path)}

    before = linked()
    files = size = kept = 0
    taken: list[tuple[str, str, str]] = []
    with working_folder(os.path.join(store.root, SCRATCH)) as scratch:
        for sha256, path, current in list(store.trees.entries()):
            manifest = read_manifest(_read(os.path.join(path, "manifest")))
            if packages is not None and (manifest is None or normalize(manifest.name) not in packages):
                continue
            key = f"{sha256}/{os.path.basename(path)}"
            if key in before:
                kept += 1
                continue
            if current:
                store.trees.forget(sha256)
            aside = os.path.join(scratch, str(len(taken)))
            try:
                os.rename(path, aside)
            except OSError:
                kept += 1  # something is in use (Windows)
                continue
            taken.append((key, path, aside))
        if taken:
            mark_removal(store.root)
        after = linked() if taken else set()
        for _, path, aside in [one for one in taken if one[0] in after]:
            kept += 1
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.rename(aside, path)
        for key, path, aside in taken:
            if key in after:
                continue
            freed = remove_tree(aside)
            files += freed[0]
            size += freed[1]
            for folder in (os.path.dirname(path), os.path.dirname(os.path.dirname(path))):
                try:
                    os.rmdir(folder)
                except OSError:
                    break  # there are others in it
    return files, size, kept


def _clean_all(store: Store, in_use: Callable[[str], Collection[str]]) -> Freed:
    files = size = kept = 0
    for kind, path in folders(store.root):
        if kind == "scratch" and os.path.basename(path) == SCRATCH:
            freed = store.sweep()
        elif kind in _LOCKS:
            freed = _clean_unused(store, kind, path)
        elif kind == "roots":
            # After the throwaway environments, which come before it by name. Of the others some may be about
            # to link to something.
            notes = _living(store.root)
            gone = [_remove(store.root, each) for each in _entries(path) if each not in notes]
            freed = (sum(each[0] for each in gone), sum(each[1] for each in gone))
        elif kind == "trees":
            cleaned = _clean_trees(store, in_use)
            freed, kept = cleaned[:2], cleaned[2]
            if os.path.basename(path) != TREES or os.listdir(path) == [os.path.basename(sentinel(path))]:
                _remove(store.root, path)
        elif kind == "mutex" and os.path.basename(path) == MUTEX:
            # A lock file that is removed while somebody waits for it would lock nothing any more.
            continue
        else:
            freed = _remove(store.root, path)
        files += freed[0]
        size += freed[1]
    return Freed(files, size, kept)


def _clean_unused(store: Store, kind: str, folder: str) -> tuple[int, int]:
    """Remove the downloads, clones or environments that no process is at work on."""
    files = size = 0
    for name in os.listdir(folder):
        try:
            with store.lock(_LOCKS[kind] + name.removesuffix(".part"), timeout=0):
                freed = _remove(store.root, os.path.join(folder, name))
        except StoreBusy:
            continue
        files += freed[0]
        size += freed[1]
    return files, size


def _clean_packages(
    store: Store, packages: frozenset[str], in_use: Callable[[str], Collection[str]]
) -> Freed:
    from hutch.spec.names import normalize

    root = store.root
    files, size, kept = _clean_trees(store, in_use, packages)
    gone: set[str] = set()
    for kind, folder in list(folders(root)):
        for path in _entries(folder):
            name = os.path.basename(path)
            if kind == "wheels":
                with_manifest = _read(os.path.join(path, "manifest"))
                manifest = read_manifest(with_manifest)
                if manifest is None or normalize(manifest.name) not in packages:
                    continue
                gone.add(name)
            elif kind == "conda":
                package = read_conda_manifest(_read(os.path.join(path, "manifest")))
                if package is None or normalize(package.name) not in packages:
                    continue
            elif kind not in ("index", "pages", "metadata") or name.rpartition("~")[2] not in packages:
                continue
            freed = _remove(root, path)
            files += freed[0]
            size += freed[1]
    # Metadata, bytecode and built wheels are kept by hash: those of the wheels that went.
    for kind, folder in list(folders(root)):
        for path in _entries(folder):
            name = os.path.basename(path)
            if (kind in ("metadata", "bytecode") and name in gone) or (
                kind == "built" and wheel_of(_read(path)) in gone
            ):
                freed = _remove(root, path)
                files += freed[0]
                size += freed[1]
    return Freed(files, size, kept)


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
