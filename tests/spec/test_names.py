"""Names, and what is taken out of text that came from outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from hutch.spec import InvalidName, is_valid_name, normalize, parse_name, safe_text


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Flask", "flask"),
        ("zope.interface", "zope-interface"),
        ("a__b--c..d", "a-b-c-d"),
        ("a-_.b", "a-b"),
        ("x", "x"),
    ],
)
def test_names_are_normalised(written: str, normal: str) -> None:
    assert normalize(written) == normal


@given(st.text(alphabet="aZ09-_.", max_size=12))
def test_normalising_agrees_with_packaging_and_is_idempotent(name: str) -> None:
    assert normalize(name) == canonicalize_name(name)
    assert normalize(normalize(name)) == normalize(name)


@given(st.text(max_size=6) | st.text(alphabet="aZ0-_.", max_size=6))
def test_a_name_is_valid_when_packaging_says_so(name: str) -> None:
    try:
        canonicalize_name(name, validate=True)
        expected = True
    except ValueError:
        expected = False
    # packaging's pattern ends in `$`-like matching of ASCII without regard to case folding.
    assert is_valid_name(name) is (expected and name.isascii())


def test_a_name_that_is_none_is_a_problem_that_names_it() -> None:
    with pytest.raises(InvalidName, match="`-x-`") as caught:
        parse_name("-x-")
    assert caught.value.name == "-x-"
    assert caught.value.code == "invalid-name"


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("plain text", "plain text"),
        ("naïve – ünïcode ✓", "naïve – ünïcode ✓"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\r\nb\tc", "a b c"),
        ("good\u202edoog", "gooddoog"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("c1\x9b31m", "c131m"),
        ("isolate\u2066x\u2069", "isolatex"),
    ],
)
def test_text_from_outside_cannot_act_on_a_terminal(given_: str, shown: str) -> None:
    assert safe_text(given_) == shown


@given(st.text())
def test_safe_text_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    safe = safe_text(text)
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in safe)
    assert safe_text(safe) == safe
    safe.encode("utf-8")
