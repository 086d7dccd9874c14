"""What the disk tells of a Python agrees with what it says itself; where that is not sure it is silent."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hutch.interpreters import (
    BrokenInterpreter,
    UnsupportedInterpreter,
    iterate_candidates,
    probe_interpreter,
)
from hutch.interpreters.glance import Glance, glance_at, glance_of
from hutch.interpreters.places import SearchOptions
from interpreters.conftest import PYENV
from interpreters.fakes import fake_python

if os.name == "nt":
    pytest.skip("these tests lay out a POSIX machine", allow_module_level=True)


def real_pythons() -> list[str]:
    """Every Python of this machine, the one of the tests among them."""
    search = SearchOptions.from_environ({**os.environ, "HOME": str(PYENV.parents[1])}, running=sys.executable)
    return [candidate.path for candidate in iterate_candidates(search)]


@pytest.mark.parametrize("path", real_pythons())
def test_the_disk_says_what_the_python_says(path: str) -> None:
    glance = glance_at(path)
    try:
        asked = probe_interpreter(path)
    except UnsupportedInterpreter as old:
        assert glance is not None
        assert glance.version.startswith(old.version)
        return
    except BrokenInterpreter:
        assert glance is None
        return
    if glance is None:
        pytest.skip("the disk does not tell: it would be asked")
    assert glance == glance_of(asked)


def test_pyenvs_pythons_are_told_from_the_disk(pyenv: Callable[[str], str]) -> None:
    """Else the test above might compare nothing."""
    glance = glance_at(pyenv("3.12"))
    assert glance is not None
    assert glance.version == Path(pyenv("3.12")).parts[-3]


def told(path: Path, *, windows: bool = False) -> str | None:
    """``3.13.0t`` of what lies there."""
    glance = glance_at(str(path), windows=windows)
    if glance is None:
        return None
    name = "" if glance.implementation == "cpython" else f"{glance.implementation} "
    return name + glance.version + ("t" if glance.free_threaded else "") + ("d" if glance.debug else "")


@pytest.mark.parametrize(
    ("version", "flags", "implementation", "expected"),
    [
        ("3.12.1", "", "cpython", "3.12.1"),
        ("2.7.18", "", "cpython", "2.7.18"),
        ("3.6.15", "m", "cpython", "3.6.15"),
        ("3.13.0", "t", "cpython", "3.13.0t"),
        ("3.13.0", "td", "cpython", "3.13.0td"),
        ("3.12.1", "d", "cpython", "3.12.1d"),
        ("3.14.0rc2", "", "cpython", "3.14.0c2"),
        ("3.15.0a1", "", "cpython", "3.15.0a1"),
        ("3.12.1+", "", "cpython", "3.12.1"),
        ("3.10.14", "", "pypy", "pypy 3.10.14"),
        ("3.11.7", "", "graalpy", "graalpy 3.11.7"),
    ],
)
def test_versions_and_kinds(
    tmp_path: Path, version: str, flags: str, implementation: str, expected: str
) -> None:
    assert told(fake_python(tmp_path, version, flags=flags, implementation=implementation)) == expected


def test_both_builds_of_a_version_side_by_side(tmp_path: Path) -> None:
    fake_python(tmp_path, "3.13.0", flags="t")
    fake_python(tmp_path, "3.13.1")
    assert told(tmp_path / "bin" / "python3.13") == "3.13.1"
    assert told(tmp_path / "bin" / "python3.13t") == "3.13.0t"


def test_an_environment_is_the_python_behind_it(tmp_path: Path, make_venv: Callable[..., Path]) -> None:
    made = make_venv(tmp_path / "env")
    glance, asked = glance_at(str(made / "bin" / "python")), probe_interpreter(made)
    assert glance is None or glance == glance_of(asked)
    base = fake_python(tmp_path / "base", "3.12.1")
    fake = tmp_path / "fake"
    (fake / "bin").mkdir(parents=True)
    (fake / "bin" / "python").symlink_to(base)
    (fake / "pyvenv.cfg").write_text(f"home = {base.parent}\nversion = 3.12.0\n")
    found = glance_at(str(fake / "bin" / "python"))
    assert found is not None
    assert (found.version, found.is_virtual, found.prefix) == ("3.12.1", True, str(fake))
    assert found.base_executable == str(base)


class TestDoubt:
    """Where the disk might mislead, somebody asks."""

    def test_no_headers(self, tmp_path: Path) -> None:
        assert told(fake_python(tmp_path, "3.12.1", headers=False)) is None

    def test_a_script(self, tmp_path: Path) -> None:
        python = fake_python(tmp_path, "3.12.1")
        os.remove(python)
        python.write_text("#!/bin/sh\nexec something-else\n")
        python.chmod(0o755)
        assert told(python) is None

    def test_headers_of_another_version(self, tmp_path: Path) -> None:
        python = fake_python(tmp_path, "3.12.1")
        header = tmp_path / "include" / "python3.12" / "patchlevel.h"
        header.write_text('#define PY_VERSION "3.11.4"\n')
        assert told(python) is None

    def test_two_libraries_and_a_name_that_does_not_tell(self, tmp_path: Path) -> None:
        fake_python(tmp_path, "3.11.4")
        fake_python(tmp_path, "3.12.1")
        os.remove(tmp_path / "bin" / "python")
        (tmp_path / "bin" / "python3.12").rename(tmp_path / "bin" / "python")
        assert told(tmp_path / "bin" / "python") is None

    def test_a_small_program_without_its_library(self, tmp_path: Path) -> None:
        python = fake_python(tmp_path, "3.12.1", size=16_000)
        assert told(python) is None
        (tmp_path / "lib" / "libpython3.12.so.1.0").touch()
        assert told(python) == "3.12.1"

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "#define PY_VERSION 3.12.1\n",
            '#define PY_VERSION "3.12"\n',
            '#define PY_VERSION "9999999.1.2"\n',
        ],
    )
    def test_a_header_that_says_nothing(self, tmp_path: Path, header: str) -> None:
        python = fake_python(tmp_path, "3.12.1")
        (tmp_path / "include" / "python3.12" / "patchlevel.h").write_text(header)
        assert told(python) is None

    def test_a_pipe_in_the_place_of_a_header_holds_nobody_up(self, tmp_path: Path) -> None:
        python = fake_python(tmp_path, "3.12.1")
        header = tmp_path / "include" / "python3.12" / "patchlevel.h"
        header.unlink()
        os.mkfifo(header)
        assert told(python) is None


class TestBuildDetails:
    """PEP 739."""

    def written(self, prefix: Path, **changes: object) -> Path:
        python = fake_python(prefix, "3.14.2", headers=False)
        said: dict[str, object] = {
            "schema_version": "1.0",
            "language": {
                "version": "3.14",
                "version_info": {"major": 3, "minor": 14, "micro": 2, "releaselevel": "final", "serial": 0},
            },
            "implementation": {"name": "cpython", "version": {"major": 3, "minor": 14, "micro": 2}},
            "abi": {"flags": []},
            **changes,
        }
        (prefix / "lib" / "python3.14" / "build-details.json").write_text(json.dumps(said))
        return python

    def test_it_is_believed(self, tmp_path: Path) -> None:
        assert told(self.written(tmp_path)) == "3.14.2"

    def test_flags(self, tmp_path: Path) -> None:
        assert told(self.written(tmp_path, abi={"flags": ["t", "d"]})) == "3.14.2td"

    def test_of_the_implementation_where_the_language_has_none(self, tmp_path: Path) -> None:
        version = {"major": 3, "minor": 14, "micro": 0, "releaselevel": "beta", "serial": 3}
        implementation = {"name": "cpython", "version": version}
        python = self.written(tmp_path, language={"version": "3.14"}, implementation=implementation)
        assert told(python) == "3.14.0b3"

    @pytest.mark.parametrize(
        "changes",
        [
            {"language": []},
            {"language": {"version_info": {"major": "x"}}},
            {"implementation": {"name": "pypy"}},
            {"abi": None},
            {
                "language": {
                    "version_info": {
                        "major": 3,
                        "minor": 13,
                        "micro": 0,
                        "releaselevel": "final",
                        "serial": 0,
                    }
                }
            },
        ],
    )
    def test_nonsense_is_no_answer(self, tmp_path: Path, changes: dict[str, object]) -> None:
        assert told(self.written(tmp_path, **changes)) is None

    def test_a_text_of_endless_depth(self, tmp_path: Path) -> None:
        python = self.written(tmp_path)
        (tmp_path / "lib" / "python3.14" / "build-details.json").write_text("[" * 200_000)
        assert told(python) is None


class TestWindows:
    """By values: files where Windows has them."""

    def laid_out(self, prefix: Path, version: str, *dlls: str, name: str = "python.exe") -> Path:
        (prefix / "Lib").mkdir(parents=True)
        (prefix / "Lib" / "os.py").touch()
        (prefix / "include").mkdir()
        (prefix / "include" / "patchlevel.h").write_text(f'#define PY_VERSION "{version}"\r\n')
        for dll in dlls:
            (prefix / dll).touch()
        (prefix / name).write_bytes(b"MZ")
        return prefix / name

    def test_a_python(self, tmp_path: Path) -> None:
        assert (
            told(self.laid_out(tmp_path, "3.12.1", "python3.dll", "python312.dll"), windows=True) == "3.12.1"
        )

    def test_without_the_lock(self, tmp_path: Path) -> None:
        assert told(self.laid_out(tmp_path, "3.13.0", "python313t.dll"), windows=True) == "3.13.0t"

    def test_both(self, tmp_path: Path) -> None:
        python = self.laid_out(tmp_path, "3.13.0", "python313t.dll", "python313.dll")
        other = tmp_path / "python3.13t.exe"
        other.write_bytes(b"MZ")
        assert (told(python, windows=True), told(other, windows=True)) == ("3.13.0", "3.13.0t")

    def test_a_program_without_its_dll(self, tmp_path: Path) -> None:
        assert told(self.laid_out(tmp_path, "3.12.1"), windows=True) is None

    def test_a_stub(self, tmp_path: Path) -> None:
        python = self.laid_out(tmp_path, "3.12.1", "python312.dll")
        python.write_bytes(b"")
        assert told(python, windows=True) is None


def test_a_glance_has_what_an_interpreter_has() -> None:
    """So that either can be chosen from."""
    from hutch.interpreters import Interpreter
    from hutch.values import fields

    names = {field.name for field in fields(Glance)}
    assert names <= {field.name for field in fields(Interpreter)}
