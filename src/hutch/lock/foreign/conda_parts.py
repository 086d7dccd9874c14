"""The Python part of locks that conda's tools write, where each platform has a list of its own.

An entry of such a lock is one file for one platform. Those of one version become one package, whose markers
say on which platforms it is wanted: ``conda-lock.yml`` and ``pixi.lock`` are read into ``Entry`` and put
together here. What the conda part provides is not here; edges to it are left out, as hutch installs none of
it.
"""

from __future__ import annotations

from hutch.lock.foreign.roots import expanded_requirements
from hutch.lock.lockfile import Lock
from hutch.lock.model import (
    Edge,
    LockedArchive,
    LockedDirectory,
    LockedFile,
    LockedPackage,
    LockedVcs,
    RootEdge,
)
from hutch.lock.problems import InvalidLock, LockFault
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from hutch.lock.model import Hashes
    from hutch.project import Manifest
    from hutch.spec import Requirement

__all__ = ["Entry", "Reading", "Wanted", "assembled", "load", "pixi_subdirs", "unsatisfied"]

_SDISTS = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar")
_DIGITS = {"sha256": 64, "md5": 32, "sha384": 96, "sha512": 128}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file, directory or commit: what a package is made of on the platforms where it is wanted.

    ``needs`` are requirements, with their markers; extras of the package itself may be in those.
    """

    name: str
    version: str | None = None
    place: str
    hashes: Hashes = ()
    needs: tuple[Requirement, ...] = ()
    requires_python: str | None = None
    index: str | None = None
    editable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An entry on one platform (of conda's names), for one list of the project (``project``, ``group:x``)."""

    entry: Entry
    platform: str
    where: str = "project"
    extras: tuple[str, ...] = ()


def load(text: str, filename: str) -> dict[str, Any]:
    """The YAML of a lock, as a table. Raises ``InvalidLock``."""
    from hutch.project.yaml_text import InvalidYaml, read_yaml

    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith(("<<<<<<< ", ">>>>>>> ")):
            from hutch.lock.problems import MergeMarkers

            raise MergeMarkers(filename, number)
    try:
        value = read_yaml(text, lines=False).value
    except InvalidYaml as error:
        raise InvalidLock(filename, (LockFault("", error.reason, error.line),)) from None
    if not isinstance(value, dict):
        raise InvalidLock(filename, (LockFault("", "should be a table", 1),))
    return value


def pixi_subdirs(data: dict[str, Any]) -> dict[str, str]:
    """The subdirs of platforms that a ``pixi.lock`` (from version 7 on) gives names of their own."""
    found = data.get("platforms")
    rows = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return {
        str(each["name"]): str(each["subdir"])
        for each in rows
        if isinstance(each.get("name"), str) and isinstance(each.get("subdir"), str)
    }


class Reading:
    """Gathers the faults of a lock while its parts are read."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.faults: list[LockFault] = []

    def fault(self, path: str, reason: str) -> None:
        self.faults.append(LockFault(path, reason))

    def raise_any(self) -> None:
        if self.faults:
            raise InvalidLock(self.filename, tuple(self.faults))

    def table(self, value: object, path: str) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        if value is not None:
            self.fault(path, "should be a table")
        return {}

    def items(self, value: object, path: str) -> list[Any]:
        if isinstance(value, list):
            return value
        if value is not None:
            self.fault(path, "should be a list")
        return []

    def text(self, table: dict[str, Any], key: str, path: str) -> str | None:
        value = table.get(key)
        if value is None or isinstance(value, str):
            return value
        self.fault(f"{path}.{key}", "should be a text")
        return None

    def entry(self, table: dict[str, Any], place: str | None, path: str) -> Entry | None:
        """An entry of the Python part, as both formats have it."""
        from hutch.errors import Problem
        from hutch.spec import is_valid_name, parse_specifiers, version_key

        before = len(self.faults)
        name, version = self.text(table, "name", path), self.text(table, "version", path)
        if not name or not is_valid_name(name):
            self.fault(path, "has no name, or none that is one")
        if version is not None:
            try:
                version_key(version)
            except Problem as problem:
                self.fault(f"{path}.version", problem.what)
        if not place:
            self.fault(path, "does not say where it is")
        requires_python = self.text(table, "requires_python", path)
        if requires_python:
            try:
                parse_specifiers(requires_python)
            except Problem:
                requires_python = None  # as an index may have it: it is checked where it is installed
        needs = []
        for number, item in enumerate(self.items(table.get("requires_dist"), f"{path}.requires_dist")):
            found = self.requirement(item, f"{path}.requires_dist[{number}]")
            if found is not None:
                needs.append(found)
        hashes = self.hashes(table, path)
        if len(self.faults) > before or name is None or place is None:
            return None
        return Entry(
            name=name,
            version=version,
            place=place,
            hashes=hashes,
            needs=tuple(needs),
            requires_python=requires_python or None,
            index=self.text(table, "index", path),
            editable=table.get("editable") == "true",
        )

    def requirement(self, text: object, path: str) -> Requirement | None:
        from hutch.errors import Problem
        from hutch.spec import parse_requirement

        if not isinstance(text, str):
            self.fault(path, "should be a text")
            return None
        try:
            return parse_requirement(text)
        except Problem:
            return None  # what a package says of itself may be anything; who is installed is told by the lock

    def hashes(self, table: dict[str, Any], path: str) -> Hashes:
        found = []
        for algorithm, digits in _DIGITS.items():
            value = self.text(table, algorithm, path)
            if value is None:
                continue
            if len(value) != digits or set(value.lower()) - set("0123456789abcdef"):
                self.fault(f"{path}.{algorithm}", f"should have {digits} hexadecimal digits")
            else:
                found.append((algorithm, value.lower()))
        return tuple(sorted(found))


# --- places ---


def _package(entry: Entry, reading: Reading) -> dict[str, Any]:
    """The fields of ``LockedPackage`` that say what it is made of."""
    place = entry.place
    if place.startswith("git+"):
        return {"vcs": _vcs(entry, reading)}
    if place.startswith("direct+"):
        url, _, fragment = place.removeprefix("direct+").partition("#")
        return {"archive": LockedArchive(url=url, hashes=entry.hashes, subdirectory=_part(fragment))}
    bare = place.partition("#")[0].partition("?")[0]
    filename = _unquoted(bare.rpartition("/")[2])
    is_url = "://" in place and not place.startswith("file://")
    path = None if is_url else _unquoted(place.removeprefix("file://"))
    if filename.endswith(".whl") or filename.endswith(_SDISTS):
        file = LockedFile(filename=filename, url=place if is_url else None, path=path, hashes=entry.hashes)
        return {"wheels": (file,)} if filename.endswith(".whl") else {"sdist": file}
    if is_url:
        return {"archive": LockedArchive(url=place, hashes=entry.hashes)}
    return {"directory": LockedDirectory(path=_folder(path or "."), editable=entry.editable)}


def _vcs(entry: Entry, reading: Reading) -> LockedVcs:
    """``git+URL?rev=…&subdirectory=…#COMMIT``, and earlier ``git+URL@COMMIT``."""
    rest, _, fragment = entry.place.removeprefix("git+").partition("#")
    url, _, query = rest.partition("?")
    asked = dict(part.partition("=")[::2] for part in query.split("&") if part)
    commit = fragment.partition("&")[0] if not fragment.startswith("subdirectory=") else ""
    if not commit and "@" in url.rpartition("/")[2]:
        url, _, commit = url.rpartition("@")
    if len(commit) not in (40, 64) or set(commit.lower()) - set("0123456789abcdef"):
        reading.fault(entry.place, "should have a commit in full: a shorter name may come to mean another")
    return LockedVcs(
        kind="git",
        url=url,
        commit_id=commit.lower(),
        requested_revision=next((asked[key] for key in ("rev", "tag", "branch") if key in asked), None),
        subdirectory=asked.get("subdirectory") or _part(fragment),
    )


def _part(fragment: str) -> str | None:
    found = dict(part.partition("=")[::2] for part in fragment.split("&") if "=" in part)
    return found.get("subdirectory")


def _folder(path: str) -> str:
    return path.removeprefix("./").rstrip("/") or "."


def _unquoted(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text)


# --- the lock ---


def assembled(
    wanted: Iterable[Wanted],
    platforms: tuple[str, ...],
    manifest: Manifest,
    reading: Reading,
    *,
    created_by: str,
    groups: tuple[str, ...] = (),
    default_groups: tuple[str, ...] = (),
) -> Lock:
    """The lock of those entries; ``platforms`` are all that the file is for. Raises ``InvalidLock``."""
    from hutch.project.dialects.conda_words import PLATFORMS
    from hutch.spec import normalize

    known = tuple(name for name in platforms if name in PLATFORMS)
    if platforms and not known:
        reading.fault("platforms", f"{', '.join(platforms[:8])}: hutch knows none of them")
    own = normalize(manifest.name) if manifest.name and manifest.is_package else None
    # By name, then by version and kind of source: on which platforms, for which lists, which entries.
    found: dict[str, dict[tuple[Any, ...], list[Wanted]]] = {}
    for one in wanted:
        if one.platform not in known:
            continue
        name = normalize(one.entry.name)
        if name == own and _folder(one.entry.place) == ".":
            continue  # the project itself, which hutch installs as such
        found.setdefault(name, {}).setdefault(_kind(one.entry), []).append(one)
    where_all = {
        name: {one.platform for each in kinds.values() for one in each} for name, kinds in found.items()
    }
    packages: list[LockedPackage] = []
    for each, kinds in found.items():
        for kind, ones in kinds.items():
            package = _joined(each, ones, reading)
            marker = _which(kind, kinds, known) if len(kinds) > 1 else None
            edges = _edges(ones, where_all, known)
            packages.append(_replace(package, marker=marker, dependencies=edges))
    reading.raise_any()
    return Lock(
        packages=tuple(packages),
        roots=_roots(found, known),
        environments=tuple(PLATFORMS[name][1] for name in known),
        created_by=created_by,
        by_edges=True,
        extras=tuple(sorted(manifest.optional_dependencies)),
        dependency_groups=tuple(sorted({*groups, *manifest.groups})),
        default_groups=tuple(sorted({*default_groups, *manifest.default_groups})),
    )


def _replace(package: LockedPackage, **changes: Any) -> LockedPackage:
    from hutch.values import replace

    return replace(package, **changes)


def _kind(entry: Entry) -> tuple[Any, ...]:
    """What makes two entries of a name one package: the version, and the place where that is no index."""
    place = entry.place
    direct = place.startswith(("git+", "direct+")) or not place.partition("#")[0].endswith((".whl", *_SDISTS))
    return entry.version, place if direct else ""


def _joined(name: str, ones: list[Wanted], reading: Reading) -> LockedPackage:
    """One package of entries that differ in their files alone."""
    first = ones[0].entry
    wheels: dict[str, LockedFile] = {}
    fields: dict[str, Any] = {}
    for one in ones:
        made = _package(one.entry, reading)
        for wheel in made.pop("wheels", ()):
            wheels[wheel.filename] = wheel
        fields.update(made)
    return LockedPackage(
        name=name,  # type: ignore[arg-type]
        version=first.version,
        requires_python=first.requires_python,
        index=first.index,
        wheels=tuple(wheels[each] for each in sorted(wheels)),
        **fields,
    )


def _on(platforms: Iterable[str], known: tuple[str, ...]) -> str | None:
    """A marker for some of the platforms; None for all of them."""
    from hutch.project.dialects.conda_words import PLATFORMS

    chosen = set(platforms)
    if chosen >= set(known):
        return None
    parts = [PLATFORMS[name][1] for name in known if name in chosen]
    return parts[0] if len(parts) == 1 else " or ".join(f"({part})" for part in parts)


def _all(*markers: str | None) -> str | None:
    said = [marker for marker in markers if marker]
    if len(said) < 2:
        return said[0] if said else None
    return " and ".join(f"({marker})" for marker in said)


def _which(
    kind: tuple[Any, ...], kinds: dict[tuple[Any, ...], list[Wanted]], known: tuple[str, ...]
) -> str | None:
    """Which of several versions of a name: by the platform, and by the groups that have another one.

    What a group has counts before what the project has without it.
    """
    parts = []
    for where in dict.fromkeys(one.where for one in kinds[kind]):
        here = {one.platform for one in kinds[kind] if one.where == where}
        member = _member(where)
        others = {
            one.where
            for other, ones in kinds.items()
            for one in ones
            if other != kind and one.platform in here and one.where != where
        }
        absent = [
            f"'{each.partition(':')[2]}' not in dependency_groups" for each in sorted(others) if ":" in each
        ]
        parts.append(_all(_on(here, known), member, *(absent if member is None else ())))
    if None in parts:
        return None
    said = [part for part in parts if part]
    return said[0] if len(said) == 1 else " or ".join(f"({part})" for part in said)


def _member(where: str) -> str | None:
    kind, _, name = where.partition(":")
    return f"'{name}' in dependency_groups" if kind == "group" else None


def _roots(
    found: dict[str, dict[tuple[Any, ...], list[Wanted]]], known: tuple[str, ...]
) -> tuple[RootEdge, ...]:
    """Every package is wanted as such: the lists of a platform are complete."""
    roots = []
    for name, kinds in found.items():
        by_where: dict[str, list[Wanted]] = {}
        for one in (one for ones in kinds.values() for one in ones):
            by_where.setdefault(one.where, []).append(one)
        for where, ones in by_where.items():
            extras = tuple(sorted({extra for one in ones for extra in one.extras}))
            marker = _on({one.platform for one in ones}, known)
            roots.append(RootEdge(name=name, where=where, extras=extras, marker=marker))  # type: ignore[arg-type]
    return tuple(roots)


def _edges(ones: list[Wanted], where_all: dict[str, set[str]], known: tuple[str, ...]) -> tuple[Edge, ...]:
    """Who needs whom, as far as both are in the Python part, and where."""
    from hutch.spec import render_marker

    edges: dict[Edge, None] = {}
    here = {one.platform for one in ones}
    for need in (need for one in ones for need in one.entry.needs):
        there = where_all.get(need.name)
        if not there or not here & there:
            continue
        own = render_marker(need.marker) if need.marker is not None else None
        marker = _all(own, _on(there, known) if here - there else None)
        edges[Edge(name=need.name, extras=need.extras, marker=marker)] = None
    return tuple(edges)


# --- whether it is what the manifest asks for ---


def unsatisfied(
    manifest: Manifest, versions: dict[str, dict[str, set[str]]], provided: set[str], filename: str
) -> str | None:
    """Why a lock with these ``versions`` (by list, then by name) does not answer the manifest.

    ``provided`` are the names that the conda part has. The rule of both tools: what is asked for is there, in
    a version that was asked for.
    """
    from hutch.spec import admits, render_specifiers

    for where, requirement in expanded_requirements(manifest):
        if where.startswith("extra:"):
            continue
        group = where.partition(":")[2]
        name = where if where in versions else "project"
        if group and name == "project" and group not in manifest.default_groups:
            continue
        there = versions.get(name, {}).get(requirement.name)
        if there is None:
            if requirement.name in provided or requirement.marker is not None:
                continue
            return f"{requirement.name} is asked for, and is not in {filename}"
        for version in sorted(there):
            if version and not admits(requirement.specifiers, version):
                wanted = render_specifiers(requirement.specifiers)
                return f"{requirement.name} {version} is locked, and {wanted} is asked for"
    return None
