"""Newer versions of both sides: ``upgrade``, ``outdated``, ``why``, ``why-not``, ``tree`` in one project."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest

from commands.support import block
from hutch.testing.conda import CondaPackage, index_channel

PLATFORMS = ("linux-64", "osx-arm64")
MANIFEST = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.12"
dependencies = ["frame"]

[tool.hutch.conda]
channels = ["./chan"]
platforms = ["linux-64", "osx-arm64"]
dependencies = ["python 3.12.*", "zlib >=1.2", "_odd_mutex"]
"""


def publish(made: Any, *, newer: bool) -> None:
    """A channel, some days apart."""
    packages = []
    for subdir in PLATFORMS:
        for version in ("3.12.8", "3.13.1") if newer else ("3.12.8",):
            packages.append(CondaPackage("python", version, "0_cpython", subdir=subdir))
        for version in ("1.2.13", "1.3.1") if newer else ("1.2.13",):
            packages.append(CondaPackage("zlib", version, "h0_1", subdir=subdir))
    for version in ("1.26.4", "2.1.3", "3.0.0") if newer else ("1.26.4",):
        packages.append(
            CondaPackage(
                "numpy", version, "py_0", noarch="python", depends=["python"], purls=["pkg:pypi/numpy"]
            )
        )
    for version in ("1", "2") if newer else ("1",):
        packages.append(CondaPackage("_odd_mutex", version, "0"))
    index_channel(made.path / "chan", packages)


@pytest.fixture
def demo(project: Any, index: Any) -> Any:
    """A project whose lock is some days old."""
    index.max_age = 0
    index.add_wheel("frame", "1.0", requires=["numpy>=1.20,<3"])
    index.add_project("numpy")
    made = project({"pyproject.toml": MANIFEST}, COLUMNS="80")
    publish(made, newer=False)
    made.run("lock").ok()
    publish(made, newer=True)
    index.add_wheel("frame", "1.1", requires=["numpy>=1.20,<3"])
    return made


def locked(made: Any) -> dict[str, str]:
    lock = tomllib.loads(made.read("pylock.toml"))
    return {
        each["name"]: each["version"]
        for each in (*lock["packages"], *lock["tool"]["hutch"]["conda"]["packages"])
    }


OLD = {"frame": "1.0", "python": "3.12.8", "zlib": "1.2.13", "numpy": "1.26.4", "_odd_mutex": "1"}
NEW = {"frame": "1.1", "python": "3.12.8", "zlib": "1.3.1", "numpy": "2.1.3", "_odd_mutex": "2"}


def test_a_lock_is_kept_until_somebody_asks(demo: Any) -> None:
    assert locked(demo) == OLD
    demo.write({"pyproject.toml": MANIFEST.replace("zlib >=1.2", "zlib >=1.2.1")})
    demo.run("lock").ok()
    assert locked(demo) == OLD
    demo.run("upgrade --no-sync").ok()
    assert locked(demo) == NEW


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        ("zlib", ("zlib",)),
        ("_odd_mutex", ("_odd_mutex",)),
        ("numpy frame", ("numpy", "frame")),
        ("'zlib >=1.3'", ("zlib",)),
        ("'numpy<2'", ()),
    ],
)
def test_one_package_alone(demo: Any, words: str, changed: tuple[str, ...]) -> None:
    demo.run(f"upgrade --no-sync {words}").ok()
    assert locked(demo) == {**OLD, **{name: NEW[name] for name in changed}}


def test_what_is_not_locked_cannot_be_upgraded(demo: Any) -> None:
    failed = demo.run("upgrade --no-sync zlip")
    assert failed.exit_code == 2
    assert "did you mean zlib?" in failed.stderr
    assert demo.run("lock --upgrade-package nothing").exit_code == 2


def test_bounds_are_raised_on_both_sides(demo: Any) -> None:
    text = MANIFEST.replace('["frame"]', '["frame>=1.0"]')
    demo.write({"pyproject.toml": text})
    done = demo.run("upgrade --bump --no-sync").ok()
    assert "Raised zlib >=1.2 → zlib >=1.3.1 (pyproject.toml:10)" in done.stderr
    assert demo.read("pyproject.toml") == text.replace("frame>=1.0", "frame>=1.1").replace(
        "zlib >=1.2", "zlib >=1.3.1"
    )
    demo.run("lock --check").ok()


def test_outdated(demo: Any) -> None:
    assert demo.run("outdated").ok().stdout == block("""
        package             locked  upgrade  newest  held back by
        _odd_mutex (conda)  1       2        2
        frame               1.0     1.1      1.1
        numpy (conda)       1.26.4  2.1.3    3.0.0   frame needs numpy>=1.20,<3
        python (conda)      3.12.8  -        3.13.1  python 3.12.* (pyproject.toml:10)
        zlib (conda)        1.2.13  1.3.1    1.3.1
    """)
    said = json.loads(demo.run("outdated --json --direct").ok().stdout)
    assert [(each["name"], each["kind"]) for each in said["packages"]] == [
        ("_odd_mutex", "conda"),
        ("frame", "pypi"),
        ("python", "conda"),
        ("zlib", "conda"),
    ]
    demo.run("upgrade --no-sync").ok()
    assert [each["name"] for each in json.loads(demo.run("outdated --json").ok().stdout)["packages"]] == [
        "numpy",
        "python",
    ]


def test_the_tree_and_why(demo: Any) -> None:
    assert demo.run("tree").ok().stdout == block("""
        demo 1.0
        ├── _odd_mutex 1 (conda)
        ├── frame 1.0
        │   └── numpy 1.26.4 (conda)
        │       └── python 3.12.8 (conda)
        ├── python 3.12.8 (conda)
        └── zlib 1.2.13 (conda)
    """)
    said = demo.run("why numpy").ok().stdout
    assert "demo → frame 1.0 → numpy 1.26.4" in said
    assert "frame 1.0 needs numpy>=1.20,<3" in said
    entry = json.loads(demo.run("why python --json").ok().stdout)["entries"][0]
    assert entry["kind"] == "conda"
    assert [each["platforms"] for each in entry["builds"]] == [["linux-64"], ["osx-arm64"]]
    assert "python 3.12.* is asked for in pyproject.toml:10" in entry["constraints"]


@pytest.mark.parametrize(
    ("asked", "verdict", "words"),
    [
        ("zlib==1.2.13", "chosen", "zlib 1.2.13 h0_1 is what is locked"),
        ("zlib==1.3.1", "kept", "nothing speaks against zlib 1.3.1 h0_1: the lock keeps 1.2.13 h0_1"),
        ("zlib=9", "no-such-version", "there is no zlib=9 (newest: 1.3.1 h0_1)"),
        ("numpy==3.0.0", "conflict", "numpy 3.0.0 does not fit:"),
        ("'python 3.13.*'", "conflict", "python 3.12.* is asked for in pyproject.toml:10"),
        ("frame==1.1", "kept", "nothing speaks against frame 1.1"),
        ("nothing==1", "not-needed", "nothing is not in the lock"),
    ],
)
def test_why_not(demo: Any, asked: str, verdict: str, words: str) -> None:
    assert words in demo.run(f"why-not {asked}").ok().stdout
    assert json.loads(demo.run(f"why-not --json {asked}").ok().stdout)["verdict"] == verdict
