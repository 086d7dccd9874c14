"""Edits of a manifest of Poetry, in its own syntax: ``[tool.poetry.dependencies]``, groups and extras.

Where the project says its dependencies in ``[project]`` or its groups in ``[dependency-groups]``, they are
edited there, as ``poetry add`` itself decides; what only Poetry has words for (an index, ``develop``) then
stands beside it in Poetry's table. Only the characters of the entry change (``project.splice``), and every
result is parsed again and compared with what was meant.
"""

from __future__ import annotations

from hutch.project import edit
from hutch.project.dialects.poetry_words import entry_text, entry_value, key_of, source_keys
from hutch.project.keys import create_array, create_value, remove_key, replace_value
from hutch.project.loading import load_toml
from hutch.project.spans import scan
from hutch.project.splice import insert_item, insert_value, newline_of, remove_item

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.settings import Source
    from hutch.project.spans import Path
    from hutch.spec import Marker, NormalizedName, Requirement

__all__ = ["add_requirement", "bound", "remove_requirement", "remove_source", "set_sources"]

_POETRY = ("tool", "poetry")
_MAIN: Path = (*_POETRY, "dependencies")
_PLACES = ("git", "path", "file", "url")


def bound(text: str, where: str, *, filename: str = "pyproject.toml") -> str:
    """The bound that the tool writes there for a version that it chose: ``caret``, or ``lower``."""
    return "lower" if _is_standard(load_toml(text, filename), where) else "caret"


def add_requirement(
    text: str, requirement: Requirement | str, where: str = "project", *, filename: str = "pyproject.toml"
) -> str:
    """Put ``requirement`` into the manifest ``text``; as ``project.edit.add_requirement``."""
    from hutch.spec import parse_requirement

    new = parse_requirement(requirement) if isinstance(requirement, str) else requirement
    data = load_toml(text, filename)
    if _is_standard(data, where):
        return edit.add_requirement(text, new, where, filename=filename)
    kind, _, extra = where.partition(":")
    table = _table_of(data, where, new.name)
    entries = _at(data, table)
    key = key_of(entries, new.name)
    if key is None:
        value = entry_value(new, optional=kind == "extra")
        written = create_value(scan(text), (*table, new.name), entry_text(value))
        text = edit.checked(written, edit.with_value(data, (*table, new.name), value))
    else:
        _refuse_second_use(entries[key], new.name, kind, filename)
        text = _replaced(text, data, (*table, key), new, where)
    return _with_extra(text, extra, new.name, filename) if kind == "extra" else text


def remove_requirement(
    text: str, name: str, where: str = "project", *, filename: str = "pyproject.toml"
) -> str:
    """Take every entry of ``name`` out of ``where``; ``NotDeclared`` where there is none."""
    from hutch.spec import normalize

    wanted = normalize(name)
    data = load_toml(text, filename)
    table = _table_of(data, where, wanted)
    if _is_standard(data, where):
        text = edit.remove_requirement(text, name, where, filename=filename)
        said = _at(load_toml(text, filename), table)
        own = key_of(said, wanted)
        still = where != "project" or wanted not in _names_of_project(load_toml(text, filename))
        return _without(text, (*table, own), filename) if own is not None and still else text
    kind, _, extra = where.partition(":")
    entries = _at(data, table)
    key = key_of(entries, wanted)
    if kind == "extra":
        listed = _extra_path(data, extra)
        position = _position(_at(data, listed[:-1]).get(str(listed[-1])), wanted)
        if position is None:
            raise _not_declared(text, wanted, where, filename)
        text = _removed_item(text, data, listed, position)
        left = load_toml(text, filename)
        unused = key is not None and _is_optional(entries[key]) and not _extras_with(left, wanted)
        return _without(text, (*table, key), filename) if unused and key is not None else text
    if key is None or (kind == "project" and _is_optional(entries[key])):
        raise _not_declared(text, wanted, where, filename)
    return _without(text, (*table, key), filename)


def set_sources(
    text: str, name: str, sources: tuple[Source, ...], *, filename: str = "pyproject.toml"
) -> str:
    """Say in Poetry's tables where ``name`` comes from, wherever it is asked for."""
    from hutch.spec import normalize

    wanted = normalize(name)
    data = load_toml(text, filename)
    sources = tuple(_in_words_of_poetry(source, data) for source in sources)
    for table, standard in _tables(data, wanted):
        data = load_toml(text, filename)
        entries = _at(data, table)
        key = key_of(entries, wanted)
        old = entries.get(key) if key is not None else None
        value = source_keys(old, sources, filename, alone=standard)
        path = (*table, key or name)
        document = scan(text)
        if key is None:
            text = create_value(document, path, entry_text(value, newline_of(text)))
        else:
            text = _put(text, path, value)
        text = edit.checked(text, edit.with_value(data, path, value), loosely=True)
    return text


def _in_words_of_poetry(source: Source, data: dict[str, Any]) -> Source:
    """An index by the name that Poetry's table gives it."""
    from hutch.project.dialects.indexes import letters_of
    from hutch.values import replace

    if source.kind != "index":
        return source
    listed = _at(data, _POETRY).get("source")
    names = (
        [each.get("name") for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    )
    found = (name for name in names if isinstance(name, str) and letters_of(name) == source.location)
    return replace(source, location=next(found, "PyPI" if source.location == "default" else source.location))


def remove_source(text: str, name: str, *, filename: str = "pyproject.toml") -> str:
    """Drop what only says where ``name`` comes from; an entry that is a requirement went with that."""
    from hutch.spec import normalize

    wanted = normalize(name)
    data = load_toml(text, filename)
    if not _is_standard(data, "project") or wanted in _names_of_project(data):
        return text
    key = key_of(_at(data, _MAIN), wanted)
    return _without(text, (*_MAIN, key), filename) if key is not None else text


# --- where ---


def _is_standard(data: dict[str, Any], where: str) -> bool:
    """Is this list one of ``[project]`` or ``[dependency-groups]``? By the rules of ``poetry add``."""
    from hutch.spec import normalize

    kind, _, name = where.partition(":")
    project, poetry = _at(data, ("project",)), _at(data, _POETRY)
    if kind == "group":
        said = {normalize(each) for each in _at(data, ("dependency-groups",))}
        own = {normalize(each) for each in _at(poetry, ("group",))}
        if normalize(name) in said:
            return True
        if normalize(name) in own or (normalize(name) == "dev" and "dev-dependencies" in poetry):
            return False
        return bool(said) or ("project" in data and not own)
    if "dependencies" in project or "optional-dependencies" in project:
        return True
    dynamic = project.get("dynamic", [])
    left = "dependencies" if kind == "project" else "optional-dependencies"
    return (
        "project" in data and left not in dynamic and not _at(poetry, ("dependencies",)).keys() - {"python"}
    )


def _table_of(data: dict[str, Any], where: str, package: NormalizedName) -> Path:
    """The table of Poetry that ``where`` means, in the spelling of the file.

    What is for development may stand in the old table and in the new one: that which has ``package``.
    """
    from hutch.spec import normalize

    kind, _, name = where.partition(":")
    if kind != "group":
        return _MAIN
    groups = _at(data, (*_POETRY, "group"))
    spelling = next((each for each in groups if normalize(each) == normalize(name)), None)
    found = (*_POETRY, "group", spelling or name, "dependencies")
    old = (*_POETRY, "dev-dependencies")
    if normalize(name) == "dev" and "dev-dependencies" in _at(data, _POETRY):
        is_there = key_of(_at(data, old), package) is not None
        if spelling is None or (is_there and key_of(_at(data, found), package) is None):
            return old
    return found


def _tables(data: dict[str, Any], name: NormalizedName) -> list[tuple[Path, bool]]:
    """The tables of Poetry that can say where ``name`` comes from, and whether it is asked for elsewhere."""
    found: list[tuple[Path, bool]] = []
    groups = [f"group:{each}" for each in _at(data, (*_POETRY, "group"))]
    groups += [f"group:{each}" for each in _at(data, ("dependency-groups",))]
    if "dev-dependencies" in _at(data, _POETRY):
        groups.append("group:dev")
    for where in ("project", *dict.fromkeys(groups)):
        table = _table_of(data, where, name)
        own = key_of(_at(data, table), name) is not None
        standard = name in (_names_of_project(data) if where == "project" else _names_of_group(data, where))
        if (own or standard) and (table, standard) not in found:
            found.append((table, standard))
    return found


def _names_of_project(data: dict[str, Any]) -> set[NormalizedName]:
    project = _at(data, ("project",))
    lists = [project.get("dependencies"), *_at(project, ("optional-dependencies",)).values()]
    return {name for each in lists for name in _names(each)}


def _names_of_group(data: dict[str, Any], where: str) -> set[NormalizedName]:
    from hutch.spec import normalize

    wanted = normalize(where.partition(":")[2])
    groups = _at(data, ("dependency-groups",))
    return {name for key, each in groups.items() if normalize(key) == wanted for name in _names(each)}


def _names(listed: object) -> set[NormalizedName]:
    from hutch.errors import Problem
    from hutch.spec import parse_requirement

    found = set()
    for item in listed if isinstance(listed, list) else ():
        try:
            found.add(parse_requirement(item).name)
        except (Problem, AttributeError):
            continue  # a table that includes a group, or nothing at all
    return found


def _at(data: dict[str, Any], path: Path) -> dict[str, Any]:
    found: Any = data
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _not_declared(text: str, name: NormalizedName, where: str, filename: str) -> edit.NotDeclared:
    import difflib

    from hutch.project.dialects import translate
    from hutch.project.loading import load_toml

    document = translate(text, filename, load_toml(text, filename), ("poetry",)).document
    also = tuple(place for place in edit.declared_in(document, name) if place != where)
    names = [each for each in edit.names_in(document, where) if each != name]
    near = difflib.get_close_matches(name, names, n=1)
    return edit.NotDeclared(name, where, also=also, near=tuple(near))


# --- one entry ---


def _refuse_second_use(value: Any, name: str, kind: str, filename: str) -> None:
    """In Poetry a name is either optional or not: its extras list what stands once in one table."""
    if kind == "group" or _is_optional(value) is (kind == "extra"):
        return
    from hutch.project.faults import CannotEdit

    if kind == "extra":
        raise CannotEdit(
            filename,
            f"make {name} optional in",
            "it is a dependency of the project, which is installed with or without extras",
            (f"hutch remove {name} first",),
        )
    raise CannotEdit(
        filename,
        f"make {name} required in",
        "it is optional, and listed in an extra",
        (f"hutch remove {name} --optional EXTRA first",),
    )


def _is_optional(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(
        isinstance(each, dict) and each.get("optional") is True and "file" not in each for each in items
    )


def _replaced(text: str, data: dict[str, Any], path: Path, new: Requirement, where: str) -> str:
    """The entry at ``path`` with what ``new`` says; the rest of it stays."""
    old = _at(data, path[:-1])[str(path[-1])]
    if isinstance(old, list):
        number = _which(old, new, where)
        if number is None:
            value = entry_value(new, optional=_is_optional(old))
            result = insert_value(scan(text), path, len(old), entry_text(value))
            return edit.checked(result, edit.with_value(data, path, [*old, value]))
        value = entry_value(new, before=old[number])
        changed = [*old[:number], value, *old[number + 1 :]]
        return edit.checked(
            _put(text, (*path, number), value), edit.with_value(data, path, changed), loosely=True
        )
    before, after = _marker(old), new.marker
    if before is not None and after is not None and before != after:
        value = [old, entry_value(new, optional=_is_optional(old))]
    else:
        value = entry_value(new, before=old)
    return edit.checked(_put(text, path, value), edit.with_value(data, path, value), loosely=True)


def _put(text: str, path: Path, value: Any) -> str:
    """The value in place of the one at ``path``; of a table only the keys that differ are touched."""
    document = scan(text)
    span = document.spans[path]
    old = _value_at(text, path)
    if isinstance(old, dict) and isinstance(value, dict):
        for key in [key for key in old if key not in value]:
            text = remove_key(scan(text), (*path, key))
        for key, item in value.items():
            if key not in old:
                text = create_value(scan(text), (*path, key), entry_text(item))
            elif old[key] != item:
                text = replace_value(scan(text), (*path, key), entry_text(item))
        return text
    if span.kind in ("table", "implied", "array-table"):
        return create_value(scan(remove_key(document, path)), path, entry_text(value, newline_of(text)))
    return replace_value(document, path, entry_text(value, newline_of(text)))


def _value_at(text: str, path: Path) -> Any:
    found: Any = load_toml(text, "pyproject.toml")
    for key in path:
        found = found[key]
    return found


def _which(items: list[Any], new: Requirement, where: str) -> int | None:
    """The table of several that ``new`` replaces; None: it is another case."""
    if new.marker is None:
        if len(items) == 1:
            return 0
        raise edit.AmbiguousEdit(new.name, where, tuple(entry_text(each) for each in items))
    for number, item in enumerate(items):
        if _marker(item) == new.marker:
            return number
    return None


def _marker(value: Any) -> Marker | None:
    """Where an entry counts, in the words of its tables."""
    from hutch.errors import Problem
    from hutch.project.dialects.poetry_constraints import InvalidConstraint, platform_marker, python_marker
    from hutch.spec import and_, parse_marker

    if not isinstance(value, dict):
        return None
    marker: Marker | None = None
    for key, read in (("markers", parse_marker), ("python", python_marker), ("platform", platform_marker)):
        if isinstance(value.get(key), str):
            try:
                marker = and_(marker, read(value[key]))
            except (Problem, InvalidConstraint):
                continue
    return marker


def _without(text: str, path: Path, filename: str) -> str:
    """The text without the key at ``path``."""
    import copy

    data = load_toml(text, filename)
    expected = copy.deepcopy(data)
    del _at(expected, path[:-1])[str(path[-1])]
    return edit.checked(remove_key(scan(text), path), expected, loosely=True)


# --- extras ---


def _extra_path(data: dict[str, Any], extra: str) -> Path:
    from hutch.spec import normalize

    extras = _at(data, (*_POETRY, "extras"))
    spelling = next((each for each in extras if normalize(each) == normalize(extra)), extra)
    return (*_POETRY, "extras", spelling)


def _extras_with(data: dict[str, Any], name: NormalizedName) -> list[str]:
    extras = _at(data, (*_POETRY, "extras"))
    return [extra for extra, listed in extras.items() if _position(listed, name) is not None]


def _position(listed: object, name: NormalizedName) -> int | None:
    from hutch.spec import normalize

    for number, item in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(item, str) and normalize(item.partition("[")[0].strip()) == name:
            return number
    return None


def _with_extra(text: str, extra: str, name: NormalizedName, filename: str) -> str:
    """``name`` in the list of the extra, if it is not there already."""
    data = load_toml(text, filename)
    path = _extra_path(data, extra)
    listed = _at(data, path[:-1]).get(str(path[-1]))
    if listed is None:
        return edit.checked(create_array(scan(text), path, (name,)), edit.with_value(data, path, [name]))
    if _position(listed, name) is not None:
        return text
    result = insert_item(scan(text), path, len(listed), name)
    return edit.checked(result, edit.with_value(data, path, [*listed, name]))


def _removed_item(text: str, data: dict[str, Any], path: Path, position: int) -> str:
    listed = _at(data, path[:-1])[str(path[-1])]
    left = [item for number, item in enumerate(listed) if number != position]
    if not left:
        return _without(text, path, "pyproject.toml")
    return edit.checked(remove_item(scan(text), path, position), edit.with_value(data, path, left))
