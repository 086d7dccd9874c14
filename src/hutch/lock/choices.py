"""The choices of extras and groups with which a lock would break the law, found without trying them all.

Twelve sets of five extras that exclude each other have two thousand million choices. But whether a need is
met depends on few of them: those in the markers of who needs and of what is needed. So the markers are
taken apart into *terms* (these are chosen, those are not), and a choice is sought in which a term of the
one holds and none of the other: by choosing, besides, what each term that still holds forbids.
"""

from __future__ import annotations

from hutch.lock.atoms import gather_atoms
from hutch.spec import admits, evaluate, parse_marker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from hutch.lock.lockfile import Lock
    from hutch.lock.model import LockedPackage
    from hutch.spec import CoreMetadata, Marker, Requirement, Target

    Names: TypeAlias = frozenset[str]
    Term: TypeAlias = tuple[Names, Names]
    """What has to be chosen and what must not be, as ``extra:x`` and ``group:y``."""

__all__ = ["broken_choices"]

_ALWAYS: Term = (frozenset(), frozenset())
MOST = 48


def broken_choices(
    lock: Lock,
    targets: Iterable[Target],
    roots: Mapping[str, Iterable[Requirement]],
    metadata_of: Callable[[LockedPackage], CoreMetadata | None],
    *,
    idle: bool = False,
) -> tuple[frozenset[str], ...]:
    """Choices, as small as can be, with which a need is not met or an entry is there twice; the first few
    dozen of them. None: there are none on any of ``targets``. With ``idle`` also those with which an entry
    is there that nobody needs, once there are no others.

    What an extra of a package needs is taken as needed wherever somebody selects who asks for it.
    """
    found: dict[Names, None] = {}
    kinds = [
        _OnTarget(lock, target, roots, metadata_of)
        for target in _different(lock, targets, roots, metadata_of)
    ]
    for kind in kinds:
        for choice in kind.broken():
            found[choice] = None
            if len(found) >= MOST:
                return tuple(found)
    for kind in kinds if idle and not found else ():
        for choice in kind.idle():
            found[choice] = None
            if len(found) >= MOST:
                return tuple(found)
    return tuple(found)


def _different(
    lock: Lock,
    targets: Iterable[Target],
    roots: Mapping[str, Iterable[Requirement]],
    metadata_of: Callable[[LockedPackage], CoreMetadata | None],
) -> list[Target]:
    """One of each kind of targets on which every comparison in all markers has the same outcome."""
    atoms: dict[Marker, None] = {}
    for package in lock.packages:
        gather_atoms(parse_marker(package.marker) if package.marker else None, atoms)
        metadata = metadata_of(package)
        for each in metadata.requirements if metadata is not None else ():
            gather_atoms(each.marker, atoms)
    for found in roots.values():
        for each in found:
            gather_atoms(each.marker, atoms)
    kinds: dict[tuple[bool, ...], Target] = {}
    for target in targets:
        environment = target.environment()
        kinds.setdefault(tuple(evaluate(atom, environment) for atom in atoms), target)
    return list(kinds.values())


def _order(term: Term) -> tuple[list[str], list[str]]:
    return sorted(term[0]), sorted(term[1])


class _OnTarget:
    def __init__(
        self,
        lock: Lock,
        target: Target,
        roots: Mapping[str, Iterable[Requirement]],
        metadata_of: Callable[[LockedPackage], CoreMetadata | None],
    ) -> None:
        self._environment = target.environment()
        self._roots = roots
        self._metadata_of = metadata_of
        self._conflicts = [frozenset(each) for each in lock.conflicts]
        self._entries: dict[str, list[tuple[LockedPackage, list[Term]]]] = {}
        for package in lock.packages:
            terms = self._terms(parse_marker(package.marker) if package.marker else None)
            self._entries.setdefault(package.name, []).append((package, terms))

    def broken(self) -> Iterator[frozenset[str]]:
        """Choices with which this target is wrong."""
        yield from self._twice()
        seen: set[tuple[Term, str, object]] = set()
        for term, requirement in self._needs():
            key = (term, requirement.name, requirement.specifiers)
            if key not in seen:
                seen.add(key)
                choice = self._without(term, self._meeting(requirement))
                if choice is not None:
                    yield choice

    def idle(self) -> Iterator[frozenset[str]]:
        """Choices with which something is here that nobody needs."""
        needed: dict[str, set[Term]] = {}
        for term, requirement in self._needs():
            needed.setdefault(requirement.name, set()).add(term)
        for name, entries in self._entries.items():
            for term in dict.fromkeys(term for _, terms in entries for term in terms):
                choice = self._without(term, sorted(needed.get(name, ()), key=_order))
                if choice is not None:
                    yield choice

    def _twice(self) -> Iterator[frozenset[str]]:
        for entries in self._entries.values():
            for number, (_, terms) in enumerate(entries):
                for _, others in entries[:number]:
                    for chosen, left_out in terms:
                        for more, less in others:
                            both = chosen | more
                            if not both & (left_out | less) and self._is_allowed(both):
                                yield both

    def _meeting(self, requirement: Requirement) -> list[Term]:
        """With which choices something is here that meets a requirement."""
        return [
            each
            for package, terms in self._entries.get(requirement.name, ())
            if not package.version or admits(requirement.specifiers, package.version)
            for each in terms
        ]

    def _without(self, term: Term, meeting: list[Term]) -> frozenset[str] | None:
        """A choice in which ``term`` holds, and none of ``meeting``."""
        chosen, forbidden = term
        stack = [chosen]
        tried: set[Names] = set()
        while stack:
            choice = stack.pop()
            holding = [left_out for needed, left_out in meeting if needed <= choice and not left_out & choice]
            if not holding:
                return choice
            # The term that is hardest to switch off decides: one that nothing switches off ends it.
            for one in sorted(min(holding, key=lambda left_out: len(left_out - forbidden)) - forbidden):
                more = choice | {one}
                if more not in tried and self._is_allowed(more):
                    tried.add(more)
                    stack.append(more)
        return None

    def _needs(self) -> Iterator[tuple[Term, Requirement]]:
        """Who needs what, with which choice."""
        asked: dict[tuple[str, str], set[Term]] = {}
        done: set[tuple[str, str, Term]] = set()
        waiting: list[tuple[Term, Requirement]] = []
        for where, requirements in self._roots.items():
            term = _ALWAYS if where == "project" else (frozenset({where}), frozenset[str]())
            waiting += [(term, each) for each in requirements if self._holds(each, "")]
        for entries in self._entries.values():
            for package, terms in entries:
                needs = self._needs_of(package, "")
                waiting += [(term, each) for each in needs for term in terms]
        while waiting:
            term, requirement = waiting.pop()
            yield term, requirement
            for extra in requirement.extras:
                key = (requirement.name, extra)
                if term in asked.setdefault(key, set()):
                    continue
                asked[key].add(term)
                for package, terms in self._entries.get(requirement.name, ()):
                    needs = self._needs_of(package, extra)
                    for other in terms if needs else ():
                        both = (term[0] | other[0], term[1] | other[1])
                        mark = (package.name, f"{package.version} {extra}", both)
                        if mark in done or both[0] & both[1] or not self._is_allowed(both[0]):
                            continue
                        done.add(mark)
                        waiting += [(both, each) for each in needs]

    def _needs_of(self, package: LockedPackage, extra: str) -> list[Requirement]:
        """What an entry needs here; with ``extra``, what that adds."""
        metadata = self._metadata_of(package)
        if metadata is None:
            return []
        needs = [each for each in metadata.requirements if self._holds(each, extra)]
        return [each for each in needs if not self._holds(each, "")] if extra else needs

    def _holds(self, requirement: Requirement, extra: str) -> bool:
        extras = frozenset({extra}) if extra else frozenset[str]()
        return requirement.marker is None or evaluate(requirement.marker, self._environment, extras)

    def _is_allowed(self, choice: Names) -> bool:
        return not any(conflict <= choice for conflict in self._conflicts)

    def _terms(self, marker: Marker | None) -> list[Term]:
        """The terms of which one holds wherever a marker does, on this target."""
        if marker is None:
            return [_ALWAYS]
        kind = marker[0]
        if kind == "or":
            return [term for part in marker[1:] for term in self._terms(part)]  # type: ignore[arg-type]
        if kind == "and":
            found = [_ALWAYS]
            for part in marker[1:]:
                parts = self._terms(part)  # type: ignore[arg-type]
                found = [(c | more, n | less) for c, n in found for more, less in parts]
                found = [term for term in dict.fromkeys(found) if not term[0] & term[1]]
            return found
        if marker[1] in ("extras", "dependency_groups"):
            name = frozenset({f"{'extra' if marker[1] == 'extras' else 'group'}:{marker[2]}"})
            return [(name, frozenset())] if kind == "in" else [(frozenset(), name)]
        return [_ALWAYS] if evaluate(marker, self._environment) else []
