"""Where a package comes from, target by target: the indexes, one of them, or a place of its own.

A target has one place of each package at most. Versions are numbered place by place, so that the solver
sees one list of them, of which each target can have a stretch.
"""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

    from hutch.index import Page
    from hutch.lock import LockedPackage
    from hutch.spec import CoreMetadata, Marker, Targets

    Place: TypeAlias = tuple[str, "Direct | None", int]

__all__ = ["Bound", "Direct", "Places"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """A package that does not come from an index: its version and metadata are known.

    ``tags`` are those of a wheel (none: it is built, and fits everywhere); ``marker`` and ``where`` (an
    extra or group: ``extra:cpu``) are where it is taken from here at all. ``entry`` is what the lock says
    of it, but for version, marker and edges.
    """

    metadata: CoreMetadata
    entry: LockedPackage
    tags: str = ""
    marker: Marker | None = None
    where: str | None = None

    @property
    def version(self) -> str:
        """The one version that it has."""
        return self.metadata.version

    def is_entry(self, package: LockedPackage) -> bool:
        """Is this the entry of a lock that was made for it?"""
        mine = self.entry
        return (mine.directory, mine.vcs, mine.archive) == (package.directory, package.vcs, package.archive)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A package comes from the index of this name alone, where ``marker`` and ``where`` hold (as above)."""

    index: str
    marker: Marker | None = None
    where: str | None = None


class Places:
    """The places of each package in a universe of targets. ``pages`` are those read so far, by key.

    The key of a page is the name of its package, with ``@INDEX`` where it has several indexes.
    """

    __slots__ = ("_bound", "_direct", "_known", "_pages", "_targets", "parted")

    def __init__(
        self,
        bound: Mapping[str, tuple[Bound, ...]],
        direct: Mapping[str, tuple[Direct, ...]],
        targets: Targets,
        pages: Mapping[str, Page | None],
    ) -> None:
        self._bound = bound
        self._direct = direct
        self._targets = targets
        self._pages = pages
        self._known: dict[str, tuple[Place, ...]] = {}
        self.parted = frozenset(name for name in bound if not self._is_plain(name)).union(direct)
        """The packages that have, or may have, more than one place."""

    def of(self, name: str) -> tuple[Place, ...]:
        """The places of a package in the order of its versions: key of the page, direct source, targets.

        Sources go in the order in which they are written; the indexes that are asked for every name have
        the targets that no source is for.
        """
        found = self._known.get(name)
        if found is None:
            rest = self._targets.everything
            direct: list[Place] = []
            for one in self._direct.get(name, ()):
                mask = self._mask(one) & rest
                rest &= ~mask
                direct.append((name, one, mask))
            indexes: dict[str, int] = {}
            for bound in self._bound.get(name, ()):
                mask = self._mask(bound) & rest
                rest &= ~mask
                key = name if self._is_plain(name) else f"{name}@{bound.index}"
                indexes[key] = indexes.get(key, 0) | mask
            if rest:
                indexes[name] = indexes.get(name, 0) | rest
            pages = [(key, None, mask) for key, mask in sorted(indexes.items()) if mask]
            found = self._known[name] = (*pages, *direct)
        return found

    def at(self, name: str, place: int) -> Place:
        """The key of the page, or the direct source, that a version is of, and its place there."""
        if name not in self.parted:
            return name, None, place
        for key, direct, _ in self.of(name):
            count = self._count(key, direct)
            if place < count:
                return key, direct, place
            place -= count
        raise AssertionError(f"{name} has no version at this place")

    def find(self, entry: LockedPackage) -> Iterator[int]:
        """The places of the version that an entry of the lock is, which comes from an index: several where
        two names are given to one address."""
        first = 0
        for key, direct, _ in self.of(entry.name):
            page = self._pages.get(key) if direct is None else None
            if page is not None and page.index_url == entry.index and entry.version in page.versions:
                yield first + page.versions.index(entry.version)
            first += self._count(key, direct)

    def pages_of(self, name: str) -> list[tuple[str, str | None]]:
        """The pages that are needed: key, and the one index to ask."""
        plain = self._bound[name][0].index if self._is_plain(name) else None
        return [(key, key.partition("@")[2] or plain) for key, direct, _ in self.of(name) if direct is None]

    def _count(self, key: str, direct: Direct | None) -> int:
        if direct is not None:
            return 1
        page = self._pages.get(key)
        return len(page.versions) if page is not None else 0

    def _is_plain(self, name: str) -> bool:
        """Does it come from one index, wherever it is needed?"""
        bound = self._bound.get(name, ())
        return len(bound) == 1 and bound[0].marker is None and bound[0].where is None

    def _mask(self, source: Direct | Bound) -> int:
        targets = self._targets
        mask = targets.everything if source.where is None else targets.where_mask(source.where)
        return mask if source.marker is None else mask & targets.marker_mask(source.marker, "")
