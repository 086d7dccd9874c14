"""The setting ``conda-mapping``: asked once a day, kept, and nobody's failure."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hutch.errors import UsageProblem
from hutch.ops.conda_mapping import fetched_mapping
from hutch.ops.context import Context


class Server(ThreadingHTTPServer):
    asked: list[str | None]
    body: bytes
    status: int


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.headers.get("If-None-Match"))
        same = self.headers.get("If-None-Match") == '"one"'
        self.send_response(304 if same else self.server.status)
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", "0" if same else str(len(self.server.body)))
        self.end_headers()
        if not same:
            self.wfile.write(self.server.body)

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.asked, made.status = [], 200
    made.body = json.dumps({"odd-name": "demo"}).encode()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def asked(tmp_path: Path, place: str, said: list[str] | None = None, **more: str) -> Any:
    environ = {
        "HOME": str(tmp_path),
        "HUTCH_CACHE_DIR": str(tmp_path / "cache"),
        "HUTCH_CONDA_MAPPING": place,
        "HUTCH_RETRIES": "0",
        **more,
    }
    told = [] if said is None else said
    context = Context(tmp_path, environ, {}, emit=lambda event: told.append(getattr(event, "text", "")))
    try:
        return fetched_mapping(context)
    finally:
        context.close()


def test_it_is_fetched_once_and_asked_again_when_told_to(tmp_path: Path, server: Server) -> None:
    url = f"http://127.0.0.1:{server.server_port}/names.json"
    for _ in range(3):
        assert asked(tmp_path, url) == {"odd-name": "demo"}
    assert server.asked == [None]
    assert asked(tmp_path, url, HUTCH_REFRESH="1") == {"odd-name": "demo"}
    assert server.asked == [None, '"one"']
    assert asked(tmp_path, url, HUTCH_OFFLINE="1") == {"odd-name": "demo"}
    assert len(server.asked) == 2


@pytest.mark.parametrize(("status", "body"), [(404, b""), (500, b""), (200, b"<html>"), (200, b"[]")])
def test_without_it_names_are_what_they_are(tmp_path: Path, server: Server, status: int, body: bytes) -> None:
    server.status, server.body = status, body
    said: list[str] = []
    url = f"http://me:swordfish@127.0.0.1:{server.server_port}/names.json"
    assert asked(tmp_path, url, said) == {}
    assert [text for text in said if "no mapping of conda's names" in text]
    assert "swordfish" not in "".join(said)


def test_a_file_does_as_well_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "names.json").write_text('{"a": "b"}')
    assert asked(tmp_path, str(tmp_path / "names.json")) == {"a": "b"}
    with pytest.raises(UsageProblem, match="conda-mapping"):
        asked(tmp_path, str(tmp_path / "none.json"))
