"""``poetry.lock``, versions 1.0 to 2.1: entries with their files, and who needs whom in Poetry's own words.

Hashes have stood in three places: beside a file's name in its package (now), beside it in
``metadata.files`` (1.1), and without a name in ``metadata.hashes`` (1.0). Groups and markers of an entry are
there since 2.1; before, and for which of several versions an edge means, the constraints of the edges tell
(``poetry_edges``). Addresses of files are nowhere: the index is asked.

Format: Poetry's own, as ``poetry.packages.locker`` reads it (``>=1,<3``).
"""

from __future__ import annotations

from hutch.lock.foreign.roots import groups_and_extras
from hutch.lock.lockfile import Lock
from hutch.lock.model import LockedArchive, LockedDirectory, LockedFile, LockedPackage, LockedVcs
from hutch.lock.parse import HEX, Reader, not_toml
from hutch.lock.problems import InvalidLock, NewerLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.lock.foreign.poetry_edges import Entry
    from hutch.lock.model import Hashes
    from hutch.project import Manifest
    from hutch.spec import Marker

__all__ = ["PoetryReader", "load", "parse", "staleness"]

_KINDS = ("legacy", "git", "url", "file", "directory")
_FILES = ("https", "http", "file")
_REPOSITORIES = ("https", "http", "ssh", "git", "file")
_ARCHIVES = (".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz", ".tar")


def parse(text: str, filename: str, manifest: Manifest) -> Lock:
    """The lock ``text`` of the project ``manifest``.

    Raises ``InvalidLock`` with all that is wrong, ``NewerLock`` for a format that is not known yet.
    """
    from hutch.lock.foreign.poetry_edges import Graph

    data = load(text, filename)
    reader = PoetryReader(data)
    entries = reader.entries()
    graph = Graph(reader, entries, manifest)
    found = Lock(
        packages=graph.packages(),
        roots=graph.roots(),
        requires_python=reader.python_versions(reader.metadata, "metadata"),
        created_by="poetry",
        by_edges=True,
        **groups_and_extras(manifest),
    )
    if reader.faults:
        raise InvalidLock(filename, tuple(reader.faults))
    return found


def staleness(text: str, manifest: Manifest, manifest_text: str) -> str | None:
    """Why ``poetry check --lock`` would not have this lock."""
    from hutch.lock.foreign.poetry_stale import why

    return why(text, load(text, "poetry.lock"), manifest_text)


def load(text: str, filename: str) -> dict[str, Any]:
    """The document. Raises ``InvalidLock``, ``MergeMarkers`` and ``NewerLock``."""
    from hutch.project.toml_text import read_toml

    try:
        data = read_toml(text)
    except ValueError as error:
        raise not_toml(text, filename, error) from None
    metadata = data.get("metadata")
    version = metadata.get("lock-version") if isinstance(metadata, dict) else None
    if isinstance(version, str):
        major = version[:20].partition(".")[0]
        if major.isascii() and major.isdigit() and int(major) > 2:
            raise NewerLock(filename, "lock-version", version[:20], "2.1")
    return data


class PoetryReader(Reader):
    """One reading of one lock; what is wrong gathers in ``faults``."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__()
        self.data = data
        if "metadata" not in data:
            self.fault("metadata", "is missing")
        self.metadata: Mapping[str, Any] = self.get(data, "metadata", dict, "") or {}
        self._files = self.get(self.metadata, "files", dict, "metadata") or {}
        self._hashes = self.get(self.metadata, "hashes", dict, "metadata") or {}

    def entries(self) -> tuple[Entry, ...]:
        """The packages, without their edges."""
        return self.tables(self.data, "package", "", self.entry)

    def entry(self, table: Mapping[str, Any], path: str) -> Entry | None:
        from hutch.lock.foreign.poetry_edges import Entry
        from hutch.spec import is_valid_name, normalize

        written, version = self.need(table, "name", path), self.need(table, "version", path)
        if not is_valid_name(written):
            if written:
                self.fault(f"{path}.name", f"{written[:60]!r} is not a name")
            return None
        if not version or not self.is_version(version, path):
            return None
        name = normalize(written)
        source = self.get(table, "source", dict, path) or {}
        kind = self.get(source, "type", str, f"{path}.source")
        found: dict[str, Any] = {}
        if kind is None or kind == "legacy":
            found = self.files_of(table, written, version, path)
            found["index"] = _without_user(self.plain(source, "url", f"{path}.source"))
        elif kind == "git":
            found["vcs"] = self.commit(source, f"{path}.source")
        elif kind in ("url", "file"):
            found["archive"] = self.one_archive(table, written, source, kind, path)
        elif kind == "directory":
            at = f"{path}.source"
            found["directory"] = LockedDirectory(
                path=self.plain(source, "url", at) or ".",
                editable=self.get(table, "develop", bool, path) or False,
                subdirectory=self.plain(source, "subdirectory", at),
            )
        else:
            self.fault(f"{path}.source.type", f"should be one of {', '.join(_KINDS)}")
        package = LockedPackage(
            name=name,
            version=version,
            marker=self.marker_of(table, path),
            requires_python=self.python_versions(table, path),
            **found,
        )
        return Entry(package=package, table=table, path=path, platform=self.platform_of(table, path))

    def is_version(self, text: str, path: str) -> bool:
        from hutch.errors import Problem
        from hutch.spec import canonical_version

        try:
            canonical_version(text)
        except Problem as problem:
            self.fault(f"{path}.version", problem.what)
            return False
        return True

    def python_versions(self, table: Mapping[str, Any], path: str) -> str | None:
        """``python-versions``, in Poetry's words, as specifiers; None: any, or nothing that can be read."""
        text = self.get(table, "python-versions", str, path)
        if text is None or text.strip() in ("", "*"):
            return None
        from hutch.project.dialects.poetry_constraints import InvalidConstraint, parse_constraint, span_of
        from hutch.spec import render_specifiers

        try:
            return render_specifiers(span_of(parse_constraint(text))[0]) or None
        except InvalidConstraint:
            return None  # of a package's own metadata, which nobody checked either

    # --- markers ---

    def marker_of(self, table: Mapping[str, Any], path: str) -> str | None:
        """Where the entry is wanted, as the lock says since 2.1: one marker, or one for each group."""
        from hutch.spec import is_valid_name, or_, render_marker, safe_text

        value = table.get("markers")
        if value is None:
            return None
        if isinstance(value, str):
            marker = self.marker(value, f"{path}.markers")
            return render_marker(_of_project(marker)) if marker is not None else None
        if not isinstance(value, dict):
            self.fault(f"{path}.markers", "should be a string or a table")
            return None
        parts: list[Marker | None] = []
        for group in self.strings(table, "groups", path) or tuple(value):
            text = value.get(group)
            if not is_valid_name(group):
                self.fault(f"{path}.groups", f"{safe_text(group[:60])!r} is not a name")
                continue
            if text is not None and not isinstance(text, str):
                self.fault(f"{path}.markers.{group}", "should be a string")
                continue
            marker = self.marker(text, f"{path}.markers.{group}") if text else None
            parts.append(_in_group(group, marker))
        found = or_(*parts)
        return render_marker(found) if found is not None and parts else None

    def platform_of(self, table: Mapping[str, Any], path: str) -> Marker | None:
        """The ``marker`` of Poetry 1.0; one that speaks of extras says what the edges say better."""
        from hutch.spec import mentions_extra

        text = self.get(table, "marker", str, path)
        marker = self.marker(text, f"{path}.marker") if text else None
        return None if marker is None or mentions_extra(marker) else marker

    def marker(self, text: str, path: str) -> Marker | None:
        from hutch.errors import Problem
        from hutch.spec import parse_marker

        try:
            return parse_marker(text)
        except Problem as problem:
            self.fault(path, "; ".join((problem.what, *problem.why)))
            return None

    # --- files ---

    def files_of(self, table: Mapping[str, Any], name: str, version: str, path: str) -> dict[str, Any]:
        """The files of a package of an index, by name, or their hashes, where the lock has no names.

        Poetry has written locks with packages that have none: those come as the index has them.
        """
        if "files" not in table and self._hashes:
            return {"loose_hashes": self.loose_hashes(name)}
        at, listed = self.files_at(table, name, path)
        wheels: list[LockedFile] = []
        sources: list[LockedFile] = []
        others: list[tuple[str, str]] = []
        for number, item in enumerate(listed):
            here = f"{at}[{number}]"
            if not isinstance(item, dict):
                self.fault(here, "should be a table with file and hash")
                continue
            filename = self.need(item, "file", here)
            fits = self.belongs(filename, name, version)
            if not fits and (wheels or sources):
                continue
            digest = self.hash_of(self.need(item, "hash", here), here)
            if not fits:
                others += digest
                continue
            file = LockedFile(filename=filename, hashes=digest)
            (wheels if filename.endswith(".whl") else sources).append(file)
        sources.sort(key=lambda file: (not file.filename.endswith(".tar.gz"), file.filename))
        if not wheels and not sources:  # but only files of kinds that nobody installs: others are not meant
            return {"loose_hashes": tuple(sorted(others))}
        return {"wheels": tuple(wheels), "sdist": sources[0] if sources else None}

    def loose_hashes(self, name: str) -> Hashes:
        """The hashes of all files of a package, in locks of Poetry 1.0."""
        listed = self._hashes.get(name, [])
        at = f"metadata.hashes.{name}"
        if not isinstance(listed, list):
            self.fault(at, "should be an array")
            return ()
        digests = [each for each in listed if isinstance(each, str)]
        return tuple(sorted(one for digest in digests for one in self.hash_of(digest, at)))

    def files_at(self, table: Mapping[str, Any], name: str, path: str) -> tuple[str, list[Any]]:
        if "files" in table:
            return f"{path}.files", self.get(table, "files", list, path) or []
        from hutch.spec import normalize

        key = name if name in self._files else normalize(name)
        return f"metadata.files.{key}", self.get(self._files, key, list, "metadata.files") or []

    def belongs(self, filename: str, name: str, version: str) -> bool:
        """Is it a file of this version that can be installed? The older place has those of all versions."""
        from hutch.errors import Problem
        from hutch.spec import canonical_version, is_file_name, normalize, parse_sdist_name, parse_wheel_name

        if not is_file_name(filename):
            return False
        try:
            if filename.endswith(".whl"):
                found = parse_wheel_name(filename)
                fits = normalize(found.name) == normalize(name)
                return fits and canonical_version(found.version) == canonical_version(version)
            if not filename.endswith(_ARCHIVES):
                return False
            text = parse_sdist_name(filename, normalize(name))
            return text is not None and canonical_version(text) == canonical_version(version)
        except Problem:
            return False

    def hash_of(self, text: str, path: str) -> Hashes:
        """``sha256:…``; before 1.1 the digest alone."""
        algorithm, mark, digest = text.partition(":")
        if not mark:
            algorithm, digest = "sha256", text
        if not algorithm.isalnum():
            self.fault(path, "should have a hash such as sha256:0123…")
            return ()
        return self.hashes({"hashes": {algorithm: digest}}, path)

    def one_archive(
        self, table: Mapping[str, Any], name: str, source: Mapping[str, Any], kind: str, path: str
    ) -> LockedArchive:
        """The archive at a URL, or at a path from the directory of the lock."""
        at = f"{path}.source"
        key = "url" if kind == "url" else "path"
        url, place = self.place({key: source.get("url")}, at, _FILES)
        where, listed = self.files_at(table, name, path)
        hashes: Hashes = ()
        if "files" not in table and self._hashes:
            hashes = self.loose_hashes(name)[:1]
        filename = (url or place or "").partition("#")[0].partition("?")[0].rpartition("/")[2]
        for number, item in enumerate(listed):
            here = f"{where}[{number}]"
            if not isinstance(item, dict):
                self.fault(here, "should be a table with file and hash")
            elif len(listed) == 1 or item.get("file") == filename:
                hashes = self.hash_of(self.need(item, "hash", here), here)
        return LockedArchive(
            url=url, path=place, hashes=hashes, subdirectory=self.plain(source, "subdirectory", at)
        )

    def commit(self, source: Mapping[str, Any], path: str) -> LockedVcs:
        from hutch.project.dialects.poetry_entries import ssh_url

        address = ssh_url(self.plain(source, "url", path) or "")
        url: str | None = address
        place: str | None = None
        if "://" in address:
            self.place({"url": address}, path, _REPOSITORIES)
        elif address and not address.startswith("-"):
            url, place = None, address  # a repository on this disk
        else:
            self.fault(path, "has no url that a repository can have")
        commit = self.plain(source, "resolved_reference", path) or ""
        if not commit:  # Poetry before 1.1
            commit = self.plain(source, "reference", path) or ""
        if len(commit) not in (40, 64) or not set(commit) <= HEX:
            self.fault(f"{path}.resolved_reference", "should be the 40 or 64 digits of a commit")
        return LockedVcs(
            kind="git",
            url=url,
            path=place,
            requested_revision=self.plain(source, "reference", path),
            commit_id=commit.lower(),
            subdirectory=self.plain(source, "subdirectory", path),
        )


def _without_user(url: str | None) -> str | None:
    """An address without name and password: what a source has to say, its own settings say."""
    scheme, mark, rest = (url or "").partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}" if mark else url


def _of_project(marker: Marker) -> Marker:
    """The marker of an entry: its ``extra == 'x'`` speaks of the project, which a lock calls ``extras``."""
    if marker[0] in ("and", "or"):
        return (marker[0], *(_of_project(part) for part in marker[1:]))  # type: ignore[arg-type]
    if marker[1] != "extra":
        return marker
    return ("in" if marker[0] in ("==", "===") else "not in", "extras", marker[2], "reversed")


def _in_group(group: str, marker: Marker | None) -> Marker | None:
    """``marker``, where ``group`` is installed; the main one always is."""
    from hutch.spec import and_, normalize

    marker = None if marker is None else _of_project(marker)
    if group == "main":
        return marker
    return and_(("in", "dependency_groups", normalize(group), "reversed"), marker)
