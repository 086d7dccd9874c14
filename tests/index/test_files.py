"""Metadata and files: the cheapest way that an index allows, and nothing that was not promised."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hutch.errors import NetworkProblem, Problem
from hutch.events import Event, Notice
from hutch.index import (
    File,
    FileUnavailable,
    Indexes,
    IndexOptions,
    MetadataUnavailable,
    Missing,
    Page,
    fetch_file,
    fetch_metadata,
    read_metadata,
    remember_metadata,
)
from hutch.net import Client, FetchFailed, NetOptions, OfflineProblem
from hutch.spec import (
    CoreMetadata,
    HashMismatch,
    InvalidMetadata,
    NormalizedName,
    parse_metadata,
    render_specifiers,
)
from hutch.store import InvalidWheel, Store, StoredWheel
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import Answer, FakeClock, MemoryTransport
from hutch.testing.wheels import make_metadata, make_wheel


class World:
    """A fake index and a store; each ``client`` is a new run of hutch."""

    def __init__(self, root: Path) -> None:
        self.index = FakeIndex(url="https://files.example/simple/", files_url="https://files.example/f/")
        self.store = Store(root)
        self.events: list[Event] = []
        self.net = NetOptions(retries=1)
        self.start()

    def start(self) -> None:
        self.transport: MemoryTransport = self.index.transport()
        self.client = Client(self.transport, self.net, self.events.append, clock=FakeClock(), seed=1)
        self.index.log.clear()

    def page(self, name: str = "alpha") -> Page:
        options = (IndexOptions(name="main", url=self.index.url),)
        got: list[Page | Missing | Problem] = []
        indexes = Indexes(self.client, self.store, options, refresh=True)
        indexes.fetch_page(NormalizedName(name), got.append)
        self.drain()
        self.index.log.clear()
        assert isinstance(got[0], Page), got
        return got[0]

    def drain(self) -> None:
        while self.client.pump():
            pass

    def metadata(self, page: Page | None = None, position: int = 0) -> CoreMetadata | Problem:
        page = page or self.page()
        got: list[CoreMetadata | Problem] = []
        fetch_metadata(self.client, self.store, page, page.files_of(position)[0], got.append)
        assert not got
        self.drain()
        (outcome,) = got
        return outcome

    def fetch(self, file: File, into: Path | None = None) -> StoredWheel | Path | Problem:
        got: list[StoredWheel | Path | Problem] = []
        fetch_file(self.client, self.store, file, got.append, into=into)
        assert not got
        self.drain()
        (outcome,) = got
        return outcome

    def paths(self) -> list[str]:
        return [path.rpartition("/")[2] for path in self.index.asked()]

    def left_over(self) -> list[str]:
        """Files of downloads that are still in the store."""
        root = Path(self.store.root)
        return [
            str(path)
            for kind in ("archives", "scratch")
            for path in root.glob(f"{kind}-v*/**/*")
            if path.is_file()
        ]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "store")


def good(outcome: object) -> CoreMetadata:
    assert isinstance(outcome, CoreMetadata), vars(outcome)
    return outcome


WHEEL = "alpha-1.0-py3-none-any.whl"


class TestMetadata:
    @pytest.mark.parametrize("sidecar", ["hash", "true"])
    def test_the_file_beside_the_wheel(self, world: World, sidecar: Any) -> None:
        world.index.add_wheel("alpha", "1.0", requires=["beta>=2"], sidecar=sidecar, requires_python=">=3.8")
        metadata = good(world.metadata())
        assert [requirement.name for requirement in metadata.requirements] == ["beta"]
        assert render_specifiers(metadata.requires_python) == ">=3.8"
        assert world.paths() == [WHEEL + ".metadata"]

    def test_it_is_remembered(self, world: World) -> None:
        world.index.add_wheel("alpha", "1.0", requires=["beta>=2"])
        first = good(world.metadata())
        page = world.page()
        assert good(world.metadata(page)) == first
        assert read_metadata(world.store, page, page.files_of(0)[0]) == first
        assert world.paths() == []

    def test_equal_hashes_are_fetched_once(self, world: World) -> None:
        for tags in ("py2-none-any", "py3-none-any"):
            world.index.add_wheel("alpha", "1.0", tags=tags)
        page = world.page()
        one, two = page.files_of(0)
        assert one.metadata == two.metadata
        good(world.metadata(page))
        assert read_metadata(world.store, page, two) is not None

    def test_another_projects_hash_does_not_bring_its_metadata(self, world: World) -> None:
        """A hostile page may say that its file has the metadata of another."""
        world.index.add_wheel("alpha", "1.0")
        alpha = world.page()
        good(world.metadata(alpha))
        digest = alpha.files_of(0)[0].metadata
        world.index.add_wheel("beta", "1.0", listed={"core-metadata": {"sha256": digest}})
        world.index.fault(
            "*beta*.metadata", answer=Answer(body=world.index.projects["alpha"][0].metadata or b"")
        )
        page = world.page("beta")
        assert read_metadata(world.store, page, page.files_of(0)[0]) is None
        assert isinstance(world.metadata(page), MetadataUnavailable)

    def test_a_wrong_hash_is_never_used(self, world: World) -> None:
        world.index.add_wheel("alpha", "1.0", requires=["beta"], sidecar="wrong")
        metadata = good(world.metadata())
        assert [requirement.name for requirement in metadata.requirements] == ["beta"]
        assert world.paths() == [WHEEL + ".metadata", WHEEL]
        assert any(isinstance(event, Notice) and "another hash" in event.text for event in world.events)

    def test_a_promised_file_that_is_not_there(self, world: World) -> None:
        world.index.add_wheel("alpha", "1.0")
        world.index.fault("*.metadata", answer=Answer(status=404))
        good(world.metadata())
        assert world.paths() == [WHEEL + ".metadata", WHEEL]

    def test_without_it_the_tail_of_the_wheel(self, world: World) -> None:
        big = {f"alpha/{n}.bin": os.urandom(100_000) for n in range(5)}
        world.index.add_wheel("alpha", "1.0", sidecar="none", files=big, requires=["beta"])
        metadata = good(world.metadata())
        assert [requirement.name for requirement in metadata.requirements] == ["beta"]
        assert [headers.get("range", "")[:7] for _, headers in world.index.log] == ["bytes=-"]

    def test_a_server_that_knows_no_ranges(self, world: World) -> None:
        world.index.ranges = False
        for version in ("1.0", "2.0"):
            world.index.add_wheel("alpha", version, sidecar="none", requires=["beta"])
        page = world.page()
        good(world.metadata(page, 0))
        assert world.paths() == [WHEEL, WHEEL]
        good(world.metadata(page, 1))
        assert len(world.paths()) == 3  # it is not asked for a range again
        # The wheel as a whole was not fetched for nothing.
        assert world.store.wheels.find(page.files_of(1)[0].sha256 or "") is not None

    @pytest.mark.parametrize("status", [400, 403, 405, 416, 501])
    def test_ways_to_refuse_a_range(self, world: World, status: int) -> None:
        world.index.add_wheel("alpha", "1.0", sidecar="none")
        world.index.fault("*.whl", answer=Answer(status=status), times=1)
        good(world.metadata())

    @pytest.mark.parametrize(
        "span",
        [
            "",
            "bytes",
            "bytes 0-1/2",
            "bytes x-y/z",
            "bytes 5-2/9",
            "items 0-99/100",
            "bytes 0-9999999999999999999/1",
        ],
    )
    def test_nonsense_about_the_part_that_came(self, world: World, span: str) -> None:
        world.index.add_wheel("alpha", "1.0", sidecar="none")
        body = world.index.projects["alpha"][0].body
        lie = Answer(status=206, headers=(("Content-Range", span),), body=body)
        world.index.fault("*.whl", answer=lie, times=2)
        outcome = world.metadata()
        assert isinstance(outcome, (CoreMetadata, FetchFailed))

    def test_a_wheel_of_another_project(self, world: World) -> None:
        _, body = make_wheel("beta", "1.0")
        for sidecar in (None, make_metadata("beta", "1.0").encode()):
            world.index.projects.clear()
            world.index.add_file(
                "alpha", WHEEL, body, metadata=sidecar, record={"core-metadata": bool(sidecar)}
            )
            assert isinstance(world.metadata(), MetadataUnavailable)

    def test_a_page_that_asks_for_another_version(self, world: World) -> None:
        text = make_metadata("alpha", "9.9").encode()
        digest = hashlib.sha256(text).hexdigest()
        _, body = make_wheel("alpha", "1.0")
        world.index.add_file(
            "alpha", WHEEL, body, metadata=text, record={"core-metadata": {"sha256": digest}}
        )
        outcome = world.metadata()
        assert isinstance(outcome, MetadataUnavailable)
        assert "9.9" in outcome.why[0]

    def test_metadata_that_is_none(self, world: World) -> None:
        text = b"\x00\xff nothing"
        record = {"core-metadata": {"sha256": hashlib.sha256(text).hexdigest()}}
        world.index.add_file("alpha", WHEEL, b"", metadata=text, record=record)
        assert isinstance(world.metadata(), InvalidMetadata)

    def test_an_endless_metadata(self, world: World) -> None:
        world.index.add_wheel("alpha", "1.0")
        world.index.fault("*.metadata", answer=Answer(body=b"Name: alpha\n" * (1 << 20)))
        assert isinstance(world.metadata(), NetworkProblem)

    def test_offline(self, world: World) -> None:
        world.index.add_wheel("alpha", "1.0")
        page = world.page()
        good(world.metadata(page))
        world.index.add_wheel("alpha", "2.0")
        page = world.page()
        world.net = NetOptions(offline=True)
        world.start()
        good(world.metadata(page))
        assert isinstance(world.metadata(page, 1), OfflineProblem)

    def test_a_wheel_on_this_machine(self, world: World, tmp_path: Path) -> None:
        for name, body in (
            make_wheel("alpha", "1.0", requires=["beta"]),
            ("alpha-2.0-py3-none-any.whl", b"no zip"),
        ):
            (tmp_path / name).write_bytes(body)
        flat = IndexOptions(name="links", url=str(tmp_path), kind="flat")
        got: list[Any] = []
        Indexes(world.client, world.store, (flat,)).fetch_page(NormalizedName("alpha"), got.append)
        world.drain()
        assert [r.name for r in good(world.metadata(got[0])).requirements] == ["beta"]
        assert isinstance(world.metadata(got[0], 1), MetadataUnavailable)
        (tmp_path / WHEEL).unlink()
        assert isinstance(world.metadata(got[0]), MetadataUnavailable)


class TestFiles:
    def file(self, world: World, **make: Any) -> File:
        world.index.add_wheel("alpha", "1.0", **make)
        return world.page().files_of(0)[0]

    def test_a_wheel_goes_into_the_store(self, world: World) -> None:
        file = self.file(world)
        stored = world.fetch(file)
        assert isinstance(stored, StoredWheel)
        assert stored.sha256 == file.sha256
        assert world.left_over() == []
        world.start()
        assert isinstance(world.fetch(file), StoredWheel)
        assert world.paths() == []

    def test_into_a_directory(self, world: World, tmp_path: Path) -> None:
        file = self.file(world)
        (tmp_path / "out").mkdir()
        path = world.fetch(file, tmp_path / "out")
        assert path == tmp_path / "out" / WHEEL
        assert hashlib.sha256((tmp_path / "out" / WHEEL).read_bytes()).hexdigest() == file.sha256
        assert os.listdir(tmp_path / "out") == [WHEEL]

    def test_a_source_distribution(self, world: World, tmp_path: Path) -> None:
        world.index.add_sdist("alpha", "1.0")
        file = world.page().files_of(0)[0]
        assert world.fetch(file, tmp_path) == tmp_path / "alpha-1.0.tar.gz"
        with pytest.raises(ValueError, match="directory"):
            fetch_file(world.client, world.store, file, lambda outcome: None)

    @pytest.mark.parametrize(
        "listed",
        [
            {"hashes": {"sha256": "0" * 64}},
            {"hashes": {"sha512": "0" * 128}},
            {"hashes": {"md5": "0" * 32}},
            {"size": 17},
            {"size": 1 << 20},
        ],
    )
    def test_what_is_not_what_was_promised(
        self, world: World, tmp_path: Path, listed: dict[str, Any]
    ) -> None:
        file = self.file(world, listed=listed)
        for into in (None, tmp_path):
            outcome = world.fetch(file, into)
            assert isinstance(outcome, HashMismatch)
        assert world.left_over() == []
        assert not (tmp_path / WHEEL).exists()

    def test_the_right_md5_does_not_help_a_wrong_sha256(self, world: World) -> None:
        _, body = make_wheel("alpha", "1.0")
        hashes = {"md5": hashlib.md5(body).hexdigest(), "sha256": "0" * 64}
        assert isinstance(world.fetch(self.file(world, listed={"hashes": hashes})), HashMismatch)

    def test_stronger_hashes_count(self, world: World) -> None:
        _, body = make_wheel("alpha", "1.0")
        hashes = {"sha512": hashlib.sha512(body).hexdigest(), "md5": hashlib.md5(body).hexdigest()}
        file = self.file(world, listed={"hashes": hashes})
        assert file.sha256 is None
        assert isinstance(world.fetch(file), StoredWheel)

    def test_without_any_hash(self, world: World) -> None:
        assert isinstance(world.fetch(self.file(world, listed={"hashes": {}})), StoredWheel)

    @pytest.mark.parametrize("status", [401, 403, 404, 410])
    def test_a_file_that_is_not_there(self, world: World, status: int) -> None:
        file = self.file(world)
        world.index.fault("*.whl", answer=Answer(status=status, body=b"no"))
        outcome = world.fetch(file)
        assert isinstance(outcome, FileUnavailable)
        assert str(status) in outcome.why[0]
        assert world.left_over() == []

    def test_what_is_no_wheel(self, world: World) -> None:
        world.index.add_file("alpha", WHEEL, b"not a zip")
        assert isinstance(world.fetch(world.page().files_of(0)[0]), InvalidWheel)
        assert world.left_over() == []

    def big(self, world: World) -> tuple[File, bytes]:
        fake = world.index.add_wheel("alpha", "1.0", files={"alpha/x.bin": os.urandom(300_000)})
        return world.page().files_of(0)[0], fake.body

    def cut_off(self, world: World, file: File, after: int) -> None:
        """A run whose network goes away after so many bytes, and the start of the next run."""
        world.index.fault("*.whl", cut=after, times=1)
        world.index.fault("*.whl", refuse=True)
        assert isinstance(world.fetch(file), FetchFailed)
        world.index.faults.clear()
        world.start()

    def test_a_run_goes_on_where_the_last_one_was_cut_off(self, world: World) -> None:
        file, body = self.big(world)
        self.cut_off(world, file, 100_000)
        assert len(world.left_over()) == 1
        assert isinstance(world.fetch(file), StoredWheel)
        assert world.left_over() == []
        first = int(world.index.log[0][1]["range"].removeprefix("bytes=").rstrip("-"))
        assert 100_000 <= first < len(body)

    @pytest.mark.parametrize("left", [b"garbage", b"garbage" * 50_000, b""])
    def test_what_the_last_run_left_may_be_damaged(self, world: World, left: bytes) -> None:
        file, _ = self.big(world)
        self.cut_off(world, file, 1000)
        Path(world.left_over()[0]).write_bytes(left)
        assert isinstance(world.fetch(file), StoredWheel)

    @pytest.mark.parametrize("change", [lambda body: body, lambda body: bytes(len(body))])
    def test_what_the_last_run_left_may_be_whole(
        self, world: World, change: Callable[[bytes], bytes]
    ) -> None:
        file, body = self.big(world)
        self.cut_off(world, file, 1000)
        Path(world.left_over()[0]).write_bytes(change(body))
        assert isinstance(world.fetch(file), StoredWheel)
        assert len(world.paths()) == (0 if change(body) == body else 1)

    def test_a_download_that_another_process_has_begun(self, world: World) -> None:
        file, _ = self.big(world)
        with world.store.lock(f"download-{file.sha256}"):
            assert isinstance(world.fetch(file), StoredWheel)
        assert world.left_over() == []

    def test_many_at_once(self, world: World) -> None:
        for number in range(20):
            world.index.add_wheel("alpha", f"{number}.0")
        page = world.page()
        got: list[object] = []
        for position in range(20):
            fetch_file(world.client, world.store, page.files_of(position)[0], got.append)
        world.drain()
        assert sum(isinstance(each, StoredWheel) for each in got) == 20

    def test_a_file_on_this_machine(self, world: World, tmp_path: Path) -> None:
        name, body = make_wheel("alpha", "1.0")
        (tmp_path / name).write_bytes(body)
        url = (tmp_path / name).as_uri()
        digest = hashlib.sha256(body).hexdigest()
        file = File(filename=name, url=url, hashes=(("sha256", digest),), tags="py3-none-any")
        assert isinstance(world.fetch(file), StoredWheel)
        assert (tmp_path / name).exists()  # it was not moved
        wrong = File(filename=name, url=url, hashes=(("sha256", "0" * 64),), tags="py3-none-any")
        assert isinstance(world.fetch(wrong), HashMismatch)
        gone = File(filename=name, url=url + "x", tags="py3-none-any")
        assert isinstance(world.fetch(gone), FileUnavailable)

    def test_a_directory_that_cannot_be_written(self, world: World, tmp_path: Path) -> None:
        outcome = world.fetch(self.file(world), tmp_path / "no" / "such")
        assert isinstance(outcome, Problem)
        assert outcome.code == "cannot-save"


def test_what_a_build_found_out_is_remembered(world: World) -> None:
    """Of a source distribution, by the hash of its archive; and never for another version."""
    world.index.add_sdist("alpha", "1.0", requires=["beta"])
    page = world.page()
    (file,) = page.files_of(0)
    assert read_metadata(world.store, page, file) is None
    remember_metadata(world.store, file, parse_metadata(make_metadata("alpha", "1.0.0", requires=["beta"])))
    assert [each.name for each in good(read_metadata(world.store, page, file)).requirements] == ["beta"]
    remember_metadata(world.store, file, parse_metadata(make_metadata("alpha", "2.0")))
    assert read_metadata(world.store, page, file) is None
