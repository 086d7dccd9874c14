"""Edits of ``[tool.flit.metadata]``; with ``[project]`` they are those of ``project.edit``."""

from __future__ import annotations

from hutch.project import edit
from hutch.project.keys import create_array
from hutch.project.loading import load_toml
from hutch.project.spans import scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.settings import Source
    from hutch.project.spans import Path
    from hutch.spec import NormalizedName, Requirement

__all__ = ["add_requirement", "remove_requirement", "remove_source", "set_sources"]

_METADATA = ("tool", "flit", "metadata")


def add_requirement(
    text: str, requirement: Requirement, where: str, *, filename: str = "pyproject.toml"
) -> str:
    """Put ``requirement`` into ``requires`` or ``requires-extra``; groups are standard."""
    data = load_toml(text, filename)
    path = _array(data, where)
    if path is None:
        return edit.add_requirement(text, requirement, where, filename=filename)
    if not _is_there(data, path):
        words = requirement.render()
        result = create_array(scan(text), path, (words,))
        return edit.checked(result, edit.with_value(data, path, [words]))
    return edit.add_requirement(text, requirement, where, filename=filename, at=path)


def remove_requirement(
    text: str, name: NormalizedName, where: str, *, filename: str = "pyproject.toml"
) -> str:
    """Take ``name`` out. Raises ``NotDeclared``."""
    data = load_toml(text, filename)
    path = _array(data, where)
    if path is None or not _is_there(data, path):
        return edit.remove_requirement(text, name, where, filename=filename)
    return edit.remove_requirement(text, name, where, filename=filename, at=path)


def set_sources(
    text: str, name: NormalizedName, sources: tuple[Source, ...], *, filename: str = "pyproject.toml"
) -> str:
    """Flit has no words for places: ``[tool.hutch.sources]`` has."""
    return edit.set_sources(text, name, sources, filename=filename)


def remove_source(text: str, name: NormalizedName, *, filename: str = "pyproject.toml") -> str:
    """As ``project.edit.remove_source``."""
    return edit.remove_source(text, name, filename=filename)


def _array(data: dict[str, Any], where: str) -> Path | None:
    """The array of the old metadata that ``where`` means; None where the standard tables have it."""
    from hutch.spec import normalize

    kind, _, extra = where.partition(":")
    metadata = data.get("tool", {}).get("flit", {}).get("metadata")
    if "project" in data or not isinstance(metadata, dict) or kind == "group":
        return None
    if kind == "project":
        return (*_METADATA, "requires")
    if normalize(extra) == "dev" and "dev-requires" in metadata:
        return (*_METADATA, "dev-requires")
    extras = metadata.get("requires-extra", {})
    spelled = next((each for each in extras if normalize(each) == normalize(extra)), extra)
    return (*_METADATA, "requires-extra", spelled)


def _is_there(data: dict[str, Any], path: Path) -> bool:
    table: Any = data
    for key in path:
        if not isinstance(table, dict) or key not in table:
            return False
        table = table[key]
    return True
