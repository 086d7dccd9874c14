"""Words on a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutch.cli.ui.text import columns, count, cut, duration, size, width_of, wrap


@given(st.text(), st.integers(1, 60))
def test_wrapping_loses_no_word_and_breaks_none(text, width):
    lines = wrap(text, width)
    assert " ".join(lines).split() == text.split()
    assert all(width_of(line) <= width or len(line.split()) == 1 for line in lines)


def test_the_first_line_and_the_others_have_their_own_beginnings():
    assert wrap("one two three", 8, first="a: ", rest="   ") == ["a: one", "   two", "   three"]


@given(st.text(), st.integers(0, 40))
def test_a_cut_line_fits(text, width):
    assert width_of(cut(text, width)) <= width or width == 0


def test_wide_letters_take_two_columns():
    assert (width_of("日本"), width_of("é"), width_of("e\u0301")) == (4, 1, 1)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"),
        (-1, "0 ms"),
        (0.0042, "4 ms"),
        (0.0994, "99 ms"),
        (0.0996, "0.1 s"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (99.4, "99 s"),
        (125, "2 min 5 s"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1 << 20, "1.0 MiB"),
        (150 << 20, "150 MiB"),
        (5 << 40, "5.0 TiB"),
    ],
)
def test_sizes(number, text):
    assert size(number) == text


@pytest.mark.parametrize(
    ("call", "text"),
    [((1, "file"), "1 file"), ((0, "file"), "0 files"), ((1234, "entry", "entries"), "1,234 entries")],
)
def test_counts(call, text):
    assert count(*call) == text


def test_columns_are_as_wide_as_their_widest_cell():
    assert columns([("a", "bb", "c"), ("aaa", "b", "")]) == ["a    bb  c", "aaa  b"]
    assert columns([]) == []
