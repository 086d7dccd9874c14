"""TOML as nearly everybody writes it, read without a parser's start-up.

``tomllib`` is the reader, and what it says is right; but its import (``re``, ``typing``, ``datetime``,
``enum``, ``string``) takes longer than a lock that is answered from memory. So what is plain is read here:
tables, arrays of tables, and keys with strings, whole numbers, truth values, arrays and inline tables.
Whatever else there is (a date, a number in another notation, a rare escape, above all anything that may be a
mistake), is not judged: the answer is None, and ``tomllib`` reads, or refuses, the whole text.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["read_plain_toml"]

MOST_PARTS = 8
"""Parts of a dotted key."""
DEEPEST = 16
"""Arrays and inline tables inside of each other."""
_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
_DIGITS = frozenset("0123456789")
_ESCAPES = {"\\": "\\", '"': '"', "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_NUMBER_ENDS = ",]} \t\n#"
_LONGEST_NUMBER = 18  # digits that surely fit where numbers are 64 bits wide


class _NotPlain(Exception):
    """Let ``tomllib`` see to it."""


def read_plain_toml(text: str) -> dict[str, Any] | None:
    """The document ``text``, or None if it is not plain (or not TOML)."""
    text = text.replace("\r\n", "\n")
    if any((char < " " and char not in "\t\n") or char == "\x7f" for char in set(text)):
        return None
    try:
        return _Reader(text if text.endswith("\n") else text + "\n").document()
    except _NotPlain:
        return None


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.root: dict[str, Any] = {}
        # By identity: tables that headers made, and those of them that no header has named yet.
        self.tables = {id(self.root)}
        self.implied: set[int] = set()
        self.arrays: set[int] = set()

    def document(self) -> dict[str, Any]:
        text, size = self.text, len(self.text)
        table = self.root
        dotted: set[int] = set()  # the tables that dotted keys made below this header
        at = 0
        while at < size:
            first = text[at]
            if first in " \t\n":
                at += 1
            elif first == "#":
                at = text.index("\n", at) + 1
            elif first == "[":
                end = text.index("\n", at)
                table = self.header(_without_comment(text[at:end]))
                dotted = set()
                at = end + 1
            else:
                sign = text.find("=", at)
                if sign < 0:
                    raise _NotPlain
                inner, last = self.place(table, _parts(text[at:sign]), dotted)
                inner[last], at = self.value(sign + 1, 0)
                at = self.line_end(at)
        return self.root

    def header(self, line: str) -> dict[str, Any]:
        """The table that a line with a header opens."""
        is_array = line.startswith("[[")
        width = 2 if is_array else 1
        if not line.endswith("]" * width):
            raise _NotPlain
        *parents, last = _parts(line[width:-width])
        table = self.root
        for part in parents:
            inner = table.get(part)
            if inner is None:
                inner = table[part] = self.new_table()
                self.implied.add(id(inner))
            elif id(inner) in self.arrays:
                inner = inner[-1]
            elif id(inner) not in self.tables:
                raise _NotPlain
            table = inner
        found = table.get(last)
        if is_array:
            if found is None:
                found = table[last] = []
                self.arrays.add(id(found))
            elif id(found) not in self.arrays:
                raise _NotPlain
            new = self.new_table()
            found.append(new)
            return new
        if found is None:
            found = table[last] = self.new_table()
        elif id(found) in self.implied:
            self.implied.remove(id(found))
        else:
            raise _NotPlain
        return found

    def new_table(self) -> dict[str, Any]:
        table: dict[str, Any] = {}
        # By identity is safe: what was made is part of the document, and lives as long as this reader.
        self.tables.add(id(table))
        return table

    def place(self, table: dict[str, Any], parts: list[str], dotted: set[int]) -> tuple[dict[str, Any], str]:
        """Where a key, dotted or not, puts its value: a table and a name that is free in it."""
        *parents, last = parts
        for part in parents:
            inner = table.get(part)
            if inner is None:
                inner = table[part] = {}
                dotted.add(id(inner))
            elif id(inner) not in dotted:
                raise _NotPlain
            table = inner
        if last in table:
            raise _NotPlain
        return table, last

    def value(self, at: int, depth: int) -> tuple[Any, int]:
        """The value that begins at ``at`` or after blanks, and where it ends."""
        text = self.text
        while text[at] in " \t":
            at += 1
        first = text[at]
        if first == '"' or first == "'":
            return self.string(at, first)
        if first == "[" or first == "{":
            if depth >= DEEPEST:
                raise _NotPlain
            return self.array(at + 1, depth + 1) if first == "[" else self.inline(at + 1, depth + 1)
        end = at
        while text[end] not in _NUMBER_ENDS:
            end += 1
        word = text[at:end]
        if word == "true" or word == "false":
            return word == "true", end
        if _DIGITS.issuperset(word) and 0 < len(word) <= _LONGEST_NUMBER and (word[0] != "0" or word == "0"):
            return int(word), end
        raise _NotPlain

    def string(self, at: int, quote: str) -> tuple[str, int]:
        text = self.text
        if text.startswith(quote * 3, at):
            return self.long_string(at + 3, quote * 3)
        end = text.find(quote, at + 1)
        found = text[at + 1 : end] if end > 0 else "\n"
        if quote == '"' and "\\" in found:
            return self.escaped(at + 1)
        if "\n" in found:
            raise _NotPlain
        return found, end + 1

    def long_string(self, at: int, quotes: str) -> tuple[str, int]:
        """A string over several lines, unless it has something to be replaced in it."""
        text = self.text
        end = text.find(quotes, at)
        found = text[at:end]
        if end < 0 or text[end + 3 : end + 4] == quotes[0] or (quotes[0] == '"' and "\\" in found):
            raise _NotPlain
        return found.removeprefix("\n"), end + 3

    def escaped(self, at: int) -> tuple[str, int]:
        text, parts, quote = self.text, list[str](), -1
        while True:
            slash = text.find("\\", at)
            if quote < at:  # else it is known already where the next one is
                quote = text.find('"', at)
            if quote < 0:
                raise _NotPlain
            if slash < 0 or quote < slash:
                parts.append(text[at:quote])
                found = "".join(parts)
                break
            parts.append(text[at:slash])
            meant = _ESCAPES.get(text[slash + 1])
            if meant is None or "\n" in parts[-1]:
                raise _NotPlain
            parts.append(meant)
            at = slash + 2
        if "\n" in parts[-1]:
            raise _NotPlain
        return found, quote + 1

    def array(self, at: int, depth: int) -> tuple[list[Any], int]:
        text = self.text
        found: list[Any] = []
        while True:
            at = self.next_thing(at)
            if text[at] == "]":
                return found, at + 1
            value, at = self.value(at, depth)
            found.append(value)
            at = self.next_thing(at)
            if text[at] == ",":
                at += 1
            elif text[at] != "]":
                raise _NotPlain

    def inline(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        text = self.text
        found: dict[str, Any] = {}
        dotted: set[int] = set()
        at = self.blanks(at)
        if text[at] == "}":
            return found, at + 1
        while True:
            sign = text.find("=", at)
            if sign < 0:
                raise _NotPlain
            table, last = self.place(found, _parts(text[at:sign]), dotted)
            table[last], at = self.value(sign + 1, depth)
            at = self.blanks(at)
            if text[at] == "}":
                return found, at + 1
            if text[at] != ",":
                raise _NotPlain
            at += 1

    def blanks(self, at: int) -> int:
        while self.text[at] in " \t":
            at += 1
        return at

    def next_thing(self, at: int) -> int:
        """The next place with something else than blanks, line ends and comments."""
        text, size = self.text, len(self.text)
        while at < size:
            char = text[at]
            if char == "#":
                at = text.index("\n", at)
            elif char not in " \t\n":
                return at
            at += 1
        raise _NotPlain

    def line_end(self, at: int) -> int:
        """Where the next line begins, if there is no more on this one but a comment."""
        at = self.blanks(at)
        if self.text[at] == "#":
            at = self.text.index("\n", at)
        if self.text[at] != "\n":
            raise _NotPlain
        return at + 1


def _parts(key: str) -> list[str]:
    """The parts of a key, each bare, or quoted without anything that would have to be looked into."""
    key = key.strip(" \t")
    if _BARE.issuperset(key) and key:
        return [key]
    if key[:1] in ("'", '"') and key.count(key[0]) == 2 and key[-1] == key[0]:
        return [_quoted(key)]  # a file name, most often, whose dots are its own
    parts = [part.strip(" \t") for part in key.split(".")]
    if len(parts) > MOST_PARTS:
        raise _NotPlain
    return [part if part and _BARE.issuperset(part) else _quoted(part) for part in parts]


def _quoted(part: str) -> str:
    if len(part) < 2 or part[0] not in "\"'" or part[-1] != part[0]:
        raise _NotPlain
    inside = part[1:-1]
    if any(char in inside for char in "\"'\\\n"):
        raise _NotPlain
    return inside


def _without_comment(line: str) -> str:
    """A line with a header, up to its comment. A quoted ``#`` makes it end in something that is no header."""
    return line.partition("#")[0].rstrip(" \t")
