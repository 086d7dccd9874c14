"""Edits of a ``Pipfile``: packages in and out, in Pipenv's syntax.

As in ``project.edit`` an edit is a splice, and its result is read again and compared with what was meant.
"""

from __future__ import annotations

import copy

from hutch.project.edit import AmbiguousEdit, NotDeclared, checked
from hutch.project.faults import CannotEdit
from hutch.project.keys import create_value, remove_key, replace_value
from hutch.project.loading import load_toml
from hutch.project.spans import scan
from hutch.project.splice import line_start, newline_of, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.settings import Source
    from hutch.spec import Requirement

__all__ = ["add_requirement", "remove_requirement", "remove_source", "set_sources"]

_PLACES = ("git", "hg", "svn", "bzr", "ref", "subdirectory", "path", "file", "editable")


def add_requirement(text: str, requirement: Requirement, where: str, *, filename: str = "Pipfile") -> str:
    """Put ``requirement`` into the category ``where``; an entry of its name keeps what is not said anew."""
    data = load_toml(text, filename)
    table = _table(data, where, filename)
    content = data.get(table, {})
    key = _key_of(content, requirement.name, where)
    value = _value(requirement, content.get(key) if key is not None else None)
    if key is not None:
        return _set(text, (table, key), content[key], value, data)
    expected = copy.deepcopy(data)
    expected.setdefault(table, {})[requirement.name] = value
    return checked(_insert(text, table, content, requirement.name, _shown(value)), expected)


def remove_requirement(text: str, name: str, where: str, *, filename: str = "Pipfile") -> str:
    """Take ``name`` out of the category ``where``. Raises ``NotDeclared``. The table stays."""
    from hutch.spec import normalize

    data = load_toml(text, filename)
    table = _table(data, where, filename)
    content = data.get(table, {})
    found = [key for key in content if _normal(key) == normalize(name)]
    if not found:
        import difflib

        also = tuple(
            _where(other)
            for other in _tables(data)
            if other != table and any(_normal(key) == normalize(name) for key in data[other])
        )
        near = difflib.get_close_matches(normalize(name), [_normal(key) for key in content], n=1)
        raise NotDeclared(name, where, also=also, near=tuple(near))
    expected = copy.deepcopy(data)
    for key in found:
        del expected[table][key]
        text = _keeping_header(text, table, key)
    return checked(text, expected)


def set_sources(text: str, name: str, sources: tuple[Source, ...], *, filename: str = "Pipfile") -> str:
    """Say where ``name`` comes from, in each category that has it."""
    from hutch.spec import normalize

    if len(sources) != 1 or sources[0].marker or sources[0].where:
        why = "a package of a Pipfile comes from one place"
        raise CannotEdit(filename, "say in", why, "hutch import makes a pyproject.toml of it")
    data = load_toml(text, filename)
    for table in _tables(data):
        for key in [key for key in data[table] if _normal(key) == normalize(name)]:
            old = data[table][key]
            new = {"version": old} if not isinstance(old, dict) else dict(old)
            new = {each: new[each] for each in new if each not in (*_PLACES, "index")}
            if sources[0].kind != "index":
                new.pop("version", None)
            new |= _pairs(sources[0], data, filename)
            text = _set(text, (table, key), old, new, data)
            data = load_toml(text, filename)
    return text


def remove_source(text: str, name: str, *, filename: str = "Pipfile") -> str:
    """Say nothing of where ``name`` comes from; the same text when nothing is said."""
    from hutch.spec import normalize

    data = load_toml(text, filename)
    for table in _tables(data):
        for key in [key for key in data[table] if _normal(key) == normalize(name)]:
            old = data[table][key]
            if not isinstance(old, dict) or not set(old) & {*_PLACES, "index"}:
                continue
            new = {each: old[each] for each in old if each not in (*_PLACES, "index")}
            text = _set(text, (table, key), old, new or "*", data)
            data = load_toml(text, filename)
    return text


# --- which table, which entry ---


def _table(data: dict[str, Any], where: str, filename: str) -> str:
    """The table that ``where`` means, by the spelling that the file has."""
    from hutch.project.dialects.pipfile import group_name, tables_of
    from hutch.spec import normalize

    kind, _, name = where.partition(":")
    if kind == "extra":
        why = "a Pipfile has categories and no extras"
        hint = (f"use --group {name}", "hutch import makes a pyproject.toml of it")
        raise CannotEdit(filename, "say in", why, hint)
    if kind == "project":
        return "packages"
    if normalize(name) == "dev":
        return "dev-packages"
    for table in tables_of(data):
        if normalize(group_name(table)) == normalize(name):
            return table
    return name


def _tables(data: dict[str, Any]) -> list[str]:
    from hutch.project.dialects.pipfile import tables_of

    return [table for table in tables_of(data) if isinstance(data[table], dict)]


def _where(table: str) -> str:
    from hutch.project.dialects.pipfile import group_name, group_of

    group = group_of(table)
    return "project" if group is None else f"group:{group_name(group)}"


def _normal(key: str) -> str:
    from hutch.spec import normalize

    return normalize(key.partition("[")[0].strip())


def _key_of(content: dict[str, Any], name: str, where: str) -> str | None:
    found = [key for key in content if _normal(key) == name]
    if len(found) > 1:
        raise AmbiguousEdit(name, where, tuple(found))
    return found[0] if found else None


# --- values ---


def _value(requirement: Requirement, old: object) -> Any:
    """The entry for ``requirement``, in the place of ``old`` if there is one."""
    from hutch.project.dialects.pipfile_entry import MARKER_NAMES
    from hutch.spec import render_marker

    specifiers = ",".join(operator + version for operator, version in requirement.specifiers) or "*"
    said: dict[str, Any] = {}
    if requirement.url is not None:
        said |= _from_url(requirement.url)
    else:
        said["version"] = specifiers
    if requirement.extras:
        said["extras"] = list(requirement.extras)
    if requirement.marker is not None:
        said["markers"] = render_marker(requirement.marker)
    if not isinstance(old, dict):
        return said["version"] if list(said) == ["version"] else said
    gone = set(_PLACES) | {"version"} if requirement.url is not None else {"version"}
    if requirement.marker is not None:
        gone |= {"markers", "os_markers", *MARKER_NAMES}
    if requirement.url is None and set(old) & {"git", "path", "file"}:
        said.pop("version")  # where it comes from says which version it is
    kept = {key: value for key, value in old.items() if key not in gone or key in said}
    return {**kept, **said}


def _from_url(url: str) -> dict[str, Any]:
    address, _, fragment = url.partition("#")
    parts = dict(part.partition("=")[::2] for part in fragment.split("&"))
    if not address.startswith("git+"):
        return {"file": url}
    address = address[4:]
    head, at, tail = address.rpartition("@")
    found: dict[str, Any] = {"git": head, "ref": tail} if at and "/" not in tail else {"git": address}
    if parts.get("subdirectory"):
        found["subdirectory"] = parts["subdirectory"]
    return found


def _pairs(source: Source, data: dict[str, Any], filename: str) -> dict[str, Any]:
    """A source in Pipenv's words."""
    if source.kind == "index":
        return {"index": _index(source.location, data, filename)}
    if source.kind == "workspace":
        why = "a Pipfile has no workspace"
        raise CannotEdit(filename, "say in", why, "give the path of the package")
    found: dict[str, Any] = {{"path": "path", "git": "git", "url": "file"}[source.kind]: source.location}
    if source.revision:
        found["ref"] = source.revision
    if source.subdirectory:
        found["subdirectory"] = source.subdirectory
    if source.editable:
        found["editable"] = True
    return found


def _index(name: str, data: dict[str, Any], filename: str) -> str:
    """The name that the Pipfile gives to an index."""
    from hutch.project.dialects.indexes import letters_of

    sources = data.get("source", [])
    for source in sources if isinstance(sources, list) else [sources]:
        if isinstance(source, dict) and letters_of(str(source.get("name", ""))) == name:
            return str(source["name"])
    raise CannotEdit(filename, "say in", f"it has no [[source]] with the name {name}", "add the source first")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_bare(key)} = {_shown(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return quote(value) if isinstance(value, str) else str(value)


def _bare(key: str) -> str:
    plain = key.replace("-", "").replace("_", "")
    return key if plain.isalnum() and plain.isascii() else quote(key)


# --- text ---


def _set(text: str, path: tuple[str, str], old: object, new: Any, data: dict[str, Any]) -> str:
    """``new`` in the place of ``old``; of a table the keys that differ."""
    expected = copy.deepcopy(data)
    expected[path[0]][path[1]] = new
    if not isinstance(old, dict) or not isinstance(new, dict):
        return checked(replace_value(scan(text), path, _shown(new)), expected)
    for key in old:
        if key not in new:
            text = remove_key(scan(text), (*path, key))
    for key, value in new.items():
        if key not in old:
            text = create_value(scan(text), (*path, key), _shown(value))
        elif old[key] != value:
            text = replace_value(scan(text), (*path, key), _shown(value))
    return checked(text, expected)


def _insert(text: str, table: str, content: dict[str, Any], name: str, value: str) -> str:
    """A new line of the table; a sorted one stays sorted."""
    document = scan(text)
    keys = [_normal(key) for key in content]
    following = next((key for key in content if _normal(key) > name), None)
    if following is None or keys != sorted(keys):
        return create_value(document, (table, name), value)
    span = document.spans[(table, following)]
    start = line_start(text, span.key)
    if span.kind in ("table", "implied") or text[start : span.key].strip():
        return create_value(document, (table, name), value)
    # Comments right above an entry speak of it: the new line goes above them.
    header = document.spans[(table,)].end
    while (above := line_start(text, start - 1)) >= header and text[above:start].strip().startswith("#"):
        start = above
    return f"{text[:start]}{_bare(name)} = {value}{newline_of(text)}{text[start:]}"


def _keeping_header(text: str, table: str, key: str) -> str:
    """Without ``key``; the header of its table stays, also over nothing: Pipenv writes it so."""
    document = scan(text)
    span, parent = document.spans[(table, key)], document.spans.get((table,))
    alone = parent is not None and parent.kind == "table" and len(document.children((table,))) == 1
    if not alone or span.kind in ("table", "implied"):
        return remove_key(document, (table, key))
    end = text.find("\n", span.end)
    return text[: line_start(text, span.key)] + (text[end + 1 :] if end >= 0 else "")
