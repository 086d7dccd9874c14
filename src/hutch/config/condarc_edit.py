"""Changes of a ``.condarc``, as text: comments, order, indentation and line ends stay.

Edited are lists of scalars, a line each or in brackets, single values, and both in a table
(``proxy_servers.https``); everything else is refused with its line. What comes out is read again: it must say
what was wanted, and nothing else.
"""

from __future__ import annotations

import re

from hutch.config.condarc import OLD_NAMES
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    from hutch.project.yaml_text import Yaml

    Path: TypeAlias = tuple[str, ...]

__all__ = ["CannotEditCondarc", "CondarcEdit", "edit_condarc", "key_path", "name_in_file"]

_NOTHING = re.compile(r"[ \t]*(?:[ \t]#.*)?\r?\n?")
_ITEM = re.compile(r"([ \t]*)-[ \t]+(?=\S)")
_BETWEEN = re.compile(r"[ \t]*(?:#.*)?\r?\n?")
_EMPTY_TABLE = re.compile(r"[ \t]+\{[ \t]*\}(?=[ \t]*(?:[ \t]#.*)?\r?\n?$)")
_PLAIN = re.compile(r"[A-Za-z0-9_./~$](?:[\w./@~$+=*<>%-]|:(?=[\w./]))*", re.ASCII)
_OF_ANY_KIND = re.compile(r"(?i:true|false|yes|no|on|off)|[0-9.]+")


class CannotEditCondarc(ValueError):
    """The text cannot be changed so; ``line`` counts from 1, and is None where it is not one line's fault."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        self.reason = reason
        self.line = line
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class CondarcEdit:
    """``kind`` is prepend, append, remove, set or remove-key; ``key`` one of the file, or ``TABLE.KEY``."""

    kind: str
    key: str
    value: str = ""


def name_in_file(said: Any, key: str) -> str:
    """The name under which a file has ``key``: its own, or an older one."""
    for name in (key, *(old for old, new in OLD_NAMES.items() if new == key)):
        if name in said:
            return name
    return key


def key_path(key: str) -> Path:
    """``channels`` or ``proxy_servers.https`` as a path; names in a table may have dots of their own."""
    name, dot, below = key.partition(".")
    return (name, below) if dot else (name,)


def edit_condarc(text: str, edits: Sequence[CondarcEdit]) -> str:
    """``text`` with all ``edits``, one after the other. Raises `CannotEditCondarc`."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix("\ufeff")
    for edit in edits:
        text = _edited(text, edit)
    return mark + text


def _edited(text: str, edit: CondarcEdit) -> str:
    read = _read(text)
    said = {} if read.value is None else read.value
    if not isinstance(said, dict):
        raise CannotEditCondarc("it should be a table", read.line(()))
    first, *below = key_path(edit.key)
    path = (name_in_file(said, first), *below)
    inner = said.get(path[0]) if below else said
    inner = {} if inner is None else inner
    if not isinstance(inner, dict):
        raise CannotEditCondarc(f"{path[0]} is not a table there", read.line(path[:1]))
    is_there = path[-1] in inner
    line = read.line(path) if is_there else None
    wanted = {**inner}
    shown = ".".join(path)
    if edit.kind == "set":
        wanted[path[-1]] = edit.value
        text = _set(text, read, path, edit.value, inner) if is_there else _added(text, read, path, edit)
    elif edit.kind == "remove-key":
        if not is_there:
            raise CannotEditCondarc(f"{edit.key} is not in it")
        del wanted[path[-1]]
        # A table with nothing in it goes as a whole.
        text = _without(text, read, path if wanted or not below else path[:1])
    else:
        old = inner.get(path[-1])
        items = [] if old is None else [old] if isinstance(old, str) else old
        if not isinstance(items, list) or not all(isinstance(each, str) for each in items):
            raise CannotEditCondarc(f"{shown} is not a list of texts there", line)
        if edit.kind == "remove" and edit.value not in items:
            raise CannotEditCondarc(f"it is not in {edit.key}", line)
        kept = [each for each in items if each != edit.value]
        more = [] if edit.kind == "remove" else [edit.value]
        wanted[path[-1]] = [*more, *kept] if edit.kind == "prepend" else [*kept, *more]
        if wanted[path[-1]] == old:
            return text
        text = _listed(text, read, path, items, edit) if is_there else _added(text, read, path, edit)
    whole: Any = wanted
    if below:
        whole = {**said, path[0]: wanted}
        if not wanted:
            del whole[path[0]]
    if _value(text) != whole:
        raise CannotEditCondarc(f"{shown} cannot be changed there without a change of something else", line)
    return text


def _read(text: str) -> Yaml:
    from hutch.project.yaml_text import InvalidYaml, read_yaml

    try:
        return read_yaml(text, spans=True)
    except InvalidYaml as error:
        raise CannotEditCondarc(error.reason, error.line) from None


def _value(text: str) -> Any:
    """What both parsers find, the one that knows places and the quick one; None where they do not agree."""
    from hutch.project.yaml_text import InvalidYaml, read_yaml

    try:
        values = [read_yaml(text, spans=spans).value or {} for spans in (True, False)]
    except InvalidYaml:
        return None
    return values[0] if values[0] == values[1] else None


def _lines(text: str) -> list[str]:
    found = text.split("\n")
    return [*(f"{line}\n" for line in found[:-1]), *([found[-1]] if found[-1] else [])]


def _end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _key(lines: list[str], read: Yaml, path: Path) -> re.Match[str]:
    """The key at the beginning of its line, with the colon; its first group is the indentation."""
    line = read.line(path)
    said = lines[line - 1] if line <= len(lines) else ""
    before = "(?:--- +)?()" if len(path) == 1 else "([ \t]+)"
    found = re.match(rf"{before}(['\"]?){re.escape(path[-1])}\2[ \t]*:(?=\s|$)", said)
    if found is None:
        raise CannotEditCondarc(f"{path[-1]} does not stand at the beginning of its line", line)
    return found


def _behind(text: str, more: str) -> str:
    """``more`` as the last lines."""
    between = _end(text) if text and not text.endswith("\n") else ""
    return f"{text}{between}{more}"


def _added(text: str, read: Yaml, path: Path, edit: CondarcEdit) -> str:
    """A key that is not there."""
    end = _end(text)

    def entry(indent: str) -> str:
        name = path[-1] if len(path) == 1 else _written(path[-1])
        if edit.kind == "set":
            return f"{indent}{name}: {_written(edit.value, single=True)}{end}"
        return f"{indent}{name}:{end}{indent}  - {_written(edit.value)}{end}"

    if len(path) == 1:
        return _behind(text, entry(""))
    table = (read.value or {}).get(path[0])
    if path[0] not in (read.value or {}):
        return _behind(text, f"{path[0]}:{end}{entry('  ')}")
    lines = _lines(text)
    at = read.line(path[:1]) - 1
    key = _key(lines, read, path[:1])
    if not lines[-1].endswith("\n"):
        lines[-1] += end
    rest = lines[at][key.end() :]
    if not table and _EMPTY_TABLE.match(rest):
        lines[at] = lines[at][: key.end()] + _EMPTY_TABLE.sub("", rest, count=1)
    elif not _NOTHING.fullmatch(rest):
        raise CannotEditCondarc(f"{path[0]} is not a table with one entry a line", at + 1)
    if not table:
        lines.insert(at + 1, entry("  "))
        return "".join(lines)
    sibling = next(iter(table))
    indent = _key(lines, read, (path[0], sibling))[1]
    lines.insert(_last(lines, at, ""), entry(indent))
    return "".join(lines)


def _set(text: str, read: Yaml, path: Path, value: str, inner: Any) -> str:
    span = read.spans.get(path)
    line = read.line(path)
    if span is None or "\n" in text[slice(*span)]:
        raise CannotEditCondarc(f"{'.'.join(path)} is not a single value on one line there", line)
    if inner[path[-1]] == value:
        return text
    if span[0] == span[1]:
        lines = _lines(text)
        colon = sum(map(len, lines[: line - 1])) + _key(lines, read, path).end()
        return f"{text[:colon]} {_written(value, single=True)}{text[colon:]}"
    # A value of a table on one line ends where the next begins.
    said = _written(value, single=True, flow=len(path) > 1)
    return text[: span[0]] + said + text[span[1] :]


def _last(lines: list[str], at: int, indent: str) -> int:
    """Behind the last line that belongs to the key at ``at``, which stands so deep."""
    end = last = at + 1
    while end < len(lines):
        said = lines[end]
        bare = said.strip()
        deep = len(said) - len(said.lstrip(" \t"))
        item = deep == len(indent) and bare[:1] == "-" and bare[1:2] in ("", " ", "\t")
        if not bare or bare.startswith("#"):
            end += 1
        elif deep > len(indent) or item:
            end += 1
            last = end
        else:
            break
    return last


def _without(text: str, read: Yaml, path: Path) -> str:
    lines = _lines(text)
    at = read.line(path) - 1
    key = _key(lines, read, path)
    return "".join([*lines[:at], *lines[_last(lines, at, key[1]) :]])


def _listed(text: str, read: Yaml, path: Path, items: list[str], edit: CondarcEdit) -> str:
    """A list that is there with one entry more, or less, or moved."""
    name = ".".join(path)
    end = _end(text)
    lines = _lines(text)
    line = read.line(path)
    key = _key(lines, read, path)
    rest = lines[line - 1][key.end() :]
    start = sum(map(len, lines[: line - 1])) + key.end()
    if path in read.spans and items:
        # One text alone means a list of it.
        span = read.spans[path]
        listed = f"{text[: span[0]]}[{text[slice(*span)]}]{text[span[1] :]}"
        again = _read(listed)
        where: Any = again.value[path[0]] if len(path) == 1 else again.value[path[0]][path[1]]
        if where != items:
            raise CannotEditCondarc(f"{name} is no list that can be edited", line)
        return _flow(listed, again, path, items, start, edit)
    if rest.lstrip(" \t").startswith("["):
        return _flow(text, read, path, items, start, edit)
    if not _NOTHING.fullmatch(rest):
        raise CannotEditCondarc(f"{name} is no list that can be edited", line)
    at, places = line, []
    while at < len(lines) and (_ITEM.match(lines[at]) or _BETWEEN.fullmatch(lines[at])):
        if _ITEM.match(lines[at]):
            places.append(at)
        at += 1
    there = [read.lines.get((*path, number), 0) - 1 for number in range(len(items))]
    if places != there:
        raise CannotEditCondarc(f"{name} is no list with one entry a line", line)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    same = [place for place, item in zip(places, items, strict=True) if item == edit.value]
    kept = [place for place in places if place not in same]
    first = _ITEM.match(lines[places[0]]) if places else None
    indent = first[1] if first is not None else f"{key[1]}  "
    moved = lines[same[0]] if same else f"{indent}- {_written(edit.value)}{end}"
    if edit.kind != "remove":
        top = kept[0] if kept else places[0] if places else line
        point = top if edit.kind == "prepend" or not kept else kept[-1] + 1
        lines.insert(point, moved)
        same = [place + (place >= point) for place in same]
    elif not kept:
        lines[line - 1] = f"{lines[line - 1][: key.end()]} []{lines[line - 1][key.end() :]}"
    return "".join(said for number, said in enumerate(lines) if number not in same)


def _flow(text: str, read: Yaml, path: Path, items: list[str], start: int, edit: CondarcEdit) -> str:
    """The same of ``[a, b]``."""
    line = read.line(path)
    spans = [read.spans.get((*path, number), (0, 0)) for number in range(len(items))]
    opening = text.index("[", start)
    behind = spans[-1][1] if spans else opening + 1
    closing = text.find("]", behind)
    between = text[behind:closing].strip(" \t,") if closing > behind else ""
    if closing < 0 or any(span[0] <= opening for span in spans):
        raise CannotEditCondarc(f"{'.'.join(path)} is no list that can be edited", line)
    if spans and (between or "\n" in text[opening:closing]):
        return _spread(text, items, spans, edit)
    if between:
        raise CannotEditCondarc(f"{'.'.join(path)} is no list that can be edited", line)
    raw = [(item, text[slice(*span)]) for item, span in zip(items, spans, strict=True)]
    kept = [said for item, said in raw if item != edit.value]
    same = [said for item, said in raw if item == edit.value][:1] or [_written(edit.value, flow=True)]
    more = [] if edit.kind == "remove" else same
    said = [*more, *kept] if edit.kind == "prepend" else [*kept, *more]
    return f"{text[:opening]}[{', '.join(said)}]{text[closing + 1 :]}"


def _spread(text: str, items: list[str], spans: list[tuple[int, int]], edit: CondarcEdit) -> str:
    """The same of a list in brackets over several lines: nothing but entries and commas is touched."""
    same = [number for number, item in enumerate(items) if item == edit.value]
    moved = text[slice(*spans[same[0]])] if same else _written(edit.value, flow=True)
    kept = [number for number in range(len(items)) if number not in same]
    cuts = []
    for number in same:
        if number + 1 < len(items):
            cuts.append((spans[number][0], spans[number + 1][0]))
        else:
            cuts.append((spans[kept[-1]][1] if kept else spans[number][0], spans[number][1]))
    if edit.kind == "remove":
        pieces = []
    elif not kept:
        pieces = [(spans[0][0], moved)]
    elif edit.kind == "prepend":
        pieces = [(spans[kept[0]][0], f"{moved}, ")]
    else:
        pieces = [(spans[kept[-1]][1], f", {moved}")]
    changes = sorted([*((start, end, "") for start, end in cuts), *((at, at, said) for at, said in pieces)])
    for start, end, said in reversed(changes):
        text = text[:start] + said + text[end:]
    return text


def _written(value: str, *, single: bool = False, flow: bool = False) -> str:
    """``value`` as YAML. What is a switch or a number for YAML stays bare as a single value alone."""
    if _OF_ANY_KIND.fullmatch(value):
        return value if single else f"'{value}'"
    plain = _PLAIN.fullmatch(value) and not (flow and set(value) & set("[]{},"))
    if plain and value.lower() not in ("null", "~") and not re.match(r"[0-9.]", value):
        return value
    import json

    return json.dumps(value, ensure_ascii=False)
