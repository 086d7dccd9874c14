"""When a lock of PDM is out of date, by PDM's own rule.

That is a digest of what the ``pyproject.toml`` asks for, or, where ``resolution.lock_inputs`` is on, the
inputs themselves, written into the lock: then versions that still satisfy changed specifiers are fresh.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.project import Manifest

__all__ = ["content_hash", "why"]

_CHANGED = "pyproject.toml has changed since pdm.lock was made (their digests differ)"


def why(data: Mapping[str, Any], manifest: Manifest, manifest_text: str) -> str | None:
    """Why the lock ``data`` does not answer the manifest; None where it does."""
    metadata = data["metadata"]
    digest = str(metadata.get("content_hash", ""))
    return judge(metadata, digest, data.get("package"), manifest, manifest_text)


def judge(
    said: Mapping[str, Any], digest: str, packages: object, manifest: Manifest, manifest_text: str
) -> str | None:
    """As ``why``, of any of PDM's formats; ``said`` may have ``lock_inputs``."""
    from hutch.project.toml_text import read_toml

    document = read_toml(manifest_text)
    settings = _table(document, "tool", "pdm")
    if "lock_inputs" in said:
        return _inputs_differ(said["lock_inputs"], manifest) or _unsatisfied(packages, manifest)
    if _table(settings, "resolution").get("lock_inputs") is True:
        return "[tool.pdm.resolution] wants lock_inputs, and the lock has none"
    algorithm, _, value = digest.partition(":")
    if not value:
        return "the lock does not say which pyproject.toml it was made for"
    if manifest.parts:  # the digest is then over the texts of all members, which are not at hand
        return _unsatisfied(packages, manifest) or _absent(packages, manifest, said)
    return None if content_hash(document, algorithm) == value else _CHANGED


def content_hash(document: Mapping[str, Any], algorithm: str = "sha256") -> str | None:
    """PDM's digest of a ``pyproject.toml``; None for an algorithm that nobody has."""
    import hashlib
    import json

    project, settings = _table(document, "project"), _table(document, "tool", "pdm")
    data = {
        "sources": settings.get("source", []),
        "dependencies": project.get("dependencies", []),
        "dev-dependencies": _development(document, settings),
        "optional-dependencies": project.get("optional-dependencies", {}),
        "requires-python": project.get("requires-python", ""),
        "resolution": settings.get("resolution", {}),
    }
    try:
        digest = hashlib.new(algorithm)
    except ValueError:
        return None
    digest.update(json.dumps(data, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def _development(document: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, list[Any]]:
    from hutch.spec import normalize

    groups: dict[str, list[Any]] = {}
    for table in (_table(document, "dependency-groups"), _table(settings, "dev-dependencies")):
        for name, items in table.items():
            if isinstance(items, list):
                groups.setdefault(normalize(name), []).extend(items)
    return groups


def _inputs_differ(inputs: object, manifest: Manifest) -> str | None:
    """What of ``lock_inputs`` can be compared without running PDM: names, extras, markers, Pythons."""
    from hutch.spec import normalize, parse_requirement, parse_specifiers

    project = _table(inputs if isinstance(inputs, dict) else {}, "project")
    groups = project.get("groups")
    if not isinstance(groups, dict):
        return "lock_inputs of the lock is not as PDM writes it"
    asked: dict[str, list[tuple[Any, ...]]] = {"default": []}
    for where, declared in manifest.requirements().items():
        name = "default" if where == "project" else where.partition(":")[2]
        asked[name] = [
            (one.requirement.name, one.requirement.extras, one.requirement.marker) for one in declared
        ]
    if {normalize(name) for name in groups} != set(asked):
        return "the groups of pyproject.toml are others than those of lock_inputs in the lock"
    own = normalize(manifest.name) if manifest.name else ""
    for name, lines in groups.items():
        if not isinstance(lines, list) or any("url-sha256:" in str(line) for line in lines):
            continue  # what comes from a path or a repository is only there as a digest of PDM's own
        found = [parse_requirement(str(line)) for line in lines]
        locked = {(one.name, one.extras, one.marker) for one in found}
        wanted = {each for each in asked[normalize(name)] if each[0] != own}
        if not wanted <= locked or (len(wanted) == len(asked[normalize(name)]) and wanted != locked):
            return f"the group {name} asks for other packages than lock_inputs in the lock"
    said = str(project.get("requires-python", ""))
    if "|" not in said and set(parse_specifiers(said)) != set(manifest.requires_python):
        return "requires-python has changed since the lock was made"
    return None


def _unsatisfied(packages: object, manifest: Manifest) -> str | None:
    """With ``lock_inputs`` a changed specifier is stale only where no locked version satisfies it."""
    from hutch.spec import admits, normalize

    versions: dict[str, list[str]] = {}
    for one in packages if isinstance(packages, list) else ():
        if isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("version"), str):
            versions.setdefault(normalize(one["name"]), []).append(one["version"])
    overridden = {one.declared.requirement.name for one in manifest.settings.overrides}
    for declared in manifest.requirements().values():
        for one in declared:
            requirement = one.requirement
            found = versions.get(requirement.name, [])
            if not requirement.specifiers or requirement.name in overridden or not found:
                continue
            if not any(admits(requirement.specifiers, version) for version in found):
                return f"{one.place} asks for {one.text}, and the lock has {', '.join(sorted(set(found)))}"
    return None


def _absent(packages: object, manifest: Manifest, said: Mapping[str, Any]) -> str | None:
    """What the lists that were locked ask for and the lock does not have."""
    from hutch.lock.foreign.pdm_roots import roots_of_project
    from hutch.spec import normalize

    there = {
        normalize(one["name"])
        for one in (packages if isinstance(packages, list) else ())
        if isinstance(one, dict) and isinstance(one.get("name"), str)
    }
    there |= {one.declared.requirement.name for one in manifest.settings.excludes}
    names = said.get("groups")
    locked = frozenset(map(str, names)) if isinstance(names, list) else None
    for edge in roots_of_project(manifest, locked):
        if edge.marker is None and edge.name not in there:
            return f"the project asks for {edge.name}, and the lock does not have it"
    return None


def _table(data: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    found: Any = data
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
