"""Edits of a manifest's text: requirements and sources, in and out.

An edit is a splice: the scanner says where an array and its elements stand, and only those
characters change. So comments, quotes, order, alignment, trailing commas and line ends of
everything else stay byte for byte, by construction. (A parse, a change of the document and a dump
with ``tomlkit`` was the other way; it costs an import of 50 ms and moves comments when it inserts
into the middle of an array.) Every result is parsed again and compared with what was meant, so
that a slip of ours is a ``Bug`` and never a damaged manifest.

Specs: TOML 1.0; pyproject.toml (PEP 621); dependency groups (PEP 735).
"""

from __future__ import annotations

import copy

from hutch.errors import Bug, Problem
from hutch.project.keys import create_array, create_value, remove_key, replace_value
from hutch.project.loading import load_toml
from hutch.project.spans import Path, scan
from hutch.project.splice import (
    insert_item,
    insert_value,
    list_of_lines,
    newline_of,
    quote,
    remove_item,
    replace_item,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.settings import Source
    from hutch.spec import NormalizedName, Requirement

__all__ = [
    "AmbiguousEdit",
    "NoProjectTable",
    "NotDeclared",
    "add_requirement",
    "add_source",
    "declared_in",
    "names_in",
    "quote",
    "remove_requirement",
    "remove_source",
    "set_sources",
]


SOURCES: Path = ("tool", "hutch", "sources")
"""Where hutch has the sources of packages."""


class NotDeclared(Problem):
    """Something to be removed is not there."""

    code = "not-declared"

    def __init__(
        self, name: str, where: str, *, also: tuple[str, ...] = (), near: tuple[str, ...] = ()
    ) -> None:
        self.name = name
        self.where = where
        self.also = also
        super().__init__(
            f"{name} is not among the {tell_where(where)}",
            hint=tuple(f"hutch remove {name}{_flag(place)}" for place in also)
            or tuple(f"did you mean {other}?" for other in near),
        )


def _flag(where: str) -> str:
    """The option of ``add`` and ``remove`` for a place."""
    kind, _, name = where.partition(":")
    if where == "group:dev":
        return " --dev"
    return {"group": f" --group {name}", "extra": f" --optional {name}"}.get(kind, "")


class NoProjectTable(Problem):
    """A dependency is to be added to a manifest that has no ``[project]``."""

    code = "no-project-table"

    def __init__(self, filename: str) -> None:
        super().__init__(
            f"{filename} has no [project] table to add a dependency to",
            hint=("write [project] with name and version, or `hutch init`", "use --group NAME for a group"),
        )


class AmbiguousEdit(Problem):
    """A name is listed several times, and it is not clear which entry is meant."""

    code = "ambiguous-edit"

    def __init__(self, name: str, where: str, entries: tuple[str, ...]) -> None:
        self.name = name
        self.where = where
        self.entries = entries
        super().__init__(
            f"{name} is listed {len(entries)} times among the {tell_where(where)}",
            why=entries,
            hint="give the marker of the entry to be replaced, or edit the file",
        )


def tell_where(where: str) -> str:
    """``group:dev`` as words: "requirements of the group dev"."""
    kind, _, name = where.partition(":")
    if kind == "project":
        return "dependencies of the project"
    return f"requirements of the {kind} {name}"


def add_requirement(
    text: str,
    requirement: Requirement | str,
    where: str = "project",
    *,
    filename: str = "pyproject.toml",
    at: Path | None = None,
) -> str:
    """Put ``requirement`` into the manifest ``text`` and return the new text.

    ``where`` is ``project``, ``extra:NAME`` or ``group:NAME``; tables and arrays are made where
    they are absent. An entry of the same normalised name is replaced and keeps its extras and its
    marker where the new one has none; with several such entries, the one with an equal marker is
    replaced, a new marker makes a new entry, and no marker at all is ``AmbiguousEdit``. A sorted
    list stays sorted. ``at`` is another array that means the same, which is there.
    """
    from hutch.spec import parse_requirement

    new = parse_requirement(requirement) if isinstance(requirement, str) else requirement
    data = load_toml(text, filename)
    document = scan(text)
    path, exists = _array_path(data, where) if at is None else (at, True)
    if at is None and where == "project" and "project" not in data:
        raise NoProjectTable(filename)
    if at is None:
        _refuse_computed(data, where, filename)
    if not exists:
        result = create_array(document, path, (new.render(),))
        return checked(result, with_value(data, path, [new.render()]))
    items = _items(data, path)
    same = [n for n, item in enumerate(items) if isinstance(item, str) and _name_of(item) == new.name]
    replaced = _which(new, items, same, where)
    if replaced is None:
        words = new.render()
        index = _insertion(items, new.name)
        result = insert_item(document, path, index, words)
        changed = [*items[:index], words, *items[index:]]
    else:
        words = _keeping(new, items[replaced]).render()
        result = replace_item(document, (*path, replaced), words)
        changed = [*items[:replaced], words, *items[replaced + 1 :]]
    return checked(result, with_value(data, path, changed), loosely=True)


def _refuse_computed(data: dict[str, Any], where: str, filename: str) -> None:
    """What ``dynamic`` names may not stand in ``[project]`` as well (PEP 621): its file has to be edited."""
    dynamic = data.get("project", {}).get("dynamic", [])
    field = {"project": "dependencies", "extra": "optional-dependencies"}.get(where.partition(":")[0])
    if not isinstance(dynamic, list) or field not in dynamic:
        return
    from hutch.project.faults import CannotEdit

    raise CannotEdit(
        filename,
        f"add {field} to",
        f"[project] calls them dynamic: {data.get('build-system', {}).get('build-backend', 'the backend')}"
        " computes them",
        (
            "write them where the backend finds them, then run hutch lock",
            f"take {field} out of dynamic and list them in [project]",
            "use --group NAME for what only development needs",
        ),
    )


def remove_requirement(
    text: str,
    name: str,
    where: str = "project",
    *,
    filename: str = "pyproject.toml",
    at: Path | None = None,
) -> str:
    """Take every entry of ``name`` out of ``where`` and return the new text.

    Raises ``NotDeclared`` when there is none, saying where else the name is. The array stays, even
    when it becomes empty: a group without requirements is still a group. ``at`` as for ``add_requirement``.
    """
    from hutch.spec import normalize

    wanted = normalize(name)
    data = load_toml(text, filename)
    path, exists = _array_path(data, where) if at is None else (at, True)
    items = _items(data, path) if exists else []
    found = [n for n, item in enumerate(items) if isinstance(item, str) and _name_of(item) == wanted]
    if not found:
        import difflib

        names = [_name_of(item) for item in items if isinstance(item, str)]
        near = difflib.get_close_matches(wanted, [each for each in names if each], n=1)
        raise NotDeclared(name, where, also=declared_in(data, wanted), near=tuple(near))
    for number in reversed(found):
        text = remove_item(scan(text), path, number)
    return checked(text, with_value(data, path, [item for n, item in enumerate(items) if n not in found]))


def set_sources(
    text: str,
    name: str,
    sources: tuple[Source, ...],
    *,
    filename: str = "pyproject.toml",
    table: Path = SOURCES,
) -> str:
    """Say in ``[tool.hutch.sources]`` (or ``table``) where ``name`` comes from, and nothing else.

    Entries of a list that stay are not touched.
    """
    data = load_toml(text, filename)
    path = _source_path(data, name, table)
    pairs = [_pairs(source) for source in sources]
    value = pairs[0] if len(pairs) == 1 else pairs
    shown = tuple(map(_inline, pairs))
    document = scan(text)
    span = document.spans.get(path)
    if span is None or span.kind not in ("inline", "array") or text.startswith("[[", span.start):
        if span is not None:  # written with headers or dotted keys: those lines go first
            document = scan(remove_key(document, path))
        result = create_value(document, path, _list(shown, text))
        return checked(result, with_value(data, path, value))
    old = _at(data, table)[str(path[-1])]
    if isinstance(old, list) and len(pairs) > 1 and all(each in pairs for each in old[:-1]):
        if old == pairs[:-1]:
            return checked(insert_value(document, path, len(old), shown[-1]), with_value(data, path, value))
        if len(old) == len(pairs) and old[:-1] == pairs[:-1]:
            result = replace_value(document, (*path, len(old) - 1), shown[-1])
            return checked(result, with_value(data, path, value))
    return checked(replace_value(document, path, _list(shown, text)), with_value(data, path, value))


def _pairs(source: Source) -> dict[str, str | bool]:
    """A source as the table that it is written as."""
    pairs: dict[str, str | bool] = {source.kind: source.location or True}
    if source.revision_kind and source.revision:
        pairs[source.revision_kind] = source.revision
    if source.subdirectory:
        pairs["subdirectory"] = source.subdirectory
    if source.editable and source.kind != "workspace":
        pairs["editable"] = True
    if not source.submodules:
        pairs["submodules"] = False
    if source.lfs:
        pairs["lfs"] = True
    for key in ("marker", "extra", "group"):
        if said := getattr(source, key):
            pairs[key] = said
    return pairs


def _inline(pairs: dict[str, str | bool]) -> str:
    shown = ", ".join(
        f"{key} = {quote(value) if isinstance(value, str) else str(value).lower()}"
        for key, value in pairs.items()
    )
    return f"{{ {shown} }}"


def _list(shown: tuple[str, ...], text: str) -> str:
    return shown[0] if len(shown) == 1 else list_of_lines(shown, newline_of(text))


def add_source(text: str, name: str, source: Source, *, filename: str = "pyproject.toml") -> str:
    """Say in ``[tool.hutch.sources]`` where ``name`` comes from; what was said before is replaced."""
    return set_sources(text, name, (source,), filename=filename)


def remove_source(text: str, name: str, *, filename: str = "pyproject.toml", table: Path = SOURCES) -> str:
    """Drop what ``[tool.hutch.sources]`` (or ``table``) says of ``name``; the same text if nothing."""
    data = load_toml(text, filename)
    path = _source_path(data, name, table)
    if path[-1] not in _at(data, table):
        return text
    expected = copy.deepcopy(data)
    del _at(expected, table)[path[-1]]
    return checked(remove_key(scan(text), path), expected, loosely=True)


def declared_in(data: dict[str, Any], name: NormalizedName) -> tuple[str, ...]:
    """All the places (``project``, ``extra:x``, ``group:y``) where ``data`` lists ``name``."""
    project = data.get("project", {})
    places: dict[str, object] = {"project": project.get("dependencies")}
    places |= {f"extra:{key}": value for key, value in project.get("optional-dependencies", {}).items()}
    places |= {f"group:{key}": value for key, value in data.get("dependency-groups", {}).items()}
    return tuple(
        where
        for where, items in places.items()
        if isinstance(items, list) and any(isinstance(i, str) and _name_of(i) == name for i in items)
    )


def names_in(data: dict[str, Any], where: str) -> list[NormalizedName]:
    """The names that ``data`` lists in ``where``, sorted."""
    path, exists = _array_path(data, where)
    items = _items(data, path) if exists else []
    return sorted({_name_of(item) for item in items if isinstance(item, str)})


# --- which array, which entry ---


def _array_path(data: dict[str, Any], where: str) -> tuple[Path, bool]:
    """The path of the array that ``where`` means, by the spelling that the file has, and if it is there."""
    from hutch.spec import normalize

    kind, _, name = where.partition(":")
    if kind == "project":
        return ("project", "dependencies"), "dependencies" in data.get("project", {})
    parent: Path = ("project", "optional-dependencies") if kind == "extra" else ("dependency-groups",)
    table: Any = data
    for key in parent:
        table = table.get(key, {})
    for spelling in table:
        if normalize(spelling) == normalize(name):
            return (*parent, spelling), True
    return (*parent, name), False


def _source_path(data: dict[str, Any], name: str, table: Path) -> Path:
    from hutch.spec import normalize

    spelling = next((key for key in _at(data, table) if normalize(key) == normalize(name)), name)
    return (*table, spelling)


def _at(data: dict[str, Any], table: Path) -> dict[str, Any]:
    """The table at that path; an empty one where there is none."""
    found: Any = data
    for key in table:
        found = found.get(key, {})
    return found  # type: ignore[no-any-return]


def _items(data: dict[str, Any], path: Path) -> list[Any]:
    value: Any = data
    for key in path:
        value = value[key]
    if not isinstance(value, list):
        raise Problem(f"{'.'.join(map(str, path))} is not an array, so nothing can be added to it or removed")
    return value


def _name_of(text: str) -> NormalizedName:
    """The name at the beginning of a requirement, without splitting the rest."""
    import re

    from hutch.spec import normalize

    found = re.match(r"\s*([A-Za-z0-9._-]*[A-Za-z0-9])", text)
    return normalize(found[1]) if found else normalize(text)


def _which(new: Requirement, items: list[Any], same: list[int], where: str) -> int | None:
    """The entry that ``new`` replaces; None when it becomes an entry of its own."""
    if not same:
        return None
    from hutch.spec import parse_requirement

    markers = {number: parse_requirement(items[number]).marker for number in same}
    if new.marker is None:
        if len(same) > 1:
            raise AmbiguousEdit(new.name, where, tuple(items[number] for number in same))
        return same[0]
    for number, marker in markers.items():
        if marker == new.marker:
            return number
    # A new marker narrows an entry that holds everywhere; beside a different marker it stands alone.
    if len(same) == 1 and markers[same[0]] is None:
        return same[0]
    return None


def _keeping(new: Requirement, old: str) -> Requirement:
    from hutch.spec import parse_requirement
    from hutch.values import replace

    before = parse_requirement(old)
    return replace(new, extras=new.extras or before.extras, marker=new.marker or before.marker)


def _insertion(items: list[Any], name: NormalizedName) -> int:
    """Where ``name`` goes: its place in a list that is sorted, else the end."""
    names = [_name_of(item) if isinstance(item, str) else None for item in items]
    known = [each for each in names if each is not None]
    if known != sorted(known):
        return len(items)
    for number, each in enumerate(names):
        if each is not None and each > name:
            return number
    # Includes of other groups commonly stand last; a requirement goes before them only by name.
    return len(items)


# --- the check ---


def with_value(data: dict[str, Any], path: Path, value: object) -> dict[str, Any]:
    """A copy of ``data`` with ``value`` at ``path``."""
    changed = copy.deepcopy(data)
    table: Any = changed
    for key in path[:-1]:
        table = table.setdefault(key, {})
    table[path[-1]] = value
    return changed


def checked(text: str, expected: dict[str, Any], *, loosely: bool = False) -> str:
    """``text``, once it is sure that it says what was meant.

    ``loosely``: quotes inside of markers may have been swapped, to spare the reader escapes, and a
    table left empty may have gone.
    """
    import tomllib

    try:
        got = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise Bug(f"an edit of the manifest made it invalid: {error}") from None
    if got != expected and not (loosely and _plain(got) == _plain(expected)):
        raise Bug("an edit of the manifest changed something else")
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("'", '"')
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        plain = {key: _plain(item) for key, item in value.items()}
        return {key: item for key, item in plain.items() if item != {}}
    return value
