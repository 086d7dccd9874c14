"""``pdm.lock``, versions 4.0 to 4.5: entries with their edges, a package with extras as an entry of its own.

An entry ``requests[socks]`` repeats ``requests`` and lists what the extra adds; here they become one entry
whose edges say for which extras they hold. Groups that were not locked have no roots, as ``pdm sync`` leaves
them out. A ``pylock.toml`` of PDM's has its edges in ``[packages.tool.pdm]``: see ``pdm_pylock``.

Format: PDM's own, as PDM 2.0 to 2.29 write it.
"""

from __future__ import annotations

from hutch.lock.foreign.pdm_roots import choices_of, roots_of_groups, roots_of_project
from hutch.lock.foreign.pdm_targets import environments_of
from hutch.lock.lockfile import Lock
from hutch.lock.model import Edge, LockedArchive, LockedDirectory, LockedFile, LockedPackage, LockedVcs
from hutch.lock.parse import HEX, Reader, not_toml
from hutch.lock.problems import InvalidLock, LockFault, NewerLock
from hutch.lock.urls import filename_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.lock.model import Hashes
    from hutch.project import Manifest
    from hutch.spec import NormalizedName

__all__ = ["load", "parse", "staleness"]

VERSION = "4.5"
_KINDS = ("git", "hg", "svn", "bzr")
_FILES = ("https", "http", "file")
_REPOSITORIES = ("https", "http", "ssh", "git", "file")
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar")


def parse(text: str, filename: str, manifest: Manifest) -> Lock:
    """The lock ``text`` of the project ``manifest``. Raises ``InvalidLock`` with all that is wrong."""
    data = load(text, filename)
    reader = _PdmReader(data)
    metadata = reader.metadata
    entries = reader.tables(data, "package", "", reader.entry)
    locked = frozenset(reader.strings(metadata, "groups", "metadata")) if "groups" in metadata else None
    targets = reader.get(metadata, "targets", list, "metadata") or []
    reader.strings(metadata, "strategy", "metadata")
    requires_python, environments = environments_of(targets, reader)
    if reader.faults:
        raise InvalidLock(filename, tuple(reader.faults))
    skipped = {one.declared.requirement.name for one in manifest.settings.excludes}
    packages = _merged(entries, skipped)
    roots = tuple(edge for edge in roots_of_project(manifest, locked) if edge.name not in skipped)
    if "inherit_metadata" in reader.strings(metadata, "strategy", "metadata"):
        said = [
            (one.package, [(group, one.package.marker) for group in one.groups])
            for one in entries
            if one.package.name not in skipped
        ]
        roots += roots_of_groups(manifest, locked, packages, roots, said)
    return Lock(
        packages=packages,
        requires_python=requires_python,
        environments=environments,
        roots=roots,
        created_by="pdm",
        by_edges=True,
        **choices_of(manifest, locked),
    )


def staleness(text: str, manifest: Manifest, manifest_text: str) -> str | None:
    """Why ``pdm lock --check`` would not have this lock."""
    from hutch.lock.foreign.pdm_stale import why

    return why(load(text, "pdm.lock"), manifest, manifest_text)


def load(text: str, filename: str) -> dict[str, Any]:
    """The document. Raises ``InvalidLock``, ``MergeMarkers`` and ``NewerLock``."""
    from hutch.project.toml_text import read_toml

    try:
        data = read_toml(text)
    except ValueError as error:
        raise not_toml(text, filename, error) from None
    metadata = data.get("metadata")
    version = metadata.get("lock_version") if isinstance(metadata, dict) else None
    if not isinstance(version, str):
        raise InvalidLock(filename, (LockFault("metadata.lock_version", "is missing"),))
    numbers = [int(part) if part.isascii() and part.isdigit() else 0 for part in version[:20].split(".")]
    if numbers > [4, 5, 1_000_000]:
        raise NewerLock(filename, "lock_version", version[:20], VERSION)
    if numbers < [4]:
        fault = LockFault(
            "metadata.lock_version", "is older than 4, which PDM itself no longer reads: pdm lock"
        )
        raise InvalidLock(filename, (fault,))
    return data


class _Entry:
    """A table of the lock: its package, the extras that it is about, its edges, the groups that need it."""

    __slots__ = ("edges", "extras", "groups", "package")

    def __init__(
        self,
        package: LockedPackage,
        extras: tuple[str, ...],
        edges: tuple[Edge, ...],
        groups: tuple[str, ...],
    ) -> None:
        self.package, self.extras, self.edges, self.groups = package, extras, edges, groups


class _PdmReader(Reader):
    """One reading of one lock; what is wrong gathers in ``faults``."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__()
        self.metadata: Mapping[str, Any] = data["metadata"]
        # Until 4.2 the files stood together, by name and version.
        self.together = self.get(self.metadata, "files", dict, "metadata") or {}

    def entry(self, table: Mapping[str, Any], path: str) -> _Entry | None:
        from hutch.spec import normalize

        name = self.need(table, "name", path)
        if not name:
            return None
        before = len(self.faults)
        found: dict[str, Any] = {
            "name": normalize(name),
            "version": self.get(table, "version", str, path),
            "requires_python": _pythons(self.get(table, "requires_python", str, path)),
            "marker": self.marker(table, path),
        }
        found |= self.origin(table, path)
        extras = tuple(sorted(normalize(extra) for extra in self.strings(table, "extras", path)))
        edges = self.edges(table, extras, found["name"], path)
        if len(self.faults) > before:
            return None
        package = LockedPackage(**found)
        if package.wheels or package.sdist:
            self.sources({"wheels": package.wheels, "sdist": package.sdist}, package, path)
        return _Entry(package, extras, edges, self.strings(table, "groups", path))

    def marker(self, table: Mapping[str, Any], path: str) -> str | None:
        text = self.get(table, "marker", str, path)
        if not text:
            return None
        from hutch.errors import Problem
        from hutch.spec import parse_marker

        try:
            parse_marker(text)
        except Problem as problem:
            self.fault(f"{path}.marker", "; ".join((problem.what, *problem.why)))
        return text

    # --- where it comes from ---

    def origin(self, table: Mapping[str, Any], path: str) -> dict[str, Any]:
        """The one kind of source that the entry has."""
        kind = next((each for each in _KINDS if each in table), None)
        if kind is not None:
            return {"vcs": self.commit(table, kind, path)}
        if "path" in table:
            place = self.local(self.plain(table, "path", path) or ".")
            return self.tree_or_file(table, place, path)
        if "url" in table:
            url = self.plain(table, "url", path) or ""
            if (place := self.local(url)) != url:
                return self.tree_or_file(table, place, path)
            self.place({"url": url}, path, _FILES)
            return {"archive": self.archived(table, url, None, path)}
        if table.get("version") is None:
            self.fault(path, "has no version")
        return self.files(table, path)

    @staticmethod
    def local(place: str) -> str:
        """A path from the project: PDM writes ``./lib`` and ``file:///${PROJECT_ROOT}/lib``."""
        for root in ("file:///${PROJECT_ROOT}/", "file:///${PROJECT_ROOT}"):
            if place.startswith(root):
                from urllib.parse import unquote

                return unquote(place[len(root) :]) or "."
        return place.removeprefix("./") or "."

    def tree_or_file(self, table: Mapping[str, Any], place: str, path: str) -> dict[str, Any]:
        if place.endswith(_ARCHIVES):
            return {"archive": self.archived(table, None, place, path)}
        return {
            "directory": LockedDirectory(
                path=place,
                editable=self.get(table, "editable", bool, path) or False,
                subdirectory=self.plain(table, "subdirectory", path),
            )
        }

    def archived(
        self, table: Mapping[str, Any], url: str | None, place: str | None, path: str
    ) -> LockedArchive:
        hashes: list[tuple[str, str]] = []
        for number, file in enumerate(self.get(table, "files", list, path) or []):
            at = f"{path}.files[{number}]"
            if isinstance(file, dict):
                hashes += self.hash(file, at)
            else:
                self.fault(at, "should be a table")
        if not hashes and url is not None:
            self.fault(path, "has no hash")
        return LockedArchive(
            url=url,
            path=place,
            hashes=tuple(sorted(set(hashes))),
            subdirectory=self.plain(table, "subdirectory", path),
        )

    def commit(self, table: Mapping[str, Any], kind: str, path: str) -> LockedVcs:
        url, revision = self.plain(table, kind, path) or "", self.need(table, "revision", path)
        if kind == "git":
            self.place({"url": url}, path, _REPOSITORIES)
            if not (len(revision) in (40, 64) and set(revision) <= HEX):
                self.fault(f"{path}.revision", "should be the 40 or 64 digits of a commit")
        return LockedVcs(
            kind=kind,
            url=url,
            requested_revision=self.plain(table, "ref", path),
            commit_id=revision.lower(),
            subdirectory=self.plain(table, "subdirectory", path),
        )

    def files(self, table: Mapping[str, Any], path: str) -> dict[str, Any]:
        """The wheels and the sdist of an entry; of several sdists the one that everybody reads."""
        said, at = table.get("files"), f"{path}.files"
        if said is None:
            key = f"{table.get('name')} {table.get('version')}"
            said, at = self.together.get(key), f'metadata.files."{key}"'
        if not isinstance(said, list) or not said:
            self.fault(path, "has no files, so nothing proves what is installed")
            return {}
        wheels: list[LockedFile] = []
        sdists: list[LockedFile] = []
        for number, file in enumerate(said):
            if not isinstance(file, dict):
                self.fault(f"{at}[{number}]", "should be a table")
            elif (one := self.locked_file(file, f"{at}[{number}]")) is not None:
                if one.filename.endswith(".whl"):
                    wheels.append(one)
                elif one.filename.endswith(_ARCHIVES):
                    sdists.append(one)
        sdists.sort(key=lambda one: not one.filename.endswith(".tar.gz"))
        return {"wheels": tuple(wheels), "sdist": sdists[0] if sdists else None}

    def locked_file(self, file: Mapping[str, Any], path: str) -> LockedFile | None:
        from hutch.spec import is_file_name, safe_text

        before = len(self.faults)
        url = self.plain(file, "url", path)
        if url is not None:
            self.place(file, path, _FILES)
        filename = self.get(file, "file", str, path) or filename_of(url, None)
        if not is_file_name(filename):
            self.fault(path, f"{safe_text(filename[:60])!r} is not the name of a file that installs")
        hashes = self.hash(file, path)
        return None if len(self.faults) > before else LockedFile(filename=filename, url=url, hashes=hashes)

    def hash(self, file: Mapping[str, Any], path: str) -> Hashes:
        algorithm, _, digest = (self.get(file, "hash", str, path) or "").partition(":")
        return self.hashes({"hashes": {algorithm: digest}}, path)

    # --- who needs whom ---

    def edges(
        self, table: Mapping[str, Any], extras: tuple[str, ...], own: NormalizedName, path: str
    ) -> tuple[Edge, ...]:
        from hutch.errors import Problem
        from hutch.lock.foreign.pdm_roots import edge_of

        found = []
        for number, line in enumerate(self.strings(table, "dependencies", path)):
            try:
                edge = edge_of(line, extras)
            except Problem as problem:
                self.fault(f"{path}.dependencies[{number}]", "; ".join((problem.what, *problem.why)))
                continue
            if edge.name != own:  # requests[socks] needs requests, and is it
                found.append(edge)
        return tuple(found)


def _pythons(text: str | None) -> str | None:
    """What an index says of Pythons, as it is meant: some write ``>=3.6.*``; the senseless says nothing."""
    if not text:
        return None
    from hutch.spec import InvalidSpecifier, parse_legacy_specifiers, render_specifiers

    try:
        return render_specifiers(parse_legacy_specifiers(text)[0]) or None
    except InvalidSpecifier:
        return None


def _merged(entries: tuple[_Entry, ...], skipped: set[NormalizedName]) -> tuple[LockedPackage, ...]:
    """One entry for each version of a name and source, with the edges of its extras."""
    from hutch.values import replace

    found: dict[tuple[str, str | None, str], LockedPackage] = {}
    for entry in sorted(entries, key=lambda one: len(one.extras)):
        package, edges = entry.package, entry.edges
        if package.name in skipped:
            continue
        key = (package.name, package.version, package.source)
        if (before := found.get(key)) is not None:
            edges = tuple(dict.fromkeys((*before.dependencies, *edges)))
            package = replace(before, marker=_either(before.marker, package.marker))
        found[key] = replace(package, dependencies=tuple(edge for edge in edges if edge.name not in skipped))
    return tuple(found.values())


def _either(one: str | None, other: str | None) -> str | None:
    """The marker under which an entry is wanted with an extra or without."""
    if one is None or other is None or one == other:
        return one if one == other else None
    from hutch.spec import or_, parse_marker, render_marker

    both = or_(parse_marker(one), parse_marker(other))
    return None if both is None else render_marker(both)
