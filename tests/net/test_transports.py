"""The real transports over real sockets: whatever one does, the others do."""

from __future__ import annotations

import gzip
import hashlib
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hutch.errors import Problem
from hutch.net import Client, FetchFailed, NetOptions, Request, Response, TooLarge, Transport, unpacked
from hutch.net.apart import ApartTransport
from hutch.net.standard import StandardTransport
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import Answer

MakeClient = Callable[..., Client]


def _make(kind: str, options: NetOptions) -> Transport:
    if kind == "standard":
        return StandardTransport(options)
    pytest.importorskip("pycurl")
    from hutch.net.curl import CurlTransport

    if kind == "apart":
        with warnings.catch_warnings():
            # The server of a test is a thread, which newer Pythons warn of. No command has one then.
            warnings.simplefilter("ignore", DeprecationWarning)
            return ApartTransport(lambda: CurlTransport(options))
    return CurlTransport(options)


KINDS = ["curl", "standard", *(["apart"] if sys.platform == "linux" else [])]


@pytest.fixture(params=KINDS)
def client(request: pytest.FixtureRequest) -> Iterator[MakeClient]:
    made: list[Client] = []

    def make(**changes: Any) -> Client:
        options = NetOptions(**{"timeout": 5.0, "connect_timeout": 5.0, **changes})
        made.append(Client(_make(request.param, options), options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def index() -> Iterator[FakeIndex]:
    fake = FakeIndex()
    for number in range(30):
        fake.add_wheel("alpha", f"1.{number}")
    with fake.serve():
        yield fake


def test_a_page(client: MakeClient, index: FakeIndex) -> None:
    response = client().fetch(Request(url=f"{index.url}alpha/", headers={"Accept": "text/html"}))
    assert response.status == 200
    assert response.headers["content-encoding"] == "gzip"
    assert response.body.startswith(b"<!DOCTYPE html>")
    headers = index.log[0][1]
    assert headers["accept-encoding"] == "gzip"
    assert headers["user-agent"] == "hutch"
    assert "expect" not in headers


def test_a_redirect_and_an_absence(client: MakeClient, index: FakeIndex) -> None:
    one = client()
    assert one.fetch(Request(url=f"{index.url}Alpha/")).url == f"{index.url}alpha/"
    assert one.fetch(Request(url=f"{index.url}beta/")).status == 404


def test_many_at_once_over_few_connections(client: MakeClient, index: FakeIndex) -> None:
    one = client()
    got: list[Response | Problem] = []
    for _ in range(200):
        one.submit(Request(url=f"{index.url}alpha/"), got.append)
    while one.pump():
        pass
    assert len(got) == 200
    assert all(isinstance(each, Response) and each.status == 200 for each in got)


def test_no_request_is_sent_twice(client: MakeClient, index: FakeIndex) -> None:
    """A connection that is kept alive serves the next request, whatever the answer before it was."""
    one = client()
    for path in ("alpha/", "Alpha/", "beta/", "alpha/"):
        one.fetch(Request(url=f"{index.url}{path}"))
    assert [path for path, _ in index.log] == [
        f"/simple/{each}/" for each in ("alpha", "Alpha", "alpha", "beta", "alpha")
    ]


def test_what_an_answer_leads_to_is_sent_before_the_next_answer_is_read(index: FakeIndex) -> None:
    """Short answers first; who reads a long one does not keep the others from being asked for."""
    index.add_wheel("short", "1")
    transport: Any = _make("curl", NetOptions())
    made = Client(transport)
    order: list[str] = []

    def path_of(name: str) -> str:
        return f"/simple/{name}/"

    def short(answer: object) -> None:
        order.append("short")
        made.submit(Request(url=f"{index.url}next/"), lambda _: order.append("next"))

    def long(answer: object) -> None:
        order.append("long")
        until = time.monotonic() + 5
        while not any(path == path_of("next") for path, _ in index.log) and time.monotonic() < until:
            time.sleep(0.002)
        assert any(path == path_of("next") for path, _ in index.log)

    made.submit(Request(url=f"{index.url}alpha/"), long)
    made.submit(Request(url=f"{index.url}short/"), short)
    while len(transport._finished) < 2:  # both are here before either is read
        transport._perform()
        time.sleep(0.001)
    while made.pump():
        pass
    made.close()
    assert order == ["short", "long", "next"]


def test_a_pump_waits_no_longer_than_it_may(client: MakeClient, index: FakeIndex) -> None:
    index.fault("*", cut=0, kind="timeout")
    one = client(timeout=30.0)
    one.submit(Request(url=f"{index.url}alpha/"), lambda outcome: None)
    import time

    before = time.monotonic()
    assert one.pump(0.2)
    assert time.monotonic() - before < 2


def test_a_file_and_its_parts(client: MakeClient, index: FakeIndex, tmp_path: Path) -> None:
    file = index.projects["alpha"][0]
    url = f"{index.files_url}{file.filename}"
    one = client()
    response = one.fetch(Request(url=url, into=tmp_path / "f"))
    assert response.sha256 == hashlib.sha256(file.body).hexdigest()
    assert (tmp_path / "f").read_bytes() == file.body
    assert one.fetch(Request(url=url, byte_range=-10)).body == file.body[-10:]
    assert one.fetch(Request(url=url, byte_range=(5, 9))).body == file.body[5:10]
    assert one.fetch(Request(url=url, byte_range=(9, None))).body == file.body[9:]
    assert one.fetch(Request(url=url, method="HEAD")).headers["content-length"] == str(len(file.body))


def test_a_reset_download_is_resumed(client: MakeClient, index: FakeIndex, tmp_path: Path) -> None:
    file = index.projects["alpha"][0]
    index.fault("*.whl", cut=400, times=1)
    response = client().fetch(Request(url=f"{index.files_url}{file.filename}", into=tmp_path / "f"))
    assert response.sha256 == hashlib.sha256(file.body).hexdigest()
    assert len(index.log) == 2
    assert response.resumed == ("range" in index.log[1][1])


def test_silence_has_an_end(client: MakeClient, index: FakeIndex) -> None:
    index.fault("*", cut=3, kind="timeout")
    with pytest.raises(FetchFailed) as caught:
        client(timeout=0.3, retries=0).fetch(Request(url=f"{index.url}alpha/"))
    assert caught.value.kind == "timeout"


def test_a_bomb_and_an_endless_page(client: MakeClient, index: FakeIndex) -> None:
    bomb = gzip.compress(b"\0" * (64 << 20))
    index.fault("*/alpha/", answer=Answer(headers=(("Content-Encoding", "gzip"),), body=bomb))
    index.fault("*/beta/", answer=Answer(body=b"x" * (4 << 20)))
    one = client()
    for name in ("alpha", "beta"):
        with pytest.raises(TooLarge):
            one.fetch(Request(url=f"{index.url}{name}/", max_bytes=2 << 20))
    assert one.fetch(Request(url=f"{index.url}gamma/")).status == 404  # and the client lives


def test_a_dead_port(client: MakeClient) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        with pytest.raises(FetchFailed) as caught:
            client(retries=0).fetch(Request(url=f"http://127.0.0.1:{port}/"))
    assert caught.value.kind == "connect"


def test_a_body_is_sent(client: MakeClient, index: FakeIndex) -> None:
    one = client()
    response = one.fetch(Request(url=f"{index.url}alpha/", method="POST", body=b'{"a": 1}'))
    assert response.status == 200
    assert index.log[0][1]["content-length"] == "8"


@contextmanager
def raw_server(*answers: bytes) -> Iterator[str]:
    """A server that sends these bytes, one element a connection, whatever it is asked; then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for answer in answers:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(65536)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        if sys.platform != "win32":
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00",
        b"",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"\x16\x03\x01\x02\x00",
    ],
)
def test_answers_that_are_none(client: MakeClient, answer: bytes, tmp_path: Path) -> None:
    with raw_server(answer) as url, pytest.raises(FetchFailed):
        client(retries=0).fetch(Request(url=url))


def test_a_page_without_length_ends_with_the_connection(client: MakeClient) -> None:
    with raw_server(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\nhello") as url:
        assert client().fetch(Request(url=url)).body == b"hello"


def test_a_proxy_is_asked_for_plain_http_with_its_password(client: MakeClient) -> None:
    seen: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            seen.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            connection.recv(65536)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    proxy = f"http://u:hunter2@127.0.0.1:{listener.getsockname()[1]}"
    one = client(proxies=(("http", proxy),), trusted_hosts=("index.example",))
    assert one.fetch(Request(url="http://index.example/simple/")).body == b"ok"
    one.close()
    thread.join(5)
    listener.close()
    assert seen[0].startswith(b"GET http://index.example/simple/ HTTP/1.1\r\n")
    assert b"Basic dTpodW50ZXIy" in seen[0]


def test_a_proxy_that_is_not_there_is_named(client: MakeClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    proxy = f"http://u:hunter2@127.0.0.1:{port}"
    one = client(proxies=(("http", proxy),), trusted_hosts=("x.example",), retries=0)
    for _ in range(2):  # and once more, of a host that is known to be down
        with pytest.raises(FetchFailed) as caught:
            one.fetch(Request(url="http://x.example/simple/"))
        assert caught.value.kind == "connect"
        assert caught.value.why[0].endswith("nobody listens there")
        assert f"127.0.0.1:{port}" in caught.value.why[0]
        assert "hunter2" not in caught.value.why[0]
        assert caught.value.why[0].count("the proxy") == 1
        assert "proxy_servers" in caught.value.hints[0]


def test_a_proxy_that_refuses_the_tunnel(client: MakeClient) -> None:
    refusal = b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"
    with raw_server(refusal) as url, pytest.raises(FetchFailed) as caught:
        client(proxies=(("https", url),), retries=0).fetch(Request(url="https://index.example/"))
    assert caught.value.kind == "proxy"


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Key and certificate of our own for ``localhost``."""
    import shutil
    import subprocess

    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl here to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = str(folder / "key.pem"), str(folder / "cert.pem")
    words = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout {key} -out {certificate}"
    command = [openssl, *words.split(), "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(command, check=True, capture_output=True)
    return key, certificate


class TestTls:
    """Certificates that nobody signed, and those who should accept them."""

    @contextmanager
    def serve(self, tls: tuple[str, str]) -> Iterator[str]:
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls[1], tls[0])
        listener = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                try:
                    plain, _ = listener.accept()
                except OSError:
                    return
                try:
                    with plain, context.wrap_socket(plain, server_side=True) as connection:
                        connection.recv(65536)
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                        connection.recv(65536)
                except OSError:
                    continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)

    def test_an_unknown_certificate_is_refused_at_once(
        self, client: MakeClient, tls: tuple[str, str]
    ) -> None:
        with self.serve(tls) as url, pytest.raises(FetchFailed) as caught:
            client().fetch(Request(url=url))
        assert caught.value.kind == "tls"
        assert caught.value.attempts == 1

    def test_a_company_certificate_is_accepted(self, client: MakeClient, tls: tuple[str, str]) -> None:
        for option in ({"ca_bundle": tls[1]}, {"ca_file": tls[1]}):
            with self.serve(tls) as url:
                one = client(**option)
                assert one.fetch(Request(url=url)).body == b"ok"
                one.close()

    def test_another_name_is_refused(self, client: MakeClient, tls: tuple[str, str]) -> None:
        with self.serve(tls) as url, pytest.raises(FetchFailed) as caught:
            client(ca_bundle=tls[1]).fetch(Request(url=url.replace("localhost", "127.0.0.1")))
        assert caught.value.kind == "tls"

    def test_a_trusted_host_needs_no_certificate(self, client: MakeClient, tls: tuple[str, str]) -> None:
        with self.serve(tls) as url:
            one = client(trusted_hosts=("localhost",))
            assert one.fetch(Request(url=url)).body == b"ok"
            one.close()

    def test_a_bundle_that_is_not_there(self, client: MakeClient, tls: tuple[str, str]) -> None:
        with self.serve(tls) as url, pytest.raises(FetchFailed) as caught:
            client(ca_bundle="/nowhere/bundle.pem").fetch(Request(url=url))
        assert caught.value.kind == "tls"


def test_closing_in_the_middle_calls_nobody_back(client: MakeClient, index: FakeIndex) -> None:
    index.fault("*", cut=0, kind="timeout")
    one = client()
    got: list[object] = []
    one.submit(Request(url=f"{index.url}alpha/"), got.append)
    one.pump(0.05)
    one.close()
    assert got == []


def test_ctrl_c_in_the_middle_of_a_body_is_not_swallowed(
    client: MakeClient, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hutch.net.receiving import Receiver

    def interrupted(self: Receiver, data: bytes) -> None:
        raise KeyboardInterrupt

    one = client()
    if isinstance(one._transport, (StandardTransport, ApartTransport)):
        pytest.skip("its bodies come elsewhere, and signals do not")
    monkeypatch.setattr(Receiver, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        one.fetch(Request(url=f"{index.url}alpha/"))


def test_who_waits_for_the_network_hears_others_as_well(client: MakeClient) -> None:
    """Without a limit of time: who did not look would wait for the server, which never answers."""
    listener = socket.create_server(("127.0.0.1", 0))  # which nobody ever accepts from
    reader, writer = socket.socketpair()
    with listener, reader, writer:
        one = client(timeout=600.0, connect_timeout=600.0)
        one._transport.submit(Request(url=f"http://127.0.0.1:{listener.getsockname()[1]}/"), lambda _: None)
        writer.send(b"!")
        assert one._transport.pump(None, (reader.fileno(),))


def test_what_is_left_packed_is_unpacked_within_the_same_limits(client: MakeClient, index: FakeIndex) -> None:
    one = client()
    plain = one.fetch(Request(url=f"{index.url}alpha/"))
    packed = one.fetch(Request(url=f"{index.url}alpha/", packed=True))
    assert packed.body != plain.body
    assert packed.size == len(packed.body) < plain.size
    whole = unpacked(packed)
    assert isinstance(whole, Response)
    assert (whole.body, whole.size) == (plain.body, plain.size)
    small = unpacked(one.fetch(Request(url=f"{index.url}alpha/", packed=True, max_bytes=len(packed.body))))
    assert isinstance(small, TooLarge)
    index.compress = False
    as_it_is = one.fetch(Request(url=f"{index.url}alpha/", packed=True))
    assert unpacked(as_it_is) is as_it_is
    index.compress = True
    index.fault("*alpha*", status=404)
    missing = one.fetch(Request(url=f"{index.url}alpha/", packed=True))
    assert missing.body == unpacked(missing).body == plain.body  # nobody leaves the page of an error packed
