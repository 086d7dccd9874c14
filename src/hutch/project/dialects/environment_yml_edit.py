"""Edits of an ``environment.yml``: packages of conda and lines of its ``pip:`` list, in and out; the rest
stays byte for byte.

The result is read again and compared with what was meant.
"""

from __future__ import annotations

import re

from hutch.errors import Bug
from hutch.project.edit import NotDeclared
from hutch.project.faults import CannotEdit
from hutch.project.splice import newline_of
from hutch.project.yaml_text import InvalidYaml, Yaml, read_yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.spans import Path
    from hutch.spec import Requirement

__all__ = ["add_channels", "add_conda", "add_requirement", "remove_conda", "remove_requirement"]

_IMPORT = "hutch import makes a pyproject.toml of it"


def add_requirement(
    text: str, requirement: Requirement, where: str, *, filename: str = "environment.yml"
) -> str:
    """Put ``requirement`` into the list that pip installs, in the place of an entry of its name."""
    document, path = _list(text, where, filename)
    words = requirement.render()
    items = _at(document.value, path) if path is not None else None
    if path is None or not isinstance(items, list) or not items:
        return _checked(_new_list(text, document, path, words, filename), [words])
    same = [n for n, item in enumerate(items) if _name(item) == requirement.name]
    if same:
        if requirement.extras == () or requirement.marker is None:
            words = _keeping(requirement, items[same[0]])
        start, end = document.spans[(*path, same[0])]
        changed = text[:start] + _quoted(words) + text[end:]
        return _checked(changed, [*items[: same[0]], words, *items[same[0] + 1 :]])
    names = [_name(item) for item in items]
    known = [name for name in names if name]
    index = len(items)
    if known == sorted(known):
        index = next((n for n, name in enumerate(names) if name and name > requirement.name), len(items))
    return _checked(_insert(text, document, path, index, words), [*items[:index], words, *items[index:]])


def remove_requirement(text: str, name: str, where: str, *, filename: str = "environment.yml") -> str:
    """Take every line of ``name`` out of the list that pip installs. Raises ``NotDeclared``."""
    from hutch.spec import normalize

    document, path = _list(text, where, filename)
    items = _at(document.value, path) if path is not None else None
    items = items if isinstance(items, list) else []
    doomed = [n for n, item in enumerate(items) if _name(item) == normalize(name)]
    if not doomed or path is None:
        import difflib

        near = difflib.get_close_matches(normalize(name), [each for each in map(_name, items) if each], n=1)
        raise NotDeclared(name, where, near=tuple(near))
    for number in reversed(doomed):
        text = _without(text, read_yaml(text, spans=True), path, number)
    return _checked(text, [item for n, item in enumerate(items) if n not in doomed])


# --- packages of conda ---

_ALL: Path = ("dependencies",)
_WORDS = {"linux-64": "linux64", "linux-aarch64": "aarch64", "linux-ppc64le": "ppc64le", "osx-64": "osx64"}
_WORDS |= {"osx-arm64": "arm64", "win-64": "win64"}


def add_conda(
    text: str, spec: str, where: str, *, selector: str = "", filename: str = "environment.yml"
) -> str:
    """Put a MatchSpec into the list, in the place of an entry of its name; a ``selector`` becomes
    ``# [linux]`` behind it."""
    document = _document(text, where, filename)
    items = _packages(document, filename)
    mark = ""
    if selector:
        word = _WORDS.get(selector, selector)
        if "-" in word:
            raise CannotEdit(filename, "say in", f"there is no word for {selector} in it", _IMPORT)
        mark = f"  # [{word}]"
    if not items:
        return _checked_all(_begun(text, document, [f"  - {_quoted(spec)}{mark}"], filename), [spec])
    wanted = _conda_name(spec)
    same = [at for at, item in enumerate(items) if _conda_name(item) == wanted]
    if same:
        start, end = document.spans[(*_ALL, same[0])]
        changed = text[:start] + _quoted(spec) + text[end:]
        return _checked_all(changed, [*items[: same[0]], spec, *items[same[0] + 1 :]])
    names = [_conda_name(item) for item in items]
    known = [name for name in names if name]
    index = max((at + 1 for at, name in enumerate(names) if name), default=0)
    if known == sorted(known):
        index = next((at for at, name in enumerate(names) if name and name > str(wanted)), index)
    if index == 0 and (*_ALL, 0) not in document.spans:
        changed = _above_list(text, document, items[0], f"{_quoted(spec)}{mark}", filename)
        return _checked_all(changed, [spec, *items])
    changed = _insert(text, document, _ALL, index, spec)
    if mark:
        start, end = read_yaml(changed, spans=True).spans[(*_ALL, index)]
        if not _is_block(changed, start):
            raise CannotEdit(filename, "say in", "a selector needs a line of its own", _IMPORT)
        changed = changed[:end] + mark + changed[end:]
    return _checked_all(changed, [*items[:index], spec, *items[index:]])


def remove_conda(text: str, name: str, where: str, *, filename: str = "environment.yml") -> str:
    """Take every entry of the package out, with its comment. Raises ``NotDeclared``."""
    document = _document(text, where, filename)
    items = _packages(document, filename)
    doomed = [at for at, item in enumerate(items) if _conda_name(item) == name.lower()]
    if not doomed:
        import difflib

        names = [each for each in map(_conda_name, items) if each]
        raise NotDeclared(name, where, near=tuple(difflib.get_close_matches(name.lower(), names, n=1)))
    for number in reversed(doomed):
        text = _without(text, read_yaml(text, spans=True), _ALL, number)
    if len(doomed) == len(items):
        text = _with_no_list(text)
    return _checked_all(text, [item for at, item in enumerate(items) if at not in doomed])


def add_channels(text: str, names: tuple[str, ...], *, filename: str = "environment.yml") -> str:
    """Ask these channels as well, behind those that are asked already."""
    for name in names:
        document = _document(text, "project", filename)
        there = document.value.get("channels") if isinstance(document.value, dict) else None
        if isinstance(there, list) and name in there:
            continue
        if there:
            text = _insert(text, document, ("channels",), len(there), name)
        else:
            if isinstance(document.value, dict) and "channels" in document.value:
                raise CannotEdit(
                    filename, "change", "its channels are written in a way of their own", _IMPORT
                )
            newline = newline_of(text)
            gap = "" if text.endswith("\n") or not text else newline
            text = f"{text}{gap}channels:{newline}  - {_quoted(name)}{newline}"
        if read_yaml(text).value["channels"] != [*(there or ()), name]:
            raise Bug("an edit of environment.yml changed something else")
    return text


def _packages(document: Yaml, filename: str) -> list[Any]:
    value = document.value
    if not isinstance(value, dict):
        raise CannotEdit(filename, "change", "it is no table", _IMPORT)
    found = value.get("dependencies")
    return found if isinstance(found, list) else []


def _conda_name(item: object) -> str | None:
    from hutch.errors import Problem
    from hutch.spec import parse_conda_spec

    try:
        return parse_conda_spec(item).name if isinstance(item, str) else None
    except Problem:
        return None


def _checked_all(text: str, expected: list[Any]) -> str:
    if read_yaml(text).value["dependencies"] == expected:
        return text
    raise Bug("an edit of environment.yml changed something else")


# --- where ---


def _document(text: str, where: str, filename: str) -> Yaml:
    if where != "project":
        kind, _, name = where.partition(":")
        why = f"it has one list, and no {kind} {name} beside it"
        raise CannotEdit(filename, "say in", why, (_IMPORT, "add it without"))
    try:
        return read_yaml(text, spans=True)
    except InvalidYaml as error:
        raise CannotEdit(filename, "change", f"line {error.line}: {error.reason}", "mend it first") from None


def _list(text: str, where: str, filename: str) -> tuple[Yaml, Path | None]:
    """The document, and the path of the first list for pip; None where there is none."""
    document = _document(text, where, filename)
    value = document.value
    found = value.get("dependencies") if isinstance(value, dict) else None
    for number, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, dict) and "pip" in item:
            path: Path = ("dependencies", number, "pip")
            if isinstance(item["pip"], list) and item["pip"] and (*path, 0) not in document.spans:
                why = "its list for pip is written elsewhere, and named here (*…)"
                raise CannotEdit(filename, "change", why, _IMPORT)
            return document, path
    return document, None


def _at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


def _name(item: object) -> str | None:
    """The package that a line is about; None for options and for places without a name."""
    from hutch.project.dialects.conda_words import plain_name

    if not isinstance(item, str) or item.startswith(("-", ".", "/")) or "://" in item.partition("@")[0]:
        return None
    return plain_name(item)


def _keeping(new: Requirement, old: str) -> str:
    """As it is asked for now, with the extras and the marker that are not said anew."""
    from hutch.errors import Problem
    from hutch.spec import parse_requirement
    from hutch.values import replace

    try:
        before = parse_requirement(old.partition(" --")[0])
    except Problem:
        return new.render()
    kept = replace(new, extras=new.extras or before.extras, marker=new.marker or before.marker)
    return kept.render()


# --- splices ---


def _quoted(text: str) -> str:
    plain = text[:1].isalnum() and ": " not in text and " #" not in text and not text.endswith(":")
    return text if plain else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _line(text: str, at: int) -> tuple[int, int]:
    """The beginning of the line of ``at``, and that of the next."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return start, len(text) if end < 0 else end + 1


def _is_block(text: str, at: int) -> bool:
    """Whether an item stands behind a dash, in lines of its own."""
    start, _ = _line(text, at)
    return text[start:at].strip() == "-"


def _insert(text: str, document: Yaml, path: Path, index: int, words: str) -> str:
    newline = newline_of(text)
    last = index > 0 and (*path, index) not in document.spans
    start, end = document.spans[(*path, index - 1 if last else index)]
    if not _is_block(text, start):
        return (
            text[:end] + f", {_quoted(words)}" + text[end:]
            if last
            else (text[:start] + f"{_quoted(words)}, " + text[start:])
        )
    line, _ = _line(text, start)
    added = f"{text[line:start]}{_quoted(words)}{newline}"
    if not last:
        return text[:line] + added + text[line:]
    _, below = _line(text, max(end - 1, start))
    gap = "" if text[:below].endswith("\n") else newline
    return text[:below] + gap + added + text[below:]


def _new_list(text: str, document: Yaml, path: Path | None, words: str, filename: str) -> str:
    """A list for pip behind all other dependencies, or the first line of one that is empty."""
    newline = newline_of(text)
    if path is not None:
        own = text.split("\n")[document.line(path) - 1]
        if not own.rstrip().endswith("pip:"):
            raise CannotEdit(filename, "change", "its list for pip is written in a way of its own", _IMPORT)
        at = sum(len(each) + 1 for each in text.split("\n")[: document.line(path)])
        depth = len(own) - len(own.lstrip()) + 4
        gap = "" if text[:at].endswith("\n") else newline
        return text[:at] + gap + " " * depth + f"- {_quoted(words)}{newline}" + text[at:]
    if not _packages(document, filename):
        return _begun(text, document, ["  - pip:", f"      - {_quoted(words)}"], filename)
    spans = [span for at, span in document.spans.items() if at[:1] == ("dependencies",) and len(at) == 2]
    if not spans or not _is_block(text, spans[-1][0]):
        raise CannotEdit(filename, "change", "it has no list of dependencies, a line each", _IMPORT)
    start, end = spans[-1]
    line_start, _ = _line(text, start)
    lead = text[line_start:start]
    indent = " " * (len(lead) + 2)
    _, below = _line(text, max(end - 1, start))
    gap = "" if text[:below].endswith("\n") else newline
    added = f"{lead}pip:{newline}{indent}- {_quoted(words)}{newline}"
    return text[:below] + gap + added + text[below:]


_KEY = re.compile(
    r"""(dependencies|"dependencies"|'dependencies')[ \t]*:([ \t]*(\[[ \t]*\]|null|~))?(?=[ \t]*(#|$))"""
)
"""A line that has no dependencies, up to the comment behind it."""


def _lines(text: str) -> list[str]:
    """With their ends, as YAML counts them."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _begun(text: str, document: Yaml, lines: list[str], filename: str) -> str:
    """The first lines of a list where there is none, or an empty one."""
    newline = newline_of(text)
    added = "".join(line + newline for line in lines)
    if "dependencies" not in document.value:
        gap = "" if text.endswith("\n") or not text else newline
        return f"{text}{gap}dependencies:{newline}{added}"
    whole = _lines(text)
    number = document.line(_ALL) - 1
    found = _KEY.match(whole[number].rstrip("\r\n"))
    if found is None:
        raise CannotEdit(filename, "change", "it has no list of dependencies, a line each", _IMPORT)
    key = f"{found[1]}:{whole[number][found.end() :].rstrip()}{newline}"
    return "".join((*whole[:number], key, added, *whole[number + 1 :]))


def _above_list(text: str, document: Yaml, item: object, words: str, filename: str) -> str:
    """A first line above the list of another manager."""
    number = document.line((*_ALL, 0, *item)) - 1 if isinstance(item, dict) and len(item) == 1 else 0
    whole = _lines(text)
    own = whole[number]
    lead = own[: len(own) - len(own.lstrip())]
    if not number or not own.lstrip().startswith("- "):
        raise CannotEdit(filename, "change", "its dependencies do not have a line each", _IMPORT)
    return "".join((*whole[:number], f"{lead}- {words}{newline_of(text)}", *whole[number:]))


def _with_no_list(text: str) -> str:
    """Where all lines of the list are gone, say that it is empty."""
    document = read_yaml(text)
    if document.value["dependencies"] == []:
        return text
    whole = _lines(text)
    number = document.line(_ALL) - 1
    whole[number] = _KEY.sub(r"\1: []", whole[number], count=1)
    return "".join(whole)


def _without(text: str, document: Yaml, path: Path, number: int) -> str:
    start, end = document.spans[(*path, number)]
    if _is_block(text, start):
        line, _ = _line(text, start)
        _, below = _line(text, max(end - 1, start))
        return text[:line] + text[below:]
    following, before = document.spans.get((*path, number + 1)), document.spans.get((*path, number - 1))
    if following is not None:
        return text[:start] + text[following[0] :]
    return text[: before[1] if before is not None else start] + text[end:]


def _checked(text: str, expected: list[Any]) -> str:
    document = read_yaml(text)
    for item in document.value["dependencies"]:
        if isinstance(item, dict) and "pip" in item:
            if (item["pip"] or []) == expected:
                return text
            break
    raise Bug("an edit of environment.yml changed something else")
