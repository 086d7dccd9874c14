"""Packages of conda beside directories, overrides and members of a workspace: one resolution."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from commands.conda_world import locked_records
from commands.support import block
from hutch.testing.conda import CondaPackage, index_channel

PLATFORMS = ("linux-64", "osx-arm64")
HEAD = '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.12"\n'
CONDA = """
[tool.hutch.conda]
channels = ["./chan"]
platforms = ["linux-64", "osx-arm64"]
dependencies = ["python"]
"""


def publish(made: Any) -> None:
    packages = []
    for subdir in PLATFORMS:
        packages += [
            CondaPackage("python", version, "0_cpython", subdir=subdir) for version in ("3.12.8", "3.13.1")
        ]
    for name, versions in {"numpy": ("1.26.4", "2.1.3"), "lib": ("5.0",), "tool": ("1.0",)}.items():
        packages += [
            CondaPackage(
                name, version, "py_0", noarch="python", depends=["python"], purls=[f"pkg:pypi/{name}"]
            )
            for version in versions
        ]
    packages.append(CondaPackage("gdb", "14", "0", subdir="linux-64"))
    index_channel(made.path / "chan", packages)


def library(name: str, *requires: str, python: str = ">=3.12", more: str = "") -> str:
    return (
        f'[project]\nname = "{name}"\nversion = "0.1"\nrequires-python = "{python}"\n'
        f"dependencies = {list(requires)!r}\n\n[build-system]\n"
        f'requires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n{more}'
    )


def wheels(made: Any) -> dict[str, Any]:
    return {each["name"]: each for each in tomllib.loads(made.read("pylock.toml"))["packages"]}


@pytest.fixture
def demo(project: Any, index: Any) -> Any:
    made = project("", COLUMNS="80")
    publish(made)
    index.add_project("numpy")
    return made


def test_a_directory_takes_the_place_of_both_sides(demo: Any, index: Any) -> None:
    index.add_wheel("lib", "9.0")
    text = HEAD + 'dependencies = ["lib"]\n\n[tool.hutch.sources]\nlib = { path = "lib" }\n' + CONDA
    demo.write({"pyproject.toml": text, "lib/pyproject.toml": library("lib", "numpy<2")})
    demo.run("lock").ok()
    assert wheels(demo)["lib"]["directory"]["path"] == "lib"
    assert locked_records(demo) == {"python": "3.13.1", "numpy": "1.26.4"}
    assert demo.run("tree").ok().stdout == block("""
        demo 1
        ├── lib (lib)
        │   └── numpy 1.26.4 (conda)
        │       └── python 3.13.1 (conda)
        └── python 3.13.1 (conda)
    """)
    demo.run("lock --check").ok()
    demo.write({"lib/pyproject.toml": library("lib", "numpy>=2")})
    assert demo.run("lock --check").exit_code == 1
    demo.run("lock").ok()
    assert locked_records(demo)["numpy"] == "2.1.3"


def test_an_index_that_is_named_is_meant(demo: Any, index: Any) -> None:
    index.add_wheel("lib", "9.0")
    text = HEAD + 'dependencies = ["lib"]\n\n[tool.hutch.sources]\nlib = { index = "own" }\n' + CONDA
    text += f'\n[[tool.hutch.index]]\nname = "own"\nurl = "{index.url}"\n'
    demo.write({"pyproject.toml": text})
    demo.run("lock").ok()
    assert wheels(demo)["lib"]["version"] == "9.0"


def test_what_overrides_and_excludes_say_of_wheels(demo: Any, index: Any) -> None:
    index.add_wheel("frame", "1.0", requires=["numpy<2", "odd"])
    text = HEAD + 'dependencies = ["frame"]\n\n[tool.hutch]\noverrides = ["numpy>=2"]\nexcludes = ["odd"]\n'
    demo.write({"pyproject.toml": text + CONDA})
    demo.run("lock").ok()
    assert locked_records(demo)["numpy"] == "2.1.3"
    assert list(wheels(demo)) == ["frame"]
    demo.run("lock --check").ok()


MEMBERS = {
    "pyproject.toml": '[tool.hutch.workspace]\nmembers = ["api", "app"]\n' + CONDA,
    "api/pyproject.toml": library("api", "numpy", more='\n[tool.hutch.conda]\ndependencies = ["tool"]\n'),
    "app/pyproject.toml": library(
        "app",
        "api",
        more="\n[tool.hutch.sources]\napi = { workspace = true }\n"
        '\n[tool.hutch.conda.target.linux]\ndependencies = ["gdb"]\n',
    ),
}


def test_members_of_a_workspace_have_one_prefix(demo: Any) -> None:
    demo.write(MEMBERS)
    demo.run("lock").ok()
    assert locked_records(demo) == {"python": "3.13.1", "numpy": "2.1.3", "tool": "1.0", "gdb": "14"}
    assert {name: each["directory"]["path"] for name, each in wheels(demo).items()} == {
        "api": "api",
        "app": "app",
    }
    demo.run("lock --check").ok()
    said = demo.run("tree").ok().stdout
    assert "gdb 14 (conda; on linux-64)" in said
    assert "tool 1.0 (conda)" in said
    demo.run("sync --dry-run").ok()


def test_a_package_of_conda_for_one_member(demo: Any) -> None:
    demo.write(MEMBERS)
    demo.run("add --conda --no-sync --package app lib").ok()
    conda = tomllib.loads(demo.read("app/pyproject.toml"))["tool"]["hutch"]["conda"]
    assert conda["dependencies"] == ["lib >=5.0"]
    assert "channels" not in conda
    assert locked_records(demo)["lib"] == "5.0"
    demo.run("remove --no-sync --package app lib").ok()
    assert "lib" not in locked_records(demo)


def test_a_package_of_conda_for_all_members(demo: Any) -> None:
    demo.write(MEMBERS)
    demo.run("add --conda --no-sync lib").ok()
    conda = tomllib.loads(demo.read("pyproject.toml"))["tool"]["hutch"]["conda"]
    assert conda["dependencies"] == ["lib >=5.0", "python"]
    assert locked_records(demo)["lib"] == "5.0"
    said = demo.run("tree").ok().stdout
    assert "\n├── lib 5.0 (conda)\n" in said
    demo.run("remove --conda --no-sync lib").ok()
    assert "lib" not in locked_records(demo)
    assert demo.run("add --no-sync lib").exit_code == 2


def test_members_have_one_python(demo: Any) -> None:
    demo.write({**MEMBERS, "api/pyproject.toml": library("api", "numpy", python=">=3.12,<3.13")})
    demo.run("lock").ok()
    assert locked_records(demo)["python"] == "3.12.8"
    demo.write({"app/pyproject.toml": library("app", python=">=3.13")})
    failed = demo.run("lock")
    assert failed.exit_code == 1
    assert "api/pyproject.toml:4" in failed.stderr
    assert "app/pyproject.toml:4" in failed.stderr


def test_channels_of_members_are_those_of_all(demo: Any) -> None:
    index_channel(demo.path / "app" / "own", [CondaPackage("special", "1", "0")])
    more = '\n[tool.hutch.conda]\nchannels = ["./own"]\ndependencies = ["special"]\n'
    app = library("app", more=more)
    demo.write({**MEMBERS, "app/pyproject.toml": app})
    demo.run("lock").ok()
    assert locked_records(demo)["special"] == "1"
    channels = tomllib.loads(demo.read("pylock.toml"))["tool"]["hutch"]["conda"]["channels"]
    assert channels == ["./chan", "./app/own"]


def test_a_commit_of_a_repository(demo: Any, tmp_path: Any) -> None:
    import shutil
    import subprocess

    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    there = tmp_path / "there"
    there.mkdir()
    (there / "pyproject.toml").write_text(library("lib", "numpy<2"))
    for words in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=x", "-c", "user.email=x@index.example", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *words], cwd=there, check=True)
    demo.write({"pyproject.toml": HEAD + CONDA})
    demo.run(f"add --no-sync --git {there.as_uri()}").ok()
    assert len(wheels(demo)["lib"]["vcs"]["commit-id"]) == 40
    assert locked_records(demo) == {"python": "3.13.1", "numpy": "1.26.4"}
