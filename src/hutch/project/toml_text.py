"""TOML that anybody may have written: ``tomllib``, without its ways to take all the memory there is.

``tomllib`` keeps the beginnings of each dotted key, so that a key of n parts costs n² of memory: of a
line of 100 KiB that begins ``a.a.a.…`` it makes ten gigabytes. A whole number of many thousand digits is
a ``ValueError`` of another kind than it documents, and deep nesting a ``RecursionError``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["read_toml"]

MOST_PARTS = 32
"""Parts of a dotted key. What people write has four."""


def read_toml(text: str) -> dict[str, Any]:
    """The document ``text``. Raises ``ValueError`` as ``tomllib`` words it, with the place at its end."""
    text = text.removeprefix("\ufeff")
    from hutch.project.plain_toml import read_plain_toml

    if (plain := read_plain_toml(text)) is not None:
        return plain
    import tomllib

    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") >= MOST_PARTS:
            _refuse_long_key(line, number)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise ValueError("Values are nested too deeply (at line 1, column 1)") from None
    except ValueError:
        raise ValueError("A number has too many digits (at line 1, column 1)") from None


def _refuse_long_key(line: str, number: int) -> None:
    import re

    part = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*"""
    found = re.search(rf"(?<![\w.-])(?:{part}){{{MOST_PARTS}}}", line)
    if found is not None:
        column = found.start() + 1
        raise ValueError(f"A key has more than {MOST_PARTS} parts (at line {number}, column {column})")
