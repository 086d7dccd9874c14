"""Indexes that another tool names by their address alone, in hutch's words, where each has a name."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.dialects.draft import Draft, Origin

__all__ = ["letters_of", "say_flat", "say_index"]

_TABLES = ("tool", "hutch", "index")


def letters_of(name: str) -> str:
    """The name of an index, as hutch takes it."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in name)


def say_index(
    draft: Draft, url: str, origin: Origin, *, explicit: bool = False, default: bool = False
) -> str:
    """The name of the index at ``url``, which is declared if it is not there yet.

    There is one default: the last that is said. An index that is named twice is explicit only if both say so.
    """
    items = _known(draft)
    if default:
        for each in items:
            if each.get("url") != url:
                each.pop("default", None)
    for each in items:
        if each.get("url") == url:
            if not explicit:
                each.pop("explicit", None)
            if default:
                each["default"] = True
            return str(each.get("name"))
    item: dict[str, Any] = {"name": _name(url, items), "url": url}
    if explicit:
        item["explicit"] = True
    if default:
        item["default"] = True
    draft.add(_TABLES, item, origin)
    return str(item["name"])


def say_flat(draft: Draft, place: str, origin: Origin) -> None:
    """Declare a folder or a page of files (``--find-links``)."""
    items = _known(draft)
    if all(each.get("url") != place for each in items):
        draft.add(_TABLES, {"name": _name(place, items), "url": place, "format": "flat"}, origin)


def _known(draft: Draft) -> list[dict[str, Any]]:
    known = draft.get(*_TABLES)
    return [each for each in known if isinstance(each, dict)] if isinstance(known, list) else []


def _name(url: str, known: list[dict[str, Any]]) -> str:
    """A name for an index: that of its host, or of the folder."""
    import re

    place = url.partition("://")[2].rpartition("@")[2] if "://" in url else url
    host = place.partition("/")[0] if "://" in url else place.strip("./").replace("/", "-")
    base = re.sub(r"[^A-Za-z0-9_-]+", "-", host).strip("-") or "index"
    taken = {each.get("name") for each in known}
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name
