"""Versions as bits: a set of states of a package is one ``int``.

Bit 0 is the state "not selected" (``ABSENT``); bit ``i + 1`` is the version at place ``i``, oldest
first. The list of versions is known before any set over it is made, so set algebra is exactly
Boolean and equality is ``==`` on integers.
"""

from __future__ import annotations

from hutch.solve.questions import Need, Versions

__all__ = ["ABSENT", "Universe", "runs"]

ABSENT = 1


class Universe:
    """The packages met so far, and the versions each of them has."""

    def __init__(self) -> None:
        self.versions: dict[str, Versions] = {}
        self.everything: dict[str, int] = {}
        self._matching: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}

    def __contains__(self, package: str) -> bool:
        return package in self.everything

    def add(self, package: str, versions: Versions) -> None:
        """Make ``package`` known."""
        self.versions[package] = versions
        self.everything[package] = (2 << len(versions.labels)) - 1

    def add_switch(self, package: str) -> None:
        """Make a package known that has one version without a name: on or off."""
        self.everything[package] = 3

    def admitted(self, need: Need) -> int:
        """The states that meet ``need``."""
        if need.exactly is not None:
            return 2 << need.exactly
        key = (need.package, need.specifiers)
        found = self._matching.get(key)
        if found is None:
            found = self._matching[key] = self.versions[need.package].matching(need.specifiers) << 1
        return found

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
