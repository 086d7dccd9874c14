"""What an installation costs: requests, and calls of the system for each file. Never the clock."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from commands.support import PYTHON, manifest
from hutch.net import Client
from hutch.ops.context import Context
from hutch.ops.sync import SyncOptions, sync
from hutch.store import Store
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import FakeClock, MemoryTransport
from hutch.testing.wheels import make_wheel
from integration.memory import lock_in_memory

pytestmark = pytest.mark.skipif(os.name == "nt", reason="calls of POSIX")
CALLS = ("link", "stat", "lstat", "mkdir", "open", "write", "utime", "fsync", "pread", "fchmod", "rename")


class Calls:
    """What ``os`` was asked for, by every thread: an installation has several hands."""

    def __init__(self) -> None:
        self.made: list[tuple[str, Any]] = []  # appending is one step, where adding to a number is three

    def count(self) -> Counter[str]:
        return Counter(name for name, _ in self.made)

    def looks_at(self, package: str) -> int:
        """How often somebody looked at a module of the package, or at its metadata."""
        starts = (f"{package}/", f"{package}-1.0.dist-info/")
        return sum(name == "stat" and str(what).startswith(starts) for name, what in self.made)

    def directories_in(self, place: Path) -> int:
        return sum(name == "mkdir" and str(what).startswith(f"{place}{os.sep}") for name, what in self.made)


@contextmanager
def counted() -> Iterator[Calls]:
    """The calls of ``os`` that this process makes while inside."""
    calls = Calls()
    real = {name: getattr(os, name) for name in CALLS}

    def counting(name: str) -> Callable[..., Any]:
        def call(*positional: Any, **named: Any) -> Any:
            calls.made.append((name, positional[0]))
            return real[name](*positional, **named)

        return call

    supported = [os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks]
    for name in CALLS:
        stand_in = counting(name)
        for where in supported:
            if real[name] in where:
                where.add(stand_in)
        setattr(os, name, stand_in)
    try:
        yield calls
    finally:
        for name in CALLS:
            for where in supported:
                where.discard(getattr(os, name))
            setattr(os, name, real[name])


def files_of(name: str, count: int) -> dict[str, str]:
    """``count`` modules in a tenth as many directories."""
    return {f"{name}/d{number // 10}/f{number}.py": f"n = {number}\n" for number in range(count)}


class Project:
    """A locked project with so many packages of so many files, and a store of its own.

    ``source`` is a package that has to be built, ``folder`` has a wheel that is named by its path.
    """

    def __init__(
        self, root: Path, packages: int, files: int, *, source: str = "", folder: Path | None = None
    ) -> None:
        self.root = root
        self.index = FakeIndex()
        self.names = [f"p{number}" for number in range(packages)]
        for name in self.names:
            self.index.add_wheel(name, "1.0", files=files_of(name, files))
        asked = [*self.names]
        if source:
            self.index.add_sdist(source, "1.0")
            asked.append(source)
        if folder is not None:
            filename, content = make_wheel("direct", "1.0")
            (folder / filename).write_bytes(content)
            asked.append(f"direct @ {(folder / filename).as_uri()}")
        root.mkdir()
        (root / "pyproject.toml").write_text(manifest(*asked))
        self.cache = root / "cache"
        self.environ = {"HUTCH_CACHE_DIR": str(self.cache), "HUTCH_PYTHON": PYTHON}
        lock_in_memory(root, self.index, environ=self.environ)

    @property
    def site_packages(self) -> Path:
        return next((self.root / ".venv").glob("[Ll]ib/**/site-packages"))

    def forget(self, *what: str) -> None:
        for name in what:
            shutil.rmtree(self.root / name, ignore_errors=True)

    def sync(self) -> tuple[list[str], int]:
        """The paths that were asked for, and how many of them before the first answer."""
        transport = self.index.transport()
        first: list[int] = []
        pump = transport.pump

        def noting(timeout: float | None = None) -> bool:
            if transport.requests:
                first.append(len(transport.requests))
            return pump(timeout)

        transport.pump = noting  # type: ignore[method-assign]
        self._sync(transport)
        return [request.url for request in transport.requests], first[0] if first else 0

    def _sync(self, transport: MemoryTransport) -> None:
        environ = {**os.environ, "HUTCH_INDEX_URL": self.index.url, **self.environ}
        context = Context(self.root, environ)
        context.__dict__["client"] = Client(transport, context.configuration.net, clock=FakeClock())
        with context:
            sync(context, SyncOptions(frozen=True, link_mode="hardlink"))


@pytest.fixture
def project(tmp_path: Path) -> Callable[[int, int], Project]:
    return lambda packages, files: Project(tmp_path / f"{packages}-{files}", packages, files)


def test_a_cold_installation_asks_for_each_file_once_all_at_once_and_for_nothing_else(project: Any) -> None:
    one = project(30, 3)
    one.forget("cache")
    asked, at_once = one.sync()
    assert sorted(url.rpartition("/")[2] for url in asked) == sorted(
        f"{name}-1.0-py3-none-any.whl" for name in one.names
    )
    assert at_once == 30
    one.forget(".venv")
    assert one.sync() == ([], 0)


def test_a_file_is_linked_by_one_call_after_one_look(project: Any) -> None:
    """And a directory by one, whatever else an installation takes."""
    costs: list[Counter[str]] = []
    made: list[int] = []
    projects = [project(4, files) for files in (50, 250)]
    for one in projects:
        one.sync()
        tries = []
        for _ in range(3):  # what threads of other tests do meanwhile is not in all of them
            one.forget(".venv")
            with counted() as calls:
                one.sync()
            tries.append(calls.count())
        costs.append(tries[0] & tries[1] & tries[2])
        made.append(calls.directories_in(one.site_packages))
    assert made[1] - made[0] == 4 * 20
    more = costs[1] - costs[0]
    assert more["link"] == 4 * 200
    assert more["stat"] + more["lstat"] <= 4 * (200 + 20)
    assert more["open"] + more["write"] + more["fsync"] + more["rename"] == 0


def test_what_was_unpacked_a_moment_ago_is_not_looked_at(project: Any) -> None:
    """Nobody else can have a link to it yet; of what was there everybody may have one."""
    one = project(3, 50)
    one.forget("cache")
    costs = []
    for forgotten in (".venv", "cache", ".venv"):
        with counted() as calls:
            one.sync()
        costs.append([calls.looks_at(name) for name in one.names])
        one.forget(forgotten, ".venv")
    assert costs == [[0] * 3, [52] * 3, [0] * 3]


def test_of_several_packages_those_that_were_there_are_looked_at(project: Any) -> None:
    one = project(3, 50)
    one.sync()
    (file,) = one.index.projects["p1"]
    Store(one.cache).wheels.discard(hashlib.sha256(file.body).hexdigest())
    one.forget(".venv")
    with counted() as calls:
        one.sync()
    assert [calls.looks_at(name) for name in one.names] == [52, 0, 52]


@pytest.mark.parametrize("what", ["built", "named"])
def test_beside_what_is_built_everything_is_looked_at(tmp_path: Path, what: str) -> None:
    """A build runs programs of others in environments that have links to the same files."""
    (tmp_path / "wheels").mkdir()
    one = Project(
        tmp_path / "project",
        3,
        50,
        source="source" if what == "built" else "",
        folder=tmp_path / "wheels" if what == "named" else None,
    )
    one.forget("cache")
    with counted() as calls:
        one.sync()
    assert [calls.looks_at(name) for name in one.names] == [52] * 3


def test_what_is_gone_a_moment_after_it_was_unpacked_is_fetched_again(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be linked is looked at, whoever was sure of it before."""
    one = project(3, 5)
    one.forget("cache")
    real = os.link

    def link(path: Any, *positional: Any, **named: Any) -> None:
        if str(path).startswith("p1/"):
            monkeypatch.setattr(os, "link", real)
            monkeypatch.setattr(os, "supports_dir_fd", supported)
            for file in one.cache.glob("wheels-*/*/*/files/p1/d0/f3.py"):
                file.unlink()
        real(path, *positional, **named)

    supported = os.supports_dir_fd
    monkeypatch.setattr(os, "supports_dir_fd", supported | {link})
    monkeypatch.setattr(os, "link", link)
    asked, _ = one.sync()
    assert os.link is real
    assert sum("/p1-1.0" in url for url in asked) == 2
    assert len(asked) == 4
    assert [(one.site_packages / f"{name}/d0/f3.py").read_text() for name in one.names] == ["n = 3\n"] * 3


def test_the_disk_is_waited_for_as_often_whatever_there_is_to_install(project: Any) -> None:
    costs = []
    for packages in (2, 20):
        one = project(packages, 3)
        one.sync()
        one.forget(".venv")
        with counted() as calls:
            one.sync()
        costs.append(calls.count()["fsync"])
    assert costs[0] == costs[1] <= 10


def test_a_member_of_an_archive_is_unpacked_by_few_calls(tmp_path: Path) -> None:
    """Read, made, written, dated, each once."""
    costs = []
    for files in (50, 250):
        filename, data = make_wheel("big", "1", files=files_of("big", files))
        path = tmp_path / filename
        path.write_bytes(data)
        tries = []
        for number in range(3):  # what threads of other tests do meanwhile is not in all of them
            store = Store(tmp_path / f"store-{files}-{number}")
            with counted() as calls:
                store.wheels.publish(path, filename, hashlib.sha256(data).hexdigest())
            tries.append(calls.count())
        costs.append(tries[0] & tries[1] & tries[2])
    more = costs[1] - costs[0]
    assert (more["open"], more["write"], more["utime"], more["pread"]) == (200, 200, 200, 200)
    assert more["mkdir"] == 20
    assert not more["fchmod"] + more["fsync"] + more["rename"]
    assert not more["stat"] + more["lstat"]
