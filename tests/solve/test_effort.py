"""What a long walk costs, counted in clauses looked at, and who may not influence the answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hutch.solve.solver as solver_module
from hutch.solve import Incompatibility, Unsolvable
from hutch.solve.clauses import Clauses
from hutch.solve.incompatibility import Root
from hutch.solve.questions import Need
from solve.registry import Edge, Registry, Release, run
from solve.test_solver import ALL, registries, roots

CAUSE = Root(Need(package="a", mask=1))


def walk(count: int) -> tuple[Registry, tuple[Edge, ...]]:
    """boto3 against urllib3: each version of ``boto`` needs its own ``core``; all but the oldest ``core``
    need another ``lib`` than the project does."""
    labels = [f"{n:04}" for n in range(count)]
    any_one = frozenset(labels)
    return {
        "boto": {
            v: Release(needs=(("core", frozenset({v}), ALL), ("aid", frozenset({"1"}), ALL))) for v in labels
        },
        "core": {
            v: Release(
                needs=(
                    ("lib", frozenset({"1" if v == labels[0] else "2"}), ALL),
                    ("aid", frozenset({"1"}), ALL),
                )
            )
            for v in labels
        },
        "lib": {"1": Release(), "2": Release()},
        "aid": {"1": Release()},
    }, (("boto", any_one, ALL), ("lib", frozenset({"1"}), ALL))


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many clauses the solver looked at so far."""
    count = 0

    class Counted(Clauses):
        def about(self, package: str) -> list[Incompatibility]:
            nonlocal count
            found = super().about(package)
            count += len(found)
            return found

    monkeypatch.setattr(solver_module, "Clauses", Counted)
    return lambda: count


@pytest.mark.parametrize("count", [30, 120, 480])
def test_a_walk_over_many_versions_is_linear(count: int, looked: Callable[[], int]) -> None:
    resolution, _ = run(*walk(count), ALL, ALL)
    assert resolution.universe.label("boto", resolution.chosen["boto"][0][1]) == "0000"
    assert resolution.tries <= 2 * count + 2
    assert looked() <= 30 * count


@given(
    registry=registries, root=roots, one=st.sampled_from([0, 1, 2, 4]), other=st.sampled_from([0, 1, 2, 4])
)
def test_the_answer_does_not_depend_on_which_target_is_demanded(
    registry: Registry, root: tuple[Edge, ...], one: int, other: int
) -> None:
    try:
        first, second = run(registry, root, ALL, one)[0], run(registry, root, ALL, other)[0]
    except Unsolvable:
        return
    assert first.chosen == second.chosen
    assert first.targets == second.targets


blocks = st.integers(1, 15).map(lambda states: ((7, states),))
terms = st.dictionaries(st.sampled_from("abc"), st.integers(1, 15), min_size=1)


@given(believed=st.fixed_dictionaries(dict.fromkeys("abc", blocks)), added=st.lists(terms, max_size=12))
def test_only_clauses_that_are_false_everywhere_are_passed_over(
    believed: dict[str, tuple[tuple[int, int], ...]], added: list[dict[str, int]]
) -> None:
    clauses = Clauses(believed)
    made = [Incompatibility(each, 7, CAUSE) for each in added]
    for clause in made:
        clauses.add(clause)
    for package in "abc":
        found = clauses.about(package)
        assert len({id(clause) for clause in found}) == len(found)
        for clause in made:
            possible = all(believed[name][0][1] & states for name, states in clause.terms.items())
            if package in clause.terms and possible:
                assert any(clause is each for each in found)
