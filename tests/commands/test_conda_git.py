"""Locks with packages of conda, merged by git with hutch and without: both sides' choices are kept."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from commands.conda_world import locked_records
from commands.test_git import Repository
from hutch.testing.conda import CondaPackage, index_channel

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

NAMES = ("a", "k1", "k2", "z", "low")


def publish(made: Any, versions: tuple[str, ...]) -> None:
    packages = [CondaPackage("python", "3.12.8", "0_cpython")]
    for name in NAMES:
        needs = ["low"] if name in ("a", "z") else []
        packages += [CondaPackage(name, version, "0", depends=needs) for version in versions]
    index_channel(made.path.parent / "chan", packages)


def commit(repository: Any, *names: str) -> None:
    lines = "".join(f'  "{each}",\n' for each in names)
    text = (
        '[project]\nname = "d"\nversion = "1"\n\n[tool.hutch.conda]\nchannels = ["../chan"]\n'
        f'platforms = ["linux-64", "win-64"]\ndependencies = [\n{lines}]\n'
    )
    repository.made.write({"pyproject.toml": text})
    repository.made.run("lock").ok()
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", " ".join(names))


def parted(project: Any, *, driver: bool) -> Any:
    """``main`` adds ``a``; ``side`` adds ``z``, and takes a newer ``k2``. Then there is newer of all."""
    repository = Repository(project(""), driver=driver)
    publish(repository.made, ("1.0",))
    commit(repository, "k1", "k2")
    repository.git("checkout", "-q", "-b", "side")
    publish(repository.made, ("1.0", "2.0"))
    repository.made.run("lock --upgrade-package k2").ok()
    commit(repository, "k1", "k2", "z ==1.0")
    repository.git("checkout", "-q", "main")
    commit(repository, "a ==1.0", "k1", "k2")
    publish(repository.made, ("1.0", "2.0", "9.0"))
    return repository


@pytest.mark.parametrize("driver", [True, False])
def test_the_choices_of_both_sides_are_kept(project: Any, driver: bool) -> None:
    repository = parted(project, driver=driver)
    done = repository.git("merge", "side", "-m", "both", ok=driver)
    if not driver:
        assert done.returncode == 1
        said = repository.made.run("lock").ok().stderr
        assert "the versions of both sides were kept where they fit" in said
    found = locked_records(repository.made)
    assert found == {"a": "1.0", "k1": "1.0", "k2": "2.0", "z": "1.0", "low": "2.0"}
    repository.made.run("lock --check").ok()


WORLDS = """
[workspace]
name = "d"
channels = ["../chan"]
platforms = ["linux-64", "win-64"]

[dependencies]
FIRST
k1 = "*"
low = "*"
LAST

[feature.new.dependencies]
low = ">=2"

[environments]
new = { features = ["new"], solve-group = "new" }
"""


def commit_worlds(repository: Any, first: str = "", last: str = "") -> None:
    repository.made.write({"pixi.toml": WORLDS.replace("FIRST", first).replace("LAST", last)})
    repository.made.run("lock").ok()
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", f"a {first}{last}")


@pytest.mark.parametrize("driver", [True, False])
def test_each_environment_keeps_what_it_had(project: Any, driver: bool) -> None:
    """The first one is old and has `low` 1.0, which another cannot take: no reason to change it."""
    repository = Repository(project({}), driver=driver)
    publish(repository.made, ("1.0",))
    repository.made.write({"pixi.toml": WORLDS.replace("FIRST", "").replace("LAST", "").replace(">=2", "*")})
    repository.made.run("lock").ok()
    publish(repository.made, ("1.0", "2.0"))
    commit_worlds(repository)
    repository.git("checkout", "-q", "-b", "side")
    commit_worlds(repository, last='z = "*"')
    repository.git("checkout", "-q", "main")
    commit_worlds(repository, first='a = "*"')
    publish(repository.made, ("1.0", "2.0", "9.0"))
    done = repository.git("merge", "side", "-m", "both", ok=driver)
    if not driver:
        assert done.returncode == 1
        repository.made.run("lock").ok()
    repository.made.run("lock --check").ok()
    trees = {
        name: repository.made.run(f"tree --depth 1 --env {name}").ok().stdout for name in ("default", "new")
    }
    assert "low 1.0" in trees["default"]
    assert "low 2.0" in trees["new"]
    for tree in trees.values():
        assert "k1 1.0" in tree
        assert "a " in tree
        assert "z " in tree
        assert "9.0" not in tree
