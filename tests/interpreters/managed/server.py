"""A mirror on loopback: the files of a folder, ranges, and a line that may be cut."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote


@dataclass
class Server:
    """``log`` are (path, range) of all requests; a path of ``cuts`` is cut after so many bytes, once for each
    number; of ``slow`` paths a byte comes when ``go`` is set."""

    folder: Path
    url: str = ""
    log: list[tuple[str, str]] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    password: str = ""
    go: threading.Event | None = None

    def asked_for(self, ending: str) -> list[str]:
        """The ranges of the requests for files whose name ends so ("" for the whole)."""
        return [part for path, part in self.log if path.endswith(ending)]


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Serve ``folder`` while inside."""
    server = Server(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *words: object) -> None:
            pass

        def do_GET(self) -> None:
            path = unquote(self.path)
            part = self.headers.get("Range", "")
            server.log.append((path, part))
            if server.password and self.headers.get("Authorization") != server.password:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="mirror"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            file = server.folder / path.lstrip("/")
            if not file.is_file():
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            data = file.read_bytes()
            total = len(data)
            first = int(part.removeprefix("bytes=").rstrip("-")) if part else 0
            body = data[first:]
            self.send_response(206 if part else 200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("ETag", '"one"')
            if part:
                self.send_header("Content-Range", f"bytes {first}-{total - 1}/{total}")
            self.end_headers()
            if server.go is not None and path.endswith(".tar.gz"):
                self.wfile.write(body[: total // 2])
                self.wfile.flush()
                server.go.wait(60)
                body = body[total // 2 :]
            if server.cuts and path.endswith(".tar.gz"):
                self.wfile.write(body[: server.cuts.pop(0)])
                self.wfile.flush()
                self.close_connection = True
                self.connection.close()
                return
            with contextlib.suppress(OSError):
                self.wfile.write(body)

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, address: object) -> None:
            pass

    listening = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{listening.server_address[1]}"
    try:
        yield server
    finally:
        if server.go is not None:
            server.go.set()
        listening.shutdown()
        listening.server_close()
        thread.join(5)
