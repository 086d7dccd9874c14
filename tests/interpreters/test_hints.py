"""Hints from names: right where they say something, silent where they know nothing."""

from __future__ import annotations

import pytest

from hutch.interpreters.choose import ruled_out
from hutch.interpreters.hints import Hint, hint_from_environment, hint_from_name, hint_from_path
from hutch.interpreters.request import parse_python_request
from hutch.interpreters.virtual import EnvironmentFile, base_candidates, parse_pyvenv
from hutch.spec import parse_specifiers


@pytest.mark.parametrize(
    ("path", "implementation", "version", "free_threaded"),
    [
        ("/usr/bin/python3.11", "cpython", (3, 11), None),
        ("/usr/bin/python3.13t", "cpython", (3, 13), True),
        ("/home/u/.pyenv/versions/3.12.1/bin/python3.12", "cpython", (3, 12, 1), None),
        ("/home/u/.pyenv/versions/3.13.0t/bin/python3.13t", "cpython", (3, 13, 0), True),
        ("/home/u/.pyenv/versions/pypy3.10-7.3.12/bin/pypy3.10", "pypy", (3, 10), None),
        ("/home/u/.pyenv/versions/graalpy-24.1.1/bin/graalpy", "graalpy", (), None),
        ("/opt/homebrew/Cellar/python@3.12/3.12.4/bin/python3.12", "cpython", (3, 12, 4), None),
        ("/data/python/cpython-3.12.1-linux-x86_64-gnu/bin/python3.12", "cpython", (3, 12, 1), None),
        (
            "/data/python/cpython-3.13.0+freethreaded-linux-x86_64-gnu/bin/python3",
            "cpython",
            (3, 13, 0),
            True,
        ),
        ("C:\\Users\\u\\AppData\\Local\\Programs\\Python\\Python312\\python.exe", "cpython", (3, 12), None),
        ("C:\\Python39-32\\python.exe", "cpython", (3, 9), None),
        ("/Library/Frameworks/Python.framework/Versions/3.12/bin/python3.12", "cpython", (3, 12), None),
    ],
)
def test_a_path_tells_the_version(
    path: str, implementation: str, version: tuple[int, ...], free_threaded: bool | None
) -> None:
    hint = hint_from_path(path)
    assert hint is not None
    assert (hint.implementation, hint.version, hint.free_threaded) == (implementation, version, free_threaded)


@pytest.mark.parametrize("path", ["/opt/x/bin/python", "/opt/tools/bin/python3", "/opt/my-3.x/bin/python"])
def test_a_path_without_a_version_says_nothing(path: str) -> None:
    assert hint_from_path(path) is None


def test_a_directory_that_disagrees_with_the_program_is_not_believed() -> None:
    hint = hint_from_path("/srv/app-3.9/3.9.1/bin/python3.12")
    assert hint is not None
    assert hint.version == (3, 12)


def test_the_library_tells_what_the_names_do_not(tmp_path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib" / "python3.10").mkdir(parents=True)
    (tmp_path / "lib" / "python3.10" / "os.py").touch()
    hint = hint_from_path(str(tmp_path / "bin" / "python"))
    assert hint == Hint(implementation="cpython", version=(3, 10))
    (tmp_path / "lib" / "python3.9").mkdir()
    (tmp_path / "lib" / "python3.9" / "os.py").touch()
    assert hint_from_path(str(tmp_path / "bin" / "python")) is None


@pytest.mark.parametrize(
    "name", ["python", "python3", "python3-config", "pythonw", "ipython3.9", "python3.9-dbg"]
)
def test_programs_that_tell_nothing(name: str) -> None:
    assert hint_from_name(name) is None


@pytest.mark.parametrize(
    ("hint", "request_", "requires", "reason"),
    [
        (None, "3.12", ">=3.12", ""),
        (Hint(), "3.12", ">=3.12", ""),
        (Hint(version=(3, 12)), "3.12", ">=3.12", ""),
        (Hint(version=(3, 11)), "3.12", "", "`3.12` was asked for"),
        (Hint(version=(3, 11)), None, ">=3.12", "requires-python >=3.12 does not admit it"),
        (Hint(version=(3, 12)), None, ">=3.12.5", ""),
        (Hint(version=(3, 12, 1)), None, ">=3.12.5", "requires-python >=3.12.5 does not admit it"),
        (Hint(version=(3, 12)), None, "!=3.12.*", "requires-python !=3.12.* does not admit it"),
        (Hint(version=(3, 12)), None, "<3.12.1", ""),
        (Hint(version=(3, 13), prerelease=True), None, "<3.13.0rc2", ""),
        (Hint(version=(3, 13, 0), prerelease=True), "3.13.0rc1", "", ""),
        (Hint(version=(3, 13), prerelease=True), None, "<3.13", "requires-python <3.13 does not admit it"),
        (Hint(version=(3, 7)), None, "", "it is too old (3.8 is the oldest that hutch manages)"),
        (Hint(implementation="pypy", version=(3, 10)), "cpython@3.10", "", "it is no cpython"),
    ],
)
def test_only_what_cannot_fit_is_ruled_out(
    hint: Hint | None, request_: str | None, requires: str, reason: str
) -> None:
    request = parse_python_request(request_) if request_ else None
    assert ruled_out(hint, request, parse_specifiers(requires)) == reason


class TestEnvironmentFiles:
    """PEP 405, and what `virtualenv` and others add."""

    def environment(self, text: str) -> EnvironmentFile:
        return EnvironmentFile(
            prefix="/env", path="/env/pyvenv.cfg", values=parse_pyvenv(text), size=1, mtime_ns=1
        )

    def test_keys_are_read_without_regard_to_case_and_the_first_counts(self) -> None:
        text = "Home = /usr/bin\nversion=3.11.2\nhome = /other\nno equals\nprompt = 'a = b'\n"
        assert parse_pyvenv(text) == {"home": "/usr/bin", "version": "3.11.2", "prompt": "'a = b'"}

    def test_the_minor_version_is_believed_and_the_patch_is_not(self) -> None:
        hint = hint_from_environment(self.environment("home = /usr/bin\nversion_info = 3.11.2.final.0\n"))
        assert hint == Hint(version=(3, 11))

    def test_the_base_is_looked_for_in_home_first_by_the_name_in_use(self) -> None:
        file = self.environment("home = /usr/bin\nversion = 3.11.2\n")
        assert base_candidates(file, "/env/bin/python3")[:3] == [
            "/usr/bin/python3",
            "/usr/bin/python3.11",
            "/usr/bin/python",
        ]

    def test_virtualenv_says_it_outright(self) -> None:
        file = self.environment("home = /usr/bin\nbase-executable = /opt/py/bin/python3.12\n")
        assert base_candidates(file, "/env/bin/python")[0] == "/opt/py/bin/python3.12"

    def test_relative_homes_are_not_followed(self) -> None:
        assert base_candidates(self.environment("home = ../evil\n"), "/env/bin/python") == []
