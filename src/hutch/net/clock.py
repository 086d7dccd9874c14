"""Time as an end of the wire, so that tests need not wait."""

from __future__ import annotations

from time import monotonic, sleep, time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object


__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """Where the time comes from, and how to let it pass."""

    def monotonic(self) -> float:
        """Seconds that never go back; only differences mean something."""

    def time(self) -> float:
        """Seconds since 1970, as the machine believes."""

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass."""


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """See ``Clock``."""
        return monotonic()

    def time(self) -> float:
        """See ``Clock``."""
        return time()

    def sleep(self, seconds: float) -> None:
        """See ``Clock``."""
        sleep(seconds)
