"""How a project with packages of conda begins: ``init --conda``, ``import``, and the locks of other tools."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from hutch.conda import subdir_here
from hutch.testing.conda import CondaPackage, index_channel

PIXI = """\
[workspace]
name = "d"
channels = ["./chan"]
platforms = ["linux-64", "osx-arm64"]

[dependencies]
python = "3.12.*"
tool = "*"

[feature.dev.dependencies]
gdb = "*"

[environments]
dev = ["dev"]

[pypi-dependencies]
frame = "*"
"""
YML = """\
name: d
channels: [./chan]
platforms: [linux-64, osx-arm64]
dependencies:
  - python 3.12.*
  - tool
  - pip:
      - frame
"""
OWN = """\
[project]
name = "d"
version = "1"
requires-python = "==3.12.*"
dependencies = ["frame"]

[dependency-groups]
dev = []

[tool.hutch.conda]
channels = ["./chan"]
platforms = ["linux-64", "osx-arm64"]
dependencies = ["python", "tool"]

[tool.hutch.conda.group.dev]
dependencies = ["gdb"]
"""
OLD = {"python": "3.12.8", "tool": "1.0", "gdb": "14", "frame": "1.0"}


def publish(made: Any, index: Any, *, newer: bool) -> None:
    packages = [
        CondaPackage("python", "3.12.8", "0_cpython", subdir=each) for each in ("linux-64", "osx-arm64")
    ]
    for name, versions in {"tool": ("1.0", "2.0"), "gdb": ("14", "15")}.items():
        packages += [
            CondaPackage(name, version, "0", depends=["python"]) for version in versions[: 2 if newer else 1]
        ]
    index_channel(made.path / "chan", packages)
    index.max_age = 0
    index.add_wheel("frame", "2.0" if newer else "1.0")


def locked(made: Any) -> dict[str, str]:
    lock = tomllib.loads(made.read("pylock.toml"))
    records = lock["tool"]["hutch"]["conda"]["packages"]
    return {each["name"]: each["version"] for each in (*lock["packages"], *records)}


@pytest.fixture(params=["pixi", "conda-lock"])
def left(request: Any, project: Any, index: Any) -> Any:
    """A project of another tool with its lock, from days when there was nothing newer."""
    tool = request.param
    maker = project({"pyproject.toml": OWN})
    publish(maker, index, newer=False)
    maker.run(f"export --format {tool} -o theirs{' --group dev' if tool == 'pixi' else ''}").ok()
    files = (
        {"pixi.toml": PIXI, "pixi.lock": maker.read("theirs")}
        if tool == "pixi"
        else {"environment.yml": YML, "conda-lock.yml": maker.read("theirs")}
    )
    for name in ("pyproject.toml", "pylock.toml", "theirs"):
        (maker.path / name).unlink()
    maker.write(files)
    publish(maker, index, newer=True)
    return maker


def test_the_first_lock_keeps_what_the_other_tool_has_locked(left: Any) -> None:
    said = left.run("lock").ok().stderr
    found = locked(left)
    assert found == {name: version for name, version in OLD.items() if name in found}
    assert "note: kept " in said
    left.run("upgrade --no-sync").ok()
    assert (locked(left)["tool"], locked(left)["frame"]) == ("2.0", "2.0")


def test_it_does_so_after_an_import(left: Any) -> None:
    left.run("import").ok()
    conda = tomllib.loads(left.read("pyproject.toml"))["tool"]["hutch"]["conda"]
    assert conda["channels"] == ["./chan"]
    assert conda["platforms"] == ["linux-64", "osx-arm64"]
    left.run("lock").ok()
    found = locked(left)
    assert found == {name: version for name, version in OLD.items() if name in found}
    left.run("lock --check").ok()


def test_the_tree_of_another_tools_lock_has_both_kinds(left: Any) -> None:
    said = left.run("tree").ok().stdout
    assert "frame 1.0" in said
    assert "tool 1.0 (conda)\n    └── python 3.12.8 (conda)" in said.replace("│   ", "    ")


def test_init(project: Any, index: Any) -> None:
    made = project("")
    publish(made, index, newer=False)
    made.run("init --conda -c ./chan --platform linux-64 --platform osx-arm64 --python 3.12 --name shop").ok()
    found = tomllib.loads(made.read("pyproject.toml"))
    assert found["project"]["requires-python"] == ">=3.12"
    assert found["tool"]["hutch"]["conda"] == {
        "channels": ["./chan"],
        "platforms": ["linux-64", "osx-arm64"],
        "dependencies": ["python"],
    }
    made.run("lock").ok()
    assert locked(made) == {"python": "3.12.8"}
    made.run("add --conda --no-sync tool").ok()
    assert locked(made) == {"python": "3.12.8", "tool": "1.0"}


def test_init_without_words_is_for_this_machine_and_the_usual_channel(project: Any) -> None:
    made = project("", HUTCH_PYTHON=None)
    made.run("init --conda --lib shop").ok()
    conda = tomllib.loads(made.read("shop/pyproject.toml"))["tool"]["hutch"]["conda"]
    assert conda == {"channels": ["conda-forge"], "platforms": [subdir_here()], "dependencies": ["python"]}


@pytest.mark.parametrize(
    "words",
    [
        "--channel x",
        "--conda --platform linux",
        "--conda -c https://channel.example/t/secret/x",
        "--conda --script x",
    ],
)
def test_words_that_do_not_fit(project: Any, words: str) -> None:
    made = project("")
    failed = made.run(f"init {words}")
    assert failed.exit_code == 2
    assert "secret" not in failed.stderr
    assert made.tree() == []
