"""A mapping of names that somebody keeps: which conda package is which distribution, as JSON.

Two forms are about: a table from conda's names to the index's (a name, several, or null: none), and
grayskull's, a table from the index's names to what is known of them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["InvalidMapping", "parse_mapping"]

_MOST = 500_000


class InvalidMapping(Exception):
    """The text is no mapping of names."""


def parse_mapping(text: str | bytes) -> dict[str, str]:
    """conda's name → the name on the index, normalised; empty where it is none. Raises `InvalidMapping`.

    Names that are none are passed over. Of several distributions in one package the one of its own name
    counts, else the first.
    """
    import json

    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidMapping(f"it is no JSON ({error})") from None
    if not isinstance(data, dict) or len(data) > _MOST:
        raise InvalidMapping("it is no table of names")
    found: dict[str, str] = {}
    for key, value in data.items():
        if isinstance(value, dict):
            conda, names = value.get("conda_name"), [value.get("pypi_name", key)]
        else:
            conda, names = key, value if isinstance(value, list) else [value]
        if not isinstance(conda, str) or not _is_name(conda):
            continue
        known = [each for each in map(_normal, names) if each is not None]
        if known:
            found[conda.lower()] = _normal(conda) if _normal(conda) in known else known[0]  # type: ignore[assignment]
        elif names == [None] or not names:
            found.setdefault(conda.lower(), "")
    return found


def _is_name(text: str) -> bool:
    """Whether conda can have a package of this name."""
    import re

    return re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", text) is not None


def _normal(name: Any) -> str | None:
    from hutch.spec import is_valid_name, normalize

    return (
        str(normalize(name)) if isinstance(name, str) and len(name) <= 128 and is_valid_name(name) else None
    )
