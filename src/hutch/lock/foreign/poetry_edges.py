"""Who needs whom in a ``poetry.lock``, and which of several versions of a name is meant.

A dependency stands there in Poetry's words: ``flask = "^2"``, a table with a version, extras, a marker and
whether it is optional, or an array of those. Where the lock has one version of a name, that is the one. Of
several, the constraint tells; where it admits more than one, the markers of the entries do: those that the
lock has (since 2.1), or those of the edges that leave no choice.
"""

from __future__ import annotations

from hutch.lock.model import Edge, LockedPackage, RootEdge
from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from hutch.lock.foreign.poetry import PoetryReader
    from hutch.project import Manifest
    from hutch.spec import Marker, NormalizedName, Specifiers

__all__ = ["Entry", "Graph"]

_TURNED = {">=": "<", "<": ">=", ">": "<=", "<=": ">"}
_WIDEST = 24
"""Parts of a marker: what has more is no help in telling versions apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A package, its table in the lock and where that stands.

    ``platform`` is the ``marker`` that Poetry 1.0 has there.
    """

    package: LockedPackage
    table: Mapping[str, Any] = field(repr=False, compare=False, hash=False)
    path: str
    platform: Marker | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Need:
    """An edge before it is known where it leads: ``fitting`` are the entries that its constraint admits."""

    edge: Edge
    marker: Marker | None
    fitting: tuple[int, ...]


class Graph:
    """The entries of one lock with their edges, and those of the project."""

    def __init__(self, reader: PoetryReader, entries: tuple[Entry, ...], manifest: Manifest) -> None:
        self._reader = reader
        self._entries = entries
        self._named: dict[NormalizedName, list[int]] = {}
        for number, entry in enumerate(entries):
            self._named.setdefault(entry.package.name, []).append(number)
        self._needs = [list(self._needs_of(entry)) for entry in entries]
        self._asked = list(self._needs_of_project(manifest))
        self._markers: dict[int, Marker | None] = {}
        unmarked = [
            number
            for numbers in self._named.values()
            if len(numbers) > 1 and not any(entries[n].package.marker for n in numbers)
            for number in numbers
        ]
        if unmarked:
            self._tell_apart(unmarked)

    def packages(self) -> tuple[LockedPackage, ...]:
        """The entries with their edges."""
        from hutch.spec import render_marker

        found = []
        for number, entry in enumerate(self._entries):
            marker = self._markers.get(number)
            edges = tuple(self._edge(need) for need in self._needs[number])
            told = render_marker(marker) if marker is not None else entry.package.marker
            found.append(replace(entry.package, dependencies=edges, marker=told))
        return tuple(found)

    def roots(self) -> tuple[RootEdge, ...]:
        """What the project asks for."""
        return tuple(
            RootEdge(
                name=need.edge.name,
                version=self._edge(need).version,
                extras=need.edge.extras,
                marker=need.edge.marker,
                where=where,
            )
            for where, need in self._asked
        )

    def _edge(self, need: _Need) -> Edge:
        """The edge, with its version if there is a choice and the constraint made it.

        In locks of Poetry 1.0 what an edge says of the platform stands at the entry.
        """
        numbers = self._named.get(need.edge.name, ())
        if len(numbers) == 1 and (marker := self._entries[numbers[0]].platform) is not None:
            from hutch.spec import and_

            return replace(need.edge, marker=_rendered(and_(need.marker, marker)))
        if len(numbers) < 2 or len(need.fitting) != 1:
            return need.edge
        return replace(need.edge, version=self._entries[need.fitting[0]].package.version)

    # --- edges ---

    def _needs_of_project(self, manifest: Manifest) -> Iterator[tuple[str, _Need]]:
        from hutch.lock.foreign.roots import expanded_requirements

        for where, requirement in expanded_requirements(manifest):
            numbers = self._named.get(requirement.name, [])
            fitting = self._admitted(numbers, (requirement.specifiers,), direct=requirement.url is not None)
            edge = Edge(
                name=requirement.name, extras=requirement.extras, marker=_rendered(requirement.marker)
            )
            yield where, _Need(edge=edge, marker=requirement.marker, fitting=fitting)

    def _needs_of(self, entry: Entry) -> Iterator[_Need]:
        from hutch.spec import is_valid_name, normalize

        at = f"{entry.path}.dependencies"
        table = self._reader.get(entry.table, "dependencies", dict, entry.path) or {}
        for name, value in table.items():
            if not is_valid_name(name):
                self._reader.fault(at, f"{name[:60]!r} is not a name")
                continue
            for item in value if isinstance(value, list) else [value]:
                need = self._need(entry, normalize(name), item, f"{at}.{name}")
                if need is not None:
                    yield need

    def _need(self, entry: Entry, name: NormalizedName, item: object, path: str) -> _Need | None:
        from hutch.spec import and_, mentions_extra

        if isinstance(item, str):
            item = {"version": item}
        if not isinstance(item, dict):
            self._reader.fault(path, "should be a string, a table or an array of these")
            return None
        marker = self._marker(item, path)
        if item.get("optional") is True and (marker is None or not mentions_extra(marker)):
            chosen = self._extras_with(entry, name)
            if chosen is None:
                return None  # no extra has it
            marker = and_(marker, chosen)
        numbers = self._named.get(name, [])
        fitting = tuple(numbers)
        if len(numbers) > 1:
            direct = any(key in item for key in ("git", "path", "file", "url"))
            text = self._reader.get(item, "version", str, path) or "*"
            fitting = self._admitted(numbers, self._alternatives(text, path), direct=direct)
        return _Need(
            edge=Edge(
                name=name,
                extras=_normalized(self._reader.strings(item, "extras", path)),
                marker=_rendered(marker),
            ),
            marker=marker,
            fitting=fitting,
        )

    def _marker(self, item: Mapping[str, Any], path: str) -> Marker | None:
        from hutch.project.dialects.poetry_constraints import (
            InvalidConstraint,
            platform_marker,
            python_marker,
        )
        from hutch.spec import and_

        text = self._reader.get(item, "markers", str, path)
        marker = self._reader.marker(text, f"{path}.markers") if text else None
        for key, read in (("python", python_marker), ("platform", platform_marker)):
            words = self._reader.get(item, key, str, path)
            if words:
                try:
                    marker = and_(marker, read(words))
                except InvalidConstraint as error:
                    self._reader.fault(f"{path}.{key}", str(error))
        return marker

    def _alternatives(self, text: str, path: str) -> tuple[Specifiers, ...]:
        from hutch.project.dialects.poetry_constraints import InvalidConstraint, parse_constraint

        try:
            return parse_constraint(text)
        except InvalidConstraint as error:
            self._reader.fault(path, str(error))
            return ((),)

    def _admitted(
        self, numbers: list[int], alternatives: tuple[Specifiers, ...], *, direct: bool
    ) -> tuple[int, ...]:
        """The entries that a constraint admits; of a place of its own only those that come from one."""
        from hutch.project.dialects.poetry_constraints import admits_any

        if len(numbers) < 2:
            return tuple(numbers)
        found = [n for n in numbers if self._entries[n].package.is_direct] if direct else []
        if not found:
            found = [n for n in numbers if admits_any(alternatives, self._entries[n].package.version or "")]
        return tuple(found)

    def _extras_with(self, entry: Entry, name: NormalizedName) -> Marker | None:
        """``extra == 'x'`` for each extra of the entry that lists ``name``, as locks before 1.1 say it."""
        from hutch.spec import normalize, or_

        table = self._reader.get(entry.table, "extras", dict, entry.path) or {}
        parts: list[Marker] = []
        for extra, listed in table.items():
            texts = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
            if any(_name_in(each) == name for each in texts):
                parts.append(("==", "extra", normalize(extra)))
        return or_(*parts) if parts else None

    # --- several versions in a lock without markers ---

    def _tell_apart(self, numbers: list[int]) -> None:
        """Give each of these entries the marker under which something leaves no other choice.

        Where nothing does, the newest version that the Python admits is meant, as Poetry would choose.
        """
        incoming: dict[int, list[tuple[int | None, _Need]]] = {}
        for _, need in self._asked:
            for number in need.fitting:
                incoming.setdefault(number, []).append((None, need))
        for parent, needs in enumerate(self._needs):
            for need in needs:
                for number in need.fitting:
                    incoming.setdefault(number, []).append((parent, need))
        wanted = set(numbers)
        for name, found in self._named.items():
            if not wanted.issuperset(found):
                continue
            from hutch.spec import version_key

            found = sorted(found, key=lambda n: version_key(self._entries[n].package.version or "0"))
            told = {number: self._forced(number, incoming, name) for number in found}
            self._say(found, told)

    def _forced(
        self, number: int, incoming: Mapping[int, list[tuple[int | None, _Need]]], name: NormalizedName
    ) -> Marker | bool:
        """Where an edge leads to this entry and no other of its name: True everywhere, False nowhere."""
        from hutch.spec import or_

        parts: list[Marker] = []
        for parent, need in incoming.get(number, []):
            if len(need.fitting) > 1:
                continue
            marker = _joined(need.marker, self._reach(parent, incoming, frozenset({number})))
            if marker is None:
                return True
            parts.append(marker)
        return or_(*parts) or True if parts else False

    def _reach(
        self,
        number: int | None,
        incoming: Mapping[int, list[tuple[int | None, _Need]]],
        above: frozenset[int],
    ) -> Marker | None:
        """Where an entry is wanted at all; None: everywhere, or nobody can say in few words."""
        from hutch.spec import or_

        if number is None or number in above or len(above) > 6:
            return None
        parts: list[Marker | None] = []
        for parent, need in incoming.get(number, []):
            marker = _joined(need.marker, self._reach(parent, incoming, above | {number}))
            if marker is None:
                return None
            parts.append(marker)
        found = or_(*parts) if parts else None
        return found if found is None or _width(found) <= _WIDEST else None

    def _say(self, found: list[int], told: Mapping[int, Marker | bool]) -> None:
        """The markers of the versions of one name, the lowest first."""
        from hutch.spec import and_

        for place, number in enumerate(found):
            own = _within(self._entries[number].package.requires_python)
            forced = told[number]
            if isinstance(forced, bool):  # as Poetry chooses: the newest that the Python admits
                newer = [self._entries[n].package.requires_python for n in found[place + 1 :]]
                marker = and_(*own, *(_beyond(each) for each in newer))
            else:
                marker = and_(forced, *own)
            if marker is not None:
                self._markers[number] = marker


def _within(requires_python: str | None) -> list[Marker]:
    """Where a Python is of ``>=3.9``, as markers that hold together."""
    from hutch.spec import parse_specifiers

    return [(o, "python_full_version", v) for o, v in parse_specifiers(requires_python or "") if o in _TURNED]


def _beyond(requires_python: str | None) -> Marker | None:
    """Where a Python is not of ``>=3.9``."""
    from hutch.spec import or_, parse_specifiers

    clauses = parse_specifiers(requires_python or "")
    parts = [(_TURNED[o], "python_full_version", v) for o, v in clauses if o in _TURNED]
    return or_(*parts) if parts else ("<", "python_version", "0")


def _joined(marker: Marker | None, other: Marker | None) -> Marker | None:
    """Both, without what is said of extras of the package that needs."""
    from hutch.spec import and_, mentions_extra

    if marker is not None and mentions_extra(marker):
        parts = marker[1:] if marker[0] == "and" else ()
        marker = and_(*(part for part in parts if not mentions_extra(part)))  # type: ignore[arg-type]
    found = and_(marker, other)
    return found if found is None or _width(found) <= _WIDEST else None


def _width(marker: Marker) -> int:
    if marker[0] in ("and", "or"):
        return sum(_width(part) for part in marker[1:])  # type: ignore[arg-type, misc]
    return 1


def _rendered(marker: Marker | None) -> str | None:
    from hutch.spec import render_marker

    return render_marker(marker) if marker is not None else None


def _normalized(names: tuple[str, ...]) -> tuple[str, ...]:
    from hutch.spec import normalize

    return tuple(sorted({normalize(each) for each in names}))


def _name_in(text: str) -> str:
    """The name at the beginning of ``PySocks (>=1.5.6,!=1.5.7)`` or ``foo[bar]>=1 ; marker``."""
    from hutch.spec import normalize

    end = 0
    while end < len(text) and (text[end].isalnum() or text[end] in "-_."):
        end += 1
    return normalize(text[:end])
