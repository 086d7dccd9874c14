"""Other processes that read pages: the same pages, and no new ways to fail."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hutch
from hutch.index import Indexes, IndexOptions, NotAnIndexPage, Page, readers
from hutch.net import Client, FetchFailed, NetOptions
from hutch.spec import NormalizedName
from hutch.store import Store
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import Answer, MemoryTransport

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nobody is hired here")
SOURCE = str(Path(hutch.__file__).parents[1])
NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")


class Place:
    """An index, a store, and how many processes read pages."""

    def __init__(self, root: Path, **make: Any) -> None:
        self.root = root
        self.index = FakeIndex(**make)
        self.client = Client(MemoryTransport(self.index.handle), NetOptions(retries=0))

    def indexes(self, count: int | None, *, store: str = "store") -> Indexes:
        options = IndexOptions(name="main", url=self.index.url)
        self.store = Store(self.root / store)
        return Indexes(self.client, self.store, (options,), readers=count)

    def fetch(self, indexes: Indexes, *names: str) -> dict[str, Any]:
        got: dict[str, Any] = {}
        for name in names:
            indexes.fetch_page(NormalizedName(name), lambda page, name=name: got.setdefault(name, page))
        while self.client.pump():
            pass
        assert set(got) == set(names)
        return got


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr(readers, "LEAST", 0)
    place = Place(tmp_path)
    for name in NAMES:
        for number in range(3):
            place.index.add_wheel(name, f"{number}.0", requires_python=">=3.9", yanked=number == 1)
            place.index.add_sdist(name, f"{number}.0")
        place.index.add_wheel(name, "4.0rc1")
    return place


def said(page: Any) -> tuple[Any, ...]:
    """All that a page says."""
    assert isinstance(page, Page), page
    files = tuple(page.files_of(place) for place in range(len(page.versions)))
    masks = (page.prerelease, page.yanked, page.wheels, page.sdists, page.requires_python)
    return (page.name, page.index, page.url, page.versions, page.keys, *masks, page.status, files)


def hired(indexes: Indexes) -> list[Any]:
    there = indexes._desk.readers
    return [] if there is None else there._readers or []


@pytest.mark.parametrize("formats", [("json",), ("html",)])
@pytest.mark.parametrize("compress", [True, False])
def test_what_a_page_says_is_the_same_whoever_read_it(place: Place, formats: Any, compress: bool) -> None:
    place.index.formats, place.index.compress = formats, compress
    here = place.fetch(place.indexes(0, store="here"), *NAMES)
    indexes = place.indexes(2, store="there")
    there = place.fetch(indexes, *NAMES)
    assert len(hired(indexes)) == 2
    for name in NAMES:
        assert said(there[name]) == said(here[name])
    # What was kept is the same as well, and belief in it.
    place.store.tables.catch_up()
    again = place.indexes(0, store="there")
    assert all(isinstance(again.read_page(NormalizedName(name)), Page) for name in NAMES)
    assert said(again.read_page(NormalizedName("alpha"))) == said(here["alpha"])
    place.client.close()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "filename": st.sampled_from(
                    ["alpha-1.0-py3-none-any.whl", "alpha-1.0.tar.gz", "beta-1.zip", "x"]
                )
            },
            optional={
                "url": st.sampled_from(["https://files.example/a", "/a", "a#b", "http://[", "//x"]),
                "hashes": st.dictionaries(st.sampled_from(["sha256", "md5"]), st.text(max_size=4)),
                "requires-python": st.none() | st.text(max_size=6),
                "yanked": st.booleans() | st.text(max_size=6),
                "size": st.integers() | st.none(),
                "upload-time": st.text(max_size=24),
            },
        ),
        max_size=6,
    )
)
def test_any_page_is_read_alike(tmp_path_factory: Any, entries: list[dict[str, Any]]) -> None:
    import json

    place = Place(tmp_path_factory.mktemp("place"))
    place.index.add_project("alpha")
    body = json.dumps({"meta": {"api-version": "1.1"}, "name": "alpha", "files": entries}).encode()
    kind = ("content-type", "application/vnd.pypi.simple.v1+json")
    place.index.pages["/simple/alpha/"] = Answer(
        headers=(kind, ("content-encoding", "gzip")), body=gzip.compress(body)
    )
    least, readers.LEAST = readers.LEAST, 0
    try:
        here = place.fetch(place.indexes(0, store="here"), "alpha")["alpha"]
        there = place.fetch(place.indexes(1, store="there"), "alpha")["alpha"]
    finally:
        readers.LEAST = least
        place.client.close()
    assert said(here) == said(there)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"no page at all", ""),
        (b"{" * 3000, ""),
        (gzip.compress(b'{"meta": {"api-version": "2.0"}, "files": []}', mtime=0), "gzip"),
        (gzip.compress(b"[]" * 20, mtime=0) + b"rest", "gzip"),
    ],
)
def test_what_is_no_page_is_said_as_ever(place: Place, body: bytes, encoding: str) -> None:
    headers = [("content-type", "application/vnd.pypi.simple.v1+json")]
    headers += [("content-encoding", encoding)] if encoding else []
    place.index.pages["/simple/alpha/"] = Answer(headers=tuple(headers), body=body)
    here = place.fetch(place.indexes(0, store="here"), "alpha")["alpha"]
    there = place.fetch(place.indexes(1, store="there"), "alpha", "beta")
    assert isinstance(there["alpha"], NotAnIndexPage)
    assert str(there["alpha"]) == str(here)
    assert isinstance(there["beta"], Page)
    place.client.close()


@pytest.mark.parametrize(
    "body", [b"\x1f\x8b\x08 broken" * 300, gzip.compress(b'{"files": []}' * 900, mtime=0)[:40]]
)
def test_a_damaged_answer_is_asked_for_once_more_and_then_it_is_the_networks_fault(
    place: Place, body: bytes
) -> None:
    headers = (("content-type", "application/vnd.pypi.simple.v1+json"), ("content-encoding", "gzip"))
    place.index.pages["/simple/alpha/"] = Answer(headers=headers, body=body)
    found = place.fetch(place.indexes(1), "alpha")["alpha"]
    assert isinstance(found, FetchFailed)
    assert len(place.index.asked("*alpha*")) == 2
    place.client.close()


def test_a_bomb_is_refused(place: Place) -> None:
    headers = (("content-type", "application/vnd.pypi.simple.v1+json"), ("content-encoding", "gzip"))
    place.index.pages["/simple/alpha/"] = Answer(headers=headers, body=gzip.compress(b" " * (40 << 20)))
    here = place.fetch(place.indexes(0, store="here"), "alpha")["alpha"]
    there = place.fetch(place.indexes(1, store="there"), "alpha")["alpha"]
    assert str(there) == str(here)
    assert "unpacks to more than" in str(there)
    place.client.close()


def test_a_reader_that_is_killed_is_not_missed(place: Place) -> None:
    indexes = place.indexes(1)
    assert isinstance(place.fetch(indexes, "alpha")["alpha"], Page)
    (reader,) = hired(indexes)
    os.kill(reader.process.pid, signal.SIGKILL)
    found = place.fetch(indexes, "beta", "gamma", "delta", "epsilon")
    assert all(isinstance(page, Page) for page in found.values())
    assert not hired(indexes)
    place.client.close()


def test_what_cannot_be_kept_is_read_all_the_same(place: Place) -> None:
    indexes = place.indexes(1)
    place.fetch(indexes, "alpha")
    folder = Path(place.store.tables.path("pages", "x")).parent
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    folder.write_text("in the way")
    found = place.fetch(indexes, "beta", "gamma")
    assert all(isinstance(page, Page) for page in found.values())
    place.client.close()


def test_none_is_left_when_the_client_is_closed(place: Place) -> None:
    indexes = place.indexes(2)
    place.fetch(indexes, "alpha")
    numbers = [reader.process.pid for reader in hired(indexes)]
    assert len(numbers) == 2
    place.client.close()
    for number in numbers:
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)


def test_they_rest_when_nobody_asks_and_come_back_when_somebody_does(place: Place) -> None:
    indexes = place.indexes(1)
    place.fetch(indexes, "alpha")
    (first,) = hired(indexes)
    indexes.rest()
    with pytest.raises(ProcessLookupError):
        os.kill(first.process.pid, 0)
    assert isinstance(place.fetch(indexes, "beta")["beta"], Page)
    assert hired(indexes)[0].process.pid != first.process.pid
    place.client.close()


def test_they_do_not_rest_while_an_answer_is_owed(place: Place) -> None:
    indexes = place.indexes(1)
    got: list[Any] = []
    indexes.fetch_page(NormalizedName("alpha"), got.append)
    place.client.pump()  # the answer came, and is being read
    indexes.rest()
    while place.client.pump():
        pass
    assert isinstance(got[0], Page)
    place.client.close()


@pytest.mark.parametrize(
    ("threads", "processors", "count"), [(0, 1, 0), (0, 2, 1), (0, 3, 2), (0, 64, 2), (1, 4, 0)]
)
def test_who_is_hired(
    place: Place, monkeypatch: pytest.MonkeyPatch, threads: int, processors: int, count: int
) -> None:
    """One processor has no room, and a fork beside a thread is none."""
    made: list[int] = []
    monkeypatch.setattr(readers, "_Reader", lambda *_: made.append(1))
    monkeypatch.setattr(readers, "processors", lambda: processors)
    monkeypatch.setattr("_thread._count", lambda: threads)
    readers.Readers(place.client).hire()
    assert len(made) == count


def test_nobody_is_hired_for_what_is_known(place: Place) -> None:
    """Neither for pages that are fresh, nor for those that only have to be confirmed."""
    place.fetch(place.indexes(0), "alpha")
    place.store.tables.catch_up()
    indexes = place.indexes(None)
    assert isinstance(indexes.read_page(NormalizedName("alpha")), Page)
    assert indexes._desk.readers is None
    options = IndexOptions(name="main", url=place.index.url)
    indexes = Indexes(place.client, place.store, (options,), refresh=True)
    assert isinstance(place.fetch(indexes, "alpha")["alpha"], Page)
    assert indexes._desk.readers is None


def test_they_end_with_the_process_that_hired_them(tmp_path: Path) -> None:
    """Killed, it can tell nobody: the pipe does."""
    script = """
        import os, signal, sys
        from hutch.index.readers import Readers
        from hutch.net import Client
        from hutch.testing.transport import MemoryTransport
        readers = Readers(Client(MemoryTransport(lambda request: None)), count=2)
        readers.hire()
        print(*(each.process.pid for each in readers._readers), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,  # which ends when the last of them has ended
        env={**os.environ, "PYTHONPATH": SOURCE},
        text=True,
        timeout=60,
    )
    assert len(ran.stdout.split()) == 2
