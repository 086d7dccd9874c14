"""Edits of a manifest in uv's words, where they are not those of PEP 621 and PEP 735.

``[tool.uv] dev-dependencies`` is an older place of the group ``dev``, and ``[tool.uv.sources]`` says where
packages come from. What ``[tool.hutch.sources]`` says already is changed there.
"""

from __future__ import annotations

from hutch.project import edit
from hutch.project.loading import load_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.settings import Source
    from hutch.project.spans import Path
    from hutch.spec import Requirement

__all__ = ["add_requirement", "remove_requirement", "remove_source", "set_sources"]

_LEGACY: Path = ("tool", "uv", "dev-dependencies")
_SOURCES: Path = ("tool", "uv", "sources")


def add_requirement(
    text: str, requirement: Requirement, where: str = "project", *, filename: str = "pyproject.toml"
) -> str:
    """Put ``requirement`` into ``where``: into the older list where that has it, or is the only one."""
    if where == "group:dev":
        data = load_toml(text, filename)
        older = _older(data)
        if older is not None and (requirement.name in _names(older) or not _has_dev(data)):
            return edit.add_requirement(text, requirement, where, filename=filename, at=_LEGACY)
    return edit.add_requirement(text, requirement, where, filename=filename)


def remove_requirement(
    text: str, name: str, where: str = "project", *, filename: str = "pyproject.toml"
) -> str:
    """Take ``name`` out of ``where``; out of both lists that are the group ``dev``."""
    from hutch.spec import normalize

    older = _older(load_toml(text, filename)) if where == "group:dev" else None
    if older is None or normalize(name) not in _names(older):
        return edit.remove_requirement(text, name, where, filename=filename)
    text = edit.remove_requirement(text, name, where, filename=filename, at=_LEGACY)
    if where in edit.declared_in(load_toml(text, filename), normalize(name)):
        text = edit.remove_requirement(text, name, where, filename=filename)
    return text


def set_sources(
    text: str, name: str, sources: tuple[Source, ...], *, filename: str = "pyproject.toml"
) -> str:
    """Say where ``name`` comes from: in uv's table, unless hutch's has it."""
    from hutch.project.faults import CannotEdit

    table = _table_of(text, name, filename)
    if table == _SOURCES and not all(source.submodules for source in sources):
        raise CannotEdit(
            filename, "leave the submodules out in", "uv has no word for that", "[tool.hutch.sources] has one"
        )
    return edit.set_sources(text, name, sources, filename=filename, table=table)


def remove_source(text: str, name: str, *, filename: str = "pyproject.toml") -> str:
    """Say nothing any more of where ``name`` comes from."""
    text = edit.remove_source(text, name, filename=filename)
    return edit.remove_source(text, name, filename=filename, table=_SOURCES)


def _table_of(text: str, name: str, filename: str) -> Path:
    from hutch.spec import normalize

    ours: Any = load_toml(text, filename)
    for key in edit.SOURCES:
        ours = ours.get(key, {}) if isinstance(ours, dict) else {}
    return edit.SOURCES if normalize(name) in {normalize(key) for key in ours} else _SOURCES


def _older(data: dict[str, Any]) -> list[Any] | None:
    """``[tool.uv] dev-dependencies``, if it is there."""
    tool = data.get("tool", {}).get("uv", {})
    found = tool.get("dev-dependencies") if isinstance(tool, dict) else None
    return found if isinstance(found, list) else None


def _has_dev(data: dict[str, Any]) -> bool:
    from hutch.spec import normalize

    return any(normalize(key) == "dev" for key in data.get("dependency-groups", {}))


def _names(items: list[Any]) -> set[str]:
    from hutch.errors import Problem
    from hutch.spec import parse_requirement

    found = set()
    for item in items:
        try:
            found.add(parse_requirement(item).name)
        except (Problem, TypeError, AttributeError):
            continue
    return {str(each) for each in found}
