"""``conda-lock.yml``: what pip installs of it, a list of exact files for each platform.

Spec: conda-lock's documentation and its models (version 1). Its ``content_hash`` is of conda's view of the
sources, channels and virtual packages included, which nobody can compute without conda: a lock counts as up
to date here where every requirement of the ``pip`` lists is met by what is locked.
"""

from __future__ import annotations

from hutch.lock.foreign.conda_parts import Reading, Wanted, assembled, load, unsatisfied

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.lock.lockfile import Lock
    from hutch.project import Manifest

__all__ = ["parse", "read_records", "staleness"]


def parse(text: str, filename: str, manifest: Manifest) -> Lock:
    """The Python part of the lock. Raises ``InvalidLock`` with all that is wrong."""
    data, reading = load(text, filename), Reading(filename)
    if data.get("version") != "1":
        from hutch.lock.problems import NewerLock

        if isinstance(data.get("version"), str):
            raise NewerLock(filename, "version", str(data["version"]), "1")
        reading.fault("version", "should be 1")
    wanted, platforms = read_records(data, reading)
    groups = {one.where.partition(":")[2] for one in wanted} - {""}
    return assembled(
        wanted,
        platforms,
        manifest,
        reading,
        created_by="conda-lock",
        groups=tuple(sorted(groups)),
        default_groups=tuple(groups & {"dev"}),  # conda-lock installs it unless it is told not to
    )


def read_records(data: dict[str, Any], reading: Reading) -> tuple[list[Wanted], tuple[str, ...]]:
    """The entries of ``package`` that pip installs, and the platforms; also of an old pixi.lock."""
    metadata = reading.table(data.get("metadata"), "metadata")
    platforms = tuple(each for each in reading.items(metadata.get("platforms"), "metadata.platforms") if each)
    wanted = []
    for number, record in enumerate(reading.items(data.get("package"), "package")):
        path = f"package[{number}]"
        table = reading.table(record, path)
        if table.get("manager") not in ("pip", "pypi"):
            continue
        platform = reading.text(table, "platform", path)
        hashes = reading.table(table.get("hash"), f"{path}.hash")
        needs = table.get("requires_dist")
        if needs is None:
            needs = _dependencies(table.get("dependencies"))
        shaped = {**table, **hashes, "requires_dist": needs}
        entry = reading.entry(shaped, reading.text(table, "url", path), path)
        if entry is None or platform is None:
            continue
        categories = table.get("categories") or [table.get("category") or "main"]
        for category in categories if isinstance(categories, list) else ():
            where = "project" if category == "main" else f"group:{category}"
            wanted.append(Wanted(entry=entry, platform=platform, where=where))
    found = dict.fromkeys((*map(str, platforms), *(one.platform for one in wanted)))
    return wanted, tuple(found)


def _dependencies(value: object) -> list[str]:
    """``dependencies`` of conda-lock, a table of names and versions, as requirements of which names count."""
    if isinstance(value, dict):
        return list(value)
    return [str(each).split()[0] for each in value if str(each).strip()] if isinstance(value, list) else []


def provided_names(data: dict[str, Any]) -> set[str]:
    """The names of the conda part."""
    packages = data.get("package")
    records = [each for each in packages if isinstance(each, dict)] if isinstance(packages, list) else []
    return {str(each.get("name")) for each in records if each.get("manager") == "conda"}


def staleness(text: str, manifest: Manifest, manifest_text: str) -> str | None:
    """Why the lock does not answer the manifest; None where it does."""
    from hutch.spec import normalize

    data, reading = load(text, "conda-lock.yml"), Reading("conda-lock.yml")
    wanted, platforms = read_records(data, reading)
    versions: dict[str, dict[str, set[str]]] = {}
    for one in wanted:
        names = versions.setdefault(one.where, {})
        names.setdefault(normalize(one.entry.name), set()).add(one.entry.version or "")
    missing = _platforms_missing(manifest, platforms)
    if missing:
        return f"the platform {missing} is asked for, and is not in conda-lock.yml"
    return unsatisfied(manifest, versions, provided_names(data), "conda-lock.yml")


def _platforms_missing(manifest: Manifest, platforms: tuple[str, ...]) -> str | None:
    """A platform that the manifest names by its target, and the lock is not for."""
    from hutch.project.dialects.conda_words import PLATFORMS

    by_target = {target: name for name, (target, _, _) in PLATFORMS.items()}
    asked = [by_target[word] for word in manifest.settings.targets or () if word in by_target]
    return next((name for name in asked if name not in platforms), None)
