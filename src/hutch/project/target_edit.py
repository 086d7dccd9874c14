"""Adding to lists of ``[tool.hutch]``, leaving everything else of the file as it is."""

from __future__ import annotations

from hutch.project.edit import checked, with_value
from hutch.project.keys import create_value
from hutch.project.loading import load_toml
from hutch.project.spans import scan
from hutch.project.splice import insert_item, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["add_member", "add_targets"]


def add_targets(
    text: str, words: tuple[str, ...], *, first: tuple[str, ...] = (), filename: str = "pyproject.toml"
) -> str:
    """Put ``words`` behind the targets that the file names; where it names none, behind ``first``."""
    return _added(text, ("tool", "hutch", "targets"), words, first, filename)


def add_member(text: str, member: str, *, filename: str = "pyproject.toml") -> str:
    """Put a folder behind the members of the workspace."""
    return _added(text, ("tool", "hutch", "workspace", "members"), (member,), (), filename)


def _added(
    text: str, path: tuple[str, ...], words: tuple[str, ...], first: tuple[str, ...], filename: str
) -> str:
    data = load_toml(text, filename)
    known: Any = data
    for key in path:
        known = known.get(key) if isinstance(known, dict) else None
    if known is None:
        every = [*first, *words]
        value = f"[{', '.join(quote(word) for word in every)}]"
        return checked(create_value(scan(text), path, value), with_value(data, path, every))
    for number, word in enumerate(words, len(known)):
        text = insert_item(scan(text), path, number, word)
    return checked(text, with_value(data, path, [*known, *words]))
