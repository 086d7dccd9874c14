"""The YAML that most people write, without the import of a parser of all of it (14 ms).

Tables and lists in blocks, texts of printable ASCII in one line, lists of them in brackets, comments. What is
not that, wrong or merely rare, is None here, and `yaml_text` reads it with PyYAML, which also says what is
wrong with it. What is read here means the same there: the tests compare the two.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.spans import Path

__all__ = ["read_plain_yaml"]

_LONGEST = 20_000
"""Characters: what is longer, nobody has written by hand."""
_DEEPEST = 8
_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*):(?: +(.*))?")
_QUOTED = re.compile(r"\"([^\"\\]*)\"|'([^']*)'")
_FIRST = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./~")
"""What a text without quotes may begin with here; not all that it may."""
_ODD_IN_BRACKETS = frozenset("[]{}:#\"'&*!|>%@`?")
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))


def read_plain_yaml(text: str) -> tuple[Any, dict[Path, int]] | None:
    """The value of a document and the lines of its entries (from 1), or None."""
    if len(text) > _LONGEST or not text.isascii():
        return None
    reader = _Reader()
    for number, line in enumerate(text.split("\n"), 1):
        body = line.lstrip(" ")
        if not line.isprintable() or line.startswith(("---", "...", "%")):
            return None
        if body and body[0] != "#":
            reader.lines.append((len(line) - len(body), body.rstrip(" "), number))
    try:
        return reader.document(), reader.found
    except _Odd:
        return None


class _Odd(Exception):
    """It is not as plain as it has to be."""


class _Reader:
    def __init__(self) -> None:
        self.lines: list[tuple[int, str, int]] = []
        """Indentation, what stands there, and in which line."""
        self.found: dict[Path, int] = {}
        self.at = 0

    def document(self) -> Any:
        if not self.lines or self.lines[0][0]:
            raise _Odd
        value = self.block(())
        if self.at < len(self.lines) or not isinstance(value, dict):
            raise _Odd
        return value

    def block(self, path: Path) -> Any:
        if len(path) > _DEEPEST:
            raise _Odd
        indent, body, number = self.lines[self.at]
        self.found.setdefault(path, number)
        return self.items(path, indent) if body.startswith("- ") else self.table(path, indent)

    def items(self, path: Path, indent: int) -> list[Any]:
        found: list[Any] = []
        while (line := self.here(indent)) is not None and line[0].startswith("- "):
            body, number = line
            below = (*path, len(found))
            self.found[below] = number
            inner = body[2:].lstrip(" ")
            if _KEY.fullmatch(inner) is not None:
                self.lines[self.at] = (indent + len(body) - len(inner), inner, number)
                found.append(self.table(below, self.lines[self.at][0]))
            elif inner.startswith(("- ", "[")):
                raise _Odd
            else:
                self.at += 1
                found.append(_value(inner))
        return found

    def table(self, path: Path, indent: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while (line := self.here(indent)) is not None:
            body, number = line
            matched = _KEY.fullmatch(body)
            if matched is None:
                if found and body.startswith("- "):
                    break  # a list that the table is in goes on, or it is wrong
                raise _Odd
            key, rest = matched[1], matched[2] or ""
            if key in found or key in _NULLS:
                raise _Odd
            below = (*path, key)
            self.found[below] = number
            self.at += 1
            if rest and not rest.startswith("#"):
                found[key] = value = _value(rest)
                if isinstance(value, list):
                    self.found.update({(*below, at): number for at in range(len(value))})
            elif self.at < len(self.lines) and (
                self.lines[self.at][0] > indent
                or (self.lines[self.at][0] == indent and self.lines[self.at][1].startswith("- "))
            ):
                found[key] = self.block(below)
            else:
                found[key] = None
        return found

    def here(self, indent: int) -> tuple[str, int] | None:
        """The next line, if it stands so deep; None where the block has ended."""
        if self.at == len(self.lines) or self.lines[self.at][0] < indent:
            return None
        if self.lines[self.at][0] > indent:
            raise _Odd  # a text goes on in a second line
        return self.lines[self.at][1], self.lines[self.at][2]


def _value(text: str) -> Any:
    if text[0] in "\"'":
        quoted = _QUOTED.match(text)
        if quoted is None:
            raise _Odd
        _only_a_comment(text[quoted.end() :])
        return quoted[1] if quoted[1] is not None else quoted[2]
    if text[0] == "[":
        end = text.find("]") + 1
        _only_a_comment(text[end:])
        inner = text[1 : end - 1].strip(" ")
        return [_listed(each.strip(" ")) for each in inner.split(",")] if inner else []
    plain = text.partition(" #")[0].rstrip(" ")
    if text[0] not in _FIRST or ": " in plain or plain.endswith(":"):
        raise _Odd
    return None if plain in _NULLS else plain


def _listed(text: str) -> str | None:
    """One of a list in brackets."""
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None:
        return quoted[1] if quoted[1] is not None else quoted[2]
    if text[:1] not in _FIRST or not _ODD_IN_BRACKETS.isdisjoint(text):
        raise _Odd
    return None if text in _NULLS else text


def _only_a_comment(rest: str) -> None:
    if rest and not (rest[0] == " " and rest.lstrip(" ")[:1] in ("", "#")):
        raise _Odd
