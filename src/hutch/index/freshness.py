"""For how long a page of an index is believed."""

from __future__ import annotations

__all__ = ["LONGEST_FRESH", "holds"]

LONGEST_FRESH = 600.0
"""Seconds; whoever says that its page is fresh for a year would hide releases."""


def holds(until: float, now: float) -> bool:
    """Is a page that may be believed until then believed now? Both are seconds since the epoch.

    No page is believed for long; one that seems to be came before the clock was set back.
    """
    return until - LONGEST_FRESH <= now < until
