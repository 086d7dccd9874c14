"""Edits of what a project asks conda for: ``[tool.hutch.conda]`` and pixi's tables; the rest stays as it is.

The result is read again and compared with what was meant. ``environment.yml`` has its own
(``dialects.environment_yml_edit``).
"""

from __future__ import annotations

import copy

from hutch.project.edit import NotDeclared, checked
from hutch.project.faults import CannotEdit
from hutch.project.keys import create_array, create_value, remove_key, replace_value, value_at
from hutch.project.loading import load_toml
from hutch.project.spans import scan
from hutch.project.splice import insert_item, remove_item, replace_item
from hutch.project.toml_write import value_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from hutch.spec import CondaSpec

__all__ = ["add_channels", "add_conda", "forget_side", "prefer_side", "remove_conda"]


def add_conda(
    text: str,
    spec: str,
    where: str,
    *,
    selector: str = "",
    filename: str = "pyproject.toml",
    pixi: bool = False,
) -> str:
    """Put the MatchSpec ``spec`` where it is asked for, in the place of an entry of its name.

    ``where`` is ``project``, ``group:x`` or ``extra:x``; ``selector`` a platform, or some. ``pixi`` says that
    pixi's tables are spoken.
    """
    from hutch.spec import parse_conda_spec

    wanted = parse_conda_spec(spec)
    data = load_toml(text, filename)
    path = _path(data, where, selector, filename, pixi)
    expected: dict[str, Any] = copy.deepcopy(data)
    table: Any = expected
    for part in path[:-1]:
        table = table.setdefault(part, {})
    there = table.get(path[-1])
    document = scan(text)
    if isinstance(there, list) or (there is None and not pixi):
        items = table.setdefault(path[-1], [])
        same = [at for at, item in enumerate(items) if _name(item) == wanted.name]
        if there is None:
            items.append(spec)
            return checked(create_array(document, path, (spec,)), expected, loosely=True)
        if same:
            items[same[0]] = spec
            return checked(replace_item(document, (*path, same[0]), spec), expected, loosely=True)
        at = _place([_name(item) for item in items], wanted.name)
        items.insert(at, spec)
        return checked(insert_item(document, path, at, spec), expected, loosely=True)
    key = next((each for each in there or {} if each.lower() == wanted.name), wanted.name)
    value, is_new = _value(wanted), there is None or key not in there
    table.setdefault(path[-1], {})[key] = value
    shown, place = value_text(value, lines=False), (*path, key)
    if is_new:
        return checked(create_value(document, place, shown), expected)
    span = document.spans.get(place)
    if span is not None and span.kind in ("string", "inline"):
        return checked(replace_value(document, place, shown), expected)
    return checked(create_value(scan(remove_key(document, place)), place, shown), expected)


def remove_conda(
    text: str, name: str, where: str, *, filename: str = "pyproject.toml", pixi: bool = False
) -> str:
    """Take every entry of ``name`` out, those for some platforms as well. Raises ``NotDeclared``."""
    name = name.lower()
    data = load_toml(text, filename)
    names: list[str] = []
    found = False
    for path in _lists(data, where, filename, pixi):
        there = value_at(data, path)
        names += [each for each in map(_name, there) if each]
        entries = [at for at, item in enumerate(there) if _name(item) == name]
        for at in reversed(entries):
            found = True
            expected = copy.deepcopy(data)
            if isinstance(there, list):
                del value_at(expected, path)[at]
                text = checked(remove_item(scan(text), path, at), expected, loosely=True)
            else:
                key = list(there)[at]
                del value_at(expected, path)[key]
                keeps = path[-3:-2] == ("feature",) and len(there) == len(value_at(data, path[:-1])) == 1
                changed = remove_key(scan(text), (*path, key), keep_section=keeps)
                text = checked(changed, expected, loosely=True)
            data = load_toml(text, filename)
            there = value_at(data, path) or {}
    if not found:
        import difflib

        raise NotDeclared(name, where, near=tuple(difflib.get_close_matches(name, names, n=1)))
    return text


def add_channels(
    text: str, names: tuple[str, ...], *, filename: str = "pyproject.toml", pixi: bool = False
) -> str:
    """Ask these channels as well, behind those that are asked already."""
    path: tuple[str, ...] = ("tool", "hutch", "conda", "channels")
    if pixi:
        data = load_toml(text, filename)
        base = () if filename.endswith("pixi.toml") else ("tool", "pixi")
        old = (
            isinstance(value_at(data, (*base, "project")), dict)
            and value_at(data, (*base, "workspace")) is None
        )
        path = (*base, "project" if old else "workspace", "channels")
    return _add_words(text, path, names, filename)


def prefer_side(text: str, side: str, name: str, *, filename: str = "pyproject.toml") -> str:
    """Try ``pypi`` or ``conda`` first for a name that both have; what was said of it before is taken out."""
    path = ("tool", "hutch", "conda", "prefer")
    other = f"{'conda' if side == 'pypi' else 'pypi'}:{name}"
    data = load_toml(text, filename)
    there = value_at(data, path)
    if isinstance(there, list) and other in there:
        expected = copy.deepcopy(data)
        value_at(expected, path).remove(other)
        text = checked(remove_item(scan(text), path, there.index(other)), expected, loosely=True)
    return _add_words(text, path, (f"{side}:{name}",), filename)


def forget_side(text: str, name: str, *, filename: str = "pyproject.toml") -> str:
    """Say no more which side is preferred for a name that nobody asks for any longer."""
    path = ("tool", "hutch", "conda", "prefer")
    for word in (f"pypi:{name}", f"conda:{name}", f"index:{name}"):
        data = load_toml(text, filename)
        there = value_at(data, path)
        if isinstance(there, list) and word in there:
            expected = copy.deepcopy(data)
            if len(there) == 1:
                del value_at(expected, path[:-1])[path[-1]]
                text = checked(remove_key(scan(text), path, keep_section=True), expected, loosely=True)
            else:
                value_at(expected, path).remove(word)
                text = checked(remove_item(scan(text), path, there.index(word)), expected, loosely=True)
    return text


def _add_words(text: str, path: tuple[str, ...], words: tuple[str, ...], filename: str) -> str:
    """Put words at the end of an array that may not be there yet; those that it has it keeps."""
    for word in words:
        data = load_toml(text, filename)
        expected: dict[str, Any] = copy.deepcopy(data)
        table: Any = expected
        for part in path[:-1]:
            table = table.setdefault(part, {})
        there = table.get(path[-1])
        if there is None:
            table[path[-1]] = [word]
            changed = create_value(scan(text), path, value_text([word], lines=False))
            text = checked(changed, expected, loosely=True)
        elif word not in there and not any(isinstance(x, dict) and x.get("channel") == word for x in there):
            there.append(word)
            text = checked(insert_item(scan(text), path, len(there) - 1, word), expected, loosely=True)
    return text


# --- where ---


def _base(
    data: dict[str, Any], where: str, filename: str, pixi: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The table of all, and that of ``where`` in it."""
    kind, _, name = where.partition(":")
    if not pixi:
        base: tuple[str, ...] = ("tool", "hutch", "conda")
        if kind == "project":
            return base, base
    else:
        base = () if filename.endswith("pixi.toml") else ("tool", "pixi")
        if kind == "project":
            return base, base
        if kind == "extra":
            hint = (f"use --group {name}", "hutch import makes a pyproject.toml of it")
            raise CannotEdit(filename, "put that into", "pixi has features and no extras", hint)
        kind = "feature"
    from hutch.spec import normalize

    known = value_at(data, (*base, kind)) or {}
    spelled = next((each for each in known if normalize(each) == normalize(name)), name)
    return base, (*base, kind, spelled)


def _path(data: dict[str, Any], where: str, selector: str, filename: str, pixi: bool) -> tuple[str, ...]:
    _, table = _base(data, where, filename, pixi)
    return (*table, *(("target", selector) if selector else ()), "dependencies")


def _lists(data: dict[str, Any], where: str, filename: str, pixi: bool) -> Iterator[tuple[str, ...]]:
    """The lists of ``where`` that there are, those for some platforms after that for all."""
    _, table = _base(data, where, filename, pixi)
    targets = value_at(data, (*table, "target"))
    paths = [(*table, "dependencies")]
    paths += [(*table, "target", each, "dependencies") for each in targets or ()]
    for path in paths:
        if isinstance(value_at(data, path), list | dict):
            yield path


# --- words ---


def _name(item: object) -> str | None:
    """The package of an entry of a list, or of the key of a table."""
    from hutch.errors import Problem
    from hutch.spec import parse_conda_spec

    try:
        return parse_conda_spec(item).name if isinstance(item, str) else None
    except Problem:
        return None


def _place(names: list[str | None], name: str) -> int:
    """Where a new entry goes: into its place in a sorted list, else to the end."""
    known = [each for each in names if each]
    if known != sorted(known):
        return len(names)
    return next((at for at, each in enumerate(names) if each and each > name), len(names))


def _value(spec: CondaSpec) -> Any:
    """How a table has a MatchSpec: a version, or a table of its parts."""
    parts = {
        "version": spec.version or "*",
        "build": spec.build,
        "build-number": spec.build_number,
        "channel": spec.channel,
        "subdir": spec.subdir,
        "md5": spec.md5,
        "sha256": spec.sha256,
        "url": spec.url,
        "file-name": spec.filename,
    }
    said = {key: value for key, value in parts.items() if value}
    return said["version"] if len(said) == 1 else said
