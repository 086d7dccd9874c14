"""The user's netrc: who he is on which host.

The standard library reads such files as well, and keeps one login a host; people have several (two
projects of one forge), told apart by the user name in a URL. The language is the same as there: words,
quotation marks, backslashes, comments, macros that are passed over.
"""

from __future__ import annotations

from hutch.values import dataclass, field

__all__ = ["NetrcEntry", "parse_netrc", "read_netrc"]

_SPACE = " \t\r\n"
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class NetrcEntry:
    """A user name and a password for ``host`` (lower case); None is the ``default`` entry."""

    host: str | None
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


class _Malformed(Exception):
    """The text is not a netrc."""


class _Words:
    """The words of the text, one after the other; an empty one at the end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def next(self) -> str:
        text, at, end = self._text, self._at, len(self._text)
        while at < end and text[at] in _SPACE:
            at += 1
        found: list[str] = []
        quoted = at < end and text[at] == '"'
        at += quoted
        while at < end:
            letter = text[at]
            if letter == '"' if quoted else letter in _SPACE:
                break
            if letter == "\\" and at + 1 < end:
                at += 1
                letter = text[at]
            found.append(letter)
            at += 1
        self._at = at + quoted
        return "".join(found)

    def skip_line(self) -> None:
        """Go on behind the next end of a line."""
        at = self._text.find("\n", self._at)
        self._at = len(self._text) if at < 0 else at + 1

    def skip_macro(self) -> None:
        """Go on behind the next empty line, which has to be there."""
        at = self._text.find("\n\n", self._at)
        if at < 0:
            raise _Malformed
        self._at = at + 2


def parse_netrc(text: str) -> tuple[NetrcEntry, ...]:
    """The entries in their order; of a text that is none, nothing."""
    words = _Words(text.replace("\r\n", "\n"))
    entries: list[NetrcEntry] = []
    try:
        word = words.next()
        while word:
            if word.startswith("#"):
                words.skip_line()
                word = words.next()
            elif word == "macdef":
                words.next()
                words.skip_macro()
                word = words.next()
            elif word in ("machine", "default"):
                entry, word = _entry(words, word)
                entries.append(entry)
            else:
                raise _Malformed
    except _Malformed:
        return ()
    return tuple(entries)


def _entry(words: _Words, kind: str) -> tuple[NetrcEntry, str]:
    """An entry, and the word behind it."""
    host = words.next().lower() if kind == "machine" else None
    if host == "":
        raise _Malformed
    said = {"login": "", "account": "", "password": ""}
    while (word := words.next()) not in ("", "machine", "default", "macdef"):
        if word.startswith("#"):
            words.skip_line()
            continue
        key = "login" if word == "user" else word
        if key not in said:
            raise _Malformed
        said[key] = words.next()
    return NetrcEntry(host, said["login"] or said["account"], said["password"]), word


def read_netrc(path: str) -> tuple[NetrcEntry, ...]:
    """The entries of a file; an unreadable or broken one knows nobody."""
    from hutch.plain import read_plain

    try:
        return parse_netrc(read_plain(path, _LARGEST).decode())
    except (OSError, UnicodeDecodeError):
        return ()
