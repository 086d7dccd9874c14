"""The packse scenarios through the whole of ``hutch lock``: pages, files, metadata, solver, markers, lock.

Each case becomes an index in memory with real wheels and source distributions. What comes out is judged by
its text alone (see ``integration/law.py``), by the expected versions, and by what was left out.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

from hutch.ops.conflicts import Conflict
from hutch.ops.lock import LockOptions
from hutch.ops.unknown import UnknownPackage
from hutch.testing.fake_index import FakeIndex
from integration.law import faults
from integration.memory import lock_in_memory
from scenarios.cases import CASES, FILES, Case

pytestmark = pytest.mark.skipif(not FILES, reason="../shared/scenarios is not here")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store for all cases, so that the interpreter is asked once; each case has an index of its own."""
    return tmp_path_factory.mktemp("scenarios-cache")


@pytest.fixture(scope="module")
def pythons(real_home: Path) -> dict[str, str]:
    """Version → executable of the CPythons to lock with, 3.13 first."""
    found = {}
    code = "import platform; print(platform.python_version())"
    for minor in ("3.13", "3.12"):
        here = sorted(real_home.glob(f".pyenv/versions/{minor}.*/bin/python"), reverse=True)
        for python in filter(None, [*map(str, here), shutil.which(f"python{minor}")]):
            done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=False)
            if done.returncode == 0 and done.stdout.startswith(minor):
                found[done.stdout.strip()] = python
                break
    return found


def serve(case: Case) -> FakeIndex:
    """The packages of a case as an index, with real archives."""
    slug = case.name.replace("/", "-")
    index = FakeIndex(url=f"https://index.example/{slug}/simple/", files_url=f"https://files.example/{slug}/")
    for name, versions in case.packages.items():
        index.add_project(name)
        for version, meta in versions.items():
            said: dict[str, Any] = {
                "requires": meta.get("requires", ()),
                "extras": meta.get("extras"),
                "requires_python": meta.get("requires_python", ">=3.12") or None,
            }
            yanked = bool(meta.get("yanked"))
            if meta.get("wheel", True):
                for tag in meta.get("wheel_tags") or ["py3-none-any"]:
                    index.add_wheel(name, version, tags=tag, yanked=yanked, **said)
            if meta.get("sdist", True):
                index.add_sdist(name, version, yanked=yanked, **said)
    return index


def write_project(case: Case, folder: Path) -> None:
    lines = ["[project]", "name = 'project'", "version = '1'"]
    if case.universal:
        lines.append(f"requires-python = '{case.requires_python}'")
    lines += ["dependencies = [", *(f"  '''{text}'''," for text in case.requires), "]"]
    (folder / "pyproject.toml").write_text("\n".join(lines) + "\n")


def target(python: str) -> str:
    """``cp39-linux-x86_64``, or the slice of one patch release."""
    major, minor, *patch = python.split(".")
    return f"cp{major}{minor}{''.join(f'.{p}:{int(p) + 1}' for p in patch)}-linux-x86_64"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_scenario(path: Path, tmp_path: Path, cache: Path, pythons: dict[str, str]) -> None:
    case = Case(path)
    write_project(case, tmp_path)
    python = sys.executable
    if case.universal:
        fitting = SpecifierSet(case.requires_python).filter(pythons)
        python = pythons.get(next(iter(fitting), ""), "")
        if not python:
            pytest.skip(f"no Python {case.requires_python} here to lock with")
    environ = {
        "HUTCH_PYTHON": python,
        "HUTCH_CACHE_DIR": str(cache),
        "HUTCH_NO_BINARY": ",".join(sorted(case.no_binary)),
        "HUTCH_ONLY_BINARY": ",".join(sorted(case.no_build)),
    }
    options = LockOptions(
        resolution=case.options.get("resolution"), target=() if case.universal else (target(case.python),)
    )
    try:
        outcome, _ = lock_in_memory(tmp_path, serve(case), options, environ=environ)
    except (Conflict, UnknownPackage):
        case.judge(None, set())
        return
    text = (tmp_path / "pylock.toml").read_text()
    assert faults(text, case.requires, case.facts_of) == []
    versions: dict[str, set[str]] = {}
    for entry in tomllib.loads(text)["packages"]:
        versions.setdefault(entry["name"], set()).add(entry["version"])
    case.judge(versions, {name for name, _ in outcome.dropped})


def test_every_policy_case_has_an_outcome() -> None:
    from scenarios.cases import POLICY

    assert {*(CASES.parent / "policy.txt").read_text().split()} <= POLICY.keys()
