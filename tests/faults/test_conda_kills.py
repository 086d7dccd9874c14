"""``kill -9`` at moments that are drawn, while conda environments are made, changed, undone and put right.

After each the next command that looks finds the environment of before or of after, every file as its record
says, and nothing that belongs to nobody; and the same command again leads to what it had been about. The draw
is the same in every run; ``KILLS_SEED`` draws others. Half of the moments are drawn by number, between
any two changes of the disk; half by the clock, so that they fall into system calls too.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conda.mixing import library, pure, wheel_folder
from conda.real import HERE, same_tree
from faults.killing import count_changes, killed_after, killed_at
from hutch.ops.conda_made import note_made
from hutch.testing.conda import PLACEHOLDER, CondaPackage, index_channel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")

SLOW = os.environ.get("HYPOTHESIS_PROFILE") == "slow"
MOMENTS = 100 if SLOW else 8
SEED = os.environ.get("KILLS_SEED", "9")


def python(version: str) -> CondaPackage:
    minor = version.rpartition(".")[0]
    return CondaPackage(
        "python",
        version,
        subdir=HERE,
        files={
            f"bin/python{minor}": f"#!/bin/sh\necho {version} of {PLACEHOLDER}\n",
            **{f"lib/python{minor}/module{n}.py": f"x = {n}\n" for n in range(12)},
        },
        links={"bin/python": f"python{minor}"},
        modes={f"bin/python{minor}": 0o755},
    )


@pytest.fixture
def world(project: Any, tmp_path: Path) -> Any:
    """A channel, and an environment's place below a data folder of its own."""
    made = project({}, HUTCH_DATA_DIR=os.fspath(tmp_path / "data"), CONDA_PREFIX=None)
    packages = [
        python("3.12.1"), python("3.12.2"), python("3.13.0"), library("1.0"), library("2.0"),
        pure("vector", "1.0", depends=("libvec",)), pure("vector", "2.0", depends=("libvec 2.*",)),
        CondaPackage("act", files={"etc/conda/activate.d/act.sh": "export ACT=1\n"}),
    ]  # fmt: skip
    index_channel(made / "chan", packages)
    made.root = tmp_path / "data/envs/one"
    made.kept = tmp_path / "kept"
    return made


CHANNEL = "-c ./chan --override-channels"
FIRST = "python=3.12.1 libvec=1.0 vector=1.0 act"
SECOND = "python=3.13.0 libvec=2.0 vector=2.0 act"


def nothing(made: Any) -> None:
    """Nothing was done yet."""


def created(made: Any) -> None:
    made.run(f"conda create -n one {CHANNEL} {FIRST}").ok()


def changed(made: Any) -> None:
    created(made)
    made.run(f"conda install -n one {SECOND}").ok()


def damaged(made: Any) -> None:
    created(made)
    (made.root / "lib/libvec.so.1").unlink()
    shutil.rmtree(made.root / "share/vec")


CASES = {
    "create": (nothing, f"conda create -n one {CHANNEL} {FIRST}"),
    "install": (created, "conda install -n one python=3.13 libvec=2 vector=2"),
    "update": (created, "conda install -n one python=3.12.2"),
    "remove": (created, "conda remove -n one vector act"),
    "remove --all": (created, "conda remove -n one --all --keep-env"),
    "rollback": (changed, "env rollback -n one"),
    "clone": (created, "conda create -n two --clone one"),
    "doctor": (damaged, "doctor -n one --fix --check conda-files"),
}


def state(root: Path) -> dict[str, str] | None:
    """The tree, None where there is no environment. The history is part of it, but for the dates in it."""
    if not (root / "conda-meta/history").exists():
        return None
    tree = same_tree(root)
    lines = (root / "conda-meta/history").read_text().splitlines()
    tree["conda-meta/history"] = "\n".join(line for line in lines if not line.startswith(("==>", "# cmd")))
    return tree


def differences(found: dict[str, str] | None, before: dict[str, str] | None) -> list[str]:
    """The paths that are other ones than before."""
    paths = (found or {}).keys() | (before or {}).keys()
    return sorted(path for path in paths if (found or {}).get(path) != (before or {}).get(path))


def back(made: Any) -> None:
    """The data folder as it was before the command: at its place, which is in the files."""
    data = made.root.parent.parent
    if data.exists():
        shutil.rmtree(data)
    if made.kept.exists():
        shutil.copytree(made.kept, data, symlinks=True)


def strays(made: Any) -> list[str]:
    """What lies about beside the environments; a lock may stay."""
    found = []
    for folder in (made.root.parent, made.root.parent.parent):
        if folder.is_dir():
            found += [name for name in os.listdir(folder) if name.startswith((".", "one.", "two."))]
    return [name for name in found if not name.endswith(".lock") and name not in (".lock", ".gitignore")]


def kills(
    made: Any, command: str, total: int, back: Callable[[], None], chance: random.Random, times: int = MOMENTS
) -> Iterator[str]:
    """Put ``back`` what was, and kill the command, which makes so many changes, at a moment that is drawn; so
    often. When that was."""
    back()
    start = time.monotonic()
    made.start(command, stdout=-1, stderr=-1).communicate(timeout=60)
    seconds = time.monotonic() - start
    for moment in range(times):
        back()
        if moment % 2:
            at: Any = chance.randint(1, total)
            killed_at(made, command, at)
        else:
            at = chance.uniform(0.3, 1.0) * seconds
            killed_after(made, command, at)
        yield f"moment {moment}: {at} of {total}, seed {SEED}"


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_killed_at_any_moment(world: Any, case: str) -> None:
    prepare, command = CASES[case]
    prepare(world)
    data = world.root.parent.parent
    if data.exists():
        shutil.copytree(data, world.kept, symlinks=True)
    target = world.root.parent / ("two" if case == "clone" else "one")
    before = state(target)
    total = count_changes(world, command)  # warms the store as well
    after = state(target)
    assert after != before
    chance = random.Random(f"{SEED} {case}")
    reached = {"before": 0, "after": 0}
    for at in kills(world, command, total, lambda: back(world), chance):
        where = f"{case}, {at}"
        open_still = (target / ".hutch/journal").exists()
        if chance.random() < 0.5:
            # Whoever looks next puts right what was cut off: here one that only looks, else the same again.
            listed = world.run(f"conda list -n {target.name} --json")
            # What was not made yet is no environment, whatever lies there; the next that makes it clears up.
            found = state(target) if before is not None or listed.exit_code == 0 else None
            assert found in (before, after), f"{where}: {differences(found, before)}"
            assert not (open_still and found == after), where
            if found is not None:
                assert listed.exit_code == 0, f"{where}: {listed.stderr}"
            if case != "doctor" and found is not None:
                verify(world, target.name, where)
        else:
            found = before if open_still or state(target) == before else after
        reached["after" if found == after else "before"] += 1
        if found == before:
            again = world.run(f"{command} --yes" if "doctor" in command else command)
            assert again.exit_code == 0, f"{where}: {again.stderr}"
            assert state(target) == after, where
            verify(world, target.name, where)
        assert not (target / ".hutch/journal").exists(), where
        assert strays(world) == [], where
    assert sum(reached.values()) == MOMENTS


def verify(made: Any, name: str, where: str) -> None:
    """Every file by its hash. (Its Python is a script that tells nothing.)"""
    told = json.loads(made.run(f"env verify -n {name} --deep --json --offline").stdout)
    faults = [each for each in told["faults"] if each["kind"] != "interpreter"]
    assert (faults, told["notes"]) == ([], []), where


@pytest.mark.slow
def test_a_rename_killed_at_any_moment(world: Any) -> None:
    """There is one or the other, whole and with its history; never both after the next command."""
    changed(world)
    folder, command = world.root.parent, "env rename one two"
    shutil.copytree(world.root.parent.parent, world.kept, symlinks=True)
    before = state(world.root)
    total = count_changes(world, command)
    after = state(folder / "two")
    chance = random.Random(f"{SEED} rename")
    for at in kills(world, command, total, lambda: back(world), chance):
        where = f"rename, {at}"
        world.run("env create settles").ok()  # the next command that changes something there
        names = sorted({"one", "two"}.intersection(os.listdir(folder)))
        assert len(names) == 1, f"{where}: {names}"
        found, expected = state(folder / names[0]), before if names == ["one"] else after
        assert found == expected, f"{where}: {differences(found, expected)}"
        verify(world, names[0], where)
        world.run("env remove settles --yes").ok()
        if names == ["one"]:
            world.run(command).ok()
            assert state(folder / "two") == after, where
        verify(world, "two", where)
        assert strays(world) == [], where
        world.run("env rollback -n two").ok()
        verify(world, "two", where)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["env unpack one.tar.gz -n two", "env pack one -o two.tar.gz"])
def test_packing_killed_at_any_moment(world: Any, command: str) -> None:
    """There is nothing, or all of it; and the same again leads to all of it."""
    changed(world)
    world.run("env pack one -o one.tar.gz").ok()
    shutil.copytree(world.root.parent.parent, world.kept, symlinks=True)
    two, made = world.root.parent / "two", world / "two.tar.gz"
    before = state(world.root)

    def again() -> None:
        back(world)
        made.unlink(missing_ok=True)

    total = count_changes(world, command)
    after = (state(two), made.read_bytes() if made.exists() else None)
    chance = random.Random(f"{SEED} {command}")
    for at in kills(world, command, total, again, chance):
        where = f"{command}, {at}"
        found = (state(two), made.read_bytes() if made.exists() else None)
        assert found in ((None, None), after), where
        if found == (None, None):
            world.run(command).ok()
        assert (state(two), made.read_bytes() if made.exists() else None) == after, where
        assert state(world.root) == before, where
        if two.exists():
            verify(world, "two", where)
        world.run("env create settles").ok()  # the next command that changes something there
        world.run("env remove settles --yes").ok()
        assert strays(world) == [], where
        assert [name for name in os.listdir(world.path) if name.endswith(".part")] == [], where


# -- projects ---------------------------------------------------------------------------------------------


MANIFEST = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = [{wheels}]

[tool.hutch]
package = false

[tool.hutch.conda]
channels = ["./chan"]
platforms = ["{here}"]
dependencies = [{records}]
"""
BEFORE = MANIFEST.format(here=HERE, wheels='"extra"', records='"python 3.12.*", "vector <2", "act"')
LATER = MANIFEST.format(here=HERE, wheels='"converter"', records='"python 3.13.*", "vector >=2"')


def locked(made: Any, text: str) -> None:
    made.write({"pyproject.toml": text})
    made.run("lock").ok()


def synced_and_changed(made: Any) -> None:
    locked(made, BEFORE)
    made.run("sync").ok()
    locked(made, LATER)


def only_locked(made: Any) -> None:
    locked(made, BEFORE)


@pytest.mark.slow
@pytest.mark.parametrize("prepare", [only_locked, synced_and_changed])
def test_a_sync_killed_at_any_moment(world: Any, tmp_path: Path, prepare: Any) -> None:
    world.environ |= {"HUTCH_FIND_LINKS": os.fspath(wheel_folder(tmp_path)), "HUTCH_NO_INDEX": "1"}
    prepare(world)
    root, kept = world / ".venv", tmp_path / "kept-venv"
    if root.exists():
        shutil.copytree(root, kept, symlinks=True)

    def back() -> None:
        shutil.rmtree(root, ignore_errors=True)
        if kept.exists():
            shutil.copytree(kept, root, symlinks=True)
            note_made(os.fspath(root), of_project=True)  # a copy is one that somebody else has made

    before = state(root)
    command = "sync --frozen"
    total = count_changes(world, command)
    after = state(root)
    assert after is not None
    assert after != before
    files = sorted(os.listdir(world.path))
    chance = random.Random(f"{SEED} sync {prepare.__name__}")
    for where in kills(world, command, total, back, chance, times=MOMENTS * 2):
        if before is not None and chance.random() < 0.5:
            world.run("env verify --offline")  # which puts right what was cut off
            found = state(root)
            assert found in (before, after), f"{where}: {differences(found, before)}"
        world.run(command).ok()
        assert state(root) == after, f"{where}: {differences(state(root), after)}"
        told = json.loads(world.run("env verify --deep --json --offline").stdout)
        faults = [each for each in told["faults"] if each["kind"] != "interpreter"]
        assert (faults, told["notes"]) == ([], []), where
        assert sorted(os.listdir(world.path)) == files, where
