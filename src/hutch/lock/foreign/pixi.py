"""``pixi.lock``: what of it comes from Python indexes, in all versions of the format that there are (1 to 7).

From version 4 on there is a list for each environment and platform, and a table of what the lists name. An
environment of pixi is the dependencies of the project, and those of the group that has its name
(``project.dialects.pixi``). Before that there was one environment, and the form was conda-lock's.
"""

from __future__ import annotations

from hutch.lock.foreign.conda_lock import provided_names, read_records
from hutch.lock.foreign.conda_parts import (
    Entry,
    Reading,
    Wanted,
    assembled,
    load,
    pixi_subdirs,
    unsatisfied,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.lock.lockfile import Lock
    from hutch.project import Manifest

__all__ = ["parse", "staleness"]

NEWEST = 7


def parse(text: str, filename: str, manifest: Manifest) -> Lock:
    """The Python part of the lock. Raises ``InvalidLock`` with all that is wrong."""
    data, reading = load(text, filename), Reading(filename)
    wanted, platforms = _read(data, filename, manifest, reading)
    return assembled(wanted, platforms, manifest, reading, created_by="pixi")


def _read(
    data: dict[str, Any], filename: str, manifest: Manifest, reading: Reading
) -> tuple[list[Wanted], tuple[str, ...]]:
    version = data.get("version")
    if not isinstance(version, str) or not version.isdigit():
        reading.fault("version", f"should be a number from 1 to {NEWEST}")
        reading.raise_any()
    if int(str(version)) > NEWEST:
        from hutch.lock.problems import NewerLock

        raise NewerLock(filename, "version", str(version), str(NEWEST))
    if int(str(version)) < 4:
        return read_records(data, reading)
    entries = _entries(data, reading)
    environments = reading.table(data.get("environments"), "environments")
    wanted: list[Wanted] = []
    platforms: dict[str, None] = {}
    subdirs = pixi_subdirs(data)
    for name, value in environments.items():
        path = f"environments.{name}"
        lists = reading.table(reading.table(value, path).get("packages"), f"{path}.packages")
        platforms.update(dict.fromkeys(subdirs.get(str(each), str(each)) for each in lists))
        where = _where(name, manifest)
        if where is None:
            continue
        for platform, listed in lists.items():
            at = f"{path}.packages.{platform}"
            for number, one in enumerate(reading.items(listed, at)):
                found = _wanted(
                    one, f"{at}[{number}]", entries, subdirs.get(platform, platform), where, reading
                )
                if found is not None:
                    wanted.append(found)
    return wanted, tuple(platforms)


def _where(environment: str, manifest: Manifest) -> str | None:
    """The list that an environment stands for; None for one that has nothing of Python in the manifest."""
    from hutch.spec import normalize

    if environment == "default":
        return "project"
    name = normalize(environment)
    return f"group:{name}" if name in manifest.groups else None


def _entries(data: dict[str, Any], reading: Reading) -> dict[str, Entry]:
    """What the lists name, by the place that they name it by."""
    found: dict[str, Entry] = {}
    for number, record in enumerate(reading.items(data.get("packages"), "packages")):
        path = f"packages[{number}]"
        table = reading.table(record, path)
        if "kind" in table:  # versions 4 and 5
            place = table.get("url") or table.get("path") if table["kind"] == "pypi" else None
        else:
            place = table.get("pypi")
        if place is None:
            continue
        entry = reading.entry(table, place if isinstance(place, str) else None, path)
        if entry is not None:
            found[entry.place] = entry
    return found


def _wanted(
    one: Any, path: str, entries: dict[str, Entry], platform: str, where: str, reading: Reading
) -> Wanted | None:
    table = reading.table(one, path)
    place = table.get("pypi")
    if not isinstance(place, str):
        return None
    entry = entries.get(place)
    if entry is None:
        if not reading.faults:  # else it may be one of those
            reading.fault(path, f"{place[:120]} is not among the packages")
        return None
    extras = tuple(str(each) for each in reading.items(table.get("extras"), f"{path}.extras"))
    return Wanted(entry=entry, platform=platform, where=where, extras=extras)


def staleness(text: str, manifest: Manifest, manifest_text: str) -> str | None:
    """Why the lock does not answer the manifest, as pixi has it: is each requirement met?"""
    from hutch.spec import normalize

    data, reading = load(text, "pixi.lock"), Reading("pixi.lock")
    wanted, platforms = _read(data, "pixi.lock", manifest, reading)
    for platform in _asked(manifest, manifest_text):
        if platform not in platforms:
            return f"the platform {platform} is asked for, and is not in pixi.lock"
    versions: dict[str, dict[str, set[str]]] = {}
    for one in wanted:
        names = versions.setdefault(one.where, {})
        names.setdefault(normalize(one.entry.name), set()).add(one.entry.version or "")
    return unsatisfied(manifest, versions, _provided(data), "pixi.lock")


def _provided(data: dict[str, Any]) -> set[str]:
    """The names of the conda part: in the file names, where there is nothing else."""
    found = provided_names(data)
    packages = data.get("packages")
    for record in packages if isinstance(packages, list) else ():
        if not isinstance(record, dict):
            continue
        if record.get("kind") == "conda":
            found.add(str(record.get("name")))
        elif isinstance(record.get("conda"), str):
            filename = record["conda"].rpartition("/")[2]
            found.add(str(record.get("name") or "-".join(filename.split("-")[:-2])))
    return found


def _asked(manifest: Manifest, manifest_text: str) -> list[str]:
    """The platforms of the workspace."""
    from hutch.project.toml_text import read_toml

    try:
        data: Any = read_toml(manifest_text)
    except ValueError:
        return []
    tool = data.get("tool")
    if isinstance(tool, dict) and isinstance(tool.get("pixi"), dict):
        data = tool["pixi"]
    table = data.get("workspace") or data.get("project")
    found = table.get("platforms") if isinstance(table, dict) else None
    names = [
        one.get("platform", one.get("name")) if isinstance(one, dict) else one for one in found or () if one
    ]
    return [name for name in names if isinstance(name, str)]
