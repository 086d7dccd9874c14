"""Where quotes come from: a service on the network, asked at most once an hour."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import requests

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence and who said it."""

    text: str
    author: str


DEFAULT = Quote("Beware of bugs in the above code; I have only proved it correct, not tried it.", "Donald Knuth")


class Quotes:
    """Today's quote; the last good one, or ``DEFAULT``, while the service does not answer."""

    def __init__(
        self, url: str | None, *, timeout: float = 3.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.url, self.timeout, self.clock = url, timeout, clock
        self.kept = DEFAULT
        self.until = 0.0

    def today(self) -> Quote:
        """The quote to show now; asks the service when the last answer is older than an hour."""
        if self.url and self.clock() >= self.until:
            fetched = self.fetch(self.url)
            if fetched is not None:
                self.kept, self.until = fetched, self.clock() + HOUR
        return self.kept

    def fetch(self, url: str) -> Quote | None:
        """What the service says, or None where it is down or says something else."""
        try:
            response = requests.get(url, timeout=self.timeout)
            response.raise_for_status()
            answer = response.json()
            return Quote(str(answer["text"]), str(answer["author"]))
        except (requests.RequestException, KeyError, TypeError, ValueError):
            return None
