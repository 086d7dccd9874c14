"""The conda part of ``conda-lock.yml`` (version 1), of ``pixi.lock`` (1 to 7), and of ``@EXPLICIT`` lists.

Their Python parts are read by ``conda_lock`` and ``pixi``. What an address says (channel, subdir, name,
version, build) is taken from it, where the lock says nothing else. A lock is somebody else's text: all that
is wrong is told, each with its place, and the same is refused as in a lock of hutch's own.
"""

from __future__ import annotations

from hutch.lock.conda_model import CondaEnvironment, CondaLock, CondaTarget, CondaWorld, LockedConda
from hutch.lock.foreign.conda_parts import Reading, load, pixi_subdirs
from hutch.lock.problems import InvalidLock, LockFault, NewerLock
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from hutch.spec import CondaRecord

__all__ = ["parse_conda_lock", "parse_explicit", "parse_pixi_lock"]

_DIGITS = {"sha256": 64, "md5": 32}
_PIXI = 7


def parse_conda_lock(text: str, filename: str = "conda-lock.yml") -> CondaLock:
    """What conda installs of a ``conda-lock.yml``. Raises ``InvalidLock`` and ``NewerLock``."""
    data, reading = load(text, filename), Reading(filename)
    if data.get("version") != "1":
        if isinstance(data.get("version"), str):
            raise NewerLock(filename, "version", str(data["version"])[:40], "1")
        reading.fault("version", "should be 1")
    part = _of_list(data, reading)
    reading.raise_any()
    return part


def parse_pixi_lock(text: str, filename: str = "pixi.lock") -> CondaLock:
    """What comes from channels in a ``pixi.lock``: of ``default`` as the project, of others as groups that
    add to it; where they do not (another version, or not all of it), each environment is a world."""
    data, reading = load(text, filename), Reading(filename)
    version = data.get("version")
    if not isinstance(version, str) or not version.isdigit():
        reading.fault("version", f"should be a number from 1 to {_PIXI}")
        reading.raise_any()
    elif int(version) > _PIXI:
        raise NewerLock(filename, "version", version[:40], str(_PIXI))
    part = _of_list(data, reading) if int(str(version)) < 4 else _of_environments(data, reading)
    reading.raise_any()
    return part


def parse_explicit(text: str, filename: str = "explicit.txt") -> tuple[CondaRecord, ...]:
    """The files of an ``@EXPLICIT`` list, in its order. Raises ``InvalidLock``."""
    faults: list[LockFault] = []
    found: list[CondaRecord] = []
    marked = False
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line == "@EXPLICIT":
            marked = True
            continue
        reading = Reading(filename)
        record = _record({}, line.partition("#")[0], "", reading, line.partition("#")[2])
        faults += [LockFault("", fault.reason, number) for fault in reading.faults]
        if record is not None:
            found.append(record)
    if not marked:
        faults.insert(0, LockFault("", "has no line @EXPLICIT: it is no list of files", 1))
    if faults:
        raise InvalidLock(filename, tuple(faults))
    return tuple(found)


def _of_list(data: dict[str, Any], reading: Reading) -> CondaLock:
    """The list of conda-lock, and of the first versions of pixi.lock: an entry a record and platform."""
    metadata = reading.table(data.get("metadata"), "metadata")
    platforms = dict.fromkeys(
        each
        for each in reading.items(metadata.get("platforms"), "metadata.platforms")
        if isinstance(each, str)
    )
    rows: list[tuple[CondaRecord, str, str]] = []
    for number, entry in enumerate(reading.items(data.get("package"), "package")):
        path = f"package[{number}]"
        table = reading.table(entry, path)
        if table.get("manager") != "conda":
            continue
        url, platform = reading.text(table, "url", path), reading.text(table, "platform", path)
        hashes = reading.table(table.get("hash"), f"{path}.hash")
        needs = table.get("dependencies")
        if isinstance(needs, dict):
            needs = [f"{name} {spec or ''}".strip() for name, spec in needs.items()]
        shaped = {**table, **hashes, "depends": needs, "build": table.get("build")}
        record = _record(shaped, url, path, reading)
        if record is None or platform is None:
            continue
        platforms.setdefault(platform)
        categories = table.get("categories") or [table.get("category") or "main"]
        for category in categories if isinstance(categories, list) else ():
            rows.append((record, platform, "project" if category == "main" else f"group:{category}"))
    return _assembled(rows, platforms, ())


def _of_environments(data: dict[str, Any], reading: Reading) -> CondaLock:
    records: dict[str, CondaRecord] = {}
    broken: set[str] = set()
    for number, entry in enumerate(reading.items(data.get("packages"), "packages")):
        path = f"packages[{number}]"
        table = reading.table(entry, path)
        url = table.get("url") if table.get("kind") == "conda" else table.get("conda")
        if not isinstance(url, str) or "://" not in url:
            continue  # of an index, or built from sources of this project
        record = _record(table, url, path, reading)
        if record is not None:
            records[url] = record
        else:
            broken.add(url)
    from hutch.spec import normalize

    rows: list[tuple[CondaRecord, str, str]] = []
    platforms: dict[str, None] = {}
    channels: dict[str, dict[str, None]] = {}
    environments = reading.table(data.get("environments"), "environments")
    for name, value in environments.items():
        path = f"environments.{name}"
        environment = reading.table(value, path)
        for each in reading.items(environment.get("channels"), f"{path}.channels"):
            url = each.get("url") if isinstance(each, dict) else each
            if isinstance(url, str):
                channels.setdefault(name, {})[url.rstrip("/")] = None
        where = "project" if name == "default" else f"group:{normalize(name)}"
        lists = reading.table(environment.get("packages"), f"{path}.packages")
        for platform, listed in lists.items():
            platforms[platform] = None
            for number, one in enumerate(reading.items(listed, f"{path}.packages.{platform}")):
                at = f"{path}.packages.{platform}[{number}]"
                url = reading.table(one, at).get("conda")
                if not isinstance(url, str) or "://" not in url or url in broken:
                    continue
                if url not in records:
                    reading.fault(at, f"{url[:120]} is not among the packages")
                else:
                    rows.append((records[url], platform, where))
    virtual = _virtual(data)
    targets = {
        name: CondaTarget(name=name, subdir=subdir, virtual=virtual.get(name, ()))
        for name, subdir in {**{each: each for each in platforms}, **pixi_subdirs(data)}.items()
        if name in platforms
    }
    if _adds_up(rows):
        every = dict.fromkeys(each for found in channels.values() for each in found)
        return replace(_assembled(rows, platforms, every), targets=tuple(targets.values()))
    return _in_worlds(list(environments), rows, channels, targets)


def _virtual(data: dict[str, Any]) -> dict[str, tuple[tuple[str, str, str], ...]]:
    """The virtual packages that were assumed, by the names of platforms: ``__glibc=2.28=0``."""
    found = {}
    rows = data.get("platforms")
    for each in rows if isinstance(rows, list) else ():
        said = each.get("virtual-packages") if isinstance(each, dict) else None
        parts = [(*str(text).split("="), "0", "0")[:3] for text in said] if isinstance(said, list) else []
        kept = tuple((name, version or "0", build or "0") for name, version, build in parts)
        if isinstance(each, dict) and isinstance(each.get("name"), str):
            found[each["name"]] = tuple(row for row in kept if row[0].startswith("__"))
    return found


def _adds_up(rows: Iterable[tuple[CondaRecord, str, str]]) -> bool:
    """Whether every environment has what the default one has, and no other file of that name."""
    there: dict[str, dict[tuple[str, str], str]] = {"project": {}}
    platforms: dict[str, set[str]] = {}
    for record, platform, where in rows:
        there.setdefault(where, {})[platform, record.name] = record.url
        platforms.setdefault(where, set()).add(platform)
    return all(
        found.get(key) == url
        for where, found in there.items()
        for key, url in there["project"].items()
        if key[0] in platforms.get(where, ())
    )


def _in_worlds(
    names: Iterable[str],
    rows: Iterable[tuple[CondaRecord, str, str]],
    channels: Mapping[str, Mapping[str, None]],
    platforms: Mapping[str, CondaTarget],
) -> CondaLock:
    """Each environment as a world of its own, in which it is all that can be chosen."""
    from hutch.lock.conda_worlds import FIRST
    from hutch.spec import normalize

    worlds: dict[str, str] = {}
    for name in names:
        plain = str(normalize(name))
        worlds["project" if name == "default" else f"group:{plain}"] = FIRST if name == "default" else plain
    found: dict[str, tuple[CondaRecord, dict[str, None]]] = {}
    targets: dict[str, CondaTarget] = {}
    for record, platform, where in rows:
        world = worlds[where]
        target = platform if world == FIRST else f"{world}.{platform}"
        targets[target] = replace(platforms[platform], name=target, world=world)
        found.setdefault(record.url, (record, {}))[1][target] = None
    every = tuple(dict.fromkeys(each for known in channels.values() for each in known))
    noted = []
    for name, world in zip(names, worlds.values(), strict=True):
        own = tuple(channels.get(name, ()))
        said = own if own != every else ()
        noted.append(CondaWorld(name=world, wheres=("project",), channels=said))
    return CondaLock(
        channels=every,
        targets=tuple(targets.values()),
        packages=tuple(
            LockedConda(record=record, reached=(("project", tuple(sorted(names_of))),))
            for _, (record, names_of) in sorted(found.items(), key=lambda item: (item[1][0].name, item[0]))
        ),
        worlds=tuple(noted),
        environments=tuple(
            CondaEnvironment(name=name, world=world, wheres=("project",))
            for name, world in zip(names, worlds.values(), strict=True)
        ),
    )


def _assembled(
    rows: Iterable[tuple[CondaRecord, str, str]], platforms: Iterable[str], channels: Iterable[str]
) -> CondaLock:
    """One entry a file, with the platforms of each list; what the project has, a group does not add."""
    found: dict[str, tuple[CondaRecord, dict[str, dict[str, None]]]] = {}
    for record, platform, where in rows:
        wheres = found.setdefault(record.url, (record, {}))[1]
        wheres.setdefault(where, {})[platform] = None
    packages = []
    for record, wheres in found.values():
        own = wheres.get("project", {})
        reached = []
        for where, names in sorted(wheres.items()):
            kept = tuple(sorted(name for name in names if where == "project" or name not in own))
            if kept:
                reached.append((where, kept))
        packages.append(LockedConda(record=record, reached=tuple(reached)))
    packages.sort(key=lambda each: (each.record.name, each.record.url))
    known = tuple(channels) or tuple(dict.fromkeys(each.record.channel for each in packages))
    targets = tuple(CondaTarget(name=name, subdir=name) for name in platforms)
    return CondaLock(channels=known, targets=targets, packages=tuple(packages))


def _record(
    table: dict[str, Any], url: str | None, path: str, reading: Reading, digest: str = ""
) -> CondaRecord | None:
    """A record, by its address and what is said of it."""
    from hutch.errors import Problem
    from hutch.lock.conda_parse import record_fault
    from hutch.spec import parse_conda_spec, record_from_json

    if not url:
        reading.fault(path, "does not say where it is")
        return None
    if "://" not in url:
        reading.fault(path, f"{url[:120]} is no address of a package")
        return None
    try:
        spec = parse_conda_spec(url)
    except Problem as problem:
        reading.fault(path, f"{url[:120]} is no address of a package: {problem.why[0]}")
        return None
    before = len(reading.faults)
    if digest.startswith("sha256:"):
        table = {"sha256": digest.removeprefix("sha256:")}
    elif digest:
        table = {"sha256" if len(digest) == 64 else "md5": digest}
    for algorithm, digits in _DIGITS.items():
        value = table.get(algorithm)
        if value is not None and (
            not isinstance(value, str) or len(value) != digits or set(value.lower()) - set("0123456789abcdef")
        ):
            reading.fault(f"{path}.{algorithm}" if path else "", f"should have {digits} hexadecimal digits")
    head, _, filename = url.rpartition("/")
    channel, _, subdir = head.rpartition("/")
    said = {key: value for key, value in table.items() if value is not None}
    numbers = {
        key: int(said[key]) for key in ("size", "timestamp", "build_number") if str(said.get(key)).isdigit()
    }
    record = record_from_json(
        {
            **said,
            **numbers,
            "name": spec.name,
            "version": spec.version.removeprefix("=="),
            "build": spec.build,
            "subdir": subdir,
        },
        filename,
        channel=channel,
    )
    if record is None:
        reading.fault(path, "is no record of a package")
        return None
    if "build_number" not in numbers:
        last = record.build.rpartition("_")[2]
        record = replace(record, build_number=int(last) if last.isdigit() and len(last) < 10 else 0)
    for reason in record_fault(record):
        reading.fault(path, reason)
    return record if len(reading.faults) == before else None
