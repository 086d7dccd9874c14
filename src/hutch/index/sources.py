"""The places that pages come from: Simple APIs and find-links, on the network or on this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hutch.errors import Problem
from hutch.events import Notice
from hutch.index.options import IndexOptions
from hutch.index.page import Missing, Page
from hutch.spec import NormalizedName

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.net import Client, Response

__all__ = ["ACCEPT", "LARGEST_PAGE", "FlatSource", "SimpleSource"]

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
LARGEST_PAGE = 64 << 20


class SimpleSource:
    """One Simple API, on the network or on this machine."""

    def __init__(self, options: IndexOptions, client: Client, environ: Mapping[str, str]) -> None:
        self.options = options
        self.is_local = not options.url.lower().startswith(("http://", "https://"))
        self._digest = ""
        if self.is_local:
            from hutch.index.local import file_url, local_path

            self.path = local_path(options.url)
            self.url = file_url(self.path) + "/"
        else:
            self.url = _claim(options, client, environ)
            self.url += "" if self.url.endswith("/") else "/"

    def cache_key(self, name: NormalizedName) -> str:
        """The key of a page in the store; it tells nothing of credentials."""
        if not self._digest:
            from hashlib import sha256

            self._digest = sha256(self.url.encode()).hexdigest()[:16]
        return f"{self._digest}/{name}"

    def read(self, name: NormalizedName) -> Page | Missing | Problem:
        """The page of a local index."""
        from hutch.index.digest import digest
        from hutch.index.json_page import InvalidPage
        from hutch.index.local import read_local_page

        try:
            found = read_local_page(self.path, name)
        except InvalidPage as error:
            return self._not_a_page(name, error.reason)
        except OSError as error:
            return self._not_a_page(name, error.strerror or str(error))
        if found is None:
            return Missing(name=name, asked=(self.options.name,))
        return digest(
            found.entries,
            name=name,
            index=self.options.name,
            url=f"{self.url}{name}/",
            base=found.base,
            status=found.status,
            status_reason=found.status_reason,
        )

    def parse(self, name: NormalizedName, response: Response) -> Page | Problem:
        """The page that an answer is."""
        from hutch.index.digest import digest
        from hutch.index.json_page import InvalidPage

        try:
            found = _parse(response)
        except InvalidPage as error:
            return self._not_a_page(name, error.reason)
        return digest(
            found.entries,
            name=name,
            index=self.options.name,
            url=response.url,
            base=found.base,
            status=found.status,
            status_reason=found.status_reason,
        )

    def refusal(self, name: NormalizedName, status: int) -> Problem:
        """The problem for a status that is neither a page nor "I do not have it"."""
        from hutch.index.problems import IndexRefused
        from hutch.net import parse_url

        host = parse_url(self.url).netloc
        return IndexRefused(name=name, index=self.options.name, host=host, status=status)

    def _not_a_page(self, name: str, reason: str) -> Problem:
        from hutch.index.problems import NotAnIndexPage

        return NotAnIndexPage(name=name, index=self.options.name, reason=reason)


class FlatSource:
    """A directory of files, or a page of links to files, of any projects (pip's ``find-links``)."""

    def __init__(self, options: IndexOptions, client: Client, environ: Mapping[str, str]) -> None:
        self.options = options
        self.is_local = not options.url.lower().startswith(("http://", "https://"))
        self.loaded = False
        self._entries: dict[str, list[dict[str, Any]]] = {}
        if self.is_local:
            from hutch.index.local import file_url, local_path

            self._path = local_path(options.url)
            self.url = self.base = file_url(self._path)
        else:
            self.url = self.base = _claim(options, client, environ)

    def read(self, name: NormalizedName) -> Page | None:
        """The versions of ``name`` among these files, None if there are none."""
        entries = self._entries.get(name)
        if not entries:
            return None
        from hutch.index.digest import digest

        page = digest(entries, name=name, index=self.options.name, url=self.url, base=self.base)
        return page if page.versions else None

    def load(self, client: Client, offline: bool, then: Callable[[], None]) -> None:
        """Read the directory or fetch the page, then call ``then``. A page that fails is told and empty."""
        if self.is_local:
            self._load_local(client)
            then()
            return
        from hutch.net import Request

        if offline:
            self.loaded = True
            then()
            return

        def answered(response: Response | Problem) -> None:
            from hutch.index.json_page import InvalidPage

            reason = ""
            if isinstance(response, Problem):
                reason = f"{response.what}: {', '.join(response.why)}"
            elif response.status != 200:
                reason = f"it answered {response.status}"
            else:
                try:
                    found = _parse(response)
                except InvalidPage as error:
                    reason = error.reason
                else:
                    self.base = found.base
                    self._keep(found.entries)
            if reason:
                client.emit(Notice(f"passing over find-links {self.options.name}: {reason}", warning=True))
            self.loaded = True
            then()

        request = Request(
            url=self.url, headers={"Accept": ACCEPT}, max_bytes=LARGEST_PAGE, purpose=f"the page {self.url}"
        )
        client.submit(request, answered)

    def _load_local(self, client: Client) -> None:
        import os

        from hutch.index.html_page import parse_html
        from hutch.index.json_page import InvalidPage
        from hutch.index.local import read_directory

        try:
            if os.path.isfile(self._path):
                with open(self._path, "rb") as stream:
                    found = parse_html(stream.read(LARGEST_PAGE), self.url)
                self.base = found.base
                self._keep(found.entries)
            else:
                self._keep(read_directory(self._path))
        except (InvalidPage, OSError) as error:
            reason = error.reason if isinstance(error, InvalidPage) else error.strerror
            client.emit(Notice(f"passing over find-links {self._path}: {reason}", warning=True))
        self.loaded = True

    def _keep(self, entries: list[Any]) -> None:
        """Sort entries by the names of projects that they may belong to."""
        from hutch.spec import normalize

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
                self._entries.setdefault(name, []).append(entry)


def _parse(response: Response) -> Any:
    from hutch.index.html_page import parse_html
    from hutch.index.json_page import InvalidPage, parse_json

    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    first = response.body[:200].lstrip()[:1]
    if kind.endswith(("+json", "/json")):
        return parse_json(response.body, response.url)
    if kind.endswith(("+html", "/html")) or first == b"<":
        return parse_html(response.body, response.url)
    if first == b"{":
        return parse_json(response.body, response.url)
    raise InvalidPage("it is neither JSON nor HTML")


def _claim(options: IndexOptions, client: Client, environ: Mapping[str, str]) -> str:
    """The URL without credentials; those go to the client."""
    from hutch.net import index_credential, without_credentials

    credential = index_credential(options.name, options.url, environ)
    if credential is not None:
        client.add_credential(credential)
    return without_credentials(options.url)
