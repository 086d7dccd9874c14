"""Mirrors of a channel on a bad day: one that fails is asked once, not for each file; that is counted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commands.conda_world import HERE, Served, alone, make_demo, serve
from conda.serving import write_shards
from hutch.testing.conda import CondaPackage

NOWHERE = "http://127.0.0.1:1"
MANY = 12


@pytest.fixture
def demo(project: Any) -> Any:
    packages = [alone(f"p{number}") for number in range(MANY)]
    packages.append(CondaPackage("big", "1", files={"share/big": "x" * 50_000}))
    text = "[workspace]\nname = 'd'\nchannels = ['c']\nplatforms = ['HERE']\n[dependencies]\nbig = '*'\n"
    text += "".join(f"p{number} = '*'\n" for number in range(MANY))
    made = make_demo(project, packages)
    made.write({"pixi.toml": text.replace("HERE", HERE)})
    return made


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Served]:
    """A mirror that answers 500, whatever is asked."""
    (tmp_path / "broken").mkdir()
    with serve(tmp_path / "broken") as found:
        found.faults[""] = 500
        yield found


@pytest.fixture
def good(demo: Any) -> Iterator[Served]:
    with serve(demo / "chan") as found:
        yield found


def sync(demo: Any, *mirrors: str, words: str = "sync") -> Any:
    environ = {"HUTCH_CONDA_CHANNEL_ALIAS": NOWHERE, "HUTCH_RETRIES": "2"}
    environ["HUTCH_CONDA_MIRRORS"] = " ".join(f"c={each}" for each in mirrors)
    return demo.run(words, environ=environ)


def packages(asked: list[str]) -> int:
    return len([line for line in asked if line.startswith("200") and line.endswith(".conda")])


@pytest.mark.parametrize("form", ["shards", "json"])
def test_it_is_asked_once(form: str, demo: Any, broken: Served, good: Served) -> None:
    if form == "shards":
        for folder in (demo.path / "chan").iterdir():
            write_shards(folder, json.loads((folder / "repodata.json").read_bytes())["packages.conda"])
    ran = sync(demo, f"{broken.url}/x", good.url).ok()
    assert len(broken.asked()) == 2  # once, and once more
    assert ran.stderr.count("is not asked any more: it answered 500 each time (tried 2 times)") == 1
    asked = good.asked()
    assert packages(asked) == MANY + 1
    assert len([line for line in asked if line.endswith(".msgpack.zst")]) >= (MANY if form == "shards" else 0)


def test_packages_of_a_lock(demo: Any, broken: Served, good: Served) -> None:
    """After a `git clone` nothing is asked but files, many at once: they wait for the first, the smallest."""
    sync(demo, good.url).ok()
    for name in (demo.home / "cache", demo.path / ".venv"):
        shutil.rmtree(name)
    good.asked()
    sync(demo, f"{broken.url}/x", good.url, words="sync --locked").ok()
    asked = broken.asked()
    assert len(asked) == 2
    assert "/big-" not in asked[0]
    assert packages(good.asked()) == MANY + 1


@pytest.mark.parametrize("fault", [b"<html>log in</html>", 401, 403, 404])
def test_one_that_has_nothing_of_use(fault: int | bytes, demo: Any, broken: Served, good: Served) -> None:
    broken.faults[""] = fault
    sync(demo, broken.url, good.url).ok()
    asked = broken.asked()
    assert not [line for line in asked if line.endswith(".conda")] or fault == 404
    assert packages(good.asked()) == MANY + 1


def test_one_that_has_lost_a_file_is_asked_for_the_others(demo: Any, good: Served, tmp_path: Path) -> None:
    shutil.copytree(demo.path / "chan", tmp_path / "first")
    with serve(tmp_path / "first") as first:
        first.faults["/p3-1-0.conda"] = 404
        first.faults["/p4-1-0.conda"] = b"something else"
        sync(demo, first.url, good.url).ok()
        assert packages(first.asked()) == MANY  # one of them is not what its hash says
    assert packages(good.asked()) == 2


def test_one_that_asks_to_be_waited_for_is_not(demo: Any, broken: Served, good: Served) -> None:
    broken.faults[""] = 503
    broken.headers["Retry-After"] = "30"
    ran = sync(demo, broken.url, good.url).ok()
    assert len(broken.asked()) == 1
    assert "is not asked any more: it answered 503 and asks to wait 30 seconds" in ran.stderr


def test_the_last_one_is_asked_as_a_channel_is(demo: Any, broken: Served) -> None:
    ran = sync(demo, f"{broken.url}/x", f"{broken.url}/y")
    assert ran.exit_code == 3
    asked = broken.asked()
    assert len([line for line in asked if "/x/" in line]) == 2
    assert len([line for line in asked if "/y/" in line]) == 6  # three times for each of two subdirs
    assert "it answered 500 each time (tried 3 times)" in ran.stderr
    assert not (demo.path / "pylock.toml").exists()


def test_a_token_is_not_told(demo: Any, broken: Served, good: Served) -> None:
    ran = sync(demo, f"{broken.url}/t/tk-canary/c", good.url).ok()
    assert "/t/****/c is not asked any more" in ran.stderr
    assert "canary" not in ran.stderr
