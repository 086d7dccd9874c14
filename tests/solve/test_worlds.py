"""Extras that exclude each other, against brute force: every choice that is allowed, on every target."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from registry import Edge, Registry, chosen_on, run, solvable, valid
from test_solver import TARGETS, edges, registries

from hutch.lock import apart_marker
from hutch.ops.worlds import every_world
from hutch.spec import Targets, evaluate, parse_marker, parse_target

EXTRAS = ("extra:a", "extra:b", "extra:c")
HERE = Targets(tuple(parse_target(f"cp312-{each}") for each in ("linux-x86_64", "macos-arm64", "win-amd64")))
conflicts = st.sets(
    st.sampled_from([frozenset(each) for n in (2, 3) for each in itertools.combinations(EXTRAS, n)]),
    min_size=1,
).map(lambda found: tuple(sorted(found, key=sorted)))
asked = st.fixed_dictionaries({where: st.lists(edges, max_size=2) for where in ("project", *EXTRAS)})


def _unfold(edge: Edge, where: str, apart: Targets) -> Edge:
    package, admitted, mask = edge
    return package, admitted, apart.unfolded(mask) & apart.where_mask(where)


def _spread(registry: Registry, apart: Targets) -> Registry:
    return {
        name: {
            version: type(release)(
                needs=tuple(_unfold(edge, "project", apart) for edge in release.needs),
                available=apart.unfolded(release.available & 7),
            )
            for version, release in found.items()
        }
        for name, found in registry.items()
    }


@given(registry=registries, asked=asked, conflicts=conflicts)
def test_each_choice_has_a_solution_exactly_where_brute_force_finds_one(
    registry: Registry, asked: dict[str, list[Edge]], conflicts: tuple[frozenset[str], ...]
) -> None:
    worlds = every_world(conflicts)
    free = frozenset(EXTRAS) - frozenset().union(*conflicts)
    apart = HERE.apart(worlds)
    roots = tuple(_unfold(edge, where, apart) for where, found in asked.items() for edge in found)
    resolution, _ = run(_spread(registry, apart), tuple(e for e in roots if e[2]), apart.everything)
    for place, world in enumerate(worlds):
        chosen = ["project", *world, *free]
        needs = tuple(edge for where in chosen for edge in asked[where])
        for target in TARGETS:
            bit = target << len(HERE) * place
            assert bool(resolution.targets & bit) == solvable(registry, needs, target)
            if resolution.targets & bit:
                assert valid(registry, needs, chosen_on(resolution, bit), target)


@given(conflicts=conflicts)
def test_worlds_are_the_choices_without_a_conflict(conflicts: tuple[frozenset[str], ...]) -> None:
    axes = sorted(frozenset().union(*conflicts))
    every = [frozenset(each) for n in range(len(axes) + 1) for each in itertools.combinations(axes, n)]
    assert set(every_world(conflicts)) == {
        w for w in every if not any(w >= conflict for conflict in conflicts)
    }


@given(st.data(), conflicts)
def test_the_marker_holds_exactly_where_one_of_the_chosen_reaches(
    data: st.DataObject, conflicts: tuple[frozenset[str], ...]
) -> None:
    worlds = every_world(conflicts)
    masks = st.sampled_from([0, 0, 1, 3, 5, 7])
    axes = frozenset().union(*worlds)
    reach = {
        where: tuple(data.draw(masks) if where not in axes or where in world else 0 for world in worlds)
        for where in ("project", *EXTRAS, "group:g")
    }
    reach = {where: found for where, found in reach.items() if any(found)}
    if not reach:
        return
    text = apart_marker(reach, worlds, HERE.render)
    others = [where for where in (*EXTRAS, "group:g") if where not in axes]
    for place, world in enumerate(worlds):
        for n in range(len(others) + 1):
            for more in itertools.combinations(others, n):
                chosen = {*world, *more}
                extras = frozenset(each[6:] for each in chosen if each.startswith("extra:"))
                groups = frozenset(each[6:] for each in chosen if each.startswith("group:"))
                union = 0
                for where in ("project", *chosen):
                    union |= reach.get(where, (0,) * len(worlds))[place]
                for number, target in enumerate(HERE.targets):
                    holds = text is None or evaluate(parse_marker(text), target.environment(), extras, groups)
                    assert holds == bool(union >> number & 1), (text, chosen, target.name)


def test_a_marker_says_no_more_than_it_must() -> None:
    worlds = every_world((frozenset({"extra:a", "extra:b"}),))
    assert worlds == (frozenset(), frozenset({"extra:a"}), frozenset({"extra:b"}))
    cases = {
        (7, 0, 0): "'a' not in extras and 'b' not in extras",
        (0, 7, 0): "'a' in extras",
        (7, 7, 0): "'b' not in extras",
        (7, 7, 7): None,
        (1, 7, 7): "sys_platform == 'linux' or 'a' in extras or 'b' in extras",
    }
    for masks, text in cases.items():
        assert apart_marker({"project": masks}, worlds, HERE.render) == text
