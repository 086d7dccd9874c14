"""What ``why-not`` answers, whichever side the package is from."""

from __future__ import annotations

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["MOST_CHANGES", "WhyNotOutcome"]

MOST_CHANGES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNotOutcome:
    """``verdict`` is ``chosen``, ``not-needed``, ``no-such-version``, ``yanked``, ``conflict``,
    ``fewer-targets``, ``pre-release``, ``kept``, ``older`` or ``direct``; ``why`` and ``hints`` tell it.

    ``changes`` are (name, locked, instead) of what else would change with it.
    """

    name: str
    asked: str
    chosen: tuple[str, ...]
    verdict: str
    what: str
    why: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    changes: tuple[tuple[str, str, str], ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def lines(self) -> tuple[str, ...]:
        """For a person."""
        found = [self.what, *(f"  {line}" for line in self.why)]
        if self.changes:
            told = [
                f"{name} {before} → {after}" if after else f"{name} {before} → none"
                for name, before, after in self.changes[:MOST_CHANGES]
            ]
            more = len(self.changes) - len(told)
            found.append(f"  with it would change: {', '.join(told)}" + (f" and {more} more" if more else ""))
        for number, hint in enumerate(self.hints):
            found.append(f"{' or' if number else 'try'}: {hint}")
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "asked": self.asked,
            "chosen": list(self.chosen),
            "verdict": self.verdict,
            "what": self.what,
            "why": list(self.why),
            "hints": list(self.hints),
            "changes": [{"name": n, "before": old, "after": new} for n, old, new in self.changes],
            "conflicts": self.details.get("conflicts", []),
            "suggestions": self.details.get("suggestions", []),
        }
