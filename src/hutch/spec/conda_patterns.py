"""Patterns in MatchSpecs: a channel may write any, so none may take long.

Globs are matched piece by piece. Expressions (``^py3.*$``) are Python's, which go back and try again: one
that could do so without end is refused. What is met has one ``.*`` or two.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["bounded_expression", "fits_pieces"]

_LONGEST = 300
_MOST = 3
"""Repetitions without an end in one expression: with three, the work is the cube of the text's length."""
_REPEATED = re.compile(r"(?<!\\)(?:[*+]|\{\d*,\d*\}|\{\d+\})")
_GROUP_REPEATED = re.compile(r"\)(?:[*+]|\{)")
_CONTESTED = re.compile(r"\[\^?\[|--|&&|~~|\|\|")
_ODD = re.compile(r"\\[0-9]|\(\?(?!:)")


def bounded_expression(text: str) -> re.Pattern[str]:
    """``text`` as an expression that ends soon on any short text. Raises ValueError."""
    if len(text) > _LONGEST:
        raise ValueError(f"it has more than {_LONGEST} characters")
    if _GROUP_REPEATED.search(text) or _ODD.search(text) or len(_REPEATED.findall(text)) > _MOST:
        raise ValueError("it could take for ever")
    if _CONTESTED.search(text):
        raise ValueError("what it means is about to change")  # Python warns of it
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from error


def fits_pieces(pieces: Sequence[str], text: str) -> bool:
    """Whether ``text`` is the pieces in their order, with anything between them."""
    first, *middle, last = pieces
    if not text.startswith(first) or len(first) + len(last) > len(text) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        at = text.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True
