"""find-links: a directory of files, or a page of links to files, of any projects."""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.events import Notice
from hutch.index.answers import parse_page
from hutch.index.options import IndexOptions
from hutch.index.page import Page
from hutch.index.sources import ACCEPT, LARGEST_PAGE, UNKNOWN, Desk, Unknown, claim
from hutch.spec import NormalizedName, normalize, short_sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hutch.index.sources import Found
    from hutch.net import Client, Response

__all__ = ["FlatSource"]

_FORMAT = 1


class FlatSource:
    """One such place. All of it is read at the first question, and kept by names of projects."""

    def __init__(self, options: IndexOptions, client: Client, environ: Mapping[str, str]) -> None:
        self.options = options
        self.is_local = not options.url.lower().startswith(("http://", "https://"))
        self._entries: dict[str, list[dict[str, Any]]] | None = None
        self._problem: Problem | None = None
        self._waiting: list[Callable[[], None]] | None = None
        if self.is_local:
            from hutch.index.local import file_url, local_path

            self._path = local_path(options.url)
            self.url = self._base = file_url(self._path)
        else:
            self.url = self._base = claim(options, client, environ)
        # What stands in a query may be a token, and this comes into the cache and into the lock.
        self._shown = self.url.partition("?")[0]

    def read(self, name: NormalizedName, desk: Desk) -> Found | Unknown:
        """See ``Source``."""
        if self._problem is not None:
            return self._problem
        if self._entries is None:
            if self.is_local:
                self._load_local(desk)
            elif desk.offline:
                self._load_cached(desk)
            else:
                return UNKNOWN
            return self.read(name, desk)
        entries = self._entries.get(name)
        if not entries:
            return None
        from hutch.index.digest import digest
        from hutch.index.json_page import InvalidPage
        from hutch.index.problems import NotAnIndexPage

        try:
            page = digest(entries, name=name, index=self.options.name, url=self._shown, base=self._base)
        except InvalidPage as error:
            return NotAnIndexPage(name=name, index=self.options.name, reason=error.reason)
        return page if page.versions else None

    def ask(self, name: NormalizedName, desk: Desk, done: Callable[[Found], None]) -> None:
        """See ``Source``."""
        known = self.read(name, desk)
        if not isinstance(known, Unknown):
            desk.client.soon(done, known)
            return

        def loaded() -> None:
            found = self.read(name, desk)
            assert not isinstance(found, Unknown)
            done(found)

        if self._waiting is not None:
            self._waiting.append(loaded)
            return
        self._waiting = [loaded]
        self._request(desk)

    def remembered(self, name: NormalizedName, desk: Desk) -> Page | None:
        """See ``Source``."""
        if self.is_local or self._entries is not None:
            found = self.read(name, desk)
        else:
            value: Any = desk.tables.read("index", self._cache_key())
            if not self._is_cached(value):
                return None
            from copy import copy

            past = copy(self)  # what it was does not become what it is
            past._keep(value[3], value[2])
            found = past.read(name, desk)
        return found if isinstance(found, Page) else None

    # -- loading ----------------------------------------------------------------------------------

    def _request(self, desk: Desk) -> None:
        from hutch.net import Request

        def answered(response: Response | Problem) -> None:
            self._take(response, desk)
            waiting, self._waiting = self._waiting or [], None
            for each in waiting:
                each()

        request = Request(
            url=self.url,
            headers={"Accept": ACCEPT},
            max_bytes=LARGEST_PAGE,
            purpose=f"the links of {self.options.name}",
        )
        desk.client.submit(request, answered)

    def _take(self, response: Response | Problem, desk: Desk) -> None:
        from hutch.index.json_page import InvalidPage
        from hutch.index.problems import IndexRefused, NotAnIndexPage

        if isinstance(response, Problem):
            self._problem = response
            return
        if response.status != 200:
            name, status = self.options.name, response.status
            self._problem = IndexRefused(
                name="its page of links",
                index=name,
                url=self.url,
                status=status,
                refusal=desk.client.refusal(self.url),
            )
            return
        try:
            found = parse_page(response)
        except InvalidPage as error:
            self._problem = NotAnIndexPage(name="links", index=self.options.name, reason=error.reason)
            return
        self._keep(found.entries, found.base.partition("?")[0])
        try:
            desk.tables.write("index", self._cache_key(), (_FORMAT, self._shown, self._base, found.entries))
        except ValueError:
            pass  # something nested too deeply to be marshalled: not worth keeping

    def _load_cached(self, desk: Desk) -> None:
        value: Any = desk.tables.read("index", self._cache_key())
        if self._is_cached(value):
            self._keep(value[3], value[2])
        else:
            self._problem = desk.missing_offline(f"the page of links {self.options.name}")

    def _is_cached(self, value: Any) -> bool:
        return type(value) is tuple and len(value) == 4 and value[:2] == (_FORMAT, self._shown)

    def _load_local(self, desk: Desk) -> None:
        """A directory that is not there is empty, one that cannot be read is told of."""
        from hutch.index.html_page import parse_html
        from hutch.index.json_page import InvalidPage
        from hutch.index.local import read_directory

        self._entries = {}
        try:
            if os.path.isfile(self._path):
                with open(self._path, "rb") as stream:
                    found = parse_html(stream.read(LARGEST_PAGE), self.url)
                self._keep(found.entries, found.base)
            else:
                self._keep(read_directory(self._path), self._base)
        except (InvalidPage, OSError) as error:
            reason = error.reason if isinstance(error, InvalidPage) else error.strerror
            desk.client.emit(Notice(f"passing over find-links {self._path}: {reason}", warning=True))

    def _keep(self, entries: list[Any], base: str) -> None:
        """Sort entries by the names of projects that they may belong to."""
        self._base = base
        kept: dict[str, list[dict[str, Any]]] = {}
        self._entries = kept
        for entry in entries:
            filename = entry.get("filename") if type(entry) is dict else None
            if type(filename) is not str:
                continue
            if filename.endswith(".whl"):
                names = {normalize(filename.partition("-")[0])}
            else:
                # "a-b-1.0.tar.gz" may be of "a" or of "a-b": digest() knows for sure.
                parts = filename.split("-")
                names = {normalize("-".join(parts[:count])) for count in range(1, min(len(parts), 12))}
            for name in names:
                kept.setdefault(name, []).append(entry)

    def _cache_key(self) -> str:
        return f"{short_sha256(self.url.encode())[:16]}/=links"
