"""An environment of conda with nothing in it yet: many begin with one, and fill it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from commands.conda_world import alone, make_demo
from hutch.testing.conda import CondaPackage, index_channel

C = "-c ./chan --override-channels"


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    return make_demo(project, [alone()])


def test_it_is_an_environment_for_everybody(demo: Any) -> None:
    demo.run("conda create -n sci -y").ok()
    assert (demo.root / "conda-meta" / "history").is_file()
    assert "/data/envs/sci" in demo.run("conda env list").ok().stdout
    demo.run("conda list -n sci").ok()
    demo.run(f"conda install -n sci {C} alone -y").ok()
    assert (demo.root / "share" / "alone").exists()
    demo.run("conda env remove -n sci -y").ok()
    assert not demo.root.exists()


def test_a_file_without_dependencies_makes_one(demo: Any) -> None:
    demo.write({"environment.yml": "name: sci\ndependencies:\n"})
    demo.run("conda env create -y").ok()
    assert (demo.root / "conda-meta" / "history").is_file()
    demo.run("conda env remove -n sci -y").ok()


def test_nothing_is_made_of_what_holds_something_else(demo: Any) -> None:
    demo.write({"full/notes.txt": "mine"})
    ran = demo.run("conda create -p ./full -y")
    assert ran.exit_code == 1
    assert sorted(each.name for each in (demo / "full").iterdir()) == ["notes.txt"]


def test_what_comes_to_nothing_leaves_no_directories(demo: Any) -> None:
    """Neither the environment nor those above it, which were made for it."""
    short = CondaPackage("short", "1", files={"bin/x": b"\x7fELF\0/opt/s/share\0"}, placeholder="/opt/s")
    index_channel(demo / "chan", [short])
    demo.write({"mine/notes.txt": "mine"})
    for place in ("one/two/three", "mine/two/three"):
        ran = demo.run(f"conda create -p {place} -c ./chan --override-channels short")
        assert ran.exit_code == 1
        assert "the path of the environment is too long" in ran.stderr
    assert not (demo / "one").exists()
    assert [each.name for each in (demo / "mine").iterdir()] == ["notes.txt"]
