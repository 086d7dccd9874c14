"""The entries of one version as their page has them; records are made of them when somebody looks.

A cold lock reads pages of thirty thousand entries and looks at the files of a few hundred versions. The
records of all others are made when the page is put into the store, which can wait.
"""

from __future__ import annotations

from hutch.index.links import resolve_link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.index.page import Record

__all__ = ["Entries", "follow"]


class Entries:
    """Entries (as the JSON form of the Simple API has them) that were found right, and their page's base.

    ``prefix`` makes whole addresses of their links, if that is all that it takes.
    """

    __slots__ = ("base", "entries", "prefix")

    def __init__(self, entries: list[Any], base: str, prefix: str | None = None) -> None:
        self.entries = entries
        self.base = base
        self.prefix = prefix

    def records(self) -> tuple[Record, ...]:
        """The records of a page (see ``page``)."""
        base, prefix = self.base, self.prefix
        if prefix is None:
            return tuple([_record(entry, _whole(base, entry["url"])) for entry in self.entries])
        return tuple([_record(entry, prefix + entry["url"]) for entry in self.entries])


def follow(base: str, link: str) -> str:
    """The absolute URL of ``link`` on a page; ``ValueError`` if we do not follow it."""
    if link[:8] != "https://" or "@" in link:
        # Most indexes that do not give whole addresses give whole paths.
        if link[:1] == "/" and link[1:2] != "/" and base[:4] == "http" and "\\" not in link:
            return base[: base.find("/", 8)] + link
        return resolve_link(base, link)
    return link


def _whole(base: str, link: str) -> str:
    return follow(base, link).partition("#")[0]


def _record(entry: Any, link: str) -> Record:
    get = entry.get
    hashes = get("hashes")
    if type(hashes) is dict and len(hashes) == 1 and "sha256" in hashes:
        hashes = hashes["sha256"]
    metadata = get("core-metadata")
    return (
        entry["filename"],
        link,
        hashes,
        get("size"),
        get("requires-python"),
        get("yanked") or None,
        get("dist-info-metadata") if metadata is None else metadata,
        get("upload-time"),
    )
