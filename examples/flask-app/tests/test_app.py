"""The board against a real service on loopback; nothing here needs the network."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from quote_board import create_app
from quote_board.quotes import DEFAULT, HOUR, Quotes


class Service(ThreadingHTTPServer):
    """A quote service; ``answer`` is (status, body), ``asked`` how often it was asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = (200, json.dumps({"text": "Simplicity is prerequisite for reliability.", "author": "Dijkstra"}))
        self.asked = 0
        self.url = f"http://127.0.0.1:{self.server_port}/today.json"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked += 1
        status, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args):
        pass


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def service(monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    with Service() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_page_shows_the_quote(service):
    page = create_app(Quotes(service.url)).test_client().get("/")
    assert page.status_code == 200
    assert "Simplicity is prerequisite" in page.text


def test_the_api_says_the_same(service):
    answer = create_app(Quotes(service.url)).test_client().get("/api/today").get_json()
    assert answer == {
        "author": "Dijkstra",
        "fallback": False,
        "text": "Simplicity is prerequisite for reliability.",
    }


def test_text_from_outside_is_escaped(service):
    service.answer = (200, json.dumps({"text": "<script>", "author": "somebody"}))
    assert "&lt;script&gt;" in create_app(Quotes(service.url)).test_client().get("/").text


def test_the_service_is_asked_once_an_hour(service):
    clock = Clock()
    quotes = Quotes(service.url, clock=clock)
    for _ in range(3):
        quotes.today()
    assert service.asked == 1
    clock.now += HOUR
    quotes.today()
    assert service.asked == 2


@pytest.mark.parametrize("answer", [(500, "{}"), (200, "not JSON"), (200, '{"text": "no author"}'), (200, "[]")])
def test_a_service_that_fails_does_not_break_the_page(service, answer):
    service.answer = answer
    assert DEFAULT.author in create_app(Quotes(service.url)).test_client().get("/").text


def test_without_a_service_there_is_a_quote():
    answer = create_app(Quotes(None)).test_client().get("/api/today").get_json()
    assert answer["fallback"] is True
