"""Work in threads, whose ends are told in the thread that pumps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Background"]

_THREADS = 4


class Background:
    """Jobs under way, and what came of those that ended."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="hutch-work")
        self._ended: SimpleQueue[tuple[Callable[[Any], None], Any]] = SimpleQueue()
        self.left = 0

    def submit(self, job: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Run ``job`` in a thread."""
        self.left += 1

        def run() -> None:
            try:
                outcome: Any = job()
            except BaseException as error:
                outcome = error
            self._ended.put((done, outcome))

        self._executor.submit(run)

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
        self._executor.shutdown(wait=True, cancel_futures=True)
        self.left = 0
