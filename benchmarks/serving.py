"""The registry, served on loopback by a process of its own.

python serving.py 2000         prints the address of the Simple API, serves until it is ended
"""

from __future__ import annotations

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "src"))

from registry import answers_for


class Connection(asyncio.Protocol):
    """One kept-alive connection of HTTP/1.1, as much of it as clients of an index speak."""

    answers: dict[str, tuple[str, bytes, str]]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head, self._received = self._received[:end].decode("latin-1"), self._received[end + 4 :]
            self._answer(head)

    def _answer(self, head: str) -> None:
        method, path, _ = head.partition("\r\n")[0].split(" ")
        known = self.answers.get(path)
        status, headers, body = "200 OK", "", b""
        asked = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        if known is None:
            status = "404 Not Found"
        else:
            headers, body, tag = known
            if tag:
                headers += f"ETag: {tag}\r\n"
                if asked.get("if-none-match") == tag:
                    status, body = "304 Not Modified", b""
            elif asked.get("range", "").startswith("bytes="):
                first, _, last = asked["range"].removeprefix("bytes=").partition("-")
                start = int(first) if first else max(len(body) - int(last), 0)
                stop = min(int(last) + 1, len(body)) if first and last else len(body)
                headers += f"Content-Range: bytes {start}-{stop - 1}/{len(body)}\r\n"
                status, body = "206 Partial Content", body[start:stop]
        text = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        self._transport.write(text.encode("latin-1") + (b"" if method == "HEAD" else body))


async def serve(packages: int) -> None:
    """Serve until the process is ended."""
    Connection.answers = answers_for(packages)
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, backlog=512)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/simple/", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
