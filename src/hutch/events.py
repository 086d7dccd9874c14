"""Facts about work in progress: rooms emit them, only ``cli.ui`` draws them.

Events are plain values. ``Emit`` is passed down as an argument with ``silent`` as its default; no
room logs to a global or prints.
"""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Emit: TypeAlias = "Callable[[Event], None]"
else:
    Emit = object

__all__ = [
    "Building",
    "Checked",
    "Decided",
    "Dropped",
    "Emit",
    "Event",
    "Fetched",
    "Linked",
    "Notice",
    "PhaseEnded",
    "PhaseStarted",
    "Removed",
    "silent",
]


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events."""


@dataclass(frozen=True, slots=True)
class PhaseStarted(Event):
    """A part of a command began: ``resolve``, ``download``, ``install`` …; ``total`` steps if known."""

    phase: str
    total: int | None = None


@dataclass(frozen=True, slots=True)
class PhaseEnded(Event):
    """A part of a command ended."""

    phase: str


@dataclass(frozen=True, slots=True)
class Decided(Event):
    """The solver picked ``version`` for ``package``; ``tries`` versions were tried so far in all."""

    package: str
    version: str
    tries: int


@dataclass(frozen=True, slots=True)
class Dropped(Event):
    """A wished target was given up, and why (one line)."""

    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fetched(Event):
    """``size`` bytes of ``what`` came over the network."""

    what: str
    size: int


@dataclass(frozen=True, slots=True)
class Building(Event):
    """A build of ``what`` began (a wheel, or the metadata of a source tree)."""

    what: str


@dataclass(frozen=True, slots=True)
class Checked(Event):
    """``what`` was looked at, one step of the part of the command that is under way."""

    what: str


@dataclass(frozen=True, slots=True)
class Linked(Event):
    """``files`` files of ``package`` were put into an environment."""

    package: str
    version: str
    files: int


@dataclass(frozen=True, slots=True)
class Removed(Event):
    """``package`` was taken out of an environment."""

    package: str
    version: str


@dataclass(frozen=True, slots=True)
class Notice(Event):
    """One line that the user should read: a repair made, a retry, something passed over."""

    text: str
    warning: bool = False


def silent(event: Event) -> None:
    """Drop the event."""
