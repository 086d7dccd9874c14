"""Changes of a TOML text at one place: an array element in, out or replaced; a key made or dropped.

Each method returns the whole new text. What surrounds the place decides the form: an array with
an element a line gets a line with the same indentation, an array in one line stays in one, the
quotes are those of the neighbours, a trailing comma stays or stays away, line ends are the file's.
"""

from __future__ import annotations

import re

from hutch.project.spans import Document, Path, Span

__all__ = ["Splice", "quote"]

_REST_IS_COMMENT = re.compile(r"[ \t]*(?:#[^\n]*)?(?=\r?\n|\Z)")
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")


def quote(text: str, delimiter: str = '"') -> str:
    """A TOML string for ``text``, of one line. ``'`` is used only where nothing needs an escape."""
    if delimiter == "'" and "'" not in text and text.isprintable():
        return f"'{text}'"
    if '"' in text and "'" not in text and text.isprintable() and "\\" not in text and delimiter == "'":
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else _escape(c) for c in escaped) + '"'


def _escape(character: str) -> str:
    short = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
    number = ord(character)
    return short.get(character) or (f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}")


def _quote_requirement(text: str, delimiter: str) -> str:
    """As ``quote``, but the strings of a marker take the other quotes, which means the same."""
    other = "'" if delimiter == '"' else '"'
    if delimiter in text and other not in text:
        text = text.replace(delimiter, other)
    return quote(text, delimiter)


class Splice:
    """One change of ``document``; make a new one (and scan again) for the next."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.newline = "\r\n" if "\r\n" in document.text else "\n"

    # --- elements of arrays ---

    def replace(self, path: Path, words: str) -> str:
        """Put the string ``words`` in place of the array element at ``path``."""
        span = self.document.spans[path]
        delimiter = self.text[span.start]
        return self._put(span.start, span.end, _quote_requirement(words, delimiter))

    def insert(self, path: Path, index: int, words: str) -> str:
        """Put the string ``words`` into the array at ``path`` so that it becomes number ``index``."""
        array = self.document.spans[path]
        items = [span for _, span in self.document.children(path)]
        item = _quote_requirement(words, self._delimiter(items))
        if not items:
            return self._fill(path, array, item)
        return (
            self._insert_first(array, items[0], item)
            if index == 0
            else self._insert_after(array, items, index, item)
        )

    def _fill(self, path: Path, array: Span, item: str) -> str:
        inner = self.text[array.start + 1 : array.end - 1]
        if "\n" in inner:
            closing = self._line_start(array.end - 1)
            if not self.text[closing : array.end - 1].strip():
                indent = self.text[closing : array.end - 1] + "    "
                return self._put(closing, closing, f"{indent}{item},{self.newline}")
        if self._in_line(path):
            return self._put(array.start, array.end, f"[{item}]")
        return self._put(array.start, array.end, self._lines((item,)))

    def _insert_first(self, array: Span, first: Span, item: str) -> str:
        start = self._line_start(first.start)
        indent = self.text[start : first.start]
        if start <= array.start or indent.strip():
            return self._put(first.start, first.start, f"{item}, ")
        # Comments right above the first element speak of it: the new line goes above them.
        while True:
            above = self._line_start(start - 1)
            line = self.text[above:start].strip()
            if above <= array.start or not line.startswith("#"):
                break
            start = above
        return self._put(start, start, f"{indent}{item},{self.newline}")

    def _insert_after(self, array: Span, items: list[Span], index: int, item: str) -> str:
        before = items[index - 1]
        last = index == len(items)
        start = self._line_start(before.start)
        indent = self.text[start : before.start]
        if start <= array.start or indent.strip():
            return self._put(before.end, before.end, f", {item}")
        comma = _GAP.match(self.text, before.end)
        after = comma.end() if comma else before.end
        has_comma = self.text.startswith(",", after)
        if has_comma and "\n" in self.text[before.end : after]:
            return self._put(before.end, before.end, f", {item}")
        end = after + 1 if has_comma else before.end
        rest = _REST_IS_COMMENT.match(self.text, end)
        tail = "," if has_comma else ""
        if rest is None:
            if not last and self._line_start(items[index].start) == start:
                return self._put(before.end, before.end, f", {item}")
            rest_end = end
        else:
            rest_end = rest.end()
        line = f"{self.newline}{indent}{item}{tail}"
        if has_comma:
            return self._put(rest_end, rest_end, line)
        return self.text[:end] + "," + self.text[end:rest_end] + line + self.text[rest_end:]

    def remove(self, path: Path, index: int) -> str:
        """Take element ``index`` out of the array at ``path``, with its line if it has one of its own."""
        array = self.document.spans[path]
        items = [span for _, span in self.document.children(path)]
        item = items[index]
        gap = _GAP.match(self.text, item.end)
        comma = gap.end() if gap else item.end
        has_comma = self.text.startswith(",", comma)
        end = comma + 1 if has_comma else item.end
        if (
            len(items) == 1
            and "#" not in self.text[array.start + 1 : item.start] + self.text[item.end : array.end]
        ):
            return self._put(array.start, array.end, "[]")
        start = self._line_start(item.start)
        own_line = start > array.start and not self.text[start : item.start].strip()
        rest = _REST_IS_COMMENT.match(self.text, end)
        if own_line and rest is not None and "\n" not in self.text[item.end : end]:
            stop = rest.end()
            stop += 2 if self.text.startswith("\r\n", stop) else 1 if self.text.startswith("\n", stop) else 0
            text = self._put(start, stop, "")
            # The element before is now the last one: without a trailing comma before, none after.
            if not has_comma and index:
                return (
                    text[: items[index - 1].end]
                    + text[items[index - 1].end : start].replace(",", "", 1)
                    + text[start:]
                )
            return text
        if index + 1 < len(items):
            return (
                self._put(item.start, items[index + 1].start, "")
                if self._plain(end, items[index + 1].start)
                else self._put(item.start, end, "")
            )
        if index:
            before = items[index - 1].end
            if self._plain(before, item.start):
                return self._put(before, item.end, "")
            if has_comma:
                return self._put(item.start, end, "")
            text = self._put(item.start, item.end, "")
            hole = _GAP.match(text, before)
            at = hole.end() if hole else before
            return text[:at] + text[at + 1 :]
        return self._put(item.start, end, "")

    def _plain(self, start: int, end: int) -> bool:
        return "#" not in self.text[start:end]

    # --- keys ---

    def create_array(self, path: Path, items: tuple[str, ...]) -> str:
        """Make the key ``path`` with an array of strings, an element a line."""
        shown = tuple(_quote_requirement(item, '"') for item in items)
        parent = self.document.spans.get(path[:-1])
        if parent is not None and parent.kind == "inline":
            return self.create_value(path, "[" + ", ".join(shown) + "]")
        return self.create_value(path, self._lines(shown))

    def create_value(self, path: Path, value: str) -> str:
        """Make the key ``path`` (absent so far) with the TOML text ``value``, in the fitting place."""
        parent_path = path[:-1]
        key = _key(path[-1])
        parent = self.document.spans.get(parent_path)
        if parent is None or parent.kind == "implied":
            return self._create_in_implied(path, value)
        if parent.kind == "inline":
            children = self.document.children(parent_path)
            if not children:
                return self._put(parent.start, parent.end, f"{{ {key} = {value} }}")
            end = max(
                span.end
                for at, span in self.document.spans.items()
                if at[: len(parent_path)] == parent_path and at != parent_path
            )
            return self._put(end, end, f", {key} = {value}")
        return self._after_section(parent_path, parent, f"{key} = {value}")

    def _create_in_implied(self, path: Path, value: str) -> str:
        """The table of ``path`` has no header. Either its keys are dotted, or it needs a header."""
        below = [
            (at, span)
            for at, span in self.document.spans.items()
            if at[: len(path) - 1] == path[:-1] and len(at) > len(path) - 1
        ]
        dotted = [(at, span) for at, span in below if span.kind not in ("table", "array-table", "implied")]
        for at, _ in dotted:
            owner = self._owner(at)
            if len(owner) < len(path) - 1:
                end = max(self._extent(a) for a, _ in dotted if self._owner(a) == owner)
                words = ".".join(_key(part) for part in path[len(owner) :])
                return self._new_line(end, f"{words} = {value}")
        # An inline table above (`project = {…}`) can only be extended from inside.
        for length in range(len(path) - 2, 0, -1):
            above = self.document.spans.get(path[:length])
            if above is not None and above.kind == "inline":
                inner = value
                for part in reversed(path[length + 1 :]):
                    inner = f"{{ {_key(part)} = {inner} }}"
                return self.create_value(path[: length + 1], inner)
        header = "[" + ".".join(_key(part) for part in path[:-1]) + "]"
        block = f"{header}{self.newline}{_key(path[-1])} = {value}"
        related = [
            at
            for at in self.document.spans
            if at[:1] == path[:1] or (path[0] == "dependency-groups" and at[:1] == ("project",))
        ]
        if path[0] == "tool":
            related = [at for at in related if at[:2] == path[:2]]
        if not related:
            return self._append(block)
        end = max(self._extent(at) for at in related)
        lead = self.newline * 2
        rest = self.text[end:]
        line_end = self._line_end(end)
        following = self.text[line_end:]
        tail = "" if not following.strip() or following.startswith(("\n\n", "\r\n\r\n")) else self.newline
        if not rest.strip():
            return self._append(block)
        return self.text[:line_end] + lead + block + tail + following

    def remove_key(self, path: Path) -> str:
        """Take the key (or the tables) at ``path`` out; a section left empty loses its header as well."""
        span = self.document.spans[path]
        if span.kind in ("table", "array-table", "implied") or (
            span.kind == "array" and self.text[span.start : span.start + 2] == "[["
        ):
            text = self.text
            tables = [(a, s) for a, s in self.document.spans.items() if a[: len(path)] == path]
            for at, each in sorted(tables, key=lambda pair: -pair[1].key):
                if each.kind in ("implied",) or (
                    each.kind == "array" and self.text.startswith("[[", each.start)
                ):
                    continue
                if (
                    at != path
                    and len(at) > len(path) + 1
                    and self.document.spans[at[:-1]].kind in ("array", "inline")
                ):
                    if not self.text.startswith("[[", self.document.spans[at[:-1]].start):
                        continue
                text = self._without_line(text, each.key, each.end)
            return text
        parent = self.document.spans.get(path[:-1])
        if parent is not None and parent.kind == "inline":
            siblings = [s for _, s in self.document.children(path[:-1])]
            number = siblings.index(span)
            if len(siblings) == 1:
                return self._put(parent.start, parent.end, "{}")
            if number + 1 < len(siblings):
                return self._put(span.key, siblings[number + 1].key, "")
            return self._put(siblings[number - 1].end, span.end, "")
        text = self._without_line(self.text, span.key, span.end)
        if parent is not None and parent.kind == "table" and len(self.document.children(path[:-1])) == 1:
            text = self._without_line(text, parent.start, parent.end)
            text = (
                re.sub(r"(\r?\n)(?:\r?\n){2,}", r"\1\1", text)
                if text.count("\n\n\n") > self.text.count("\n\n\n")
                else text
            )
        return text

    def replace_value(self, path: Path, value: str) -> str:
        """Put the TOML text ``value`` in place of the value at ``path``."""
        span = self.document.spans[path]
        return self._put(span.start, span.end, value)

    # --- places ---

    def _owner(self, path: Path) -> Path:
        """The header (or the root, or the inline table) in whose lines the key at ``path`` is written."""
        for length in range(len(path) - 1, 0, -1):
            span = self.document.spans.get(path[:length])
            if span is not None and span.kind in ("table", "array-table", "inline", "array"):
                return path[:length]
        return ()

    def _extent(self, path: Path) -> int:
        return self.document.spans[path].end

    def _after_section(self, parent_path: Path, parent: Span, words: str) -> str:
        """Add the line ``words`` behind the last key that is written under the header of ``parent_path``."""
        ends = [
            span.end
            for at, span in self.document.spans.items()
            if self._owner(at) == parent_path
            and span.kind != "table"
            and span.kind != "array-table"
            and span.start > parent.start
        ]
        return self._new_line(max(ends, default=parent.end), words)

    def _new_line(self, end: int, words: str) -> str:
        at = self._line_end(end)
        return self.text[:at] + self.newline + words + self.text[at:]

    def _append(self, block: str) -> str:
        text = self.text
        if text.strip():
            text = text if text.endswith("\n") else text + self.newline
            text += "" if text.endswith(("\n\n", "\n\r\n")) else self.newline
        return text + block + self.newline

    def _without_line(self, text: str, start: int, end: int) -> str:
        begin = text.rfind("\n", 0, start) + 1
        stop = text.find("\n", end)
        stop = len(text) if stop < 0 else stop + 1
        return text[:begin] + text[stop:]

    def _line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, max(at, 0)) + 1

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        end = len(self.text) if end < 0 else end
        return end - 1 if end and self.text[end - 1 : end] == "\r" else end

    def _in_line(self, path: Path) -> bool:
        return any(
            (span := self.document.spans.get(path[:length])) is not None and span.kind == "inline"
            for length in range(1, len(path))
        )

    def _delimiter(self, items: list[Span]) -> str:
        strings = [self.text[span.start] for span in items if span.kind == "string"]
        return strings[0] if strings else '"'

    def _lines(self, items: tuple[str, ...]) -> str:
        return "[" + self.newline + "".join(f"    {item},{self.newline}" for item in items) + "]"

    def _put(self, start: int, end: int, words: str) -> str:
        return self.text[:start] + words + self.text[end:]


def _key(part: str | int) -> str:
    assert isinstance(part, str)
    return part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else quote(part)
