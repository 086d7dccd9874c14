"""Reads ``pylock.toml``, ours and other tools': text in, ``Lock`` out, all faults at once.

What the standard demands of a lock is checked to the end of the file: types, required keys,
normalised names, exactly one kind of source, file names that agree with their package, hashes.
Markers and specifiers are kept as text; they are judged where they are evaluated.

Spec: PEP 751.
"""

from __future__ import annotations

from hutch.lock.lockfile import FORMAT, Lock
from hutch.lock.model import (
    Edge,
    Hashes,
    LockedArchive,
    LockedDirectory,
    LockedFile,
    LockedPackage,
    LockedVcs,
    RootEdge,
)
from hutch.lock.problems import InvalidLock, LockFault, MergeMarkers, NewerLock
from hutch.lock.urls import filename_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any, TypeVar

    from hutch.lock.conda_model import CondaLock
    from hutch.spec import NormalizedName

    _T = TypeVar("_T")

__all__ = ["Reader", "not_toml", "parse_lock"]


def parse_lock(text: str, *, filename: str = "pylock.toml") -> Lock:
    """Read the lock ``text``.

    Raises ``MergeMarkers`` where a merge was left unfinished, ``NewerLock`` for a format that this
    hutch does not know, and ``InvalidLock`` with every fault found.
    """
    from hutch.project.toml_text import read_toml

    try:
        data = read_toml(text)
    except ValueError as error:
        raise not_toml(text, filename, error) from None
    _refuse_newer(data, filename)
    reader = Reader()
    lock = reader.lock(data)
    if reader.faults:
        raise InvalidLock(filename, tuple(reader.faults))
    return lock


def not_toml(text: str, filename: str, error: ValueError) -> InvalidLock | MergeMarkers:
    from hutch.lock.merging import merge_marker_line

    line = merge_marker_line(text)
    if line is not None:
        return MergeMarkers(filename, line)
    from hutch.project.loading import toml_fault

    fault = toml_fault(text, error)
    return InvalidLock(filename, (LockFault("", fault.reason, fault.line),))


def _refuse_newer(data: Mapping[str, Any], filename: str) -> None:
    version = data.get("lock-version")
    if isinstance(version, str):
        major = version.strip().removeprefix("v").partition(".")[0]
        if major.isascii() and major.isdigit() and int(major[:9]) > 1:
            raise NewerLock(filename, "lock-version", version[:40], "1.0")
    ours = data.get("tool", {})
    ours = ours.get("hutch", {}) if isinstance(ours, dict) else {}
    number = ours.get("format") if isinstance(ours, dict) else None
    if isinstance(number, int) and number > FORMAT:
        raise NewerLock(filename, "format", str(number), str(FORMAT))


class Reader:
    """One reading: the faults so far, each with its path. A fault yields a stand-in and goes on."""

    def __init__(self) -> None:
        self.faults: list[LockFault] = []

    def fault(self, path: str, reason: str) -> None:
        self.faults.append(LockFault(path, reason))

    # --- types ---

    def get(self, table: Mapping[str, Any], key: str, kind: type[_T], path: str) -> _T | None:
        value = table.get(key)
        if value is None:
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fault(_at(path, key), f"should be {_KINDS[kind]}, not {_KINDS.get(type(value), 'a date')}")
            return None
        return value

    def need(self, table: Mapping[str, Any], key: str, path: str) -> str:
        value = self.get(table, key, str, path)
        if value is None and key not in table:
            self.fault(path, f"has no {key}") if path else self.fault(key, "is missing")
        return value or ""

    def strings(self, table: Mapping[str, Any], key: str, path: str = "") -> tuple[str, ...]:
        values = self.get(table, key, list, path) or []
        for number, value in enumerate(values):
            if not isinstance(value, str):
                self.fault(f"{_at(path, key)}[{number}]", "should be a string")
        return tuple(value for value in values if isinstance(value, str))

    def tables(
        self,
        table: Mapping[str, Any],
        key: str,
        path: str,
        read: Callable[[Mapping[str, Any], str], _T | None],
    ) -> tuple[_T, ...]:
        found = []
        for number, value in enumerate(self.get(table, key, list, path) or []):
            at = f"{_at(path, key)}[{number}]"
            if not isinstance(value, dict):
                self.fault(at, "should be a table")
            elif (item := read(value, at)) is not None:
                found.append(item)
        return tuple(found)

    # --- the lock ---

    def lock(self, data: Mapping[str, Any]) -> Lock:
        self.version(data)
        tool = self.get(data, "tool", dict, "") or {}
        ours = self.get(tool, "hutch", dict, "tool") or {}
        if "packages" not in data:
            self.fault("packages", "is missing")
        extras = self.strings(data, "extras")
        for number, extra in enumerate(extras):
            self.normalized(extra, f"extras[{number}]")
        inputs = self.get(ours, "inputs", str, "tool.hutch") or ""
        return Lock(
            packages=self.tables(data, "packages", "", self.package),
            requires_python=self.get(data, "requires-python", str, ""),
            environments=self.strings(data, "environments"),
            extras=extras,
            dependency_groups=self.strings(data, "dependency-groups"),
            default_groups=self.strings(data, "default-groups"),
            created_by=self.need(data, "created-by", ""),
            targets=self.strings(ours, "targets", "tool.hutch"),
            roots=self.tables(ours, "roots", "tool.hutch", self.root),
            inputs=inputs,
            conflicts=self.conflicts(ours),
            conda=self.conda(ours),
            tool={name: table for name, table in tool.items() if name != "hutch" and isinstance(table, dict)},
        )

    def conda(self, ours: Mapping[str, Any]) -> CondaLock | None:
        table = self.get(ours, "conda", dict, "tool.hutch")
        if table is None:
            return None
        from hutch.lock.conda_parse import read_conda

        return read_conda(self, table, "tool.hutch.conda")

    def conflicts(self, ours: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
        found = []
        for number, value in enumerate(self.get(ours, "conflicts", list, "tool.hutch") or []):
            if isinstance(value, list) and all(isinstance(each, str) for each in value):
                found.append(tuple(value))
            else:
                self.fault(f"tool.hutch.conflicts[{number}]", "should be an array of strings")
        return tuple(found)

    def version(self, data: Mapping[str, Any]) -> None:
        version = self.need(data, "lock-version", "")
        if version and version.strip().removeprefix("v").partition(".")[0] != "1":
            self.fault("lock-version", f"{version[:40]!r} is not a version that is known (1.0)")

    def normalized(self, name: str, path: str) -> None:
        from hutch.spec import is_valid_name, normalize

        if not name or normalize(name) != name or not is_valid_name(name):
            self.fault(path, f"{name[:60]!r} is not a normalised name")

    def package(self, table: Mapping[str, Any], path: str) -> LockedPackage | None:
        name = self.need(table, "name", path)
        if name:
            self.normalized(name, f"{path}.name")
        version = self.get(table, "version", str, path)
        tool = self.get(table, "tool", dict, path) or {}
        ours = self.get(tool, "hutch", dict, f"{path}.tool") or {}
        edges = (ours, f"{path}.tool.hutch") if "dependencies" in ours else (table, path)
        package = LockedPackage(
            name=name,  # type: ignore[arg-type]
            version=version,
            marker=self.get(table, "marker", str, path),
            requires_python=self.get(table, "requires-python", str, path),
            index=self.get(table, "index", str, path),
            sdist=self.one(table, "sdist", path, self.file),
            wheels=self.tables(table, "wheels", path, self.file),
            directory=self.one(table, "directory", path, self.directory),
            vcs=self.one(table, "vcs", path, self.vcs),
            archive=self.one(table, "archive", path, self.archive),
            dependencies=self.tables(edges[0], "dependencies", edges[1], self.edge),
            yanked=self.get(ours, "yanked", str, f"{path}.tool.hutch"),
            attestation_identities=self.tables(table, "attestation-identities", path, self.identity),
            tool={key: value for key, value in tool.items() if key != "hutch" and isinstance(value, dict)},
        )
        self.sources(table, package, path)
        return package

    def sources(self, table: Mapping[str, Any], package: LockedPackage, path: str) -> None:
        """Exactly one kind of source, and files that belong to the package."""
        direct = [key for key in ("vcs", "directory", "archive") if table.get(key)]
        files = bool(table.get("sdist") or table.get("wheels"))
        if len(direct) + files != 1:
            said = " and ".join([*direct, *(["files"] if files else [])]) or "nothing"
            self.fault(path, f"should have files, or one of vcs, directory and archive; it has {said}")
        from hutch.errors import Problem
        from hutch.spec import canonical_version, normalize, parse_sdist_name, parse_wheel_name

        try:
            wanted = canonical_version(package.version) if package.version else None
        except Problem as problem:
            self.fault(f"{path}.version", problem.what)
            return
        for number, wheel in enumerate(package.wheels):
            at = f"{path}.wheels[{number}]"
            try:
                found = parse_wheel_name(wheel.filename)
                version = canonical_version(found.version)
            except Problem as problem:
                self.fault(at, problem.what)
                continue
            if normalize(found.name) != package.name:
                self.fault(at, f"{wheel.filename} is not a wheel of {package.name}")
            elif wanted is not None and version != wanted:
                self.fault(at, f"{wheel.filename} is not of version {package.version}")
        if package.sdist is not None:
            text = parse_sdist_name(package.sdist.filename, package.name)
            try:
                version = canonical_version(text) if text is not None else ""
            except Problem:
                version = ""
            if not version:
                self.fault(f"{path}.sdist", f"{package.sdist.filename} is not an sdist of {package.name}")
            elif wanted is not None and version != wanted:
                self.fault(f"{path}.sdist", f"{package.sdist.filename} is not of version {package.version}")

    def one(
        self,
        table: Mapping[str, Any],
        key: str,
        path: str,
        read: Callable[[Mapping[str, Any], str], _T | None],
    ) -> _T | None:
        value = self.get(table, key, dict, path)
        return None if value is None else read(value, _at(path, key))

    def file(self, table: Mapping[str, Any], path: str) -> LockedFile | None:
        from hutch.spec import is_file_name, safe_text

        before = len(self.faults)
        url, place = self.place(table, path, _FILES)
        filename = self.get(table, "name", str, path) or filename_of(url, place)
        hashes = self.hashes(table, path)
        size, moment = self.size(table, path), self.moment(table, path)
        if not filename and len(self.faults) == before:
            self.fault(path, "its name cannot be told from its URL")
        elif filename and not is_file_name(filename):
            self.fault(path, f"{safe_text(filename[:60])!r} is not the name of a file that installs")
        if len(self.faults) > before:
            return None
        return LockedFile(
            filename=filename, url=url, path=place, size=size, upload_time=moment, hashes=hashes
        )

    def place(
        self, table: Mapping[str, Any], path: str, schemes: Collection[str]
    ) -> tuple[str | None, str | None]:
        """(url, path) of a source; ``schemes`` are those that a URL may have."""
        url, place = self.plain(table, "url", path), self.plain(table, "path", path)
        if not url and not place and not (table.get("url") or table.get("path")):
            self.fault(path, "has neither url nor path")
        scheme, mark, rest = (url or "").lower().partition("://")
        if schemes is _REPOSITORIES:
            scheme = scheme.removeprefix("git+")
        if url and schemes and (not mark or scheme not in schemes):
            self.fault(_at(path, "url"), f"should begin with {', '.join(f'{each}://' for each in schemes)}")
        elif rest.startswith("-"):
            self.fault(_at(path, "url"), "should not have a host that begins with '-'")
        # PEP 751 lets both stand there; the URL is what we ask, so the path is dropped.
        return (url, None) if url else (None, place)

    def plain(self, table: Mapping[str, Any], key: str, path: str) -> str | None:
        """A text that becomes a path, an address or a word of a command: without control characters."""
        value = self.get(table, key, str, path)
        if value is not None and any(ord(c) < 32 or 127 <= ord(c) < 160 for c in value):
            self.fault(_at(path, key), "should have no control characters")
            return None
        return value

    def size(self, table: Mapping[str, Any], path: str) -> int | None:
        size = self.get(table, "size", int, path)
        if size is not None and size < 0:
            self.fault(_at(path, "size"), "should not be negative")
        return size

    def moment(self, table: Mapping[str, Any], path: str) -> str | None:
        value = table.get("upload-time")
        if value is None:
            return None
        from datetime import UTC, datetime

        if not isinstance(value, datetime):
            self.fault(_at(path, "upload-time"), "should be a date and time")
            return None
        # PEP 751 wants UTC; a time without an offset can only be meant so.
        value = (
            value.replace(tzinfo=None) if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        )
        return value.isoformat() + "Z"

    def hashes(self, table: Mapping[str, Any], path: str) -> Hashes:
        at = _at(path, "hashes")
        value = self.get(table, "hashes", dict, path)
        if not value:
            if value is not None or "hashes" not in table:
                self.fault(at, "at least one hash is required")
            return ()
        from hutch.spec import PROOF_ALGORITHMS

        proofs = 0
        for algorithm, digest in value.items():
            length = PROOF_ALGORITHMS.get(algorithm.lower())
            if not isinstance(digest, str):
                self.fault(f"{at}.{algorithm}", "should be a string")
            elif not digest or not set(digest) <= HEX:
                self.fault(f"{at}.{algorithm}", "should be hexadecimal")
            elif length is not None and len(digest) != length:
                self.fault(f"{at}.{algorithm}", f"should have {length} digits, not {len(digest)}")
            proofs += length is not None
        if not proofs:
            # md5 and sha1 can be forged, and of an unknown word nobody knows what it would be compared with.
            self.fault(at, f"none of them proves the file; {', '.join(PROOF_ALGORITHMS)} do")
        return tuple(sorted((name.lower(), str(digest).lower()) for name, digest in value.items()))

    def directory(self, table: Mapping[str, Any], path: str) -> LockedDirectory:
        return LockedDirectory(
            path=(self.need(table, "path", path) and self.plain(table, "path", path)) or "",
            editable=self.get(table, "editable", bool, path) or False,
            subdirectory=self.plain(table, "subdirectory", path),
        )

    def vcs(self, table: Mapping[str, Any], path: str) -> LockedVcs:
        kind, commit = self.need(table, "type", path), self.need(table, "commit-id", path)
        url, place = self.place(table, path, _REPOSITORIES if kind == "git" else ())
        if kind == "git" and commit and not (len(commit) in (40, 64) and set(commit) <= HEX):
            self.fault(_at(path, "commit-id"), "should be the 40 or 64 digits of a commit")
        return LockedVcs(
            kind=kind,
            url=url,
            path=place,
            requested_revision=self.plain(table, "requested-revision", path),
            commit_id=commit,
            subdirectory=self.plain(table, "subdirectory", path),
        )

    def archive(self, table: Mapping[str, Any], path: str) -> LockedArchive:
        url, place = self.place(table, path, _FILES)
        return LockedArchive(
            url=url,
            path=place,
            size=self.size(table, path),
            upload_time=self.moment(table, path),
            hashes=self.hashes(table, path),
            subdirectory=self.plain(table, "subdirectory", path),
        )

    def identity(self, table: Mapping[str, Any], path: str) -> Mapping[str, Any]:
        self.need(table, "kind", path)
        return table

    # --- edges ---

    def edge(self, table: Mapping[str, Any], path: str) -> Edge | None:
        name = self.name_of_edge(table, path)
        return name and Edge(
            name=name,
            version=self.get(table, "version", str, path),
            extras=self.strings(table, "extras", path),
            marker=self.get(table, "marker", str, path),
        )

    def root(self, table: Mapping[str, Any], path: str) -> RootEdge | None:
        name = self.name_of_edge(table, path)
        where = self.get(table, "where", str, path) or "project"
        if where != "project" and not where.startswith(("extra:", "group:")):
            self.fault(f"{path}.where", "should be project, extra:NAME or group:NAME")
        return name and RootEdge(
            name=name,
            version=self.get(table, "version", str, path),
            extras=self.strings(table, "extras", path),
            marker=self.get(table, "marker", str, path),
            where=where,
        )

    def name_of_edge(self, table: Mapping[str, Any], path: str) -> Any:
        name = self.need(table, "name", path)
        if name:
            self.normalized(name, f"{path}.name")
        found: NormalizedName | None = name or None  # type: ignore[assignment]
        return found


HEX = frozenset("0123456789abcdefABCDEF")
_FILES = ("https", "http", "file")
_REPOSITORIES = ("https", "http", "ssh", "git", "file")
_KINDS: dict[type, str] = {
    str: "a string",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a table",
    list: "an array",
}


def _at(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
