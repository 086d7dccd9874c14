"""Changes of one array in a TOML text: a string in, out or replaced, as new text.

What surrounds the place decides the form: an array with an element a line gets a line with the same
indentation, an array in one line stays in one, the quotes are those of the neighbours, a trailing
comma stays or stays away, line ends are the file's. ``keys.py`` makes and drops keys and tables.
"""

from __future__ import annotations

import re

from hutch.project.spans import Document, Path, Span

__all__ = ["insert_item", "line_end", "line_start", "newline_of", "quote", "remove_item", "replace_item"]

_COMMENT_TO_END = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?=\r?\n|\Z)")
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")


def quote(text: str, delimiter: str = '"') -> str:
    """A TOML string for ``text``, in one line; in the other quotes where ``delimiter`` cannot hold it."""
    if delimiter == "'" and "'" not in text and text.isprintable():
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else _escape(c) for c in escaped) + '"'


def _escape(character: str) -> str:
    short = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
    number = ord(character)
    return short.get(character) or (f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}")


def quote_requirement(text: str, delimiter: str = '"') -> str:
    """As ``quote``, but the strings of a marker take the other quotes, which means the same."""
    other = "'" if delimiter == '"' else '"'
    if delimiter in text and other not in text:
        text = text.replace(delimiter, other)
    return quote(text, delimiter)


def replace_item(document: Document, path: Path, words: str) -> str:
    """Put the string ``words`` in place of the array element at ``path``."""
    span, text = document.spans[path], document.text
    return text[: span.start] + quote_requirement(words, text[span.start]) + text[span.end :]


def insert_item(document: Document, path: Path, index: int, words: str) -> str:
    """Put the string ``words`` into the array at ``path`` so that it becomes number ``index``."""
    items = [span for _, span in document.children(path)]
    delimiter = next((document.text[span.start] for span in items if span.kind == "string"), '"')
    return insert_value(document, path, index, quote_requirement(words, delimiter))


def insert_value(document: Document, path: Path, index: int, item: str) -> str:
    """As ``insert_item``, for the TOML text ``item``."""
    array = document.spans[path]
    items = [span for _, span in document.children(path)]
    if not items:
        return _fill(document, path, array, item)
    if index == 0:
        return _insert_first(document, array, items, item)
    return _insert_after(document, array, items, index, item)


def remove_item(document: Document, path: Path, index: int) -> str:
    """Take element ``index`` out of the array at ``path``, with its line if it has one of its own.

    A comment behind it goes with it; one above it stays, for it may head what follows.
    """
    array, text = document.spans[path], document.text
    items = [span for _, span in document.children(path)]
    item = items[index]
    if len(items) == 1 and "#" not in text[array.start : item.start] + text[item.end : array.end]:
        return text[: array.start] + "[]" + text[array.end :]
    end, has_comma = _after_comma(text, item)
    start = line_start(text, item.start)
    own_line = start > array.start and not text[start : item.start].strip()
    rest = _COMMENT_TO_END.match(text, end)
    if own_line and rest is not None and "\n" not in text[item.end : end]:
        below = text.find("\n", rest.end()) + 1
        if index and not has_comma:
            # The element before is the last one now: it has no comma behind it either.
            comma = _after_comma(text, items[index - 1])[0] - 1
            return text[:comma] + text[comma + 1 : start] + text[below:]
        return text[:start] + text[below:]
    if index and not own_line and not set(text[items[index - 1].end : item.start]) & {"#", "\n"}:
        return text[: items[index - 1].end] + text[item.end :]
    if index + 1 < len(items):
        following = items[index + 1].start
        return text[: item.start] + text[end if "#" in text[end:following] else following :]
    if not index:
        return text[: item.start] + text[end:]
    comma = _after_comma(text, items[index - 1])[0]
    plain = "#" not in text[comma : item.start]
    if has_comma and (own_line or not plain):
        return text[: comma if plain else item.start] + text[end:]
    if plain and "#" not in text[items[index - 1].end : comma]:
        return text[: items[index - 1].end] + text[item.end :]
    if has_comma:
        return text[:comma] + text[end:]
    return text[: comma - 1] + text[comma : item.start] + text[item.end :]


def _fill(document: Document, path: Path, array: Span, item: str) -> str:
    text, newline = document.text, newline_of(document.text)
    inner = text[array.start + 1 : array.end - 1]
    closing = line_start(text, array.end - 1)
    if "\n" in inner and not text[closing : array.end - 1].strip():
        indent = text[closing : array.end - 1] + "    "
        return text[:closing] + f"{indent}{item},{newline}" + text[closing:]
    inline = any(
        (above := document.spans.get(path[:length])) is not None and above.kind == "inline"
        for length in range(1, len(path))
    )
    filled = f"[{item}]" if inline else list_of_lines((item,), newline)
    return text[: array.start] + filled + text[array.end :]


def list_of_lines(items: tuple[str, ...], newline: str) -> str:
    """An array with an element a line."""
    return f"[{newline}" + "".join(f"    {item},{newline}" for item in items) + "]"


def _insert_first(document: Document, array: Span, items: list[Span], item: str) -> str:
    text, first = document.text, items[0]
    start = line_start(text, first.start)
    indent = text[start : first.start]
    if start <= array.start or indent.strip():
        return text[: first.start] + item + _separator(text, items, 1) + text[first.start :]
    # Comments right above the first element speak of it: the new line goes above them.
    while (above := line_start(text, start - 1)) > array.start and text[above:start].strip().startswith("#"):
        start = above
    return text[:start] + f"{indent}{item},{newline_of(text)}" + text[start:]


def _insert_after(document: Document, array: Span, items: list[Span], index: int, item: str) -> str:
    text, before = document.text, items[index - 1]
    in_line = text[: before.end] + _separator(text, items, index) + item + text[before.end :]
    start = line_start(text, before.start)
    indent = text[start : before.start]
    if start <= array.start or indent.strip():
        return in_line
    end, has_comma = _after_comma(text, before)
    if has_comma and "\n" in text[before.end : end]:
        return in_line
    rest = _COMMENT_TO_END.match(text, end)
    if rest is None and index < len(items) and line_start(text, items[index].start) == start:
        return in_line
    stop = rest.end() if rest else end
    line = f"{newline_of(text)}{indent}{item}"
    if has_comma:
        return text[:stop] + f"{line}," + text[stop:]
    return text[:end] + "," + text[end:stop] + line + text[stop:]


def _separator(text: str, items: list[Span], index: int) -> str:
    """What stands between two elements of one line, as near to ``index`` as there is an example."""
    for left in (index - 1, index - 2):
        if 0 <= left < len(items) - 1:
            between = text[items[left].end : items[left + 1].start]
            if not between.strip(" \t,"):
                return between
    return ", "


def _after_comma(text: str, item: Span) -> tuple[int, bool]:
    """The offset behind the comma that follows ``item`` and True; without one, the item's end and False."""
    gap = _GAP.match(text, item.end)
    comma = gap.end() if gap else item.end
    return (comma + 1, True) if text.startswith(",", comma) else (item.end, False)


def line_start(text: str, at: int) -> int:
    """The offset where the line of ``at`` begins."""
    return text.rfind("\n", 0, max(at, 0)) + 1


def line_end(text: str, at: int) -> int:
    """The offset where the line of ``at`` ends, before its line end."""
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if end > at and text[end - 1] == "\r" else end


def newline_of(text: str) -> str:
    """The line end that ``text`` uses."""
    return "\r\n" if "\r\n" in text else "\n"
