"""The clauses of a solve, found by the packages that they speak about.

A package with a thousand versions brings thousands of clauses, most of them about one version
that has long been ruled out. Looking at all of them whenever the package changes is quadratic in the
number of versions tried. So a clause with a term of a single version is kept under that version, its
guard: while the guard is not open on any target the term is false everywhere, the clause says
nothing, and one operation on integers passes over it and its like.
"""

from __future__ import annotations

from hutch.solve.incompatibility import Incompatibility
from hutch.solve.partial_solution import Blocks

__all__ = ["Clauses"]


class Clauses:
    """Clauses in the order in which they were learned; ``blocks`` is what is believed of each package."""

    def __init__(self, blocks: dict[str, Blocks]) -> None:
        self._blocks = blocks
        self.fresh: list[Incompatibility] = []
        """Clauses that nobody has drawn a conclusion from yet; whoever does takes them out."""
        self._plain: dict[str, list[Incompatibility]] = {}
        # package → guard package → (guarding states, clauses by guarding state)
        self._guarded: dict[str, dict[str, tuple[int, dict[int, list[Incompatibility]]]]] = {}

    def add(self, clause: Incompatibility) -> None:
        """Keep ``clause``, to be found by each of its packages."""
        self.fresh.append(clause)
        guard = next((name for name, states in clause.terms.items() if not states & (states - 1)), None)
        if guard is None:
            for name in clause.terms:
                self._plain.setdefault(name, []).append(clause)
            return
        states = clause.terms[guard]
        for name in clause.terms:
            guards = self._guarded.setdefault(name, {})
            known, table = guards.get(guard) or (0, {})
            guards[guard] = known | states, table
            table.setdefault(states, []).append(clause)

    def about(self, package: str) -> list[Incompatibility]:
        """The clauses about ``package`` that may have something to say now, newest first by kind."""
        found = self._plain.get(package, [])[::-1]
        guards = self._guarded.get(package)
        if guards:
            blocks = self._blocks
            for guard, (known, table) in guards.items():
                states = 0
                for _, open_states in blocks[guard]:
                    states |= open_states
                states &= known
                while states:
                    state = 1 << (states.bit_length() - 1)
                    states ^= state
                    found += table[state]
        return found

    def true_of(self, package: str) -> list[Incompatibility]:
        """The clauses about ``package`` whose term about it is true somewhere, as ``about`` gives them."""
        blocks = self._blocks[package]
        alone = 0  # the states that are the last ones left somewhere
        for _, open_states in blocks:
            if not open_states & (open_states - 1):
                alone |= open_states
        found = []
        for clause in self._plain.get(package, [])[::-1]:
            states = clause.terms[package]
            for _, open_states in blocks:
                if not open_states & ~states:
                    found.append(clause)
                    break
        for guard, (known, table) in self._guarded.get(package, {}).items():
            if guard == package:
                states = alone & known
                while states:
                    state = 1 << (states.bit_length() - 1)
                    states ^= state
                    found += table[state]
                continue
            states = 0
            for _, open_states in self._blocks[guard]:
                states |= open_states
            states &= known
            while states:
                state = 1 << (states.bit_length() - 1)
                states ^= state
                for clause in table[state]:
                    term = clause.terms[package]
                    for _, open_states in blocks:
                        if not open_states & ~term:
                            found.append(clause)
                            break
        return found

    def about_version(self, package: str, state: int) -> list[Incompatibility]:
        """The clauses about one version, ruled out or not, and those that speak of it among others."""
        found = [clause for clause in self.about(package) if clause.terms[package] & state]
        _, table = self._guarded.get(package, {}).get(package, (0, {}))
        return list(dict.fromkeys([*found, *table.get(state, ())]))
