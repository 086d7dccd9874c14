"""Values as TOML, the way people write a ``pyproject.toml``: lists an item a line, small tables inline."""

from __future__ import annotations

from hutch.project.splice import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["block_text", "key_text", "path_text", "value_text"]

SHORT = 72
"""Letters of an array that stays in one line."""

_SECTIONS = frozenset(
    (
        *(("project", key) for key in ("optional-dependencies", "scripts", "gui-scripts", "urls")),
        ("project", "entry-points"),
        *(("tool", "hutch", key) for key in ("sources", "workspace", "exclude-newer-package")),
    )
)
"""Tables that get a header of their own; those of ``entry-points`` do too."""
_CONDA = ("tool", "hutch", "conda")
_ORDER = (
    *("name", "version", "description", "readme", "requires-python", "license", "license-files", "authors"),
    *("maintainers", "keywords", "classifiers", "dynamic", "dependencies"),
)


def key_text(key: str) -> str:
    """A key, in quotes where it needs them."""
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else quote(key)


def path_text(path: tuple[str, ...]) -> str:
    """A dotted key."""
    return ".".join(map(key_text, path))


def value_text(value: Any, *, lines: bool = True, newline: str = "\n") -> str:
    """A value; ``lines`` lets an array have an item a line."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        pairs = ", ".join(f"{key_text(key)} = {value_text(item, lines=False)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list):
        items = [value_text(item, lines=False) for item in value]
        flat = f"[{', '.join(items)}]"
        if not lines or (len(flat) <= SHORT and len(items) < 2) or not items:
            return flat
        return f"[{newline}" + "".join(f"    {item},{newline}" for item in items) + "]"
    if isinstance(value, float):
        return {"inf": "inf", "-inf": "-inf", "nan": "nan"}.get(repr(value), repr(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _text(value: str) -> str:
    """A marker has strings of its own: where one kind of quotes is in a text, the other surrounds it."""
    return quote(value, "'" if '"' in value and "\\" not in value else '"')


def is_section(path: tuple[str, ...], value: object) -> bool:
    """Whether ``value`` at ``path`` is written below headers of its own."""
    if isinstance(value, list):
        in_lines = path[:2] == ("tool", "hutch") and len(path) == 3 and bool(value)
        return in_lines and all(isinstance(item, dict) for item in value)
    if not isinstance(value, dict):
        return False
    if path[:3] == _CONDA:
        return len(path) == 3 or path[3] in ("target", "group", "extra", "activation")
    return path in _SECTIONS or path[:2] == ("project", "entry-points")


def block_text(path: tuple[str, ...], value: Any, newline: str = "\n") -> str:
    """A table with its header and those of the tables in it, or an array of tables; no last line end."""
    if isinstance(value, list):
        return (newline * 2).join(_section(path, item, newline, f"[[{path_text(path)}]]") for item in value)
    return _section(path, value, newline, f"[{path_text(path)}]")


def _section(path: tuple[str, ...], table: Mapping[str, Any], newline: str, header: str) -> str:
    own = {key: value for key, value in table.items() if not is_section((*path, key), value)}
    parts = []
    if own or len(own) == len(table) or header.startswith("[["):
        keys = sorted(own, key=_place) if path == ("project",) else list(own)
        pairs = [f"{key_text(key)} = {value_text(own[key], newline=newline)}" for key in keys]
        parts.append(newline.join((header, *pairs)))
    parts += (block_text((*path, key), value, newline) for key, value in table.items() if key not in own)
    return (newline * 2).join(parts)


def _place(key: str) -> int:
    return _ORDER.index(key) if key in _ORDER else len(_ORDER)
