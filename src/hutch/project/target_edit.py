"""Adding to ``targets`` of ``[tool.hutch]``, leaving everything else of the file as it is."""

from __future__ import annotations

from hutch.project.edit import checked, with_value
from hutch.project.keys import create_value
from hutch.project.parse import load_toml
from hutch.project.spans import scan
from hutch.project.splice import insert_item, quote

__all__ = ["add_targets"]


def add_targets(
    text: str, words: tuple[str, ...], *, first: tuple[str, ...] = (), filename: str = "pyproject.toml"
) -> str:
    """Put ``words`` behind the targets that the file names; where it names none, behind ``first``."""
    data = load_toml(text, filename)
    path = ("tool", "hutch", "targets")
    known = data.get("tool", {}).get("hutch", {}).get("targets")
    if known is None:
        every = [*first, *words]
        value = f"[{', '.join(quote(word) for word in every)}]"
        return checked(create_value(scan(text), path, value), with_value(data, path, every))
    for number, word in enumerate(words, len(known)):
        text = insert_item(scan(text), path, number, word)
    return checked(text, with_value(data, path, [*known, *words]))
