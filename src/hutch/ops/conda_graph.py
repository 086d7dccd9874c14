"""conda's records in the graph of a lock, with the needs that cross the border in both directions."""

from __future__ import annotations

from hutch.ops.graph_model import CONDA, CondaNeed, Graph, Key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TypeAlias

    from hutch.lock import CondaTarget, Lock, LockedPackage

    # Which choice of those that are judged apart, and the name of a target.
    Spot: TypeAlias = tuple[int, str]

__all__ = ["add_records"]


def add_records(graph: Graph, lock: Lock, wheels: Mapping[str, Sequence[Key]]) -> None:
    """Put the records of ``lock`` into ``graph``; ``wheels`` are the entries of the index by name."""
    _Adding(graph, lock, wheels).add()


class _Adding:
    def __init__(self, graph: Graph, lock: Lock, wheels: Mapping[str, Sequence[Key]]) -> None:
        assert lock.conda is not None
        self.graph = graph
        self.part = lock.conda
        self.spots = _spots(lock)
        self.wheels = wheels
        self.by_name: dict[str, list[Key]] = {}
        # (above, below) → the words of the need and the platforms where it leads there
        self.found: dict[tuple[Key, Key], tuple[str, set[str], tuple[str, ...]]] = {}

    def add(self) -> None:
        records = self.graph.records
        for package in self.part.packages:
            key = (f"{CONDA}{package.record.name}", package.record.version)
            if key not in records:
                self.by_name.setdefault(package.record.name, []).append(key)
            records[key] = (*records.get(key, ()), package)
        self._needs_of_records()
        self._needs_across()
        for (above, below), (spec, platforms, extras) in self.found.items():
            everywhere = platforms >= {name for _, name in self.spots.get(above, ())}
            need = CondaNeed(
                name=below[0].removeprefix(CONDA),
                spec=spec,
                platforms=() if everywhere else tuple(sorted(platforms)),
                extras=extras,
            )
            self.graph.needs.setdefault(above, []).append((below, need))
            self.graph.needed_by.setdefault(below, []).append((above, need))
        for needs in (*self.graph.needs.values(), *self.graph.needed_by.values()):
            needs.sort(key=lambda pair: (pair[0][0].removeprefix(CONDA), pair[0][1]))
        self._roots()

    def _platforms(self, key: Key) -> set[str]:
        return set(self.graph.platforms_of(key))

    def _need(
        self, above: Key, below: Key, spec: str, platforms: set[str], extras: tuple[str, ...] = ()
    ) -> None:
        known = self.found.get((above, below))
        if not platforms:
            return
        if known is not None:
            spec, platforms = known[0] or spec, known[1] | platforms
            extras = tuple(sorted({*known[2], *extras}))
        self.found[above, below] = (spec, platforms, extras)

    def _both(self, above: Key, below: Key) -> set[str]:
        """The platforms on which two entries of different sides are in one environment."""
        return {name for _, name in self.spots.get(above, set()) & self.spots.get(below, set())}

    def _needs_of_records(self) -> None:
        """What the MatchSpecs of the records lead to, on the platforms that both have."""
        from hutch.spec import parse_conda_spec

        on_index = dict(self.part.wheels)
        names: dict[str, str] = {}
        for above, packages in self.graph.records.items():
            for package in packages:
                here = set(package.targets())
                for text in package.record.depends:
                    name = names.get(text)
                    if name is None:
                        name = names[text] = parse_conda_spec(text).name
                    for below in self.by_name.get(name, ()):
                        both = here & self._platforms(below)
                        if both:
                            self._need(above, below, text, both)
                    for below in self.wheels.get(on_index.get(name, ""), ()):
                        self._need(above, below, text, self._both(above, below))

    def _needs_across(self) -> None:
        """What wheels ask of records, and what extras of records ask of the index; a lock of another tool
        has names alone."""
        meant = self._by_distribution()
        for above, package in self.graph.packages.items():
            for each in package.dependencies:
                for below in meant.get(str(each.name), ()) if each.name not in self.wheels else ():
                    self._need(above, below, str(each.name), self._both(above, below))
        for edge in self.part.edges:
            if edge.where:
                continue
            for record in self.by_name.get(edge.conda, ()):
                for wheel in self.wheels.get(edge.wheel, ()):
                    both = self._both(record, wheel)
                    if edge.extra:
                        self._need(record, wheel, "", both)
                    elif edge.version in (None, wheel[1]):
                        self._need(wheel, record, f"{edge.conda}{edge.asks}", both)

    def _by_distribution(self) -> dict[str, list[Key]]:
        """The entries by what they are called on an index; what says nothing has one name on both sides."""
        from hutch.lock import distributions_of

        found: dict[str, list[Key]] = {}
        for key, packages in self.graph.records.items():
            record = packages[0].record
            for name in distributions_of(record) if record.purls is not None else (record.name,):
                found.setdefault(name, []).append(key)
        return found

    def _roots(self) -> None:
        """What the project asks for: its MatchSpecs, and its requirements that records meet."""
        from hutch.spec import parse_conda_spec

        if not self.part.roots and not self.graph.roots:
            entries = [key for key in self.graph.keys if key not in self.graph.needed_by]
        elif not self.part.roots and not self.part.edges:
            entries = [key for key in self.graph.records if key not in self.graph.needed_by]
        else:
            entries = []
        for key in entries:
            need = CondaNeed(name=key[0].removeprefix(CONDA), where="project")
            self.graph.roots.append((key, need))
        asked: dict[tuple[str, str], list[tuple[str, tuple[str, ...]]]] = {}
        for root in self.part.roots:
            name = parse_conda_spec(root.spec).name
            asked.setdefault((root.where, name), []).append((root.spec, root.targets))
        for edge in self.part.edges:
            if edge.where:
                asked.setdefault((edge.where, edge.conda), []).append((f"{edge.conda}{edge.asks}", ()))
        on_index = dict(self.part.wheels)
        everything = {target.name for target in self.part.targets}
        for (where, name), found in asked.items():
            said = {platform for _, targets in found for platform in targets or everything}
            for below in (*self.by_name.get(name, ()), *self.wheels.get(on_index.get(name, ""), ())):
                here = said & self._platforms(below) if below in self.graph.records else said
                if here:
                    platforms = () if here == everything else tuple(sorted(here))
                    need = CondaNeed(name=name, spec=found[0][0], where=where, platforms=platforms)
                    self.graph.roots.append((below, need))


def _spots(lock: Lock) -> dict[Key, set[Spot]]:
    """Where each entry is: two that are nowhere together do not need each other, whatever their names.

    What is solved apart is looked at choice by choice.
    """
    from hutch.lock import choices_of, environment_lock

    assert lock.conda is not None
    parts = [lock]
    if lock.conda.worlds:
        parts = [environment_lock(lock, choice) for choice in choices_of(lock.conda)]
    found: dict[Key, set[Spot]] = {}
    for number, part in enumerate(parts):
        assert part.conda is not None
        for each in part.conda.packages:
            key = (f"{CONDA}{each.record.name}", each.record.version)
            found.setdefault(key, set()).update((number, name) for name in each.targets())
        for wheel in part.packages:
            names = _targets_of(wheel, part, part.conda.targets)
            key = (wheel.name, wheel.version or "")
            found.setdefault(key, set()).update((number, name) for name in names)
    return found


def _targets_of(wheel: LockedPackage, lock: Lock, targets: Iterable[CondaTarget]) -> list[str]:
    """The targets that have a wheel with some choice of extras and groups."""
    if not wheel.marker:
        return [target.name for target in targets]
    from hutch.spec import evaluate, parse_marker, parse_target

    marker = parse_marker(wheel.marker)
    extras, groups = lock.extras, lock.dependency_groups
    choices: list[tuple[Sequence[str], Sequence[str]]] = [((), ()), (extras, groups)]
    choices += [((name,), ()) for name in extras]
    choices += [((), (name,)) for name in groups]
    found = []
    for target in targets:
        place = parse_target(target.python).environment() if target.python else None
        if place is None or any(evaluate(marker, place, *choice) for choice in choices):
            found.append(target.name)
    return found
