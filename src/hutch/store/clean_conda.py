"""What a store has of conda and need not have: packages that no environment uses, and what channels said.

Looked at first, as a value that can be shown; then removed, unless somebody has asked for it meanwhile. Cold.
"""

from __future__ import annotations

import os

from hutch.store.cleaning import folders, is_gone, is_ours, measure_tree
from hutch.store.conda_manifest import read_conda_manifest
from hutch.store.disk import read_bytes, remove_tree
from hutch.store.layout import SCRATCH
from hutch.store.roots import registered
from hutch.store.scratch import working_folder
from hutch.trees import walk
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from hutch.store.folder import Store

    InUse = Callable[[str], Collection[str]]

__all__ = ["CondaLeaving", "CondaLeavings", "remove_conda", "survey_conda"]

_INDEX = ("repodata", "shards")


@dataclass(frozen=True, slots=True)
class CondaLeaving:
    """An unpacked package: NAME-VERSION-BUILD (its hash, where nobody knows that), its folder, the bytes that
    nobody shares, and when it was last used."""

    label: str
    sha256: str
    path: str
    size: int
    used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaLeavings:
    """What can go. ``kept`` packages stay, because environments use them; ``index`` are the folders of what
    channels said, with ``index_size`` bytes. ``all_packages`` go, used or not."""

    packages: tuple[CondaLeaving, ...] = ()
    kept: int = 0
    index: tuple[str, ...] = ()
    index_size: int = 0
    all_packages: bool = False

    @property
    def size(self) -> int:
        """Bytes of all packages."""
        return sum(each.size for each in self.packages)


def survey_conda(
    store: Store, in_use: InUse, *, packages: bool = False, all_packages: bool = False, index: bool = False
) -> CondaLeavings:
    """Look what can go; nothing of a store that is not there. Raises NotAStore.

    ``in_use`` tells the hashes of what the environment at a path uses, now or in an earlier state of it.
    """
    if not is_ours(store.root):
        return CondaLeavings(all_packages=all_packages)
    found: list[CondaLeaving] = []
    kept = 0
    used = _used(store, in_use) if packages and not all_packages else frozenset()
    for sha256 in store.conda.entries() if packages or all_packages else ():
        path = store.conda.folder(sha256)
        # Of what a note says to be used no file is looked at: that may be most of the store.
        size, shared = (0, True) if sha256 in used else _own(path)
        if shared and not all_packages:
            kept += 1
            continue
        manifest = read_conda_manifest(read_bytes(os.path.join(path, "manifest")))
        label = sha256 if manifest is None else f"{manifest.name}-{manifest.version}-{manifest.build}"
        found.append(CondaLeaving(label, sha256, path, size, _date(path)))
    places = tuple(path for kind, path in folders(store.root) if kind in _INDEX) if index else ()
    return CondaLeavings(
        packages=tuple(sorted(found, key=lambda each: (each.label, each.sha256))),
        kept=kept,
        index=places,
        index_size=sum(measure_tree(path, set())[1] for path in places),
        all_packages=all_packages,
    )


def remove_conda(store: Store, planned: CondaLeavings, in_use: InUse) -> CondaLeavings:
    """Remove what was planned; what went is given back. What somebody has asked for since then stays."""
    if not planned.packages and not planned.index:
        return planned
    gone: list[CondaLeaving] = []
    kept = planned.kept
    index: list[str] = []
    with store.lock("prune", timeout=60.0), working_folder(os.path.join(store.root, SCRATCH)) as scratch:
        taken: list[tuple[CondaLeaving, str]] = []
        for each in planned.packages:
            aside = os.path.join(scratch, str(len(taken)))
            try:
                if not planned.all_packages and _date(each.path) != each.used:
                    raise OSError
                os.rename(each.path, aside)
            except OSError:
                kept += 1  # it was used just now, or is (Windows), or somebody else has removed it
                continue
            taken.append((each, aside))
        # Who is about to use one says so in the environment before he looks for it: one of us sees the other.
        used = _used(store, in_use) if taken and not planned.all_packages else frozenset()
        for each, aside in taken:
            if each.sha256 in used and not os.path.lexists(each.path):
                os.rename(aside, each.path)
                kept += 1
            else:
                remove_tree(aside)
                gone.append(each)
        for place in planned.index:
            try:
                os.rename(place, os.path.join(scratch, os.path.basename(place)))
            except OSError:
                continue
            index.append(place)
    return CondaLeavings(
        packages=tuple(gone),
        kept=kept,
        index=tuple(index),
        index_size=planned.index_size if index else 0,
        all_packages=planned.all_packages,
    )


def _used(store: Store, in_use: InUse) -> frozenset[str]:
    living = [path for _, path in registered(store.root) if not is_gone(path)]
    return frozenset(sha256 for path in living for sha256 in in_use(path))


def _date(path: str) -> int:
    for place in (os.path.join(path, "manifest"), path):
        try:
            return os.stat(place).st_mtime_ns
        except OSError:
            continue
    return 0


def _own(path: str) -> tuple[int, bool]:
    """Bytes that go with the folder, and whether something elsewhere has a file of it as well."""
    sizes: dict[tuple[int, int], tuple[int, int, int]] = {}
    for below, _, names in walk(path):
        for name in names:
            try:
                facts = os.lstat(os.path.join(below, name))
            except OSError:
                continue
            key = (facts.st_dev, facts.st_ino)
            sizes[key] = (facts.st_size, facts.st_nlink, sizes.get(key, (0, 0, 0))[2] + 1)
    own = sum(size for size, links, here in sizes.values() if links <= here)
    return own, any(links > here for _, links, here in sizes.values())
