"""`.python-version` and pyenv's choice, by pyenv's rules and without pyenv."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hutch.interpreters import nearest_pin, parse_python_version_file
from hutch.interpreters.pin_files import PIN_FILES
from hutch.interpreters.pins import pyenv_selected, pyenv_version_directory
from hutch.ops import quick_venv


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("3.12\n", ("3.12",)),
        ("3.12.1 3.11\n", ("3.12.1",)),
        ("# comment\n\n  3.12\r\n3.11\r\n", ("3.12", "3.11")),
        ("\ufeff3.12", ("3.12",)),
        ("3.12\n3.12\n", ("3.12",)),
        ("", ()),
        ("#\n", ()),
    ],
)
def test_the_first_word_of_each_line_counts(text: str, names: tuple[str, ...]) -> None:
    assert parse_python_version_file(text) == names


def test_the_nearest_file_upwards_that_says_something_wins(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / ".python-version").write_text("3.11\n")
    (tmp_path / "a" / ".python-version").write_text("# nothing\n")
    pin = nearest_pin(str(inner))
    assert pin is not None
    assert (pin.names, pin.origin) == (("3.11",), str(tmp_path / ".python-version"))


@pytest.mark.parametrize(
    ("filename", "text", "names"),
    [
        (".python-versions", "3.12\n3.11\n", ("3.12", "3.11")),
        (".tool-versions", "nodejs 20\npython 3.12.1 3.11.2 # why\npython 3.9\n", ("3.12.1", "3.11.2")),
        (".tool-versions", "python latest\n", ()),
        (".tool-versions", "python latest:3.12 ref:main path:./x system\n", ("3.12", "system")),
        (".tool-versions", "python\n", ()),
        ("mise.toml", "[tools]\npython = '3.12'\n", ("3.12",)),
        ("mise.toml", "[tools]\npython = ['3.12', '3.11']\n", ("3.12", "3.11")),
        ("mise.toml", "[tools]\n'core:python' = { version = 'prefix:3.12' }\n", ("3.12",)),
        ("mise.toml", "[tools]\npython = [{ version = '3.12', virtualenv = '.venv' }]\n", ("3.12",)),
        ("mise.toml", "[tools]\npython = 'path:./tools/python'\n", ()),
        ("mise.toml", "[tools]\npython = 3\n", ()),
        ("mise.toml", "[tools", ()),
        ("mise.toml", "tools = 1", ()),
        ("mise.toml", "[tools]\nnode = '20'\n", ()),
        (".mise.toml", "[tools]\npython = '3.12'\n", ("3.12",)),
        ("runtime.txt", "python-3.12.1\n", ("3.12.1",)),
        ("runtime.txt", "3.8\n", ("3.8",)),
        ("runtime.txt", "the runtime is python-3.12.1\n", ()),
        ("runtime.txt", "ruby-3.2\n", ()),
        ("runtime.txt", "", ()),
    ],
)
def test_other_files_name_a_python_too(
    tmp_path: Path, filename: str, text: str, names: tuple[str, ...]
) -> None:
    (tmp_path / filename).write_text(text)
    pin = nearest_pin(str(tmp_path))
    assert (pin.names if pin is not None and pin.origin.startswith(str(tmp_path)) else ()) == names


def test_of_one_directory_the_files_count_in_their_order_and_a_nearer_directory_before(
    tmp_path: Path,
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / ".python-version").write_text("3.9\n")
    texts = {
        "runtime.txt": "python-3.10.1",
        ".mise.toml": "[tools]\npython = '3.11'",
        "mise.toml": "[tools]\npython = '3.12'",
        ".tool-versions": "python 3.13.1",
        ".python-versions": "3.14",
        ".python-version": "3.15",
    }
    for filename, text in texts.items():
        (inner / filename).write_text(text)
        pin = nearest_pin(str(inner))
        assert pin is not None
        assert pin.origin == str(inner / filename)


def test_what_is_watched_at_a_glance_is_every_file_that_may_pin() -> None:
    assert set(quick_venv.ABOVE) == {"pyproject.toml", *PIN_FILES}


@pytest.fixture
def root(tmp_path: Path) -> str:
    for name in ("3.11.7", "3.11.10", "3.12.1", "3.13.0rc1", "3.13.0t", "work", "pypy3.10-7.3.12"):
        (tmp_path / "root" / "versions" / name / "bin").mkdir(parents=True)
    (tmp_path / "root" / "versions" / "3.11.7" / "envs" / "web").mkdir(parents=True)
    return str(tmp_path / "root")


@pytest.mark.parametrize(
    ("name", "directory"),
    [
        ("3.11.7", "3.11.7"),
        ("3.11", "3.11.10"),
        ("3", "3.12.1"),
        ("python-3.12", "3.12.1"),
        ("3.13", None),
        ("3.13.0t", "3.13.0t"),
        ("work", "work"),
        ("3.11.7/envs/web", os.path.join("3.11.7", "envs", "web")),
        ("system", None),
        ("..", None),
        ("../..", None),
        ("../envs/x", None),
        ("/etc", None),
        ("", None),
        (".", None),
        ("3.1", None),
        ("gone", None),
    ],
)
def test_names_are_resolved_as_pyenv_does_and_never_lead_out(
    root: str, name: str, directory: str | None
) -> None:
    expected = os.path.join(root, "versions", directory) if directory else None
    assert pyenv_version_directory(root, name) == expected


def test_the_variable_wins_over_the_file_and_the_file_over_the_global_one(root: str, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    assert pyenv_selected(root, "", str(project)) == ("system",)
    Path(root, "version").write_text("3.11\n3.12\n")
    assert pyenv_selected(root, "", str(project)) == ("3.11", "3.12")
    (project / ".python-version").write_text("3.12\n")
    assert pyenv_selected(root, "", str(project)) == ("3.12",)
    assert pyenv_selected(root, "work:3.11", str(project)) == ("work", "3.11")


def test_pyenv_itself_agrees(tmp_path: Path, pyenv_root: Path) -> None:
    root = str(pyenv_root)
    pyenv = shutil.which("pyenv", path=os.path.join(root, "bin"))
    if pyenv is None:
        pytest.skip("pyenv is not installed")
    (tmp_path / ".python-version").write_text("3.12\n")
    environ = {**os.environ, "PYENV_ROOT": root}
    environ.pop("PYENV_VERSION", None)
    said = subprocess.run(
        [pyenv, "which", "python"], cwd=tmp_path, env=environ, capture_output=True, text=True
    )
    if said.returncode != 0:
        pytest.skip("pyenv has no Python 3.12 on this machine")
    directory = pyenv_version_directory(root, pyenv_selected(root, "", str(tmp_path))[0])
    assert directory is not None
    assert os.path.join(directory, "bin", "python") == said.stdout.strip()


VARIANTS = (
    *("3.9.18", "3.12.1", "3.12.10", "3.12-dev", "3.13.0", "3.13.0t", "3.13.2t", "3.13.1", "3.14.0rc1"),
    *("pypy3.10-7.3.12", "pypy3.10-7.3.15", "pypy3.9-7.3.16", "pypy3.10-7.3.16-src"),
    *("miniconda3-3.12-24.1.2-0", "miniforge3-24.1.2-0", "miniforge3-23.11.0-0", "graalpy-24.1.0"),
)
PREFIXES = ("3", "3.12", "3.13", "3.13t", "3.14", "pypy3.10", "pypy3.9", "miniforge3", "graalpy", "pypy", "2")


def versions_in(root: Path) -> str:
    for name in VARIANTS:
        (root / "versions" / name).mkdir(parents=True)
    return str(root)


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("3.12", "3.12.10"),
        ("3.13", "3.13.1"),
        ("3.13t", "3.13.2t"),
        ("3.14", None),
        ("3.12-dev", "3.12-dev"),
        ("pypy3.10", "pypy3.10-7.3.15"),
        ("miniforge3", "miniforge3-24.1.2-0"),
        ("graalpy", "graalpy-24.1.0"),
        ("pypy", None),
    ],
)
def test_the_beginning_of_a_name(tmp_path: Path, prefix: str, name: str | None) -> None:
    found = pyenv_version_directory(versions_in(tmp_path), prefix)
    assert (os.path.basename(found) if found else None) == name


@pytest.mark.parametrize("prefix", PREFIXES)
def test_pyenv_latest_agrees(tmp_path: Path, pyenv_root: Path, prefix: str) -> None:
    pyenv = shutil.which("pyenv", path=os.path.join(pyenv_root, "bin"))
    if pyenv is None:
        pytest.skip("pyenv is not installed")
    root = versions_in(tmp_path)
    environ = {**os.environ, "PYENV_ROOT": root}
    said = subprocess.run(
        [pyenv, "latest", prefix], env=environ, capture_output=True, text=True, cwd=tmp_path
    )
    found = pyenv_version_directory(root, prefix)
    assert (os.path.basename(found) if found else "") == said.stdout.strip()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_that_powershell_wrote(tmp_path: Path, encoding: str) -> None:
    (tmp_path / ".python-version").write_bytes("3.12\r\n3.11\r\n".encode(encoding))
    pin = nearest_pin(str(tmp_path))
    assert pin is not None
    assert pin.names == ("3.12", "3.11")
