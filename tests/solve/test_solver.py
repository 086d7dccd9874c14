"""The solver against brute force, target by target, and the laws it obeys."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from registry import Edge, Registry, Release, chosen_on, need, run, solvable, valid

from hutch.solve import Facts, Need, Options, Unsolvable, VersionsOf, explain, facts, reach, solve

TARGETS = (1, 2, 4)
ALL = 7

names = st.sampled_from("abcd")
versions = st.sampled_from("123")
masks = st.sampled_from([ALL, ALL, ALL, 1, 2, 4, 3, 6])
edges = st.tuples(names, st.frozensets(versions, max_size=3), masks)
releases = st.builds(
    Release,
    needs=st.lists(edges, max_size=3).map(tuple),
    available=st.sampled_from([ALL, ALL, ALL, 3, 6, 1]),
)
registries = st.fixed_dictionaries({n: st.dictionaries(versions, releases, max_size=3) for n in "abcd"})
roots = st.lists(edges, max_size=3).map(tuple)


@given(registry=registries, root=roots)
def test_gives_up_exactly_the_targets_without_a_solution(registry: Registry, root: tuple[Edge, ...]) -> None:
    resolution, _ = run(registry, root, ALL)
    expected = sum(target for target in TARGETS if solvable(registry, root, target))
    assert resolution.targets == expected
    assert sum(given_up.targets for given_up in resolution.given_up) == ALL & ~expected


@given(registry=registries, root=roots)
def test_what_is_chosen_is_valid_on_every_target(registry: Registry, root: tuple[Edge, ...]) -> None:
    resolution, _ = run(registry, root, ALL)
    for target in TARGETS:
        if resolution.targets & target:
            assert valid(registry, root, chosen_on(resolution, target), target)


@given(registry=registries, root=roots)
def test_what_is_reached_is_valid_and_nothing_in_it_is_idle(
    registry: Registry, root: tuple[Edge, ...]
) -> None:
    resolution, _ = run(registry, root, ALL)
    reached = reach(resolution, [need(edge) for edge in root])
    for target in TARGETS:
        if resolution.targets & target:
            chosen = {
                package: resolution.universe.label(package, place)
                for (package, place), mask in reached.items()
                if mask & target
            }
            assert valid(registry, root, chosen, target)
            wanted = {p for p, _, mask in root if mask & target}
            wanted |= {p for q, v in chosen.items() for p, _, m in registry[q][v].needs if m & target}
            assert set(chosen) == wanted


@given(registry=registries, root=roots)
def test_a_demanded_target_without_a_solution_is_an_error_with_a_proof(
    registry: Registry, root: tuple[Edge, ...]
) -> None:
    expected = all(solvable(registry, root, target) for target in TARGETS)
    try:
        run(registry, root, ALL, ALL)
    except Unsolvable as problem:
        assert not expected
        assert problem.proof.mask & ALL
        assert not problem.proof.terms
        assert explain(problem.proof, problem.universe)
        # the proof speaks the truth: none of its targets has a solution
        assert not any(solvable(registry, root, t) for t in TARGETS if problem.proof.mask & t)
    else:
        assert expected


@given(registry=registries, root=roots)
def test_the_premises_of_a_proof_are_enough_for_the_conflict(
    registry: Registry, root: tuple[Edge, ...]
) -> None:
    resolution, _ = run(registry, root, ALL)
    for given_up in resolution.given_up:
        named = {fact.package for fact in facts(given_up.proof)}
        kept = {
            package: {
                label: Release(tuple(edge for edge in release.needs if package in named), release.available)
                for label, release in releases.items()
            }
            for package, releases in registry.items()
        }
        assert not any(solvable(kept, root, t) for t in TARGETS if given_up.targets & t)


@given(registry=registries, root=roots, seed=st.randoms())
def test_the_order_of_the_requirements_does_not_change_the_answer(
    registry: Registry, root: tuple[Edge, ...], seed: object
) -> None:
    shuffled = list(root)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    first, _ = run(registry, root, ALL)
    second, _ = run(registry, tuple(shuffled), ALL)
    assert (first.targets, first.chosen) == (second.targets, second.chosen)


@given(registry=registries, root=roots)
def test_the_lowest_versions_are_solvable_where_the_highest_are(
    registry: Registry, root: tuple[Edge, ...]
) -> None:
    assert run(registry, root, ALL)[0].targets == run(registry, root, ALL, lowest=True)[0].targets


@given(registry=registries, root=roots)
def test_removing_a_version_that_was_not_chosen_anywhere_keeps_a_solution(
    registry: Registry, root: tuple[Edge, ...]
) -> None:
    resolution, _ = run(registry, root, ALL)
    used = {
        package: {resolution.universe.label(package, place) for _, place in pairs}
        for package, pairs in resolution.chosen.items()
    }
    smaller = {
        package: {v: release for v, release in releases.items() if v in used.get(package, set())}
        for package, releases in registry.items()
    }
    assert run(smaller, root, ALL)[0].targets == resolution.targets


@given(registry=registries, root=roots)
def test_locking_again_with_the_lock_as_preference_changes_nothing(
    registry: Registry, root: tuple[Edge, ...]
) -> None:
    first, _ = run(registry, root, 1)
    if first.targets:
        second, _ = run(registry, root, 1, preferred=chosen_on(first, 1))
        assert second.chosen == first.chosen


@given(registry=registries, root=roots)
def test_removing_a_requirement_cannot_break_a_solution(registry: Registry, root: tuple[Edge, ...]) -> None:
    before = run(registry, root, ALL)[0].targets
    for i in range(len(root)):
        assert before & ~run(registry, root[:i] + root[i + 1 :], ALL)[0].targets == 0


@given(registry=registries, root=roots)
def test_nothing_is_asked_twice(registry: Registry, root: tuple[Edge, ...]) -> None:
    _, asked = run(registry, root, ALL)
    assert len(asked) == len(set(asked))


def any_of(*labels: str) -> frozenset[str]:
    return frozenset(labels)


def test_one_version_for_all_targets_where_one_serves_them() -> None:
    registry = {"a": {"1": Release(), "2": Release()}}
    resolution, _ = run(registry, (("a", any_of("1", "2"), ALL),), ALL)
    assert resolution.chosen == {"a": ((ALL, 1),)}


def test_each_target_gets_its_newest_version() -> None:
    registry = {"a": {"1": Release(), "2": Release(available=6)}}
    resolution, _ = run(registry, (("a", any_of("1", "2"), ALL),), ALL, 2)
    assert {place: mask for mask, place in resolution.chosen["a"]} == {1: 6, 0: 1}


def test_a_target_that_falls_back_does_not_drag_the_others_along() -> None:
    """`transformers[torch]`: one system has no new `torch`, and old releases do not need any."""
    needs = ("torch", any_of("2"), ALL)
    registry = {
        "nets": {"1": Release(), "2": Release(needs=(needs,)), "3": Release(needs=(needs,))},
        "torch": {"1": Release(), "2": Release(available=6)},
    }
    resolution, _ = run(registry, (("nets", any_of("1", "2", "3"), ALL),), ALL, 2)
    assert [chosen_on(resolution, target).get("nets") for target in (1, 2, 4)] == ["1", "3", "3"]


def test_the_only_version_of_one_target_is_no_reason_for_the_others() -> None:
    registry = {"a": {"1": Release(), "2": Release()}}
    root = (("a", any_of("1"), 1), ("a", any_of("1", "2"), 6))
    resolution, _ = run(registry, root, ALL)
    assert [chosen_on(resolution, target)["a"] for target in (1, 2, 4)] == ["1", "2", "2"]


def test_requirements_with_disjoint_markers_do_not_meet() -> None:
    registry = {"a": {"1": Release(), "2": Release()}}
    resolution, _ = run(registry, (("a", any_of("1"), 1), ("a", any_of("2"), 6)), ALL, ALL)
    assert chosen_on(resolution, 1) == {"a": "1"}
    assert chosen_on(resolution, 2) == chosen_on(resolution, 4) == {"a": "2"}


def test_a_package_behind_a_marker_needs_no_file_elsewhere() -> None:
    registry = {
        "terminal": {"1": Release(needs=(("winpty", any_of("1"), 4),))},
        "winpty": {"1": Release(needs=(("win32", any_of("1"), ALL),), available=4)},
        "win32": {"1": Release(available=4)},
    }
    resolution, _ = run(registry, (("terminal", any_of("1"), ALL),), ALL, ALL)
    assert chosen_on(resolution, 4) == {"terminal": "1", "winpty": "1", "win32": "1"}
    assert chosen_on(resolution, 1) == {"terminal": "1"}


def test_a_conflict_of_two_dependencies_is_told_by_its_premises() -> None:
    registry = {
        "foo": {"1": Release(needs=(("shared", any_of("2"), ALL),))},
        "bar": {"1": Release(needs=(("shared", any_of("3"), ALL),))},
        "shared": {"2": Release(), "3": Release()},
    }
    with pytest.raises(Unsolvable) as caught:
        run(registry, (("foo", any_of("1"), ALL), ("bar", any_of("1"), ALL)), ALL, ALL)
    assert sorted(explain(caught.value.proof, caught.value.universe)) == [
        "bar 1 (the project) needs shared in3",
        "foo 1 (the project) needs shared in2",
    ]


def test_a_package_that_keeps_losing_is_decided_first() -> None:
    """Two hundred versions of ``sdk``, all but the oldest against what ``core`` pins: few tries."""
    count = 200
    labels = [f"{i:03}" for i in range(count)]
    registry: dict[str, dict[str, Release]] = {
        "app": {label: Release(needs=(("sdk", any_of(label), ALL),)) for label in labels},
        "sdk": {
            label: Release(needs=(("url", any_of("1" if i == 0 else "2"), ALL),))
            for i, label in enumerate(labels)
        },
        "url": {"1": Release(), "2": Release()},
    }
    resolution, _ = run(registry, (("app", any_of(*labels), ALL), ("url", any_of("1"), ALL)), ALL, ALL)
    assert chosen_on(resolution, 1) == {"app": "000", "sdk": "000", "url": "1"}
    assert resolution.tries <= 2 * count + 1


def test_an_extra_is_a_package_that_follows_its_package() -> None:
    from registry import Listed

    from hutch.solve import DependenciesOf, Facts, Options, VersionsOf, solve

    solver = solve(
        [Need(package="a[x]", mask=1), Need(package="a", specifiers=(("in", "1"),), mask=1)],
        Options(targets=1, demanded=1),
    )
    question = next(solver)
    try:
        while True:
            match question:
                case VersionsOf(packages):
                    answer: object = {name: Listed(("1", "2")) for name in packages}
                case DependenciesOf("a[x]", place):
                    answer = Facts(1, (Need(package="a", exactly=place, mask=1),))
                case _:
                    answer = Facts(1)
            question = solver.send(answer)  # type: ignore[arg-type]
    except StopIteration as done:
        assert done.value.chosen == {"a": ((1, 0),), "a[x]": ((1, 0),)}


@pytest.mark.slow
@given(registry=registries, root=roots)
def test_many_random_registries_agree_with_brute_force(registry: Registry, root: tuple[Edge, ...]) -> None:
    resolution, _ = run(registry, root, ALL)
    assert resolution.targets == sum(t for t in TARGETS if solvable(registry, root, t))


def test_what_is_not_worth_knowing_for_one_target_is_asked_again_for_another() -> None:
    """A partial answer rules a version out where it says so, and nothing else."""
    labels = ("1", "2")
    asked: list[tuple[str, int, int]] = []

    class Two:
        labels = ("1", "2")
        prereleases = yanked = preferred = 0
        limits = ()

        def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
            return sum(
                1 << i for i, label in enumerate(labels) if not specifiers or label == specifiers[0][1]
            )

    # Target 1 wants the old version, and is not worth it; later target 2 comes down to it as well.
    needs = [Need(package="a", mask=0b01, specifiers=(("==", "1"),)), Need(package="b", mask=0b10)]
    solver = solve(needs, Options(targets=0b11, demanded=0b10))
    question = next(solver)
    try:
        while True:
            if isinstance(question, VersionsOf):
                question = solver.send({name: Two() for name in question.packages})
                continue
            asked.append((question.package, question.version, question.wanted))
            if question.package == "a" and not question.wanted & 0b10:
                answer = Facts(0b10, (), "is not worth it", partial=True)
            elif question.package == "b":
                answer = Facts(0b11, (Need(package="a", mask=0b10, specifiers=(("==", "1"),)),))
            else:
                answer = Facts(0b11, (Need(package="c", mask=0b11),))
            question = solver.send(answer)
    except StopIteration as done:
        resolution = done.value
    assert asked.count(("a", 0, 0b01)) == 1
    assert ("a", 0, 0b10) in asked
    assert resolution.targets == 0b10
    assert resolution.chosen["a"] == ((0b10, 0),)
    assert "c" in resolution.chosen
