"""Poetry's version strings, against a table of what poetry-core says of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.project.dialects.poetry_constraints import (
    InvalidConstraint,
    admits_any,
    joined,
    parse_constraint,
    platform_marker,
    python_marker,
    span_of,
)
from hutch.spec import admits, evaluate, is_prerelease, parse_specifiers, render_specifiers, version_key

TABLE = Path(__file__).with_name("poetry_constraints.txt").read_text("utf-8").splitlines()


def _rows() -> list[tuple[str, str, str, list[str], list[str]]]:
    rows = []
    for number, line in enumerate(TABLE):
        if "=>" in line and not line.startswith(("`", "#")):
            constraint, _, said = line.partition(" => ")
            span, _, beyond = said.partition(" ; ")
            admitted, refused = (TABLE[number + n][4:].split() for n in (1, 2))
            rows.append((constraint, span, beyond, admitted, refused))
    return rows


ROWS = _rows()
REFUSED = [line[1:-1] for line in TABLE if line.startswith("`")]


def test_the_table_is_whole() -> None:
    assert len(ROWS) >= 130
    assert len(REFUSED) >= 20


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_admits_what_poetry_core_admits(row: tuple[str, str, str, list[str], list[str]]) -> None:
    constraint, span, beyond, admitted, refused = row
    alternatives = parse_constraint(constraint)
    assert [v for v in admitted if not admits_any(alternatives, v)] == []
    assert [v for v in refused if admits_any(alternatives, v)] == []
    found, more = span_of(alternatives)
    assert (render_specifiers(found) or "*", more) == (span, beyond)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_span_holds_the_union_and_says_what_it_holds_besides(
    row: tuple[str, str, str, list[str], list[str]],
) -> None:
    constraint, _, _, admitted, refused = row
    alternatives = parse_constraint(constraint)
    found, beyond = span_of(alternatives)
    final = [v for v in admitted if not is_prerelease(version_key(v))]
    assert [v for v in final if not admits(found, v)] == []
    told = [parse_specifiers(each) for each in beyond.split(", ") if each]
    for version in refused:
        key = version_key(version)
        if admits(found, version) and not is_prerelease(key) and not key[2][2] >= 0:
            assert any(admits(each, version) for each in told), version


@pytest.mark.parametrize("text", REFUSED)
def test_what_poetry_does_not_read_is_refused(text: str) -> None:
    with pytest.raises(InvalidConstraint):
        parse_constraint(text)


@given(st.text(alphabet="0123456789.^~=<>!|*, vxab-+", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        alternatives = parse_constraint(text)
    except InvalidConstraint:
        return
    span_of(alternatives)


_release = st.lists(st.integers(0, 12), min_size=1, max_size=3).map(lambda n: ".".join(map(str, n)))
_clause = st.builds(str.__add__, st.sampled_from(["^", "~", "~=", "", "!=", "<", "<=", ">", ">="]), _release)
_alternative = st.lists(_clause, min_size=1, max_size=3).map(",".join)


@given(st.lists(_alternative, min_size=1, max_size=3).map(" || ".join), _release)
def test_a_span_never_leaves_a_version_out(text: str, version: str) -> None:
    alternatives = parse_constraint(text)
    if admits_any(alternatives, version):
        assert admits(span_of(alternatives)[0], version)


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        ((">=1", ">=1.2,<2"), ">=1.2,<2"),
        ((">=1,<3", "<2"), ">=1,<2"),
        ((">=1", ""), ">=1"),
        ((">=1.2", "!=1.1"), ">=1.2"),
        ((">=1", ">=0.dev0"), ">=0.dev0,>=1"),
        ((">=1rc1", ">=0.dev0"), ">=1rc1"),
    ],
)
def test_sets_are_joined_without_what_goes_without_saying(sets: tuple[str, ...], said: str) -> None:
    assert render_specifiers(joined(*map(parse_specifiers, sets))) == said


PYTHONS = ("2.7.18", "3.6.0", "3.6.1", "3.8.19", "3.9.0", "3.9.18", "3.10.0", "3.10.4", "3.12.1")


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("^3.9", ("3.9.0", "3.9.18", "3.10.0", "3.10.4", "3.12.1")),
        ("~3.9", ("3.9.0", "3.9.18")),
        ("3.9.*", ("3.9.0", "3.9.18")),
        ("3.9", ("3.9.0", "3.9.18")),
        (">3.6", ("3.6.1", "3.8.19", "3.9.0", "3.9.18", "3.10.0", "3.10.4", "3.12.1")),
        ("<=3.9", ("2.7.18", "3.6.0", "3.6.1", "3.8.19", "3.9.0")),
        ("<3.9", ("2.7.18", "3.6.0", "3.6.1", "3.8.19")),
        (">=3.9.1,<3.10.4", ("3.9.18", "3.10.0")),
        ("~2.7 || ~3.10", ("2.7.18", "3.10.0", "3.10.4")),
        (">=3.6,!=3.9.*", ("3.6.0", "3.6.1", "3.8.19", "3.10.0", "3.10.4", "3.12.1")),
        ("*", PYTHONS),
    ],
)
def test_python_of_a_dependency_is_a_marker(text: str, holds: tuple[str, ...]) -> None:
    marker = python_marker(text)
    found = tuple(
        version
        for version in PYTHONS
        if marker is None
        or evaluate(
            marker,
            {"python_full_version": version, "python_version": ".".join(version.split(".")[:2])},
        )
    )
    assert found == holds


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("linux", {"linux"}),
        ("=linux", {"linux"}),
        ("linux || darwin", {"linux", "darwin"}),
        ("linux|win32", {"linux", "win32"}),
        ("!=win32", {"linux", "darwin"}),
        ("!=win32,!=darwin", {"linux"}),
        ("*", {"linux", "darwin", "win32"}),
    ],
)
def test_platform_of_a_dependency_is_a_marker(text: str, holds: set[str]) -> None:
    marker = platform_marker(text)
    found = {
        name
        for name in ("linux", "darwin", "win32")
        if marker is None or evaluate(marker, {"sys_platform": name})
    }
    assert found == holds


@pytest.mark.parametrize("text", ["", "!=", "a'b", "linux ||"])
def test_a_platform_that_is_none(text: str) -> None:
    with pytest.raises(InvalidConstraint):
        platform_marker(text)
