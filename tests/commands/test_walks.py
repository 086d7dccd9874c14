"""A solver that walks down the versions of a project leaves a table of the store, not hundreds of files."""

from __future__ import annotations

import pytest

from commands.support import locked, manifest
from hutch.index.walk import FEW

VERSIONS = 40


@pytest.fixture
def made(project, index):
    """Only the first of forty versions of ``tall`` can live with ``low``."""
    index.add_wheel("low", "1.0")
    for number in range(VERSIONS):
        index.add_wheel("low", f"2.{number}")
        index.add_wheel("tall", f"1.{number}", requires=[f"low >={1 if number == 0 else 2}"])
    return project(manifest("tall", "low <2"))


def tables(made):
    return {each.name for each in next((made.home / "cache").glob("metadata-v*")).iterdir()}


def asked(index):
    found = [line for line in index.log if ".metadata" in str(line)]
    index.log.clear()
    return len(found)


def test_one_table_for_a_walk(made, index):
    made.run("lock").ok()
    assert locked(made)["tall"] == "1.0"
    assert asked(index) >= VERSIONS
    assert "walk~tall" in tables(made)
    assert len(tables(made)) <= 2 * FEW + 2
    text = made.read("pylock.toml")
    made.run("lock --upgrade").ok()
    assert asked(index) == 0
    assert made.read("pylock.toml") == text


def test_a_damaged_one_is_asked_for_again(made, index):
    made.run("lock").ok()
    asked(index)
    path = next((made.home / "cache").glob("metadata-v*")) / "walk~tall"
    path.write_bytes(path.read_bytes()[:-5])
    made.run("lock --upgrade").ok()
    assert locked(made)["tall"] == "1.0"
    assert 0 < asked(index) <= VERSIONS
    made.run("lock --upgrade").ok()
    assert asked(index) == 0


def test_what_came_later_is_added(made, index):
    made.run("lock").ok()
    asked(index)
    for number in range(VERSIONS, 2 * VERSIONS):
        index.add_wheel("tall", f"1.{number}", requires=["low >=2"])
    made.run("lock --upgrade --refresh").ok()
    assert asked(index) == VERSIONS
    made.run("lock --upgrade --refresh").ok()
    assert asked(index) == 0


def test_it_goes_with_the_project(made):
    made.run("lock").ok()
    made.run("cache clean tall").ok()
    assert "walk~tall" not in tables(made)
    made.run("cache verify").ok()
