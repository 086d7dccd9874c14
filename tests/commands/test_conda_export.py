"""``hutch export`` of a lock over both sides: hutch's own readers find in each form what is locked."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import yaml

from hutch.lock import parse_conda_lock, parse_explicit, parse_lock, parse_pixi_lock
from hutch.lock.foreign import format_of, parse_foreign
from hutch.project import parse_manifest
from hutch.testing.conda import CondaPackage, index_channel
from oracles.conda import ask_rattler, needs_rattler

PLATFORMS = ("linux-64", "osx-arm64")
MANIFEST = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.12"
dependencies = ["frame"]

[dependency-groups]
dev = ["check"]

[tool.hutch]
default-groups = []

[tool.hutch.conda]
channels = ["./chan"]
platforms = ["linux-64", "osx-arm64"]
dependencies = ["python 3.12.*", "numpy"]

[tool.hutch.conda.group.dev]
dependencies = ["gdb"]
"""


@pytest.fixture
def demo(project: Any, index: Any) -> Any:
    made = project({"pyproject.toml": MANIFEST}, COLUMNS="80")
    packages = []
    for subdir in PLATFORMS:
        packages.append(CondaPackage("python", "3.12.8", "0_cpython", subdir=subdir, depends=["zlib"]))
        packages.append(CondaPackage("zlib", "1.3.1", "h0_1", subdir=subdir))
        packages.append(CondaPackage("gdb", "14", "0", subdir=subdir))
    packages.append(
        CondaPackage("numpy", "2.1.3", "py_0", noarch="python", depends=["python"], purls=["pkg:pypi/numpy"])
    )
    index_channel(made.path / "chan", packages)
    index.add_wheel("frame", "1.0", requires=["numpy>=1.20"], tags="cp312-cp312-manylinux_2_17_x86_64")
    index.add_wheel("frame", "1.0", requires=["numpy>=1.20"], tags="cp312-cp312-macosx_11_0_arm64")
    index.add_wheel("check", "2.0")
    index.add_project("numpy")
    made.run("lock").ok()
    return made


def exported(made: Any, words: str) -> str:
    made.run(f"export {words} -o out.txt").ok()
    return str(made.read("out.txt"))


def labels(part: Any, target: str, where: str = "project") -> list[str]:
    wheres = frozenset(("project", where))
    return sorted(record.label for record in part.on(target, wheres))


def test_conda_lock(demo: Any) -> None:
    text = exported(demo, "--format conda-lock --group dev")
    part = parse_conda_lock(text)
    locked = parse_lock(demo.read("pylock.toml")).conda
    for target in PLATFORMS:
        assert labels(part, target) == labels(locked, target)
        assert labels(part, target, "group:dev") == labels(locked, target, "group:dev")
    kind = format_of("conda-lock.yml")
    assert kind is not None
    python = parse_foreign(
        kind, text, "conda-lock.yml", parse_manifest("name: d\n", filename="environment.yml")
    )
    assert {(each.name, each.version) for each in python.packages} == {("frame", "1.0"), ("check", "2.0")}
    rows = {(each["name"], each["platform"]): each for each in yaml.safe_load(text)["package"]}
    assert rows["frame", "osx-arm64"]["url"].endswith("macosx_11_0_arm64.whl")
    assert rows["frame", "linux-64"]["dependencies"] == {"numpy": ">=1.20"}
    assert (rows["check", "linux-64"]["category"], rows["numpy", "linux-64"]["category"]) == ("dev", "main")


def test_pixi_lock(demo: Any) -> None:
    text = exported(demo, "--format pixi --group dev")
    locked = parse_lock(demo.read("pylock.toml")).conda
    part = parse_pixi_lock(text)
    for target in PLATFORMS:
        assert labels(part, target) == labels(locked, target)
        assert labels(part, target, "group:dev") == labels(locked, target, "group:dev")
    environments = yaml.safe_load(text)["environments"]
    wheels = [each["pypi"] for each in environments["default"]["packages"]["linux-64"] if "pypi" in each]
    assert [wheel.rpartition("/")[2] for wheel in wheels] == [
        "frame-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
    ]


@needs_rattler
def test_rattler_reads_both_kinds_in_what_is_written_for_pixi(demo: Any) -> None:
    path = demo.path / "pixi.lock"
    path.write_text(exported(demo, "--format pixi"), encoding="utf-8")
    said = ask_rattler("pixi_lock", path=str(path))
    assert {key: len(urls) for key, urls in said.items()} == {"default linux-64": 4, "default osx-arm64": 4}


def test_an_explicit_list(demo: Any) -> None:
    records = parse_explicit(exported(demo, "--format explicit --target osx-arm64"))
    assert [record.name for record in records] == ["zlib", "python", "numpy"]  # each behind what it needs
    assert all(record.sha256 for record in records)
    assert "an @EXPLICIT list has no wheels" in demo.run("export --format explicit").ok().stderr
    assert demo.run("export --format explicit --target win-64").exit_code == 2


def test_environment_yml(demo: Any) -> None:
    text = exported(demo, "--format environment.yml --target linux-64 --group dev")
    found = yaml.safe_load(text)
    assert found["channels"] == [(demo.path / "chan").as_uri()]
    assert found["dependencies"] == [
        "gdb=14=0",
        "numpy=2.1.3=py_0",
        "python=3.12.8=0_cpython",
        "zlib=1.3.1=h0_1",
        "pip",
        {"pip": ["check==2.0", "frame==1.0"]},
    ]
    parse_manifest(text, filename="environment.yml")


@pytest.mark.parametrize("form", ["requirements", "constraints"])
def test_what_is_left_out_is_told(demo: Any, form: str) -> None:
    done = demo.run(f"export --format {form} --no-hashes").ok()
    assert "frame==1.0" in done.stdout
    assert "numpy" not in done.stdout.replace("via numpy", "")
    assert done.stderr == (
        "warning: what comes from conda's channels is not in it: numpy, python, zlib; "
        "hutch export --format environment.yml or conda-lock has all\n"
    )


def test_a_pylock_of_the_choice(demo: Any) -> None:
    alone = parse_lock(exported(demo, "--format pylock"))
    assert alone.conda is not None
    assert [each.record.name for each in alone.conda.packages] == [
        "numpy",
        "python",
        "python",
        "zlib",
        "zlib",
    ]
    more = parse_lock(exported(demo, "--format pylock --group dev"))
    assert more.conda is not None
    assert {each.record.name for each in more.conda.packages} >= {"gdb"}
    assert {where for each in more.conda.packages for where, _ in each.reached} == {"project"}
    assert [each.name for each in more.packages] == ["check", "frame", "frame"] or len(more.packages) == 2


def test_a_lock_without_conda_has_none_of_these(project: Any, index: Any) -> None:
    index.add_wheel("frame", "1.0")
    made = project({"pyproject.toml": '[project]\nname = "d"\nversion = "1"\ndependencies = ["frame"]\n'})
    made.run("lock").ok()
    assert "hutch add --conda" in made.run("export --format conda-lock").stderr
    assert tomllib.loads(made.read("pylock.toml"))["packages"]
