"""Twice the packages, twice the work: a solve is linear in what it chooses."""

from __future__ import annotations

from random import Random

import pytest

from effort.counting import lines_run
from solve.registry import Edge, Registry, Release, run

ALL = 0b111
ANY = frozenset("0123")


def forest(count: int) -> tuple[Registry, tuple[Edge, ...]]:
    """``count`` packages, each of which needs some of those before it, here and there on one target only."""
    dice = Random(count)
    registry: dict[str, dict[str, Release]] = {}
    needed: set[int] = set()
    for number in range(count):
        below = sorted(dice.sample(range(number), min(number, 3)))
        needed.update(below)
        edges = tuple((f"p{each:04}", ANY - {"0"}, ALL if dice.random() < 0.9 else 0b010) for each in below)
        registry[f"p{number:04}"] = {version: Release(edges) for version in sorted(ANY)}
    return registry, tuple((f"p{n:04}", ANY, ALL) for n in range(count) if n not in needed)


@pytest.mark.parametrize("count", [100, 400])
def test_the_work_grows_as_the_packages_do(count: int) -> None:
    once, twice = (
        lines_run(lambda size=size: run(*forest(size), ALL, ALL), "solve/") for size in (count, 2 * count)
    )
    assert 1.8 < twice / once < 2.3


def test_those_who_wait_are_not_looked_at_again_and_again() -> None:
    """A project that asks for all packages itself: they all wait from the first decision on."""

    def wide(count: int) -> int:
        names = [f"p{n:04}" for n in range(count)]
        registry: Registry = {name: {version: Release() for version in sorted(ANY)} for name in names}
        return lines_run(lambda: run(registry, tuple((name, ANY, ALL) for name in names), ALL, ALL), "solve/")

    assert wide(600) / wide(300) < 2.1
