"""Reads ``[tool.hutch.conda]`` of a lock: all faults at once, each with its place.

A lock is in a repository, so what it says becomes addresses, names of files and directories only after it was
judged here: a channel is an address of http, https or file; a name, a version, a build, a subdir and a file
name hold the characters that conda allows for them and no others; a record from a server has a sha256.
"""

from __future__ import annotations

from hutch.lock.conda_model import (
    CondaEdge,
    CondaEnvironment,
    CondaLock,
    CondaRoot,
    CondaTarget,
    CondaWorld,
    LockedConda,
    Reached,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hutch.lock.parse import Reader
    from hutch.spec import CondaRecord

__all__ = ["read_conda", "record_fault"]

_SCHEMES = ("https", "http", "file")
_ENDINGS = (".conda", ".tar.bz2")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_NAME = _LETTERS | frozenset("_.-")
_VERSION = _LETTERS | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ_.+!-")
_BUILD = _VERSION - frozenset("!-")
_FILE = _VERSION
_SUBDIR = _LETTERS | frozenset("-_")
_HEX = frozenset("0123456789abcdef")
_NOARCH = ("python", "generic")


def read_conda(reader: Reader, table: Mapping[str, Any], path: str) -> CondaLock:
    """The conda part; what is wrong with it is told to ``reader``."""
    return _CondaReader(reader).part(table, path)


def record_fault(record: CondaRecord) -> tuple[str, ...]:
    """What is wrong with a record that another tool's lock names, in words without places."""
    faults: list[str] = []
    judge = _CondaReader(_Words(faults))
    judge.word(record.name, _NAME, "", "the name of a package")
    judge.version(record.version, "")
    judge.word(record.build, _BUILD, "", "a build")
    judge.word(record.filename, _FILE, "", "the name of a file")
    judge.subdir(record.subdir, "")
    judge.channel(record.channel, "")
    for spec in (*record.depends, *record.constrains):
        judge.spec(spec, "")
    return tuple(faults)


class _Words:
    """Keeps what is wrong, wherever it is."""

    def __init__(self, faults: list[str]) -> None:
        self._faults = faults

    def fault(self, path: str, reason: str) -> None:
        self._faults.append(reason)


class _CondaReader:
    def __init__(self, reader: Any) -> None:
        self.reader: Reader = reader
        self.fault: Callable[[str, str], None] = reader.fault
        self.names: frozenset[str] = frozenset()
        self.worlds: frozenset[str] = frozenset()
        self.files: dict[tuple[str, str, str], str] = {}
        self.there: dict[tuple[str, str, str], str] = {}

    def part(self, table: Mapping[str, Any], path: str) -> CondaLock:
        channels = self.reader.strings(table, "channels", path)
        for number, channel in enumerate(channels):
            self.channel(channel, f"{path}.channels[{number}]")
        worlds = self.reader.tables(table, "worlds", path, self.world)
        self.worlds = frozenset(world.name for world in worlds)
        if len(self.worlds) < len(worlds):
            self.fault(f"{path}.worlds", "should not have one name twice")
        environments = self.reader.tables(table, "environments", path, self.environment)
        if len({each.name for each in environments}) < len(environments):
            self.fault(f"{path}.environments", "should not have one name twice")
        targets = self.reader.tables(table, "targets", path, self.target)
        self.names = frozenset(target.name for target in targets)
        if len(self.names) < len(targets):
            self.fault(f"{path}.targets", "should not have one name twice")
        return CondaLock(
            channels=channels,
            targets=targets,
            roots=self.reader.tables(table, "roots", path, self.root),
            packages=self.reader.tables(table, "packages", path, self.package),
            wheels=self.reader.tables(table, "wheels", path, self.wheel),
            edges=self.reader.tables(table, "edges", path, self.edge),
            worlds=worlds,
            environments=environments,
        )

    # --- targets and roots ---

    def target(self, table: Mapping[str, Any], path: str) -> CondaTarget | None:
        name = self.reader.need(table, "name", path)
        subdir = self.reader.get(table, "subdir", str, path) or name
        if not name or not self.word(name, _NAME, f"{path}.name", "the name of a target"):
            return None
        self.subdir(subdir, f"{path}.subdir")
        python = self.reader.get(table, "python", str, path) or ""
        if python:
            from hutch.errors import Problem
            from hutch.spec import parse_target

            try:
                parse_target(python)
            except Problem as problem:
                self.fault(f"{path}.python", problem.what)
        virtual = []
        for number, text in enumerate(self.reader.strings(table, "virtual", path)):
            at = f"{path}.virtual[{number}]"
            parts = tuple(text.split("="))
            if len(parts) != 3 or not parts[0].startswith("__") or not all(parts):
                self.fault(at, "should be a virtual package: __NAME=VERSION=BUILD")
            elif self.word(parts[0], _NAME, at, "a name") and self.version(parts[1], at):
                self.word(parts[2], _BUILD | {"-"}, at, "a build")
                virtual.append((parts[0], parts[1], parts[2]))
        world = self.of_world(table, path) if self.worlds or "world" in table else ""
        return CondaTarget(name=name, subdir=subdir, python=python, virtual=tuple(virtual), world=world)

    def of_world(self, table: Mapping[str, Any], path: str) -> str:
        world = self.reader.need(table, "world", path)
        if world and world not in self.worlds:
            self.fault(f"{path}.world", f"{world[:60]!r} is not a world of this lock")
        return world

    def world(self, table: Mapping[str, Any], path: str) -> CondaWorld | None:
        name = self.reader.need(table, "name", path)
        if not name or not self.word(name, _NAME, f"{path}.name", "the name of a world"):
            return None
        channels = self.reader.strings(table, "channels", path)
        for number, channel in enumerate(channels):
            self.channel(channel, f"{path}.channels[{number}]")
        return CondaWorld(name=name, wheres=self.wheres(table, path), channels=channels)

    def environment(self, table: Mapping[str, Any], path: str) -> CondaEnvironment | None:
        name = self.reader.plain(table, "name", path)
        if not name or len(name) > 64 or "/" in name or "\\" in name or name.startswith("."):
            self.fault(f"{path}.name", "should be the name of an environment")
            return None
        group = self.reader.plain(table, "group", path) or ""
        if group:
            self.reader.normalized(group, f"{path}.group")
        return CondaEnvironment(
            name=name, world=self.of_world(table, path), wheres=self.wheres(table, path), group=group
        )

    def wheres(self, table: Mapping[str, Any], path: str) -> tuple[str, ...]:
        """What is in a world or an environment."""
        found = self.reader.strings(table, "has", path)
        for number, where in enumerate(found):
            self.where(where, f"{path}.has[{number}]")
        return found

    def root(self, table: Mapping[str, Any], path: str) -> CondaRoot | None:
        spec = self.reader.need(table, "spec", path)
        where = self.reader.get(table, "where", str, path) or "project"
        self.where(where, f"{path}.where")
        targets = self.reader.strings(table, "targets", path)
        self.known(targets, f"{path}.targets")
        if not spec or not self.spec(spec, f"{path}.spec"):
            return None
        return CondaRoot(spec=spec, where=where, targets=targets)

    def wheel(self, table: Mapping[str, Any], path: str) -> tuple[str, str] | None:
        conda, name = self.reader.need(table, "conda", path), self.reader.need(table, "name", path)
        if not conda or not name:
            return None
        self.word(conda, _NAME, f"{path}.conda", "the name of a package")
        self.reader.normalized(name, f"{path}.name")
        return conda, name

    def edge(self, table: Mapping[str, Any], path: str) -> CondaEdge | None:
        conda = self.reader.need(table, "conda", path)
        if not conda or not self.word(conda, _NAME, f"{path}.conda", "the name of a package"):
            return None
        keys = ("wheel", "where", "extra", "asks")
        said = {key: self.reader.plain(table, key, path) or "" for key in keys}
        for key in ("wheel", "extra"):
            if said[key]:
                self.reader.normalized(said[key], f"{path}.{key}")
        if said["where"]:
            self.where(said["where"], f"{path}.where")
        if not said["wheel"] and not said["where"]:
            self.fault(path, "should say what is needed by whom: `wheel` or `where`")
            return None
        return CondaEdge(conda=conda, version=self.reader.plain(table, "version", path) or None, **said)

    def where(self, where: str, path: str) -> None:
        if where != "project" and not where.startswith(("extra:", "group:")):
            self.fault(path, "should be project, extra:NAME or group:NAME")

    def known(self, targets: tuple[str, ...], path: str) -> None:
        for target in targets:
            if target not in self.names:
                self.fault(path, f"{target[:60]!r} is not a target of this lock")

    # --- records ---

    def package(self, table: Mapping[str, Any], path: str) -> LockedConda | None:
        from hutch.spec import CondaRecord

        reader, before = self.reader, len(self.reader.faults)
        name, version, build = (reader.need(table, key, path) for key in ("name", "version", "build"))
        channel, subdir, file = (reader.need(table, key, path) for key in ("channel", "subdir", "file"))
        if len(reader.faults) == before:
            self.word(name, _NAME, f"{path}.name", "the name of a package")
            if name.startswith("__"):
                self.fault(f"{path}.name", f"{name[:60]!r} is a virtual package, and has no record")
            self.version(version, f"{path}.version")
            self.word(build, _BUILD, f"{path}.build", "a build")
            self.channel(channel, f"{path}.channel")
            self.subdir(subdir, f"{path}.subdir")
            if self.word(file, _FILE, f"{path}.file", "the name of a file") and not file.endswith(_ENDINGS):
                self.fault(f"{path}.file", f"should end in {' or '.join(_ENDINGS)}")
        noarch = reader.get(table, "noarch", str, path) or ""
        if noarch and noarch not in _NOARCH:
            self.fault(f"{path}.noarch", f"should be {' or '.join(_NOARCH)}")
        site_packages = self.below(table, "site-packages", path)
        base = reader.get(table, "base", str, path) or ""
        if base:
            self.channel(base, f"{path}.base")
        sha256, md5 = self.digest(table, "sha256", 64, path), self.digest(table, "md5", 32, path)
        if not sha256 and not channel.startswith(("file://", ".")) and len(reader.faults) == before:
            self.fault(path, "has no sha256, and is not from a folder of this machine")
        purls = reader.strings(table, "purls", path) if "purls" in table else None
        record = CondaRecord(
            name=name,
            version=version,
            build=build,
            build_number=self.number(table, "build-number", path) or 0,
            subdir=subdir,
            channel=channel,
            filename=file,
            sha256=sha256,
            md5=md5,
            size=self.number(table, "size", path),
            depends=self.specs(table, "depends", path),
            constrains=self.specs(table, "constrains", path),
            timestamp=self.number(table, "timestamp", path) or 0,
            noarch=noarch,
            track_features=reader.strings(table, "track-features", path),
            purls=purls,
            site_packages=site_packages,
            base=base,
            extra_depends=self.extra_depends(table, path),
        )
        reached = self.reached(table, path)
        if len(reader.faults) == before:
            self.once(record.name, (channel, subdir, file), reached, path)
        if len(reader.faults) > before:
            return None
        return LockedConda(record=record, reached=reached)

    def extra_depends(self, table: Mapping[str, Any], path: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        at, said = f"{path}.extra-depends", table.get("extra-depends")
        if said is None:
            return ()
        if not isinstance(said, dict):
            self.fault(at, "should be a table of arrays of MatchSpecs")
            return ()
        return tuple((extra, self.specs(said, extra, at)) for extra in sorted(said))

    def reached(self, table: Mapping[str, Any], path: str) -> Reached:
        at, value = f"{path}.targets", table.get("targets")
        if isinstance(value, list):
            value = {"project": value}
        if not isinstance(value, dict):
            self.fault(
                at, "should be an array of targets, or a table of such arrays" if value else "is missing"
            )
            return ()
        found = []
        for where in value:
            self.where(where, f"{at}.{where[:60]}")
            names = self.reader.strings(value, where, at)
            self.known(names, f"{at}.{where[:60]}")
            found.append((where, names))
        return tuple(found)

    def once(self, name: str, file: tuple[str, str, str], reached: Reached, path: str) -> None:
        """No file twice, and no package twice on one target for one reason."""
        other = self.files.setdefault(file, path)
        if other != path:
            self.fault(path, f"is the same file as {other}")
        for where, names in reached:
            for target in names:
                other = self.there.setdefault((name, where, target), path)
                if other != path:
                    self.fault(path, f"{target} has {name} already, from {other}")

    # --- words ---

    def word(self, text: str, allowed: frozenset[str], path: str, kind: str) -> bool:
        if text and text.isascii() and allowed.issuperset(text) and not text.startswith((".", "-")):
            return True
        self.fault(path, f"{text[:60]!r} is not {kind}")
        return False

    def version(self, text: str, path: str) -> bool:
        from hutch.errors import Problem
        from hutch.spec import parse_conda_version

        if not self.word(text, _VERSION, path, "a version"):
            return False
        try:
            parse_conda_version(text)
        except Problem:
            self.fault(path, f"{text[:60]!r} is not a version")
            return False
        return True

    def subdir(self, text: str, path: str) -> None:
        system, dash, machine = text.partition("-")
        if text == "noarch":
            return
        if not (_SUBDIR.issuperset(text) and dash and system.isalnum() and machine) or len(text) > 40:
            self.fault(path, f"{text[:60]!r} is not a platform of conda")

    def channel(self, text: str, path: str) -> None:
        scheme, mark, rest = text.partition("://")
        if text.startswith(("./", "../")):  # a folder, seen from the lock
            mark, scheme, rest = "://", _SCHEMES[0], text
        if not mark or scheme not in _SCHEMES or not rest:
            self.fault(path, f"should begin with {', '.join(f'{each}://' for each in _SCHEMES)}")
        elif rest.startswith("-"):
            self.fault(path, "should not have a host that begins with '-'")
        elif any(ord(c) <= 32 or 127 <= ord(c) < 160 for c in text) or "?" in text or "#" in text:
            self.fault(path, "should have no blanks, control characters, '?' and '#'")
        elif text.endswith("/"):
            self.fault(path, "should not end in a slash")

    def below(self, table: Mapping[str, Any], key: str, path: str) -> str:
        """A path inside of a prefix."""
        text = self.reader.plain(table, key, path) or ""
        if text.startswith("/") or "\\" in text or ":" in text or ".." in text.split("/"):
            self.fault(f"{path}.{key}", "should be a path inside of the environment")
        return text

    def digest(self, table: Mapping[str, Any], key: str, length: int, path: str) -> str:
        text = (self.reader.get(table, key, str, path) or "").lower()
        if text and (len(text) != length or not _HEX.issuperset(text)):
            self.fault(f"{path}.{key}", f"should be {length} hexadecimal digits")
            return ""
        return text

    def number(self, table: Mapping[str, Any], key: str, path: str) -> int | None:
        value = self.reader.get(table, key, int, path)
        if value is not None and value < 0:
            self.fault(f"{path}.{key}", "should not be negative")
        return value

    def specs(self, table: Mapping[str, Any], key: str, path: str) -> tuple[str, ...]:
        texts = self.reader.strings(table, key, path)
        for number, text in enumerate(texts):
            self.spec(text, f"{path}.{key}[{number}]")
        return texts

    def spec(self, text: str, path: str) -> bool:
        from hutch.errors import Problem
        from hutch.spec import parse_conda_spec

        try:
            parse_conda_spec(text)
        except Problem as problem:
            self.fault(path, problem.what)
            return False
        return True
