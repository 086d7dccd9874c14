"""Digested pages in the store, and how long they may be believed."""

from __future__ import annotations

from hutch.index.freshness import LONGEST_FRESH
from hutch.index.page import Page
from hutch.spec import NormalizedName

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.net import Response
    from hutch.store import Tables

__all__ = ["CachedPage", "read_cached", "write_cached"]

_FORMAT = 2


class CachedPage:
    """What the store remembers of a page, or (``page`` is None) that the index had none.

    ``fetched`` is when the index last said so, ``max_age`` for how many seconds that holds; ``etag``
    and ``modified`` are for the question whether it changed.
    """

    __slots__ = ("etag", "fetched", "max_age", "modified", "page")

    def __init__(self, value: tuple[Any, ...], index: str) -> None:
        _, name, self.fetched, self.max_age, self.etag, self.modified, body = value
        self.page: Page | None = None
        if body:
            url, versions, keys, prerelease, yanked, wheels, sdists, pythons, status, reason, records = body
            self.page = Page(
                name=name,
                index=index,
                url=url,
                versions=versions,
                keys=keys,
                prerelease=prerelease,
                yanked=yanked,
                wheels=wheels,
                sdists=sdists,
                requires_python=pythons,
                status=status,
                status_reason=reason,
                records=list(records),
            )

    def age(self, now: float) -> float:
        """Seconds since it was fetched. Without end, if that is in the future: the clock was set back."""
        return now - self.fetched if now >= self.fetched else float("inf")


def read_cached(
    tables: Tables,
    key: str,
    name: NormalizedName,
    index: str,
    seen: list[tuple[int, int, int]] | None = None,
) -> CachedPage | None:
    """The page of ``name`` on the index of that name, as it was when it was last fetched; see ``Tables.read``
    for ``seen``."""
    value = tables.read("index", key, seen)
    if type(value) is not tuple or len(value) != 7 or value[0] != _FORMAT or value[1] != name:
        return None
    return CachedPage(value, index)


def write_cached(
    tables: Tables,
    key: str,
    name: NormalizedName,
    response: Response,
    page: Page | None,
    *,
    now: float,
    old: CachedPage | None = None,
) -> None:
    """Remember ``page`` (None: the index has none), that came with ``response`` or was confirmed by it."""
    headers = response.headers
    etag = headers.get("etag") or (old.etag if old else None)
    modified = headers.get("last-modified") or (old.modified if old else None)
    max_age = _max_age(headers.get("cache-control", ""))

    def made() -> tuple[Any, ...]:
        body = () if page is None else _body(page)
        return _FORMAT, name, now, max_age, etag, modified, body

    tables.write_soon("index", key, made)


def _body(page: Page) -> tuple[Any, ...]:
    return (
        page.url,
        page.versions,
        page.keys,
        page.prerelease,
        page.yanked,
        page.wheels,
        page.sdists,
        page.requires_python,
        page.status,
        page.status_reason,
        page.packed_records(),
    )


def _max_age(cache_control: str) -> float:
    """Seconds for which a page needs no question, by ``Cache-Control``; at most ten minutes."""
    for part in cache_control.lower().split(","):
        name, _, value = part.strip().partition("=")
        if name in ("no-cache", "no-store"):
            return 0.0
        if name == "max-age" and value.strip('"').isdigit():
            return min(float(value.strip('"')[:9]), LONGEST_FRESH)
    return 0.0
