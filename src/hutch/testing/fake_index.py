"""A package index in memory: the Simple API in JSON and HTML, files with ranges, and faults on order.

    index = FakeIndex()
    index.add_wheel("alpha", "1.0", requires=["beta>=2"])
    client = Client(index.transport(), clock=FakeClock())     # no network at all
    with index.serve() as url: ...                            # the same over a loopback socket

It speaks PEP 503, 592, 629, 658, 691, 700, 714 and 792, conditional requests and basic
authentication, and can be told to misbehave: see ``fault``.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import threading
import time
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit

from hutch.net import Request
from hutch.net.problems import FailureKind, TransferFailed
from hutch.net.receiving import wire_headers
from hutch.spec import normalize
from hutch.testing.transport import Answer, MemoryTransport, Order
from hutch.testing.wheels import make_sdist, make_wheel
from hutch.values import dataclass, field, replace

__all__ = ["FakeFile", "FakeIndex", "Fault"]

JSON_TYPE = "application/vnd.pypi.simple.v1+json"
Sidecar = Literal["hash", "true", "wrong", "none"]


@dataclass(slots=True, kw_only=True)
class FakeFile:
    """A file of the index. Whatever of it a test wants to be a lie may be set to one."""

    filename: str
    body: bytes
    record: dict[str, Any]
    metadata: bytes | None = None


@dataclass(slots=True, kw_only=True)
class Fault:
    """What happens instead to requests whose path matches ``path`` (a shell pattern), ``times`` times.

    With ``answer`` that is sent. Else the right answer is sent, with the ``status`` and ``headers``
    given here; ``cut`` ends it after that many bytes of its body, ``kind`` says how: ``broken`` (the
    connection is reset), ``timeout`` (silence). ``refuse`` answers nothing at all.
    """

    path: str
    times: int | None = None
    answer: Answer | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    cut: int | None = None
    kind: FailureKind = "broken"
    refuse: bool = False


@dataclass(slots=True, kw_only=True)
class FakeIndex:
    """Projects, versions and files, served as an index serves them.

    ``url`` and ``files_url`` are where it pretends to be. ``formats`` are those it offers, ``links``
    how it writes the addresses of files, ``credentials`` ("user:password") are asked for if given.
    ``log`` lists (path, lower-case headers) of every request.
    """

    url: str = "https://index.example/simple/"
    files_url: str = "https://files.example/"
    formats: tuple[str, ...] = ("json", "html")
    links: Literal["absolute", "path"] = "absolute"
    max_age: int | None = 600
    etags: bool = True
    ranges: bool = True
    compress: bool = True
    credentials: str | None = None
    projects: dict[str, list[FakeFile]] = field(default_factory=dict)
    statuses: dict[str, tuple[str, str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    pages: dict[str, Answer] = field(default_factory=dict)
    log: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    # -- what it holds ----------------------------------------------------------------------------

    def add_wheel(
        self,
        name: str,
        version: str,
        *,
        sidecar: Sidecar = "hash",
        yanked: str | bool = False,
        upload_time: str | None = None,
        listed: Mapping[str, Any] | None = None,
        **make: Any,
    ) -> FakeFile:
        """A wheel as ``make_wheel`` makes it. ``sidecar`` is how its ``.metadata`` is offered;
        ``listed`` replaces fields of its entry on the page."""
        filename, body = make_wheel(name, version, **make)
        metadata = _metadata_of(body)
        core: Any = {
            "hash": {"sha256": hashlib.sha256(metadata).hexdigest()},
            "true": True,
            "wrong": {"sha256": "0" * 64},
            "none": False,
        }[sidecar]
        record = {"core-metadata": core, "requires-python": make.get("requires_python"), "yanked": yanked}
        return self.add_file(
            name,
            filename,
            body,
            metadata=None if sidecar == "none" else metadata,
            record={**record, "upload-time": upload_time, **(listed or {})},
        )

    def add_sdist(
        self,
        name: str,
        version: str,
        *,
        yanked: str | bool = False,
        upload_time: str | None = None,
        listed: Mapping[str, Any] | None = None,
        **make: Any,
    ) -> FakeFile:
        """A source distribution as ``make_sdist`` makes it."""
        filename, body = make_sdist(name, version, **make)
        record = {
            "requires-python": make.get("requires_python"),
            "yanked": yanked,
            "upload-time": upload_time,
        }
        return self.add_file(name, filename, body, record={**record, **(listed or {})})

    def add_file(
        self,
        name: str,
        filename: str,
        body: bytes = b"",
        *,
        metadata: bytes | None = None,
        record: Mapping[str, Any] | None = None,
    ) -> FakeFile:
        """Any file; ``record`` is what its entry says beside name, address, size and sha256."""
        file = FakeFile(
            filename=filename,
            body=body,
            metadata=metadata,
            record={
                "hashes": {"sha256": hashlib.sha256(body).hexdigest()},
                "size": len(body),
                **{key: value for key, value in (record or {}).items() if value is not None},
            },
        )
        self.projects.setdefault(normalize(name), []).append(file)
        return file

    def add_project(self, name: str) -> None:
        """A project without files."""
        self.projects.setdefault(normalize(name), [])

    def fault(self, path: str, **fault: Any) -> Fault:
        """Order a fault (see ``Fault``) for paths such as ``/simple/alpha/`` or ``*.whl``."""
        made = Fault(path=path, **fault)
        self.faults.append(made)
        return made

    def asked(self, pattern: str = "*") -> list[str]:
        """The paths that were asked for and match ``pattern``."""
        return [path for path, _ in self.log if fnmatchcase(path, pattern)]

    # -- how it is reached ------------------------------------------------------------------------

    def transport(
        self, *, order: Order = "given", seed: int = 0, at_once: int | None = None
    ) -> MemoryTransport:
        """A transport whose whole world is this index."""
        return MemoryTransport(self.handle, order=order, seed=seed, at_once=at_once)

    def handle(self, request: Request) -> Answer | TransferFailed:
        """The answer to a request, for a ``MemoryTransport``."""
        parts = urlsplit(request.url)
        hosts = {urlsplit(self.url).netloc, urlsplit(self.files_url).netloc}
        if parts.netloc not in hosts:
            return TransferFailed("name", "its name could not be resolved")
        headers = {name.lower(): value for name, value in wire_headers(request).items()}
        path = parts.path + ("?" + parts.query if parts.query else "")
        answer = self.answer(path, headers)
        if answer is None:
            return TransferFailed("connect", "nobody listens there")
        return answer

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Serve on a loopback socket while inside; gives the URL of the Simple API."""
        index = self

        class Handler(_Handler):
            fake = index

        server = _Server(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        before = self.url, self.files_url
        origin = f"http://127.0.0.1:{server.server_address[1]}"
        self.url, self.files_url = f"{origin}{urlsplit(self.url).path}", f"{origin}/files/"
        try:
            yield self.url
        finally:
            self.url, self.files_url = before
            server.closing.set()
            server.shutdown()
            server.server_close()
            thread.join()

    # -- how it answers ---------------------------------------------------------------------------

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer | None:
        """The answer to a GET of ``path``; None to refuse the connection."""
        self.log.append((path, dict(headers)))
        bare = path.partition("?")[0]
        for fault in self.faults:
            if fault.times == 0 or not fnmatchcase(bare, fault.path):
                continue
            if fault.times is not None:
                fault.times -= 1
            if fault.refuse:
                return None
            answer = fault.answer or self._right_answer(bare, headers)
            changes: dict[str, Any] = {"headers": answer.headers + fault.headers}
            if fault.status is not None:
                changes["status"] = fault.status
            if fault.cut is not None:
                changes |= {"cut": fault.cut, "fault": fault.kind}
            return replace(answer, **changes)
        return self._right_answer(bare, headers)

    def _right_answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        if self.credentials is not None and not _may(headers.get("authorization", ""), self.credentials):
            return Answer(status=401, headers=(("WWW-Authenticate", 'Basic realm="fake"'),))
        root = urlsplit(self.url).path
        if path in self.pages:
            return self.pages[path]
        if path.startswith(root):
            return self._page_answer(path.removeprefix(root), root, headers)
        filename = unquote(path.rpartition("/")[2])
        for file in (file for files in self.projects.values() for file in files):
            if file.filename == filename:
                return self._body_answer(file.body, headers)
            if file.metadata is not None and f"{file.filename}.metadata" == filename:
                return self._body_answer(file.metadata, headers)
        return Answer(status=404)

    def _page_answer(self, name: str, root: str, headers: Mapping[str, str]) -> Answer:
        name = name.rstrip("/")
        if name != normalize(name):
            return Answer(status=301, headers=(("Location", f"{root}{normalize(name)}/"),))
        if name not in self.projects:
            return Answer(status=404, headers=(("Content-Type", "text/plain"),), body=b"no such project")
        wants_json = "json" in headers.get("accept", "") and "json" in self.formats
        body = (self._json(name) if wants_json or "html" not in self.formats else self._html(name)).encode()
        kind = JSON_TYPE if wants_json or "html" not in self.formats else "text/html; charset=utf-8"
        found = [("Content-Type", kind)]
        if self.max_age is not None:
            found.append(("Cache-Control", f"max-age={self.max_age}, public"))
        if self.etags:
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            found.append(("ETag", etag))
            if headers.get("if-none-match") == etag:
                return Answer(status=304, headers=tuple(found))
        if self.compress and "gzip" in headers.get("accept-encoding", ""):
            found.append(("Content-Encoding", "gzip"))
            body = gzip.compress(body, 1, mtime=0)
        return Answer(headers=tuple(found), body=body)

    def _body_answer(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        found = (("Content-Type", "application/octet-stream"), ("ETag", etag))
        wanted = headers.get("range", "")
        if self.ranges and wanted.startswith("bytes=") and headers.get("if-range", etag) == etag:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            start = int(first) if first else max(len(body) - int(last), 0)
            stop = min(int(last) + 1, len(body)) if first and last else len(body)
            if start >= len(body):
                return Answer(status=416, headers=(("Content-Range", f"bytes */{len(body)}"),))
            span = ("Content-Range", f"bytes {start}-{stop - 1}/{len(body)}")
            return Answer(status=206, headers=(*found, span), body=body[start:stop])
        return Answer(headers=found, body=body)

    # -- pages ------------------------------------------------------------------------------------

    def entries(self, name: str) -> list[dict[str, Any]]:
        """The entries of a project's page, as in its JSON form."""
        return [
            {"filename": file.filename, "url": self._link(file.filename), **file.record}
            for file in self.projects[name]
        ]

    def _link(self, filename: str) -> str:
        whole = f"{self.files_url}{quote(filename, safe='+!')}"
        return whole if self.links == "absolute" else urlsplit(whole).path

    def _json(self, name: str) -> str:
        page: dict[str, Any] = {"meta": {"api-version": "1.4"}, "name": name, "files": self.entries(name)}
        if name in self.statuses:
            status, reason = self.statuses[name]
            page["project-status"] = {"status": status, "reason": reason}
        return json.dumps(page)

    def _html(self, name: str) -> str:
        lines = ["<!DOCTYPE html>", "<html>", "<head>"]
        if name in self.statuses:
            status, reason = (html.escape(each) for each in self.statuses[name])
            lines.append(f'<meta name="pypi:project-status" content="{status}">')
            lines.append(f'<meta name="pypi:project-status-reason" content="{reason}">')
        lines += [f"<title>Links for {html.escape(name)}</title>", "</head>", "<body>"]
        lines += [html_anchor(entry) for entry in self.entries(name)]
        return "\n".join([*lines, "</body>", "</html>", ""])


def html_anchor(entry: Mapping[str, Any]) -> str:
    """An entry of the JSON form as an anchor of the HTML form."""
    algorithm, digest = next(iter(entry.get("hashes", {}).items()), ("", ""))
    attributes = [("href", entry["url"] + (f"#{algorithm}={digest}" if digest else ""))]
    if entry.get("requires-python"):
        attributes.append(("data-requires-python", entry["requires-python"]))
    if entry.get("yanked"):
        attributes.append(("data-yanked", "" if entry["yanked"] is True else entry["yanked"]))
    core = entry.get("core-metadata")
    if core:
        text = f"sha256={core['sha256']}" if isinstance(core, dict) else "true"
        attributes += [("data-dist-info-metadata", text), ("data-core-metadata", text)]
    written = " ".join(f'{name}="{html.escape(value, quote=True)}"' for name, value in attributes)
    return f"<a {written}>{html.escape(entry['filename'])}</a><br />"


def _metadata_of(wheel: bytes) -> bytes:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        names: Iterable[str] = archive.namelist()
        return archive.read(next(name for name in names if name.endswith(".dist-info/METADATA")))


def _may(authorization: str, credentials: str) -> bool:
    scheme, _, pair = authorization.partition(" ")
    return scheme == "Basic" and b64decode(pair) == credentials.encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.closing = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is none of our business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeIndex
    server: _Server
    timeout = 30

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length", 0))
        if length:
            self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.fake.answer(self.path, headers)
        if answer is None:
            self._reset()
            return
        body = b"" if self.command == "HEAD" else answer.body
        self.send_response(answer.status)
        named = {name.lower() for name, _ in answer.headers}
        for name, value in answer.headers:
            self.send_header(name, value)
        if "content-length" not in named and "transfer-encoding" not in named and answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.cut is None:
            self.wfile.write(body)
            return
        self.wfile.write(body[: answer.cut])
        self.wfile.flush()
        if answer.fault == "timeout":
            self.server.closing.wait(30)
        else:
            time.sleep(0.05)  # let the bytes arrive before the reset overtakes them
        self._reset()

    do_HEAD = do_POST = do_GET

    def _reset(self) -> None:
        import socket
        import struct

        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
