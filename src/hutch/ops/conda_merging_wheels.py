"""Wheels of several resolutions of one project as entries of one lock: by its marker each says in which
worlds it is wanted, and on which Pythons and platforms."""

from __future__ import annotations

from hutch.lock import LockedPackage, apart_marker
from hutch.ops.conda_locking import border_edges, index_part
from hutch.ops.locking import LockMaker
from hutch.spec import Targets
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from hutch.lock import CondaEdge, Edge, Lock, RootEdge
    from hutch.ops.conda_merging import Choice, World
    from hutch.ops.conda_question import CondaResolution
    from hutch.ops.resolve import Resolved

__all__ = ["Wheels"]

Masks = dict[str, int]


class _Parts(LockMaker):
    """Makes entries whose edges say their targets by a mask, written as a number, in place of a marker."""

    def __init__(self, resolved: Resolved, reached: Mapping[str, Mapping[tuple[str, int], int]]) -> None:
        super().__init__(resolved, reached)
        self.entries: list[tuple[LockedPackage, Masks]] = []

    def _entry_marker(self, masks: Masks, others: int) -> str | None:
        return None

    def _marker_within(self, mask: int, whole: int) -> str | None:
        return str(mask)

    def _package(self, name: str, place: int, masks: Masks, extras: Masks) -> LockedPackage:
        package = super()._package(name, place, masks, extras)
        self.entries.append((package, masks))
        return package


class Wheels:
    """The entries of all clusters, joined."""

    def __init__(
        self, worlds: Sequence[World], solved: Sequence[CondaResolution], choices: Sequence[Choice]
    ) -> None:
        self.worlds, self.solved = worlds, solved
        pythons = (
            target for found in solved if found.joint is not None for target in found.joint.targets.targets
        )
        self.targets = Targets(tuple(dict.fromkeys(pythons)))
        self.choices = choices
        # By what makes an entry: the entry, and for each cluster its masks by list.
        self.found: dict[tuple[Any, ...], tuple[LockedPackage, dict[int, Masks]]] = {}
        self.edges: dict[tuple[Any, ...], dict[Edge, int]] = {}
        self.roots: dict[RootEdge, int] = {}
        self.conda: dict[CondaEdge, None] = {}
        versions: dict[str, dict[tuple[Any, ...], None]] = {}
        parts: list[tuple[int, _Parts, Callable[[int], int], tuple[RootEdge, ...]]] = []
        for at, found in enumerate(solved):
            if found.joint is None:
                continue
            resolved, reached = index_part(found.joint)
            maker = _Parts(resolved, reached)
            maker.packages()
            parts.append((at, maker, self._moved(resolved.targets), maker.roots()))
            for package, _ in maker.entries:
                versions.setdefault(package.name, {})[_key(package)] = None
        self.several = {name for name, keys in versions.items() if len(keys) > 1}
        for at, maker, moved, roots in parts:
            self._take(at, maker, moved, roots)

    def _moved(self, own: Targets) -> Callable[[int], int]:
        """From masks of a cluster's targets to masks of all."""
        places = [self.targets.targets.index(target) for target in own.targets]

        def moved(mask: int) -> int:
            found = 0
            for at, place in enumerate(places):
                found |= (mask >> at & 1) << place
            return found

        return moved

    def _take(self, at: int, maker: _Parts, moved: Callable[[int], int], roots: Iterable[RootEdge]) -> None:
        own: dict[str, str | None] = {}
        for package, _ in maker.entries:
            own[package.name] = None if package.name in own else package.version

        def plain(edge: Any) -> Any:
            """The edge with a version where the lock has several, and without its mask."""
            version = (edge.version or own.get(edge.name)) if edge.name in self.several else None
            return replace(edge, version=version, marker=None)

        for package, masks in maker.entries:
            key = _key(package)
            edges = self.edges.setdefault(key, {})
            for edge in package.dependencies:
                edges[plain(edge)] = edges.get(plain(edge), 0) | moved(int(edge.marker or "0"))
            before = self.found.get(key)
            first = _with_files(before[0], package) if before is not None else package
            by_cluster = before[1] if before is not None else {}
            by_cluster[at] = {where: moved(mask) for where, mask in masks.items()}
            self.found[key] = first, by_cluster
        wanted = frozenset().union(*(world.wheres for world in self.worlds if world.at == at))
        for root in roots:
            if root.where in wanted:
                self.roots[plain(root)] = self.roots.get(plain(root), 0) | moved(int(root.marker or "0"))
        joint = self.solved[at].joint
        assert joint is not None
        for need in border_edges(joint):
            if need.wheel in self.several and need.version is None and not need.extra:
                need = replace(need, version=own.get(need.wheel))
            self.conda[need] = None

    def put_into(self, lock: Lock) -> Lock:
        """The lock with the entries, and what else is said of wheels."""
        everything = self.targets.everything
        assert lock.conda is not None
        packages = []
        for key, (package, by_cluster) in self.found.items():
            marker = self._marker(by_cluster)
            if marker is not None:
                edges = self._edges(self.edges[key], self._whole(by_cluster))
                packages.append(replace(package, marker=marker or None, dependencies=edges))
        return replace(
            lock,
            conda=replace(lock.conda, edges=tuple(self.conda)),
            packages=tuple(
                sorted(packages, key=lambda each: (each.name, each.version or "", each.marker or ""))
            ),
            roots=tuple(
                replace(root, marker=self._within(mask, self._active(root.where)))
                for root, mask in self.roots.items()
            ),
            environments=self.targets.environments(everything),
            targets=tuple(self.targets.names(everything)),
        )

    def _marker(self, by_cluster: Mapping[int, Masks]) -> str | None:
        """The marker of an entry; empty: always; None where no world wants it."""
        reach: dict[str, list[int]] = {"project": [0] * len(self.choices)}
        for place, choice in enumerate(self.choices):
            world = choice.world
            for where, mask in by_cluster.get(world.at, {}).items():
                if choice.own is not None and where not in choice.own.wheres:
                    continue
                if where in world.wheres:
                    here = mask & self._of(world)
                    said = where if choice.own is None else "project"
                    reach.setdefault(said, [0] * len(self.choices))[place] |= here
        if not any(any(masks) for masks in reach.values()):
            return None
        worlds = tuple(choice.chosen for choice in self.choices)
        text = apart_marker(
            {where: tuple(masks) for where, masks in reach.items()}, worlds, self.targets.render
        )
        return text or ""

    def _of(self, world: World) -> int:
        """The targets of wheels that a world has."""
        names = {target.python for target in self.solved[world.at].targets if target.name in world.platforms}
        return sum(1 << at for at, target in enumerate(self.targets.targets) if target.name in names)

    def _active(self, where: str) -> int:
        """The targets on which a list can be chosen."""
        found = 0
        for world in self.worlds:
            if where in world.wheres and self.solved[world.at].joint is not None:
                found |= self._of(world)
        return found

    def _whole(self, by_cluster: Mapping[int, Masks]) -> int:
        whole = 0
        for masks in by_cluster.values():
            for mask in masks.values():
                whole |= mask
        return whole

    def _edges(self, edges: Mapping[Edge, int], whole: int) -> tuple[Edge, ...]:
        found = [replace(edge, marker=self._within(mask, whole)) for edge, mask in edges.items()]
        return tuple(sorted(found, key=lambda edge: (edge.name, edge.version or "", edge.extras)))

    def _within(self, mask: int, whole: int) -> str | None:
        return None if not whole & ~mask else self.targets.render(mask & whole, whole)


def _key(package: LockedPackage) -> tuple[Any, ...]:
    return package.name, package.version, package.source


def _with_files(one: LockedPackage, other: LockedPackage) -> LockedPackage:
    """An entry with the files of both."""
    wheels = {file.filename: file for file in (*one.wheels, *other.wheels)}
    same = one.requires_python == other.requires_python
    return replace(
        one,
        wheels=tuple(wheels[name] for name in sorted(wheels)),
        sdist=one.sdist or other.sdist,
        requires_python=one.requires_python if same else None,
    )
