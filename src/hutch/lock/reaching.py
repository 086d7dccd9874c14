"""What of a lock is wanted where: a mask of targets for each entry, and the lock with markers made of them.

A lock that is read by its edges says what is installed in one environment at a time. An export is for all of
them at once, or for one that is not at hand: so the edges are followed with masks of targets instead of one
environment. A marker that only some patch releases of a target fulfil cuts that target in two.
"""

from __future__ import annotations

from hutch.lock.selecting import AmbiguousLock, LockIncomplete, refuse_contradiction
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

    from hutch.lock.lockfile import Lock
    from hutch.lock.model import Edge, LockedPackage, RootEdge
    from hutch.spec import Marker, Targets

__all__ = ["covered_targets", "flattened"]


def covered_targets(lock: Lock, targets: Targets) -> Targets:
    """Those of ``targets`` that the lock is for, cut so that all its markers are exact in them."""
    from hutch.spec import parse_marker, parse_specifiers

    if lock.requires_python:
        targets = targets.limited_to(parse_specifiers(lock.requires_python))
    markers = [parse_marker(text) for text in _texts(lock)]
    targets = targets.with_cuts({cut for marker in markers for cut in targets.marker_cuts(_plain(marker))})
    if lock.environments:
        mask = 0
        for text in lock.environments:
            mask |= targets.marker_mask(parse_marker(text))
        targets = targets.subset(mask)
    return targets


def flattened(
    lock: Lock,
    targets: Targets,
    *,
    extras: Collection[str],
    groups: Collection[str],
    only: bool = False,
    anywhere: bool = True,
) -> Lock:
    """The part of ``lock`` that a choice of extras and groups needs on ``targets`` (``covered_targets``).

    It is a lock without choices, whose entries say by markers where they hold; without any markers where not
    ``anywhere``.
    """
    from hutch.spec import normalize, parse_marker, render_marker

    extras = frozenset(map(normalize, extras))
    groups = frozenset(map(normalize, groups))
    refuse_contradiction(lock, extras, groups)
    walk = _Walk(lock, targets, extras, groups)
    wheres = {f"extra:{name}" for name in extras} | {f"group:{name}" for name in groups}
    if not only:
        wheres.add("project")
    roots = tuple(root for root in lock.roots if root.where in wheres)
    if lock.by_edges or only:
        masks = walk.by_edges(roots)
    else:
        masks = {n: walk.mask(package.marker) for n, package in enumerate(lock.packages)}
    packages: list[LockedPackage] = []
    for number, package in enumerate(lock.packages):
        mask = masks.get(number, 0)
        if mask:
            text = targets.render(mask) if anywhere else None
            marker = render_marker(parse_marker(text)) if text is not None else None
            packages.append(replace(package, marker=marker))
    _refuse_twins(lock, masks)
    return replace(
        lock,
        packages=tuple(packages),
        roots=roots,
        extras=(),
        dependency_groups=(),
        default_groups=(),
        default_extras=(),
        conflicts=(),
        by_edges=False,
        inputs="",
        tool={},
    )


def _texts(lock: Lock) -> set[str]:
    found = {edge.marker for edge in lock.roots}
    for package in lock.packages:
        found.add(package.marker)
        found.update(edge.marker for edge in package.dependencies)
    return {text for text in found if text}


def _plain(marker: Marker) -> Marker | None:
    """A marker without what no target decides: extras and groups."""
    from hutch.spec import and_

    if marker[0] in ("and", "or"):
        parts: Iterable[Any] = marker[1:]
        return and_(*(_plain(part) for part in parts))  # for its comparisons only
    return None if marker[1] in ("extra", "extras", "dependency_groups") else marker


class _Walk:
    """One following of edges; entries go by their numbers in the lock."""

    def __init__(self, lock: Lock, targets: Targets, extras: frozenset[str], groups: frozenset[str]) -> None:
        self.lock = lock
        self.targets = targets
        self.extras = extras
        self.groups = groups
        self.named: dict[str, list[int]] = {}
        for number, package in enumerate(lock.packages):
            self.named.setdefault(package.name, []).append(number)
        self.reach: dict[tuple[int, str], int] = {}
        self.open: list[tuple[int, str]] = []

    def mask(self, text: str | None, extra: str = "") -> int:
        from hutch.lock.markers import assuming
        from hutch.spec import NEVER, parse_marker

        if not text:
            return self.targets.everything
        marker = assuming(parse_marker(text), self.extras, self.groups)
        return 0 if marker == NEVER else self.targets.marker_mask(marker, extra)

    def by_edges(self, roots: Iterable[RootEdge]) -> dict[int, int]:
        """Where each entry is reached from ``roots``."""
        for root in roots:
            self.follow(root, self.mask(root.marker))
        while self.open:
            number, extra = self.open.pop()
            here = self.reach[number, extra]
            for edge in self.lock.packages[number].dependencies:
                self.follow(edge, here & self.mask(edge.marker, extra))
        found: dict[int, int] = {}
        for (number, _), mask in self.reach.items():
            found[number] = found.get(number, 0) | mask
        return found

    def follow(self, edge: Edge | RootEdge, mask: int) -> None:
        from hutch.spec import normalize

        if not mask:
            return
        packages = self.lock.packages
        numbers = [
            n
            for n in self.named.get(edge.name, ())
            if (edge.version is None or packages[n].version == edge.version)
            and (edge.source is None or packages[n].source == edge.source)
        ]
        if not numbers:
            if self.lock.by_edges:
                raise LockIncomplete(edge.name)
            return
        for number in numbers:
            here = mask & self.mask(packages[number].marker) if len(numbers) > 1 else mask
            for extra in ("", *map(normalize, edge.extras)):
                before = self.reach.get((number, extra), 0)
                if here & ~before:
                    self.reach[number, extra] = before | here
                    self.open.append((number, extra))


def _refuse_twins(lock: Lock, masks: dict[int, int]) -> None:
    """``AmbiguousLock`` where two entries of a name hold in one place."""
    seen: dict[str, list[tuple[int, LockedPackage]]] = {}
    for number, package in enumerate(lock.packages):
        for mask, other in seen.get(package.name, ()):
            if mask & masks.get(number, 0):
                told = tuple(each.version or "an entry without version" for each in (other, package))
                raise AmbiguousLock(package.name, told)
        seen.setdefault(package.name, []).append((masks.get(number, 0), package))
