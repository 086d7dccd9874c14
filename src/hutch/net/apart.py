"""A transport in a process of its own: whoever computes does not keep the network waiting, nor it them.

libcurl and its libraries take 10 ms to load, and each answer comes in pieces of 16 KiB that Python is called
for. On a machine with two processors that is time which a solve, or an installation, could have had. So a
process is forked that does nothing but what a transport does; requests and answers go over pipes, and bodies
that belong into a file are written and hashed there.

It is told what a transport is told, headers with credentials among it, and keeps nothing. When it dies,
whatever the reason, what it still owes is begun again here.
"""

from __future__ import annotations

import os
from time import monotonic

from hutch.errors import Problem
from hutch.forked import Forked, may_fork, processors
from hutch.light import deque
from hutch.net.messages import Done, Request, Response, Resume, Transport
from hutch.net.problems import CannotSave, TooLarge, TransferFailed
from hutch.pipes import message, messages, widen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

__all__ = ["ApartTransport", "may_be_apart"]

_PART = 1 << 20
_MOMENT = 0.002


def may_be_apart() -> bool:
    """Whether there is a processor for it, and nothing that a fork would break off in the middle."""
    return processors() > 1 and may_fork()


class ApartTransport:
    """See ``Transport``. ``load`` makes the one that does the work. Raises OSError if there is no process."""

    def __init__(self, load: Callable[[], Transport]) -> None:
        self._load = load
        self._here: Transport | None = None
        self._owed: dict[int, tuple[Request, Done]] = {}
        self._count = 0
        self._unsaid = deque[memoryview]()
        self._begun: list[bytes] = []
        self._finished: list[tuple[int, Response | Problem]] = []
        self._process = Forked(lambda jobs, answers: _serve(load, jobs, answers))
        os.set_blocking(self._process.jobs, False)
        widen(self._process.answers)

    def submit(self, request: Request, done: Done) -> None:
        """See ``Transport.submit``."""
        if self._here is not None:
            self._here.submit(request, done)
            return
        self._count += 1
        self._owed[self._count] = request, done
        self._unsaid.append(memoryview(message((self._count, _packed_request(request)))))
        self._say()

    def pump(self, timeout: float | None = None, watched: Sequence[int] = ()) -> bool:
        """See ``Transport.pump``."""
        if self._here is not None:
            return self._here.pump(timeout, watched)
        if self._finished:  # whoever was told of one before has raised something
            self._call_back()
            return True
        if not self._owed:
            return False
        from select import select

        deadline = None if timeout is None else monotonic() + timeout
        while True:
            wait = None if deadline is None else max(deadline - monotonic(), 0.0)
            process = self._process
            ready, free, _ = select(
                [process.answers, *watched], [process.jobs] if self._unsaid else [], [], wait
            )
            if free:
                self._say()
            if process.answers in ready and not self._hear():
                self._take_over()
                return True
            if self._finished:
                self._call_back()
                return True
            if any(each in ready for each in watched):
                return True
            if deadline is not None and monotonic() >= deadline:
                return True

    def close(self) -> None:
        """See ``Transport.close``."""
        self._owed.clear()
        self._finished.clear()
        self._dismiss()
        if self._here is not None:
            self._here.close()

    # -- inside ----------------------------------------------------------------------------------

    def _say(self) -> None:
        try:
            _say(self._process.jobs, self._unsaid)
        except OSError:
            self._unsaid.clear()
            self._process.give_up()

    def _hear(self) -> bool:
        """Take what it has said; False if it says nothing any more."""
        try:
            data = os.read(self._process.answers, _PART)
        except OSError:
            data = b""
        if not data:
            return False
        for key, said in messages(self._begun, data):
            request, _ = self._owed[key]
            self._finished.append((key, _outcome(request, said)))
        return True

    def _call_back(self) -> None:
        # Short answers go first: they take least, and lead to more requests.
        self._finished.sort(key=_size, reverse=True)
        for _ in range(len(self._finished)):
            key, outcome = self._finished.pop()
            _, done = self._owed.pop(key)
            done(outcome)

    def _take_over(self) -> None:
        """It is gone: from here on do everything here."""
        self._dismiss()
        self._here = self._load()
        owed, self._owed = self._owed, {}
        for request, done in owed.values():
            self._here.submit(request, done)

    def _dismiss(self) -> None:
        self._unsaid.clear()
        if self._process.jobs >= 0:
            self._process.end()


def _size(finished: tuple[int, Response | Problem]) -> int:
    return 0 if isinstance(finished[1], Problem) else finished[1].size


def _say(descriptor: int, unsaid: deque[memoryview]) -> None:
    """Write as much as goes into the pipe. Raises OSError where the other one is gone."""
    try:
        while unsaid:
            written = os.write(descriptor, unsaid[0])
            if written < len(unsaid[0]):
                unsaid[0] = unsaid[0][written:]
            else:
                unsaid.popleft()
    except BlockingIOError:
        pass


def _packed_request(request: Request) -> tuple[Any, ...]:
    resume = (request.resume.offset, request.resume.validator) if request.resume is not None else None
    into = os.fspath(request.into) if request.into is not None else None
    return (
        *(request.url, dict(request.headers), request.method, request.body, into, request.byte_range),
        *(request.max_bytes, resume, request.verified, request.packed),
    )


def _unpacked_request(row: tuple[Any, ...]) -> Request:
    url, headers, method, body, into, byte_range, max_bytes, resume, verified, packed = row
    return Request(
        url=url,
        headers=headers,
        method=method,
        body=body,
        into=into,
        byte_range=byte_range,
        max_bytes=max_bytes,
        resume=Resume(*resume) if resume is not None else None,
        verified=verified,
        packed=packed,
    )


def _packed(outcome: Response | Problem) -> tuple[Any, ...]:
    if isinstance(outcome, Response):
        path = os.fspath(outcome.path) if outcome.path is not None else None
        return (
            *("response", outcome.status, dict(outcome.headers), outcome.body, outcome.url, path),
            *(outcome.sha256, outcome.size, outcome.resumed),
        )
    if isinstance(outcome, TransferFailed):
        failed = outcome.kind, outcome.detail, outcome.received, outcome.validator, outcome.reused
        return ("failed", *failed)
    if isinstance(outcome, TooLarge):
        return "large", outcome.what, outcome.limit
    if isinstance(outcome, CannotSave):
        return "unsaved", outcome.path, outcome.why[0]
    raise outcome


def _outcome(request: Request, row: tuple[Any, ...]) -> Response | Problem:
    kind, *said = row
    if kind == "response":
        status, headers, body, url, path, sha256, size, resumed = said
        return Response(
            request=request,
            status=status,
            headers=headers,
            body=body,
            url=url,
            path=path if path is None else request.into,
            sha256=sha256,
            size=size,
            resumed=resumed,
        )
    if kind == "failed":
        failure, detail, received, validator, reused = said
        return TransferFailed(failure, detail, received=received, validator=validator, reused=reused)
    if kind == "large":
        return TooLarge(said[0], limit=said[1])
    return CannotSave(*said)


# -- in the other process ------------------------------------------------------------------------------


def _serve(load: Callable[[], Transport], jobs: int, answers: int) -> None:
    """What the process does all its life."""
    import gc
    from select import select

    gc.disable()
    transport = load()
    os.set_blocking(answers, False)
    unsaid = deque[memoryview]()
    begun: list[bytes] = []

    def submit(key: int, row: tuple[Any, ...]) -> None:
        def done(outcome: Response | Problem) -> None:
            unsaid.append(memoryview(message((key, _packed(outcome)))))
            _say(answers, unsaid)

        transport.submit(_unpacked_request(row), done)

    busy = False
    while True:
        # While somebody else reads slowly, the network goes on.
        wait = _MOMENT if unsaid else None
        if busy or unsaid:
            busy = transport.pump(wait, (jobs,))
        ready = select([jobs], [answers] if unsaid else [], [], 0 if busy else wait)
        if unsaid:
            _say(answers, unsaid)
        if jobs in ready[0]:
            data = os.read(jobs, _PART)
            if not data:
                transport.close()  # what has come of files is kept; nobody wants to know any more
                return
            for key, row in messages(begun, data):
                submit(key, row)
                busy = True
