"""Edits of what pixi installs from Python indexes: ``[pypi-dependencies]``, of the workspace or of a feature.

In a ``pyproject.toml`` with a ``[project]`` pixi reads the standard tables as well, and those are edited.
As in ``project.edit`` an edit is a splice, and its result is read again and compared with what was meant.
"""

from __future__ import annotations

import copy

from hutch.project import edit
from hutch.project.edit import NotDeclared, checked
from hutch.project.faults import CannotEdit
from hutch.project.keys import create_value, remove_key, replace_value, value_at
from hutch.project.loading import load_toml
from hutch.project.spans import scan
from hutch.project.toml_write import value_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.settings import Source
    from hutch.spec import Requirement

__all__ = ["add_requirement", "remove_requirement", "remove_source", "set_sources"]

_PLACES = ("git", "rev", "tag", "branch", "subdirectory", "path", "editable", "url", "index")


def add_requirement(text: str, requirement: Requirement, where: str, *, filename: str = "pixi.toml") -> str:
    """Put ``requirement`` into the table that ``where`` means; what is not said anew stays."""
    data = load_toml(text, filename)
    path = _path(data, where, filename)
    if path is None:
        return edit.add_requirement(text, requirement, where, filename=filename)
    content = value_at(data, path) or {}
    key = _key(content, requirement.name)
    old = content.get(key) if key is not None else None
    value = _value(requirement, old)
    return _set(text, data, (*path, key or str(requirement.name)), value, old is not None)


def remove_requirement(text: str, name: str, where: str, *, filename: str = "pixi.toml") -> str:
    """Take ``name`` out of the table that ``where`` means. Raises ``NotDeclared``."""
    from hutch.spec import normalize

    data = load_toml(text, filename)
    path = _path(data, where, filename)
    if path is None:
        return edit.remove_requirement(text, name, where, filename=filename)
    content = value_at(data, path) or {}
    key = _key(content, normalize(name))
    if key is None:
        import difflib

        near = difflib.get_close_matches(normalize(name), [normalize(each) for each in content], n=1)
        raise NotDeclared(name, where, near=tuple(near))
    expected = copy.deepcopy(data)
    del value_at(expected, path)[key]
    # An environment may name the feature: it has to stay, if with nothing in it.
    is_last = path[-3:-2] == ("feature",) and len(content) == len(value_at(data, path[:-1])) == 1
    changed = remove_key(scan(text), (*path, key), keep_section=is_last)
    return checked(changed, expected, loosely=True)


def set_sources(text: str, name: str, sources: tuple[Source, ...], *, filename: str = "pixi.toml") -> str:
    """Say where ``name`` comes from, wherever pixi's tables have it; else in hutch's own words."""
    data = load_toml(text, filename)
    found = _everywhere(data, name)
    if not found:
        return edit.set_sources(text, name, sources, filename=filename)
    if (
        len(sources) != 1
        or sources[0].marker
        or sources[0].where
        or sources[0].kind in ("index", "workspace")
    ):
        why = "pixi takes one place for a package: git, path or url"
        raise CannotEdit(filename, "put that into", why, "hutch import makes a pyproject.toml of it")
    source = sources[0]
    place: dict[str, Any] = {source.kind: source.location}
    if source.revision_kind and source.revision:
        place[source.revision_kind] = source.revision
    if source.subdirectory:
        place["subdirectory"] = source.subdirectory
    if source.editable:
        place["editable"] = True
    for path in found:
        old = value_at(data, path)
        kept = (
            {key: old[key] for key in old if key not in (*_PLACES, "version")}
            if isinstance(old, dict)
            else {}
        )
        text = _set(text, data, path, {**place, **kept}, True)
        data = load_toml(text, filename)
    return text


def remove_source(text: str, name: str, *, filename: str = "pixi.toml") -> str:
    """Say nothing of where ``name`` comes from; the same text when nothing is said."""
    data = load_toml(text, filename)
    for path in _everywhere(data, name):
        old = value_at(data, path)
        if isinstance(old, dict) and set(old) & set(_PLACES):
            kept = {key: old[key] for key in old if key not in _PLACES}
            kept.setdefault("version", "*")
            text = _set(text, data, path, kept if len(kept) > 1 else kept["version"], True)
            data = load_toml(text, filename)
    return edit.remove_source(text, name, filename=filename)


# --- which table ---


def _base(data: dict[str, Any], filename: str) -> tuple[str, ...]:
    return () if filename.endswith("pixi.toml") else ("tool", "pixi")


def _path(data: dict[str, Any], where: str, filename: str) -> tuple[str, ...] | None:
    """The table of pixi that ``where`` means; None where one of the standard tables does."""
    from hutch.spec import normalize

    kind, _, name = where.partition(":")
    base = _base(data, filename)
    beside = bool(base) and "project" in data
    if kind == "extra":
        if beside:
            return None
        hint = (f"use --group {name}", "hutch import makes a pyproject.toml of it")
        raise CannotEdit(filename, "put that into", "pixi has features and no extras", hint)
    if kind == "project":
        return None if beside else (*base, "pypi-dependencies")
    if beside and normalize(name) == "pixi":
        return (*base, "pypi-dependencies")
    groups = data.get("dependency-groups")
    if isinstance(groups, dict) and any(normalize(each) == normalize(name) for each in groups):
        return None
    features = value_at(data, (*base, "feature")) or {}
    spelled = next((each for each in features if normalize(each) == normalize(name)), None)
    if spelled is None and beside:
        return None
    return (*base, "feature", spelled or name, "pypi-dependencies")


def _everywhere(data: dict[str, Any], name: str) -> list[tuple[str, ...]]:
    """Where pixi's tables have the package."""
    from hutch.spec import normalize

    tool = data.get("tool")
    base: tuple[str, ...] = ("tool", "pixi") if isinstance(tool, dict) and "pixi" in tool else ()
    features = value_at(data, (*base, "feature"))
    tables = [(*base, "pypi-dependencies")]
    tables += [(*base, "feature", each, "pypi-dependencies") for each in features or ()]
    found = []
    for path in tables:
        content = value_at(data, path)
        if isinstance(content, dict) and (key := _key(content, normalize(name))) is not None:
            found.append((*path, key))
    return found


def _key(content: dict[str, Any], name: str) -> str | None:
    from hutch.spec import normalize

    return next((key for key in content if normalize(key) == name), None)


# --- values ---


def _value(requirement: Requirement, old: object) -> Any:
    """How pixi writes a requirement: a version, or a table that keeps what is not said anew."""
    from hutch.spec import render_marker, render_specifiers

    version = render_specifiers(requirement.specifiers) or "*"
    table: dict[str, Any] = dict(old) if isinstance(old, dict) else {}
    if requirement.specifiers or not set(table) & {"git", "path", "url"}:
        table = {"version": version, **{key: table[key] for key in table if key != "version"}}
    if requirement.extras:
        table["extras"] = list(requirement.extras)
    if requirement.marker is not None:
        table["env-markers"] = render_marker(requirement.marker)
    return table["version"] if list(table) == ["version"] else table


def _set(text: str, data: dict[str, Any], path: tuple[str, ...], value: Any, there: bool) -> str:
    expected = copy.deepcopy(data)
    table: Any = expected
    for part in path[:-1]:
        table = table.setdefault(part, {})
    table[path[-1]] = value
    document, shown = scan(text), value_text(value, lines=False)
    if not there:
        return checked(create_value(document, path, shown), expected)
    span = document.spans.get(path)
    if span is not None and span.kind in ("string", "inline"):
        return checked(replace_value(document, path, shown), expected)
    return checked(create_value(scan(remove_key(document, path)), path, shown), expected)
