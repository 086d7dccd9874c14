"""Extras and conditions of conda packages (CEP 43, 44) from the channel to the lock and the environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hutch.lock import parse_lock
from hutch.lock.check_conda import CondaLaw
from hutch.testing.conda import CondaPackage, index_channel
from hutch.values import replace

PACKAGES = (
    CondaPackage("a", "1", depends=['t[when="p <2"]', 'u[when="__win or (p and v)"]'],
        extra_depends={"more": ["x >=1", 'y[when="p >=2"]'],
            "odd name": ["x"], "all": ["a[extras=[more,all]]"]}),
    *(CondaPackage(name, "1") for name in "tuvxy"), CondaPackage("p", "1"), CondaPackage("p", "2"),
    CondaPackage("b", "1", depends=['x[version=">=2", when="p"]']),
)  # fmt: skip
C = "-c ./chan --override-channels"
FOUR = ["linux-64", "osx-arm64", "win-64"]


@pytest.fixture
def demo(project: Callable[..., Any], tmp_path: Path) -> Any:
    found = project({}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None)
    index_channel(found.path / "chan", PACKAGES)
    return found


CASES = [
    ("a", "a"), ("a p=1", "a p t"), ("a p", "a p"), ("a p=1 v", "a p t u v"), ("a[extras=[more]]", "a x"),
    ("'a[extras=[more]]' p", "a p x y"), ("'a[extras=[all]]' p=1", "a p t x"), ("b", "b"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "expected"), CASES)
def test_an_environment(asked: str, expected: str, demo: Any) -> None:
    demo.run(f"conda create -p env -y {C} --subdir linux-64 {asked}").ok()
    names = sorted(path.name.partition("-")[0] for path in (demo.path / "env/conda-meta").glob("*.json"))
    assert " ".join(names) == expected


def test_a_conflict_is_told_in_the_words_of_the_package(demo: Any) -> None:
    ran = demo.run(f"conda create -p env -y {C} b p")
    assert ran.exit_code == 1
    assert "x if p" in ran.stderr
    assert "?" not in ran.stderr.replace("try:", "")


def test_a_lock_has_them_and_is_lawful(demo: Any) -> None:
    asked = ["'a[extras=[more]]'", "p=1", "'t[when=\"__osx\"]'", "'y[when=\"__unix and p\"]'"]
    lines = ["channels: [./chan]", f"platforms: [{', '.join(FOUR)}]", "dependencies:"]
    demo.write({"environment.yml": "\n".join([*lines, *(f"  - {each}" for each in asked)]) + "\n"})
    demo.run("lock").ok()
    text = demo.read("pylock.toml")
    lock = parse_lock(text)
    assert lock.conda is not None
    there = {
        name: " ".join(each.record.name for each in lock.conda.packages if name in each.targets())
        for name in FOUR
    }
    assert there == {"linux-64": "a p t x y", "osx-arm64": "a p t x y", "win-64": "a p t u x"}
    record = next(each.record for each in lock.conda.packages if each.record.name == "a")
    assert dict(record.extra_depends)["more"] == ("x >=1", 'y[when="p >=2"]')
    demo.run("lock --check").ok()
    demo.run("lock --upgrade").ok()
    assert demo.read("pylock.toml") == text
    # What the lock says is judged without the solver: each record that conditions and extras bring is missed.
    places = {target.name: target for target in lock.conda.targets}
    for gone, target, by in (
        ("x", "linux-64", "a 1 0[more] needs x >=1"),
        ("u", "win-64", "a 1 0 needs u["),
        ("t", "osx-arm64", "a 1 0 needs t["),
        ("y", "linux-64", "project needs y["),
    ):
        packages = tuple(each for each in lock.conda.packages if each.record.name != gone)
        law = CondaLaw(replace(lock.conda, packages=packages))
        faults = list(law.faults(places[target], frozenset({"project"}), {}, None))
        assert any(fault.startswith(by) for fault in faults), faults
