"""Whether a ``uv.lock`` answers its manifest, by uv's rule, as far as no network and no other file is needed.

uv writes into the lock what it was asked: of each project its requirements, groups, extras, version; of the
whole the members, constraints, overrides, dates, conflicts, environments. Markers are compared by what they
mean, not by their words, for uv writes them anew. Where a project computes its metadata, nothing is judged.
"""

from __future__ import annotations

from hutch.lock.foreign.uv_asked import (
    UNKNOWN,
    Asked,
    asked_of,
    asked_of_lock,
    same_markers,
    same_pythons,
    version_word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from hutch.project import Manifest, ProjectSettings
    from hutch.spec import Specifiers

__all__ = ["why"]


def why(
    data: Mapping[str, Any], manifest: Manifest, read: Callable[[str], str | None] | None = None
) -> str | None:
    """The first difference, in a sentence; None where there is none. ``read`` gives files from the lock."""
    projects = (
        tuple((part.name, part.path, part.manifest) for part in manifest.parts)
        if manifest.parts
        else ((_normal(manifest.name or ""), ".", manifest),)
    )
    root = projects[0][2]
    tables = _tables(data, "package") or _tables(data, "distribution")  # as the first versions had it
    packages = [each for each in tables if isinstance(each.get("name"), str)]
    told = _table(data, "manifest")
    revision = data["revision"] if isinstance(data.get("revision"), int) else 0
    pythons = tuple(dict.fromkeys(one for _, _, each in projects for one in each.requires_python))
    for reason in (
        _pythons(data, [each for _, _, each in projects]),
        _members(told, packages, projects),
        *(_project(packages, name, path, each, manifest, pythons, revision) for name, path, each in projects),
        _nameless(told, root),
        _adjusted(told, root.settings),
        _options(data, root),
        _conflicts(data, [(name, each) for name, _, each in projects]),
    ):
        if reason:
            return reason
    names = {name for name, _, _ in projects}
    beside = (each for each in packages if _is_local(each) and each["name"] not in names)
    return next(filter(None, (_beside(each, read, pythons) for each in beside)), None) if read else None


def _beside(locked: Mapping[str, Any], read: Callable[[str], str | None], pythons: Specifiers) -> str | None:
    """What the lock says of a project outside of the workspace, and what that says itself."""
    from hutch.errors import Problem
    from hutch.project import parse_manifest
    from hutch.values import replace

    source = _table(locked, "source")
    path = next((source[key] for key in ("editable", "directory", "virtual") if key in source), None)
    text = read(f"{path}/pyproject.toml") if isinstance(path, str) else None
    if text is None:
        return None
    try:
        own = parse_manifest(text, filename=f"{path}/pyproject.toml")
    except Problem:
        return None  # who builds it tells of that
    if own.name is None or own.dynamic & {"dependencies", "optional-dependencies"}:
        return None
    name = str(locked["name"])
    version = locked.get("version")
    if own.version is not None and _canonical(version) != _canonical(own.version):
        return f"it has {name} {version or 'without a version'}, and the version is now {own.version}"
    kept = asked_of_lock(_tables(_table(locked, "metadata"), "requires-dist"))
    asked = [replace(each, place="") for each in asked_of(own, name, own)["project"]]
    reason = _compared(asked, [replace(each, place="") for each in kept], pythons, "", name)
    return _of(reason, name, str(path)) if reason else None


def _pythons(data: Mapping[str, Any], manifests: list[Manifest]) -> str | None:
    from hutch.spec import render_specifiers

    said = [each.requires_python for each in manifests if each.name is not None and each.requires_python]
    text = data.get("requires-python")
    if not said or not isinstance(text, str):
        return None  # uv takes the Python at hand then
    asked = tuple(dict.fromkeys(one for each in said for one in each))
    if same_pythons(text, asked):
        return None
    # Of several lower bounds, as members have them, the highest counts.
    lower = sorted((each for each in asked if each[0] == ">="), key=lambda each: _order(each[1]))
    told = (*lower[-1:], *(each for each in asked if each[0] != ">="))
    return f"it is for Python {text}, and requires-python is now {render_specifiers(told)}"


def _order(version: str) -> Any:
    from hutch.spec import version_key

    return version_key(version)


def _members(
    told: Mapping[str, Any],
    packages: list[Mapping[str, Any]],
    projects: tuple[tuple[str, str, Manifest], ...],
) -> str | None:
    asked = {name for name, _, each in projects if each.name is not None}
    known = {_normal(each) for each in told.get("members", ()) if isinstance(each, str)}
    if not known:
        known = {
            str(each["name"])
            for each in packages
            if _table(each, "source").get("virtual") == "." or _table(each, "source").get("editable") == "."
        }
    if new := sorted(asked - known):
        return f"{', '.join(new)} is not in it" if len(new) == 1 else f"{', '.join(new)} are not in it"
    if gone := sorted(known - asked):
        return f"it has {', '.join(gone)}, which {'is' if len(gone) == 1 else 'are'} no longer there"
    return None


def _project(
    packages: list[Mapping[str, Any]],
    name: str,
    path: str,
    own: Manifest,
    whole: Manifest,
    pythons: Specifiers,
    revision: int,
) -> str | None:
    """What the lock says of one project, and what its manifest says."""
    if own.name is None:
        return None
    found = [each for each in packages if each["name"] == name and _is_local(each)]
    if not found:
        return f"{name} is not in it"
    locked = found[0]
    version = locked.get("version")
    if (
        own.version is not None
        and "version" not in own.dynamic
        and _canonical(version) != _canonical(own.version)
    ):
        return f"it has {name} {version or 'without a version'}, and the version is now {own.version}"
    if version is not None and "version" in own.dynamic:
        return f"it has {name} {version}, and the version is now computed"
    reason = _built(locked, own, is_alone=not whole.parts, knows_defaults=revision >= 5)
    if reason is not None:
        return _of(reason, name, path)
    if own.dynamic & {"dependencies", "optional-dependencies"}:
        return None
    metadata = _table(locked, "metadata")
    members = {part.name for part in whole.parts}
    asked = asked_of(own, name, whole)
    kept = asked_of_lock(_tables(metadata, "requires-dist"), members)
    if (reason := _compared(asked["project"], kept, pythons, "", name)) is not None:
        return _of(reason, name, path)
    groups = _table(metadata, "requires-dev") or _table(metadata, "dependency-groups")
    for group in sorted({*own.groups, *map(_normal, groups)}):
        if group not in own.groups:
            return _of(f"there is no group {group} any more", name, path)
        lists = [items for key, items in groups.items() if _normal(key) == group]
        if not lists:
            return _of(f"the group {group} is new", name, path)
        kept = asked_of_lock([each for items in lists for each in _list(items)])
        if (
            reason := _compared(asked[f"group:{group}"], kept, pythons, f" of the group {group}", name)
        ) is not None:
            return _of(reason, name, path)
    extras = metadata.get("provides-extras")
    if isinstance(extras, list) and {_normal(str(each)) for each in extras} != set(own.optional_dependencies):
        return _of("its extras have changed", name, path)
    return None


def _built(locked: Mapping[str, Any], own: Manifest, *, is_alone: bool, knows_defaults: bool) -> str | None:
    """Whether it is installed, and its default groups, which newer locks repeat."""
    is_virtual = "virtual" in _table(locked, "source")
    if is_virtual is own.is_package and (is_alone or is_virtual):
        return "it is a package now" if is_virtual else "it is no package any more"
    said, kept = (table.get("default-groups", ["dev"]) for table in (_settings(own), locked))
    both = [
        sorted(_normal(str(name)) for name in each) if isinstance(each, list) else each
        for each in (said, kept)
    ]
    if both[0] != both[1] and knows_defaults:
        return "its default groups have changed"
    return None


def _of(reason: str, name: str, path: str) -> str:
    return reason if path == "." else f"{reason} ({name})"


def _compared(
    asked: Iterable[Asked], kept: Iterable[Asked], pythons: Specifiers, where: str, own: str = ""
) -> str | None:
    """What is asked for and not in the lock, or the other way round; markers by what they mean."""
    mine, theirs = _by_key(asked), _by_key(kept)
    for key in (*mine, *(each for each in theirs if each not in mine)):
        if not same_markers(mine.get(key, []), theirs.get(key, []), pythons):
            name = key[0]
            now = [each.text for each in asked if each.name == name]
            then = [each.text for each in kept if each.name == name]
            if not then:
                return f"{now[0]}{where} is new"
            if not now:
                return f"{name}{where} is no longer asked for"
            return f"what is asked of {name}{where} has changed: {', '.join(now)}"
    for name in dict.fromkeys(each.name for each in asked):
        if name == own:
            continue  # its own extras: there is only one such project
        before = {each.place for each in kept if each.name == name and each.place}
        after = {each.place for each in asked if each.name == name and each.place}
        sure = {each.place for each in asked if each.name == name and each.place and each.is_sure}
        if UNKNOWN not in after and (not before <= after or not sure <= before):
            return f"where {name}{where} comes from has changed"
    return None


def _by_key(found: Iterable[Asked]) -> dict[tuple[Any, ...], list[Any]]:
    by_key: dict[tuple[Any, ...], list[Any]] = {}
    for each in found:
        by_key.setdefault(each.key, []).append(each.marker)
    return by_key


def _nameless(told: Mapping[str, Any], root: Manifest) -> str | None:
    """The groups of a manifest without a project."""
    if root.name is not None:
        return None
    groups = _table(told, "dependency-groups")
    asked = asked_of(root, "", root)
    for group in root.groups:
        lists = [items for key, items in groups.items() if _normal(key) == group]
        kept = asked_of_lock([each for items in lists for each in _list(items)])
        if (
            reason := _compared(asked[f"group:{group}"], kept, root.requires_python, f" of the group {group}")
        ) is not None:
            return reason
    return None


def _adjusted(told: Mapping[str, Any], settings: ProjectSettings) -> str | None:
    """Constraints, overrides, excludes and stated metadata."""
    for key, mine in (
        ("constraints", [one.requirement for one in settings.constraints]),
        ("build-constraints", [one.requirement for one in settings.build_constraints]),
        ("overrides", [one.declared.requirement for one in settings.overrides if one.parent is None]),
    ):
        asked = [Asked.of(each, "project") for each in mine]
        kept = asked_of_lock(_tables(told, key))
        if sorted(each.key for each in asked) != sorted(each.key for each in kept if not each.place):
            return f"the {key} have changed"
    excludes = {one.declared.requirement.name for one in settings.excludes if one.parent is None}
    if excludes != {_normal(each) for each in told.get("excludes", ()) if isinstance(each, str)}:
        return "the excluded packages have changed"
    stated = {(one.name, _canonical(one.version)) for one in settings.stated_metadata}
    locked = {
        (_normal(str(each.get("name"))), _canonical(each.get("version")))
        for each in _tables(told, "dependency-metadata")
    }
    return None if stated == locked else "the corrected metadata have changed"


def _options(data: Mapping[str, Any], root: Manifest) -> str | None:
    """How was solved: dates and modes."""
    options = _table(data, "options")
    settings = _settings(root)
    for key, usual in (
        ("resolution-mode", "highest"),
        ("prerelease-mode", "if-necessary-or-explicit"),
        ("fork-strategy", "requires-python"),
    ):
        mine = settings.get({"resolution-mode": "resolution", "prerelease-mode": "prerelease"}.get(key, key))
        if isinstance(mine, str) and mine != options.get(key, usual):
            return f"{key} was {options.get(key, usual)}, and is now {mine}"
    locked = options.get("exclude-newer-span", options.get("exclude-newer"))
    if _moment(root.settings.exclude_newer) != _moment(locked):
        return "exclude-newer has changed"
    newer = _table(options, "exclude-newer-package")
    spans = {
        _normal(key): each.get("span") if isinstance(each, dict) else each for key, each in newer.items()
    }
    asked = {key: _moment(each) for key, each in root.settings.newer_packages.items()}
    if asked != {key: _moment(each) for key, each in spans.items()}:
        return "exclude-newer-package has changed"
    for key, word in (("environments", "supported-markers"), ("required-environments", "required-markers")):
        if not _same_environments(settings.get(key), data.get(word), root):
            return f"the {key} have changed"
    return None


def _same_environments(asked: Any, kept: Any, root: Manifest) -> bool:
    """Two lists of markers, in whatever order."""
    from hutch.errors import Problem
    from hutch.spec import parse_marker

    sides = []
    for texts in (asked, kept):
        try:
            found = [texts] if isinstance(texts, str) else list(texts or ())
            sides.append([parse_marker(text) for text in found])
        except (Problem, TypeError, AttributeError):
            return True  # told elsewhere
    mine, theirs = sides
    return len(mine) == len(theirs) and all(
        any(same_markers([one], [other], root.requires_python) for other in theirs) for one in mine
    )


def _settings(root: Manifest) -> Mapping[str, Any]:
    found = root.tool.get("uv", {})
    return found if isinstance(found, dict) else {}


def _moment(value: Any) -> Any:
    """A date or a span as hutch writes it."""
    from hutch.project import parse_moment
    from hutch.project.dialects.uv_moments import moment_of

    return parse_moment(moment_of(value)) if value else None


def _conflicts(data: Mapping[str, Any], projects: list[tuple[str, Manifest]]) -> str | None:
    asked = {found for name, own in projects for found in _sets(_settings(own).get("conflicts"), name)}
    kept = set(_sets(data.get("conflicts"), ""))
    # uv writes besides what follows from groups that include others.
    more = {each for each in kept - asked if not any(where.startswith("group:") for _, where in each)}
    return "what excludes each other has changed" if asked - kept or more else None


def _sets(value: Any, name: str) -> Iterator[frozenset[tuple[str, str]]]:
    """Sets of (package, list), as a manifest or the lock writes them."""
    for members in value if isinstance(value, list) else ():
        if isinstance(members, list) and all(isinstance(each, dict) for each in members):
            yield frozenset(_member(each, name) for each in members)


def _member(table: Mapping[str, Any], name: str) -> tuple[str, str]:
    kind = next((each for each in ("extra", "group") if each in table), None)
    where = f"{kind}:{_normal(str(table[kind]))}" if kind else "project"
    return _normal(str(table.get("package", name))), where


# --- small shapes ---


def _table(parent: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = parent.get(key)
    return found if isinstance(found, dict) else {}


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _tables(parent: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return _list(parent.get(key))


def _is_local(package: Mapping[str, Any]) -> bool:
    return bool(_table(package, "source").keys() & {"virtual", "editable", "directory"})


def _normal(name: str) -> str:
    from hutch.spec import normalize

    return normalize(name) if name else ""


def _canonical(version: Any) -> str:
    return version_word(version) if isinstance(version, str) else ""
