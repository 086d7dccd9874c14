"""The network out of memory: a ``Transport`` that asks a function, and a clock that need not wait."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Literal

from hutch.errors import Problem
from hutch.net.messages import Done, Request, Response
from hutch.net.problems import FailureKind, TransferFailed
from hutch.net.receiving import Receiver, Refused, wire_headers
from hutch.values import dataclass

__all__ = ["Answer", "FakeClock", "MemoryTransport"]

Order = Literal["given", "reversed", "shuffled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server sends: ``body`` as it goes over the wire, with its headers.

    ``cut`` ends the connection after that many bytes of the body, as ``fault`` (``broken``: reset or
    truncated; ``timeout``: silence).
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    cut: int | None = None
    fault: FailureKind = "broken"


class FakeClock:
    """A clock that moves only when somebody sleeps. ``slept`` lists for how long, each time."""

    def __init__(self, now: float = 1_750_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """See ``hutch.net.Clock``."""
        return self.now

    def time(self) -> float:
        """See ``hutch.net.Clock``."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.now += seconds


class MemoryTransport:
    """Answers out of ``handle(request)``: an ``Answer``, a whole ``Response`` or a ``Problem``.

    ``order`` is the order in which requests under way are answered; ``at_once`` limits how many one
    pump answers. What was asked stands in ``requests``. Limits, ranges into files and unpacking are
    the real ones: the bytes go through the same ``Receiver`` as those of a socket.
    """

    def __init__(
        self,
        handle: Callable[[Request], Answer | Response | Problem],
        *,
        order: Order = "given",
        seed: int = 0,
        at_once: int | None = None,
    ) -> None:
        self._handle = handle
        self._order: Order = order
        self._random = random.Random(seed)
        self._at_once = at_once
        self._waiting: list[tuple[Request, Done]] = []
        self.requests: list[Request] = []

    def submit(self, request: Request, done: Done) -> None:
        """See ``Transport.submit``."""
        self.requests.append(request)
        self._waiting.append((request, done))

    def pump(self, timeout: float | None = None, watched: Sequence[int] = ()) -> bool:
        """See ``Transport.pump``."""
        if not self._waiting:
            return False
        if self._order == "shuffled":
            self._random.shuffle(self._waiting)
        elif self._order == "reversed":
            self._waiting.reverse()
        count = self._at_once or len(self._waiting)
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        for request, done in batch:
            done(self._answer(request))
        return True

    def close(self) -> None:
        """See ``Transport.close``."""
        self._waiting.clear()

    def _answer(self, request: Request) -> Response | Problem:
        answer = self._handle(request)
        if not isinstance(answer, Answer):
            return answer
        receiver = Receiver(request)
        try:
            receiver.begin(answer.status, {name.lower(): value for name, value in answer.headers})
            body = b"" if request.method == "HEAD" else answer.body
            whole = answer.cut is None
            data = body if whole else body[: answer.cut]
            for start in range(0, len(data), 1 << 16):
                receiver.write(data[start : start + (1 << 16)])
            if whole:
                return receiver.finish()
        except Refused as refused:
            if refused.problem is None:
                return receiver.finish()
            receiver.abandon()
            return refused.problem
        return TransferFailed(
            answer.fault,
            "the connection was cut",
            received=receiver.abandon(),
            validator=receiver.validator,
        )


def sent_headers(request: Request) -> dict[str, str]:
    """The headers of ``request`` as a server would see them, with lower-case names."""
    return {name.lower(): value for name, value in wire_headers(request).items()}
