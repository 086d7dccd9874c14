"""The few forms of TOML that a lock is written in. Spec: TOML 1.0."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

__all__ = ["inline", "quote", "string_lines", "strings", "table_text", "toml_key", "toml_value"]


def quote(text: str) -> str:
    """A TOML basic string."""
    # Non-ASCII letters may stand there as they are, too, but they are rare enough for the slow road.
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    if '"' in text and "'" not in text and "\\" not in text and text.isascii() and text.isprintable():
        return f"'{text}'"  # a marker with double quotes stays readable
    out = []
    for character in text:
        if character in '"\\':
            out.append("\\" + character)
        elif character.isprintable():
            out.append(character)
        else:
            number = ord(character)
            out.append(f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}")
    return '"' + "".join(out) + '"'


def toml_key(name: str) -> str:
    bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if bare else quote(name)


def strings(values: Iterable[str]) -> str:
    """An array of strings, in one line."""
    return "[" + ", ".join(map(quote, values)) + "]"


def string_lines(key: str, values: Iterable[str]) -> str:
    """A key with an array of strings, a line each."""
    return f"{key} = [\n" + "".join(f"  {quote(value)},\n" for value in values) + "]\n"


def inline(pairs: Iterable[tuple[str, Any]]) -> str:
    """An inline table of those pairs that have a value."""
    return (
        "{ "
        + ", ".join(f"{toml_key(key)} = {toml_value(value)}" for key, value in pairs if value is not None)
        + " }"
    )


def toml_value(value: Any) -> str:
    """Any TOML value, in one line."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "items"):
        return inline(value.items()) if value else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, float):
        return {"inf": "inf", "-inf": "-inf", "nan": "nan"}.get(repr(value), repr(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def table_text(path: tuple[str, ...], value: Mapping[str, Any]) -> str:
    """Another tool's table, carried through."""
    header = ".".join(map(toml_key, path))
    return f"\n[{header}]\n" + "".join(
        f"{toml_key(key)} = {toml_value(item)}\n" for key, item in value.items()
    )
