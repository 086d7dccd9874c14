"""Whole tables into the text of a ``pyproject.toml``: what is there and the same stays byte for byte."""

from __future__ import annotations

from hutch.project.keys import create_section, create_value, remove_key, replace_value
from hutch.project.spans import Document, Path, scan
from hutch.project.splice import insert_value, newline_of, remove_item
from hutch.project.toml_text import read_toml
from hutch.project.toml_write import block_text, is_section, value_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

__all__ = ["remove_paths", "write_words"]

_TABLES = (("project",), ("dependency-groups",), ("build-system",), ("tool", "hutch"))


def write_words(text: str, words: Mapping[str, Any]) -> str:
    """``text`` with the tables of ``words`` instead of those that it has; nothing else changes."""
    for path in _TABLES:
        table = _at(words, path)
        if table is not None:
            text = _put(text, path, table)
    return text


def _at(document: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        document = document.get(part) if isinstance(document, dict) else None
    return document


def _put(text: str, path: tuple[str, ...], table: dict[str, Any]) -> str:
    """Make the table at ``path`` what ``table`` says."""
    newline = newline_of(text)
    old = _at(read_toml(text), path)
    if not isinstance(old, dict):
        return _new_block(text, path, block_text(path, table, newline))
    for key in [key for key in old if key not in table]:
        text = remove_key(scan(text), (*path, key))
    for key, value in table.items():
        if key not in old:
            text = _create(text, (*path, key), value)
        elif old[key] != value:
            text = _change(text, (*path, key), old[key], value)
    return text


def _create(text: str, path: tuple[str, ...], value: Any) -> str:
    newline, document = newline_of(text), scan(text)
    above = document.spans.get(path[:-1])
    if is_section(path, value) and (above is None or above.kind != "inline"):
        return create_section(document, path, block_text(path, value, newline))
    if above is not None and above.kind == "implied" and above.end > above.start:
        # There are headers below this table, and none of its own.
        return create_section(document, path, block_text(path[:-1], {path[-1]: value}, newline))
    return create_value(
        document, path, value_text(value, lines=not _is_inline(document, path), newline=newline)
    )


def _change(text: str, path: tuple[str, ...], old: Any, new: Any) -> str:
    document, newline = scan(text), newline_of(text)
    span = document.spans.get(path)
    if isinstance(old, dict) and isinstance(new, dict) and (span is None or span.kind != "inline"):
        return _put(text, path, new)
    if span is not None and span.kind == "array" and not text.startswith("[[", span.start):
        if isinstance(old, list) and isinstance(new, list) and new[: len(old)] == old:
            for number in range(len(old), len(new)):
                text = insert_value(scan(text), path, number, value_text(new[number], lines=False))
            return text
    elif span is not None and isinstance(new, list) and _grows_by_tables(old, new):
        return create_section(document, path, block_text(path, new[len(old) :], newline))
    if (
        span is not None
        and span.kind in ("array", "inline", "string", "scalar")
        and not (text.startswith("[[", span.start))
    ):
        shown = value_text(new, lines=not _is_inline(document, path), newline=newline)
        return replace_value(document, path, shown)
    return _create(remove_key(document, path), path, new)


def _grows_by_tables(old: Any, new: list[Any]) -> bool:
    more = new[len(old) :] if isinstance(old, list) and old and new[: len(old)] == old else []
    return bool(more) and all(isinstance(item, dict) for item in more)


def _is_inline(document: Document, path: Path) -> bool:
    return any(
        (above := document.spans.get(path[:length])) is not None and above.kind == "inline"
        for length in range(1, len(path))
    )


def _new_block(text: str, path: tuple[str, ...], block: str) -> str:
    """A new table: ``[project]`` goes to the top, for it is what people look for; others to their kin."""
    if path != ("project",) or not text.strip():
        return create_section(scan(text), (*path, "x"), block)
    newline = newline_of(text)
    spans = sorted(scan(text).spans.values(), key=lambda span: span.key)
    at = spans[0].key if spans else len(text)
    # What is said right above the first table is said of it.
    while (above := text.rfind("\n", 0, max(at - 1, 0)) + 1) < at and text[above:at].startswith("#"):
        at = above
    return text[:at] + block + newline * 2 + text[at:]


def remove_paths(text: str, paths: Iterable[Path]) -> tuple[str, tuple[str, ...]]:
    """The text without what stands at ``paths``, and the tables that are gone with it, as dotted keys."""
    before = _tables(text)
    document = scan(text)
    doomed = {path for path in paths if path in document.spans}
    # All items of an array: the array goes.
    for path in sorted(doomed, key=len, reverse=True):
        if isinstance(path[-1], int):
            children = {at for at, _ in document.children(path[:-1])}
            if children <= doomed:
                doomed -= children
                doomed.add(path[:-1])
    doomed = {path for path in doomed if not any(path[:n] in doomed for n in range(1, len(path)))}
    headers = ("table", "array-table", "implied")
    for path in [path for path in doomed if document.spans[path].kind in headers]:  # each with its lines
        doomed |= {
            at for at, span in document.spans.items() if at[: len(path)] == path and span.kind in headers[:2]
        }
    for path in sorted(doomed, key=lambda each: document.spans[each].key, reverse=True):
        now = scan(text)
        span = now.spans.get(path)
        if span is None:
            continue
        if isinstance(path[-1], int) and span.kind != "array-table":
            text = remove_item(now, path[:-1], path[-1])
        else:
            text = remove_key(now, path)
        text = _without_gap(text, _first_difference(now.text, text))
        text = _without_empty(text, path[:-1])
    after = _tables(text)
    return text, tuple(".".join(map(str, path)) for path in before if path not in after)


def _tables(text: str) -> list[Path]:
    return [path for path, span in scan(text).spans.items() if span.kind == "table"]


def _without_empty(text: str, path: Path) -> str:
    """Without the inline tables around something that is gone, where it was all that they had."""
    while path:
        document = scan(text)
        span = document.spans.get(path)
        if span is None or span.kind != "inline" or document.children(path):
            return text
        if isinstance(path[-1], int):
            text = remove_item(document, path[:-1], path[-1])
        else:
            text = remove_key(document, path)
        path = path[:-1]
    return text


def _first_difference(before: str, after: str) -> int:
    shorter = min(len(before), len(after))
    return next((n for n in range(shorter) if before[n] != after[n]), shorter)


def _without_gap(text: str, at: int) -> str:
    """Without a second empty line where something is gone."""
    newline = newline_of(text)
    at = text.rfind("\n", 0, at) + 1
    if not text[at:].strip():
        return text[:at].rstrip("\r\n") + newline
    while text[:at].endswith(newline * 2) and text.startswith(newline, at):
        text = text[:at] + text[at + len(newline) :]
    return text
