"""The places that pages come from. Each can ``read`` what is at hand, and ``ask`` for the rest.

A source answers for one name with its ``Page``, with None if it does not have the name, or with a
``Problem``. ``read`` needs no network, and gives ``UNKNOWN`` where it would.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.index.caching import KIND, CachedPage, read_cached, write_cached
from hutch.index.options import IndexOptions
from hutch.index.page import Page
from hutch.spec import NormalizedName, short_sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol, TypeAlias

    from hutch.index.readers import Readers
    from hutch.net import Client, Clock, Response
    from hutch.store import Tables

    class Source(Protocol):
        """One place."""

        options: IndexOptions

        def read(self, name: NormalizedName, desk: Desk) -> Found | Unknown:
            """What is known of ``name`` without the network."""
            ...

        def ask(self, name: NormalizedName, desk: Desk, done: Callable[[Found], None]) -> None:
            """Answer from the pump of the client."""
            ...

        def remembered(self, name: NormalizedName, desk: Desk) -> Page | None:
            """The page as it was last seen, however long ago."""
            ...

    Found: TypeAlias = Page | Problem | None

__all__ = [
    "ACCEPT",
    "LARGEST_PAGE",
    "UNKNOWN",
    "Desk",
    "SimpleSource",
    "Unknown",
    "claim",
]

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
LARGEST_PAGE = 32 << 20  # twice as much as the largest project has


class Unknown:
    """It would take the network to know."""


UNKNOWN = Unknown()


class Desk:
    """What sources work with: the client, the cache of pages, and how old one may be."""

    __slots__ = (
        "_count",
        "believed",
        "client",
        "clock",
        "fetched",
        "offline",
        "readers",
        "refresh",
        "tables",
    )

    def __init__(
        self,
        client: Client,
        tables: Tables,
        clock: Clock,
        *,
        offline: bool,
        refresh: bool,
        readers: int | None = None,
    ) -> None:
        self.client = client
        self.tables = tables
        self.clock = clock
        self.offline = offline
        self.refresh = refresh
        # What the answers of this process rest on: tables of the cache, until when they hold, and which
        # files they were.
        self.believed: dict[str, tuple[float, tuple[int, int, int] | None]] = {}
        self.fetched = False
        self.readers: Readers | None = None
        self._count = readers

    def hire(self) -> bool:
        """See that there are others to read pages, if that can be; are there?"""
        if self.readers is None:
            if not self.tables.may_write():
                return False
            from hutch.index.readers import Readers

            self.readers = Readers(self.client, count=self._count)
        return self.readers.hire()

    def may_believe(self, cached: CachedPage) -> bool:
        """Whether a page of the cache needs no question."""
        if self.offline:
            return True
        return not self.refresh and cached.age(self.clock.time()) < cached.max_age

    def missing_offline(self, what: str) -> Problem:
        """The problem that ``what`` would have to be fetched."""
        from hutch.net import OfflineProblem

        text = f"{what} is not in the cache, and the network is switched off"
        return OfflineProblem(text, hint="run the command once without --offline")


class SimpleSource:
    """One Simple API, on the network or on this machine."""

    def __init__(self, options: IndexOptions, client: Client, environ: Mapping[str, str]) -> None:
        self.options = options
        self.is_local = not options.url.lower().startswith(("http://", "https://"))
        self._digest = ""
        self._past: dict[str, CachedPage | None] = {}  # found too old, or not at all, and being asked for
        if self.is_local:
            from hutch.index.local import file_url, local_path

            self.path = local_path(options.url)
            self.url = file_url(self.path) + "/"
        else:
            self.url = claim(options, client, environ)
            self.url += "" if self.url.endswith("/") else "/"

    def cache_key(self, name: NormalizedName) -> str:
        """The key of a page in the store; it tells nothing of credentials."""
        if not self._digest:
            self._digest = short_sha256(self.url.encode())[:16]
        return f"{self._digest}/{name}"

    def read(self, name: NormalizedName, desk: Desk) -> Found | Unknown:
        """See ``Source``."""
        if self.is_local:
            return self._read_local(name)
        if name in self._past:
            return UNKNOWN
        cached = self._cached(name, desk)
        if cached is not None and desk.may_believe(cached):
            path = desk.tables.path(KIND, self.cache_key(name))
            desk.believed[path] = cached.fetched + cached.max_age, cached.seen
            return cached.page
        if desk.offline:
            return desk.missing_offline(f"the page of {name}")
        self._past[name] = cached
        return UNKNOWN

    def ask(self, name: NormalizedName, desk: Desk, done: Callable[[Found], None]) -> None:
        """See ``Source``."""
        known = self.read(name, desk)
        if isinstance(known, Unknown):
            self._request(name, desk, self._past.get(name), done, once_more=True)
        else:
            desk.client.soon(done, known)

    def remembered(self, name: NormalizedName, desk: Desk) -> Page | None:
        """See ``Source``."""
        if self.is_local:
            found = self._read_local(name)
            return found if isinstance(found, Page) else None
        cached = self._past[name] if name in self._past else self._cached(name, desk)
        return cached.page if cached is not None else None

    def _request(
        self,
        name: NormalizedName,
        desk: Desk,
        cached: CachedPage | None,
        done: Callable[[Found], None],
        *,
        once_more: bool,
    ) -> None:
        from hutch.net import Request

        headers = {"Accept": ACCEPT}
        if not once_more:
            cached = None
            headers["Cache-Control"] = "no-cache"
        elif desk.refresh:
            headers["Cache-Control"] = "max-age=0"
        if cached is not None and cached.etag:
            headers["If-None-Match"] = cached.etag
        if cached is not None and cached.modified:
            headers["If-Modified-Since"] = cached.modified

        def answered(response: Response | Problem) -> None:
            self._past.pop(name, None)
            if isinstance(response, Problem):
                done(response)
            elif response.status == 304 and cached is not None:
                self._remember(name, desk, response, cached.page, cached)
                done(cached.page)
            elif response.status in (404, 410, *self.options.absent_statuses):
                self._remember(name, desk, response, None)
                done(None)
            elif response.status != 200:
                done(self._refusal(name, response.status, desk.client))
            elif response.request.packed and desk.readers is not None and desk.readers.takes(response):
                self._have_read(name, desk.readers, desk, response, done, read)
            else:
                read(response)

        def read(response: Response) -> None:
            from hutch.net import unpacked

            whole = unpacked(response)
            page = whole if isinstance(whole, Problem) else self._parse(name, whole)
            if once_more and not isinstance(page, Page):
                # What came may have been damaged by a cache on the way: ask past it, once.
                self._request(name, desk, None, done, once_more=False)
                return
            done(page)
            if isinstance(page, Page):
                self._remember(name, desk, response, page)

        url = f"{self.url}{name}/"
        request = Request(
            url=url,
            headers=headers,
            max_bytes=LARGEST_PAGE,
            purpose=f"the page of {name}",
            # What only has to be confirmed is not worth a fork.
            packed=once_more and cached is None and desk.hire(),
        )
        desk.client.submit(request, answered)

    def _have_read(
        self,
        name: NormalizedName,
        readers: Readers,
        desk: Desk,
        response: Response,
        done: Callable[[Found], None],
        read: Callable[[Response], None],
    ) -> None:
        """Have another process read the answer; what it cannot, is read here."""
        from hutch.index.readers import Task

        now = desk.clock.time()

        def told(kept: bool) -> None:
            cached = self._cached(name, desk) if kept else None
            if cached is None or cached.page is None or cached.page.url != response.url.partition("?")[0]:
                read(response)
            else:
                desk.fetched = True
                done(cached.page)

        path = desk.tables.path(KIND, self.cache_key(name))
        readers.read(Task(name, self.options.name, path, response, now, told))

    def _cached(self, name: NormalizedName, desk: Desk) -> CachedPage | None:
        return read_cached(desk.tables, self.cache_key(name), name, self.options.name)

    def _remember(
        self,
        name: NormalizedName,
        desk: Desk,
        response: Response,
        page: Page | None,
        old: CachedPage | None = None,
    ) -> None:
        desk.fetched = True
        write_cached(desk.tables, self.cache_key(name), name, response, page, now=desk.clock.time(), old=old)
        desk.client.when_idle(desk.tables.write_one)

    def _read_local(self, name: NormalizedName) -> Found:
        from hutch.index.answers import digested
        from hutch.index.json_page import InvalidPage
        from hutch.index.local import read_local_page

        try:
            found = read_local_page(self.path, name)
            return None if found is None else digested(name, self.options.name, found, f"{self.url}{name}/")
        except InvalidPage as error:
            return self._not_a_page(name, error.reason)
        except OSError as error:
            return self._not_a_page(name, error.strerror or str(error))

    def _parse(self, name: NormalizedName, response: Response) -> Page | Problem:
        from hutch.index.answers import page_of
        from hutch.index.json_page import InvalidPage

        try:
            return page_of(name, self.options.name, response)
        except InvalidPage as error:
            return self._not_a_page(name, error.reason)

    def _refusal(self, name: NormalizedName, status: int, client: Client) -> Problem:
        """The problem for a status that is neither a page nor "I do not have it"."""
        from hutch.index.problems import IndexRefused

        return IndexRefused(
            name=name,
            index=self.options.name,
            url=self.url,
            status=status,
            refusal=client.refusal(self.url),
        )

    def _not_a_page(self, name: str, reason: str) -> Problem:
        from hutch.index.problems import NotAnIndexPage

        return NotAnIndexPage(name=name, index=self.options.name, reason=reason)


def claim(options: IndexOptions, client: Client, environ: Mapping[str, str]) -> str:
    """The URL without credentials; those go to the client."""
    from hutch.net import index_credential, without_credentials

    credential = index_credential(options.name, options.url, environ)
    if credential is not None:
        client.add_credential(credential)
    return without_credentials(options.url)
