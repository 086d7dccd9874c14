"""Which builds a table has, and which of them is meant."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.interpreters import parse_python_request
from hutch.interpreters.managed import Host, InvalidTable, best_build, fitting_builds, parse_versions
from hutch.interpreters.managed.builds import builds_from, to_row, version_key
from hutch.interpreters.managed.graalpy import graalpy_builds

LINUX = Host(os="linux", machine="x86_64", libc="gnu")
HASH = "ab" * 32


def entry(
    version: str = "3.12.7",
    *,
    implementation: str = "cpython",
    threads: bool = False,
    filename: str = "",
    **file: Any,
) -> dict[str, Any]:
    """One version of a table with one file."""
    major, minor, micro = map(int, version.split("."))
    triple = "x86_64-unknown-linux-gnu"
    name = filename or f"{implementation}-{version}+20261021-{triple}-install_only.tar.gz"
    return {
        "python_version": {
            "implementation": implementation,
            "major": major,
            "minor": minor,
            "micro": micro,
            "freethreaded": threads,
        },
        "files": [
            {
                "arch": "x86_64",
                "platform": "linux",
                "filename": name,
                "install_only": True,
                "sha256": HASH,
                "url": f"https://pythons.example/releases/download/20261021/{name}",
                **file,
            }
        ],
    }


def read(*entries: object, host: Host = LINUX) -> tuple[Any, ...]:
    return parse_versions(json.dumps(entries).encode(), host, where="versions.json")


TABLE = read(
    entry("3.12.7"),
    entry("3.12.15"),
    entry("3.13.1"),
    entry("3.13.1", threads=True, filename="cpython-3.13.1+1-x86_64-unknown-linux-gnu-freethreaded.tar.gz"),
    entry("3.14.0", filename="cpython-3.14.0rc2+1-x86_64-unknown-linux-gnu-install_only.tar.gz"),
    entry("3.10.16", implementation="pypy", filename="pypy3.10-v7.3.19-linux64.tar.bz2"),
    entry("3.10.12", implementation="pypy", filename="pypy3.10-v7.3.12-linux64.tar.bz2"),
)


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (None, "cpython-3.13.1-linux-x86_64-gnu"),
        ("3.12", "cpython-3.12.15-linux-x86_64-gnu"),
        ("3.12.7", "cpython-3.12.7-linux-x86_64-gnu"),
        ("cpython@3.12.7", "cpython-3.12.7-linux-x86_64-gnu"),
        (">=3.11,<3.13", "cpython-3.12.15-linux-x86_64-gnu"),
        ("3.13t", "cpython-3.13.1+freethreaded-linux-x86_64-gnu"),
        ("3.14", None),
        ("3.14-dev", "cpython-3.14.0rc2-linux-x86_64-gnu"),
        ("3.14.0rc2", "cpython-3.14.0rc2-linux-x86_64-gnu"),
        ("pypy", "pypy-3.10.16-linux-x86_64-gnu"),
        ("pypy3.10", "pypy-3.10.16-linux-x86_64-gnu"),
        ("pypy3.10-7.3.12", "pypy-3.10.12-linux-x86_64-gnu"),
        ("graalpy", None),
        ("3.9", None),
    ],
)
def test_the_newest_build_that_is_meant(words: str | None, key: str | None) -> None:
    build = best_build(TABLE, parse_python_request(words) if words else None)
    assert (build.key if build else None) == key


def test_requires_python_bounds_the_choice() -> None:
    build = best_build(TABLE, None, ((">=", "3.10"), ("<", "3.13")))
    assert build is not None
    assert build.version == "3.12.15"


def test_patch_releases_of_one_minor_share_an_alias_and_kinds_do_not() -> None:
    aliases = {build.key: build.alias for build in TABLE}
    assert aliases["cpython-3.12.7-linux-x86_64-gnu"] == aliases["cpython-3.12.15-linux-x86_64-gnu"]
    assert aliases["cpython-3.13.1-linux-x86_64-gnu"] == "cpython-3.13-linux-x86_64-gnu"
    threads = aliases["cpython-3.13.1+freethreaded-linux-x86_64-gnu"]
    assert threads == "cpython-3.13+freethreaded-linux-x86_64-gnu"


def test_a_small_archive_goes_before_that_of_a_whole_build_and_a_hash_before_none() -> None:
    whole = entry(filename="cpython-3.12.7+1-x86_64-unknown-linux-gnu-pgo-full.tar.zst", install_only=False)
    unknown = entry(filename="cpython-3.12.7+2-x86_64-unknown-linux-gnu-install_only.tar.gz", sha256=None)
    found = fitting_builds(read(whole, unknown, entry()), None)
    assert [build.filename for build in found] == [entry()["files"][0]["filename"]]
    assert fitting_builds(read(unknown, whole), None)[0].stripped is False


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ({"filename": "../../evil.tar.gz"}, "a name that is a path"),
        ({"filename": "a b.tar.gz"}, "a name with a space"),
        ({"filename": "python.exe"}, "no archive"),
        ({"url": "file:///etc/passwd"}, "a file of this machine"),
        ({"url": "ftp://pythons.example/x"}, "another scheme"),
        ({"sha256": "ab"}, "half a hash"),
        ({"sha256": 5}, "no hash at all"),
        ({"arch": "../x"}, "a machine that is a path"),
        ({"platform": "beos"}, "an unknown system"),
    ],
)
def test_an_entry_that_is_not_right_is_left_out(file: dict[str, Any], why: str) -> None:
    assert [build.version for build in read(entry("3.11.1", **file), entry())] == ["3.12.7"], why


_KEYS = st.sampled_from(["files", "python_version", "filename", "url", "sha256", "major", "x"])


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(_KEYS, inner),
    )
)
def test_a_table_may_hold_anything(value: object) -> None:
    assert read(value, entry())[-1].version == "3.12.7"


@pytest.mark.parametrize("data", [b"", b"{}", b"nonsense", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_table_is_a_problem(data: bytes) -> None:
    with pytest.raises(InvalidTable):
        parse_versions(data, LINUX, where="versions.json")


def test_builds_for_other_machines_are_left_out() -> None:
    assert read(entry(), host=Host(os="linux", machine="x86_64", libc="musl")) == ()
    assert read(entry(), host=Host(os="macos", machine="x86_64", libc="none")) == ()
    musl = "cpython-3.12.7+1-x86_64-unknown-linux-musl-install_only.tar.gz"
    assert read(entry(filename=musl)) == ()
    (found,) = read(entry(filename=musl), host=Host(os="linux", machine="x86_64", libc="musl"))
    assert found.key == "cpython-3.12.7-linux-x86_64-musl"


def test_too_old_a_python_is_left_out() -> None:
    assert read(entry("3.7.9")) == ()


def test_a_digest_is_the_table_again() -> None:
    assert builds_from(to_row(build) for build in TABLE) == TABLE


def test_graalpy_lies_beside_the_other_releases() -> None:
    # A table without CPython: who asks for a version does not get GraalPy.
    assert best_build(graalpy_builds(LINUX, TABLE), parse_python_request("3.12")) is None
    build = best_build(graalpy_builds(LINUX, TABLE), parse_python_request("graalpy3.12"))
    assert build is not None
    assert build.url.startswith("https://pythons.example/")
    assert build.url.endswith(f"/graal-{build.release}/{build.filename}")
    assert build.sha256 is not None
    assert build.key == f"graalpy-{build.release}-linux-x86_64-gnu"
    assert build.alias == "graalpy-3.12-linux-x86_64-gnu"
    assert graalpy_builds(LINUX, ())[0].url == ""


@pytest.mark.parametrize(
    ("older", "newer"),
    [("3.9.25", "3.10.0"), ("3.13.0rc2", "3.13.0"), ("3.13.0a1", "3.13.0b1"), ("7.3.9", "7.3.10")],
)
def test_versions_in_order(older: str, newer: str) -> None:
    assert version_key(older) < version_key(newer)
