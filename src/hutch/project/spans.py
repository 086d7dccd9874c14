"""Where things stand in a TOML text: a span for every table, key, array element and value.

``tomllib`` says what a document means and forgets where it said so. This scanner says only where:
it walks a text that ``tomllib`` has already accepted, so it need not judge. Two things need it:
the line of a fault or of a requirement that an explanation names, and edits that change one array
element and not one byte beside it. Neither is on the path of a command that succeeds at once.

Spec: TOML 1.0.
"""

from __future__ import annotations

import re

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    Kind: TypeAlias = Literal["table", "array-table", "array", "inline", "string", "scalar", "implied"]
else:
    Kind = str

__all__ = ["Document", "Path", "Span", "scan"]

Path = tuple[str | int, ...]
"""Keys and array indexes from the root: ``("project", "dependencies", 3)``."""


@dataclass(frozen=True, slots=True)
class Span:
    """One thing in the text.

    ``start`` and ``end`` are offsets: of the value; for a table, of its header. ``key`` is the
    offset where the key begins (equal to ``start`` for array elements and headers). ``kind``
    ``implied`` is a table that only dotted keys or deeper headers speak of.
    """

    kind: Kind
    key: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """A scanned text. ``spans`` are in the order of the text."""

    text: str
    spans: dict[Path, Span]

    def offset(self, path: Path) -> int:
        """Where ``path`` begins, or the nearest thing around it that the text has."""
        while path and path not in self.spans:
            path = path[:-1]
        return self.spans[path].key if path else 0

    def line(self, path: Path) -> int:
        """The line (from 1) of ``offset``."""
        return self.text.count("\n", 0, self.offset(path)) + 1

    def children(self, path: Path) -> list[tuple[Path, Span]]:
        """What stands directly in ``path``, in the order of the text."""
        depth = len(path) + 1
        return [(at, span) for at, span in self.spans.items() if len(at) == depth and at[:-1] == path]


_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_LONG_BASIC = re.compile(r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"""(?:"{0,2})')
_LONG_LITERAL = re.compile(r"'''(?:[^']|'{1,2}(?!'))*'''(?:'{0,2})")
_SCALAR = re.compile(r"[^,\]}#\n]*[^,\]}#\s]")


def scan(text: str) -> Document:
    """Find everything in ``text``, which must be valid TOML (what follows a fault is left out)."""
    scanner = _Scanner(text)
    try:
        scanner.document()
    except (_Lost, ValueError, RecursionError):
        pass  # ValueError: a string with an escape that is none
    return Document(text, scanner.spans)


class _Lost(Exception):
    """The text is not TOML here."""


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.spans: dict[Path, Span] = {}
        self.counts: dict[Path, int] = {}

    def document(self) -> None:
        text, table = self.text, ()
        at = 1 if text.startswith("\ufeff") else 0
        table_path: Path = table
        while (at := self.skip(_BLANK, at)) < len(text):
            if text[at] == "[":
                table_path, at = self.header(at)
            else:
                at = self.pair(table_path, at)

    def skip(self, pattern: re.Pattern[str], at: int) -> int:
        found = pattern.match(self.text, at)
        return found.end() if found else at

    def header(self, at: int) -> tuple[Path, int]:
        start, many = at, self.text.startswith("[[", at)
        keys, at = self.keys(at + (2 if many else 1))
        closing = "]]" if many else "]"
        if not self.text.startswith(closing, at):
            raise _Lost
        at += len(closing)
        path: Path = ()
        for position, key in enumerate(keys):
            path += (key,)
            if many and position == len(keys) - 1:
                number = self.counts.get(path, 0)
                self.counts[path] = number + 1
                if not number:
                    self.spans[path] = Span("array", start, start, at)
                path += (number,)
                self.spans[path] = Span("array-table", start, start, at)
            elif path in self.counts:
                path += (self.counts[path] - 1,)
            elif path not in self.spans:
                self.spans[path] = Span("implied", start, start, at)
        if not many:
            self.spans[path] = Span("table", start, start, at)
        return path, at

    def keys(self, at: int) -> tuple[list[str], int]:
        """A dotted key and the offset after it and its blanks."""
        keys: list[str] = []
        while True:
            at = self.skip(_SPACE, at)
            if found := _BARE_KEY.match(self.text, at):
                keys.append(found[0])
            elif found := _BASIC.match(self.text, at) or _LITERAL.match(self.text, at):
                keys.append(unquote(found[0]))
            else:
                raise _Lost
            at = self.skip(_SPACE, found.end())
            if not self.text.startswith(".", at):
                return keys, at
            at += 1

    def pair(self, table: Path, at: int) -> int:
        start = at
        keys, at = self.keys(at)
        if not self.text.startswith("=", at):
            raise _Lost
        path = table
        for key in keys[:-1]:
            path += (key,)
            if path not in self.spans:
                self.spans[path] = Span("implied", start, start, start)
        return self.value((*path, keys[-1]), start, self.skip(_SPACE, at + 1))

    def value(self, path: Path, key: int, at: int) -> int:
        text = self.text
        kind: Kind = "scalar"
        if text.startswith("[", at):
            self.spans[path] = Span("array", key, at, at)  # keeps the order of the text; its end comes below
            kind, end = "array", self.array(path, at + 1)
        elif text.startswith("{", at):
            self.spans[path] = Span("inline", key, at, at)
            kind, end = "inline", self.inline(path, at + 1)
        elif found := (
            _LONG_BASIC.match(text, at)
            or _LONG_LITERAL.match(text, at)
            or _BASIC.match(text, at)
            or _LITERAL.match(text, at)
        ):
            kind, end = "string", found.end()
        elif found := _SCALAR.match(text, at):
            end = found.end()
        else:
            raise _Lost
        self.spans[path] = Span(kind, key, at, end)
        return end

    def array(self, path: Path, at: int) -> int:
        number = 0
        while True:
            at = self.skip(_BLANK, at)
            if self.text.startswith("]", at):
                return at + 1
            at = self.skip(_BLANK, self.value((*path, number), at, at))
            number += 1
            if self.text.startswith(",", at):
                at += 1
            elif not self.text.startswith("]", at):
                raise _Lost

    def inline(self, path: Path, at: int) -> int:
        while True:
            at = self.skip(_BLANK, at)
            if self.text.startswith("}", at):
                return at + 1
            at = self.skip(_BLANK, self.pair(path, at))
            if self.text.startswith(",", at):
                at += 1
            elif not self.text.startswith("}", at):
                raise _Lost


def unquote(literal: str) -> str:
    """The text that a TOML string literal stands for."""
    if "\\" not in literal and not literal.startswith(('"""', "'''")):
        return literal[1:-1]
    import tomllib

    value = tomllib.loads(f"x = {literal}")["x"]
    assert isinstance(value, str)
    return value
