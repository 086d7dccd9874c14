"""A set of terms that cannot all hold on a target, the targets for which that is so, and why."""

from __future__ import annotations

from hutch.solve.questions import Need
from hutch.values import dataclass

__all__ = ["Cause", "Conflict", "Dependency", "Incompatibility", "Root", "Unavailable"]


@dataclass(frozen=True, slots=True)
class Root:
    """The project itself needs it."""

    need: Need


@dataclass(frozen=True, slots=True)
class Dependency:
    """``package`` at the place ``version`` has the need."""

    package: str
    version: int
    need: Need


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The versions cannot be used on the targets of the clause: no file, wrong Python."""

    package: str
    reason: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Follows from two older clauses."""

    left: Incompatibility
    right: Incompatibility


Cause = Root | Dependency | Unavailable | Conflict


class Incompatibility:
    """``terms`` maps a package to states; on no target of ``mask`` may all of them hold at once.

    A clause that follows from two others holds where both hold, so its mask is what they share.
    That is what lets one proof speak for many targets, and for no target too many.
    """

    __slots__ = ("cause", "mask", "terms")

    def __init__(self, terms: dict[str, int], mask: int, cause: Cause) -> None:
        self.terms = terms
        self.mask = mask
        self.cause = cause
