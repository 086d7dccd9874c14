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
    from typing import Any

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
    make: Callable[[Placement, Sequence[str]], None],
    linker: Linker,
    done: Callable[[Placement, int], None],
) -> None:
    """``put`` each of the placements, with as many hands as there are processors and work for.

    ``make`` makes directories of one: those of a package that is most of the work are made by all hands
    before it is put in. ``done`` is told in this thread of each that is in, with what ``put`` gave. What the
    first failure raised is raised when all hands are still.
    """
    waiting = sorted(placements, key=_weight)
    total = sum(map(_weight, waiting))
    hands = min(MOST, _processors(), total // WORTH)
    if hands < 2:
        for one in placements:
            done(one, put(one, linker))
        return
    for one in waiting:
        if _weight(one) * hands > total and len(one.directories) >= hands:
            _make_together(one, make, linker, hands)
    ended: list[tuple[Placement, int]] = []

    def tell() -> None:
        while ended:
            done(*ended.pop(0))

    def put_one(one: Placement, linker: Linker) -> None:
        ended.append((one, put(one, linker)))

    # The smallest settles how files are put here; the largest go first then, so that nobody is left with one.
    put_one(waiting.pop(0), linker)
    tell()
    _Crew(waiting, put_one, tell).run(linker, min(hands, len(waiting)))


def _make_together(
    one: Placement, make: Callable[[Placement, Sequence[str]], None], linker: Linker, hands: int
) -> None:
    """The directories of a large package, in as many parts: a parent may be in the part of another hand."""
    each = -(-len(one.directories) // hands)
    parts = [one.directories[start : start + each] for start in range(0, len(one.directories), each)]
    _Crew(parts, lambda part, _: make(one, part), _nobody).run(linker, hands)
    one.directories = ()


class _Crew:
    """The hands at work on a list, from its end; ``tell`` is called by the main one after each."""

    def __init__(
        self, waiting: list[Any], work: Callable[[Any, Any], None], tell: Callable[[], None]
    ) -> None:
        self._waiting = waiting
        self._do = work
        self._tell = tell
        self._failures: list[BaseException] = []
        self._still: list[int] = []

    def run(self, linker: Linker | None, hands: int) -> None:
        """Work with so many hands, this thread's among them, until all is done or something failed.

        Each has a linker of its own, if there is work for one.
        """
        from _thread import allocate_lock, start_new_thread

        helpers: list[tuple[LockType, LockType]] = []
        notices: list[Event] = []
        try:
            for number in range(hands - 1):
                begin, end = allocate_lock(), allocate_lock()
                begin.acquire()
                end.acquire()
                try:
                    twin = linker.twin(notices.append) if linker is not None else None
                    start_new_thread(self._help, (twin, number, begin, end))
                except RuntimeError:
                    break  # no more threads for this user: those that there are will do
                # One that Ctrl-C keeps from this list never begins.
                helpers.append((begin, end))
            for begin, _ in helpers:
                begin.release()
            self._work(linker, self._tell)
        except BaseException as failure:  # Ctrl-C, wherever it came
            self._failures.append(failure)
        while True:
            try:
                for number, (begin, end) in enumerate(helpers):
                    if begin.locked():
                        begin.release()
                    # A lock may have been taken, and Ctrl-C come all the same: it says when to look, no more.
                    while number not in self._still:
                        end.acquire()
                break
            except KeyboardInterrupt as again:
                self._failures.append(again)
        if self._failures:
            raise self._failures[0]
        self._tell()
        for notice in notices[:1]:  # each of them found out for itself that there are no links here
            if linker is not None:
                linker.tell(notice)

    def _help(self, linker: Linker | None, number: int, begin: LockType, end: LockType) -> None:
        begin.acquire()
        try:
            self._work(linker, _nobody)
        except BaseException as failure:
            self._failures.append(failure)
        finally:
            self._still.append(number)
            end.release()

    def _work(self, linker: Linker | None, tell: Callable[[], None]) -> None:
        while self._waiting and not self._failures:
            try:
                one = self._waiting.pop()
            except IndexError:
                break  # somebody took the last
            self._do(one, linker)
            tell()


def _nobody() -> None:
    """Tell nobody: events are for the main thread."""


def _weight(one: Placement) -> int:
    return len(one.body) + len(one.info) + len(one.parts) + _A_DIRECTORY * (len(one.directories) + 1)


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return os.cpu_count() or 1
