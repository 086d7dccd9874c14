"""The same environment.yml solved for several platforms gives one lock: on the records of HUTCH_SHARED."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hutch.lock import Lock, export_conda_lock, parse_lock
from oracles.conda import ask_rattler, needs_rattler, needs_records, unpack_records

pytestmark = needs_records
FOUR = ["linux-64", "osx-64", "osx-arm64", "win-64"]
DESK = ["python=3.12", "jupyterlab", "matplotlib", "scipy", "xarray", "dask"]
REQUESTS: dict[str, tuple[list[str], list[str], dict[str, int]]] = {
    "four": (FOUR, ["python=3.12", "numpy", "pandas"], {}),
    "five": ([*FOUR, "linux-aarch64"], ["python=3.11", "numpy", "pip"], {}),
    "desk": (FOUR[:3], DESK, {"linux-64": 320, "osx-64": 257, "osx-arm64": 257}),
}


@pytest.fixture(scope="module")
def channel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack_records(tmp_path_factory.mktemp("real"))


@pytest.fixture
def made(project: Callable[..., Any], channel: Path) -> Callable[..., Any]:
    def make(specs: list[str], platforms: list[str]) -> Any:
        lines = ["name: science", f"channels: [{json.dumps(str(channel))}]", "dependencies:"]
        lines += [f"  - {json.dumps(spec)}" for spec in specs]
        text = "\n".join([*lines, f"platforms: {json.dumps(platforms)}"])
        return project({"environment.yml": f"{text}\n"})

    return make


def lock_of(demo: Any) -> Lock:
    return parse_lock(demo.read("pylock.toml"))


def chosen(lock: Lock, target: str) -> dict[str, list[str]]:
    assert lock.conda is not None
    return {
        each.record.name: [each.record.version, each.record.build]
        for each in lock.conda.packages
        if target in each.targets()
    }


@pytest.mark.parametrize("name", REQUESTS)
def test_one_lock_for_all(name: str, made: Any) -> None:
    """One file for all platforms, lawful (`lock` checks it before it is written), and the same every time."""
    platforms, specs, counts = REQUESTS[name]
    demo = made(specs, platforms)
    demo.run("lock").ok()
    text = demo.read("pylock.toml")
    lock = lock_of(demo)
    assert lock.conda is not None
    assert sorted(target.name for target in lock.conda.targets) == sorted(platforms)
    assert {target: len(chosen(lock, target)) for target in counts} == counts
    keys = [(each.record.channel, each.record.subdir, each.record.filename) for each in lock.conda.packages]
    assert len(keys) == len(set(keys))  # what several platforms have is there once
    noarch = [each for each in lock.conda.packages if each.record.subdir == "noarch"]
    assert any(len(each.targets()) > 1 for each in noarch)
    demo.run("lock --check").ok()
    # Whatever the order in which platforms and packages are named, and whatever was kept of it.
    shuffled = random.Random(name)
    other = made(shuffled.sample(specs, len(specs)), shuffled.sample(platforms, len(platforms)))
    other.run("lock").ok()
    again = lock_of(other)
    assert {target: chosen(again, target) for target in platforms} == {
        target: chosen(lock, target) for target in platforms
    }
    demo.run("lock --upgrade").ok()
    assert demo.read("pylock.toml") == text


@needs_rattler
@pytest.mark.parametrize("name", REQUESTS)
def test_each_platform_has_what_rattler_chooses_for_it_alone(name: str, made: Any, channel: Path) -> None:
    platforms, specs, _ = REQUESTS[name]
    demo = made(specs, platforms)
    demo.run("lock").ok()
    lock = lock_of(demo)
    assert lock.conda is not None
    for target in lock.conda.targets:
        said = ask_rattler(
            "solve",
            channels=[str(channel)],
            subdir=target.subdir,
            specs=specs,
            virtual=[list(row) for row in target.virtual],
        )
        theirs = {package: row[:2] for package, row in said["chosen"].items()}
        assert chosen(lock, target.name) == theirs


def test_the_lock_of_conda_lock_has_all_of_them(made: Any) -> None:
    demo = made(["python=3.12", "numpy"], FOUR)
    demo.run("lock").ok()
    lock = lock_of(demo)
    assert lock.conda is not None
    text = export_conda_lock(lock.conda)
    assert {name: text.count(f"platform: {name}") for name in FOUR} == {
        name: len(chosen(lock, name)) for name in FOUR
    }
