"""Edits of a manifest by path: what a diagnosis proposes and ``lock --apply`` writes, and raised bounds.

As in ``edit``, only the characters of the entry change, and the result is compared with what was
meant.
"""

from __future__ import annotations

import copy

from hutch.project.edit import checked, quote
from hutch.project.keys import replace_value
from hutch.project.loading import load_toml
from hutch.project.spans import Path, scan
from hutch.project.splice import remove_item, replace_item

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["replace_entry", "set_requires_python"]


def replace_entry(text: str, path: Path, words: str, *, filename: str = "pyproject.toml") -> str:
    """Put ``words`` in place of the text at ``path``, an element of an array; take it out if empty."""
    data = load_toml(text, filename)
    expected = copy.deepcopy(data)
    *above, number = path
    items: Any = expected
    for key in above:
        items = items[key]
    assert isinstance(number, int)
    if words:
        items[number] = words
        result = replace_item(scan(text), path, words)
    else:
        del items[number]
        result = remove_item(scan(text), tuple(above), number)
    return checked(result, expected, loosely=True)


def set_requires_python(text: str, value: str, *, filename: str = "pyproject.toml") -> str:
    """Another ``requires-python`` in place of the one that is there."""
    expected = copy.deepcopy(load_toml(text, filename))
    expected["project"]["requires-python"] = value
    return checked(
        replace_value(scan(text), ("project", "requires-python"), quote(value)), expected, loosely=True
    )
