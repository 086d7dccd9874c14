"""Names of projects, extras and groups, and text that came from outside.

Normalised names follow the "Names and normalization" specification (PEP 503, PEP 685): lower case,
runs of ``-``, ``_`` and ``.`` become one ``-``.
"""

from __future__ import annotations

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NewType

    NormalizedName = NewType("NormalizedName", str)
else:
    NormalizedName = str  # importing typing costs more than this whole module

__all__ = [
    "InvalidName",
    "NormalizedName",
    "is_file_name",
    "is_valid_name",
    "normalize",
    "parse_name",
    "safe_text",
]

_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_NAME = _WORD | frozenset("-_.")
_FILE_NAME = _NAME | frozenset("+!~@=,")

# Controls that can move a cursor, hide or reverse text: C0, DEL and C1, the bidirectional marks,
# embeddings and isolates, and the line separators. Dropped from what others wrote before it is shown.
_HIDDEN = (
    (0x00, 0x20), (0x7F, 0xA0), (0x061C, 0x061D), (0x200B, 0x2010), (0x2028, 0x202F), (0x2060, 0x2070),
    (0xFEFF, 0xFF00), (0xFFF9, 0xFFFC), (0xD800, 0xE000), (0xE0000, 0xE0080),
)  # fmt: skip
_hidden: dict[int, str | None] = {}
"""The same for `str.translate`; thousands, so made for the first text that may have one."""


class InvalidName(Problem):
    """A text that should name a project, an extra or a group does not."""

    code = "invalid-name"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"`{safe_text(name)}` is not a valid name",
            why="a name has ASCII letters, digits, `-`, `_`, `.`, and a letter or digit at both ends",
        )
        self.name = name


def normalize(name: str) -> NormalizedName:
    """``Foo__Bar.baz`` -> ``foo-bar-baz``. Does not check; see :func:`parse_name`."""
    text = name.lower().replace("_", "-").replace(".", "-")
    while "--" in text:
        text = text.replace("--", "-")
    return NormalizedName(text)


def is_valid_name(name: str) -> bool:
    """Is ``name`` (as written, not normalised) allowed as the name of a project, extra or group?"""
    return bool(name) and _NAME.issuperset(name) and name[0] in _WORD and name[-1] in _WORD


def is_file_name(name: str) -> bool:
    """May a wheel or a source distribution be called ``name``? No separators or controls; an end in sight."""
    return 0 < len(name) <= 255 and _FILE_NAME.issuperset(name) and name[0] not in ".-"


def parse_name(name: str) -> NormalizedName:
    """Check and normalise a name; :class:`InvalidName` if it is none."""
    if not is_valid_name(name):
        raise InvalidName(name)
    return normalize(name)


def safe_text(text: str) -> str:
    """``text`` without characters that act on a terminal; tabs and line ends become spaces."""
    if text.isprintable():  # none of them is
        return text
    if not _hidden:
        made: dict[int, str | None] = {each: None for first, end in _HIDDEN for each in range(first, end)}
        made[0x09] = made[0x0A] = " "
        _hidden.update(made)
    return text.translate(_hidden)
