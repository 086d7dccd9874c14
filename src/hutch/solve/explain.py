"""Tell the proof that there is no solution: the facts it rests on, in an order that can be read."""

from __future__ import annotations

from collections.abc import Callable

from hutch.solve.incompatibility import (
    Conflict,
    Dependency,
    Incompatibility,
    Root,
    Unavailable,
)
from hutch.solve.questions import Need
from hutch.solve.universe import ABSENT, Universe, runs
from hutch.values import dataclass

__all__ = ["Fact", "explain", "facts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One premise of a proof.

    ``kind`` is ``root``, ``dependency`` or ``unavailable``; ``versions`` are places of ``package``;
    ``need`` is there for the first two.
    """

    kind: str
    package: str
    versions: int
    mask: int
    need: Need | None = None
    reason: str = ""


def facts(proof: Incompatibility) -> tuple[Fact, ...]:
    """The premises of the proof, those about the same need in one, roots last."""
    seen: set[int] = set()
    merged: dict[tuple[object, ...], list[Fact]] = {}
    stack = [proof]
    while stack:
        clause = stack.pop()
        if id(clause) in seen:
            continue
        seen.add(id(clause))
        cause = clause.cause
        match cause:
            case Conflict(left, right):
                stack += [right, left]
                continue
            case Root(need):
                fact = Fact(kind="root", package=need.package, versions=0, mask=clause.mask, need=need)
                key: tuple[object, ...] = ("root", need.package, need.specifiers, need.mask)
            case Dependency(package, version, need):
                fact = Fact(
                    kind="dependency", package=package, versions=1 << version, mask=clause.mask, need=need
                )
                key = ("dependency", package, need.package, need.specifiers)
            case Unavailable(package, reason):
                fact = Fact(
                    kind="unavailable",
                    package=package,
                    versions=clause.terms[package] >> 1,
                    mask=clause.mask,
                    reason=reason,
                )
                key = ("unavailable", package, reason)
        merged.setdefault(key, []).append(fact)
    found = []
    for same in merged.values():
        versions = mask = 0
        for fact in same:
            versions |= fact.versions
            mask |= fact.mask
        first = same[0]
        found.append(
            Fact(
                kind=first.kind,
                package=first.package,
                versions=versions,
                mask=mask,
                need=first.need,
                reason=first.reason,
            )
        )
    ranks = {"dependency": 0, "unavailable": 1, "root": 2}
    return tuple(sorted(found, key=lambda fact: ranks[fact.kind]))


def explain(
    proof: Incompatibility,
    universe: Universe,
    *,
    origin: Callable[[Need], str] = lambda need: "the project",
    where: Callable[[int], str] = lambda mask: "",
) -> list[str]:
    """The proof as lines, one premise a line.

    ``origin`` names the place of a need of the project (``pyproject.toml:8``); ``where`` names a
    set of targets, or says nothing where it is all of them.
    """
    lines = []
    for fact in facts(proof):
        on = where(fact.mask)
        on = f" on {on}" if on else ""
        match fact.kind:
            case "root":
                assert fact.need is not None
                lines.append(f"{_spelled(fact.need, universe)} is asked for in {origin(fact.need)}{on}")
            case "dependency":
                assert fact.need is not None
                if fact.need.exactly is not None:
                    continue  # an extra and its package: nothing a reader has to be told
                versions = runs(universe.versions[fact.package].labels, fact.versions)
                subject = fact.package if versions == "all versions" else f"{fact.package} {versions}"
                verb = "needs" if fact.versions.bit_count() == 1 else "need"
                lines.append(f"{subject} {verb} {_spelled(fact.need, universe)}{on}")
            case _:
                versions = runs(universe.versions[fact.package].labels, fact.versions)
                lines.append(f"{fact.package} {versions}: {fact.reason}{on}")
    return lines


def _spelled(need: Need, universe: Universe) -> str:
    text = ",".join(operator + version for operator, version in need.specifiers)
    spelled = f"{need.package} {text}" if text else need.package
    versions = universe.versions.get(need.package)
    if versions is not None:
        if not versions.labels:
            return f"{spelled}, which no index has"
        if not universe.admitted(need) & ~ABSENT:
            if hidden := universe.by_order(need):
                return f"{spelled}, which only yanked versions are ({runs(versions.labels, hidden >> 1)})"
            return f"{spelled}, which no version is (newest: {versions.labels[-1]})"
    return spelled
