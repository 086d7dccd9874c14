"""What ``test_sets`` asks of real packages, asked of a small index in memory on every run."""

from __future__ import annotations

import os
import platform
import sys
import tomllib
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from packaging.pylock import Pylock

from hutch.lock import check_lock, parse_lock
from hutch.spec import parse_target
from hutch.testing.fake_index import FakeIndex
from integration.law import Facts, faults
from integration.memory import lock_in_memory

REQUIRES_PYTHON = ">=3.9"
REQUIREMENTS = ["web[fast]>=2", "numbers>=1", "console; sys_platform == 'win32'", "old<2"]
TABLE: list[tuple[str, str, dict[str, Any]]] = [
    # Newer versions leave old Pythons behind, as numpy and pandas do.
    ("numbers", "1.0", {"requires_python": ">=3.8", "tags": "py3-none-any"}),
    ("numbers", "2.0", {"requires_python": ">=3.10", "requires": ["kernel>=2"]}),
    ("numbers", "3.0", {"requires_python": ">=3.12", "requires": ["kernel>=3"]}),
    ("kernel", "2.0", {"requires_python": ">=3.9"}),
    ("kernel", "3.0", {"requires_python": ">=3.11"}),
    # An extra, a marker for one system, one for a Python that cuts through a minor version.
    ("web", "1.0", {}),
    (
        "web",
        "2.1",
        {
            "requires": [
                "forms<3",
                "backport; python_full_version < '3.11.3'",
                "hue; sys_platform == 'win32'",
            ],
            "extras": {"fast": ["loop>=1; sys_platform != 'win32'", "parser"]},
        },
    ),
    ("loop", "1.4", {}),
    ("parser", "0.9", {"requires": ["forms"]}),
    ("forms", "2.5", {}),
    ("forms", "3.0", {}),
    ("backport", "1.0", {}),
    ("hue", "0.4", {}),
    ("console", "1.0", {"requires": ["hue>=0.3"]}),
    # Newest first is a dead end twice: urllib3 and boto3 in small.
    *(("old", f"1.{n}", {"requires": [f"older=={n}"]}) for n in range(12)),
    *(("older", str(n), {"requires": ["forms>=3"] if n > 4 else []}) for n in range(12)),
    ("old", "2.0", {}),
]


def small() -> FakeIndex:
    index = FakeIndex()
    for name, version, said in TABLE:
        index.add_wheel(name, version, **said)
    # A native package: no wheel for macOS on Intel, so that this target is left out or served by 1.0.
    index.add_wheel("loop", "2.0", tags="cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64")
    index.add_wheel("loop", "2.0", tags="cp39-abi3-manylinux_2_17_aarch64")
    index.add_wheel("loop", "2.0", tags="cp39-abi3-macosx_11_0_arm64")
    return index


def facts_of(entry: dict[str, Any]) -> Facts:
    filename = entry["wheels"][0]["url"].rpartition("/")[2]
    file = next(f for f in small().projects[entry["name"]] if f.filename == filename)
    assert file.metadata is not None
    return Facts.of(file.metadata.decode())


@pytest.fixture
def locked(tmp_path: Path) -> Any:
    """``locked(requirements, …)`` → (text, transport), each in a project of its own that keeps its lock."""

    def lock(
        requirements: list[str] = REQUIREMENTS,
        folder: str = "demo",
        cache: str = "cache",
        keep: bool = False,
        python: str = sys.executable,
        **how: Any,
    ) -> Any:
        path = tmp_path / folder
        path.mkdir(exist_ok=True)
        listed = "".join(f'"{each}",\n' for each in requirements)
        (path / "pyproject.toml").write_text(
            f"[project]\nname = 'demo'\nversion = '1'\nrequires-python = '{REQUIRES_PYTHON}'\n"
            f"dependencies = [\n{listed}]\n"
        )
        if not keep:
            (path / "pylock.toml").unlink(missing_ok=True)
        environ = {"HUTCH_CACHE_DIR": str(tmp_path / cache), "HUTCH_PYTHON": python}
        _, transport = lock_in_memory(path, small(), environ=environ, **how)
        return (path / "pylock.toml").read_text(), transport

    return lock


def versions(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in tomllib.loads(text)["packages"]:
        found.setdefault(entry["name"], []).append(entry["version"])
    return found


def test_the_lock_is_right_on_every_target(locked: Any) -> None:
    text, _ = locked()
    assert faults(text, REQUIREMENTS, facts_of) == []


def test_a_package_has_the_versions_that_the_targets_need_and_no_more(locked: Any) -> None:
    found = versions(locked()[0])
    assert found == {
        "backport": ["1.0"],
        "console": ["1.0"],
        "forms": ["2.5"],
        "hue": ["0.4"],
        "kernel": ["2.0", "3.0"],
        "loop": ["1.4", "2.0"],
        "numbers": ["1.0", "2.0", "3.0"],
        "old": ["1.4"],
        "older": ["4"],
        "parser": ["0.9"],
        "web": ["2.1"],
    }


def test_the_bytes_do_not_depend_on_the_cache_or_the_old_lock(locked: Any) -> None:
    first, cold = locked()
    again, warm = locked()
    kept, _ = locked(keep=True)
    anew, _ = locked(cache="another")
    assert again == kept == anew == first
    assert cold.requests
    assert not warm.requests


def test_the_bytes_do_not_depend_on_the_order_of_the_requirements(locked: Any) -> None:
    orders = list(permutations(REQUIREMENTS))[::5]
    assert len({locked(list(order), folder="orders")[0] for order in orders}) == 1


@pytest.mark.parametrize("seed", range(6))
def test_the_bytes_do_not_depend_on_the_order_of_the_answers(locked: Any, seed: int) -> None:
    first, _ = locked()
    late, _ = locked(cache="late", order="shuffled", seed=seed, at_once=1 + seed % 3)
    assert late == first


def test_the_bytes_do_not_depend_on_the_machine_that_locks(locked: Any, real_home: Path) -> None:
    first, _ = locked()
    for minor in ("3.9", "3.10", "3.11", "3.12", "3.13"):
        for python in real_home.glob(f".pyenv/versions/{minor}.*/bin/python"):
            assert locked(python=str(python))[0] == first, python


def test_packaging_selects_one_version_of_each_package_that_is_needed_here(locked: Any) -> None:
    text, _ = locked()
    selected = [package.name for package, _ in Pylock.from_dict(tomllib.loads(text)).select()]
    assert len(selected) == len(set(selected))
    expected = {"web", "numbers", "kernel", "old", "older", "forms", "parser"}
    if sys.version_info[:3] < (3, 11, 3):
        expected.add("backport")
    expected |= {"console", "hue"} if os.name == "nt" else {"loop"}
    assert set(selected) == expected, platform.platform()


def test_the_notes_of_a_lock_bear_it_out_on_every_target(locked: Any) -> None:
    lock = parse_lock(locked()[0])
    assert check_lock(lock, [parse_target(name) for name in lock.targets], None, lambda package: None) == ()


# -- the law itself --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda text: text.replace('name = "parser"', 'name = "sparser"', 1), "and there is none"),
        (
            lambda text: text.replace("sys_platform == 'win32'", "sys_platform != 'nowhere'"),
            "nobody needs it",
        ),
        (lambda text: text.replace('version = "2.5"', 'version = "3.0"'), "and there is 3.0"),
        (
            lambda text: text.replace(
                "marker = \"python_version >= '3.12'\"\n", "marker = \"python_version >= '3.9'\"\n"
            ),
            "twice",
        ),
        (lambda text: text.replace("-none-any.whl", "-none-win32.whl"), "no file that installs there"),
        (
            lambda text: text.replace('"cp312-linux-x86_64"', '"cp38-linux-x86_64"'),
            "not one of the environments",
        ),
    ],
)
def test_the_law_sees_what_is_wrong(locked: Any, change: Any, fault: str) -> None:
    text, _ = locked()
    known = {entry["name"] + entry["version"]: facts_of(entry) for entry in tomllib.loads(text)["packages"]}
    nothing = Facts((), None)
    wrong = change(text)
    assert wrong != text
    found = faults(wrong, REQUIREMENTS, lambda entry: known.get(entry["name"] + entry["version"], nothing))
    assert any(fault in each for each in found), found[:5]
