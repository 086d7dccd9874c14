"""A conflict as the user reads it: the premises of each proof, in the words of his files, and what helps.

The edits that help are found in ``ops.diagnosis``.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.provide import split_package
from hutch.solve import Unsolvable, explain, facts
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from hutch.ops.edits import Suggestion
    from hutch.ops.resolve import Request
    from hutch.provide import IndexProvider
    from hutch.solve import Need

__all__ = ["Conflict", "Told", "conflict_lines", "owner_of", "spelled"]

MOST_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One conflict in words: its premises, and the requirements of the user's in it as (place, text)."""

    where: str
    premises: tuple[str, ...]
    requirements: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "where": self.where,
            "premises": list(self.premises),
            "requirements": [{"place": place, "requirement": text} for place, text in self.requirements],
        }


class Conflict(Problem):
    """The requirements cannot be met; ``premises`` are the facts that say so, a line each.

    ``conflicts`` are those that have nothing to do with each other; each of ``suggestions`` alone lets
    the project lock.
    """

    code = "conflict"

    def __init__(
        self, conflicts: Sequence[Told], suggestions: Sequence[Suggestion], hints: Sequence[str] = ()
    ) -> None:
        self.conflicts = tuple(conflicts)
        self.suggestions = tuple(suggestions)
        self.premises = tuple(line for told in conflicts for line in told.premises)
        self.where = conflicts[0].where
        lines: list[str] = []
        several = len(self.conflicts) > 1
        for number, told in enumerate(self.conflicts, 1):
            shown = list(told.premises)
            if len(shown) > MOST_LINES:
                rest = len(shown) - MOST_LINES + 1
                shown[MOST_LINES - 1 :] = [f"and {rest} more that follow from these (--json has all)"]
            for at, line in enumerate(shown):
                lines.append((("   " if at else f"{number}. ") if several else "") + line)
        if several:
            what = f"no versions satisfy all requirements: {len(self.conflicts)} independent conflicts"
        else:
            what = "no versions satisfy all requirements" + (f" on {self.where}" if self.where else "")
        shown_hints = [each.text for each in self.suggestions] or list(hints)
        super().__init__(what, why=tuple(lines), hint=tuple(shown_hints))

    def details(self) -> dict[str, Any]:
        """For a program."""
        return {
            "conflicts": [told.to_json() for told in self.conflicts],
            "suggestions": [each.to_json() for each in self.suggestions],
        }


def conflict_lines(problem: Unsolvable, request: Request, provider: IndexProvider) -> Told:
    """One proof, in the words of the user's files."""
    targets = request.targets
    mask = problem.proof.mask & targets.everything

    def where(premise: int) -> str:
        # A premise that holds wherever the conflict is needs no place of its own.
        return "" if mask & ~premise == 0 else targets.name(premise & targets.everything)

    def owner(package: str) -> str:
        return owner_of(provider, package)

    lines = explain(
        problem.proof, problem.universe, origin=_place, where=where, place=targets.name, owner=owner
    )
    asked = dict.fromkeys(
        (_place(fact.need), spelled(fact.need))
        for fact in facts(problem.proof)
        if fact.kind == "root" and fact.need is not None
    )
    everywhere = not targets.base.everything & ~targets.folded(mask)
    return Told(
        where="" if everywhere else targets.name(mask), premises=tuple(lines), requirements=tuple(asked)
    )


def owner_of(provider: IndexProvider, package: str) -> str:
    """Which index has the package, where there are several; else nothing."""
    indexes = dict.fromkeys(page.index for page in provider.pages_of(split_package(package)[0]))
    label = " or ".join(provider.index_labels.get(index, index) for index in indexes)
    return label if len(provider.index_labels) > 1 else ""


def _place(need: Need) -> str:
    return getattr(need.origin, "place", "the project")


def spelled(need: Need) -> str:
    """What is needed, with its versions."""
    from hutch.spec import render_specifiers

    return f"{need.package} {render_specifiers(need.specifiers)}".rstrip()
