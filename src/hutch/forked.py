"""Processes that are forked from this one to work for it, and the two pipes to each.

They know all that this process knows at that moment, are told one job after the other, and end when their
pipe does: so none is left where this process was killed. Ctrl-C is for the one that forked them.

A fork takes over one thread. So nobody is forked where others run, nor where the system's libraries do not
survive it (macOS), or where there is none (Windows).
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ClassVar

__all__ = ["Forked", "may_fork", "processors"]


def may_fork() -> bool:
    """Whether nothing else is going on in this process that a fork would break off in the middle."""
    from _thread import _count

    return sys.platform == "linux" and _count() == 0


def processors() -> int:
    """How many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


class Forked:
    """One process, and this end of the pipes to it: ``jobs`` to write to, ``answers`` to read from.

    ``serve`` gets the other ends, and is all that the process does. Raises OSError.
    """

    _open: ClassVar[list[Forked]] = []

    def __init__(self, serve: Callable[[int, int], None]) -> None:
        jobs, self.jobs = os.pipe()
        try:
            self.answers, answers = os.pipe()
        except OSError:
            os.close(jobs)
            os.close(self.jobs)
            raise
        try:
            self.pid = os.fork()
        except OSError:
            for descriptor in (jobs, self.jobs, self.answers, answers):
                os.close(descriptor)
            raise
        if self.pid == 0:
            try:
                # Whoever holds the other end of a pipe keeps its reader waiting.
                for one in (*Forked._open, self):
                    one.close()
                import _signal  # type: ignore[import-not-found]

                _signal.signal(_signal.SIGINT, _signal.SIG_IGN)
                _signal.signal(_signal.SIGTERM, _signal.SIG_DFL)
                serve(jobs, answers)
            finally:
                os._exit(0)
        os.close(jobs)
        os.close(answers)
        Forked._open.append(self)

    def close(self) -> None:
        """Close the pipes: it ends what it is at, and then itself."""
        if self.jobs >= 0:
            os.close(self.jobs)
            os.close(self.answers)
            self.jobs = self.answers = -1
            if self in Forked._open:
                Forked._open.remove(self)

    def wait(self) -> None:
        """Wait until it has ended. OSError if it is not ours any more."""
        os.waitpid(self.pid, 0)

    def kill(self) -> None:
        """End it at once; what it leaves is swept up by a later command."""
        os.kill(self.pid, 9)

    def end(self) -> None:
        """Close the pipes, and wait until it has ended. Ctrl-C meanwhile ends it at once."""
        while True:
            try:
                self.close()
                self.wait()
            except KeyboardInterrupt:
                try:
                    self.kill()  # who asks twice means it
                except OSError:
                    return
                continue
            except OSError:
                pass  # it is not ours any more
            return

    def give_up(self) -> None:
        """It cannot be told what it should know: end it, so that nobody waits for its answer."""
        try:
            self.kill()
        except OSError:
            pass  # it has ended already
