"""The manners of the client, over a transport out of memory and a clock that need not wait."""

from __future__ import annotations

import gzip
import hashlib
import os
import select
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from hutch.errors import NetworkProblem, Problem
from hutch.events import Event, Notice
from hutch.net import (
    Client,
    Credential,
    FetchFailed,
    InsecureAddress,
    NetOptions,
    OfflineProblem,
    Request,
    Response,
    TooLarge,
    TransferFailed,
)
from hutch.testing.transport import Answer, FakeClock, MemoryTransport, sent_headers

Handle = Callable[[Request], Answer | Response | Problem]


class World:
    """A client over ``handle``, with what it said and asked."""

    def __init__(self, handle: Handle, **options: Any) -> None:
        self.transport = MemoryTransport(handle)
        self.clock = FakeClock()
        self.events: list[Event] = []
        self.client = Client(
            self.transport, NetOptions(**options), self.events.append, clock=self.clock, seed=1
        )

    @property
    def urls(self) -> list[str]:
        return [request.url for request in self.transport.requests]

    def said(self) -> str:
        return "\n".join(event.text for event in self.events if isinstance(event, Notice))


def in_turn(*answers: Answer | Problem) -> Handle:
    left = list(answers)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


URL = "https://index.example/simple/alpha/"


def test_an_answer_is_an_answer_whatever_its_status() -> None:
    for status in (200, 204, 304, 400, 401, 403, 404, 410):
        world = World(in_turn(Answer(status=status)))
        assert world.client.fetch(Request(url=URL)).status == status


def test_pumping_without_work_says_so() -> None:
    world = World(in_turn(Answer(body=b"x")))
    assert not world.client.pump()
    got: list[Response | Problem] = []
    world.client.submit(Request(url=URL), got.append)
    assert not got  # never from inside submit
    while world.client.pump():
        pass
    assert isinstance(got[0], Response)


class TestRetries:
    @pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520])
    def test_what_may_pass_is_tried_again(self, status: int) -> None:
        world = World(in_turn(Answer(status=status), Answer(status=status), Answer(body=b"here")))
        assert world.client.fetch(Request(url=URL)).body == b"here"
        assert len(world.urls) == 3
        assert f"answered {status}" in world.said()

    def test_it_ends_and_names_the_host(self) -> None:
        world = World(in_turn(Answer(status=503)), retries=3)
        with pytest.raises(FetchFailed) as caught:
            world.client.fetch(Request(url=URL, purpose="the page of alpha"))
        assert caught.value.what == "could not fetch the page of alpha from index.example"
        assert "503" in caught.value.why[0]
        assert (caught.value.attempts, caught.value.status, caught.value.exit_code) == (4, 503, 3)
        assert len(world.urls) == 4

    def test_pauses_grow_and_stay_bounded(self) -> None:
        world = World(in_turn(Answer(status=500)), retries=9)
        with pytest.raises(FetchFailed):
            world.client.fetch(Request(url=URL))
        assert world.clock.slept[0] < 0.5
        assert world.clock.slept == sorted(world.clock.slept[:6]) + world.clock.slept[6:]
        assert max(world.clock.slept) <= 10

    def test_retry_after_is_obeyed_by_all_requests_to_that_host(self) -> None:
        world = World(in_turn(Answer(status=429, headers=(("Retry-After", "7"),)), Answer()))
        got: list[Response | Problem] = []
        world.client.submit(Request(url=URL), got.append)
        while len(world.transport.requests) < 1 or world.transport._waiting:
            world.client.pump(0)
        world.client.submit(Request(url=URL + "other"), got.append)
        assert len(world.urls) == 1
        while world.client.pump():
            pass
        assert len(got) == 2
        assert sum(world.clock.slept) >= 7

    def test_retry_after_as_a_date(self) -> None:
        world = World(
            in_turn(Answer(status=503, headers=(("Retry-After", "Sun, 15 Jun 2025 15:06:50 GMT"),)), Answer())
        )
        world.client.fetch(Request(url=URL))
        assert 9.5 <= sum(world.clock.slept) <= 12  # the clock stands at 15:06:40

    def test_who_asks_for_an_hour_is_told_no(self) -> None:
        world = World(in_turn(Answer(status=429, headers=(("Retry-After", "3600"),))))
        with pytest.raises(FetchFailed, match="could not fetch") as caught:
            world.client.fetch(Request(url=URL))
        assert "3600 seconds" in caught.value.why[0]
        assert len(world.urls) == 1

    @pytest.mark.parametrize("value", ["soon", "-1", "Thu, 99 Foo 2025", "9" * 400])
    def test_nonsense_in_retry_after(self, value: str) -> None:
        world = World(in_turn(Answer(status=503, headers=(("Retry-After", value),)), Answer()))
        try:
            world.client.fetch(Request(url=URL))
        except NetworkProblem:
            assert value == "9" * 400

    @pytest.mark.parametrize(("kind", "tries"), [("broken", 5), ("timeout", 5), ("connect", 3), ("name", 3)])
    def test_failures_of_the_connection(self, kind: Any, tries: int) -> None:
        world = World(in_turn(TransferFailed(kind, "no")))
        with pytest.raises(FetchFailed):
            world.client.fetch(Request(url=URL))
        assert len(world.urls) == tries

    def test_a_refused_certificate_is_not_tried_again(self) -> None:
        world = World(in_turn(TransferFailed("tls", "self-signed certificate")))
        with pytest.raises(FetchFailed) as caught:
            world.client.fetch(Request(url=URL))
        assert len(world.urls) == 1
        assert "ca-bundle" in caught.value.hints[0]

    def test_a_host_that_nobody_answers_at_is_not_asked_for_each_file(self) -> None:
        world = World(in_turn(TransferFailed("connect", "nobody listens there")))
        for _ in range(10):
            with pytest.raises(FetchFailed):
                world.client.fetch(Request(url=URL))
        assert len(world.urls) == 3


class TestRedirects:
    def test_they_are_followed(self) -> None:
        world = World(
            lambda request: (
                Answer(status=301, headers=(("Location", "../beta/"),))
                if "alpha" in request.url
                else Answer(body=b"b")
            )
        )
        response = world.client.fetch(Request(url=URL))
        assert (response.body, response.url) == (b"b", "https://index.example/simple/beta/")

    def test_they_are_bounded(self) -> None:
        world = World(lambda request: Answer(status=302, headers=(("Location", request.url + "x"),)))
        with pytest.raises(FetchFailed) as caught:
            world.client.fetch(Request(url=URL))
        assert caught.value.kind == "redirect"
        assert len(world.urls) == 11

    @pytest.mark.parametrize(
        "location",
        ["file:///etc/passwd", "ftp://x.example/", "https://a b/", "gopher://x", "https://x.example/\x00"],
    )
    def test_only_to_http(self, location: str) -> None:
        world = World(in_turn(Answer(status=302, headers=(("Location", location),))))
        with pytest.raises(FetchFailed) as caught:
            world.client.fetch(Request(url=URL))
        assert caught.value.kind == "redirect"
        assert len(world.urls) == 1

    def test_never_from_https_to_http(self) -> None:
        world = World(in_turn(Answer(status=302, headers=(("Location", "http://files.example/a"),))))
        with pytest.raises(InsecureAddress):
            world.client.fetch(Request(url=URL))
        assert len(world.urls) == 1

    def test_from_https_to_http_with_a_hash_to_compare(self) -> None:
        world = World(
            in_turn(Answer(status=302, headers=(("Location", "http://files.example/a"),)), Answer())
        )
        assert world.client.fetch(Request(url=URL, verified=True)).status == 200

    def test_a_post_is_not_redirected(self) -> None:
        world = World(in_turn(Answer(status=302, headers=(("Location", "/else"),))))
        with pytest.raises(FetchFailed):
            world.client.fetch(Request(url=URL, method="POST", body=b"secret"))
        assert len(world.urls) == 1


class TestCredentials:
    def authorizations(self, world: World) -> list[str | None]:
        return [sent_headers(request).get("authorization") for request in world.transport.requests]

    def test_they_go_to_their_origin_and_to_nobody_else(self) -> None:
        def handle(request: Request) -> Answer:
            if "index.example" in request.url:
                return Answer(status=302, headers=(("Location", "https://files.example/alpha"),))
            return Answer()

        known = Credential(origin="https://index.example", username="u", password="hunter2")
        world = World(handle, credentials=(known,))
        world.client.fetch(Request(url=URL))
        assert self.authorizations(world) == ["Basic dTpodW50ZXIy", None]
        for other in ("https://sub.index.example/", "https://index.example.evil.example/"):
            world.client.fetch(Request(url=other.replace("index.example", "x.example")))
        assert self.authorizations(world)[2:] == [None, None]

    def test_the_user_info_of_a_url_counts_and_is_not_sent_as_part_of_it(self) -> None:
        world = World(in_turn(Answer()))
        world.client.fetch(Request(url="https://u:hunter2@index.example/a"))
        assert world.urls == ["https://index.example/a"]
        assert self.authorizations(world) == ["Basic dTpodW50ZXIy"]

    def test_the_user_info_of_a_redirect_does_not(self) -> None:
        world = World(
            in_turn(Answer(status=302, headers=(("Location", "https://u:x@evil.example/"),)), Answer())
        )
        world.client.fetch(Request(url=URL))
        assert self.authorizations(world) == [None, None]

    def test_what_the_caller_says_to_one_host_is_not_for_the_next(self) -> None:
        world = World(in_turn(Answer(status=307, headers=(("Location", "https://evil.example/"),)), Answer()))
        world.client.fetch(Request(url=URL, headers={"Authorization": "Bearer x", "Cookie": "y"}))
        last = sent_headers(world.transport.requests[-1])
        assert "authorization" not in last
        assert "cookie" not in last

    def test_of_two_for_one_host_the_nearer_path_wins(self) -> None:
        one = Credential(origin="https://index.example", path="/projects/1/simple/", username="1")
        two = Credential(origin="https://index.example", path="/projects/2/simple/", username="2")
        world = World(in_turn(Answer()), credentials=(one, two))
        for number in ("2", "1"):
            world.client.fetch(Request(url=f"https://index.example/projects/{number}/files/a"))
        assert self.authorizations(world) == ["Basic Mjo=", "Basic MTo="]

    def test_netrc_by_host_and_never_by_default(self, tmp_path: Path) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine index.example login u password hunter2\ndefault login d password e\n")
        netrc.chmod(0o600)
        world = World(in_turn(Answer()), netrc=str(netrc))
        for url in (URL, "https://evil.example/", "https://index.example:@evil.example/"):
            world.client.fetch(Request(url=url))
        first, second, third = self.authorizations(world)
        assert (first, second) == ("Basic dTpodW50ZXIy", None)
        assert third == "Basic aW5kZXguZXhhbXBsZTo="  # what that URL itself says, and no password

    @pytest.mark.parametrize("content", [b"machine", b"\xff\xfe", b"machine x login"])
    def test_a_broken_netrc_knows_nobody(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "netrc").write_bytes(content)
        world = World(in_turn(Answer()), netrc=str(tmp_path / "netrc"))
        world.client.fetch(Request(url=URL))
        assert self.authorizations(world) == [None]

    def test_no_message_tells_a_secret(self) -> None:
        url = "https://user:hunter2@index.example/simple/?token=hunter2"
        moved = Answer(status=302, headers=(("Location", "ftp://u:hunter2@x/"),))
        for answer in (Answer(status=503), TransferFailed("connect", "no"), moved):
            world = World(in_turn(answer), retries=1)
            with pytest.raises(Problem) as caught:
                world.client.fetch(Request(url=url))
            problem = caught.value
            told = [problem.what, *problem.why, *problem.hints, world.said(), repr(vars(problem))]
            assert "hunter2" not in "".join(told)
        assert "hunter2" not in repr(NetOptions(credentials=(Credential(origin="o", password="hunter2"),)))


class TestPlainHttp:
    def test_it_is_refused_to_other_machines(self) -> None:
        world = World(in_turn(Answer()))
        with pytest.raises(InsecureAddress) as caught:
            world.client.fetch(Request(url="http://index.example/"))
        assert "trusted-host" in caught.value.hints[0]
        assert not world.urls

    @pytest.mark.parametrize("url", ["http://127.0.0.1:8080/", "http://localhost/", "http://[::1]/"])
    def test_this_machine_is_trusted(self, url: str) -> None:
        assert World(in_turn(Answer())).client.fetch(Request(url=url)).status == 200

    def test_trusted_hosts(self) -> None:
        world = World(in_turn(Answer()), trusted_hosts=("index.example", "other.example:8080"))
        world.client.fetch(Request(url="http://index.example:99/"))
        world.client.fetch(Request(url="http://other.example:8080/"))
        with pytest.raises(InsecureAddress):
            world.client.fetch(Request(url="http://other.example/"))


class TestFiles:
    body = bytes(range(256)) * 4096

    def handle(self, cuts: list[int], etag: str = '"one"') -> Handle:
        """A server that hangs up after each of ``cuts`` bytes, and honours ranges."""

        def answer(request: Request) -> Answer:
            headers = sent_headers(request)
            cut = cuts.pop(0) if cuts else None
            wanted = headers.get("range")
            if wanted and headers.get("if-range", etag) == etag:
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
                span = ("Content-Range", f"bytes {start}-{len(self.body) - 1}/{len(self.body)}")
                return Answer(status=206, headers=(("ETag", etag), span), body=self.body[start:], cut=cut)
            return Answer(headers=(("ETag", etag),), body=self.body, cut=cut)

        return answer

    def test_a_file_is_streamed_and_hashed(self, tmp_path: Path) -> None:
        world = World(self.handle([]))
        response = world.client.fetch(Request(url=URL, into=tmp_path / "f"))
        assert response.sha256 == hashlib.sha256(self.body).hexdigest()
        assert response.size == len(self.body)
        assert (tmp_path / "f").read_bytes() == self.body

    def test_a_download_goes_on_where_it_stopped(self, tmp_path: Path) -> None:
        world = World(self.handle([100_000, 70_000, 0]))
        response = world.client.fetch(Request(url=URL, into=tmp_path / "f"))
        assert response.sha256 == hashlib.sha256(self.body).hexdigest()
        assert response.resumed
        ranges = [sent_headers(request).get("range") for request in world.transport.requests]
        assert ranges == [None, "bytes=100000-", "bytes=170000-", "bytes=170000-"]
        assert sent_headers(world.transport.requests[1])["if-range"] == '"one"'

    def test_progress_counts_as_hope(self, tmp_path: Path) -> None:
        """A line that drops every 50,000 bytes brings the whole file all the same."""
        world = World(self.handle([50_000] * 15), retries=2)
        assert world.client.fetch(Request(url=URL, into=tmp_path / "f")).size == len(self.body)

    def test_a_file_that_changed_meanwhile_is_begun_anew(self, tmp_path: Path) -> None:
        etags = ['"one"', '"two"']
        cuts = [100_000]

        def handle(request: Request) -> Answer | Response | Problem:
            return self.handle(cuts, etags.pop(0))(request)

        world = World(handle)
        response = world.client.fetch(Request(url=URL, into=tmp_path / "f"))
        assert response.sha256 == hashlib.sha256(self.body).hexdigest()
        assert not response.resumed

    def test_without_a_validator_nothing_is_pieced_together(self, tmp_path: Path) -> None:
        answers = in_turn(Answer(body=self.body, cut=1000), Answer(body=self.body))
        world = World(answers)
        world.client.fetch(Request(url=URL, into=tmp_path / "f"))
        assert "range" not in sent_headers(world.transport.requests[1])

    def test_another_part_than_asked_for_is_not_taken(self, tmp_path: Path) -> None:
        span = ("Content-Range", f"bytes 5-{len(self.body) - 1}/{len(self.body)}")
        world = World(
            in_turn(
                Answer(headers=(("ETag", '"x"'),), body=self.body, cut=1000),
                Answer(status=206, headers=(span,), body=self.body[5:]),
                Answer(body=self.body),
            )
        )
        response = world.client.fetch(Request(url=URL, into=tmp_path / "f"))
        assert response.sha256 == hashlib.sha256(self.body).hexdigest()

    def test_a_file_is_kept_as_it_was_sent(self, tmp_path: Path) -> None:
        """Some servers call a .tar.gz "Content-Encoding: gzip"; its hash is over the .gz."""
        packed = gzip.compress(self.body)
        world = World(in_turn(Answer(headers=(("Content-Encoding", "gzip"),), body=packed)))
        world.client.fetch(Request(url=URL, into=tmp_path / "f"))
        assert (tmp_path / "f").read_bytes() == packed
        assert sent_headers(world.transport.requests[0])["accept-encoding"] == "identity"

    def test_an_error_page_does_not_become_the_file(self, tmp_path: Path) -> None:
        response = World(in_turn(Answer(status=404, body=b"no"))).client.fetch(
            Request(url=URL, into=tmp_path / "f")
        )
        assert response.path is None
        assert not (tmp_path / "f").exists()

    def test_a_disk_that_does_not_take_it(self, tmp_path: Path) -> None:
        with pytest.raises(Problem) as caught:
            World(self.handle([])).client.fetch(Request(url=URL, into=tmp_path / "no" / "f"))
        assert caught.value.code == "cannot-save"


class TestLimits:
    def test_a_body_has_a_limit(self) -> None:
        with pytest.raises(TooLarge):
            World(in_turn(Answer(body=b"x" * 2_000_000))).client.fetch(Request(url=URL, max_bytes=1 << 20))

    def test_what_is_announced_too_large_is_not_begun(self, tmp_path: Path) -> None:
        answer = Answer(headers=(("Content-Length", "999999999999"),), body=b"x")
        with pytest.raises(TooLarge):
            World(in_turn(answer)).client.fetch(Request(url=URL, into=tmp_path / "f"))
        assert not (tmp_path / "f").exists()

    def test_a_bomb_is_refused_while_it_is_small(self) -> None:
        bomb = gzip.compress(b" " * (200 << 20), 9)
        answer = Answer(headers=(("Content-Encoding", "gzip"),), body=bomb)
        with pytest.raises(TooLarge, match="unpacks"):
            World(in_turn(answer)).client.fetch(Request(url=URL, max_bytes=1 << 30))

    def test_an_honest_page_unpacks(self) -> None:
        page = b'{"filename": "alpha-1.0.tar.gz"},' * 1000
        answer = Answer(headers=(("Content-Encoding", "gzip"),), body=gzip.compress(page))
        assert World(in_turn(answer)).client.fetch(Request(url=URL)).body == page

    @pytest.mark.parametrize(
        "damage", [lambda b: b[:-20], lambda b: b"xx" + b, lambda b: b[:40] + b"\0" * 40]
    )
    def test_a_damaged_page_is_fetched_again(self, damage: Callable[[bytes], bytes]) -> None:
        page = hashlib.sha256(b"x").digest() * 100
        encoding = (("Content-Encoding", "gzip"),)
        world = World(
            in_turn(
                Answer(headers=encoding, body=damage(gzip.compress(page))),
                Answer(headers=encoding, body=gzip.compress(page)),
            )
        )
        assert world.client.fetch(Request(url=URL)).body == page

    def test_an_endless_error_page_is_cut(self) -> None:
        response = World(in_turn(Answer(status=404, body=b"x" * 5_000_000))).client.fetch(Request(url=URL))
        assert response.status == 404
        assert len(response.body) < 1 << 20

    def test_an_unknown_encoding_is_a_problem(self) -> None:
        with pytest.raises(FetchFailed):
            World(in_turn(Answer(headers=(("Content-Encoding", "br"),), body=b"x"))).client.fetch(
                Request(url=URL)
            )


def test_offline_asks_nobody() -> None:
    world = World(in_turn(Answer()), offline=True)
    with pytest.raises(OfflineProblem) as caught:
        world.client.fetch(Request(url=URL, purpose="the page of alpha"))
    assert "the page of alpha" in caught.value.what
    assert not world.urls


class TestBackground:
    def test_work_in_threads_ends_in_the_pump(self) -> None:
        world = World(in_turn(Answer()))
        got: list[object] = []
        for number in range(20):
            world.client.background(lambda number=number: number * number, got.append)
        while world.client.pump():
            pass
        assert sorted(got, key=str) == sorted((n * n for n in range(20)), key=str)
        world.client.close()

    def test_a_problem_is_handed_on_and_a_bug_is_raised(self) -> None:
        world = World(in_turn(Answer()))
        got: list[object] = []

        def problem() -> None:
            raise Problem("no")

        world.client.background(problem, got.append)
        while world.client.pump():
            pass
        assert isinstance(got[0], Problem)
        world.client.background(lambda: 1 // 0, got.append)
        with pytest.raises(ZeroDivisionError):
            world.client.pump()
        world.client.close()


class Slow:
    """A transport that answers each request at the third look at it."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Request, Any]] = []
        self.looks = 0

    def submit(self, request: Request, done: Any) -> None:
        self.waiting.append((request, done))
        self.looks = 0

    def pump(self, timeout: float | None = None, watched: Sequence[int] = ()) -> bool:
        if not self.waiting:
            return False
        self.looks += 1
        if self.looks >= 3:
            request, done = self.waiting.pop(0)
            done(Response(request=request, status=200, headers={}))
        return True

    def close(self) -> None:
        self.waiting.clear()


def test_there_is_other_work_while_answers_are_waited_for() -> None:
    told: list[str] = []
    client = Client(Slow())
    left = ["one", "two", "three", "four", "five"]

    def work() -> bool:
        if left:
            told.append(left.pop(0))
        return bool(left)

    client.when_idle(work)
    client.when_idle(work)
    client.fetch(Request(url="https://index.example/a"))
    assert told == ["one", "two"]  # as long as nothing came, and no longer
    client.fetch(Request(url="https://index.example/b"))
    assert told == ["one", "two", "three", "four"]
    assert not client.pump()
    assert told == ["one", "two", "three", "four"]  # nobody is waited for: then is no time
    client.fetch(Request(url="https://index.example/c"))
    client.fetch(Request(url="https://index.example/d"))
    assert told == ["one", "two", "three", "four", "five"]


class Helper:
    """A process that answers after so many looks, by a pipe."""

    def __init__(self, client: Client, got: list[str]) -> None:
        self.client, self.got = client, got
        self.left = 1
        self.here, self.there = os.pipe()

    def descriptors(self) -> list[int]:
        return [self.here]

    def collect(self) -> None:
        if select.select([self.here], [], [], 0)[0]:
            os.read(self.here, 1)
            self.left = 0
            self.client.soon(self.got.append, "read")

    def dismiss(self) -> None:
        self.got.append("dismissed")


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe cannot be waited for")
@pytest.mark.parametrize("busy", [True, False])
def test_an_answer_of_a_helper_is_waited_for(busy: bool) -> None:
    got: list[str] = []
    client = Client(Slow())
    helper = Helper(client, got)
    client.helped_by(helper)
    if busy:
        client.submit(Request(url="https://index.example/"), lambda _: got.append("fetched"))
    spare = iter([True] * 5)
    client.when_idle(lambda: next(spare, False))
    threading.Timer(0.05, lambda: os.write(helper.there, b"!")).start()
    while client.pump():
        pass
    assert sorted(got) == (["fetched", "read"] if busy else ["read"])
    client.close()
    assert got[-1] == "dismissed"


def test_of_a_mirror_all_wait_for_the_first_and_fail_with_it() -> None:
    world = World(in_turn(Answer(status=500)), retries=4)
    found: list[object] = []
    for number in range(20):
        url = f"https://m.example/c/{number}"
        world.client.submit(Request(url=url, place="https://m.example/c"), found.append)
    while world.client.pump():
        pass
    assert world.urls == ["https://m.example/c/0"] * 2
    assert [type(each) for each in found] == [FetchFailed] * 20
    assert world.said().count("the mirror https://m.example/c is not asked any more") == 1
    world.client.submit(Request(url="https://m.example/c/x", place="https://m.example/c"), found.append)
    world.client.submit(Request(url="https://m.example/d/y", place="https://m.example/d"), found.append)
    while world.client.pump():
        pass
    assert "https://m.example/c/x" not in world.urls
    assert "https://m.example/d/y" in world.urls


def test_of_a_mirror_that_redirects_and_answers_nobody_is_left_waiting() -> None:
    def handle(request: Request) -> Answer:
        if "/c/" in request.url:
            return Answer(status=302, headers=(("location", request.url.replace("/c/", "/d/")),))
        return Answer(status=404 if request.url.endswith("3") else 200, body=b"x")

    world = World(handle)
    found: list[Any] = []
    for number in range(6):
        world.client.submit(Request(url=f"https://m.example/c/{number}", place="m"), found.append)
    while world.client.pump():
        pass
    assert sorted(each.status for each in found) == [200] * 5 + [404]
    assert len(world.urls) == 12


def test_a_mirror_that_is_passed_over_by_word() -> None:
    world = World(in_turn(Answer(body=b"x")))
    found: list[object] = []
    world.client.pass_over("m", Problem("it is a page of the web"))
    world.client.submit(Request(url="https://m.example/c/1", place="m"), found.append)
    while world.client.pump():
        pass
    assert world.urls == []
    assert isinstance(found[0], FetchFailed)
    assert "it is a page of the web" in found[0].why


def test_of_many_that_are_tried_again_one_is_told() -> None:
    world = World(in_turn(Answer(status=500)), retries=2)
    found: list[object] = []
    for number in range(20):
        world.client.submit(Request(url=f"https://m.example/c/{number}"), found.append)
    while world.client.pump():
        pass
    assert len(world.urls) == 60
    assert 2 <= world.said().count("m.example answered 500; trying again") <= 6


def test_nobody_waits_for_a_mirror_whose_host_is_found_to_be_down() -> None:
    """By somebody else, while the first of its requests is to be tried again."""
    left = [Answer(status=500)]

    def handle(request: Request) -> Answer | Problem:
        if left:
            return left.pop()
        return TransferFailed("tls", "its certificate is not valid")

    world = World(handle, retries=4)
    found: list[object] = []
    for number in range(3):
        world.client.submit(Request(url=f"https://m.example/c/{number}", place="m"), found.append)
    world.client.pump(0)
    for place in ("other", ""):
        world.client.submit(Request(url="https://m.example/d/x", place=place), found.append)
    while world.client.pump():
        pass
    assert [type(each) for each in found] == [FetchFailed] * 5
