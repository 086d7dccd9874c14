"""Versions as bits: a set of states of a package is one ``int``.

Bit 0 is the state "not selected" (``ABSENT``); bit ``i + 1`` is the version at place ``i``, oldest
first. The list of versions is known before any set over it is made, so set algebra is exactly
Boolean and equality is ``==`` on integers.
"""

from __future__ import annotations

from hutch.solve.questions import Need, Versions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ABSENT", "Universe", "runs"]

ABSENT = 1


class Universe:
    """The packages met so far, and the versions each of them has."""

    def __init__(self, opened: Iterable[str] = ()) -> None:
        self.versions: dict[str, Versions] = {}
        self.everything: dict[str, int] = {}
        self._prereleases: set[str] = set(opened)
        self._pinned: dict[str, int] = {}
        self._matching: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}

    def __contains__(self, package: str) -> bool:
        return package in self.everything

    def add(self, package: str, versions: Versions) -> None:
        """Make ``package`` known."""
        self.versions[package] = versions
        self.everything[package] = (2 << len(versions.labels)) - 1

    def open_to(self, roots: Iterable[Need]) -> None:
        """Note the packages whose pre-releases, or yanked versions, the project itself asks for."""
        for need in roots:
            base = need.package.partition("[")[0]
            if need.prereleases:
                self._prereleases.add(base)
            if need.exact_text:
                self._pinned[base] = self._pinned.get(base, 0) | self.by_order(need)

    def by_order(self, need: Need) -> int:
        """The states that a need's specifiers admit, whatever kind of version they are."""
        if need.exactly is not None:
            return 2 << need.exactly
        key = (need.package, need.specifiers)
        found = self._matching.get(key)
        if found is None:
            found = self._matching[key] = self.versions[need.package].matching(need.specifiers) << 1
        return found

    def admitted(self, need: Need) -> int:
        """The states that meet ``need``.

        Pre-releases meet it if it names one, if the project's own requirements on the package name
        one, or if no final release meets it. Yanked versions meet it if it, or a requirement of the
        project, names that very version.
        """
        states = self.by_order(need)
        versions = self.versions[need.package]
        if need.exactly is not None or not states & (versions.prereleases | versions.yanked) << 1:
            return states
        base = need.package.partition("[")[0]
        if not need.exact_text:
            states &= ~(versions.yanked << 1) | self._pinned.get(base, 0)
        final = states & ~(versions.prereleases << 1)
        if final and not need.prereleases and base not in self._prereleases:
            return final
        return states

    def names_prereleases(self, need: Need) -> bool:
        """Does the need admit pre-releases for itself, while others on the package do not?"""
        if need.exactly is not None:
            return False
        states, versions = self.by_order(need), self.versions[need.package]
        prereleases = states & versions.prereleases << 1
        return bool(prereleases) and (need.prereleases or not states & ~prereleases & ~(versions.yanked << 1))

    def label(self, package: str, place: int) -> str:
        """The version at ``place`` as text."""
        return self.versions[package].labels[place]

    def spell(self, package: str, states: int) -> str:
        """Say ``states`` in words, as ranges of neighbouring versions: ``>=1.2,<2 | 3.0``."""
        return runs(self.versions[package].labels, states >> 1) if package in self.versions else ""


def runs(labels: object, places: int) -> str:
    """Say a set of places as ranges: ``1.0``, ``1.0–1.4``, ``up to 1.4``, ``2.0 and later``."""
    names = list(labels)  # type: ignore[call-overload]
    count = len(names)
    said = []
    start = 0
    while start < count:
        if not places >> start & 1:
            start += 1
            continue
        stop = start
        while stop + 1 < count and places >> (stop + 1) & 1:
            stop += 1
        if start == 0 and stop == count - 1:
            return "all versions"
        if start == stop:
            said.append(names[start])
        elif start == 0:
            said.append(f"{names[stop]} and earlier")
        elif stop == count - 1:
            said.append(f"{names[start]} and later")
        else:
            said.append(f"{names[start]} to {names[stop]}")
        start = stop + 1
    return ", ".join(said) if said else "no version"
