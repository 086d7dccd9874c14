"""What a channel says of a file (CEP 36), and what counts as not said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.spec import CondaRecord, record_from_json

WHOLE: dict[str, Any] = {
    "name": "Foo", "version": "1.0", "build": "h0_1", "build_number": 1, "subdir": "linux-64",
    "depends": ["python >=3.9", "libfoo"], "constrains": ["bar <2"], "sha256": "AB" * 32, "md5": "cd" * 16,
    "size": 17, "timestamp": 1_700_000_000_000, "license": "MIT", "track_features": "a b",
    "purls": ["pkg:pypi/foo@1.0"], "noarch": "python", "python_site_packages_path": "lib/py/site-packages",
}  # fmt: skip


def test_a_whole_one() -> None:
    found = record_from_json(WHOLE, "foo-1.0-h0_1.conda", channel="https://channel.example/c")
    assert found == CondaRecord(
        name="foo", version="1.0", build="h0_1", build_number=1, subdir="linux-64",
        channel="https://channel.example/c", filename="foo-1.0-h0_1.conda", sha256="ab" * 32, md5="cd" * 16,
        size=17, depends=("python >=3.9", "libfoo"), constrains=("bar <2",), timestamp=1_700_000_000_000,
        noarch="python", track_features=("a", "b"), license="MIT", purls=("pkg:pypi/foo@1.0",),
        site_packages="lib/py/site-packages",
    )  # fmt: skip
    assert found.url == "https://channel.example/c/linux-64/foo-1.0-h0_1.conda"
    assert found.label == "foo 1.0 h0_1"


@pytest.mark.parametrize("key", ["name", "version", "build"])
@pytest.mark.parametrize("value", [None, "", 3, ["x"]])
def test_without_a_name_a_version_and_a_build_there_is_none(key: str, value: object) -> None:
    assert record_from_json({**WHOLE, key: value}) is None


@pytest.mark.parametrize(
    ("said", "milliseconds"), [(0, 0), (17 * 10**8, 17 * 10**11), (1_700_000_000_000, 1_700_000_000_000)]
)  # fmt: skip
def test_seconds_and_milliseconds(said: int, milliseconds: int) -> None:
    record = record_from_json({**WHOLE, "timestamp": said})
    assert record is not None
    assert record.timestamp == milliseconds


def test_what_purls_say_and_do_not_say() -> None:
    for said, meant in [([], ()), (["pkg:pypi/a"], ("pkg:pypi/a",)), ("x", None), (None, None)]:
        record = record_from_json({**WHOLE, "purls": said})
        assert record is not None
        assert record.purls == meant


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(WHOLE, ANYTHING)))
def test_whatever_a_channel_sends_is_a_record_or_none(data: dict[str, Any]) -> None:
    record = record_from_json({"name": "a", "version": "1", "build": "0", **data})
    if record is not None:
        assert all(isinstance(text, str) and text for text in record.depends)
        assert record.build_number >= 0
        assert isinstance(record.subdir, str)
        assert record.subdir


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "../up"), ("name", ".."), ("name", "a/b"), ("name", "a\nb"), ("name", "\u212aelvin"),
        ("name", "go\u202eod"), ("name", "\ud800"), ("name", "n" * 300), ("version", "1/2"),
        ("version", "1" * 5000), ("version", ".1"), ("build", "0\x1b[31m"), ("build", "a b"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_part_of_a_file_name_is_no_record(key: str, value: str) -> None:
    assert record_from_json({**WHOLE, key: value}) is None


@pytest.mark.parametrize("value", [float("inf"), float("nan"), -1, 10**400, 1e300, True, "7"])
def test_numbers_that_are_none(value: object) -> None:
    record = record_from_json({**WHOLE, "build_number": value, "timestamp": value, "size": value})
    assert record is not None
    assert (record.build_number, record.timestamp, record.size) == (0, 0, None)


@pytest.mark.parametrize("value", ["", "ab", "../" * 21 + "a", "zz" * 32, "ab" * 33, 5])
def test_a_hash_is_one_or_not_said(value: object) -> None:
    record = record_from_json({**WHOLE, "sha256": value, "md5": value})
    assert record is not None
    assert (record.sha256, record.md5) == ("", "")
