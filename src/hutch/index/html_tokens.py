"""The start tags of an HTML page, as a browser without scripts sees them, in one pass.

``html.parser`` differs between versions of Python in what it takes for a comment or for the end of a
script, and some pages of a megabyte keep it busy for hours. This reads only what an index page needs (tags
and their attributes), looks at each character a bounded number of times, and follows the tokenizer of the
HTML standard: an unclosed comment, quote or script swallows the rest.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Attributes", "start_tags", "unescape"]

Attributes = dict[str, "str | None"]

_NAME = re.compile(r"[a-zA-Z][^ \t\n\f\r/>]*")
_BETWEEN = re.compile(r"[ \t\n\f\r/]*")
_ATTRIBUTE = re.compile(r"(=?[^ \t\n\f\r/>=]*)(?:[ \t\n\f\r]*=[ \t\n\f\r]*)?")
_UNQUOTED = re.compile(r"[^ \t\n\f\r>]*")
_COMMENT_END = re.compile(r"--!?>")
# Elements whose content is text, whatever it looks like.
_RAW = {
    name: re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.I)
    for name in ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
}


def unescape(value: str) -> str:
    """An attribute's value with its character references resolved."""
    if "&" not in value:
        return value
    import html

    return html.unescape(value)


def start_tags(text: str) -> Iterator[tuple[str, Attributes]]:
    """(name in lower case, attributes) of each start tag. Of an attribute that is there twice, the first."""
    position = 0
    while (at := text.find("<", position)) >= 0:
        mark = text[at + 1 : at + 2]
        if text.startswith("<!--", at):
            if text.startswith((">", "->"), at + 4):
                position = text.index(">", at + 4) + 1
                continue
            closing = _COMMENT_END.search(text, at + 4)
            if closing is None:
                return
            position = closing.end()
            continue
        named = _NAME.match(text, at + 2 if mark == "/" else at + 1)
        if named is None:
            if mark and mark in "!?/":
                end = text.find(">", at + 2)
                if end < 0:
                    return
                position = end + 1
            else:
                position = at + 1
            continue
        attributes: Attributes = {}
        end = _read_attributes(text, named.end(), attributes)
        if end < 0:
            return
        position = end
        if mark == "/":
            continue
        name = named[0].lower()
        yield name, attributes
        if name == "plaintext":
            return
        if name in _RAW:
            closing = _RAW[name].search(text, position)
            if closing is None:
                return
            position = closing.start()


def _read_attributes(text: str, position: int, attributes: Attributes) -> int:
    """Fill ``attributes``; the place behind the tag, or -1 if the page ends within it."""
    while True:
        position = _BETWEEN.match(text, position).end()  # type: ignore[union-attr]
        if position >= len(text):
            return -1
        if text[position] == ">":
            return position + 1
        found = _ATTRIBUTE.match(text, position)
        assert found is not None
        value: str | None = None
        position = found.end()
        if found.end() > found.end(1) and "=" in found[0][len(found[1]) :]:
            quote = text[position : position + 1]
            if quote in ('"', "'"):
                end = text.find(quote, position + 1)
                if end < 0:
                    return -1
                value, position = text[position + 1 : end], end + 1
            else:
                unquoted = _UNQUOTED.match(text, position)
                assert unquoted is not None
                value, position = unquoted[0], unquoted.end()
            value = unescape(value)
        attributes.setdefault(found[1].lower(), value)
