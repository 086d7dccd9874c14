"""TOML that is written to hurt: a ``ValueError`` with a place, in little time and memory."""

from __future__ import annotations

import tomllib

import pytest

from hutch.project.toml_text import MOST_PARTS, read_toml


@pytest.mark.parametrize(
    "text",
    [
        "a." * 50_000 + "b = 1",
        '"a" . ' * 50_000 + "b = 1",
        "x = { " + "'a'." * 50_000 + "b = 1 }",
        "[" + "a." * 50_000 + "b]",
        "x = " + "[" * 50_000 + "]" * 50_000,
        "x = " + "{a = " * 50_000 + "1" + "}" * 50_000,
        "x = " + "9" * 5_000,
        "x = 2025-99-99",
    ],
    ids=range(8),
)
def test_what_is_written_to_hurt(text: str) -> None:
    with pytest.raises(ValueError, match=r"at line 1, column \d+\)$"):
        read_toml("\ufeff" + text)


@pytest.mark.parametrize(
    "text",
    [
        ".".join("a" * (MOST_PARTS // 2)) + " = 1",
        'x = ["' + "a.b/" * 100 + '"]',
        "x = '" + "192.0.2.1 " * 100 + "'",
        "# " + "." * 1000,
    ],
)
def test_what_people_write(text: str) -> None:
    assert read_toml(text) == tomllib.loads(text)
