"""A lock changes as little as it can, and is the same whoever makes it, and wherever."""

from __future__ import annotations

import os

import pytest

from commands.support import locked, manifest

TWELVE = [f"p{number}" for number in range(12)]


def publish(index, version):
    """A version of every package; each needs the two before it."""
    for number, name in enumerate(TWELVE):
        needs = [f"p{each}>=1" for each in range(max(0, number - 2), number)]
        index.add_wheel(name, version, requires=needs)


@pytest.fixture
def settled(project, index):
    """A project that was locked when everything was 1.0; by now everything has a 2.0."""
    publish(index, "1.0")
    made = project(manifest("p3", "p7"))
    made.run("lock").ok()
    publish(index, "2.0")
    return made


def relock(made, *requirements):
    """The versions after the manifest has changed, and those before."""
    before = locked(made)
    made.write({"pyproject.toml": manifest(*requirements)})
    made.run("lock --refresh").ok()
    return before, locked(made)


def test_an_added_requirement_leaves_the_others(settled):
    before, after = relock(settled, "p3", "p7", "p9")
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() == {"p8", "p9"}
    assert after["p9"] == after["p8"] == "2.0"


def test_a_removed_requirement_leaves_the_others(settled):
    before, after = relock(settled, "p3")
    assert after == {name: before[name] for name in ("p0", "p1", "p2", "p3")}


def test_a_raised_requirement_leaves_the_others(settled):
    before, after = relock(settled, "p3", "p7>=2")
    assert after == {**before, "p7": "2.0"}


def test_a_raised_requirement_takes_along_what_it_needs_and_no_more(settled, index):
    index.add_wheel("p7", "3.0", requires=["p6>=2", "p5>=1"])
    before, after = relock(settled, "p3", "p7>=3")
    assert after == {**before, "p7": "3.0", "p6": "2.0"}


def test_a_requirement_that_is_written_otherwise_changes_no_version(settled):
    before, after = relock(settled, "P7 >= 0.5", "p3")
    assert after == before


def test_only_the_lines_of_what_changed_differ(settled):
    old = settled.read("pylock.toml").splitlines()
    relock(settled, "p3", "p7>=2")
    new = settled.read("pylock.toml").splitlines()
    changed = {line.partition(" ")[0] for line in set(new) ^ set(old)}
    assert all("p7" in line for line in set(new) - set(old) if not line.startswith(("inputs", "version")))
    assert "requires-python" not in changed


def test_what_a_version_is_no_longer_there_for_is_chosen_anew_alone(settled, index):
    index.projects["p1"] = [file for file in index.projects["p1"] if "-1.0" not in file.filename]
    before, after = relock(settled, "p3", "p7", "p0")
    assert after == {**before, "p1": "2.0"}


# -- whoever locks ---------------------------------------------------------------------------------


def other_pythons(real_home):
    """Interpreters of the machine beside the suite's own, by version."""
    found = {}
    versions = real_home / ".pyenv" / "versions"
    for path in sorted(versions.glob("3.*/bin/python")) if versions.is_dir() else ():
        number = ".".join(path.parent.parent.name.split(".")[:2])
        if number in ("3.10", "3.11", "3.12", "3.13") and os.access(path, os.X_OK):
            found[number] = str(path)
    return found


def test_whichever_python_locks_the_bytes_are_the_same(project, index, real_home):
    pythons = other_pythons(real_home)
    if len(pythons) < 2:
        pytest.skip("two Pythons are needed, to lock with each")
    index.add_wheel(
        "web", "1.0", requires=["io>=1", "old; python_version < '3.12'", "new; python_version >= '3.12'"]
    )
    index.add_wheel("old", "1.0")
    index.add_wheel("new", "1.0", requires_python=">=3.12")
    index.add_wheel("io", "1.0")
    index.add_wheel("io", "2.0", requires_python=">=3.11")
    index.add_wheel("native", "1.0", tags="cp311-cp311-manylinux_2_17_x86_64")
    index.add_wheel("native", "1.0", tags="cp312-cp312-manylinux_2_17_x86_64")
    index.add_wheel("native", "1.0", tags="py3-none-any")
    texts = set()
    for python in pythons.values():
        made = project(manifest("web", "native", python=">=3.10"), HUTCH_PYTHON=python)
        made.run("lock --no-cache").ok()
        texts.add(made.read("pylock.toml"))
    assert len(texts) == 1


def test_the_directory_and_the_user_do_not_matter(project, index, tmp_path, monkeypatch):
    publish(index, "1.0")
    texts = set()
    for place in ("here", "far/away/üñí"):
        (tmp_path / place).mkdir(parents=True)
        made = project(manifest("p5"))
        target = tmp_path / place / "demo"
        made.path.rename(target)
        made.path = target
        made.run("lock --no-cache", environ={"LANG": "C", "TZ": "Asia/Kolkata"}).ok()
        texts.add((target / "pylock.toml").read_text(encoding="utf-8"))
    assert len(texts) == 1
