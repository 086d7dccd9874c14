"""Every reader of what others wrote, on damaged inputs: taken, refused in its own words, or a fault of ours.

A few hundred inputs each here; `HYPOTHESIS_PROFILE=slow` takes 20,000, and `python3 dev.py fuzz` as many as
there is time for.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostile.fuzzing import TARGETS, attempt, main, mutated, mutations
from hutch.errors import Problem

SLOWER = frozenset(["sdist", "wheel", "lock", "html-page", "conda-package", "conda-channel", "conda-prefix"])
BYTE, LONG = st.integers(0, 255), st.integers(0, 1 << 24)
MUTATIONS = st.lists(st.tuples(BYTE, LONG, st.integers(0, 4095), st.integers(0, 65535)), max_size=8)


@pytest.mark.parametrize("name", TARGETS)
def test_honest_inputs_are_accepted(name: str) -> None:
    target = TARGETS[name]
    accepted = [attempt(target.run, (Problem, *target.own()), seed) for seed in target.seeds()]
    assert sum(accepted) * 2 >= len(accepted), accepted


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_inputs_are_taken_or_refused(name: str) -> None:
    target = TARGETS[name]
    seeds, own = target.seeds(), (Problem, *target.own())
    factor = 2 if name in SLOWER else 5

    @settings(
        max_examples=settings().max_examples * factor,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(BYTE, MUTATIONS)
    def damaged(which: int, changes: list[tuple[int, int, int, int]]) -> None:
        attempt(target.run, own, mutated(seeds, which, changes))

    damaged()


@pytest.mark.parametrize("name", [name for name in TARGETS if name not in SLOWER])
def test_random_bytes_are_refused(name: str) -> None:
    target, source = TARGETS[name], random.Random(name)
    for length in (0, 1, 3, 22, 46, 511, 512, 513, 4096):
        attempt(target.run, (Problem, *target.own()), source.randbytes(length))


def test_the_same_seed_gives_the_same_inputs() -> None:
    seeds = [b"one" * 50, b"two" * 70]
    runs = []
    for _ in range(2):
        source = random.Random(7)
        runs.append([mutated(seeds, number, mutations(source)) for number in range(300)])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) > 250


def test_the_long_run_tells_what_it_did_and_keeps_what_it_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = str(tmp_path / "kept")
    assert main(["--inputs", "200", "--keep", keep, "--seed", "1"]) == 0
    assert "0 faults" in capsys.readouterr().out
    target = TARGETS["record"]
    honest = target.seeds()
    monkeypatch.setitem(TARGETS, "record", target._replace(run=lambda data: data in honest or bool(1 // 0)))
    assert main(["5", "record", "--keep", keep]) == 1
    kept = os.listdir(keep)
    assert kept
    monkeypatch.undo()
    assert main(["--again", os.path.join(keep, kept[0])]) == 0
