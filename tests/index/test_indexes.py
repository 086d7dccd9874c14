"""Which index answers for a name, what is remembered, and what an index can do wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hutch.errors import NetworkProblem, Problem
from hutch.events import Event, Notice
from hutch.index import Indexes, IndexOptions, IndexRefused, InvalidIndex, Missing, NotAnIndexPage, Page
from hutch.net import Client, FetchFailed, NetOptions, OfflineProblem, Request, TransferFailed
from hutch.spec import NormalizedName
from hutch.store import Store
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import Answer, FakeClock, MemoryTransport
from hutch.testing.wheels import make_sdist, make_wheel

Outcome = Page | Missing | Problem


class World:
    """Some fake indexes behind one client, and a store that outlives both."""

    def __init__(self, root: Path, **fakes: FakeIndex) -> None:
        self.fakes = fakes
        for name, fake in fakes.items():
            fake.url, fake.files_url = f"https://{name}.example/simple/", f"https://{name}.example/files/"
        self.store = Store(root)
        self.clock = FakeClock()
        self.events: list[Event] = []
        self.transport = MemoryTransport(self.handle)

    def handle(self, request: Request) -> Any:
        for fake in self.fakes.values():
            if request.url.startswith(fake.url.removesuffix("simple/")):
                return fake.handle(request)
        return TransferFailed("name", "its name could not be resolved")

    def options(self) -> tuple[IndexOptions, ...]:
        return tuple(IndexOptions(name=name, url=fake.url) for name, fake in self.fakes.items())

    def indexes(
        self,
        *more: IndexOptions,
        only: tuple[IndexOptions, ...] | None = None,
        net: Any = None,
        **keywords: Any,
    ) -> Indexes:
        options = NetOptions(**(net or {}))
        self.client = Client(self.transport, options, self.events.append, clock=self.clock, seed=1)
        chosen = only if only is not None else (*self.options(), *more)
        return Indexes(self.client, self.store, chosen, **keywords)

    def page(
        self, name: str, *, index: str | None = None, indexes: Indexes | None = None, **keywords: Any
    ) -> Outcome:
        asked = indexes or self.indexes(**keywords)
        got: list[Outcome] = []
        asked.fetch_page(NormalizedName(name), got.append, index=index)
        assert not got  # never before the pump
        while self.client.pump():
            pass
        (outcome,) = got
        assert not self.client.pump(0)  # and nothing is left under way
        return outcome

    def count(self) -> int:
        return len(self.transport.requests)

    def warnings(self) -> str:
        return "\n".join(e.text for e in self.events if isinstance(e, Notice) and e.warning)


@pytest.fixture
def world(tmp_path: Path) -> World:
    one = FakeIndex()
    one.add_wheel("alpha", "1.0")
    one.add_wheel("alpha", "2.0", requires_python=">=3.9")
    return World(tmp_path / "store", main=one)


def versions(outcome: Outcome) -> tuple[str, ...]:
    assert isinstance(outcome, Page), outcome
    return outcome.versions


@pytest.mark.parametrize("formats", [("json",), ("html",), ("json", "html")])
@pytest.mark.parametrize("links", ["absolute", "path"])
def test_a_page_in_every_form(world: World, formats: tuple[str, ...], links: Any) -> None:
    world.fakes["main"].formats, world.fakes["main"].links = formats, links
    page = world.page("alpha")
    assert versions(page) == ("1.0", "2.0")
    assert isinstance(page, Page)
    assert page.index == "main"
    (file,) = page.files_of(1)
    assert file.url == "https://main.example/files/alpha-2.0-py3-none-any.whl"
    assert file.requires_python == ">=3.9"
    assert isinstance(file.metadata, str)
    assert file.sha256


def test_a_name_that_nobody_has(world: World) -> None:
    assert world.page("beta") == Missing(name=NormalizedName("beta"), asked=("main",))


def test_two_questions_are_one_request(world: World) -> None:
    indexes = world.indexes()
    got: list[Outcome] = []
    for _ in range(3):
        indexes.fetch_page(NormalizedName("alpha"), got.append)
    while world.client.pump():
        pass
    assert len(got) == 3
    assert got[0] is got[1] is got[2]
    assert world.page("alpha", indexes=indexes) is got[0]
    assert world.count() == 1


@pytest.mark.parametrize("order", ["given", "reversed", "shuffled"])
def test_the_order_of_answers_changes_nothing(tmp_path: Path, order: Any) -> None:
    fake = FakeIndex()
    for number in range(40):
        fake.add_wheel(f"p{number}", f"{number}.0")
    client = Client(fake.transport(order=order, at_once=3), clock=FakeClock())
    indexes = Indexes(client, Store(tmp_path), (IndexOptions(name="main", url=fake.url),))
    got: dict[str, Outcome] = {}
    for number in range(40):
        indexes.fetch_page(
            NormalizedName(f"p{number}"), lambda page, n=number: got.__setitem__(f"p{n}", page)
        )
    while client.pump():
        pass
    assert {name: versions(page) for name, page in got.items()} == {f"p{n}": (f"{n}.0",) for n in range(40)}


class TestOwners:
    """Dependency confusion: CVE-2018-20225, and every tool that takes the highest version anywhere."""

    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        private, public = FakeIndex(), FakeIndex()
        private.add_wheel("corp", "1.0")
        public.add_wheel("corp", "99.0")
        public.add_wheel("alpha", "1.0")
        return World(tmp_path / "store", private=private, public=public)

    def test_the_first_that_has_a_name_owns_it(self, world: World) -> None:
        assert versions(world.page("corp")) == ("1.0",)
        assert not world.fakes["public"].log

    def test_the_next_is_asked_for_what_it_has_not(self, world: World) -> None:
        page = world.page("alpha")
        assert versions(page) == ("1.0",)
        assert isinstance(page, Page)
        assert page.index == "public"

    def test_the_default_index_comes_last(self, world: World) -> None:
        private, public = world.options()
        public = IndexOptions(name="public", url=public.url, default=True)
        assert versions(world.page("corp", only=(public, private))) == ("1.0",)

    def test_a_supplemental_one_comes_after_it(self, world: World) -> None:
        private, public = world.options()
        private = IndexOptions(name="private", url=private.url, supplemental=True)
        public = IndexOptions(name="public", url=public.url, default=True)
        assert versions(world.page("corp", only=(private, public))) == ("99.0",)
        assert versions(world.page("corp", only=(private, public), index="private")) == ("1.0",)

    def test_the_default_one_goes_by_that_name_as_well(self, world: World) -> None:
        private, public = world.options()
        public = IndexOptions(name="public", url=public.url, default=True)
        assert versions(world.page("corp", only=(private, public), index="default")) == ("99.0",)

    @pytest.mark.parametrize("status", [401, 403, 418, 500, 503, 400])
    def test_a_failure_is_not_an_absence(self, world: World, status: int) -> None:
        world.fakes["private"].fault("*", answer=Answer(status=status))
        outcome = world.page("corp", net={"retries": 1})
        assert isinstance(outcome, NetworkProblem)
        assert not world.fakes["public"].log

    def test_nor_is_a_dead_host(self, world: World) -> None:
        world.fakes["private"].fault("*", refuse=True)
        assert isinstance(world.page("corp"), FetchFailed)
        assert not world.fakes["public"].log

    def test_a_status_that_is_configured_to_mean_absence(self, world: World) -> None:
        world.fakes["private"].fault("*/alpha/", answer=Answer(status=403))
        private, public = world.options()
        private = IndexOptions(name="private", url=private.url, absent_statuses=(403,))
        assert versions(world.page("alpha", only=(private, public))) == ("1.0",)

    def test_a_page_without_files_owns_its_name(self, world: World) -> None:
        world.fakes["private"].add_project("alpha")
        assert versions(world.page("alpha")) == ()

    def test_an_explicit_index_is_asked_only_by_name(self, world: World) -> None:
        private, public = world.options()
        private = IndexOptions(name="private", url=private.url, explicit=True)
        assert versions(world.page("corp", only=(private, public))) == ("99.0",)
        assert versions(world.page("corp", only=(private, public), index="private")) == ("1.0",)
        outcome = world.page("alpha", only=(private, public), index="private")
        assert outcome == Missing(name=NormalizedName("alpha"), asked=("private",))

    def test_an_index_that_is_not_there(self, world: World) -> None:
        assert isinstance(world.page("corp", index="nowhere"), InvalidIndex)


class TestCredentials:
    def test_they_come_from_the_url_and_go_nowhere_else(self, world: World, tmp_path: Path) -> None:
        world.fakes["main"].credentials = "user:hunter2"
        url = "https://user:hunter2@main.example/simple"
        options = (IndexOptions(name="main", url=url),)
        page = world.page("alpha", only=options)
        assert isinstance(page, Page)
        assert page.url == "https://main.example/simple/alpha/"
        assert "hunter2" not in repr(options)
        for path in (tmp_path / "store").rglob("*"):
            assert "hunter2" not in str(path)
            assert path.is_dir() or b"hunter2" not in path.read_bytes()

    def test_they_come_from_the_environment(self, world: World) -> None:
        world.fakes["main"].credentials = "user:hunter2"
        environ = {"HUTCH_INDEX_MAIN_USERNAME": "user", "HUTCH_INDEX_MAIN_PASSWORD": "hunter2"}
        assert versions(world.page("alpha", environ=environ)) == ("1.0", "2.0")

    def test_without_them_the_problem_says_what_to_set(self, world: World) -> None:
        world.fakes["main"].credentials = "user:hunter2"
        outcome = world.page("alpha")
        assert isinstance(outcome, IndexRefused)
        assert outcome.status == 401
        assert "HUTCH_INDEX_MAIN_PASSWORD" in outcome.hints[1]
        assert outcome.exit_code == 3


class TestCache:
    def test_a_fresh_page_is_not_asked_for(self, world: World) -> None:
        world.page("alpha")
        world.clock.now += 599
        indexes = world.indexes()
        assert versions(
            indexes.read_page(NormalizedName("alpha")) or Missing(name=NormalizedName("x"), asked=())
        ) == ("1.0", "2.0")
        assert versions(world.page("alpha")) == ("1.0", "2.0")
        assert world.count() == 1

    def test_an_old_page_is_asked_about(self, world: World) -> None:
        first = world.page("alpha")
        world.clock.now += 601
        assert world.indexes().read_page(NormalizedName("alpha")) is None
        second = world.page("alpha")
        assert versions(first) == versions(second)
        assert "if-none-match" in world.fakes["main"].log[1][1]
        world.page("alpha")
        assert world.count() == 2  # the 304 made it fresh again

    def test_a_new_version_is_seen(self, world: World) -> None:
        world.page("alpha")
        world.fakes["main"].add_wheel("alpha", "3.0")
        assert versions(world.page("alpha")) == ("1.0", "2.0")
        assert versions(world.page("alpha", refresh=True)) == ("1.0", "2.0", "3.0")

    def test_an_index_cannot_say_that_a_page_is_good_for_a_year(self, world: World) -> None:
        world.fakes["main"].max_age = 31536000
        world.page("alpha")
        world.clock.now += 3600
        world.page("alpha")
        assert world.count() == 2

    @pytest.mark.parametrize("value", ["no-store", "no-cache, max-age=600", "max-age=x", "max-age=-1", ""])
    def test_what_may_not_be_believed_is_asked_about(self, world: World, value: str) -> None:
        world.fakes["main"].max_age = None
        world.fakes["main"].fault("*", headers=(("Cache-Control", value),))
        world.page("alpha")
        world.page("alpha")
        assert world.count() == 2

    def test_a_clock_that_was_set_back(self, world: World) -> None:
        world.clock.now += 50 * 365 * 86400
        world.page("alpha")
        world.clock.now -= 50 * 365 * 86400
        assert versions(world.page("alpha")) == ("1.0", "2.0")
        assert world.count() == 2

    def test_offline_takes_what_is_there_however_old(self, world: World) -> None:
        world.page("alpha")
        world.page("beta")
        world.clock.now += 1e9
        before = world.count()
        assert versions(world.page("alpha", net={"offline": True})) == ("1.0", "2.0")
        assert isinstance(world.page("beta", net={"offline": True}), Missing)
        outcome = world.page("gamma", net={"offline": True})
        assert isinstance(outcome, OfflineProblem)
        assert "gamma" in outcome.what
        assert world.count() == before

    def test_an_absence_is_remembered_as_long_as_the_index_says(self, tmp_path: Path) -> None:
        private, public = FakeIndex(), FakeIndex()
        public.add_wheel("alpha", "1.0")
        private.fault(
            "*/alpha/", answer=Answer(status=404, headers=(("Cache-Control", "max-age=60"),)), times=1
        )
        world = World(tmp_path, private=private, public=public)
        world.page("alpha")
        world.page("alpha")
        assert world.count() == 2
        world.clock.now += 61
        private.add_wheel("alpha", "0.1")
        assert versions(world.page("alpha")) == ("0.1",)

    def test_damage_is_absence(self, world: World, tmp_path: Path) -> None:
        world.page("alpha")
        for damage in (b"", b"\0" * 100, b"x"):
            for path in (tmp_path / "store").glob("pages-v*/*"):
                path.write_bytes(damage)
            assert versions(world.page("alpha")) == ("1.0", "2.0")
        assert world.count() == 4

    def test_a_table_of_another_shape_is_absence(self, world: World) -> None:
        world.page("alpha")
        source: Any = world.indexes()._sources[0]
        for value in ((), 3, (1,), (99, "alpha", 0, 0, None, None, ()), (2, "other", 0, 0, None, None, ())):
            world.store.tables.write("index", source.cache_key(NormalizedName("alpha")), value)
            assert versions(world.page("alpha")) == ("1.0", "2.0")


class TestFaults:
    @pytest.mark.parametrize(
        "body",
        [b"<html><form><input></form></html>", b"{", b"[]", b"{}", b"", b"\x00\xff", b"[" * 100000],
    )
    @pytest.mark.parametrize("kind", ["application/vnd.pypi.simple.v1+json", "text/html", "", "image/png"])
    def test_what_is_no_page_is_a_problem_or_empty(self, world: World, body: bytes, kind: str) -> None:
        world.fakes["main"].fault("*", answer=Answer(headers=(("Content-Type", kind),), body=body))
        outcome = world.page("alpha")
        if kind == "text/html" and b"form" not in body and not body.startswith(b"{"):
            assert versions(outcome) == ()
        else:
            assert isinstance(outcome, NotAnIndexPage)
            assert outcome.exit_code == 3

    def test_a_page_that_was_damaged_on_the_way_is_asked_for_once_more(self, world: World) -> None:
        world.fakes["main"].fault(
            "*", answer=Answer(headers=(("Content-Type", "application/json"),), body=b"{"), times=1
        )
        assert versions(world.page("alpha")) == ("1.0", "2.0")
        assert world.fakes["main"].log[1][1]["cache-control"] == "no-cache"

    def test_a_broken_page_is_not_remembered(self, world: World) -> None:
        world.fakes["main"].fault(
            "*", answer=Answer(headers=(("Content-Type", "text/html"),), body=b"<form>"), times=2
        )
        assert isinstance(world.page("alpha"), NotAnIndexPage)
        assert versions(world.page("alpha")) == ("1.0", "2.0")

    def test_an_entry_nested_beyond_reason(self, world: World) -> None:
        deep: Any = "x"
        for _ in range(900):
            deep = [deep]
        entry = {"filename": "alpha-1.0.tar.gz", "url": "/a", "hashes": {"sha256": deep}, "yanked": deep}
        body = json.dumps({"files": [entry]}).encode()
        kind = ("Content-Type", "application/json")
        world.fakes["main"].fault("*", answer=Answer(headers=(kind,), body=body))
        assert versions(world.page("alpha")) == ("1.0",)

    def test_a_redirected_page_knows_where_its_links_lead(self, world: World) -> None:
        main = world.fakes["main"]
        main.links = "path"
        main.fault("/simple/alpha/", answer=Answer(status=302, headers=(("Location", "/other/alpha/"),)))
        main.pages["/other/alpha/"] = Answer(
            headers=(("Content-Type", "text/html"),), body=b'<a href="alpha-7.tar.gz">x</a>'
        )
        page = world.page("alpha")
        assert isinstance(page, Page)
        assert page.files_of(0)[0].url == "https://main.example/other/alpha/alpha-7.tar.gz"

    def test_quarantine_is_told(self, world: World) -> None:
        world.fakes["main"].statuses["alpha"] = ("quarantined", "malware\x1b[2J")
        for formats in (("json",), ("html",)):
            world.fakes["main"].formats = formats
            page = world.page("alpha", refresh=True)
            assert isinstance(page, Page)
            assert page.status == "quarantined"
            assert "alpha is in quarantine on the index main: malware[2J" in world.warnings()


@pytest.fixture
def wheelhouse(tmp_path: Path) -> Callable[..., Path]:
    def make(*files: tuple[str, bytes], name: str = "wheels") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for filename, body in files:
            (folder / filename).write_bytes(body)
        return folder

    return make


class TestFindLinks:
    def test_a_directory_owns_the_names_of_its_files(self, world: World, wheelhouse: Any) -> None:
        folder = wheelhouse(make_wheel("alpha", "0.5"), make_wheel("beta", "1.0"))
        flat = IndexOptions(name="links", url=str(folder), kind="flat")
        page = world.page("alpha", only=(flat, *world.options()))
        assert isinstance(page, Page)
        assert (page.versions, page.index) == (("0.5",), "links")
        assert world.page("gamma", only=(flat,)) == Missing(name=NormalizedName("gamma"), asked=("links",))
        assert not world.fakes["main"].log

    def test_one_that_joins_adds_its_files_to_the_owner(self, world: World, wheelhouse: Any) -> None:
        files = (make_wheel("alpha", "1.5"), make_wheel("alpha", "2.0"), make_sdist("alpha", "3.0"))
        folder = wheelhouse(*files, make_wheel("beta", "1.0"))
        (folder / "README.txt").write_text("no wheel")
        flat = IndexOptions(name="links", url=str(folder), kind="flat", joins=True)
        page = world.page("alpha", only=(flat, *world.options()))
        assert isinstance(page, Page)
        assert (page.versions, page.index) == (("1.0", "1.5", "2.0", "3.0"), "main")
        assert page.wheels == 0b0111
        assert page.sdists == 0b1000
        assert dict(page.requires_python) == {}  # 2.0 has two sources, and they need not agree
        # Of two files of one name, the owner's: its address means something on other machines.
        assert [file.url[:5] for file in page.files_of(2)] == ["https"]
        assert page.files_of(1)[0].url == (folder / "alpha-1.5-py3-none-any.whl").as_uri()
        assert page.files_of(1)[0].is_local
        beta = world.page("beta", only=(flat, *world.options()))
        assert isinstance(beta, Page)
        assert beta.index == "links"

    @pytest.mark.parametrize("url", ["/nowhere/at/all", "file:///nowhere/at/all"])
    @pytest.mark.parametrize("kind", ["flat", "simple"])
    def test_a_directory_that_is_not_there_is_empty(self, world: World, url: str, kind: Any) -> None:
        option = IndexOptions(name="company", url=url, kind=kind)
        assert versions(world.page("alpha", only=(option, *world.options()))) == ("1.0", "2.0")
        assert world.warnings() == ""

    def test_a_page_on_the_network(self, world: World) -> None:
        main = world.fakes["main"]
        main.pages["/links.html"] = Answer(
            headers=(("Content-Type", "text/html"),),
            body=b'<a href="files/alpha-7.0-py3-none-any.whl">a</a><a href="beta-1.0.tar.gz">b</a>',
        )
        flat = IndexOptions(name="links", url="https://main.example/links.html", kind="flat", joins=True)
        indexes = world.indexes(flat)
        got: list[Outcome] = []
        for name in ("alpha", "beta"):
            indexes.fetch_page(NormalizedName(name), got.append)
        while world.client.pump():
            pass
        alpha, beta = sorted(got, key=lambda page: getattr(page, "name", ""))
        assert versions(alpha) == ("1.0", "2.0", "7.0")
        assert isinstance(beta, Page)
        assert beta.files_of(0)[0].url == "https://main.example/beta-1.0.tar.gz"
        assert main.asked("/links.html") == ["/links.html"]
        offline = world.page("beta", only=(flat,), net={"offline": True})
        assert versions(offline) == ("1.0",)

    @pytest.mark.parametrize("answer", [Answer(status=404), Answer(status=403), Answer(body=b"x")])
    def test_a_page_that_fails_is_a_failure(self, world: World, answer: Answer) -> None:
        world.fakes["main"].pages["/links.html"] = answer
        flat = IndexOptions(name="links", url="https://main.example/links.html", kind="flat")
        for _ in range(2):
            assert isinstance(world.page("alpha", only=(flat, *world.options())), NetworkProblem)
        assert isinstance(world.page("alpha", only=(flat,), net={"offline": True}), OfflineProblem)

    def test_a_file_of_links(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "links.html").write_text('<a href="sub/alpha-8.0.tar.gz">x</a>')
        flat = IndexOptions(name="links", url=str(tmp_path / "links.html"), kind="flat")
        page = world.page("alpha", only=(flat,))
        assert isinstance(page, Page)
        assert page.files_of(0)[0].url == (tmp_path / "sub" / "alpha-8.0.tar.gz").as_uri()

    def test_offline_with_a_directory(self, world: World, wheelhouse: Any) -> None:
        folder = str(wheelhouse(make_wheel("beta", "1.0")))
        for joins in (True, False):
            flat = IndexOptions(name="links", url=folder, kind="flat", joins=joins)
            options = (flat, *world.options())
            assert versions(world.page("beta", only=options, net={"offline": True})) == ("1.0",)
            assert isinstance(world.page("gamma", only=options, net={"offline": True}), OfflineProblem)


class TestLocalIndexes:
    def test_html_json_or_plain_files(self, world: World, tmp_path: Path) -> None:
        root = tmp_path / "simple"
        filename, body = make_wheel("alpha", "4.0")
        for name in ("alpha", "beta", "gamma"):
            (root / name).mkdir(parents=True)
        (root / "alpha" / "index.html").write_text(
            f'<a href="../../files/{filename}#sha256={"a" * 64}">x</a>'
        )
        (root / "beta" / "index.json").write_text(
            '{"files": [{"filename": "beta-1.tar.gz", "url": "beta-1.tar.gz"}]}'
        )
        (root / "gamma" / "gamma-1.0-py3-none-any.whl").write_bytes(body)
        local = IndexOptions(name="local", url=root.as_uri())
        alpha = world.page("alpha", only=(local,))
        assert isinstance(alpha, Page)
        assert alpha.files_of(0)[0].url == (tmp_path / "files" / filename).as_uri()
        assert alpha.files_of(0)[0].sha256 == "a" * 64
        assert versions(world.page("beta", only=(local,))) == ("1",)
        assert versions(world.page("gamma", only=(local,))) == ("1.0",)
        assert isinstance(world.page("delta", only=(local,)), Missing)

    def test_it_is_read_without_the_network(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "simple" / "alpha").mkdir(parents=True)
        (tmp_path / "simple" / "alpha" / "index.html").write_text('<a href="alpha-5.tar.gz">x</a>')
        indexes = world.indexes(only=(IndexOptions(name="local", url=str(tmp_path / "simple")),))
        page = indexes.read_page(NormalizedName("alpha"))
        assert isinstance(page, Page)
        assert page.versions == ("5",)
        assert isinstance(indexes.read_page(NormalizedName("beta")), Missing)

    def test_a_page_that_is_none(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "simple" / "alpha").mkdir(parents=True)
        (tmp_path / "simple" / "alpha" / "index.json").write_text("[")
        outcome = world.page("alpha", only=(IndexOptions(name="local", url=str(tmp_path / "simple")),))
        assert isinstance(outcome, NotAnIndexPage)

    def test_spaces_and_other_letters_in_paths(self, world: World, tmp_path: Path) -> None:
        folder = tmp_path / "my whéels #1?"
        folder.mkdir()
        filename, body = make_wheel("alpha", "6.0")
        (folder / filename).write_bytes(body)
        for url in (str(folder), folder.as_uri()):
            page = world.page("alpha", only=(IndexOptions(name="links", url=url, kind="flat"),))
            assert isinstance(page, Page)
            assert page.files_of(0)[0].url == (folder / filename).as_uri()
