"""Mirrors: places of which each has the same. One that fails is not asked again by the same client.

What is asked of a place (``Request.place``) has somebody else to turn to, so it is tried twice and no more,
and nobody waits there for long. Until something has come from a place, all others wait for the first: a
hundred that are asked at once are one question to a mirror that is out of order. So that should be small.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.errors import Problem
    from hutch.net.client import _Exchange

__all__ = ["Places"]


class Places:
    """What one client knows of them."""

    def __init__(self) -> None:
        self.failed: dict[str, Problem] = {}
        self._good: set[str] = set()
        self._first: dict[str, _Exchange] = {}
        self._waiting: dict[str, list[_Exchange]] = {}

    def holds(self, exchange: _Exchange) -> bool:
        """Whether ``exchange`` has to wait until its place has answered somebody."""
        place = exchange.request.place
        if place in self._good:
            return False
        first = self._first.setdefault(place, exchange)
        if first is exchange:
            return False
        self._waiting.setdefault(place, []).append(exchange)
        return True

    def answered(self, exchange: _Exchange) -> list[_Exchange]:
        """Those that have waited for it."""
        place = exchange.request.place
        self._good.add(place)
        return self._released(place)

    def pass_over(self, place: str, problem: Problem) -> list[_Exchange]:
        """It has failed: those that have waited for it, which fail as well."""
        self.failed.setdefault(place, problem)
        return self._released(place)

    def _released(self, place: str) -> list[_Exchange]:
        self._first.pop(place, None)
        return self._waiting.pop(place, [])
