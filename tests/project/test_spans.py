"""The scanner says where; ``tomllib`` says what: together they have to tell one story."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from hutch.project.spans import scan, unquote

KEYS = st.text("ab-_.1 ü\"'", min_size=1, max_size=4)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)
SCALARS = (
    TEXTS
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False)
    | st.datetimes(min_value=datetime(1900, 1, 1)).map(lambda moment: moment.replace(microsecond=0))
    | st.dates(min_value=date(1900, 1, 1))
    | st.times().map(lambda clock: clock.replace(microsecond=0))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], Any]:
    if isinstance(value, dict):
        return {p: v for key, item in value.items() for p, v in leaves(item, (*path, key)).items()}
    if isinstance(value, list):
        return {p: v for i, item in enumerate(value) for p, v in leaves(item, (*path, i)).items()}
    return {path: value}


def check(text: str) -> None:
    document, data = scan(text), tomllib.loads(text)
    expected = leaves(data)
    found = {at: span for at, span in document.spans.items() if span.kind in ("string", "scalar")}
    assert found.keys() == expected.keys()
    for at, span in found.items():
        words = text[span.start : span.end]
        assert tomllib.loads(f"x = {words}")["x"] == expected[at]
        if span.kind == "string":
            assert unquote(words) == expected[at]


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_finds_the_leaves_that_tomllib_finds(data: dict[str, Any]) -> None:
    check(tomlkit.dumps(data))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment",
        "\ufeffx = 1".removeprefix("\ufeff"),
        "a.b.c = 1\na.b.d = [1, 2]\n",
        "[a]\r\nx = 'y'\r\n\r\n[a.b]\r\nz = 1\r\n",
        "x = [ # one\n  'a', # two\n\n  'b' # three\n]\n",
        'x = """\nlong "quoted" \\"""\n\\\n  text"""\n',
        "x = '''it's ''long'''\n",
        'x = """a"""""\n',
        "x = 1979-05-27 07:32:00\ny = 1979-05-27T07:32:00Z # when\n",
        "[[p]]\nn = 1\n[p.s]\nk = 2\n[[p]]\nn = 3\n[[p.t]]\nm = 4\n[[p.t]]\nm = 5\n",
        "[ a . 'b c' ]\nx = { y = { z = [ { w = 1 } ] }, 'q.r' = '#' }\n",
        "x = []\ny = {}\nz = [[], [{}]]\n",
    ],
)
def test_reads_every_way_to_write_it(text: str) -> None:
    check(text)


def test_lines_are_those_of_the_key_or_of_the_nearest_thing() -> None:
    document = scan("# first\n[project]\nname = 'x'\ndependencies = [\n  'a',\n  'b',\n]\n[tool.hutch]\n")
    assert document.line(("project", "name")) == 3
    assert document.line(("project", "dependencies", 1)) == 6
    assert document.line(("project", "version")) == 2
    assert document.line(("tool", "hutch", "python")) == 8
    assert document.line(("nowhere",)) == 1


@given(st.text("[]{}=.,#\"'\\\n ab1", max_size=40))
def test_a_text_that_is_no_toml_is_scanned_as_far_as_it_goes(text: str) -> None:
    scan(text)
