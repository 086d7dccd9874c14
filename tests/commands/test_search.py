"""``hutch search``: both sides of a name, and what is locked of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hutch.testing.conda import CondaPackage, index_channel

MANIFEST = """\
[project]
name = "demo"
version = "1"
requires-python = ">=3.12"
dependencies = ["rich"]

[tool.hutch.conda]
channels = ["./chan"]
platforms = ["linux-64", "osx-arm64"]
dependencies = ["python", "numpy <2"]

[tool.hutch.conda.map]
pytorch = "torch"
"""


@pytest.fixture
def demo(project: Any, index: Any) -> Any:
    for version in ("1.0", "2.0", "3.0rc1"):
        index.add_wheel("rich", version)
    index.add_wheel("rich", "2.5", yanked="broken")
    for version in ("2.0", "2.1"):
        index.add_wheel("torch", version)
        index.add_wheel("numpy", version)
    made = project({"pyproject.toml": MANIFEST}, COLUMNS="80")
    packages = [CondaPackage("python", "3.12.8", "0_cpython")]
    for number in range(1, 9):
        for subdir in ("linux-64", "osx-arm64") if number < 7 else ("linux-64",):
            packages.append(
                CondaPackage("numpy", f"1.{number}", "0", subdir=subdir, purls=["pkg:pypi/numpy"])
            )
    packages.append(CondaPackage("pytorch", "2.1", "0"))
    index_channel(made.path / "chan", packages)
    return made


def test_both_sides(demo: Any) -> None:
    demo.run("lock").ok()
    done = demo.run("search numpy").ok()
    assert [" ".join(line.split()) for line in done.stdout.splitlines()] == [
        "package from version platforms",
        "numpy ./chan 1.8 linux-64 locked",
        "1.7 linux-64",
        "1.6 linux-64, osx-arm64 locked",
        "1.5 linux-64, osx-arm64",
        "1.4 linux-64, osx-arm64",
        "and 3 more",
        "numpy http://<index>/simple/ 2.1",
        "2.0",
    ]
    assert done.stderr == "hutch search --all numpy shows all of them\n"
    assert "1.1" in demo.run("search numpy --all --conda").ok().stdout


def test_one_side(demo: Any) -> None:
    assert "chan" not in demo.run("search numpy --pypi").ok().stdout
    assert "simple" not in demo.run("search numpy --conda").ok().stdout
    assert demo.run("search numpy --conda --pypi").exit_code == 2
    assert demo.run("search rich --conda").exit_code == 1


def test_what_is_usually_not_taken_is_not_among_the_newest(demo: Any) -> None:
    demo.run("lock").ok()
    said = json.loads(demo.run("search rich --json").ok().stdout)["sides"]
    assert [(each["version"], each["locked"]) for each in said[0]["versions"]] == [
        ("2.0", True),
        ("1.0", False),
    ]
    said = json.loads(demo.run("search rich --all --json").ok().stdout)["sides"]
    assert {each["version"]: each["note"] for each in said[0]["versions"]} == {
        "3.0rc1": "pre-release",
        "2.5": "yanked",
        "2.0": "",
        "1.0": "",
    }


@pytest.mark.parametrize("name", ["torch", "pytorch"])
def test_a_package_is_found_under_both_names(demo: Any, name: str) -> None:
    said = json.loads(demo.run(f"search {name} --json").ok().stdout)["sides"]
    assert [(each["kind"], each["name"]) for each in said] == [("conda", "pytorch"), ("pypi", "torch")]


def test_nothing(demo: Any) -> None:
    failed = demo.run("search numpi")
    assert failed.exit_code == 1
    assert failed.stderr.startswith("error: there is no package numpi\n")
    assert "did you mean numpy?" in failed.stderr
    assert demo.run("search 'x;y'").exit_code == 2


def test_outside_of_a_project_an_index_is_enough(project: Any, index: Any) -> None:
    index.add_wheel("rich", "1.0")
    made = project("", HUTCH_CONDA_CHANNELS="https://channel.example/nowhere", HUTCH_OFFLINE=None)
    assert "1.0" in made.run("search rich --pypi").ok().stdout
