"""What the solver believes so far, in the order it came to believe it, target by target.

For each package the targets fall into blocks; within a block the same states are open. Most
packages have one block, those behind a marker two or three. A block list is never changed in
place, so that going back is putting the old list back.
"""

from __future__ import annotations

from hutch.solve.incompatibility import Incompatibility
from hutch.solve.universe import ABSENT, Universe

__all__ = ["Assignment", "Blocks", "PartialSolution", "Turns"]

Blocks = tuple[tuple[int, int], ...]
"""(targets, open states), the targets of all blocks being disjoint and covering the universe."""


class Assignment:
    """One belief: on the targets of ``mask``, ``package`` is in ``states``.

    A decision has no cause. ``blocks`` and ``waiting`` are what was believed before it.
    """

    __slots__ = ("blocks", "cause", "level", "mask", "package", "states", "waiting")

    def __init__(
        self,
        package: str,
        mask: int,
        states: int,
        level: int,
        cause: Incompatibility | None,
        blocks: Blocks,
        waiting: int,
    ) -> None:
        self.package = package
        self.mask = mask
        self.states = states
        self.level = level
        self.cause = cause
        self.blocks = blocks
        self.waiting = waiting


class PartialSolution:
    """The assignments; for each package its blocks, and the targets where it waits for a decision."""

    def __init__(self, universe: Universe, targets: int) -> None:
        self._universe = universe
        self._targets = targets
        self.history: list[Assignment] = []
        self.blocks: dict[str, Blocks] = {}
        self.waiting: dict[str, int] = {}
        self.touched: set[str] = set()
        """Packages of which something became known, or was forgotten, since ``Turns`` looked."""
        self.level = 0
        self._places: dict[str, list[int]] = {}

    def add(self, package: str) -> None:
        """Make ``package`` known: everything is open."""
        self.blocks[package] = ((self._targets, self._universe.everything[package]),)
        self._places[package] = []

    def decide(self, package: str, mask: int, states: int) -> None:
        """Choose; everything after this falls with it when the search goes back."""
        self.level += 1
        self._assign(package, mask, states, None)

    def derive(self, package: str, mask: int, states: int, cause: Incompatibility) -> None:
        """Conclude."""
        self._assign(package, mask, states, cause)

    def _assign(self, package: str, mask: int, states: int, cause: Incompatibility | None) -> None:
        before = self.blocks[package]
        waiting = self.waiting.get(package, 0)
        self._places[package].append(len(self.history))
        self.history.append(Assignment(package, mask, states, self.level, cause, before, waiting))
        after: dict[int, int] = {}
        newly = 0
        for block, open_states in before:
            inside = block & mask
            if inside:
                left = open_states & states
                after[left] = after.get(left, 0) | inside
                if open_states & ABSENT and not left & ABSENT:
                    newly |= inside
                block ^= inside
            if block:
                after[open_states] = after.get(open_states, 0) | block
        self.touched.add(package)
        self.blocks[package] = tuple([(targets, left) for left, targets in after.items()])
        waiting = (waiting | newly) if cause is not None else (waiting & ~mask)
        if waiting:
            self.waiting[package] = waiting
        else:
            self.waiting.pop(package, None)

    def open(self, package: str, target: int) -> int:
        """The open states on one target (a mask with one bit)."""
        return _open(self.blocks[package], target)

    def backtrack(self, level: int) -> list[str]:
        """Forget everything that was believed after ``level``.

        Returns the packages of which a version had been ruled out by its own facts: those may hold
        at ``level`` as well, and be worth concluding again there, once instead of after each step.
        """
        lost: dict[str, None] = {}
        history = self.history
        while history and history[-1].level > level:
            last = history.pop()
            if last.cause is not None and getattr(last.cause.cause, "package", None) == last.package:
                lost[last.package] = None
            self.touched.add(last.package)
            self._places[last.package].pop()
            self.blocks[last.package] = last.blocks
            if last.waiting:
                self.waiting[last.package] = last.waiting
            else:
                self.waiting.pop(last.package, None)
        self.level = level
        return list(lost)

    def satisfier(self, package: str, states: int, target: int) -> int:
        """Index of the first assignment after which ``package`` is within ``states`` on ``target``."""
        places = self._places[package]
        low, high = 0, len(places)
        while low < high:  # what is open only shrinks, so the first is found by halves
            middle = (low + high) // 2
            after = self.history[places[middle + 1]].blocks if middle + 1 < len(places) else None
            if _open(after or self.blocks[package], target) & ~states:
                low = middle + 1
            else:
                high = middle
        return places[low] if low < len(places) else -1

    def decisions(self) -> dict[str, list[tuple[int, int]]]:
        """(targets, state) of every decision, by package, in order."""
        found: dict[str, list[tuple[int, int]]] = {}
        for assignment in self.history:
            if assignment.cause is None:
                found.setdefault(assignment.package, []).append((assignment.mask, assignment.states))
        return found

    def decision_level(self, package: str) -> int | None:
        """The level of the first decision about ``package``."""
        for index in self._places[package]:
            if self.history[index].cause is None:
                return self.history[index].level
        return None


class Turns:
    """Whose turn it is to be decided: one candidate left first, then the quarrelsome, then as they were met.

    Packages that wait are bits of six integers, one for each rank, by the order in which they were met. So
    the next one is the lowest bit of the first that has any, and who waits behind it is never looked at:
    with thousands of them that would be most of the work.
    """

    def __init__(self, solution: PartialSolution) -> None:
        self._solution = solution
        self._names: list[str] = []
        self._bits: dict[str, int] = {}
        self._promoted: dict[str, int] = {}
        self._ranks = [0] * 6
        self._rank_of: dict[str, int] = {}
        self._news: set[str] = set()

    def add(self, package: str) -> None:
        """Make ``package`` known, as the last one so far."""
        self._bits[package] = 1 << len(self._names)
        self._names.append(package)

    def promote(self, package: str, place: int) -> None:
        """Put it before (-1) or after (1) those without a quarrel."""
        self._promoted[package] = place
        self._solution.touched.add(package)

    def forget(self) -> None:
        """Look at all of them again: there are fewer targets."""
        self._solution.touched.update(self._rank_of)

    def next(self, alive: int) -> str | None:
        """The package to decide, of those that wait on targets of ``alive``."""
        touched, ranks = self._solution.touched, self._ranks
        while touched:
            package = touched.pop()
            rank = self._rank(package, alive)
            if rank >= 0:
                self._news.add(package)
            before = self._rank_of.get(package, -1)
            if rank != before:
                bit = self._bits[package]
                if before >= 0:
                    ranks[before] ^= bit
                if rank >= 0:
                    ranks[rank] |= bit
                self._rank_of[package] = rank
        for packages in ranks:
            if packages:
                return self._names[(packages & -packages).bit_length() - 1]
        return None

    def news(self) -> list[str]:
        """Those who wait, and of whom something has changed since this was asked the last time."""
        found = [name for name in self._news if self._rank_of[name] >= 0]
        self._news.clear()
        found.sort(key=self._bits.__getitem__)
        return found

    def _rank(self, package: str, alive: int) -> int:
        """Its place among the integers; -1 for what does not wait."""
        waiting = self._solution.waiting.get(package, 0) & alive
        if not waiting:
            return -1
        rank = 1 + self._promoted.get(package, 0)
        for block, states in self._solution.blocks[package]:
            if block & waiting and not states & (states - 1):
                return rank
        return 3 + rank


def _open(blocks: Blocks, target: int) -> int:
    for block, states in blocks:
        if block & target:
            return states
    return 0
