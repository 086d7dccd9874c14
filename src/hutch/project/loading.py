"""TOML as everybody in this room reads it: a syntax error is a fault with its line."""

from __future__ import annotations

from hutch.project.faults import Fault, InvalidManifest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["load_toml", "toml_fault"]


def load_toml(text: str, filename: str) -> dict[str, Any]:
    """Parse TOML; a syntax error becomes ``InvalidManifest`` with line and column."""
    from hutch.project.toml_text import read_toml

    try:
        return read_toml(text)
    except ValueError as error:
        raise InvalidManifest(filename, (toml_fault(text, error),)) from None


def toml_fault(text: str, error: ValueError) -> Fault:
    """The place and reason of a ``TOMLDecodeError``, which before Python 3.14 is only a sentence."""
    import re

    message = str(error)
    reason = re.sub(r" \(at [^()]*\)$", "", message)
    if found := re.search(r"\(at line (\d+), column (\d+)\)$", message):
        return Fault("", int(found[1]), reason, int(found[2]))
    return Fault("", text.rstrip().count("\n") + 1, f"{reason} (at the end of the file)")
