"""Where an archive may be, and what a mirror says of its files."""

from __future__ import annotations

import pytest

from hutch.interpreters.managed import Build, addresses, mirror_from, parse_sums, sums_addresses

BUILD = Build(
    implementation="cpython",
    version="3.12.7",
    free_threaded=False,
    os="linux",
    machine="x86_64",
    libc="gnu",
    filename="cpython-3.12.7+20241016-x86_64-unknown-linux-gnu-install_only.tar.gz",
    url="https://pythons.example/builds/releases/download/20241016/cpython-3.12.7%2B20241016-x.tar.gz",
    sha256="ab" * 32,
)
QUOTED = "cpython-3.12.7%2B20241016-x86_64-unknown-linux-gnu-install_only.tar.gz"


def test_without_a_mirror_it_is_where_its_makers_have_it() -> None:
    assert addresses(BUILD, ()) == (BUILD.url,)


def test_a_mirror_is_asked_for_the_file_and_for_the_file_in_its_release() -> None:
    mirrors = mirror_from("https://mirror.example/py/", {})
    assert addresses(BUILD, mirrors) == (
        f"https://mirror.example/py/{QUOTED}",
        f"https://mirror.example/py/20241016/{QUOTED}",
    )
    assert sums_addresses(BUILD, mirrors) == (
        "https://mirror.example/py/SHA256SUMS",
        "https://mirror.example/py/20241016/SHA256SUMS",
    )


def test_what_uv_and_pyenv_were_told_counts_where_hutch_was_told_nothing() -> None:
    environ = {
        "UV_PYTHON_INSTALL_MIRROR": "https://uv.example/py",
        "UV_PYPY_INSTALL_MIRROR": "https://pypy.example",
        "PYTHON_BUILD_MIRROR_URL": "https://pyenv.example/",
    }
    mirrors = mirror_from(None, environ)
    found = addresses(BUILD, mirrors)
    assert found[:2] == (f"https://uv.example/py/{QUOTED}", f"https://uv.example/py/20241016/{QUOTED}")
    assert f"https://pyenv.example/{'ab' * 32}" in found
    assert not any("pypy.example" in place for place in found)
    assert mirror_from("file:///srv/py", environ)[0].origin == "python-mirror"
    assert len(mirror_from("file:///srv/py", environ)) == 1


@pytest.mark.parametrize("value", ["", "  ", "/srv/py", "ftp://x", "javascript:x"])
def test_a_variable_of_others_that_is_no_address_is_passed_over(value: str) -> None:
    assert mirror_from(None, {"UV_PYTHON_INSTALL_MIRROR": value}) == ()


def test_sums_as_sha256sum_writes_them() -> None:
    text = f"{'ab' * 32}  a.tar.gz\n{'CD' * 32} *b.tar.gz\nnonsense\n{'ef' * 32}  ./c.tar.gz\r\n"
    assert parse_sums(text, "a.tar.gz") == "ab" * 32
    assert parse_sums(text, "b.tar.gz") == "cd" * 32
    assert parse_sums(text, "c.tar.gz") == "ef" * 32
    assert parse_sums(text, "d.tar.gz") is None


def test_a_file_with_two_sums_has_none() -> None:
    assert parse_sums(f"{'ab' * 32}  a\n{'cd' * 32}  a\n", "a") is None
    assert parse_sums(f"{'ab' * 32}  a\n{'ab' * 32}  a\n", "a") == "ab" * 32
