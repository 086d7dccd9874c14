"""Work in threads, whose ends are told in the thread that pumps.

As ``concurrent.futures`` would have it, which takes longer to import than most jobs take.
"""

from __future__ import annotations

import sys
from _thread import allocate_lock, start_new_thread

try:
    from _queue import Empty, SimpleQueue
except ImportError:  # not everywhere in C
    from queue import Empty, SimpleQueue

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import LockType
    from collections.abc import Callable
    from typing import Any

__all__ = ["Background"]

# Where others do the work (see `hutch.store.unpackers`) threads do nothing but wait for them.
_THREADS = 8 if sys.platform == "linux" else 4


class Background:
    """Jobs under way, and what came of those that ended."""

    def __init__(self) -> None:
        self._jobs: list[tuple[int, int, Callable[[], Any], Callable[[Any], None]]] = []
        self._calls: SimpleQueue[bool] = SimpleQueue()
        self._count = 0
        self._ended: SimpleQueue[tuple[Callable[[Any], None], Any]] = SimpleQueue()
        self._gates: list[LockType] = []
        self._still: list[LockType] = []
        self._hold = allocate_lock()
        self.left = 0

    def submit(self, job: Callable[[], Any], done: Callable[[Any], None], *, weight: int = 0) -> None:
        """Run ``job`` in a thread, the heaviest first of those that wait: it would be the last to end."""
        self.left += 1
        self._count -= 1
        self._jobs.append((weight, self._count, job, done))
        self._calls.put(True)
        if len(self._gates) < min(self.left, _THREADS):
            gate = allocate_lock()
            gate.acquire()
            try:
                start_new_thread(self._work, (gate,))
            except RuntimeError:
                if not self._gates:
                    raise
                return  # no more threads for this user: those that there are will do
            self._gates.append(gate)

    def _work(self, gate: LockType) -> None:
        try:
            while self._calls.get():
                # One for each call: whichever this thread takes, there are enough for the others.
                with self._hold:
                    heaviest = max(self._jobs)
                    self._jobs.remove(heaviest)
                _, _, job, done = heaviest
                try:
                    outcome: Any = job()
                except BaseException as error:
                    outcome = error
                self._ended.put((done, outcome))
        finally:
            self._still.append(gate)
            gate.release()

    def ended(self, wait: float | None = 0.0) -> tuple[Callable[[Any], None], Any] | None:
        """The call-back and outcome of a job that ended, waiting up to ``wait`` seconds for one.

        An exception that is no ``Problem`` is raised here: it is a bug, and nobody else would see it.
        """
        if not self.left:
            return None
        try:
            done, outcome = self._ended.get(block=wait != 0, timeout=wait)
        except Empty:
            return None
        self.left -= 1
        if isinstance(outcome, BaseException) and not isinstance(outcome, Problem):
            raise outcome
        return done, outcome

    def close(self) -> None:
        """Wait for what runs, drop what has not begun."""
        try:
            while True:
                self._calls.get_nowait()
        except Empty:
            pass
        for _ in self._gates:
            self._calls.put(False)
        for gate in self._gates:
            # Not by the lock alone: it may be taken, Ctrl-C come all the same, and somebody close again.
            while gate not in self._still:
                gate.acquire()
        self.left = 0
