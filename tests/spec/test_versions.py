"""Version keys against ``packaging`` as the oracle."""

from __future__ import annotations

import marshal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import InvalidVersion as OracleInvalid
from packaging.version import Version

from hutch.spec import (
    InvalidVersion,
    base_version,
    canonical_version,
    is_local,
    is_prerelease,
    key_and_spelling,
    next_version,
    public_version,
    version_key,
)
from spec.strategies import versions

ASCENDING = [
    "0", "0.0.1.dev0", "0.1", "1.dev0", "1.0.dev456", "1.0a1.dev1", "1.0a1", "1.0a1.post1", "1.0a2.dev456",
    "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2", "1.0b2.post345.dev456", "1.0b2.post345",
    "1.0rc1.dev456", "1.0rc1", "1.0", "1.0+abc.5", "1.0+abc.7", "1.0+5", "1.0+5.1", "1.0.post456.dev34",
    "1.0.post456", "1.0.post456+x", "1.1.dev1", "1.1", "1.10", "2!0.1",
]  # fmt: skip


def test_the_order_of_the_specification() -> None:
    keys = [version_key(text) for text in ASCENDING]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


@given(versions(), versions())
def test_keys_compare_as_packaging_compares(one: str, other: str) -> None:
    left, right = Version(one), Version(other)
    assert (version_key(one) < version_key(other)) is (left < right)
    assert (version_key(one) == version_key(other)) is (left == right)


@given(versions())
def test_what_a_key_tells_is_what_packaging_tells(text: str) -> None:
    version = Version(text)
    key = version_key(text)
    assert is_prerelease(key) is version.is_prerelease
    assert is_local(key) is (version.local is not None)
    assert canonical_version(text) == str(version)
    assert public_version(text) == version.public
    assert base_version(text) == version.base_version


@given(versions())
def test_keys_can_be_marshalled(text: str) -> None:
    key = version_key(text)
    again = marshal.loads(marshal.dumps(key))
    assert again == key
    assert is_prerelease(again) is is_prerelease(key)


TRICKY = [
    "", ".", "1.", ".1", "1..2", "1_0", "+1", "-1", "1. 0", "1.0 ", " v1.0", "1.0-", "1.0+", "1.0+a..b", "1!",
    "!1", "1!2!3", "1.0a", "1.0a-", "1.0a--1", "1.0a.post", "1.0-post", "1.0--1", "1.0.-1", "1.0-1-2",
    "1.0.post1.post2", "1.0dev1a1", "1.0.dev-", "1.0adev", "1.0postdev", "1.0rcpost1dev2", "1.0r", "1.0rev",
    "1.0c1", "1.0pre-3", "1.0preview_3", "v", "vv1", "V1", "latest", "1.0.*", "1.0+ABC-d_e", "٣", "1.٣",
    "1.0a٣", "ſ", "1.0poſt1", "1.0\n", "\t1.0", "1.0;", "00001.02", "1.0+١", "1" * 5000, "1.0a" + "1" * 5000,
    "1.0-1.dev", "1.0-01", "1.0alphabeta", "1.0.a.1.post.2.dev.3", "1.0_a_1_post_2_dev_3", "1.0a1a2", "K1",
]  # fmt: skip


@pytest.mark.parametrize("text", TRICKY, ids=lambda text: repr(text[:20]))
def test_tricky_texts_are_read_or_refused_as_packaging_does(text: str) -> None:
    check_against_oracle(text)


@given(st.text(alphabet="01.-_+!avpostdervcb ٣", max_size=10))
def test_texts_of_the_right_letters_are_read_or_refused_as_packaging_does(text: str) -> None:
    check_against_oracle(text)


def check_against_oracle(text: str) -> None:
    try:
        expected = str(Version(text))
    except (OracleInvalid, ValueError):
        with pytest.raises(InvalidVersion):
            version_key(text)
        with pytest.raises(InvalidVersion):
            canonical_version(text)
    else:
        assert canonical_version(text) == expected
        assert version_key(text) == version_key(expected)


@pytest.mark.parametrize(
    ("version", "level", "following"),
    [
        ("1.2.3", 0, "2"),
        ("1.2.3", 1, "1.3"),
        ("1", 2, "1.0.1"),
        ("2!0.3rc1", 1, "2!0.4"),
        ("0.0.3", 2, "0.0.4"),
    ],
)
def test_the_release_that_ends_a_series(version: str, level: int, following: str) -> None:
    assert next_version(version, level) == following


def test_an_invalid_version_is_a_problem_without_control_characters() -> None:
    with pytest.raises(InvalidVersion) as caught:
        version_key("\x1b[2Jx")
    assert "\x1b" not in caught.value.what
    assert caught.value.code == "invalid-version"


def _both(text: str) -> object:
    try:
        return version_key(text), canonical_version(text)
    except InvalidVersion:
        return None


@given(versions() | st.text(alphabet="01.-_+!avpostdervcb ٣", max_size=10))
def test_key_and_spelling_at_once_are_the_same(text: str) -> None:
    try:
        assert key_and_spelling(text) == _both(text)
    except InvalidVersion:
        assert _both(text) is None


USUAL = """
    1rc1 1.0b02 01.2a0 1.0.dev3 1.0.post1 1.0.post1.dev2 1.a1 1..2rc1 1.0rc 1.0c1 1.0alpha1 1.0.rc1 1!1.0a1
    1.0a1+x rc1 .dev1 1.0-1 v1.0b1 1.0RC1 1.0.0rc1
"""


@pytest.mark.parametrize("text", USUAL.split())
def test_key_and_spelling_of_the_usual_and_the_unusual(text: str) -> None:
    try:
        assert key_and_spelling(text) == _both(text)
    except InvalidVersion:
        assert _both(text) is None
