"""The progress line as a value: events and a clock in, one line of text out. No I/O.

What is shown is the latest part of the command that has begun: its name, the steps done of those known, the
bytes and how fast they come, and what was last worked on.
"""

from __future__ import annotations

from hutch.cli.ui.text import count, cut, duration, size, width_of
from hutch.events import Building, Checked, Decided, Event, Fetched, Linked, PhaseEnded, PhaseStarted, Removed

__all__ = ["PATIENCE", "Progress"]

PATIENCE = 0.5  # seconds before anything is shown

_LABELS = {
    "resolve": "Resolving",
    "lock": "Locking",
    "download": "Downloading",
    "fetch": "Downloading",
    "install": "Installing",
    "link": "Installing",
    "build": "Building",
    "unpack": "Unpacking",
    "pack": "Packing",
    "remove": "Removing",
    "uninstall": "Removing",
    "check": "Checking",
    "probe": "Looking for Python",
    "environment": "Making the environment",
    "clean": "Cleaning",
    "compile": "Compiling",
    "configure": "Configuring",
    "make": "Compiling",
    "make install": "Installing",
}
_SPINNER = ("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\")
_BAR = ("━", "╌", "#", ".")
_BAR_WIDTH = 20


class _Phase:
    """What is known about one part of a command."""

    __slots__ = ("bytes", "done", "label", "last", "since", "total")

    def __init__(self, label: str, total: int | None, since: float) -> None:
        self.label = label
        self.total = total
        self.since = since
        self.done = 0
        self.bytes = 0
        self.last = ""


class Progress:
    """State of the progress line."""

    def __init__(self, *, unicode: bool = True) -> None:
        self._unicode = unicode
        self._phases: dict[str, _Phase] = {}
        self._packages: set[str] = set()
        self._since: float | None = None

    @property
    def active(self) -> bool:
        """Whether some part of the command is under way."""
        return bool(self._phases)

    def observe(self, event: Event, now: float) -> None:
        """Take one event that happened at ``now`` (seconds of a monotonic clock)."""
        match event:
            case PhaseStarted(phase, total):
                if self._since is None:
                    self._since = now
                self._phases.pop(phase, None)
                label = _LABELS.get(phase, phase[:1].upper() + phase[1:])
                self._phases[phase] = _Phase(label, total, now)
            case PhaseEnded(phase):
                self._phases.pop(phase, None)
                if not self._phases:
                    self._since = None
            case Decided(package, version):
                self._packages.add(package)
                self._work(f"{package} {version}")
            case Fetched(what, number):
                for shown in self._phases.values():
                    shown.bytes += number
                self._work(what, steps=1)
            case Building(what):
                self._work(what)
            case Checked(what):
                self._work(what, steps=1)
            case Linked(package, version) | Removed(package, version):
                self._work(f"{package} {version}", steps=1)
            case _:
                pass

    def _work(self, what: str, *, steps: int = 0) -> None:
        """Note what the latest phase last worked on, and count its steps where their number is known."""
        if not self._phases:
            return
        latest = next(reversed(self._phases.values()))
        latest.last = what
        if latest.total is not None:
            latest.done = min(latest.done + steps, latest.total)
        else:
            latest.done = len(self._packages)

    def line(self, now: float, width: int) -> str | None:
        """The line at ``now``, at most ``width`` columns; None while nothing is worth showing."""
        if self._since is None or now - self._since < PATIENCE or not self._phases:
            return None
        phase = next(reversed(self._phases.values()))
        spinner = _SPINNER[0 if self._unicode else 1]
        parts = [f"{spinner[int(now * 10) % len(spinner)]} {phase.label}"]
        if phase.total:
            parts.append(self._bar(phase.done, phase.total, room=width - width_of(parts[0])))
        elif phase.done:
            parts.append(count(phase.done, "package"))
        if phase.bytes:
            passed = max(now - phase.since, 0.1)
            parts.append(f"{size(phase.bytes)}, {size(phase.bytes / passed)}/s")
        if now - self._since >= 3:
            parts.append(duration(int(now - self._since)))
        if phase.last:
            parts.append(phase.last)
        return cut("  ".join(parts), width)

    def _bar(self, done: int, total: int, *, room: int) -> str:
        numbers = f"{done}/{total}"
        if room < _BAR_WIDTH + 2 * len(numbers):
            return numbers
        full, empty = _BAR[:2] if self._unicode else _BAR[2:]
        filled = _BAR_WIDTH * done // total
        return f"{full * filled}{empty * (_BAR_WIDTH - filled)} {numbers}"
