"""What PDM begins with: requirements of the groups that are locked, references to the project resolved."""

from __future__ import annotations

from hutch.lock.foreign.roots import groups_and_extras, roots_of
from hutch.lock.model import Edge, RootEdge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.lock.model import LockedPackage
    from hutch.project import Manifest

__all__ = ["choices_of", "edge_of", "roots_of_groups", "roots_of_project"]


def edge_of(line: str, extras: tuple[str, ...] = ()) -> Edge:
    """The edge that a line of ``dependencies`` means, of an entry that is about ``extras``.

    Which versions it asks for is of no importance: the lock has one. Raises the problems of
    ``parse_requirement``.
    """
    from hutch.spec import and_, parse_marker, parse_requirement_with, render_marker

    if line.startswith("-e "):  # -e file:///${PROJECT_ROOT}/lib#egg=lib ; marker
        place, found, marker = line[3:].partition(" ;")
        egg = place.rpartition("egg=")[2].partition("&")[0].strip()
        line = f"{egg} ;{marker}" if found else egg
    requirement = parse_requirement_with(line, _no_matter)
    marker_value = requirement.marker
    for extra in extras:
        marker_value = and_(marker_value, parse_marker(f"extra == '{extra}'"))
    return Edge(
        name=requirement.name,
        extras=requirement.extras,
        marker=None if marker_value is None else render_marker(marker_value),
    )


def _no_matter(text: str) -> tuple[()]:
    return ()


def roots_of_project(manifest: Manifest, locked: frozenset[str] | None) -> tuple[RootEdge, ...]:
    """The roots of the groups in ``locked`` (None: of all), as PDM calls them.

    ``shop[web]`` in the project ``shop`` means what its extra asks for; PDM takes names of groups as well.
    """
    from hutch.spec import normalize
    from hutch.values import replace

    own = normalize(manifest.name) if manifest.name else None
    lists: dict[str, list[RootEdge]] = {}
    for edge in roots_of(manifest):
        lists.setdefault(edge.where, []).append(edge)
    found: dict[RootEdge, None] = {}

    def add(edges: list[RootEdge], where: str, marker: str | None, above: frozenset[str]) -> None:
        for edge in edges:
            both = _and(marker, edge.marker)
            if edge.name != own:
                found[replace(edge, where=where, marker=both)] = None
                continue
            for extra in edge.extras:
                if extra not in above:
                    inner = lists.get(f"extra:{extra}") or lists.get(f"group:{extra}") or []
                    add(inner, where, both, above | {extra})

    known = _Locked(manifest, locked)
    for where, edges in lists.items():
        if where in known:
            add(edges, where, None, frozenset())
    return tuple(found)


def roots_of_groups(
    manifest: Manifest,
    locked: frozenset[str] | None,
    packages: tuple[LockedPackage, ...],
    roots: tuple[RootEdge, ...],
    said: list[tuple[LockedPackage, list[tuple[str, str | None]]]],
) -> tuple[RootEdge, ...]:
    """Roots for what PDM installs of a group although no edge leads there from it.

    An entry has one marker for all its groups: what one group needs on Linux and another everywhere is
    installed everywhere for both. ``said`` are the groups of each entry, each with its marker.
    """
    from hutch.spec import normalize

    known = _Locked(manifest, locked)
    wheres = known.wheres(manifest)
    if manifest.parts:  # one marker for all members cannot say who of them needs what
        return ()
    by_name: dict[str, list[LockedPackage]] = {}
    for package in packages:
        by_name.setdefault(package.name, []).append(package)
    reached: dict[str, set[str]] = {}
    found: dict[RootEdge, None] = {}
    for package, groups in said:
        for group, marker in groups:
            where = next(iter(wheres.get(normalize(group), ())), None)
            if where is None or where not in known:
                continue
            if where not in reached:
                reached[where] = _always_reached([edge for edge in roots if edge.where == where], by_name)
            if package.name not in reached[where] or len(by_name[package.name]) > 1:
                version = package.version if len(by_name[package.name]) > 1 else None
                edge = RootEdge(name=package.name, version=version, marker=marker, where=where)
                found[edge] = None
    return tuple(edge for edge in found if edge not in roots)


def _always_reached(roots: list[RootEdge], by_name: dict[str, list[LockedPackage]]) -> set[str]:
    """The names that edges lead to whatever the environment is."""
    seen: dict[str, set[str]] = {}
    open_edges: list[Edge | RootEdge] = [edge for edge in roots if edge.marker is None]
    while open_edges:
        edge = open_edges.pop()
        if edge.name in seen and seen[edge.name] >= set(edge.extras):
            continue
        extras = seen.setdefault(edge.name, set())
        extras |= set(edge.extras)
        holding = {None, *(f"extra == '{extra}'" for extra in extras)}
        for package in by_name.get(edge.name, ()):
            open_edges += [each for each in package.dependencies if each.marker in holding]
    return set(seen)


def choices_of(manifest: Manifest, locked: frozenset[str] | None) -> dict[str, Any]:
    """The extras and groups that were locked: ``pdm sync`` installs all of them unasked.

    Where ``[tool.hutch]`` names the default groups, it means those.
    """
    known = groups_and_extras(manifest)
    lists = _Locked(manifest, locked)
    extras = tuple(name for name in known["extras"] if f"extra:{name}" in lists)
    groups = tuple(name for name in known["dependency_groups"] if f"group:{name}" in lists)
    said = manifest.settings.default_groups
    return {
        "extras": extras,
        "default_extras": extras if locked is not None else (),
        "dependency_groups": groups,
        "default_groups": tuple(name for name in groups if name in said)
        if isinstance(said, tuple)
        else groups,
    }


class _Locked:
    """Which lists of the project were locked, by the names that PDM has for them (None: all of them).

    Of a workspace those are the lists of the root, and the dependencies of every member.
    """

    __slots__ = ("_names", "_wheres")

    def __init__(self, manifest: Manifest, names: frozenset[str] | None) -> None:
        from hutch.spec import normalize

        self._names = None if names is None else {normalize(name) for name in names}
        self._wheres: dict[str, str] | None = None
        if manifest.parts:
            self._wheres = {part.wheres["project"]: "default" for part in manifest.parts}
            for part in manifest.parts:
                if part.path == ".":
                    for local, where in part.wheres.items():
                        self._wheres[where] = _pdm_name(local)

    def __contains__(self, where: str) -> bool:
        name = _pdm_name(where) if self._wheres is None else self._wheres.get(where)
        return name is not None and (self._names is None or name in self._names)

    def wheres(self, manifest: Manifest) -> dict[str, list[str]]:
        """PDM's name of a list → what it is called here."""
        if self._wheres is None:
            every = ("project", *(f"group:{name}" for name in manifest.groups))
            every += tuple(f"extra:{name}" for name in manifest.optional_dependencies)
            return {_pdm_name(where): [where] for where in every}
        found: dict[str, list[str]] = {}
        for where, name in self._wheres.items():
            found.setdefault(name, []).append(where)
        return found


def _pdm_name(where: str) -> str:
    return "default" if where == "project" else where.partition(":")[2]


def _and(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return one or other
    from hutch.spec import and_, parse_marker, render_marker

    both = and_(parse_marker(one), parse_marker(other))
    return None if both is None else render_marker(both)
