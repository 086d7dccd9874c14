"""The door: what it offers, and that opening it costs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import hutch.env
import hutch.shell
from hutch.errors import Problem


@pytest.mark.parametrize("room", [hutch.env, hutch.shell])
def test_everything_that_is_promised_is_there(room: object) -> None:
    for name in room.__all__:  # type: ignore[attr-defined]
        assert getattr(room, name) is not None
    assert set(dir(room)) == set(room.__all__)  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        _ = room.nothing  # type: ignore[attr-defined]


def test_every_problem_has_its_own_code() -> None:
    from hutch.env import problems

    found = [getattr(problems, name) for name in problems.__all__ if name != "Clash"]
    assert all(issubclass(problem, Problem) for problem in found)
    assert len({problem.code for problem in found}) == len(found)


def test_reading_the_state_imports_next_to_nothing() -> None:
    source = str(Path(hutch.__file__).parent.parent)
    code = (
        f"import os, sys; sys.path.insert(0, {source!r}); before = set(sys.modules)\n"
        "from hutch.env import read_state; read_state('/')\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    ours = {"hutch", "hutch.doors", "hutch.env", "hutch.env.state"}
    assert set(done.stdout.split()) - ours <= {"__future__"}
