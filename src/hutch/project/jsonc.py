"""JSON with comments and trailing commas, as editors write their settings: read, and edited in place.

`set_keys` changes members of the one object of a text and no other byte of it: comments, indentation, line
ends, a byte order mark and the order of members stay. What is not JSON of that kind is a `JsoncFault`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["JsoncFault", "parse_jsonc", "set_keys"]

DEEPEST = 200
"""Arrays and objects in each other; no settings are like that, and Python has a limit."""


class JsoncFault(ValueError):
    """The text is no JSON with comments; ``line`` and ``column`` begin with 1."""

    def __init__(self, what: str, text: str, at: int) -> None:
        self.what = what
        self.line = text.count("\n", 0, at) + 1
        self.column = at - (text.rfind("\n", 0, at) + 1) + 1
        super().__init__(f"{self.line}:{self.column}: {what}")


def parse_jsonc(text: str) -> Any:
    """The value that the text holds; of equal names the last counts, as editors see it."""
    return _Reader(text).whole()[0]


def set_keys(text: str, values: Mapping[str, Any]) -> str:
    """The text with these members of its object; None for a value takes the member out of it.

    An empty text becomes an object. A member that is there keeps its place (of several of that name the last,
    which is the one that counts), a new one comes to the end, written like the one before it.
    """
    if not text.strip("\ufeff \t\r\n"):
        head = "\ufeff" if text.startswith("\ufeff") else ""
        text = head + "{}\n"
    for name, value in values.items():
        text = _remove(text, name) if value is None else _set(text, name, value)
    return text


class _Member:
    """A member of the object: where its name begins, and where its value begins and ends."""

    __slots__ = ("end", "name", "start", "value", "value_start")

    def __init__(self, name: str, start: int, value_start: int, end: int, value: Any) -> None:
        self.name = name
        self.start = start
        self.value_start = value_start
        self.end = end
        self.value = value


class _Reader:
    """One pass over a text; ``members`` are those of the outermost object."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.members: list[_Member] = []
        self.opened = self.closed = -1
        self.comma = False
        """Whether a comma follows the last member of the object already."""

    def whole(self) -> tuple[Any, _Reader]:
        self.at = 1 if self.text.startswith("\ufeff") else 0
        self.skip()
        if self.text[self.at : self.at + 1] == "{":
            self.opened = self.at
        value = self.value(0)
        self.skip()
        if self.at < len(self.text):
            raise JsoncFault("there is more behind the end", self.text, self.at)
        return value, self

    def skip(self) -> None:
        """Past white space and comments."""
        text = self.text
        while self.at < len(text):
            if text[self.at] in " \t\r\n":
                self.at += 1
            elif text.startswith("//", self.at):
                end = text.find("\n", self.at)
                self.at = len(text) if end < 0 else end
            elif text.startswith("/*", self.at):
                end = text.find("*/", self.at + 2)
                if end < 0:
                    raise JsoncFault("a comment does not end", text, self.at)
                self.at = end + 2
            else:
                return

    def value(self, depth: int) -> Any:
        text = self.text
        if depth > DEEPEST:
            raise JsoncFault("this is too deep", text, self.at)
        letter = text[self.at : self.at + 1]
        if letter == "{":
            return self.object(depth)
        if letter == "[":
            return self.array(depth)
        if letter == '"':
            return self.string()
        end = self.at
        while end < len(text) and (text[end].isalnum() or text[end] in "+-."):
            end += 1
        word = text[self.at : end]
        import json

        try:
            if word.startswith(("N", "I", "-I")):  # NaN and Infinity are Python's alone
                raise ValueError
            value = json.loads(word)
        except ValueError:
            shown = word[:20] or letter or "the end"
            raise JsoncFault(f"{shown} is no value", text, self.at) from None
        self.at = end
        return value

    def string(self) -> str:
        import json

        start, end = self.at, self.at + 1
        while end < len(self.text) and self.text[end] not in '"\n':
            end += 2 if self.text[end] == "\\" else 1
        if self.text[end : end + 1] != '"':
            raise JsoncFault("a text does not end", self.text, start)
        self.at = end + 1
        try:
            found = json.loads(self.text[start : self.at])
        except ValueError:
            raise JsoncFault("no text as JSON has it", self.text, start) from None
        assert isinstance(found, str)
        return found

    def array(self, depth: int) -> list[Any]:
        found: list[Any] = []
        self.at += 1
        while True:
            self.skip()
            if self.text[self.at : self.at + 1] == "]":
                self.at += 1
                return found
            found.append(self.value(depth + 1))
            self.skip()
            self.separator("]")

    def object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        outermost = depth == 0
        self.at += 1
        comma = False
        while True:
            self.skip()
            if self.text[self.at : self.at + 1] == "}":
                if outermost:
                    self.closed, self.comma = self.at, comma
                self.at += 1
                return found
            start = self.at
            if self.text[start : start + 1] != '"':
                raise JsoncFault("a name in double quotes belongs here", self.text, start)
            name = self.string()
            self.skip()
            if self.text[self.at : self.at + 1] != ":":
                raise JsoncFault("a colon belongs here", self.text, self.at)
            self.at += 1
            self.skip()
            value_start = self.at
            found[name] = self.value(depth + 1)
            if outermost:
                self.members.append(_Member(name, start, value_start, self.at, found[name]))
            self.skip()
            comma = self.separator("}")

    def separator(self, end: str) -> bool:
        letter = self.text[self.at : self.at + 1]
        if letter == ",":
            self.at += 1
            return True
        if letter != end:
            raise JsoncFault(f"a comma or {end} belongs here", self.text, self.at)
        return False


def _object(text: str) -> _Reader:
    value, reader = _Reader(text).whole()
    if not isinstance(value, dict):
        raise JsoncFault("this is no object", text, 0)
    return reader


def _set(text: str, name: str, value: Any) -> str:
    import json

    reader = _object(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    present = [each for each in reader.members if each.name == name]
    if present:
        member = present[-1]
        written = json.dumps(value, ensure_ascii=False)
        if json.dumps(member.value, ensure_ascii=False) == written:
            return text
        return text[: member.value_start] + written + text[member.end :]
    written = f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"
    if not reader.members:
        return _first(text, reader, written, newline)
    last = reader.members[-1]
    indent = text[text.rfind("\n", 0, last.start) + 1 : last.start]
    one_line = "\n" not in text[reader.opened : reader.closed] or indent.strip()
    before = " " if one_line else newline + indent
    # The new member goes behind the comma, or behind the value and what is said about it in its line.
    end = last.end
    comma = ","
    if reader.comma:
        end = _behind_comma(text, last.end)
        comma = ""
    said = end if one_line else _end_of_line(text, end, reader.closed)
    more = "," if reader.comma else ""
    return text[:end] + comma + text[end:said] + before + written + more + text[said:]


def _first(text: str, reader: _Reader, written: str, newline: str) -> str:
    """The first member of an object that may have comments in it."""
    inside = text[reader.opened + 1 : reader.closed].rstrip(" \t")
    if inside.strip():
        lead = inside if inside.endswith("\n") else inside + newline
        return f"{text[: reader.opened + 1]}{lead}    {written}{newline}{text[reader.closed :]}"
    return f"{text[: reader.opened + 1]}{newline}    {written}{newline}{text[reader.closed :]}"


def _behind_comma(text: str, at: int) -> int:
    reader = _Reader(text)
    reader.at = at
    reader.skip()
    return reader.at + 1


def _end_of_line(text: str, at: int, limit: int) -> int:
    """Behind comments that follow in the same line; ``at`` where there are none."""
    reader = _Reader(text)
    reader.at = at
    line = text.find("\n", at)
    line = limit if line < 0 or line > limit else line
    reader.skip()
    rest = text[at:line]
    if reader.at < line or not rest.strip():
        return at
    # A comment of several lines ends somewhere else.
    inside = _Reader(text[:line])
    inside.at = at
    try:
        inside.skip()
    except JsoncFault:
        return at
    return at + len(rest.rstrip())


def _remove(text: str, name: str) -> str:
    reader = _object(text)
    found = [at for at, each in enumerate(reader.members) if each.name == name]
    if not found:
        return text
    at = found[-1]
    member = reader.members[at]
    start, end = member.start, member.end
    if at + 1 < len(reader.members) or reader.comma:
        end = _behind_comma(text, member.end)
    elif at > 0:
        # The comma before it goes as well; what is said between the two stays.
        before = reader.members[at - 1]
        comma = _behind_comma(text, before.end) - 1
        text = text[:comma] + text[comma + 1 :]
        start, end = start - 1, end - 1
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    if line_end >= 0 and not text[line_start:start].strip() and not text[end:line_end].strip():
        start, end = line_start, line_end + 1
    result = text[:start] + text[end:]
    return _remove(result, name)
