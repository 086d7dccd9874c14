"""A server of loopback that sends what it likes: raw bytes, by script, one request a connection."""

from __future__ import annotations

import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

__all__ = ["RESET", "STALL", "Asked", "Pause", "RawServer", "answer", "serving"]


@dataclass(frozen=True)
class Pause:
    """Send nothing for so many seconds."""

    seconds: float


RESET = object()
"""End the connection with a reset instead of an orderly end."""
STALL = object()
"""Send nothing more, and do not end."""

Script = Iterable[object]


@dataclass(frozen=True)
class Asked:
    """One request, as it came."""

    method: str
    path: str
    headers: dict[str, str]
    at: float


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer. ``content_type="text/html"`` becomes ``Content-Type``; None leaves a header out."""
    said = {"content_length": str(len(body)), "connection": "close", **headers}
    lines = [f"HTTP/1.1 {status} Whatever"]
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in said.items() if value]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@dataclass
class RawServer:
    """``script`` gives, for each request, the bytes, pauses and ends that answer it."""

    script: Callable[[Asked], Script]
    tls: ssl.SSLContext | None = None
    log: list[Asked] = field(default_factory=list)
    _closing: threading.Event = field(default_factory=threading.Event)

    def paths(self) -> list[str]:
        """What was asked for."""
        return [asked.path for asked in self.log]

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        host = "localhost" if self.tls is not None else "127.0.0.1"
        return f"http{'s' if self.tls is not None else ''}://{host}:{self.port}/"

    def close(self) -> None:
        self._closing.set()
        if sys.platform != "win32":
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError), plain:
            plain.settimeout(30)
            connection = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
            with connection:
                asked = self._read(connection)
                if asked is not None:
                    self.log.append(asked)
                    self._send(connection, self.script(asked))

    def _read(self, connection: socket.socket) -> Asked | None:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return None
            data += piece
        head, *lines = data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        method, path, _ = head.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        return Asked(method, path, headers, time.monotonic())

    def _send(self, connection: socket.socket, script: Script) -> None:
        for step in script:
            if isinstance(step, bytes):
                connection.sendall(step)
            elif isinstance(step, Pause):
                self._closing.wait(step.seconds)
            elif step is STALL:
                self._closing.wait(30)
                return
            elif step is RESET:
                time.sleep(0.05)  # let the bytes arrive before the reset overtakes them
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()
                return
            if self._closing.is_set():
                return
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            connection.recv(65536)


@contextmanager
def serving(script: Callable[[Asked], Script], tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """Serve while inside."""
    server = RawServer(script, tls)
    server.open()
    try:
        yield server
    finally:
        server.close()
