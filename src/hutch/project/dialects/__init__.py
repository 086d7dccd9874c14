"""Manifests of other tools: each dialect says in hutch's words what the tool wrote in its own.

A module a tool, with one function ``translate(original, draft)``. In a ``pyproject.toml`` several tools may
have their tables; they are taken in the order of ``manifest.TABLES``. Other files have one dialect each, by
their names. See ``docs/explanation/any-project.md``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hutch.project.dialects.draft import Draft

__all__ = ["translate"]


def translate(
    text: str,
    filename: str,
    data: Mapping[str, Any],
    dialects: tuple[str, ...],
    read: Callable[[str], str | None] | None = None,
) -> Draft:
    """What a manifest says, in hutch's words; ``data`` is its TOML, empty where it is none."""
    from hutch.project.dialects.draft import Draft, Original
    from hutch.project.manifest import FILES
    from hutch.values import replace

    name = filename.replace("\\", "/").rpartition("/")[2]
    draft = Draft({} if name in FILES else data)
    original = Original(text=text, filename=filename, data=data)
    if read is not None:
        original = replace(original, read=read)
    for dialect in dialects:
        module = __import__(f"hutch.project.dialects.{dialect}", fromlist=["translate"])
        module.translate(original, draft)
    return draft
