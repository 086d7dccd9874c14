"""The history of an environment in as many columns as there are."""

from __future__ import annotations

import pytest

from hutch.cli.ui.environment import _fitting
from hutch.cli.ui.text import columns, width_of

ROWS = [
    ("", "when", "command", "packages", "changes", "kept"),
    (" 1", "2026-11-20 16:04", "add " + "markdown-it-py " * 9, "3", "+ feedgenerator 2.2.1, " * 3, "337 KiB"),
    ("*2", "2026-11-20 16:05", "sync", "3", "-", "-"),
]


@pytest.mark.parametrize("width", [80, 100, 160])
def test_lines_are_as_wide_as_the_terminal_at_most(width):
    lines = columns(_fitting(ROWS, width))
    assert max(map(width_of, lines)) <= width
    assert "sync" in lines[2]


def test_for_another_program_nothing_is_cut():
    assert _fitting(ROWS, 1 << 30) == ROWS
