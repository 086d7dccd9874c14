"""Who needs whom in a ``uv.lock``: its edges as ours, and the lists of its projects as roots.

Where extras or groups exclude each other, uv asks for them in the markers of any edge, by words such as
``extra == 'extra-4-shop-cpu'``. They become questions about what is chosen (``'cpu' in extras``), or what a
package is installed with (``'shop[cpu]' in extras``).
"""

from __future__ import annotations

from hutch.lock.model import Edge, LockedPackage, RootEdge
from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from hutch.lock.foreign.uv import UvReader
    from hutch.project import Manifest
    from hutch.spec import Marker

__all__ = ["Entry", "Graph", "decoded"]

_EXTRAS, _GROUPS = ("optional-dependencies",), ("dev-dependencies", "dependency-groups")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A package of the lock: without edges, and the table that has them."""

    package: LockedPackage
    table: Mapping[str, Any] = field(repr=False, compare=False)
    path: str
    source: Mapping[str, Any]
    is_virtual: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Project:
    """A project whose lists are roots: ``wheres`` says what we call them. No entry: the lock lacks it."""

    name: str
    path: str
    wheres: Mapping[str, str]
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class _Need:
    """An edge: to which entry, with which extras, where."""

    entry: Entry
    extras: tuple[str, ...]
    marker: Marker | None


class Graph:
    """The edges of one lock. Faults go to ``reader``."""

    def __init__(
        self, reader: UvReader, manifest: Manifest, entries: tuple[Entry, ...], data: Mapping[str, Any]
    ) -> None:
        self.reader = reader
        self.data = data
        self.entries = entries
        self.named: dict[str, list[Entry]] = {}
        for entry in entries:
            self.named.setdefault(entry.package.name, []).append(entry)
        self.markers: dict[str, Marker | None] = {}
        self.projects = _projects(manifest, self.named)
        self.by_name = {one.name: one for one in self.projects if one.name}
        # A project alone is installed by itself; in a workspace each is a package like others.
        self.inlined = {id(entry) for entry in entries if entry.is_virtual}
        if not manifest.parts:
            self.inlined |= {id(one.entry) for one in self.projects if one.entry is not None}
        self.chosen_by: dict[tuple[str, str], set[str]] = {}
        self._find_own_extras()

    # --- what is asked of it ---

    def packages(self) -> tuple[LockedPackage, ...]:
        """The entries with their edges."""
        return tuple(
            replace(entry.package, dependencies=tuple(map(self._edge, self._needs(entry))))
            for entry in self.entries
            if id(entry) not in self.inlined
        )

    def roots(self) -> tuple[RootEdge, ...]:
        """The lists of the projects."""
        found: list[RootEdge] = []
        for one in self.projects:
            if one.entry is None:
                if one.name:
                    found.append(RootEdge(name=one.name, where=one.wheres["project"]))  # type: ignore[arg-type]
                found += self._groups_of_no_project(one)
                continue
            for local, where in one.wheres.items():
                found += (
                    RootEdge(**{key: getattr(edge, key) for key in _OF_EDGES}, where=where)
                    for edge in map(self._edge, self._list(one, one.entry, local))
                )
        return tuple(dict.fromkeys(found))

    def conflicts(self) -> tuple[tuple[str, ...], ...]:
        """The pairs of lists that exclude each other."""
        found: dict[tuple[str, ...], None] = {}
        for number, members in enumerate(self.reader.get(self.data, "conflicts", list, "") or []):
            wheres = []
            for member in members if isinstance(members, list) else []:
                if not isinstance(member, dict) or not all(isinstance(each, str) for each in member.values()):
                    self.reader.fault(f"conflicts[{number}]", "should name packages, extras and groups")
                    continue
                one = self.by_name.get(member.get("package", ""))
                kind = next((each for each in ("extra", "group") if each in member), None)
                local = f"{kind}:{member[kind]}" if kind else "project"
                if one is not None and local in one.wheres and (kind or len(self.projects) > 1):
                    wheres.append(one.wheres[local])
            pairs = [(a, b) for place, a in enumerate(wheres) for b in wheres[place + 1 :] if a != b]
            found.update(dict.fromkeys(tuple(sorted(pair)) for pair in pairs))
        return tuple(found)

    # --- edges ---

    def _list(self, one: _Project, entry: Entry, local: str) -> Iterator[_Need]:
        """What one list of a project asks for."""
        if id(entry) not in self.inlined:
            kind, _, name = local.partition(":")
            if kind != "group":
                yield _Need(entry, (name,) if kind == "extra" else (), None)
                return
        for table, path in self._tables(entry, local):
            need = self._need(table, path)
            if need is not None:
                yield from self._expanded(need, frozenset())

    def _needs(self, entry: Entry) -> Iterator[_Need]:
        """What an entry needs: by itself, and with each of its extras."""
        from hutch.spec import and_, normalize

        lists: list[tuple[str, Marker | None]] = [("project", None)]
        for extra in self.reader.get(entry.table, _EXTRAS[0], dict, entry.path) or {}:
            lists.append((f"extra:{extra}", ("==", "extra", normalize(extra))))
        for local, chosen in lists:
            for table, path in self._tables(entry, local):
                need = self._need(table, path)
                if need is not None:
                    marker = and_(chosen, need.marker)
                    yield from self._expanded(_Need(need.entry, need.extras, marker), frozenset())

    def _expanded(self, need: _Need, above: frozenset[tuple[int, str]]) -> Iterator[_Need]:
        """The edge itself; of one to a project that is no entry, what that asks for."""
        if id(need.entry) not in self.inlined:
            yield need
            return
        from hutch.spec import and_

        for local in ("project", *(f"extra:{extra}" for extra in need.extras)):
            key = (id(need.entry), local)
            if key in above:
                continue
            for table, path in self._tables(need.entry, local):
                inner = self._need(table, path)
                if inner is not None:
                    marker = and_(need.marker, inner.marker)
                    yield from self._expanded(_Need(inner.entry, inner.extras, marker), above | {key})

    def _tables(self, entry: Entry, local: str) -> Iterator[tuple[Mapping[str, Any], str]]:
        """The tables of one list, each with where it stands."""
        kind, _, name = local.partition(":")
        keys = {"project": ("",), "extra": _EXTRAS, "group": _GROUPS}[kind]
        for key in keys:
            holder, path = entry.table, entry.path
            if key:
                holder, path = self.reader.get(holder, key, dict, path) or {}, f"{path}.{key}"
            key = name if key else "dependencies"
            for number, table in enumerate(self.reader.get(holder, key, list, path) or []):
                at = f"{path}.{key}[{number}]"
                if isinstance(table, dict):
                    yield table, at
                else:
                    self.reader.fault(at, "should be a table")

    def _need(self, table: Mapping[str, Any], path: str) -> _Need | None:
        entry = self._target(table, path)
        extras = self.reader.strings(table, "extra" if "extra" in table else "extras", path)
        marker = self._marker(self.reader.get(table, "marker", str, path), path)
        return _Need(entry, extras, marker) if entry is not None else None

    def _target(self, table: Mapping[str, Any], path: str) -> Entry | None:
        """The entry that an edge names: by its name, and as much of version and source as is needed."""
        name = self.reader.need(table, "name", path)
        version, source = table.get("version"), table.get("source")
        found = [
            entry
            for entry in self.named.get(name, ())
            if (version is None or entry.table.get("version") == version)
            and (source is None or entry.source == source)
        ]
        if len(found) == 1:
            return found[0]
        if name and not self.reader.faults:
            told = "which is not in this lock" if not found else "and several entries could be meant"
            self.reader.fault(path, f"names {name}, {told}")
        return None

    def _edge(self, need: _Need) -> Edge:
        from hutch.spec import render_marker

        package = need.entry.package
        others = [each.package for each in self.named[package.name] if each is not need.entry]
        alike = any(package.version in (None, each.version) for each in others)
        return Edge(
            name=package.name,
            version=package.version if others else None,
            extras=need.extras,
            marker=render_marker(need.marker) if need.marker is not None else None,
            source=package.source if alike else None,
        )

    def _groups_of_no_project(self, one: _Project) -> Iterator[RootEdge]:
        """The groups of a manifest without ``[project]``: requirements, and which entries suit them where."""
        from hutch.spec import and_, or_, render_marker

        manifest = self.reader.get(self.data, "manifest", dict, "") or {}
        groups = self.reader.get(manifest, "dependency-groups", dict, "manifest") or {}
        for group in groups:
            where = one.wheres.get(f"group:{group}")
            path = f"manifest.dependency-groups.{group}"
            for number, table in enumerate(
                self.reader.get(groups, group, list, "manifest.dependency-groups") or []
            ):
                if not isinstance(table, dict):
                    self.reader.fault(f"{path}[{number}]", "should be a table")
                    continue
                named = self.named.get(self.reader.need(table, "name", path), [])
                own = self._marker(self.reader.get(table, "marker", str, path), path)
                extras = self.reader.strings(table, "extras", path)
                for entry in named if where is not None else ():
                    texts = self.reader.strings(entry.table, "resolution-markers", entry.path)
                    forks = or_(*(self._marker(text, entry.path) for text in texts)) if texts else None
                    marker = and_(own, forks if len(named) > 1 else None)
                    for need in self._expanded(_Need(entry, extras, marker), frozenset()):
                        edge = self._edge(need)
                        text = render_marker(need.marker) if need.marker is not None else None
                        yield RootEdge(
                            name=edge.name,
                            version=edge.version,
                            extras=edge.extras,
                            marker=text,
                            source=edge.source,
                            where=where or "project",
                        )

    # --- markers ---

    def _marker(self, text: str | None, path: str) -> Marker | None:
        """A marker with the words about conflicts in our words."""
        if text is None:
            return None
        if text not in self.markers:
            from hutch.errors import Problem
            from hutch.spec import parse_marker

            try:
                self.markers[text] = self._translated(parse_marker(text))
            except Problem as problem:
                self.reader.fault(f"{path}.marker", "; ".join((problem.what, *problem.why)))
                self.markers[text] = None
        return self.markers[text]

    def _translated(self, marker: Marker) -> Marker | None:
        from hutch.spec import NEVER, and_, or_

        if marker[0] in ("and", "or"):
            parts = [self._translated(part) for part in marker[1:]]  # type: ignore[arg-type]
            return and_(*parts) if marker[0] == "and" else or_(*parts)
        word = decoded(str(marker[2])) if marker[1] == "extra" else None
        if word is None:
            return marker
        kind, package, name = word
        one = self.by_name.get(package)
        local = f"{kind}:{name}" if name else kind
        wheres = set(self.chosen_by.get((package, name), ())) if kind == "extra" else set()
        if one is not None and local in one.wheres:
            wheres.add(one.wheres[local])
        is_chosen = marker[0] == "=="
        if "project" in wheres:  # of a project alone that is always so
            return None if is_chosen else NEVER
        word_of = "in" if is_chosen else "not in"
        atoms: list[Marker] = [
            (word_of, _SETS[where.partition(":")[0]], where.partition(":")[2], "reversed")
            for where in sorted(wheres)
        ]
        if kind == "extra" and not (one is not None and id(one.entry) in self.inlined):
            atoms.append((word_of, "extras", f"{package}[{name}]", "reversed"))
        return or_(*atoms) if is_chosen else and_(*atoms)

    def _find_own_extras(self) -> None:
        """Which lists of a project ask for its own extras: choosing them chooses those."""
        for one in self.projects:
            if one.entry is None or id(one.entry) not in self.inlined:
                continue
            for local, where in one.wheres.items():
                for table, _ in self._tables(one.entry, local):
                    if table.get("name") == one.name:
                        for extra in self.reader.strings(table, "extra", one.entry.path):
                            self.chosen_by.setdefault((one.name, extra), set()).add(where)


_OF_EDGES = ("name", "version", "extras", "marker", "source")
_SETS = {"extra": "extras", "group": "dependency_groups"}


def decoded(word: str) -> tuple[str, str, str] | None:
    """``extra-4-shop-cpu`` → ("extra", "shop", "cpu"); None for the name of an extra.

    The number is the length of the package's name. ``project-4-shop`` has no third part.
    """
    kind, _, rest = word.partition("-")
    number, _, rest = rest.partition("-")
    if kind not in ("extra", "group", "project") or not (number.isascii() and number.isdigit()):
        return None
    length = int(number[:6])
    package, name = rest[:length], rest[length + 1 :]
    if len(package) < length or (kind == "project") is bool(name) or (name and rest[length] != "-"):
        return None
    return kind, package, name


def _projects(manifest: Manifest, named: Mapping[str, list[Entry]]) -> tuple[_Project, ...]:
    from hutch.spec import normalize

    if manifest.parts:
        return tuple(
            _Project(
                name=part.name if part.manifest.name is not None else "",
                path=part.path,
                wheres=part.wheres,
                entry=_own(named.get(part.name, []), part.path) if part.manifest.name is not None else None,
            )
            for part in manifest.parts
        )
    name = normalize(manifest.name) if manifest.name else ""
    wheres = {where: where for where in manifest.requirements()}
    return (_Project(name=name, path=".", wheres=wheres, entry=_own(named.get(name, []), ".")),)


def _own(found: list[Entry], path: str) -> Entry | None:
    """The entry of a project, by its folder; a project that moved is still the one of its name."""
    local = [entry for entry in found if entry.package.directory is not None]
    here = [entry for entry in local if entry.package.directory and entry.package.directory.path == path]
    found = here or local
    return found[0] if found else None
