"""Patterns of a MatchSpec: what they mean, and that none takes long."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.spec import InvalidCondaSpec, parse_conda_spec
from hutch.spec.conda_patterns import bounded_expression, fits_pieces
from hutch.spec.conda_records import CondaRecord


@given(st.text("ab*", min_size=1, max_size=8), st.text("ab", max_size=10))
def test_a_glob_is_what_it_is_as_an_expression(glob: str, text: str) -> None:
    pieces = glob.split("*")
    expression = ".*".join(map(re.escape, pieces))
    if len(pieces) > 1:
        assert fits_pieces(pieces, text) == (re.fullmatch(expression, text) is not None)


@pytest.mark.parametrize(
    "text", ["^py3[0-9]+_.*$", "^.*cuda.*$", "^(cpu|cuda12.*)$", r"^a\*b\+c$", "^(?:a|b)c$"]
)
def test_expressions_that_people_write(text: str) -> None:
    assert bounded_expression(text).pattern == text


@pytest.mark.parametrize(
    "text",
    [
        "(a+)+b", "(a|a)*b", "(a{1,9}){1,9}", "a*a*a*a*b",
        "(.)\\1+", "(?=a)", "(?P<x>a)", "a" * 301, "(", "(?i)a", "[[a]",
    ],
)  # fmt: skip
def test_expressions_that_could_take_for_ever_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        bounded_expression(text)
    for spec in (f"foo * ^{text}$", f"foo ^{text}$"):
        with pytest.raises(InvalidCondaSpec):
            parse_conda_spec(spec)


def test_a_glob_with_many_stars_ends_at_once() -> None:
    record = CondaRecord(name="foo", version="1", build="a" * 100)
    assert not parse_conda_spec("foo * " + "*a" * 40 + "*b").matches(record)
    assert not parse_conda_spec("foo " + "1*" * 40 + "2*3").matches(record)


@pytest.mark.parametrize(
    "spec",
    ["foo " + "(" * 5000 + "1" + ")" * 5000, "foo " + ">=1," * 3000 + "<2", "foo =" + "9" * 5000, "f" * 9000],
)
def test_specs_without_measure_are_refused_in_few_words(spec: str) -> None:
    with pytest.raises(InvalidCondaSpec) as caught:
        parse_conda_spec(spec)
    assert len(str(caught.value)) + sum(map(len, caught.value.why)) < 600
