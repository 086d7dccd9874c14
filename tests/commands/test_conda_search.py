"""``hutch conda search``: conda's look, patterns, near names, and what is not there."""

from __future__ import annotations

import json

import pytest

from conda.serving import write_channel

ROWS = {
    "linux-64": ["numpy 1.26.4 py312_0", "numpy 2.3.5 py312_0", "numpy 2.10.0 py312_0",
        "libblas 3.9.0 open_1"],
    "osx-64": ["numpy 2.0.0 py312_7"],
    "noarch": ["numpydoc 1.8 py_0"],
}  # fmt: skip


@pytest.fixture
def demo(project):
    found = project("[project]\nname = 'demo'\nversion = '1'\n")
    write_channel(found / "chan", ROWS, "json")
    return found


def search(demo, words, **more):
    return demo.run(f"conda search {words} -c ./chan --override-channels", **more)


def test_versions_stand_in_their_order(demo):
    ran = search(demo, "numpy --subdir linux-64")
    assert ran.exit_code == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0].split() == ["#", "Name", "Version", "Build", "Channel"]
    assert [line.split()[:3] for line in lines[1:]] == [
        ["numpy", "1.26.4", "py312_0"],
        ["numpy", "2.3.5", "py312_0"],
        ["numpy", "2.10.0", "py312_0"],
    ]


@pytest.mark.parametrize(
    ("words", "versions"),
    [
        ("'numpy>=2' --subdir linux-64", ["2.3.5", "2.10.0"]),
        ("numpy=2.3 --subdir linux-64", ["2.3.5"]),
        ("'numpy*' --subdir linux-64", ["1.26.4", "2.3.5", "2.10.0", "1.8"]),
        ("'*blas*=*=open*' --subdir linux-64", ["3.9.0"]),
        ("numpy --subdir osx-64", ["2.0.0"]),
        ("NumPy --subdir osx-64", ["2.0.0"]),
    ],
)
def test_what_is_meant(words, versions, demo):
    ran = search(demo, words)
    assert [line.split()[1] for line in ran.stdout.splitlines()[1:]] == versions, ran.stderr


def test_all_that_is_said_of_one(demo):
    ran = search(demo, "libblas --info --subdir linux-64")
    assert ran.stdout.startswith(
        "libblas 3.9.0 open_1\n--------------------\nfile name   : libblas-3.9.0-open_1.conda\n"
    )
    assert "\nbuild number: 0\nsize        : 1 B\n" in ran.stdout
    assert "timestamp   : 2023-11-14 22:13:20 UTC\n" in ran.stdout


def test_for_programs(demo):
    said = json.loads(search(demo, "numpy --subdir osx-64 --json").stdout)
    assert [each["version"] for each in said["numpy"]] == ["2.0.0"]
    assert said["numpy"][0]["fn"] == "numpy-2.0.0-py312_7.conda"


def test_a_name_that_is_near(demo):
    ran = search(demo, "nunpy --subdir linux-64")
    assert ran.exit_code == 1
    assert "no channel has a package nunpy" in ran.stderr
    assert "it may be meant: numpy" in ran.stderr


def test_a_version_that_is_not_there(demo):
    ran = search(demo, "numpy=3 --subdir linux-64")
    assert ran.exit_code == 1
    assert "there is numpy 2.10.0, 2.3.5, 1.26.4" in ran.stderr


def test_what_is_no_spec(demo):
    ran = search(demo, "'numpy>='")
    assert ran.exit_code == 1
    assert "`numpy>=` names no package of conda" in ran.stderr
