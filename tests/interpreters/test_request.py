"""The words for a Python."""

from __future__ import annotations

import os
import platform as machines
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.interpreters import InvalidPythonRequest, parse_python_request
from hutch.interpreters.request import is_for_this_machine
from hutch.spec import render_specifiers


@pytest.mark.parametrize(
    ("text", "implementation", "specifiers", "free_threaded", "name"),
    [
        ("3", None, "==3.*", None, None),
        ("3.12", None, "==3.12.*", None, None),
        ("3.12.*", None, "==3.12.*", None, None),
        ("3.12.1", None, "==3.12.1", None, None),
        ("3.13.0rc1", None, "==3.13.0rc1", None, None),
        ("3.13-dev", None, "==3.13.*", None, "3.13-dev"),
        ("3.13t", None, "==3.13.*", True, None),
        ("3.13+freethreaded", None, "==3.13.*", True, None),
        ("312", None, "==3.12.*", None, None),
        ("cp312", "cpython", "==3.12.*", None, None),
        ("py39", None, "==3.9.*", None, None),
        ("cpython@3.12", "cpython", "==3.12.*", None, None),
        ("cpython-3.12", "cpython", "==3.12.*", None, None),
        ("3.12:latest", None, "==3.12.*", None, None),
        ("3.12-latest", None, "==3.12.*", None, None),
        ("latest:3.12", None, "==3.12.*", None, None),
        ("latest", "cpython", ">=3", None, None),
        ("3.13.0t", None, "==3.13.0", True, None),
        ("3.13+gil", None, "==3.13.*", False, None),
        ("3.13+freethreaded+debug", None, "==3.13.*", True, None),
        ("cp313t", "cpython", "==3.13.*", True, None),
        ("cpython-3.12.1-linux-x86_64-gnu", "cpython", "==3.12.1", None, None),
        ("cpython-3.13.0+freethreaded-linux-x86_64-gnu", "cpython", "==3.13.0", True, None),
        ("python-3.12.1", None, "==3.12.1", None, None),
        ("pypy@3.10", "pypy", "==3.10.*", None, None),
        ("pypy3.10", "pypy", "==3.10.*", None, "pypy3.10"),
        ("pypy3.10-7.3.12", "pypy", "==3.10.*", None, None),
        ("PyPy3.10", "pypy", "==3.10.*", None, "PyPy3.10"),
        ("graalpy", "graalpy", "", None, "graalpy"),
        ("python", None, "", None, "python"),
        ("python3.12", None, "==3.12.*", None, "python3.12"),
        ("python3.13t", None, "==3.13.*", True, "python3.13t"),
        (">=3.11,<3.13", None, ">=3.11,<3.13", None, None),
        ("~=3.11", None, "~=3.11", None, None),
        ("pypy>=3.9", "pypy", ">=3.9", None, None),
        ("cpython@>=3.9", "cpython", ">=3.9", None, None),
        ("system", None, "", None, "system"),
        ("miniforge3-24.1.2", None, "", None, "miniforge3-24.1.2"),
        ("my-env", None, "", None, "my-env"),
    ],
)
def test_a_request_is_read(
    text: str, implementation: str | None, specifiers: str, free_threaded: bool | None, name: str | None
) -> None:
    request = parse_python_request(text)
    assert request is not None
    assert request.path is None
    assert (request.implementation, render_specifiers(request.specifiers)) == (implementation, specifiers)
    assert (request.free_threaded, request.name) == (free_threaded, name)


@pytest.mark.parametrize("text", ["", " ", "any", "default", "ANY"])
def test_any_python_is_no_request(text: str) -> None:
    assert parse_python_request(text) is None


@pytest.mark.parametrize("text", ["./python", "../x/bin/python", "~/py", "/usr/bin/python3", ".venv", "a/b"])
def test_a_path_is_a_path(text: str) -> None:
    request = parse_python_request(text)
    assert request is not None
    assert request.path == os.path.abspath(os.path.expanduser(text))


@pytest.mark.parametrize("text", [">=", ">=3.x", "!!", "a b", "--evil", "jython>=2", ">=3.9;rm", "\x1b[31m"])
def test_nonsense_is_refused_in_words(text: str) -> None:
    with pytest.raises(InvalidPythonRequest) as caught:
        parse_python_request(text)
    assert "\x1b" not in caught.value.what
    assert caught.value.hints


@given(st.text(max_size=30))
def test_every_text_is_read_or_refused(text: str) -> None:
    try:
        request = parse_python_request(text)
    except InvalidPythonRequest:
        return
    assert request is None or request.path is None or request.name is None


@pytest.mark.parametrize(
    ("text", "debug", "platform"),
    [
        ("3.13d", True, ""),
        ("3.13td", True, ""),
        ("3.13+debug", True, ""),
        ("3.13", False, ""),
        ("cpython-3.13.0+debug-linux-x86_64-gnu", True, "linux-x86_64-gnu"),
        ("cpython-3.12.1-macos-aarch64-none", False, "macos-aarch64-none"),
    ],
)
def test_kinds_of_builds(text: str, debug: bool, platform: str) -> None:
    request = parse_python_request(text)
    assert request is not None
    assert (request.debug, request.platform) == (debug, platform)


def test_a_build_is_for_a_machine() -> None:
    here = {"linux": "linux", "darwin": "macos", "win32": "windows"}[sys.platform]
    there = "windows" if here != "windows" else "linux"
    machine = machines.machine().lower()
    assert is_for_this_machine(f"{here}-{machine}-gnu")
    assert not is_for_this_machine(f"{there}-{machine}-gnu")
    assert here != "linux" or not is_for_this_machine("linux-sparc-gnu")
