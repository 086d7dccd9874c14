"""A registry in a dict, and an oracle that is easy to read rather than fast."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from hutch.solve import DependenciesOf, Facts, Limit, Need, Options, Resolution, VersionsOf, solve

Edge = tuple[str, frozenset[str], int]  # package, admitted versions, targets


@dataclass(frozen=True)
class Release:
    needs: tuple[Edge, ...] = ()
    available: int = -1


Registry = Mapping[str, Mapping[str, Release]]


class Listed:
    """``Versions`` of a package of the registry; a specifier is ``(("in", "1|2"),)``."""

    def __init__(
        self, labels: tuple[str, ...], prereleases: int = 0, yanked: int = 0, preferred: int = 0
    ) -> None:
        self.labels = labels
        self.prereleases = prereleases
        self.yanked = yanked
        self.preferred = preferred
        self.limits: tuple[Limit, ...] = ()

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        wanted = set(specifiers[0][1].split("|")) if specifiers else set(self.labels)
        return sum(1 << i for i, label in enumerate(self.labels) if label in wanted)


def need(edge: Edge) -> Need:
    package, admitted, mask = edge
    return Need(package=package, specifiers=(("in", "|".join(sorted(admitted))),), mask=mask)


def run(
    registry: Registry,
    roots: tuple[Edge, ...],
    targets: int,
    demanded: int = 0,
    *,
    lowest: bool = False,
    preferred: Mapping[str, str] | None = None,
) -> tuple[Resolution, list[object]]:
    """Drive the solver over the registry; returns the resolution and the questions asked."""
    asked: list[object] = []
    listed = {
        name: Listed(
            tuple(sorted(releases)),
            preferred=sum(1 << i for i, v in enumerate(sorted(releases)) if (preferred or {}).get(name) == v),
        )
        for name, releases in registry.items()
    }
    solver = solve([need(edge) for edge in roots], Options(targets=targets, demanded=demanded, lowest=lowest))
    try:
        question = next(solver)
        while True:
            asked.append(question)
            match question:
                case VersionsOf(packages):
                    answer: object = {name: listed.get(name, Listed(())) for name in packages}
                case DependenciesOf(package, place, _, _, soon):
                    soon()
                    release = registry[package][listed[package].labels[place]]
                    answer = Facts(release.available & targets, tuple(need(edge) for edge in release.needs))
            question = solver.send(answer)  # type: ignore[arg-type]
    except StopIteration as done:
        return done.value, asked


def solvable(registry: Registry, roots: tuple[Edge, ...], target: int) -> bool:
    """Is there any valid choice on this one target? Try all of them."""
    packages = sorted(registry)
    for choice in itertools.product(*[[None, *registry[p]] for p in packages]):
        chosen = {p: v for p, v in zip(packages, choice, strict=True) if v is not None}
        if valid(registry, roots, chosen, target):
            return True
    return False


def valid(registry: Registry, roots: tuple[Edge, ...], chosen: Mapping[str, str], target: int) -> bool:
    """Do these versions satisfy everything that is active on the target?"""
    if not all(registry[p][v].available & target for p, v in chosen.items()):
        return False
    edges = [*roots, *(edge for p, v in chosen.items() for edge in registry[p][v].needs)]
    return all(chosen.get(p) in admitted for p, admitted, mask in edges if mask & target)


def chosen_on(resolution: Resolution, target: int) -> dict[str, str]:
    """Package → version on one target."""
    return {
        package: resolution.universe.label(package, place)
        for package, pairs in resolution.chosen.items()
        for mask, place in pairs
        if mask & target
    }
