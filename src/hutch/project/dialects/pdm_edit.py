"""Edits of a ``pyproject.toml`` of PDM's: groups older than PEP 735 stay where they are, paths are PDM's.

``project.edit`` does what the standard tables need. A place (a directory, a repository) is written where PDM
looks for it: ``name @ URL``, ``name @ file:///${PROJECT_ROOT}/lib``, and ``-e`` lines in
``[tool.pdm.dev-dependencies]``, which alone may have them.
"""

from __future__ import annotations

from hutch.project import edit
from hutch.project.keys import create_array, remove_key
from hutch.project.loading import load_toml
from hutch.project.spans import scan
from hutch.project.splice import insert_item, remove_item, replace_item

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.settings import Source
    from hutch.project.spans import Path
    from hutch.spec import NormalizedName, Requirement

__all__ = ["add_requirement", "remove_requirement", "remove_source", "set_sources"]

_LEGACY = ("tool", "pdm", "dev-dependencies")


def add_requirement(
    text: str, requirement: Requirement, where: str, *, filename: str = "pyproject.toml"
) -> str:
    """As ``project.edit.add_requirement``; a group of the old kind gets what is its own or has no other."""
    data = load_toml(text, filename)
    old = _legacy_array(data, where)
    if old is None:
        return edit.add_requirement(text, requirement, where, filename=filename)
    name = requirement.name
    items = _items(data, old)
    for number in reversed(range(len(items))):
        if str(items[number]).startswith("-e ") and _name_of(items[number]) == name:
            text = remove_item(scan(text), old, number)
    listed = any(_name_of(item) == name for item in items)
    if not listed and _has_standard(data, where):
        return edit.add_requirement(text, requirement, where, filename=filename)
    return edit.add_requirement(text, requirement, where, filename=filename, at=old)


def remove_requirement(
    text: str, name: NormalizedName, where: str, *, filename: str = "pyproject.toml"
) -> str:
    """Take ``name`` out of ``where``, of both kinds of groups. Raises ``NotDeclared``."""
    data = load_toml(text, filename)
    old = _legacy_array(data, where)
    items = _items(data, old) if old is not None else []
    found = [number for number, item in enumerate(items) if _name_of(item) == name]
    if old is None or not found:
        return edit.remove_requirement(text, name, where, filename=filename)
    for number in reversed(found):
        text = remove_item(scan(text), old, number)
    rest = [item for number, item in enumerate(items) if number not in found]
    text = edit.checked(text, edit.with_value(data, old, rest))
    try:
        return edit.remove_requirement(text, name, where, filename=filename)
    except edit.NotDeclared:
        return text


def set_sources(
    text: str, name: NormalizedName, sources: tuple[Source, ...], *, filename: str = "pyproject.toml"
) -> str:
    """Write into each entry of ``name`` where it comes from."""
    from hutch.project.faults import CannotEdit

    if len(sources) != 1 or sources[0].kind not in ("path", "git", "url") or sources[0].marker:
        raise CannotEdit(
            filename,
            f"say in the words of PDM where {name} comes from, in",
            "PDM has one place a requirement, and indexes by include_packages",
            f"name {name} in include_packages of [[tool.pdm.source]]",
        )
    source = sources[0]
    place = _place(source)
    for path in _arrays(load_toml(text, filename)):
        data = load_toml(text, filename)
        for number, item in enumerate(_items(data, path)):
            if _name_of(item) != name:
                continue
            if not source.editable:
                words = _told(str(item), place)
                text = replace_item(scan(text), (*path, number), words)
            elif path[: len(_LEGACY)] == _LEGACY:
                text = replace_item(scan(text), (*path, number), _editable(str(item), place))
            elif path[0] == "dependency-groups":
                text = _moved(text, path, number, _editable(str(item), place), filename)
            else:
                raise CannotEdit(
                    filename,
                    "write an editable package into",
                    "PDM has them in groups for development only, as -e lines",
                    (f"hutch add --editable {source.location} --dev", "leave --editable out"),
                )
            break
    return edit.checked(text, load_toml(text, filename))


def remove_source(text: str, name: NormalizedName, *, filename: str = "pyproject.toml") -> str:
    """Nothing to do: where a package comes from stands in its requirement, and goes with it."""
    return text


# --- which array ---


def _legacy_array(data: dict[str, Any], where: str) -> Path | None:
    """The array of ``[tool.pdm.dev-dependencies]`` that a group has, by the spelling of the file."""
    from hutch.spec import normalize

    kind, _, group = where.partition(":")
    table: Any = data
    for key in _LEGACY:
        table = table.get(key) if isinstance(table, dict) else None
    if kind != "group" or not isinstance(table, dict):
        return None
    return next(((*_LEGACY, each) for each in table if normalize(each) == normalize(group)), None)


def _has_standard(data: dict[str, Any], where: str) -> bool:
    from hutch.spec import normalize

    group = normalize(where.partition(":")[2])
    return any(normalize(each) == group for each in data.get("dependency-groups", {}))


def _arrays(data: dict[str, Any]) -> list[Path]:
    """All arrays of requirements."""
    found: list[Path] = [("project", "dependencies")]
    found += [
        ("project", "optional-dependencies", each) for each in _keys(data, "project", "optional-dependencies")
    ]
    found += [("dependency-groups", each) for each in _keys(data, "dependency-groups")]
    found += [(*_LEGACY, each) for each in _keys(data, *_LEGACY)]
    return found


def _keys(data: dict[str, Any], *path: str) -> list[str]:
    table: Any = data
    for key in path:
        table = table.get(key) if isinstance(table, dict) else None
    return list(table) if isinstance(table, dict) else []


def _items(data: dict[str, Any], path: Path) -> list[Any]:
    value: Any = data
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, list) else []


def _name_of(item: object) -> str | None:
    """The name in a requirement, an ``-e`` line among them."""
    if not isinstance(item, str):
        return None
    from hutch.errors import Problem
    from hutch.spec import normalize

    try:
        return normalize(_parts(item)[0]) or None
    except Problem:
        return None


# --- what stands there ---


def _place(source: Source) -> str:
    """Where a source is, as PDM writes it behind the name."""
    shown = f"#subdirectory={source.subdirectory}" if source.subdirectory else ""
    if source.kind == "git":
        url = source.location if source.location.startswith("git+") else f"git+{source.location}"
        return f"{url}@{source.revision}{shown}" if source.revision else f"{url}{shown}"
    if source.kind == "url":
        return f"{source.location}{shown}"
    from urllib.parse import quote

    path = source.location.replace("\\", "/").removeprefix("./")
    if path.startswith("/"):
        return f"file://{quote(path)}{shown}"
    return "file:///${PROJECT_ROOT}/" + quote("" if path == "." else path) + shown


def _told(item: str, place: str) -> str:
    """The requirement ``item`` with its extras and its marker, from ``place``."""
    name, extras, marker = _parts(item)
    return f"{name}{extras} @ {place}" + (f" ; {marker}" if marker else "")


def _editable(item: str, place: str) -> str:
    name, extras, marker = _parts(item)
    address, _, fragment = place.partition("#")
    more = f"&{fragment}" if fragment else ""
    return f"-e {address}#egg={name}{extras}{more}" + (f" ; {marker}" if marker else "")


def _parts(item: str) -> tuple[str, str, str]:
    """(name, extras in brackets, marker) of a requirement or an ``-e`` line."""
    from hutch.spec import parse_requirement, render_marker

    if item.startswith("-e "):
        place, _, marker = item[3:].partition(" ;")
        egg = place.partition("egg=")[2].partition("&")[0]
        name, bracket, extras = egg.partition("[")
        return name, bracket + extras, marker.strip()
    one = parse_requirement(item)
    extras = f"[{','.join(one.extras)}]" if one.extras else ""
    return str(one.name), extras, "" if one.marker is None else render_marker(one.marker)


def _moved(text: str, path: Path, number: int, words: str, filename: str) -> str:
    """An entry of a standard group goes to the group of the same name that may have ``-e`` lines."""
    data = load_toml(text, filename)
    items = _items(data, path)
    document = scan(text)
    if len(items) > 1:
        text = remove_item(document, path, number)
    else:
        start = document.spans[path[:1]].start
        text = remove_key(document, path)
        if text[start - 2 : start + 1] == "\n\n\n":  # the section went with it, and leaves two gaps
            text = text[:start] + text[start + 1 :]
    data, group = load_toml(text, filename), str(path[-1])
    old = _legacy_array(data, f"group:{group}")
    if old is None:
        return create_array(scan(text), (*_LEGACY, group), (words,))
    return insert_item(scan(text), old, len(_items(data, old)), words)
