"""Processes that unpack wheels, one for each processor, while this one is busy with the network.

Checking and unpacking an archive is mostly Python between short calls to the kernel, so threads would wait
for each other. These are forked before there is any thread, know all that this process knows, and are told
one archive after the other over a pipe. All that they do is what `Wheels.publish` does anyway, which any
number of processes may do at once; what one of them cannot do, or dies of, is done again here, where the
problem belongs. When this process is gone their pipe ends, and so do they.

Where there is no fork that is fit for this (macOS, Windows), where somebody has begun threads, or where one
processor is all there is, nobody is hired.
"""

from __future__ import annotations

import os

from hutch.forked import Forked, may_fork, processors
from hutch.pipes import message, receive, send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

__all__ = ["FEWEST", "MOST", "Unpackers", "hire"]

FEWEST = 3
"""So many archives are worth the start of processes."""
MOST = 8
_NEW, _OLD, _NOT = b"n", b"o", b"x"


def hire(
    publish: Callable[[str, str, str, int], bool],
    archives: int,
    *,
    count: int | None = None,
    prepare: Callable[[], None] | None = None,
) -> Unpackers:
    """Processes for so many archives, or ``count``, where somebody knows better.

    ``publish`` (archive, file name, hash, how many processors it may have) tells whether there was no such
    entry yet. ``prepare`` is what they do while there is nothing else to do yet.
    """
    if count is None:
        count = min(processors(), archives, MOST) if archives >= FEWEST and may_fork() else 0
        count = 0 if count < 2 else count
    return Unpackers(publish, count, prepare)


class Unpackers:
    """The processes, while inside. Threads may ask at once: each is answered by a process of its own."""

    def __init__(
        self,
        publish: Callable[[str, str, str, int], bool],
        count: int,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        self._workers: list[_Worker] = []
        self._over = False
        for _ in range(count):
            try:
                self._workers.append(_Worker(publish, prepare))
            except OSError:
                break  # no more processes for this user, or no descriptors
        if self._workers:
            from _queue import SimpleQueue

            self._idle: SimpleQueue[_Worker] = SimpleQueue()
            for worker in self._workers:
                self._idle.put(worker)

    def unpack(self, archive: str, filename: str, sha256: str) -> bool | None:
        """Whether there was no such entry before; None where the caller has to do it, or to say why not.

        Raises StoreProblem when all are dismissed.
        """
        if not self._workers:
            return None
        worker = self._idle.get()
        try:
            # Those who have nothing to do leave their processors to it.
            answer = worker.ask((archive, filename, sha256, 1 + self._idle.qsize()))
            if self._over:
                from hutch.store.problems import StoreProblem

                raise StoreProblem(
                    f"unpacking {filename} was broken off", path=archive, why="nobody waits for it"
                )
            return {_NEW: True, _OLD: False}.get(answer)
        finally:
            self._idle.put(worker)  # a dead one, too: it keeps the place of a thread that does its work

    def __enter__(self) -> Unpackers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True  # what still waits in threads shall not be done by them
        for worker in self._workers:
            worker.dismiss()


class _Worker:
    """One process, and who may ask it."""

    def __init__(
        self,
        publish: Callable[[str, str, str, int], bool],
        prepare: Callable[[], None] | None,
    ) -> None:
        from _thread import allocate_lock

        self._hold = allocate_lock()
        self._process = Forked(lambda jobs, answers: _serve(publish, prepare, jobs, answers))
        self.pid = self._process.pid

    def ask(self, job: tuple[str, str, str, int]) -> bytes:
        """Its answer; empty if it is dead or dismissed."""
        process = self._process
        with self._hold:
            if process.jobs < 0:
                return b""
            try:
                send(process.jobs, message(job))
                return os.read(process.answers, 1)
            except OSError:
                return b""

    def dismiss(self) -> None:
        """Let it end what it is at, and wait for that."""
        while True:
            try:
                with self._hold:
                    self._process.close()
                    self._process.wait()
                return
            except KeyboardInterrupt:
                try:
                    self._process.kill()  # who asks twice means it
                except OSError:
                    return
            except OSError:
                return


def _serve(
    publish: Callable[[str, str, str, int], bool],
    prepare: Callable[[], None] | None,
    jobs: int,
    answers: int,
) -> None:
    """What the process does all its life."""
    if prepare is not None:
        prepare()
    while (job := receive(jobs)) is not None:
        try:
            answer = _NEW if publish(*job) else _OLD
        except BaseException:
            answer = _NOT
        os.write(answers, answer)
