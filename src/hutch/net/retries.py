"""When to try again, and how long to wait before."""

from __future__ import annotations

from hutch.net.clock import Clock
from hutch.net.problems import FailureKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from random import Random

__all__ = ["LONGEST_WAIT", "MIRROR_RETRIES", "MIRROR_WAIT", "pause_before", "retry_after", "worth_retrying"]

LONGEST_WAIT = 90.0  # seconds; who asks for more is told no, and the user told who asked
MIRROR_WAIT, MIRROR_RETRIES = 2.0, 1  # where there is another place to ask

# The server, or a machine before it, is at a loss now and may not be in a moment. 501 and 505 will
# not change; 408 and 425 are the server's own "once more".
_STATUSES = frozenset((408, 425, 429, 500, 502, 503, 504, 507, 509, *range(520, 526), 529, 530, 598, 599))
_KINDS: frozenset[FailureKind] = frozenset(
    ("name", "connect", "timeout", "broken", "protocol", "proxy", "memory")
)
# Where nobody answers at all, one or two more tries tell as much as many.
_SHORT: frozenset[FailureKind] = frozenset(("name", "connect", "protocol", "proxy"))


def worth_retrying(cause: int | FailureKind, attempts: int, retries: int) -> bool:
    """Whether to try again after ``attempts`` attempts ended in a status or a kind of failure."""
    if isinstance(cause, int):
        return cause in _STATUSES and attempts <= retries
    return cause in _KINDS and attempts <= (min(retries, 2) if cause in _SHORT else retries)


def is_passing(status: int) -> bool:
    """Whether a status says "not now" rather than "no"."""
    return status in _STATUSES


def pause_before(attempt: int, *, jitter: Random) -> float:
    """Seconds to wait before the attempt number ``attempt`` (2 is the first repetition).

    Doubling from a quarter of a second to eight, and spread, so that many clients of a server that
    stumbled do not come back all at once.
    """
    return min(0.25 * 2.0 ** (attempt - 2), 8.0) * (0.75 + 0.5 * jitter.random())


def retry_after(value: str | None, clock: Clock) -> float | None:
    """Seconds that a ``Retry-After`` header asks for (RFC 9110, section 10.2.3); None if it does not."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    from email.utils import parsedate_to_datetime

    try:
        moment: float = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    wait: float = moment - clock.time()
    return max(wait, 0.0)
