"""Processes that read pages for this one: unpack, parse and digest an answer, put the page into the store.

That is half of a cold lock, and nothing in it has to do with any other page. So while this process solves
and fetches, others do it: forked before the first request, told one answer after the other over a pipe, as it
came from the index. What they make is the table that a warm lock reads, and this process reads it there: what
a page says is the same whoever read it. They are told no credentials, and the addresses of answers have none.

Whatever goes wrong in one of them (it is no page, the disk is full, somebody killed it), the page is read
here, where the problem belongs. While this process would wait, it reads one that nobody has begun with.
"""

from __future__ import annotations

import os

from hutch.forked import Forked, may_fork, processors
from hutch.light import deque
from hutch.pipes import message, receive, send, widen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    from hutch.net import Client, Response
    from hutch.spec import NormalizedName

    Told: TypeAlias = "Callable[[bool], None]"

__all__ = ["Readers", "Task"]

MOST = 2
LEAST = 2048
"""Bytes of an answer, as it was sent, that are worth the way to another process."""
_AT_HAND = 2
"""Answers that lie in the pipe of a process: one that it reads and one to go on with."""
_KEPT, _NOT = b"y", b"n"
_HEADERS = ("content-type", "content-encoding", "cache-control", "etag", "last-modified")


class Task:
    """An answer to be read: whose page it is, on which index, and the path of the table to write."""

    __slots__ = ("body", "head", "told")

    def __init__(
        self, name: NormalizedName, index: str, path: str, response: Response, now: float, told: Told
    ) -> None:
        headers = {key: response.headers[key] for key in _HEADERS if key in response.headers}
        limit = response.request.max_bytes
        self.head = (name, index, path, response.url, headers, limit, now)
        self.body = response.body
        self.told = told


class Readers:
    """The processes. Nobody is hired where no fork is fit for it, or where one processor is all there is."""

    def __init__(self, client: Client, *, count: int | None = None) -> None:
        self._client = client
        self._count = count
        self._readers: list[_Reader] | None = None
        self._waiting: deque[Task] = deque()
        self._known = False

    def hire(self) -> bool:
        """Start them, if that was not done yet; is anybody there?"""
        if self._readers is None:
            self._readers = []
            count = self._count
            if count is None:
                count = min(processors() - 1, MOST) if may_fork() else 0
            try:
                for _ in range(count):
                    self._readers.append(_Reader())
            except OSError:
                pass  # no more processes for this user, or no descriptors
            if self._readers and not self._known:
                self._client.helped_by(self)
                self._known = True
        return bool(self._readers)

    def rest(self) -> None:
        """Send them home, if none owes an answer; who needs them again hires others."""
        if self._readers and not self.left and not self._waiting:
            self.dismiss()
            self._readers = None

    def takes(self, response: Response) -> bool:
        """Is the answer worth the way, and anybody there to read it?"""
        return bool(self._readers) and len(response.body) >= LEAST

    def read(self, task: Task) -> None:
        """Have it read; ``told`` gets whether the table is written, from the pump of the client."""
        self._waiting.append(task)
        self._hand_out()
        if self._waiting:
            self._client.when_idle(self._take_one)

    # -- for the client ------------------------------------------------------------------------

    @property
    def left(self) -> int:
        """See ``Helpers``."""
        return sum(len(each.tasks) for each in self._readers or ())

    def descriptors(self) -> list[int]:
        """See ``Helpers``."""
        return [each.process.answers for each in self._readers or () if each.tasks]

    def collect(self) -> None:
        """See ``Helpers``."""
        from select import select

        ready, _, _ = select(self.descriptors(), [], [], 0)
        if not ready:
            return
        assert self._readers is not None
        for reader in list(self._readers):
            if reader.process.answers not in ready:
                continue
            answers = reader.answers()
            for answer in answers:
                self._client.soon(reader.tasks.popleft().told, answer == _KEPT[0])
            if not answers:
                self._readers.remove(reader)
                for task in reader.leave():
                    self._client.soon(task.told, False)
        if not self._readers:
            while self._waiting:
                self._client.soon(self._waiting.popleft().told, False)
        self._hand_out()

    def dismiss(self) -> None:
        """See ``Helpers``. What nobody waits for any more is not read."""
        self._waiting.clear()
        for reader in self._readers or ():
            reader.leave()
        self._readers = []

    # -- inside --------------------------------------------------------------------------------

    def _hand_out(self) -> None:
        while self._waiting:
            free = [each for each in self._readers or () if each.has_room(len(self._waiting[0].body))]
            if not free:
                return
            min(free, key=lambda each: len(each.tasks)).take(self._waiting.popleft())

    def _take_one(self) -> bool:
        """Read one here, while there is nothing else to do."""
        if self._waiting:
            self._client.soon(self._waiting.popleft().told, False)
        return bool(self._waiting)


class _Reader:
    """One process, and the tasks that it has not answered, in their order."""

    def __init__(self) -> None:
        self.tasks: deque[Task] = deque()
        self._size = 0
        self.process = Forked(_serve)
        self._room = widen(self.process.jobs)

    def has_room(self, size: int) -> bool:
        """Can so many bytes be written without waiting for it to read?"""
        if not self.tasks:
            return True
        held = sum(len(each.body) + 1024 for each in self.tasks)
        return len(self.tasks) < _AT_HAND and held + size + 1024 <= self._room

    def take(self, task: Task) -> None:
        self.tasks.append(task)
        try:
            send(self.process.jobs, message((*task.head, task.body)))
        except OSError:
            self.process.give_up()  # which its other pipe says

    def answers(self) -> bytes:
        """What it said since; nothing if it is gone."""
        try:
            return os.read(self.process.answers, len(self.tasks))
        except OSError:
            return b""

    def leave(self) -> list[Task]:
        """Send it home, and give what it leaves undone."""
        tasks, self.tasks = list(self.tasks), deque()
        self.process.end()
        return tasks


def _serve(jobs: int, answers: int) -> None:
    """What a process does all its life."""
    import gc

    gc.disable()
    while (job := receive(jobs)) is not None:
        made: object = None
        try:
            made = read_and_keep(*job)
            answer = _KEPT
        except BaseException:
            answer = _NOT
        os.write(answers, answer)
        del made  # a tenth of the work is to take it apart, for which nobody has to wait


def read_and_keep(
    name: NormalizedName,
    index: str,
    path: str,
    url: str,
    headers: Mapping[str, str],
    limit: int,
    now: float,
    body: bytes,
) -> object:
    """Read an answer as it was sent and write the table of its page; what was made for that, to throw away.

    Raises whatever keeps it from that.
    """
    from hutch.index.answers import digested, parse_page
    from hutch.index.caching import pack_page
    from hutch.net import Request, Response, unpacked
    from hutch.store.disk import write_atomic

    request = Request(url=url, max_bytes=limit, packed=True)
    response: Any = unpacked(Response(request=request, status=200, headers=headers, body=body, url=url))
    found = parse_page(response)
    page = digested(name, index, found, url)
    write_atomic(path, pack_page(name, headers, page, now=now))
    return response, found, page
