"""One solve over conda and PyPI, by scenarios that are data; each answer checked by trying everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.joint_cases import FILES, UNSATISFIABLE, Checker, choose, expected, load, names_of


@pytest.mark.parametrize("path", FILES, ids=names_of(FILES))
def test_what_is_chosen(path: Path) -> None:
    case = load(path)
    assert case.data["why"]
    chosen = choose(case)
    for subdir in case.subdirs:
        checker = Checker(case, subdir)
        if chosen == UNSATISFIABLE:
            assert len(case.subdirs) > 1 or not checker.has_solution()
        else:
            assert isinstance(chosen, dict)
            assert checker.faults(chosen[subdir]) == []
    if chosen == UNSATISFIABLE:
        assert not all(Checker(case, subdir).has_solution() for subdir in case.subdirs)
    assert chosen == expected(case)


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 40


@pytest.mark.parametrize("path", FILES, ids=names_of(FILES))
def test_the_checker_refuses_what_is_wrong(path: Path) -> None:
    """A checker that says yes to everything checks nothing."""
    case = load(path)
    said = expected(case)
    if said == UNSATISFIABLE:
        return
    assert not isinstance(said, str)
    for subdir, labels in said.items():
        checker = Checker(case, subdir)
        for name in labels:
            assert checker.faults({key: label for key, label in labels.items() if key != name})
