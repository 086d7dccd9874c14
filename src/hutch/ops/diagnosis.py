"""Why requirements cannot be met: every independent conflict, and the smallest edits that were seen to help.

The proof names the requirements of the user's that cannot hold together. Each of them is relaxed in
turn and the rest solved again; where that helps, the edit is made as tight as the versions allow,
and solved once more as it would be written. So what is shown under ``try:`` has locked once already.
All of it has a budget in tries: past that, what was found so far is told. See
``docs/explanation/conflicts.md``.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.ops.conflicts import Conflict, Told, conflict_lines, owner_of, spelled
from hutch.ops.edits import Edit, Suggestion
from hutch.ops.narrowing import QUESTION, Narrowing, ordered, public
from hutch.ops.trials import Enough, TooDear, Trials
from hutch.provide import split_package
from hutch.solve import Unsolvable, facts
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, TypeAlias

    from hutch.ops.resolve import Request, Root
    from hutch.provide import IndexProvider
    from hutch.solve import Resolution, Versions
    from hutch.spec import Specifiers

    Key: TypeAlias = tuple[str, Specifiers]
    Levels: TypeAlias = dict[Key, int]
else:
    Key = Levels = object

__all__ = ["explained"]

MOST_CONFLICTS = 5
MOST_SUGGESTIONS = 3
DEEPEST = 4

KEPT, FREE, GONE = 0, 1, 2  # how far a requirement is relaxed

# Which of several edits is offered first: the smaller one, then the one that gives nothing up.
_RANKS = {
    "raise": 0,
    "requires-python": 1,
    "lower": 2,
    "marker": 3,
    "targets": 4,
    "yanked": 5,
    "pre-release": 5,
    "remove": 6,
}


def explained(problem: Unsolvable, request: Request, provider: IndexProvider) -> Problem:
    """The proof in the words of the user's files; a name that nobody has as the simpler problem it is."""
    from hutch.ops.unknown import unknown_package

    if unknown := unknown_package(problem, provider):
        return unknown
    return _Diagnosis(problem, request, provider).conflict()


class _Diagnosis:
    def __init__(self, problem: Unsolvable, request: Request, provider: IndexProvider) -> None:
        self._first = problem
        self._request = request
        self._provider = provider
        self._trials = Trials(provider)
        self._proofs = [problem]
        self._known: list[Levels] = []
        self._suggestions: list[Suggestion] = []

    def conflict(self) -> Conflict:
        told = [conflict_lines(self._first, self._request, self._provider)]
        try:
            self._known.append(self._involved(self._first, {}))
            try:
                self._others(told)
            except TooDear:
                pass
            if len(self._proofs) == 1:
                narrowing = Narrowing(
                    self._first,
                    self._request,
                    self._trials,
                    list(self._known[0]),
                    self._roots_of,
                    lambda key, pin: self._relaxed({}, {key: pin}),
                )
                self._suggestions = narrowing.suggestions
                narrowing.attempt()
            self._search()
        except (Enough, Problem):
            pass  # the best diagnosis so far is told; a network that fails now is not the news
        ranked = sorted(
            self._suggestions,
            key=lambda each: (len(each.edits), max(_RANKS[edit.kind] for edit in each.edits)),
        )
        unique = list({each.text: each for each in ranked}.values())
        if unique:
            unique = [each for each in unique if len(each.edits) == len(unique[0].edits)]
        hints = self._owner_hints()
        return Conflict(told, unique[:MOST_SUGGESTIONS], hints)

    def _owner_hints(self) -> tuple[str, ...]:
        """Where an index hides what others have, say so."""
        for fact in facts(self._first.proof):
            if fact.kind == "unavailable" and (index := owner_of(self._provider, fact.package)):
                name = split_package(fact.package)[0]
                return (f"{name} is taken from {index} alone; `hutch config show` tells who set that",)
        return ()

    # -- which requirements ---------------------------------------------------------------------

    def _involved(self, problem: Unsolvable, levels: Levels) -> Levels:
        """The requirements that the proof names, and how far each was relaxed when it was found."""
        found: Levels = {}
        for fact in facts(problem.proof):
            if fact.kind != "root" or fact.need is None:
                continue
            root: Any = fact.need.origin
            key = (root.requirement.name, root.requirement.specifiers)
            if key in self._originals():
                found[key] = levels.get(key, KEPT)
            else:  # a requirement that an attempt has relaxed: found under its old name
                for old, level in levels.items():
                    if old[0] == root.requirement.name:
                        found[old] = level
        return found

    def _originals(self) -> set[Key]:
        return {(root.requirement.name, root.requirement.specifiers) for root in self._request.roots}

    def _relaxed(self, levels: Mapping[Key, int], pins: Mapping[Key, Specifiers] | None = None) -> Request:
        """The request with requirements freed or taken out, or with other specifiers (``pins``)."""
        roots: list[Root] = []
        for root in self._request.roots:
            key = (root.requirement.name, root.requirement.specifiers)
            if pins and key in pins:
                roots.append(replace(root, requirement=replace(root.requirement, specifiers=pins[key])))
                continue
            level = levels.get(key, KEPT)
            if level == FREE:
                roots.append(replace(root, requirement=replace(root.requirement, specifiers=())))
            elif level == KEPT:
                roots.append(root)
        return replace(self._request, roots=tuple(roots))

    def _others(self, told: list[Told]) -> None:
        """Conflicts that remain when all that the known ones name is taken out: they are independent."""
        gone: Levels = dict.fromkeys(self._known[0], GONE)
        while len(told) < MOST_CONFLICTS:
            found = self._trials.solve(self._relaxed(gone))
            if not isinstance(found, Unsolvable):
                return
            assert self._trials.targets is not None
            told.append(
                conflict_lines(found, replace(self._request, targets=self._trials.targets), self._provider)
            )
            self._proofs.append(found)
            involved = self._involved(found, {})
            if not involved:
                return
            self._known.append(involved)
            gone.update(dict.fromkeys(involved, GONE))

    # -- which edits ----------------------------------------------------------------------------

    def _search(self) -> None:
        """Breadth first over what to relax: the smallest sets that leave nothing to quarrel about."""
        layer: list[Levels] = [{}]
        seen: set[frozenset[tuple[Key, int]]] = set()
        for depth in range(DEEPEST + len(self._proofs)):
            following: list[Levels] = []
            helped = False
            for levels in layer:
                conflict = next((c for c in self._known if not _hit(c, levels)), None)
                if conflict is None:
                    try:
                        found = self._trials.solve(self._relaxed(levels))
                        if not isinstance(found, Unsolvable):
                            helped = True
                            self._offer(levels, found)
                            continue
                    except TooDear:
                        continue
                    conflict = self._involved(found, levels)
                    self._known.append(conflict)
                for key, level in conflict.items():
                    step = FREE if level == KEPT and key[1] else GONE
                    if level >= GONE or any(root.asker == QUESTION for root in self._roots_of(key)):
                        continue
                    more = {**levels, key: step}
                    frozen = frozenset(more.items())
                    if frozen not in seen and sum(more.values()) <= depth + 2:
                        seen.add(frozen)
                        following.append(more)
            if helped or not following:
                return
            if self._suggestions and depth >= len(self._proofs):
                return
            layer = sorted(following, key=lambda each: (sum(each.values()), sorted(each)))

    def _offer(self, levels: Levels, found: Resolution) -> None:
        """Make each relaxed requirement as tight as it can be, and see that it all still solves."""
        edits: list[Edit] = []
        pins: dict[Key, Specifiers] = {}
        for key, level in levels.items():
            roots = self._roots_of(key)
            if level == GONE:
                if any(r.asker == QUESTION and r.requirement.name == key[0] for r in self._request.roots):
                    return  # without the package there would be no question
                edits.append(Edit.remove(roots))
                continue
            tight = self._tighten(key, levels, pins, found)
            if tight is None:
                return
            kind, specifiers, note = tight
            pins[key] = specifiers
            edits.append(Edit.change(roots, specifiers, kind, note))
        if any(edit.kind == "remove" for edit in edits) and len(self._known[0]) == 1 and len(edits) == 1:
            return  # the one requirement of the conflict: to do without it is no news to anybody
        if pins and isinstance(self._trials.solve(self._relaxed(levels, pins)), Unsolvable):
            return
        self._suggestions.append(Suggestion(tuple(edits)))

    def _roots_of(self, key: Key) -> list[Root]:
        return [r for r in self._request.roots if (r.requirement.name, r.requirement.specifiers) == key]

    def _rival(self, key: Key) -> Specifiers:
        """What another line of the user's own asks of the same package, in the same conflict."""
        for conflict in self._known:
            for other in conflict:
                if key in conflict and other != key and other[0] == key[0]:
                    return other[1]
        return ()

    def _tighten(
        self, key: Key, levels: Levels, pins: Mapping[Key, Specifiers], found: Resolution
    ) -> tuple[str, Specifiers, str] | None:
        """The smallest change of the specifiers of ``key`` that helps: (kind, specifiers, note)."""
        from hutch.spec import matching, version_key

        name, old = key
        chosen = [place for _, place in found.chosen.get(name, ())]
        if not chosen:
            return None
        versions = found.universe.versions[name]
        keys = [version_key(label) for label in versions.labels]
        allowed = matching(old, keys)
        lowest = min(chosen)
        if rival := self._rival(key):
            wanted = matching(rival, keys)
            if all(wanted >> place & 1 for place in chosen):
                places = " and ".join(dict.fromkeys(root.place for root in self._roots_of(key)))
                return "raise" if lowest >= allowed.bit_length() else "lower", rival, f"in {places}"
        below = allowed.bit_length() - 1 if allowed else _below(old, keys)
        kind = "raise" if lowest > below else "lower"
        for specifiers in self._needed_of(name):
            wanted = matching(specifiers, keys)
            if all(wanted >> place & 1 for place in chosen):
                return kind, specifiers, ""
        if kind == "raise":
            return self._raise(key, levels, pins, versions, below, lowest)
        label = versions.labels[lowest]
        newest = not versions.prereleases >> lowest + 1 and lowest == len(keys) - 1
        if old and old[0][0] in ("==", "===") and not newest:
            return "lower", (("==", label),), ""
        label = public(label)
        uppers = tuple(each for each in old if each[0] in ("<", "<=", "!="))
        kept = uppers if matching(((">=", label), *uppers), keys) >> lowest & 1 else ()
        return "lower", ordered(((">=", label), *kept)), "the newest version" if newest else ""

    def _raise(
        self,
        key: Key,
        levels: Levels,
        pins: Mapping[Key, Specifiers],
        versions: Versions,
        low: int,
        high: int,
    ) -> tuple[str, Specifiers, str] | None:
        """The first version above the old ones that helps, found by halves."""
        taken = versions.prereleases | versions.yanked
        places = [place for place in range(low + 1, high) if not taken >> place & 1] + [high]
        first, last = 0, len(places) - 1
        sure = True
        while first < last:
            middle = (first + last) // 2
            pin = (("==", versions.labels[places[middle]]),)
            try:
                helps = not isinstance(
                    self._trials.solve(self._relaxed(levels, {**pins, key: pin})), Unsolvable
                )
            except TooDear:
                helps = sure = False
            except Enough:
                sure = False
                break
            if helps:
                last = middle
            else:
                first = middle + 1
        label = public(versions.labels[places[last]])
        note = f"the first version that {self._allows(key[0])}" if sure else ""
        return "raise", ((">=", label),), note

    def _allows(self, name: str) -> str:
        """``allows urllib3 2``, where the proof says what stood against it."""
        for problem in self._proofs:
            premises = facts(problem.proof)
            roots = {fact.need.package: fact.need for fact in premises if fact.kind == "root" and fact.need}
            for fact in premises:
                if fact.kind == "dependency" and split_package(fact.package)[0] == name and fact.need:
                    asked = roots.get(fact.need.package)
                    if asked is None or not asked.specifiers or split_package(asked.package)[0] == name:
                        continue
                    if len(asked.specifiers) == 1 and asked.specifiers[0][0] in (">=", "==", "~="):
                        return f"allows {asked.package} {asked.specifiers[0][1].removesuffix('.*')}"
                    return f"allows {spelled(asked)}"
            for fact in premises:
                need = fact.need
                if fact.kind != "dependency" or need is None:
                    continue
                if need.package == name and fact.package != name:
                    return f"{split_package(fact.package)[0]} takes"
                if split_package(fact.package)[0] == name:
                    for other in premises:
                        asked = other.need
                        if other.kind != "dependency" or asked is None or other.package == fact.package:
                            continue
                        if asked.package == need.package and asked.specifiers:
                            return f"allows {spelled(asked)}"
            for fact in premises:
                if fact.kind == "unavailable" and split_package(fact.package)[0] == name:
                    return "can be had there"
        return "fits the rest"

    def _needed_of(self, name: str) -> Iterable[Specifiers]:
        """What others ask of the package in the proof: a ready specifier, the common one first."""
        asked: list[Specifiers] = []
        for problem in self._proofs:
            for fact in facts(problem.proof):
                need = fact.need
                if fact.kind != "dependency" or need is None or need.package != name:
                    continue
                if fact.package != name and need.specifiers and need.exactly is None:
                    asked.append(need.specifiers)
        unique = list(dict.fromkeys(asked))
        joined = tuple({each for specifiers in unique for each in specifiers})
        lower = [each for each in joined if each[0] in (">=", ">", "~=", "==", "===")]
        if 0 < len(joined) <= 3 and len(lower) <= 1 and len(joined) - len(lower) <= 1:
            yield ordered(joined)
        yield from (each for each in unique if len(each) <= 3)


def _hit(conflict: Levels, levels: Levels) -> bool:
    """Does ``levels`` relax one of the requirements of a conflict further than where it was met?"""
    return any(levels.get(key, KEPT) > level for key, level in conflict.items())


def _below(specifiers: Specifiers, keys: Sequence[Any]) -> int:
    """The place of the last version that comes before all that the specifiers ask for; -1 for none."""
    from bisect import bisect_left

    from hutch.spec import version_key

    for operator, version in specifiers:
        if operator in (">=", ">", "~=", "==", "==="):
            bound = version_key(version.removesuffix(".*"))
            place = bisect_left(keys, bound)
            return place if operator == ">" and keys[place : place + 1] == [bound] else place - 1
    return -1
