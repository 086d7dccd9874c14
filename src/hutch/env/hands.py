"""Several packages at once: threads that put them in, for as long as the kernel works and not Python.

Putting a package in is a system call a file and a directory, and nearly nothing in between; Python lets other
threads run during each. So two hands make, on two processors, most of what two processes would, and a file
system that takes its time over each directory is asked from two sides. Within a package the order stays what
it was: its RECORD comes last.

Whatever goes wrong (Ctrl-C in the main thread too), nobody is still at work when `put_all` returns or raises:
what follows may be the undoing of all this.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import LockType
    from collections.abc import Callable, Sequence

    from hutch.env.link import Linker
    from hutch.env.placement import Placement
    from hutch.events import Event

__all__ = ["put_all"]

MOST = 4
"""More hands than these wait for each other: between two calls each needs Python for a moment."""
WORTH = 150
"""A thread costs about as much as so many links; what is less is done by one."""
_A_DIRECTORY = 8
"""What a directory costs, in links."""


def put_all(
    placements: Sequence[Placement],
    put: Callable[[Placement, Linker], int],
    linker: Linker,
    done: Callable[[Placement, int], None],
    *,
    hands: int | None = None,
) -> None:
    """``put`` each of the placements, with as many ``hands`` as there are processors and work for.

    ``done`` is told in this thread of each that is in, with what ``put`` gave. What the first failure raised
    is raised when all hands are still.
    """
    waiting = sorted(placements, key=_weight)
    total = sum(map(_weight, waiting))
    hands = min(MOST, _processors(), total // WORTH) if hands is None else hands
    hands = min(hands, len(waiting))
    if hands < 2:
        for one in placements:
            done(one, put(one, linker))
        return
    # The smallest settles how files are put here; the largest go first then, so that nobody is left with one.
    first = waiting.pop(0)
    done(first, put(first, linker))
    _Crew(waiting, put, done).run(linker, hands)


class _Crew:
    """The hands at work on a list, from its end."""

    def __init__(
        self,
        waiting: list[Placement],
        put: Callable[[Placement, Linker], int],
        done: Callable[[Placement, int], None],
    ) -> None:
        self._waiting = waiting
        self._put = put
        self._done = done
        self._ended: list[tuple[Placement, int]] = []
        self._failures: list[BaseException] = []

    def run(self, linker: Linker, hands: int) -> None:
        """Work with so many hands, this thread's among them, until all is done or something failed."""
        from _thread import allocate_lock, start_new_thread

        gates = []
        notices: list[Event] = []
        try:
            for _ in range(hands - 1):
                gate = allocate_lock()
                gate.acquire()
                try:
                    start_new_thread(self._help, (linker.twin(notices.append), gate))
                except RuntimeError:
                    break  # no more threads for this user: those that there are will do
                gates.append(gate)
            self._work(linker, self._tell)
        except BaseException as failure:  # Ctrl-C, wherever it came
            self._failures.append(failure)
        for gate in gates:
            self._wait(gate)
        if self._failures:
            raise self._failures[0]
        self._tell()
        for notice in notices[:1]:  # each of them found out for itself that there are no links here
            linker.tell(notice)

    def _help(self, linker: Linker, gate: LockType) -> None:
        try:
            self._work(linker, _nobody)
        except BaseException as failure:
            self._failures.append(failure)
        finally:
            gate.release()

    def _work(self, linker: Linker, tell: Callable[[], None]) -> None:
        while self._waiting and not self._failures:
            try:
                one = self._waiting.pop()
            except IndexError:
                break  # somebody took the last
            self._ended.append((one, self._put(one, linker)))
            tell()

    def _tell(self) -> None:
        while self._ended:
            self._done(*self._ended.pop(0))

    def _wait(self, gate: LockType) -> None:
        while True:
            try:
                gate.acquire()
                return
            except KeyboardInterrupt as again:
                self._failures.append(again)


def _nobody() -> None:
    """Tell nobody: events are for the main thread."""


def _weight(one: Placement) -> int:
    return len(one.body) + len(one.info) + len(one.parts) + _A_DIRECTORY * (len(one.directories) + 1)


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return os.cpu_count() or 1
