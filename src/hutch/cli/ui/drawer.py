"""Events → the terminal: the progress line while something lasts, notices at once, every step with ``-v``.

The line is redrawn ten times a second by a thread of its own, so that it also moves while the network or a
build says nothing; the thread exists only on a terminal and only between the first phase and the last.
"""

from __future__ import annotations

import time

from hutch.cli.ui.problems import render_notice
from hutch.cli.ui.progress import Progress
from hutch.cli.ui.text import clean, size
from hutch.events import (
    Building,
    Decided,
    Dropped,
    Event,
    Fetched,
    Linked,
    Notice,
    PhaseEnded,
    PhaseStarted,
    Removed,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from hutch.cli.ui.terminal import Terminal

__all__ = ["Drawer", "step"]

_TICK = 0.1
_ERASE = "\r\x1b[K"


class Drawer:
    """Owns the last line of the terminal."""

    def __init__(self, terminal: Terminal, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal = terminal
        self._clock = clock
        self._progress = Progress(unicode=terminal.err.unicode)
        self._drawn = False
        self._thread: threading.Thread | None = None
        self._ended: threading.Event | None = None
        # `threading` itself is for who draws: it costs more than a whole quiet command may.
        from _thread import RLock

        self._hold = RLock()
        self._told: set[str] = set()  # warnings, each of which is said once
        self._fetched: set[str] = set()  # in this part of the command

    def take(self, event: Event) -> None:
        """Take one event, from any thread."""
        with self._hold:
            if self._is_known(event):
                return
            if self._terminal.progress:
                self._progress.observe(event, self._clock())
                if isinstance(event, PhaseEnded) and not self._progress.active:
                    self._erase()
            if isinstance(event, Notice):
                self._notice(event)
            elif self._terminal.verbose:
                line = step(event)
                if line:
                    self._print([self._terminal.err.paint("dim", clean(line))])
        if self._terminal.progress and isinstance(event, PhaseStarted) and self._thread is None:
            self._start()

    def _is_known(self, event: Event) -> bool:
        """Whether it tells of a file that has been told of: by who asked for it, then by who wanted it."""
        if isinstance(event, (PhaseStarted, PhaseEnded)):
            self._fetched.clear()
        elif isinstance(event, Fetched) and event.what:
            if event.what in self._fetched:
                return True
            self._fetched.add(event.what)
        return False

    def tick(self) -> None:
        """Draw the line as it is now."""
        with self._hold:
            line = self._progress.line(self._clock(), self._terminal.err.width - 1)
            if line is None:
                self._erase()
            else:
                self._write(_ERASE + clean(line), exact=True)
                self._drawn = True

    def stop(self) -> None:
        """Erase the line and end the thread; the next phase begins anew."""
        if self._ended is not None:
            self._ended.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
        with self._hold:
            self._erase()
            self._progress = Progress(unicode=self._terminal.err.unicode)

    def _start(self) -> None:
        import threading

        self._ended = ended = threading.Event()

        def draw() -> None:
            while not ended.wait(_TICK):
                self.tick()

        self._thread = threading.Thread(target=draw, name="hutch-progress", daemon=True)
        self._thread.start()

    def _notice(self, notice: Notice) -> None:
        if self._terminal.quiet > (1 if notice.warning else 0) or (
            notice.warning and notice.text in self._told
        ):
            return
        if notice.warning:
            self._told.add(notice.text)
        self._print(render_notice(notice.text, self._terminal.err, warning=notice.warning))

    def _print(self, lines: list[str]) -> None:
        self._erase()
        self._write("".join(f"{line}\n" for line in lines))

    def _erase(self) -> None:
        if self._drawn:
            self._write(_ERASE, exact=True)
            self._drawn = False

    def _write(self, text: str, *, exact: bool = False) -> None:
        try:
            self._terminal.err.write(text, exact=exact)
        except OSError:
            self._terminal.err.abandon()


def step(event: Event) -> str:
    """What ``--verbose`` says about an event; empty for nothing."""
    match event:
        case PhaseStarted(phase, total):
            return f"{phase}: begins" + (f", {total} steps" if total else "")
        case PhaseEnded(phase):
            return f"{phase}: done"
        case Decided(package, version):
            return f"chose {package} {version}"
        case Fetched(what, number):
            return f"fetched {what} ({size(number)})"
        case Building(what):
            return f"building {what}"
        case Linked(package, version, files):
            return f"installed {package} {version} ({files} files)"
        case Removed(package, version):
            return f"removed {package} {version}"
        case Dropped(target, reason):
            return f"left out {target}: {reason}"
        case _:
            return ""
