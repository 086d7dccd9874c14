"""Digested pages in the store, and how long they may be believed."""

from __future__ import annotations

from hutch.index.freshness import LONGEST_FRESH
from hutch.index.packed import PackedRecords
from hutch.index.page import Page
from hutch.spec import NormalizedName
from hutch.store.tables import pack_dated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from hutch.net import Response
    from hutch.store import Tables
    from hutch.store.disk import Stamp

__all__ = ["KIND", "CachedPage", "pack_page", "read_cached", "write_cached"]

KIND = "pages"
_FORMAT = 1


class CachedPage:
    """What the store remembers of a page, or (``page`` is None) that the index had none.

    ``fetched`` is when the index last said so, ``max_age`` for how many seconds that holds; ``etag``
    and ``modified`` are for the question whether it changed. ``seen`` tells which file of the store it was,
    if it was one.
    """

    __slots__ = ("etag", "fetched", "max_age", "modified", "page", "seen")

    def __init__(
        self, value: tuple[Any, ...], tail: memoryview, fetched: float, index: str, seen: Stamp | None
    ) -> None:
        _, name, self.max_age, self.etag, self.modified, body = value
        self.fetched = fetched
        self.seen = seen
        self.page: Page | None = None
        if body:
            url, versions, keys, prerelease, yanked, wheels, sdists, pythons, status, reason, lengths = body
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
                records=PackedRecords(tail, lengths),
            )

    def age(self, now: float) -> float:
        """Seconds since it was fetched. Without end, if that is in the future: the clock was set back."""
        return now - self.fetched if now >= self.fetched else float("inf")


def read_cached(tables: Tables, key: str, name: NormalizedName, index: str) -> CachedPage | None:
    """The page of ``name`` on the index of that name, as it was when it was last fetched."""
    seen: list[Stamp] = []
    found = tables.read_dated(KIND, key, seen)
    if found is None:
        return None
    value, tail, fetched = found
    if type(value) is not tuple or len(value) != 6 or value[0] != _FORMAT or value[1] != name:
        return None
    return CachedPage(value, tail, fetched, index, seen[0] if seen else None)


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
    """Remember ``page`` (None: the index has none), that came with ``response`` or was confirmed by it.

    Of a page that was confirmed, nothing but the date is written.
    """
    headers = response.headers
    etag, modified, max_age = _validators(headers, old)
    if old is not None and old.seen is not None and page is old.page:
        same = (old.etag, old.modified, old.max_age) == (etag, modified, max_age)
        if same and tables.renew(KIND, key, now, old.seen):
            return
    tables.write_soon(KIND, key, lambda: pack_page(name, headers, page, now=now, old=old))


def pack_page(
    name: NormalizedName,
    headers: Mapping[str, str],
    page: Page | None,
    *,
    now: float,
    old: CachedPage | None = None,
) -> Iterator[bytes]:
    """The table of a page, in pieces; see ``write_cached``."""
    etag, modified, max_age = _validators(headers, old)
    records = () if page is None else page.packed_records()
    body = () if page is None else _body(page, records)
    return pack_dated((_FORMAT, name, max_age, etag, modified, body), records, now)


def _validators(headers: Mapping[str, str], old: CachedPage | None) -> tuple[str | None, str | None, float]:
    etag = headers.get("etag") or (old.etag if old else None)
    modified = headers.get("last-modified") or (old.modified if old else None)
    return etag, modified, _max_age(headers.get("cache-control", ""))


def _body(page: Page, records: tuple[bytes, ...]) -> tuple[Any, ...]:
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
        tuple(map(len, records)),
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
