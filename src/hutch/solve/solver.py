"""The loop of PubGrub, lifted to many targets: propagate, resolve conflicts, decide, ask.

See ``docs/explanation/solver.md``. Each target is a problem of its own; clauses, decisions and
conclusions carry the mask of targets that they speak about, so what is the same for all targets is
done once. A conflict is analysed on one target, and what is learned from it holds on every target
where its premises hold.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.events import Decided, Emit, silent
from hutch.solve.clauses import Clauses
from hutch.solve.incompatibility import (
    Conflict,
    Dependency,
    Incompatibility,
    Root,
    Unavailable,
)
from hutch.solve.partial_solution import PartialSolution, Turns
from hutch.solve.questions import (
    Answer,
    DependenciesOf,
    Facts,
    GivenUp,
    Need,
    Options,
    Question,
    Resolution,
    Versions,
    VersionsOf,
)
from hutch.solve.universe import ABSENT, Universe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from typing import cast
else:

    def cast(kind: object, value: object) -> object:
        """``typing.cast`` without the import of ``typing``."""
        return value


__all__ = ["Unsolvable", "solve"]

PROMOTE_AFTER = 5


class Unsolvable(Problem):
    """No choice of versions meets every requirement on the targets of ``proof.mask``."""

    code = "unsolvable"

    def __init__(self, proof: Incompatibility, universe: Universe) -> None:
        super().__init__("no versions satisfy all requirements")
        self.proof = proof
        self.universe = universe


def solve(
    needs: Iterable[Need], options: Options, *, emit: Emit = silent
) -> Generator[Question, Answer, Resolution]:
    """Choose a version of every needed package, for every target.

    A generator: it yields questions, takes the answers through ``send`` and returns the
    resolution. The answer does not depend on the order of ``needs``. Raises ``Unsolvable`` where
    a demanded target has no solution.
    """
    place = {name: at - len(options.first) for at, name in enumerate(options.first)}
    ordered = sorted(
        needs, key=lambda need: (place.get(need.package, 0), need.package, need.specifiers, need.mask)
    )
    opened: set[str] = set()
    while True:
        try:
            return (yield from _Solver(options, emit, opened).run(ordered))
        except _PreReleasesNeeded as needed:
            opened |= needed.packages


class _PreReleasesNeeded(Exception):
    """There is no solution without pre-releases of these packages, and a requirement names them."""

    def __init__(self, packages: set[str]) -> None:
        self.packages = packages


class _Solver:
    def __init__(self, options: Options, emit: Emit, opened: set[str]) -> None:
        self._options = options
        self._emit = emit
        self._alive = options.targets
        self._opened = opened
        self._universe = Universe(opened)
        self._solution = PartialSolution(self._universe, options.targets)
        self._clauses = Clauses(self._solution.blocks)
        self._known: dict[tuple[str, int], tuple[Need, ...]] = {}
        self._facts_of: dict[str, int] = {}  # places whose facts are learned, as a mask of states
        self._turns = Turns(self._solution)
        self._late: set[str] = set()
        self._quarrels: dict[tuple[str, str], int] = {}
        self._given_up: list[GivenUp] = []
        self._tries = 0

    # -- the loop -----------------------------------------------------------------------------

    def run(self, roots: list[Need]) -> Generator[Question, Answer, Resolution]:
        yield from self._meet(roots)
        self._universe.open_to(roots)
        changed = list(dict.fromkeys(need.package for need in roots))
        for need in roots:
            self._require({}, need, Root(need))
        self._propagate(lost=[*changed, *self._universe.everything])
        for early in self._options.first:
            self._turns.promote(early, -1)
        while (package := self._turns.next(self._alive)) is not None:
            yield from self._decide(package)
        return Resolution(
            targets=self._alive,
            chosen=self._chosen(),
            needs=self._known,
            given_up=tuple(self._given_up),
            universe=self._universe,
            tries=self._tries,
        )

    def _chosen(self) -> dict[str, tuple[tuple[int, int], ...]]:
        chosen: dict[str, tuple[tuple[int, int], ...]] = {}
        for package, decisions in self._solution.decisions().items():
            merged: dict[int, int] = {}
            for mask, states in decisions:
                if mask & self._alive and not states & ABSENT:
                    place = states.bit_length() - 2
                    merged[place] = merged.get(place, 0) | (mask & self._alive)
            if merged:
                chosen[package] = tuple((mask, place) for place, mask in merged.items())
        return chosen

    # -- propagation --------------------------------------------------------------------------

    def _propagate(self, known: Iterable[str] = (), lost: Iterable[str] = ()) -> None:
        """Draw every conclusion from what became known, or was forgotten, of packages, and from new clauses.

        What became known of a package matters to a clause only where its term is true now. What was
        forgotten any clause about the package may have to say again.
        """
        queue = dict.fromkeys(known, False) | dict.fromkeys(lost, True)
        blocks = self._solution.blocks
        clauses = self._clauses
        fresh = clauses.fresh
        while queue or fresh:
            if fresh:
                about: Iterable[Incompatibility] = (fresh.pop(),)
            else:
                package = next(reversed(queue))
                about = clauses.about(package) if queue.pop(package) else clauses.true_of(package)
            for clause in about:
                live = clause.mask & self._alive
                if not live:
                    continue
                one = many = 0
                undecided: list[tuple[str, int]] = []
                for name, states in clause.terms.items():
                    false = unsure = 0
                    for block, open_states in blocks[name]:
                        inside = open_states & states
                        if not inside:
                            false |= block
                        elif inside != open_states:
                            unsure |= block
                    live &= ~false
                    if not live:
                        break
                    unsure &= live
                    if unsure:
                        many |= one & unsure
                        one |= unsure
                        undecided.append((name, unsure))
                if not live:
                    continue
                if conflict := live & ~one:
                    queue = dict.fromkeys(self._resolve(clause, conflict & -conflict), True)
                    break
                if single := live & one & ~many:
                    everything = self._universe.everything
                    for name, unsure in undecided:
                        if mask := unsure & single:
                            self._solution.derive(name, mask, everything[name] & ~clause.terms[name], clause)
                            queue[name] = queue.pop(name, False)

    def _resolve(self, clause: Incompatibility, target: int) -> list[str]:
        """Walk back from a conflict on ``target`` to its root cause, and undo what led there.

        Returns the packages to look at again.
        """
        solution = self._solution
        first = clause
        while clause.terms:
            last = previous = -1
            package = ""
            for name, states in clause.terms.items():
                index = solution.satisfier(name, states, target)
                if index > last:
                    last, previous, package = index, last, name
                elif index > previous:
                    previous = index
            satisfier = solution.history[last]
            surplus = satisfier.states & ~clause.terms[package]
            everything = self._universe.everything[package]
            if surplus:
                previous = max(previous, solution.satisfier(package, everything & ~surplus, target))
            back_to = solution.history[previous].level if previous >= 0 else 0
            if satisfier.cause is None or back_to < satisfier.level:
                self._quarrel(clause, package)
                back_to = self._promote(package, back_to)
                lost = solution.backtrack(back_to)
                if clause is first:
                    self._clauses.fresh.append(clause)
                else:
                    self._learn(clause)
                return lost
            cause = satisfier.cause
            terms = {name: states for name, states in clause.terms.items() if name != package}
            for name, states in cause.terms.items():
                if name != package:
                    terms[name] = terms[name] & states if name in terms else states
            if surplus:
                terms[package] = everything & ~surplus
            clause = Incompatibility(terms, clause.mask & cause.mask, Conflict(clause, cause))
        return self._give_up(clause)

    def _give_up(self, proof: Incompatibility) -> list[str]:
        """The targets of the proof have no solution; or they have one with pre-releases."""
        from hutch.solve.explaining import facts

        needs = [fact.need for fact in facts(proof) if fact.need is not None and fact.kind == "dependency"]
        hidden = {need.package.partition("[")[0] for need in needs if self._universe.names_prereleases(need)}
        if hidden - self._opened:
            raise _PreReleasesNeeded(hidden)
        if proof.mask & self._alive & self._options.demanded:
            raise Unsolvable(proof, self._universe)
        self._given_up.append(GivenUp(proof.mask & self._alive, proof))
        self._alive &= ~proof.mask
        self._solution.backtrack(0)
        self._turns.forget()
        return list(self._universe.everything)

    def _learn(self, clause: Incompatibility) -> None:
        self._clauses.add(clause)

    # -- packages in repeated conflict are decided earlier ---------------------------------------

    def _quarrel(self, clause: Incompatibility, package: str) -> None:
        for name in clause.terms:
            if name != package:
                pair = (package, name)
                self._quarrels[pair] = self._quarrels.get(pair, 0) + 1

    def _promote(self, package: str, back_to: int) -> int:
        """Once ``package`` lost to the same opponent too often, decide it first; jump back so far."""
        for (loser, winner), count in list(self._quarrels.items()):
            fixed = loser in self._late or winner in self._options.first
            if loser == package and count >= PROMOTE_AFTER and not fixed:
                self._quarrels[loser, winner] = -(1 << 30)
                self._turns.promote(loser, -1)
                self._turns.promote(winner, 1)
                level = self._solution.decision_level(winner)
                if level is not None:
                    back_to = min(back_to, max(level - 1, 0))
        return back_to

    def _ruled_out(self, package: str, state: int, target: int) -> None:
        """What a version needs has just ruled it out: note who stands against it."""
        solution = self._solution
        for clause in self._clauses.about_version(package, state):
            if clause.mask & target and len(clause.terms) == 2:
                for name, states in clause.terms.items():
                    if name != package and not solution.open(name, target) & ~states:
                        self._quarrel(clause, package)
        level = self._promote(package, solution.level)
        if level < solution.level:
            self._propagate(lost=solution.backtrack(level))

    # -- decisions ----------------------------------------------------------------------------

    def _candidates(self, package: str) -> tuple[int, int]:
        """(target, open states) of the part of ``package`` that is decided next.

        It is the one that can have the best version, so that no target has to take an older one for
        the sake of another, and the answer does not depend on which of them is this machine. Where
        there is one version only there is nothing to choose: that goes first, and for itself alone.
        """
        waiting = self._solution.waiting[package] & self._alive
        parts = [
            (block & waiting, states & ~ABSENT)
            for block, states in self._solution.blocks[package]
            if block & waiting
        ]
        lowest = self._lowest(package)
        if lowest:
            sides = [(mask & side, states) for mask, states in parts for side in (lowest, ~lowest)]
            parts = [part for part in sides if part[0]]
        if len(parts) > 1:
            parts = [part for part in parts if not part[1] & (part[1] - 1)] or parts
            parts.sort(key=lambda part: (-self._rank(package, *part), part[0] & -part[0]))
        mask, states = parts[0] if parts else (0, 0)
        return mask & -mask, states

    def _rank(self, package: str, mask: int, states: int) -> int:
        """How good the version is that the targets would get: its place, from the side that is preferred."""
        state = self._choose(package, mask, states)
        return -state if self._lowest(package) & mask else state

    def _lowest(self, package: str) -> int:
        """The targets where low versions go before high ones."""
        lowest = self._options.lowest
        if lowest is True or lowest is False:
            return self._options.targets if lowest else 0
        return lowest.get(package.partition("[")[0], 0)

    def _choose(self, package: str, target: int, states: int) -> int:
        """The state to try, out of the open ones; of targets that prefer the same side."""
        versions = self._universe.versions[package]
        low = self._lowest(package) & target
        if states & (versions.preferred << 1):
            states &= versions.preferred << 1
        states = states & ~(versions.prereleases << 1) or states
        if low:
            return states & -states
        return 1 << (states.bit_length() - 1)

    def _decide(self, package: str) -> Generator[Question, Answer, None]:
        """Choose a version for as many waiting targets as can have it; ask about it before."""
        focus, states = self._candidates(package)
        state = self._choose(package, focus, states)
        if not self._facts_of.get(package, 0) & state:
            yield from self._ask(package, state, self._takers(package, focus, states, state))
            self._propagate()
            if not self._solution.waiting.get(package, 0) & focus & self._alive:
                return
            if not self._solution.open(package, focus) & state:
                self._ruled_out(package, state, focus)
                return
        self._solution.decide(package, self._takers(package, focus, states, state), state)
        self._emit(Decided(package, self._universe.label(package, state.bit_length() - 2), self._tries))
        self._propagate([package])

    def _takers(self, package: str, focus: int, states: int, state: int) -> int:
        """The targets that take a state which ``focus`` chose out of ``states``."""
        waiting = self._solution.waiting[package] & self._alive
        if lowest := self._lowest(package):
            waiting &= lowest if lowest & focus else ~lowest
        forced = not states & (states - 1)
        mask = 0
        for block, open_states in self._solution.blocks[package]:
            if open_states == state if forced else open_states & state:
                mask |= block & waiting
        return mask

    def _ask(self, package: str, state: int, wanted: int) -> Generator[Question, Answer, None]:
        """Learn where a version can be used and what it needs."""
        place = state.bit_length() - 2
        self._tries += 1
        soon = self._soon(package)
        answer = cast(Facts, (yield DependenciesOf(package, place, self._options.targets, wanted, soon)))
        if not answer.partial:
            self._facts_of[package] = self._facts_of.get(package, 0) | state
            self._known[package, place] = answer.needs
        if missing := self._options.targets & ~answer.available:
            self._learn(Incompatibility({package: state}, missing, Unavailable(package, answer.reason)))
        yield from self._meet(answer.needs)
        for need in answer.needs:
            self._require({package: state}, need, Dependency(package, place, need))

    def _soon(self, package: str) -> Callable[[], tuple[tuple[str, int], ...]]:
        """A function that names what is likely asked after ``package``, as far as that is news."""

        def soon() -> tuple[tuple[str, int], ...]:
            likely = []
            for name in self._turns.news():
                if self._solution.waiting.get(name, 0) & self._alive:
                    state = self._choose(name, *self._candidates(name))
                    if state and not self._facts_of.get(name, 0) & state and name != package:
                        likely.append((name, state.bit_length() - 2))
            return tuple(likely)

        return soon

    # -- clauses from needs -------------------------------------------------------------------

    def _meet(self, needs: Iterable[Need]) -> Generator[Question, Answer, None]:
        """Ask for the versions of packages not met before."""
        unknown = tuple(dict.fromkeys(need.package for need in needs if need.package not in self._universe))
        if not unknown:
            return
        found = cast(dict[str, Versions], (yield VersionsOf(unknown)))
        for name in unknown:
            self._add(name, found[name])

    def _add(self, package: str, versions: Versions) -> None:
        self._turns.add(package)
        self._universe.add(package, versions)
        self._solution.add(package)
        if getattr(versions, "late", False):
            self._late.add(package)
            self._turns.promote(package, 1)
        for limit in versions.limits:
            if mask := limit.targets & self._options.targets:
                cause = Unavailable(package, limit.reason)
                self._learn(Incompatibility({package: limit.versions << 1}, mask, cause))

    def _require(self, parent: dict[str, int], need: Need, cause: Root | Dependency) -> None:
        package = need.package
        everything = self._universe.everything[package]
        allowed = self._universe.admitted(need)
        wrong = everything & ~allowed
        if need.constraint:
            wrong &= ~ABSENT
        own = parent.get(package)
        if own is not None:  # a version that speaks about its own package
            if own & wrong:
                self._learn(Incompatibility({package: own & wrong}, need.mask, cause))
        elif wrong == everything:
            clause = Incompatibility(dict(parent), need.mask, cause)
            if parent:
                self._learn(clause)
            elif need.mask & self._alive:
                self._give_up(clause)
        elif wrong:
            self._learn(Incompatibility({**parent, package: wrong}, need.mask, cause))
