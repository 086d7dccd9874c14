"""Core metadata, as found in files, faults included."""

from __future__ import annotations

import marshal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.metadata import parse_email

from hutch.spec import (
    InvalidMetadata,
    metadata_from_tuple,
    metadata_to_tuple,
    parse_metadata,
    render_specifiers,
    static_requirements,
)

GOOD = """\
Metadata-Version: 2.4
Name: Foo_Bar
Version: 1.0-alpha
Summary: Name: not this one
License: several
        lines
        Requires-Dist: not-this
Requires-Python: >=3.8, <4
Provides-Extra: Test_All
provides-extra: docs
Requires-Dist: requests>=2
Requires-Dist: pytest ; extra == 'Test_All'
REQUIRES-DIST: sphinx (>=4) ;
  extra == "docs"
Dynamic: Classifier

Name: the body does not count
Requires-Dist: nor-this
"""


def test_the_fields_of_interest_are_read() -> None:
    metadata = parse_metadata(GOOD.encode())
    assert (metadata.name, metadata.version) == ("foo-bar", "1.0a0")
    assert render_specifiers(metadata.requires_python) == ">=3.8,<4"
    assert metadata.extras == ("test-all", "docs")
    assert [requirement.render() for requirement in metadata.requirements] == [
        "requests>=2",
        "pytest; extra == 'test-all'",
        "sphinx>=4; extra == 'docs'",
    ]
    assert metadata.dynamic == {"classifier"}
    assert metadata.metadata_version == "2.4"
    assert metadata.repairs == ()


def test_windows_line_ends_and_text_are_read_alike() -> None:
    assert parse_metadata(GOOD.replace("\n", "\r\n").encode()) == parse_metadata(GOOD)


def test_metadata_survives_marshal() -> None:
    metadata = parse_metadata(GOOD)
    assert metadata_from_tuple(marshal.loads(marshal.dumps(metadata_to_tuple(metadata)))) == metadata


def test_known_faults_are_repaired_and_told() -> None:
    metadata = parse_metadata(
        "Metadata-Version: 2.1\nName: a\nVersion: 1\nRequires-Python: >=3.6.*\n"
        "Requires-Dist: b>=1.0.*; os_name == 'nt'\nRequires-Dist: c>=1 <2\nRequires-Dist: d (1.0)\n"
    )
    assert render_specifiers(metadata.requires_python) == ">=3.6"
    assert [requirement.render() for requirement in metadata.requirements] == [
        "b>=1.0; os_name == 'nt'",
        "c>=1,<2",
        "d==1.0",
    ]
    assert len(metadata.repairs) == 4
    assert metadata.repairs[0] == "Requires-Python: read `>=3.6.*` as `>=3.6`"


def test_a_senseless_requires_python_is_passed_over() -> None:
    metadata = parse_metadata("Metadata-Version: 2.1\nName: a\nVersion: 1\nRequires-Python: python3\n")
    assert metadata.requires_python == ()
    assert metadata.repairs == ("passed over Requires-Python: `python3`",)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InvalidMetadata) as caught:
        parse_metadata(
            "Metadata-Version: 2.1\nName: a\nVersion: latest\nRequires-Dist: -b\nRequires-Dist: c; nonsense\n"
        )
    assert len(caught.value.faults) == 3
    assert "`latest`" in caught.value.faults[0]
    assert "`-b`" in caught.value.faults[1]


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"\x00\xff", b"Name: a\n", b"<html>", b"Version: 1\n\nName: a\n"]
)
def test_what_is_no_metadata_is_a_problem(data: bytes) -> None:
    with pytest.raises(InvalidMetadata):
        parse_metadata(data)


@given(st.binary(max_size=60) | st.text(alphabet="NameVrsion: 1a\n\r\t", max_size=60).map(str.encode))
def test_any_bytes_are_metadata_or_a_problem(data: bytes) -> None:
    try:
        parse_metadata(data)
    except InvalidMetadata:
        pass


@pytest.mark.parametrize(
    ("version", "dynamic", "static"),
    [
        ("2.1", "", False),
        ("2.2", "", True),
        ("2.4", "Dynamic: Description\n", True),
        ("2.4", "Dynamic: requires-dist\n", False),
        ("2.2", "Dynamic: Provides-Extra\n", False),
        ("10.0", "", True),
        ("x", "", False),
    ],
)
def test_requirements_are_static_only_when_promised(version: str, dynamic: str, static: bool) -> None:
    text = f"Metadata-Version: {version}\nName: a\nVersion: 1\n{dynamic}\n"
    assert static_requirements(parse_metadata(text)) is static


FIELDS = ["Name", "Version", "Requires-Dist", "Requires-Python", "Summary", "Provides-Extra", "X-Other"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(FIELDS), st.sampled_from(["a", "1.0", "b>=1", ">=3", "x: y", "", "l\n more"])
        ),
        max_size=8,
    )
)
def test_headers_are_split_as_packaging_splits_them(fields: list[tuple[str, str]]) -> None:
    text = "Metadata-Version: 2.1\nName: p\nVersion: 1\n" + "".join(
        f"{key}: {value}\n" for key, value in fields
    )
    raw, _ = parse_email(text)
    from hutch.spec.metadata import _read_headers

    _, many = _read_headers(text)
    assert many["requires-dist"] == [
        " ".join(value.split("\n")).replace("  ", " ") for value in raw.get("requires_dist", [])
    ]
