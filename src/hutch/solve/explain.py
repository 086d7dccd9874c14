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
    place: Callable[[int], str] = lambda mask: "these targets",
    owner: Callable[[str], str] = lambda package: "",
) -> list[str]:
    """The proof as lines, one premise a line.

    ``origin`` names the place of a need of the project (``pyproject.toml:8``). ``where`` names a set
    of targets, or says nothing where it is all that matter; ``place`` always names it. ``owner``
    names the index of a package where a reader may not expect it.
    """
    lines = []
    premises = facts(proof)
    roots = {fact.package: fact for fact in premises if fact.kind == "root"}
    told: set[str] = set()
    for fact in premises:
        on = f" on {name}" if (name := where(fact.mask)) else ""
        need = fact.need
        if fact.kind == "root":
            assert need is not None
            if fact.package not in told:
                lines.append(_asked_for(need, universe, origin(need) + on))
        elif fact.kind == "dependency":
            assert need is not None
            if need.exactly is not None:
                continue  # an extra and its package: nothing a reader has to be told
            asked = ""
            root = roots.get(fact.package)
            if root is not None and root.need is not None and not where(root.mask):
                # Where the project itself asks for the package, one line tells both.
                asked = f" ({origin(root.need)})"
                told.add(fact.package)
            subject, many = _versions(fact, universe)
            verb = "need" if many else "needs"
            lines.append(f"{subject}{asked} {verb} {_spelled(need)}{on}{_why_not(need, universe)}")
        else:
            lines.append(_unavailable(fact, universe, place(fact.mask & proof.mask), owner))
    return lines


def _versions(fact: Fact, universe: Universe) -> tuple[str, bool]:
    """The package and its versions as the subject of a sentence, and whether that is a plural."""
    labels = universe.versions[fact.package].labels
    versions = runs(labels, fact.versions)
    if versions == "all versions":
        return (
            f"every version of {fact.package}" if len(labels) > 1 else f"{fact.package} {labels[0]}"
        ), False
    return f"{fact.package} {versions}", fact.versions.bit_count() > 1


def _unavailable(fact: Fact, universe: Universe, place: str, owner: Callable[[str], str]) -> str:
    subject, many = _versions(fact, universe)
    if fact.reason.startswith("has no "):
        where = place.replace("every target", "any target")
        what = fact.reason.removeprefix("has no ")
        if subject.startswith("every version"):
            said = f"no version of {fact.package} has a {what} for {where}"
        else:
            said = f"{subject} {'have' if many else 'has'} no {what} for {where}"
    else:
        verb, _, rest = fact.reason.partition(" ")
        plural = {"requires": "require", "asks": "ask", "was": "were", "came": "came"}
        said = f"{subject} {plural.get(verb, verb) if many else verb} {rest}"
    return f"{said} (from {index})" if (index := owner(fact.package)) else said


def _spelled(need: Need) -> str:
    text = ",".join(operator + version for operator, version in need.specifiers)
    return f"{need.package} {text}" if text else need.package


def _asked_for(need: Need, universe: Universe, where: str) -> str:
    """What the project asks for, and if that is so, that it cannot be had."""
    versions = universe.versions.get(need.package)
    if versions is None or universe.admitted(need) & ~ABSENT or universe.by_order(need):
        return f"{_spelled(need)} is asked for in {where}{_why_not(need, universe)}"
    if not versions.labels:
        return f"no index has {need.package}, asked for in {where}"
    return f"no version satisfies {_spelled(need)}, asked for in {where} (newest: {versions.labels[-1]})"


def _why_not(need: Need, universe: Universe) -> str:
    """Why no version at all meets a need; nothing where one does."""
    versions = universe.versions.get(need.package)
    if versions is None or universe.admitted(need) & ~ABSENT:
        return ""
    if not versions.labels:
        return ", and no index has it"
    if hidden := universe.by_order(need):
        return f", which only yanked versions satisfy ({runs(versions.labels, hidden >> 1)})"
    return f", which no version satisfies (newest: {versions.labels[-1]})"
