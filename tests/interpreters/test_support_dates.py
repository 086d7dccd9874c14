"""How long a Python is looked after."""

from __future__ import annotations

from datetime import date

import pytest

from hutch.interpreters import support_of
from hutch.interpreters.support_dates import NEWEST, SUPPORT


@pytest.mark.parametrize(
    ("python", "today", "state", "remark"),
    [
        ((2, 7), "2026-01-01", "ended", "end of life since 2020-01-01"),
        ((2, 6), "2026-01-01", "ended", "end of life since 2013-10-29"),
        ((3, 8), "2024-10-07", "ending", "end of life on 2024-10-07"),
        ((3, 8), "2024-10-08", "ended", "end of life since 2024-10-07"),
        ((3, 10), "2026-05-01", "ending", "end of life on 2026-10-31"),
        ((3, 10), "2026-04-30", "security", ""),
        ((3, 12), "2024-01-01", "bugfix", ""),
        ((3, 12), "2025-12-01", "security", ""),
    ],
)
def test_states(python: tuple[int, int], today: str, state: str, remark: str) -> None:
    support = support_of(python, date.fromisoformat(today))
    assert support is not None
    assert (support.state, support.remark()) == (state, remark)


def test_nobody_knows_the_future() -> None:
    assert support_of((3, 99), date(2026, 1, 1)) is None


def test_the_table_is_one_that_could_be() -> None:
    """Later versions end later, security after repairs, and the newest is in it."""
    modern = [SUPPORT[python] for python in sorted(SUPPORT) if python >= (3, 3)]
    assert [end for _, end in modern] == sorted(end for _, end in modern)
    assert all(date.fromisoformat(repairs) <= date.fromisoformat(end) for repairs, end in SUPPORT.values())
    assert NEWEST in SUPPORT
