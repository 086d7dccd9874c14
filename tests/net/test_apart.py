"""A transport in a process of its own: what only such a one can get wrong."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hutch.errors import Problem
from hutch.net import Client, NetOptions, Request, Response, TooLarge
from hutch.net.apart import ApartTransport, _outcome, _packed
from hutch.net.problems import CannotSave, TransferFailed
from hutch.net.standard import StandardTransport
from hutch.testing.fake_index import FakeIndex

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nobody is forked elsewhere")

LARGE = os.urandom(3 << 20)


@pytest.fixture
def index() -> Iterator[FakeIndex]:
    fake = FakeIndex()
    for number in range(30):
        fake.add_wheel("alpha", f"1.{number}")
    fake.add_wheel("large", "1", files={"large/data": LARGE})
    with fake.serve():
        yield fake


@pytest.fixture
def make() -> Iterator[Callable[..., Client]]:
    made: list[Client] = []

    def make(**changes: Any) -> Client:
        options = NetOptions(**{"timeout": 5.0, "connect_timeout": 5.0, "retries": 0, **changes})
        with warnings.catch_warnings():
            # The server of a test is a thread, which newer Pythons warn of. No command has one then.
            warnings.simplefilter("ignore", DeprecationWarning)
            made.append(Client(ApartTransport(lambda: StandardTransport(options)), options))
        return made[-1]

    yield make
    pids = [process_of(each) for each in made]
    for each in made:
        each.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def process_of(client: Client) -> int:
    transport: Any = client._transport
    pid: int = transport._process.pid
    return pid


def pump_dry(client: Client) -> None:
    while client.pump():
        pass


def large(index: FakeIndex) -> str:
    return f"{index.files_url}large-1-py3-none-any.whl"


@pytest.mark.parametrize("when", ["before", "between", "at once"])
def test_what_a_dead_process_owes_is_fetched_here(
    make: Callable[..., Client], index: FakeIndex, when: str
) -> None:
    one, got = make(), list[Response | Problem]()
    if when == "between":
        assert one.fetch(Request(url=f"{index.url}alpha/")).status == 200
    if when != "at once":
        os.kill(process_of(one), signal.SIGKILL)
    for _ in range(5):
        one.submit(Request(url=f"{index.url}alpha/"), got.append)
    if when == "at once":
        os.kill(process_of(one), signal.SIGKILL)
    while one.pump():
        pass
    assert [each.status for each in got if isinstance(each, Response)] == [200] * 5
    assert one.fetch(Request(url=f"{index.url}alpha/")).status == 200


def test_a_large_body_comes_whole_through_a_small_pipe(make: Callable[..., Client], index: FakeIndex) -> None:
    one = make()
    url = large(index)
    got: list[Any] = []
    for _ in range(3):
        one.submit(Request(url=url), got.append)
        one.submit(Request(url=f"{index.url}alpha/"), got.append)
    while one.pump():
        pass
    assert len({each.body for each in got if each.url == url}) == 1
    assert sum(each.size > len(LARGE) for each in got) == 3


def test_a_file_is_written_and_hashed_there(
    make: Callable[..., Client], index: FakeIndex, tmp_path: Path
) -> None:
    one = make()
    target = tmp_path / "file"
    response = one.fetch(Request(url=large(index), into=target))
    assert response.path == target
    assert response.size == target.stat().st_size
    import hashlib

    assert response.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()


def test_who_raises_keeps_no_answer_from_others(make: Callable[..., Client], index: FakeIndex) -> None:
    one, got = make(), list[Any]()

    def refuse(outcome: object) -> None:
        got.append(outcome)
        raise RuntimeError("enough")

    for _ in range(3):
        one.submit(Request(url=f"{index.url}alpha/"), refuse)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="enough"):
            pump_dry(one)
    assert [each.status for each in got] == [200] * 3
    assert not one.pump(0)


def test_ctrl_c_while_waiting_ends_the_process(make: Callable[..., Client], index: FakeIndex) -> None:
    one = make()
    one.submit(Request(url=f"{index.url}alpha/"), lambda _: None)

    def interrupt() -> None:
        raise KeyboardInterrupt

    pid = process_of(one)
    one.soon(lambda _: interrupt(), None)
    with pytest.raises(KeyboardInterrupt):
        one.pump()
    one.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_no_credential_is_in_its_arguments(make: Callable[..., Client], index: FakeIndex) -> None:
    one = make()
    url = index.url.replace("http://", "http://name:s3cret@") + "alpha/"
    assert one.fetch(Request(url=url)).status == 200
    assert b"s3cret" not in Path(f"/proc/{process_of(one)}/cmdline").read_bytes()
    assert any("authorization" in headers for _, headers in index.log)


@pytest.mark.parametrize(
    "outcome",
    [
        TransferFailed("cut", "it was cut", received=17, validator='"x"', reused=True),
        TooLarge("the answer is larger than 3 bytes", limit=3),
        CannotSave("/somewhere", "No space left on device"),
    ],
    ids=["failed", "large", "unsaved"],
)
def test_a_problem_is_the_same_on_both_sides(outcome: Problem) -> None:
    same = _outcome(Request(url="https://index.example/x"), _packed(outcome))
    assert type(same) is type(outcome)
    assert isinstance(same, Problem)
    assert (same.what, same.why, same.hints, vars(same)) == (
        outcome.what,
        outcome.why,
        outcome.hints,
        vars(outcome),
    )


def test_what_nobody_foresaw_is_met_here() -> None:
    """A bug in the transport ends its process; the same request shows it where somebody sees it."""

    class Broken(StandardTransport):
        def submit(self, request: Request, done: Any) -> None:
            raise RuntimeError("a bug")

    options = NetOptions()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        transport = ApartTransport(lambda: Broken(options))
    with Client(transport, options) as one, pytest.raises(RuntimeError, match="a bug"):
        one.fetch(Request(url="https://index.example/x"))
