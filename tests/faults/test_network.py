"""The network misbehaves: rows A of the fault table, over both transports.

Each ends as it would have without the fault, or with a problem that names the index, says why, and leaves
no lock and no package behind.
"""

from __future__ import annotations

import hashlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any

import pytest

from commands.support import block, installed, locked, manifest, shown
from faults.measured import measure
from faults.servers import RESET, STALL, Asked, Pause, answer, serving
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import Answer

JSON = "application/vnd.pypi.simple.v1+json"
WHEEL = "alpha-1.0-py3-none-any.whl"
AGAIN = {"HUTCH_RETRIES": "2"}


@pytest.fixture
def one(index: FakeIndex, project: Callable[..., Any], transport: str) -> Any:
    """A project that needs ``alpha``, a wheel of some size."""
    noise = b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(20_000))
    index.add_wheel("alpha", "1.0", files={"alpha/__init__.py": "", "alpha/data.bin": noise})
    return project(manifest("alpha"))


def nothing_left(made: Any) -> None:
    assert made.tree() in (["pyproject.toml"], ["pylock.toml", "pyproject.toml"])
    assert installed(made) == {}


def size_of(index: FakeIndex) -> int:
    return len(index.projects["alpha"][0].body)


# -- answers that say "not now" ----------------------------------------------------------------------


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "status", [500, 503, 429, *(pytest.param(each, marks=SLOW) for each in (502, 504, 408))]
)
def test_a01_a_status_that_passes(one: Any, index: FakeIndex, status: int) -> None:
    index.fault("/simple/alpha/", status=status, times=2)
    index.fault("*.whl", status=status, times=1)
    one.run("sync", environ=AGAIN).ok()
    assert installed(one) == {"alpha": "1.0"}
    assert len(index.asked("/simple/alpha/")) == 3


@pytest.mark.parametrize("status", [500, 503])
def test_a01_a_status_that_stays(one: Any, index: FakeIndex, status: int) -> None:
    index.fault("/simple/alpha/", status=status)
    assert shown(one.run("lock", environ=AGAIN)) == block(f"""
        exit 3
        note: <index> answered {status}; trying again in <time>
        note: <index> answered {status}; trying again in <time>
        error: could not fetch the page of alpha from <index>
          it answered {status} each time (tried 3 times)
    """)
    nothing_left(one)


@pytest.mark.parametrize("status", [400, 402, 403, 405, 418, 451, 501, 505, 511])
def test_a01_a_status_that_means_no_is_not_asked_again(one: Any, index: FakeIndex, status: int) -> None:
    index.fault("/simple/alpha/", status=status)
    ran = one.run("lock", environ=AGAIN)
    assert ran.exit_code == 3
    assert f"error: the index default (<index>) answered {status} for alpha\n" in ran.stderr
    assert len(index.log) == 1


@pytest.mark.parametrize("said", ["1", "date"])
def test_a02_retry_after_is_obeyed(one: Any, index: FakeIndex, said: str) -> None:
    value = said if said != "date" else formatdate(time.time() + 2, usegmt=True)
    index.fault("/simple/alpha/", status=429, headers=(("Retry-After", value),), times=1)
    start = time.monotonic()
    one.run("lock", environ=AGAIN).ok()
    assert time.monotonic() - start >= 0.9
    assert len(index.asked("/simple/alpha/")) == 2


@pytest.mark.parametrize(
    "value",
    ["91", "7200", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 01 Jan 2067 00:00:00 GMT"],
)
def test_a02_retry_after_without_end_is_told_and_not_waited_for(
    one: Any, index: FakeIndex, value: str
) -> None:
    index.fault("/simple/alpha/", status=503, headers=(("Retry-After", value),))
    start = time.monotonic()
    ran = one.run("lock", environ=AGAIN)
    assert time.monotonic() - start < 5
    assert ran.exit_code == 3
    assert "error: could not fetch the page of alpha from <index>\n  it answered 503 and asks to wait" in (
        ran.stderr
    )
    assert len(index.log) == 1


@pytest.mark.parametrize(
    "value", ["", "-5", "soon", "1e9", "٣", "0", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 99 Foo 9999"]
)
def test_a02_retry_after_that_says_nothing(one: Any, index: FakeIndex, value: str) -> None:
    said = value.encode().decode("latin-1")
    index.fault("/simple/alpha/", status=503, headers=(("Retry-After", said),), times=1)
    one.run("lock", environ=AGAIN).ok()


# -- connections that break --------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [0, 1, 40])
def test_a03_a_page_that_is_cut(one: Any, index: FakeIndex, cut: int) -> None:
    index.fault("/simple/alpha/", cut=cut, times=1)
    one.run("lock", environ=AGAIN).ok()
    index.fault("/simple/alpha/", cut=cut)
    ran = one.run("lock --upgrade", environ={"HUTCH_NO_CACHE": "1"})
    assert ran.exit_code == 3
    assert "error: could not fetch the page of alpha from <index>\n" in ran.stderr


@pytest.mark.parametrize("kind", ["broken", "refuse"])
def test_a04_a_download_that_is_cut_goes_on_where_it_stopped(one: Any, index: FakeIndex, kind: str) -> None:
    one.run("lock").ok()
    index.log.clear()
    if kind == "refuse":
        index.fault("*.whl", refuse=True, times=1)
    index.fault("*.whl", cut=300_000, times=1)
    one.run("sync", environ={"HUTCH_RETRIES": "3"}).ok()
    assert installed(one) == {"alpha": "1.0"}
    ranges = [headers.get("range") for _, headers in index.log]
    first = next(said for said in ranges if said)
    begun = int(first.removeprefix("bytes=").removesuffix("-"))
    assert 0 < begun <= 300_000
    assert index.log[-1][1]["if-range"]


def test_a04_the_next_run_goes_on_where_this_one_gave_up(one: Any, index: FakeIndex) -> None:
    one.run("lock").ok()
    index.fault("*.whl", cut=300_000, times=1)
    ran = one.run("sync")
    assert ran.exit_code == 3
    nothing_left(one)
    index.log.clear()
    one.run("sync").ok()
    assert installed(one) == {"alpha": "1.0"}
    assert [headers.get("range", "")[:6] for _, headers in index.log] == ["bytes="]


def test_a05_a_download_that_changes_between_two_attempts(one: Any, index: FakeIndex) -> None:
    """Its ETag is another, so the server sends the whole; and that is another file than was locked."""
    one.run("lock").ok()
    file = index.projects["alpha"][0]
    honest = file.body
    index.fault("*.whl", cut=300_000, times=1)
    assert one.run("sync").exit_code == 3
    file.body = honest[:-1] + b"!"
    ran = one.run("sync")
    assert ran.exit_code == 1
    assert f"error: the hash of {WHEEL} is wrong\n" in ran.stderr
    nothing_left(one)
    file.body = honest
    one.run("sync").ok()
    assert installed(one) == {"alpha": "1.0"}


def test_a05_halves_of_two_files_are_fetched_once_more_as_a_whole(one: Any, index: FakeIndex) -> None:
    """A server goes on from another version without saying so: the hash tells, and the whole is right."""
    honest = index.projects["alpha"][0].body

    def script(asked: Asked) -> Iterator[object]:
        if len(server.log) == 1:
            yield answer(200, b"?" * 300_000, etag='"x"', content_length=str(len(honest)))
            yield RESET
        elif "range" in asked.headers:
            have = int(asked.headers["range"][6:-1])
            span = f"bytes {have}-{len(honest) - 1}/{len(honest)}"
            yield answer(206, honest[have:], etag='"x"', content_range=span)
        else:
            yield answer(200, honest, etag='"x"')

    with serving(script) as server:
        one.write({"pylock.toml": lock_of(server.url, hashlib.sha256(honest).hexdigest())})
        one.run("sync --frozen", environ=AGAIN).ok()
    assert installed(one) == {"alpha": "1.0"}
    assert [("range" in asked.headers) for asked in server.log] == [False, True, False]


def test_a06_a_reset_before_any_byte(one: Any, index: FakeIndex) -> None:
    index.fault("*", refuse=True)
    assert shown(one.run("lock")) == block("""
        exit 3
        error: could not fetch the page of alpha from <index>
          the connection was cut
    """)


# -- silence -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [0, 10])
def test_a07_silence_ends(one: Any, index: FakeIndex, cut: int) -> None:
    index.fault("/simple/alpha/", cut=cut, kind="timeout")
    assert shown(one.run("lock", environ={"HUTCH_TIMEOUT": "0.3"})) == block("""
        exit 3
        error: could not fetch the page of alpha from <index>
          nothing came for 0.3 seconds
    """)


def trickle(first: bytes, drop: bytes) -> Callable[[Asked], Iterator[object]]:
    def script(asked: Asked) -> Iterator[object]:
        yield first
        while True:
            yield Pause(0.05)
            yield drop

    return script


@pytest.mark.parametrize(
    "first",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 30000000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 ",
    ],
    ids=["body", "body of known length", "header", "status"],
)
def test_a08_a_byte_now_and_then_ends_as_well(
    first: bytes, project: Callable[..., Any], transport: str
) -> None:
    """Never silent, and never at an end: there is a least pace, in the head and in the body."""
    made = project(manifest("alpha"))
    with serving(trickle(first, b"x")) as server:
        environ = {"HUTCH_INDEX_URL": server.url, "HUTCH_TIMEOUT": "0.5"}
        ran = measure(made, ["lock"], transport=transport, environ=environ)
    assert ran.exit_code == 3
    assert ran.stderr.startswith("error: could not fetch the page of alpha from <index>\n  ")
    assert ran.seconds < 15


def test_a08_a_byte_a_try_is_no_progress(project: Callable[..., Any], transport: str) -> None:
    """Whoever sends a little and hangs up each time is not asked for ever."""

    def script(asked: Asked) -> Iterator[object]:
        have = int(asked.headers.get("range", "bytes=0-")[6:-1])
        head = f'HTTP/1.1 {206 if have else 200} OK\r\nETag: "x"\r\nContent-Length: {9999 - have}\r\n'
        yield (head + f"Content-Range: bytes {have}-9998/9999\r\n\r\n").encode() + b"x" * 100
        yield RESET

    with serving(script) as server:
        made = project({"pyproject.toml": manifest("alpha"), "pylock.toml": lock_of(server.url)})
        ran = made.run("sync --frozen", environ=AGAIN)
    assert ran.exit_code == 3
    assert f"error: could not fetch {WHEEL} from <index>\n" in ran.stderr
    assert len(server.log) <= 4


def lock_of(url: str, sha256: str = "0" * 64, more: str = "") -> str:
    return (
        'lock-version = "1.0"\ncreated-by = "x"\n\n[[packages]]\nname = "alpha"\nversion = "1.0"\n'
        f'[[packages.wheels]]\nname = "{WHEEL}"\nurl = "{url}{WHEEL}"\n'
        f'{more}hashes = {{ sha256 = "{sha256}" }}\n'
    )


# -- answers that are none ---------------------------------------------------------------------------

GARBAGE: dict[str, list[object]] = {
    "noise": [b"\x00\xffSSH-2.0-nonsense\r\n\r\n"],
    "nothing": [],
    "a reset": [RESET],
    "tls": [b"\x16\x03\x01\x02\x00\x01\x00"],
    "a status that is none": [b"HTTP/1.1 abc OK\r\n\r\n"],
    "a length that is none": [b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{"],
    "a negative length": [b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{"],
    "two lengths": [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 500\r\n\r\n{}"],
    "chunks that are none": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"],
    "chunks that end early": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}"],
    "gzip that is none": [answer(body=b"{}", content_type=JSON, content_encoding="gzip")],
    "gzip that is cut": [answer(body=b"\x1f\x8b\x08\x00\x00", content_type=JSON, content_encoding="gzip")],
    "an unknown encoding": [answer(body=b"{}", content_type=JSON, content_encoding="br")],
    "a part of a page": [answer(206, b'{"files": []}', content_type=JSON, content_range="bytes 0-12/900")],
}


@pytest.mark.parametrize("what", GARBAGE)
def test_a09_what_is_no_answer(what: str, project: Callable[..., Any], transport: str) -> None:
    made = project(manifest("alpha"))
    with serving(lambda asked: GARBAGE[what]) as server:
        ran = made.run("lock", environ={"HUTCH_INDEX_URL": server.url, "HUTCH_TIMEOUT": "2"})
    assert ran.exit_code == 3, ran.stderr
    assert ran.stderr.startswith("error: ")
    assert "alpha" in ran.stderr.splitlines()[0]
    assert "Traceback" not in ran.stderr
    nothing_left(made)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (206, {"content_range": "bytes 5-9/10"}),
        (206, {"content_range": "bytes 0-9/*"}),
        (206, {"content_range": "nonsense"}),
        (206, {}),
        (204, {}),
        (304, {}),
        (416, {"content_range": "bytes */3"}),
    ],
)
def test_a10_wrong_answers_to_a_request_for_a_file(
    status: int, headers: dict[str, str], project: Callable[..., Any], transport: str
) -> None:
    def script(asked: Asked) -> list[object]:
        return [answer(status, b"" if status in (204, 304) else b"0123456789", **headers)]

    with serving(script) as server:
        made = project({"pyproject.toml": manifest("alpha"), "pylock.toml": lock_of(server.url)})
        ran = made.run("sync --frozen")
    assert ran.exit_code == 3, ran.stderr
    assert WHEEL in ran.stderr
    nothing_left(made)


@pytest.mark.parametrize("first", ["bytes 7-", "bytes 0-", "bytes 299999-", "pages 300000-"])
def test_a10_a_part_that_was_not_asked_for(one: Any, index: FakeIndex, first: str) -> None:
    """Going on with a download, and the server sends another part: never put together with ours."""
    one.run("lock").ok()
    index.fault("*.whl", cut=300_000, times=1)
    assert one.run("sync").exit_code == 3
    size = size_of(index)
    wrong = (("Content-Range", f"{first}{size - 1}/{size}"),)
    index.fault("*.whl", answer=Answer(status=206, headers=wrong, body=b"x" * 1000), times=1)
    one.run("sync", environ=AGAIN).ok()
    assert installed(one) == {"alpha": "1.0"}


def test_a11_a_file_that_is_larger_than_it_may(one: Any, index: FakeIndex) -> None:
    one.run("lock").ok()
    size = size_of(index)
    index.projects["alpha"][0].body += b"x" * 5_000_000
    ran = one.run("sync")
    assert ran.exit_code == 1
    assert f"  expected: {size} bytes\n  got: more\n" in ran.stderr
    nothing_left(one)


def test_a12_a_log_in_page_instead_of_a_file(one: Any, index: FakeIndex) -> None:
    one.run("lock").ok()
    portal = Answer(headers=(("Content-Type", "text/html"),), body=b"<html><form><input></form></html>")
    index.fault("*.whl", answer=portal)
    ran = one.run("sync")
    assert ran.exit_code == 1
    assert f"error: the hash of {WHEEL} is wrong\n" in ran.stderr
    nothing_left(one)
    index.faults.clear()
    one.run("sync").ok()


def test_a12_a_log_in_page_instead_of_an_index(one: Any, index: FakeIndex) -> None:
    index.fault("/simple/*", status=302, headers=(("Location", "/portal"),))
    index.pages["/portal"] = Answer(
        headers=(("Content-Type", "text/html"),), body=b"<html>Welcome! <form><input name=room></form></html>"
    )
    assert shown(one.run("lock")) == block("""
        exit 3
        error: the index default did not answer with its page of alpha
          it is a web page, and none of its links is a file
        try: check the address of the index, and whether this network wants a log-in first
    """)


@pytest.mark.parametrize("kind", ["application/octet-stream", "text/plain", "application/json", "", "x"])
def test_a13_a_page_that_calls_itself_something_else(one: Any, index: FakeIndex, kind: str) -> None:
    body = json.dumps({"files": index.entries("alpha")}).encode()
    index.pages["/simple/alpha/"] = Answer(headers=(("Content-Type", kind),), body=body)
    one.run("lock").ok()
    assert locked(one) == {"alpha": "1.0"}


def test_a13_a_file_that_says_it_is_compressed(one: Any, index: FakeIndex) -> None:
    """Servers say so of archives that they have not compressed; the hash is over the bytes as they lie."""
    index.fault("*.whl", headers=(("Content-Encoding", "gzip"),))
    one.run("sync").ok()
    assert installed(one) == {"alpha": "1.0"}


# -- redirects ---------------------------------------------------------------------------------------


def test_a14_redirects_are_followed_to_another_host(one: Any, index: FakeIndex) -> None:
    second = FakeIndex()
    second.projects = index.projects
    with second.serve():
        elsewhere = (("Location", f"{second.files_url}{WHEEL}"),)
        index.fault("*.whl", status=302, headers=elsewhere)
        one.run("sync").ok()
    assert installed(one) == {"alpha": "1.0"}
    assert second.asked("*.whl")


def test_a14_redirects_have_an_end(one: Any, index: FakeIndex) -> None:
    index.fault("*.whl", status=307, headers=(("Location", f"/files/{WHEEL}?again"),))
    one.run("lock").ok()
    index.log.clear()
    assert shown(one.run("sync")) == block(f"""
        exit 3
        error: could not fetch {WHEEL} from <index>
          it redirects more than 10 times
    """)
    assert len(index.log) == 11


def test_a14_a_redirect_to_nowhere(one: Any, index: FakeIndex) -> None:
    index.fault("/simple/alpha/", status=301, headers=(("Location", "https://gone.invalid/simple/alpha/"),))
    assert shown(one.run("lock")) == block("""
        exit 3
        error: could not fetch the page of alpha from gone.invalid
          its name could not be resolved
        try: check the address, and the connection to the network
    """)


# -- no network --------------------------------------------------------------------------------------


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def test_a19_offline_with_all_at_hand(one: Any, index: FakeIndex) -> None:
    one.run("sync").ok()
    index.log.clear()
    one.run("venv --clear").ok()
    one.run("lock --upgrade --offline").ok()
    one.run("sync --offline").ok()
    assert installed(one) == {"alpha": "1.0"}
    assert index.log == []


def test_a20_offline_with_nothing_at_hand(one: Any, index: FakeIndex) -> None:
    start = time.monotonic()
    assert shown(one.run("sync --offline")) == block("""
        exit 3
        error: the page of alpha is not in the cache, and the network is switched off
        try: run the command once without --offline
    """)
    assert time.monotonic() - start < 2
    assert index.log == []
    nothing_left(one)


def test_a21_nobody_listens(one: Any) -> None:
    environ = {"HUTCH_INDEX_URL": f"http://127.0.0.1:{closed_port()}/simple/", "HUTCH_RETRIES": None}
    start = time.monotonic()
    ran = one.run("lock", environ=environ)
    assert shown(ran).splitlines()[-3:] == [
        "error: could not fetch the page of alpha from <index>",
        "  nobody listens there (tried 3 times)",
        "try: check the address, and the connection to the network",
    ]
    assert time.monotonic() - start < 5


def test_a21_a_proxy_where_nobody_listens(one: Any) -> None:
    environ = {"HTTP_PROXY": f"http://127.0.0.1:{closed_port()}"}
    ran = one.run("lock", environ=environ)
    assert ran.exit_code == 3
    assert "error: could not fetch the page of alpha from <index>\n" in ran.stderr


def test_a_server_that_is_silent_after_its_handshake_does_not_hold_up_the_others(
    index: FakeIndex, project: Callable[..., Any], transport: str
) -> None:
    """One of several hosts is down: what fails is told, and told soon."""
    index.add_wheel("alpha", "1.0")
    made = project(manifest("alpha"))
    made.run("lock").ok()

    with serving(lambda asked: [STALL]) as server:
        text = made.read("pylock.toml")
        made.write({"pylock.toml": text.replace(index.files_url, server.url)})
        start = time.monotonic()
        ran = made.run("sync --frozen", environ={"HUTCH_TIMEOUT": "0.5"})
    assert time.monotonic() - start < 5
    assert shown(ran) == block(f"""
        exit 3
        error: could not fetch {WHEEL} from <index>
          nothing came for 0.5 seconds
    """)
    nothing_left(made)
