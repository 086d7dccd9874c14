"""``uv.lock``, version 1 with any revision: who needs whom from the projects on, and the files with hashes.

What ``uv sync --frozen`` does is done here: the lists of the projects are taken from the lock, not from the
manifest, and its edges say which of several versions is meant where. A project that is not installed
(``virtual``) is no entry; what it asks for stands in its place.

Format: uv's own, as uv 0.4 to 0.13 write it.
"""

from __future__ import annotations

from hutch.lock.foreign.roots import groups_and_extras
from hutch.lock.lockfile import Lock
from hutch.lock.model import LockedArchive, LockedDirectory, LockedFile, LockedPackage, LockedVcs
from hutch.lock.parse import HEX, Reader, not_toml
from hutch.lock.problems import InvalidLock, NewerLock
from hutch.lock.urls import filename_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hutch.lock.foreign.uv_edges import Entry
    from hutch.lock.model import Hashes
    from hutch.project import Manifest

__all__ = ["UvReader", "load", "parse", "staleness"]

VERSION = 1
_LOCAL = ("editable", "directory", "virtual")
_SOURCES = ("registry", "git", "url", "path", *_LOCAL)
_FILES = ("https", "http", "file")
_REPOSITORIES = ("https", "http", "ssh", "git", "file")


def parse(text: str, filename: str, manifest: Manifest) -> Lock:
    """The lock ``text`` of the project or workspace ``manifest``.

    Raises ``InvalidLock`` with all that is wrong, ``NewerLock`` for another version of the format.
    """
    from hutch.lock.foreign.uv_edges import Graph

    data = load(text, filename)
    reader = UvReader()
    entries = reader.entries(data)
    graph = Graph(reader, manifest, entries, data)
    found = Lock(
        packages=graph.packages(),
        roots=graph.roots(),
        requires_python=reader.get(data, "requires-python", str, ""),
        environments=reader.strings(data, "supported-markers"),
        conflicts=graph.conflicts(),
        created_by="uv",
        by_edges=True,
        **groups_and_extras(manifest),
    )
    if reader.faults:
        raise InvalidLock(filename, tuple(reader.faults))
    return found


def staleness(
    text: str, manifest: Manifest, manifest_text: str, read: Callable[[str], str | None] | None = None
) -> str | None:
    """Why ``uv lock --check`` would not have this lock, as far as files say; ``read`` gives those beside."""
    from hutch.lock.foreign.uv_stale import why

    return why(load(text, "uv.lock"), manifest, read)


def load(text: str, filename: str) -> dict[str, Any]:
    """The document. Raises ``InvalidLock``, ``MergeMarkers`` and ``NewerLock``."""
    from hutch.project.toml_text import read_toml

    try:
        data = read_toml(text)
    except ValueError as error:
        raise not_toml(text, filename, error) from None
    version = data.get("version")
    if isinstance(version, int) and version > VERSION:
        raise NewerLock(filename, "version", str(version), str(VERSION))
    return data


class UvReader(Reader):
    """One reading of one lock; what is wrong gathers in ``faults``."""

    def entries(self, data: Mapping[str, Any]) -> tuple[Entry, ...]:
        """The packages, without their edges."""
        if "version" not in data:
            self.fault("version", "is missing")
        elif data["version"] != VERSION or isinstance(data["version"], bool):
            self.fault("version", "should be 1")
        key = "distribution" if "distribution" in data and "package" not in data else "package"
        return self.tables(data, key, "", self.entry)

    def entry(self, table: Mapping[str, Any], path: str) -> Entry | None:
        from hutch.lock.foreign.uv_edges import Entry

        name = self.need(table, "name", path)
        if not name:
            return None
        self.normalized(name, f"{path}.name")
        source = self.source(table, path)
        if source is None:
            return None
        kind = next(each for each in _SOURCES if each in source)
        version = self.get(table, "version", str, path)
        if version is None and kind not in _LOCAL:
            self.fault(path, "has no version")
        at = f"{path}.source"
        # What a directory is, it says itself when it is installed.
        found: dict[str, Any] = {"name": name, "version": None if kind in _LOCAL else version}
        if kind == "registry":
            found |= self.files(table, self.plain(source, "registry", at) or "", path)
        elif kind == "git":
            found |= self.commit(source, at)
        elif kind in ("url", "path"):
            found["archive"] = self.one_file(table, source, kind, path)
        else:
            place = self.plain(source, kind, at) or "."
            found["directory"] = LockedDirectory(path=place, editable=kind == "editable")
        before = len(self.faults)
        package = LockedPackage(**found)
        if package.wheels or package.sdist:
            self.sources({"wheels": package.wheels, "sdist": package.sdist}, package, path)
        if len(self.faults) > before and not package.version:
            return None
        return Entry(package=package, table=table, path=path, source=source, is_virtual=kind == "virtual")

    def source(self, table: Mapping[str, Any], path: str) -> Mapping[str, Any] | None:
        """``source``, if it is of a kind that is known."""
        source = self.get(table, "source", dict, path)
        if source is None:
            if "source" not in table:
                self.fault(path, "has no source")
            return None
        kinds = [each for each in _SOURCES if each in source]
        if len(kinds) != 1:
            told = " and ".join(map(str, kinds)) or "nothing of these"
            self.fault(f"{path}.source", f"should be one of {', '.join(_SOURCES)}; it is {told}")
            return None
        return source if self.get(source, kinds[0], str, f"{path}.source") else None

    # --- files ---

    def files(self, table: Mapping[str, Any], index: str, path: str) -> dict[str, Any]:
        """The files of a package from an index, or from a directory of files."""
        base = "" if "://" in index else index.rstrip("/")

        def read(file: Mapping[str, Any], at: str) -> LockedFile | None:
            return self.locked_file(file, at, base)

        return {
            "index": index,
            "sdist": self.one(table, "sdist", path, read),
            "wheels": self.tables(table, "wheels", path, read),
        }

    def locked_file(self, table: Mapping[str, Any], path: str, base: str) -> LockedFile | None:
        from hutch.spec import is_file_name, safe_text

        before = len(self.faults)
        url, place = self.place(table, path, _FILES)
        filename = self.get(table, "filename", str, path) or filename_of(url, place)
        if len(self.faults) == before and not is_file_name(filename):
            self.fault(path, f"{safe_text(filename[:60])!r} is not the name of a file that installs")
        if place is not None and base and not place.startswith("/"):
            place = f"{base}/{place}"
        size, moment, hashes = self.size(table, path), self.moment(table, path), self.hash(table, path)
        if len(self.faults) > before:
            return None
        return LockedFile(
            filename=filename, url=url, path=place, size=size, upload_time=moment, hashes=hashes
        )

    def hash(self, table: Mapping[str, Any], path: str) -> Hashes:
        """``hash = "sha256:…"``; an index that has none gives none."""
        text = self.get(table, "hash", str, path)
        if text is None:
            return ()
        algorithm, _, digest = text.partition(":")
        return self.hashes({"hashes": {algorithm: digest}}, path)

    def moment(self, table: Mapping[str, Any], path: str) -> str | None:
        """``upload-time``, which is a text here."""
        value = table.get("upload-time", table.get("upload_time"))
        if isinstance(value, str):
            from datetime import datetime

            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                self.fault(f"{path}.upload-time", "should be a date and time")
                return None
        return super().moment({"upload-time": value}, path)

    def one_file(
        self, table: Mapping[str, Any], source: Mapping[str, Any], kind: str, path: str
    ) -> LockedArchive:
        """The one archive that a URL or a path means; its hash stands beside."""
        wheels = self.get(table, "wheels", list, path) or []
        said = wheels[0] if wheels else self.get(table, "sdist", dict, path) or {}
        if not isinstance(said, dict):
            self.fault(f"{path}.wheels[0]", "should be a table")
            said = {}
        url, place = self.place({kind: source[kind]}, f"{path}.source", _FILES)
        return LockedArchive(
            url=url,
            path=place,
            size=self.size(said, path),
            upload_time=self.moment(said, path),
            hashes=self.hash(said, path),
            subdirectory=self.plain(source, "subdirectory", f"{path}.source"),
        )

    def commit(self, source: Mapping[str, Any], path: str) -> dict[str, Any]:
        """``https://…?tag=v1&subdirectory=lib#COMMIT``."""
        from urllib.parse import parse_qs

        text, _, commit = (self.plain(source, "git", path) or "").partition("#")
        address, _, query = text.partition("?")
        self.place({"url": address}, path, _REPOSITORIES)
        if len(commit) not in (40, 64) or not set(commit) <= HEX:
            self.fault(f"{path}.git", "should end with # and the 40 or 64 digits of a commit")
        said = {key: values[-1] for key, values in parse_qs(query, max_num_fields=20).items()}
        if any(not each.isprintable() for each in said.values()):
            self.fault(f"{path}.git", "should have no control characters")
        asked = next((said[key] for key in ("tag", "branch", "rev") if key in said), None)
        vcs = LockedVcs(
            kind="git",
            url=address,
            requested_revision=asked,
            commit_id=commit.lower(),
            subdirectory=said.get("subdirectory"),
        )
        return {"vcs": vcs, "tool": {"hutch-git": {"lfs": True}} if said.get("lfs") == "true" else {}}
