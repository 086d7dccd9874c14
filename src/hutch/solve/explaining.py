"""Tell the proof that there is no solution: the facts it rests on, in an order that can be read."""

from __future__ import annotations

from hutch.solve.incompatibility import (
    Conflict,
    Dependency,
    Incompatibility,
    Root,
    Unavailable,
)
from hutch.solve.questions import Need, Versions
from hutch.solve.universe import ABSENT, Universe, runs
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

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


MOST_DIFFERENT = 3  # needs of one package that are told one by one


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
    premises = _chained(_gathered(facts(proof)))
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
            if isinstance(need.origin, _Several):
                lines.append(f"{subject}{asked} {verb} {_said_together(need.origin, universe)}{on}")
                continue
            spelled = _spelled(_telling(fact, premises, universe))
            lines.append(f"{subject}{asked} {verb} {spelled}{on}{_why_not(need, universe)}")
        else:
            lines.append(_unavailable(fact, universe, place(fact.mask & proof.mask), owner))
    return lines


@dataclass(frozen=True, slots=True)
class _Several:
    """What many versions of a package need of another, each in words of its own."""

    needs: tuple[Need, ...]


def _gathered(premises: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Where versions of one package differ in what they need of another, one premise for all of them."""
    by_pair: dict[tuple[str, str], list[Fact]] = {}
    for fact in premises:
        if fact.kind == "dependency" and fact.need is not None and fact.need.exactly is None:
            by_pair.setdefault((fact.package, fact.need.package), []).append(fact)
    found: list[Fact] = []
    told: set[tuple[str, str]] = set()
    for fact in premises:
        pair = (fact.package, fact.need.package) if fact.need is not None else ("", "")
        same = by_pair.get(pair, []) if fact.kind == "dependency" else []
        if len(same) <= MOST_DIFFERENT or fact not in same:
            found.append(fact)
        elif pair not in told:
            told.add(pair)
            versions = mask = 0
            for each in same:
                versions |= each.versions
                mask |= each.mask
            needs = tuple(each.need for each in same if each.need is not None)
            found.append(
                replace(fact, versions=versions, mask=mask, need=replace(needs[0], origin=_Several(needs)))
            )
    return tuple(found)


def _chained(premises: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """The needs in the order of the chains, each from the project down; the other premises after them."""
    by_package: dict[str, list[Fact]] = {}
    for fact in premises:
        if fact.kind == "dependency":
            by_package.setdefault(fact.package, []).append(fact)
    ordered: list[Fact] = []
    stack = [fact.package for fact in reversed(premises) if fact.kind == "root"]
    while stack or by_package:
        package = stack.pop() if stack else next(iter(by_package))
        found = sorted(by_package.pop(package, []), key=lambda fact: fact.versions & -fact.versions)
        ordered += found
        stack += [fact.need.package for fact in reversed(found) if fact.need is not None]
    return (*ordered, *(fact for fact in premises if fact.kind != "dependency"))


def _said_together(several: _Several, universe: Universe) -> str:
    """``botocore 1.29.0 to 1.29.165, each a part of it``: the versions that any of the needs admits."""
    package = several.needs[0].package
    states = 0
    for need in several.needs:
        states |= universe.admitted(need)
    versions = universe.versions[package]
    said = _range(versions, states >> 1)
    return package if said == "all versions" else f"{package} {said}, each a part of these"


def _telling(fact: Fact, premises: tuple[Fact, ...], universe: Universe) -> Need:
    """The need without the clauses that play no part in the proof: ``urllib3 <1.27`` of ``>=1.25,<1.27``.

    A clause plays none if what is left admits the same of the versions that the other premises about
    the package admit at all. Said only where nothing else in the proof is about those versions.
    """
    need = fact.need
    assert need is not None
    if len(need.specifiers) < 2 or need.exactly is not None:
        return need
    others = 0
    for other in premises:
        if other is fact:
            continue
        if other.package == need.package and other.kind != "root":
            return need
        if other.need is not None and other.need.package == need.package:
            if isinstance(other.need.origin, _Several):
                return need
            others |= universe.by_order(other.need)
    if not others:
        return need
    wanted = universe.by_order(need) & others
    for clause in need.specifiers:
        if len(need.specifiers) > 1:
            shorter = replace(need, specifiers=tuple(each for each in need.specifiers if each != clause))
            if universe.by_order(shorter) & others == wanted:
                need = shorter
    return need


def _range(versions: Versions, places: int) -> str:
    """``runs``, with pre-releases left out of what is said of final releases."""
    labels = versions.labels
    final = ~versions.prereleases
    if places & final and versions.prereleases:
        kept = [place for place in range(len(labels)) if final >> place & 1]
        places = sum(1 << i for i, place in enumerate(kept) if places >> place & 1)
        labels = [labels[place] for place in kept]
    return runs(labels, places)


def _versions(fact: Fact, universe: Universe) -> tuple[str, bool]:
    """The package and its versions as the subject of a sentence, and whether that is a plural."""
    versions = universe.versions[fact.package]
    said = _range(versions, fact.versions)
    many = fact.versions.bit_count() > 1
    if said == "all versions":
        only = versions.labels[fact.versions.bit_length() - 1]
        return (f"every version of {fact.package}" if many else f"{fact.package} {only}"), False
    return f"{fact.package} {said}", many and not said.replace(".", "").isalnum()


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
        plural = {"requires": "require", "lacks": "lack", "asks": "ask", "was": "were", "came": "came"}
        said = f"{subject} {plural.get(verb, verb) if many else verb} {rest}"
    return f"{said} (from {index})" if (index := owner(fact.package)) else said


def _spelled(need: Need) -> str:
    # A MatchSpec of conda is whole: it has the name in it.
    whole = [text for operator, text in need.specifiers if operator == "conda"]
    if whole:
        return " and ".join(whole)
    text = ",".join(operator + version for operator, version in need.specifiers)
    return f"{need.package} {text}" if text else need.package


def _asked_for(need: Need, universe: Universe, where: str) -> str:
    """What the project asks for, and if that is so, that it cannot be had."""
    versions = universe.versions.get(need.package)
    if versions is None or universe.admitted(need) & ~ABSENT or universe.by_order(need):
        return f"{_spelled(need)} is asked for in {where}{_why_not(need, universe)}"
    if not versions.labels:
        return f"no index has a file of {need.package} that can be used (asked for in {where})"
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
