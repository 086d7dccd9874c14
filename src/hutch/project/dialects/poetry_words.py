"""A requirement in Poetry's words: ``"^1.2"``, or a table with a version, extras, markers and a place."""

from __future__ import annotations

from hutch.project.dialects.poetry_constraints import caret
from hutch.project.dialects.poetry_entries import ANY_PRERELEASE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.settings import Source
    from hutch.spec import NormalizedName, Requirement, Specifiers

__all__ = ["entry_text", "entry_value", "key_of", "source_keys", "version_text"]

_PLACES = ("git", "path", "file", "url", "branch", "tag", "rev", "subdirectory", "develop", "source")
_ORDER = (
    *("version", "git", "branch", "tag", "rev", "path", "file", "url", "subdirectory", "develop"),
    *("extras", "python", "platform", "markers", "optional", "source", "allow-prereleases"),
)


def key_of(table: dict[str, Any], name: NormalizedName) -> str | None:
    """The key of ``name``, as the table spells it."""
    from hutch.spec import normalize

    return next((key for key in table if normalize(key) == name), None)


def version_text(specifiers: Specifiers) -> str:
    """``^1.2.3`` for what that means, ``*`` for any version, else the specifiers."""
    from hutch.spec import admitted_intervals, render_specifiers

    said = tuple(each for each in specifiers if each != ANY_PRERELEASE)
    if not said:
        return "*"
    is_range = [operator for operator, _ in said] == [">=", "<"]
    if is_range and admitted_intervals(said) == admitted_intervals(caret(said[0][1])):
        return f"^{said[0][1]}"
    if len(said) == 1 and said[0][0] in ("==", "===") and not said[0][1].endswith(".*"):
        return said[0][1]
    return render_specifiers(said)


def entry_value(requirement: Requirement, *, optional: bool = False, before: Any = None) -> Any:
    """What stands for ``requirement`` in a table of dependencies: a string where that will do.

    Of ``before``, the entry that it replaces, stays what the new one does not say.
    """
    from hutch.spec import render_marker

    kept: dict[str, Any] = dict(before) if isinstance(before, dict) else {}
    value = dict(kept)
    if requirement.url is not None:
        for key in ("version", *_PLACES):
            value.pop(key, None)
        value |= _url_keys(requirement.url)
    elif not any(key in kept for key in ("git", "path", "file", "url")) or requirement.specifiers:
        for key in _PLACES:
            if key != "source":
                value.pop(key, None)
        value["version"] = version_text(requirement.specifiers)
    if ANY_PRERELEASE in requirement.specifiers:
        value["allow-prereleases"] = True
    if requirement.extras:
        value["extras"] = list(requirement.extras)
    if requirement.marker is not None and not _same_marker(kept, requirement):
        for key in ("python", "platform"):
            value.pop(key, None)
        value["markers"] = render_marker(requirement.marker)
    if optional:
        value["optional"] = True
    if not isinstance(before, dict) and set(value) == {"version"}:
        return value["version"]
    return value


def _same_marker(kept: dict[str, Any], requirement: Requirement) -> bool:
    """Does the entry say the marker already, perhaps as ``python`` or ``platform``?"""
    from hutch.errors import Problem
    from hutch.project.dialects.poetry_constraints import InvalidConstraint, platform_marker, python_marker
    from hutch.spec import and_, parse_marker

    try:
        found = and_(
            parse_marker(kept["markers"]) if kept.get("markers") else None,
            python_marker(kept["python"]) if kept.get("python") else None,
            platform_marker(kept["platform"]) if kept.get("platform") else None,
        )
    except (Problem, InvalidConstraint):
        return False
    return found == requirement.marker


def _url_keys(url: str) -> dict[str, str]:
    """``git+https://…@v1#subdirectory=lib``, ``file:///…`` or the address of an archive, in Poetry's keys."""
    place, _, fragment = url.partition("#")
    parts = dict(each.partition("=")[::2] for each in fragment.split("&") if each)
    found: dict[str, str] = {}
    if place.startswith("git+"):
        place = place.removeprefix("git+")
        scheme, mark, rest = place.partition("://")
        at = rest.rfind("@")
        if at > rest.find("/") >= 0:
            found = {"git": f"{scheme}{mark}{rest[:at]}", "rev": rest[at + 1 :]}
        else:
            found = {"git": place}
    elif place.startswith("file://"):
        from urllib.parse import unquote

        found = {"path": unquote(place.removeprefix("file://"))}
    else:
        found = {"url": place}
    if "subdirectory" in parts:
        found["subdirectory"] = parts["subdirectory"]
    return found


def source_keys(old: Any, sources: tuple[Source, ...], filename: str, *, alone: bool) -> Any:
    """The entry ``old`` with these sources; ``alone``: the requirement itself stands in ``[project]``."""
    base: dict[str, Any] = (
        {"version": old} if isinstance(old, str) else dict(old) if isinstance(old, dict) else {}
    )
    found = [_with_source(base, source, filename, alone=alone) for source in sources]
    return found[0] if len(found) == 1 else found


def _with_source(base: dict[str, Any], source: Source, filename: str, *, alone: bool) -> dict[str, Any]:
    from hutch.project.faults import CannotEdit

    if source.kind == "workspace" or (source.where is not None):
        what = (
            "members of a workspace" if source.kind == "workspace" else "a place for one extra or group alone"
        )
        raise CannotEdit(
            filename,
            "say that in",
            f"Poetry has no words for {what}",
            "hutch import makes it a project of hutch",
        )
    value = {key: item for key, item in base.items() if key not in _PLACES}
    if source.kind == "index":
        if not alone:
            value.setdefault("version", "*")
        value["source"] = source.location
    else:
        value.pop("version", None)
        value[source.kind] = source.location
        if source.revision_kind and source.revision:
            value[source.revision_kind] = source.revision
        if source.subdirectory:
            value["subdirectory"] = source.subdirectory
        if source.editable:
            value["develop"] = True
    if source.marker is not None:
        value["markers"] = source.marker
    return {
        key: value[key] for key in sorted(value, key=lambda key: _ORDER.index(key) if key in _ORDER else 99)
    }


def entry_text(value: Any, newline: str = "\n") -> str:
    """The TOML text of an entry; an array of tables has a line for each."""
    from hutch.project.splice import list_of_lines, quote

    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {entry_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        if any(isinstance(each, dict) for each in value):
            return list_of_lines(tuple(entry_text(each) for each in value), newline)
        return "[" + ", ".join(entry_text(each) for each in value) + "]"
    return str(value)
