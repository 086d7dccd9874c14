"""The variables of a build: an allow-list, with secrets off every list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.build.diagnosis import hint_for
from hutch.build.variables import build_variables


def kept(environ: dict[str, str], *passed: str) -> dict[str, str]:
    found = build_variables(environ, home="/h", temporary="/t", passed=passed)
    return {name: value for name, value in found.items() if name in environ}


STEERING = """
    PATH CC CFLAGS LC_ALL CMAKE_ARGS SETUPTOOLS_SCM_PRETEND_VERSION MACOSX_DEPLOYMENT_TARGET SystemRoot
    ProgramFiles(x86) PKG_CONFIG_PATH SSL_CERT_FILE MAKEFLAGS
"""
OTHERS = """
    PYTHONPATH PYTHONHOME VIRTUAL_ENV PIP_INDEX_URL UV_INDEX HUTCH_INDEX_URL AWS_PROFILE CMAKE_API_KEY
    MESON_TOKEN LC_SECRET HATCH_BUILD_PASSWORD SSH_AUTH_SOCK NETRC CI_JOB_JWT SETUPTOOLS_SCM_GITHUB_PAT
    skbuild_auth DATABASE_URL XDG_CONFIG_HOME GNUPGHOME
"""


@pytest.mark.parametrize("name", STEERING.split())
def test_what_steers_builds_is_kept(name: str) -> None:
    assert kept({name: "x"}) == {name: "x"}


@pytest.mark.parametrize("name", OTHERS.split())
def test_everything_else_is_not(name: str) -> None:
    assert kept({name: "x"}) == {}


@pytest.mark.parametrize(
    ("proxy", "kept_proxy"),
    [
        ("http://user:pass@proxy.example:3128", "http://proxy.example:3128"),
        ("user:p%40ss@proxy.example", "proxy.example"),
        ("http://proxy.example", "http://proxy.example"),
        ("localhost,.corp.example", "localhost,.corp.example"),
    ],
)
def test_a_proxy_loses_its_user(proxy: str, kept_proxy: str) -> None:
    assert kept({"https_proxy": proxy}) == {"https_proxy": kept_proxy}


@given(
    st.dictionaries(st.from_regex(r"[A-Z_]{1,12}(TOKEN|SECRET|PASSWORD|API_KEY)", fullmatch=True), st.text())
)
def test_no_name_that_tells_a_secret_is_ever_kept(environ: dict[str, str]) -> None:
    assert kept(environ) == {}


def test_what_is_passed_is_kept_whatever_it_is() -> None:
    assert kept({"MY_TOKEN": "x", "OTHER_TOKEN": "y"}, "my_token") == {"MY_TOKEN": "x"}


def test_home_and_temporary_directory_are_the_builds() -> None:
    found = build_variables({"HOME": "/root", "TMPDIR": "/tmp"}, home="/h", temporary="/t")
    assert (found["HOME"], found["TMPDIR"], found["TEMP"], found["TMP"]) == ("/h", "/t", "/t", "/t")


@pytest.mark.parametrize(
    ("output", "hint"),
    [
        ("x.c:1:10: fatal error: Python.h: No such file or directory", "python3-dev"),
        ("fatal error: libpq-fe.h: No such file or directory", "libpq-fe.h"),
        ("error: command 'gcc' failed: No such file or directory", "no compiler `gcc`"),
        ("unable to execute 'x86_64-linux-gnu-gcc': No such file or directory", "x86_64-linux-gnu-gcc"),
        ("error: can't find Rust compiler", "it needs Rust"),
        ("ModuleNotFoundError: No module named 'numpy'", "it needs `numpy` to be built"),
        ("ModuleNotFoundError: No module named 'distutils.core'", "gone since Python 3.12"),
        ("ModuleNotFoundError: No module named 'pkg_resources'", "setuptools"),
        ("ModuleOrPackageNotFoundError: No file/folder found for package np", "--no-install-project"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("error: Microsoft Visual C++ 14.0 or greater is required.", "Visual C++"),
        ("everything is fine", ""),
        ("", ""),
    ],
)
def test_output_is_understood_where_it_can_be(output: str, hint: str) -> None:
    found = hint_for(f"running build\n{output}\nmore\n")
    assert hint in found
    assert bool(found) == bool(hint)
