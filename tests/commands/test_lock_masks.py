"""What was found out of markers, Pythons and tags serves the next solve, and changes nothing of it."""

from __future__ import annotations

import pytest

from commands.support import manifest


@pytest.fixture
def made(project, index):
    for number in range(20):
        index.add_wheel("many", f"1.{number}", requires_python=f">=3.{number % 9}")
        index.add_wheel("io", f"1.{number}", tags=f"cp3{number}-abi3-manylinux_2_{number}_x86_64")
    index.add_wheel("web", "1.0", requires=["many", "io; sys_platform == 'linux'", "many; os_name == 'nt'"])
    return project(manifest("web"))


def test_another_project_knows_what_the_first_one_learnt(made, project, monkeypatch):
    made.run("lock").ok()
    first = made.read("pylock.toml")

    def refuse(*_):
        raise AssertionError("it was known")

    with monkeypatch.context() as patch:
        for name in ("slices", "accepts", "interpreter_accepts"):
            patch.setattr(f"hutch.spec.universe.{name}", refuse)
        made.run("lock --upgrade").ok()
    assert made.read("pylock.toml") == first
    made.run("cache clean").ok()
    made.run("lock --upgrade").ok()
    assert made.read("pylock.toml") == first
