"""Extras and groups that contradict each other, held apart: worlds, and how they are found.

A project whose extras ``cpu`` and ``cu121`` want different versions of one package has no lock in which
both are chosen, and needs none. The solver is then given a copy of each target for every *world*: a
choice among the extras and groups that exclude each other. See ``docs/adr/0011-worlds.md``.
"""

from __future__ import annotations

from itertools import combinations

from hutch.events import Notice
from hutch.ops.worlds import every_world, some_worlds
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.resolve import Request, Root
    from hutch.provide import IndexProvider
    from hutch.solve import Incompatibility, Resolution
    from hutch.spec import Targets

__all__ = ["Contradiction", "apart", "divided", "in_every_world", "raise_contradiction"]


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
    worlds = every_world(conflicts, request.deciding)
    if worlds is None:
        worlds = some_worlds(conflicts, request.deciding, request.worlds, request.told)
    base = request.targets.base
    targets = base.apart(worlds)
    demanded = targets.unfolded(request.targets.folded(request.demanded))
    return replace(request, targets=targets, demanded=demanded, conflicts=conflicts)


MOST_TOLD = 6


class Contradiction(Exception):
    """A proof rests on requirements of several extras or groups: they are to be held apart.

    Not a problem of anybody's: the driver catches it.
    """

    def __init__(self, asked: Mapping[str, Root]) -> None:
        self.asked = asked
        """A requirement of each that the proof rests on, by where it stands."""

    def held_apart(self, context: Context, request: Request, provider: IndexProvider) -> Request:
        """The request in which these are never chosen together, and a line that says so.

        Where two of them pin one package, others most likely do as well; they are held apart at once, and
        not one pair an attempt.
        """
        wheres = frozenset(self.asked)
        sets = {wheres: self.asked}
        if len({root.requirement.name for root in self.asked.values()}) == 1 and len(wheres) == 2:
            name = next(iter(self.asked.values())).requirement.name
            sets |= _disagreeing(request, provider, name)
        known = [each for each in request.conflicts if not any(each > one for one in sets)]
        divided_ = divided(request, sorted_({*known, *sets}))
        told = _told(request, sets)
        for text in told[:MOST_TOLD]:
            context.emit(Notice(f"{text}: locked apart, to be installed one at a time"))
        if (more := len(told) - MOST_TOLD) > 0:
            context.emit(Notice(f"{more} more pairs contradict each other in the same way: locked apart"))
        return divided_


def _disagreeing(
    request: Request, provider: IndexProvider, name: str
) -> dict[frozenset[str], Mapping[str, Root]]:
    """Pairs of extras and groups that ask for versions of a package of which no version is one of both."""
    versions = provider.versions((name,))[name]
    asked: dict[str, tuple[Root, int]] = {}
    for root in request.roots:
        requirement = root.limited
        if requirement.name == name and requirement.marker is None and not root.constraint:
            before = asked[root.where][1] if root.where in asked else -1
            asked[root.where] = root, before & versions.matching(requirement.specifiers)
    asked.pop("project", None)
    known = {frozenset(pair) for each in request.conflicts for pair in combinations(sorted(each), 2)}
    found: dict[frozenset[str], Mapping[str, Root]] = {}
    for one, other in combinations(sorted(asked), 2):
        pair = frozenset((one, other))
        wanted_together = request.together and pair <= request.together
        if not asked[one][1] & asked[other][1] and pair not in known and not wanted_together:
            found[pair] = {one: asked[one][0], other: asked[other][0]}
    return found


def _told(request: Request, sets: Mapping[frozenset[str], Mapping[str, Root]]) -> list[str]:
    """A line for each set, or one for all, where each of them contradicts each other."""
    everybody = {where: root for asked in sets.values() for where, root in asked.items()}
    if len(sets) > 1 and len(sets) == len(everybody) * (len(everybody) - 1) // 2:
        return [_sentence(request, everybody)]
    return [_sentence(request, asked) for _, asked in sorted(sets.items(), key=lambda item: sorted(item[0]))]


def _sentence(request: Request, asked: Mapping[str, Root], most: int = 6) -> str:
    wheres = sorted(asked)
    lines = [f"{asked[where].requirement.render()} in {asked[where].place}" for where in wheres]
    names = [request.told(where) for where in wheres]
    if len(wheres) > most:
        more = f"and {len(wheres) - most + 1} more"
        names = [*names[: most - 1], more]
        return f"{', '.join(names[:-1])} {more} contradict each other ({', '.join(lines[: most - 1])} {more})"
    return f"{', '.join(names[:-1])} and {names[-1]} contradict each other ({', '.join(lines)})"


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
    raise Contradiction(asked)


def in_every_world(resolution: Resolution, targets: Targets) -> Resolution:
    """The resolution for the targets that have a solution in each world."""
    if not targets.worlds:
        return resolution
    alive = targets.base.everything
    for part in targets.parts(resolution.targets):
        alive &= part
    return replace(resolution, targets=targets.unfolded(alive))
