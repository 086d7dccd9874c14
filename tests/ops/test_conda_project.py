"""What a project says, as the solve hears it: whatever the words, the same records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hutch.ops.conda_locking import conda_lock
from hutch.ops.conda_project import asked_by, conda_key, platforms_of, solve_project_conda
from hutch.ops.conda_solve import CondaConflict
from hutch.ops.context import Context
from hutch.project import Manifest, parse_manifest
from hutch.testing.conda import CondaPackage, index_channel

OWN = """\
[project]
name = "d"
version = "1"
requires-python = "==3.12.*"

[tool.hutch.conda]
channels = ["CHANNEL"]
platforms = ["linux-64", "win-64"]
dependencies = ["python", "tool >=2"]

[tool.hutch.conda.target.win.dependencies]
vc = "*"

[tool.hutch.conda.group.dev]
dependencies = ["debugger"]
"""
PIXI = """\
[workspace]
name = "d"
channels = ["CHANNEL"]
platforms = ["linux-64", "win-64"]

[dependencies]
python = "3.12.*"
tool = ">=2"

[target.win.dependencies]
vc = "*"

[feature.dev.dependencies]
debugger = "*"
"""
YML = """\
name: d
channels: [CHANNEL]
platforms: [linux-64, win-64]
dependencies:
  - python 3.12.*
  - tool >=2
  - vc  # [win]
"""
FILES = {"pyproject.toml": OWN, "pixi.toml": PIXI, "environment.yml": YML}


@pytest.fixture
def context(home: Path, tmp_path: Path) -> Iterator[Context]:
    rows = [("tool", "1.0"), ("tool", "2.0"), ("debugger", "1.0")]
    packages = [
        CondaPackage(name, version, "py_0", depends=["python"], noarch="python") for name, version in rows
    ]
    packages.append(CondaPackage("vc", "14", "0", subdir="win-64"))
    for subdir in ("linux-64", "win-64"):
        packages += [CondaPackage("python", version, "0", subdir=subdir) for version in ("3.12.8", "3.13.1")]
    index_channel(tmp_path / "channel", packages)
    with Context(tmp_path, {"HOME": str(home), "HUTCH_CACHE_DIR": str(home / "cache")}) as found:
        yield found


def manifest(name: str, folder: Path) -> Manifest:
    return parse_manifest(FILES[name].replace("CHANNEL", (folder / "channel").as_uri()), filename=name)


@pytest.mark.parametrize("name", FILES)
def test_the_same_records_in_whatever_words(name: str, context: Context, tmp_path: Path) -> None:
    found = solve_project_conda(context, manifest(name, tmp_path))
    project = frozenset(("project",))
    assert [each.label for each in found.records("linux-64", project)] == ["python 3.12.8 0", "tool 2.0 py_0"]
    assert "vc 14 0" in [each.label for each in found.records("win-64", project)]
    dev = {each.record.name: each.reached for each in found.packages}.get("debugger")
    assert dev == (None if name == "environment.yml" else (("group:dev", ("linux-64", "win-64")),))
    lock = conda_lock(found, "sha256:0")
    assert lock.dependency_groups == (() if name == "environment.yml" else ("dev",))


def test_a_conflict_names_the_lines(context: Context, tmp_path: Path) -> None:
    text = OWN.replace('"tool >=2"', '"tool >=2", "python >=3.13"').replace(
        "CHANNEL", (tmp_path / "channel").as_uri()
    )
    with pytest.raises(CondaConflict) as caught:
        solve_project_conda(context, parse_manifest(text))
    told = "\n".join(caught.value.why)
    assert "python >=3.13 is asked for in pyproject.toml:9" in told
    assert "python 3.12.* is asked for in pyproject.toml:4" in told


def test_an_old_lock_is_kept(context: Context, tmp_path: Path) -> None:
    first = solve_project_conda(context, manifest("pixi.toml", tmp_path))
    old = conda_lock(first, "sha256:0")
    free = parse_manifest(
        PIXI.replace("CHANNEL", (tmp_path / "channel").as_uri()).replace("3.12.*", "*"), filename="pixi.toml"
    )
    kept = solve_project_conda(context, free, old=old)
    assert [each.label for each in kept.records("linux-64")] == [
        each.label for each in first.records("linux-64")
    ]
    new = solve_project_conda(context, free)
    assert "python 3.13.1 0" in [each.label for each in new.records("linux-64")]


def test_the_digest_hears_what_matters(tmp_path: Path) -> None:
    def key(text: str) -> str:
        settings = parse_manifest(text).settings.conda
        assert settings is not None
        return conda_key(settings)

    assert key(OWN) == key(OWN.replace('["python", "tool >=2"]', '[\n  "tool >=2",  # x\n  "python",\n]'))
    for old, new in (
        (">=2", ">=1"),
        ("target.win", "target.osx"),
        ("group.dev", "group.docs"),
        ("CHANNEL", "x"),
    ):
        assert key(OWN) != key(OWN.replace(old, new))


def test_what_is_for_no_platform_of_the_project_is_not_asked(tmp_path: Path) -> None:
    found = parse_manifest(OWN.replace("target.win", "target.osx"))
    assert found.settings.conda is not None
    assert "vc" not in [
        each.spec for each in asked_by(found, found.settings.conda, platforms_of(found.settings.conda))
    ]
