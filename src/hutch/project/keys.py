"""Keys and tables made and dropped in a TOML text, in the form that the text has already.

A table may be written with a header, with dotted keys or inline, and a new key has to join in: the
functions here find how its table is written, and write where its last line is.
"""

from __future__ import annotations

import re

from hutch.project.spans import Document, Path
from hutch.project.splice import line_end, line_start, list_of_lines, newline_of, quote, quote_requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["create_array", "create_section", "create_value", "remove_key", "replace_value", "value_at"]

_HEADERS = ("table", "array-table")


def create_array(document: Document, path: Path, items: tuple[str, ...]) -> str:
    """Make the key ``path`` with an array of strings, an element a line unless it lies in an inline table."""
    shown = tuple(quote_requirement(item) for item in items)
    if _inline_above(document, path):
        return create_value(document, path, f"[{', '.join(shown)}]")
    return create_value(document, path, list_of_lines(shown, newline_of(document.text)))


def create_value(document: Document, path: Path, value: str) -> str:
    """Make the key ``path`` (absent so far) with the TOML text ``value``."""
    if inline := _inline_above(document, path):
        return _into_inline(document, inline, path, value)
    parent = document.spans.get(path[:-1])
    if parent is not None and parent.kind in _HEADERS:
        return _new_line(document, _last_of(document, path[:-1]) or parent.end, f"{_key(path[-1])} = {value}")
    for at in document.spans:
        # A sibling by a dotted key: `project.name = …` asks for `project.dependencies = …` beside it.
        owner = _owner(document, at)
        if at[: len(path) - 1] == path[:-1] and len(at) >= len(path) > len(owner) + 1:
            siblings = [
                a for a in document.spans if a[: len(path) - 1] == path[:-1] and _owner(document, a) == owner
            ]
            end = max(document.spans[each].end for each in siblings)
            return _new_line(document, end, f"{_dotted(path[len(owner) :])} = {value}")
    block = newline_of(document.text).join((f"[{_dotted(path[:-1])}]", f"{_key(path[-1])} = {value}"))
    return _new_section(document, path, block)


def replace_value(document: Document, path: Path, value: str) -> str:
    """Put the TOML text ``value`` in place of the value at ``path``."""
    span = document.spans[path]
    return document.text[: span.start] + value + document.text[span.end :]


def remove_key(document: Document, path: Path, *, keep_section: bool = False) -> str:
    """Take what stands at ``path`` out: a key with its line, or a table with its header and its lines.

    A section that is left without a key loses its header as well, unless it is to be kept.
    """
    text, span = document.text, document.spans[path]
    parent = document.spans.get(path[:-1])
    if parent is not None and parent.kind == "inline":
        siblings = [each for _, each in document.children(path[:-1])]
        number = siblings.index(span)
        if len(siblings) == 1:
            return text[: parent.start] + "{}" + text[parent.end :]
        if number + 1 < len(siblings):
            return text[: span.key] + text[siblings[number + 1].key :]
        return text[: siblings[number - 1].end] + text[span.end :]
    # The lines to drop: its own, and those of everything in it that has lines of its own.
    doomed = [
        each for at, each in document.spans.items() if at[: len(path)] == path and each.kind != "implied"
    ]
    is_last = parent is not None and parent.kind == "table" and len(document.children(path[:-1])) == 1
    if parent is not None and is_last and not keep_section:
        doomed.append(parent)
    lines: list[tuple[int, int]] = []
    for start, below in sorted({(line_start(text, each.key), _below(text, each.end)) for each in doomed}):
        if lines and start < lines[-1][1]:  # a value of several lines, and what is in it
            lines[-1] = (lines[-1][0], max(lines[-1][1], below))
        else:
            lines.append((start, below))
    for start, below in reversed(lines):
        text = text[:start] + text[below:]
    return text


def _below(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _inline_above(document: Document, path: Path) -> Path:
    """The nearest inline table around ``path``; () if there is none."""
    for length in range(len(path) - 1, 0, -1):
        above = document.spans.get(path[:length])
        if above is not None and above.kind == "inline":
            return path[:length]
    return ()


def _into_inline(document: Document, inline: Path, path: Path, value: str) -> str:
    for part in reversed(path[len(inline) + 1 :]):
        value = f"{{ {_key(part)} = {value} }}"
    pair = f"{_key(path[len(inline)])} = {value}"
    span, text = document.spans[inline], document.text
    ends = [s.end for at, s in document.spans.items() if at[: len(inline)] == inline and at != inline]
    if not ends:
        return text[: span.start] + f"{{ {pair} }}" + text[span.end :]
    return text[: max(ends)] + f", {pair}" + text[max(ends) :]


def _owner(document: Document, path: Path) -> Path:
    """The header or the inline table below which the key at ``path`` is written; () for the root.

    For a header, and for what only headers imply, itself: it belongs to nobody's lines.
    """
    span = document.spans[path]
    if span.kind in _HEADERS or span.kind == "implied":
        return path
    first = document.spans.get((*path, 0))
    if first is not None and first.kind == "array-table":  # [[…]] has lines of its own
        return path
    for length in range(len(path) - 1, 0, -1):
        above = document.spans.get(path[:length])
        if above is not None and above.kind in (*_HEADERS, "inline", "array"):
            return path[:length]
    return ()


def _last_of(document: Document, header: Path) -> int:
    """The end of the last value that is written below ``header``; 0 if there is none."""
    return max(
        (s.end for at, s in document.spans.items() if at != header and _owner(document, at) == header),
        default=0,
    )


def _new_line(document: Document, end: int, words: str) -> str:
    text = document.text
    at = line_end(text, end)
    return text[:at] + newline_of(text) + words + (text[at:] or newline_of(text))


def create_section(document: Document, path: Path, block: str) -> str:
    """Put ``block``, the text of the table at ``path`` with its header, behind those that it belongs to."""
    return _new_section(document, path, block)


def _new_section(document: Document, path: Path, block: str) -> str:
    """Put a new table behind the sections that it belongs to, else at the end of the file."""
    text, newline = document.text, newline_of(document.text)
    kin: tuple[Path, ...] = (path[:1],) if path[0] != "tool" else (path[:2],)
    if path[0] == "dependency-groups":
        kin = (*kin, ("project",))
    ends = [span.end for at, span in document.spans.items() if any(at[: len(each)] == each for each in kin)]
    at = line_end(text, max(ends)) if ends else len(text)
    following = text[at:]
    if not following.strip():
        text = text.rstrip("\r\n")
        return f"{text}{newline * 2}{block}{newline}" if text.strip() else f"{text}{block}{newline}"
    gap = "" if following.startswith(newline * 2) else newline
    return text[:at] + newline * 2 + block + gap + following


def _dotted(path: Path) -> str:
    return ".".join(_key(part) for part in path)


def _key(part: str | int) -> str:
    assert isinstance(part, str)
    return part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else quote(part)


def value_at(data: Any, path: tuple[str, ...]) -> Any:
    """What a document has there; None where a table on the way is none."""
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data
