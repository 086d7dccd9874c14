"""Extras and groups that contradict each other, held apart: worlds, and how they are found.

A project whose extras ``cpu`` and ``cu121`` want different versions of one package has no lock in which
both are chosen, and needs none. The solver is then given a copy of each target for every *world*: a
choice among the extras and groups that exclude each other. See ``docs/adr/0011-worlds.md``.
"""

from __future__ import annotations

from itertools import combinations

from hutch.errors import Problem
from hutch.events import Notice
from hutch.ops.checkout import plain_words
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.resolve import Request
    from hutch.solve import Incompatibility, Resolution
    from hutch.spec import Targets

__all__ = ["Contradiction", "TooManyWorlds", "apart", "divided", "in_every_world", "raise_contradiction"]

MOST_WORLDS = 128


class TooManyWorlds(Problem):
    """So many extras and groups exclude each other that their choices cannot be tried one by one."""

    code = "too-many-choices"

    def __init__(self, conflicts: tuple[frozenset[str], ...], words: Callable[[str], str]) -> None:
        told = [" and ".join(words(each) for each in sorted(one)) for one in sorted_(conflicts)]
        super().__init__(
            f"extras and groups that exclude each other leave more than {MOST_WORLDS} choices",
            why=(*told[:8], *([f"and {len(told) - 8} more"] if len(told) > 8 else [])),
            hint="declare larger sets of them, of which one is chosen at a time: tool.hutch.conflicts",
        )


def apart(checkout: Checkout) -> dict[str, Any]:
    """What a request has to know of it: what is declared, and what is always wanted together."""
    found: dict[str, Any]
    manifest = checkout.manifest
    pairs = {frozenset(pair) for members in manifest.settings.conflicts for pair in combinations(members, 2)}
    found = {"conflicts": sorted_(pairs), "together": checkout.together}
    if manifest.settings.sources:
        from hutch.ops.alternatives import deciding

        found["deciding"] = deciding(manifest.settings.sources.values())
    return found


def sorted_(conflicts: Iterable[frozenset[str]]) -> tuple[frozenset[str], ...]:
    """In an order that is always the same."""
    return tuple(sorted(conflicts, key=sorted))


def divided(request: Request, conflicts: tuple[frozenset[str], ...]) -> Request:
    """The request with a copy of each target for every world; the one that it is, without conflicts."""
    if not conflicts and not request.deciding:
        return request
    worlds = _worlds(conflicts, request.deciding, request.told)
    base = request.targets.base
    targets = base.apart(worlds)
    demanded = targets.unfolded(request.targets.folded(request.demanded))
    return replace(request, targets=targets, demanded=demanded, conflicts=conflicts)


def _worlds(
    conflicts: tuple[frozenset[str], ...],
    deciding: frozenset[str] = frozenset(),
    told: Callable[[str], str] = plain_words,
) -> tuple[frozenset[str], ...]:
    """Every choice among those in conflict and those that decide that holds no conflict, the empty one
    first."""
    worlds: list[frozenset[str]] = [frozenset()]
    for name in sorted(deciding.union(*conflicts)):
        more = [world | {name} for world in worlds]
        worlds += [world for world in more if not any(world >= conflict for conflict in conflicts)]
        if len(worlds) > MOST_WORLDS:
            raise TooManyWorlds(conflicts, told)
    return tuple(sorted(worlds, key=lambda world: (len(world), sorted(world))))


class Contradiction(Exception):
    """A proof rests on requirements of several extras or groups: they are to be held apart.

    Not a problem of anybody's: the driver catches it.
    """

    def __init__(self, wheres: frozenset[str], lines: tuple[str, ...]) -> None:
        self.wheres = wheres
        self.lines = lines

    def held_apart(self, context: Context, request: Request) -> Request:
        """The request in which these are never chosen together, and a line that says so."""
        known = [each for each in request.conflicts if not each > self.wheres]
        divided_ = divided(request, sorted_([*known, self.wheres]))
        names = [request.told(where) for where in sorted(self.wheres)]
        told = f"{', '.join(names[:-1])} and {names[-1]} contradict each other"
        context.emit(Notice(f"{told} ({', '.join(self.lines)}): locked apart, to be installed one at a time"))
        return divided_


def raise_contradiction(proof: Incompatibility, request: Request) -> None:
    """``Contradiction`` where what a proof rests on need not be installed together."""
    if request.together is None:
        return
    from hutch.solve import facts

    roots = [fact.need.origin for fact in facts(proof) if fact.kind == "root" and fact.need is not None]
    asked: dict[str, Any] = {}
    for root in roots:
        if (where := root.where) != "project":  # type: ignore[attr-defined]
            asked.setdefault(where, root)
    wheres = frozenset(asked)
    if len(wheres) < 2 or wheres <= request.together:
        return
    lines = (f"{one.requirement.render()} in {one.place}" for _, one in sorted(asked.items()))
    raise Contradiction(wheres, tuple(lines))


def in_every_world(resolution: Resolution, targets: Targets) -> Resolution:
    """The resolution for the targets that have a solution in each world."""
    if not targets.worlds:
        return resolution
    alive = targets.base.everything
    for part in targets.parts(resolution.targets):
        alive &= part
    return replace(resolution, targets=targets.unfolded(alive))
