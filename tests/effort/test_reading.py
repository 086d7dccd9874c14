"""Who reads the pages of a cold lock, counted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from effort.counting import files_opened, lines_run
from hutch.index import Indexes, IndexOptions, Page, readers
from hutch.net import Client
from hutch.spec import NormalizedName
from hutch.store import Store
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import MemoryTransport

NAMES = [f"package{number}" for number in range(8)]


@pytest.fixture
def index() -> FakeIndex:
    index = FakeIndex()
    for name in NAMES:
        for number in range(40):
            index.add_wheel(name, f"{number}.0")
    return index


def fetch(index: FakeIndex, root: Path, *, count: int) -> list[Any]:
    client = Client(MemoryTransport(index.handle))
    indexes = Indexes(client, Store(root), (IndexOptions(name="main", url=index.url),), readers=count)
    got: list[Any] = []
    for name in NAMES:
        indexes.fetch_page(NormalizedName(name), got.append)
    while client.pump():
        pass
    client.close()
    return got


@pytest.mark.skipif(sys.platform != "linux", reason="nobody is hired here")
def test_what_others_read_is_not_read_here(
    index: FakeIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two readers are handed two pages each before anything else happens; the rest is whoever's has time."""
    monkeypatch.setattr(readers, "LEAST", 0)
    reading = ("index/digest", "index/json_page", "index/entries")
    alone = lines_run(lambda: fetch(index, tmp_path / "alone", count=0), *reading)
    helped = lines_run(lambda: fetch(index, tmp_path / "helped", count=2), *reading)
    assert helped <= alone / len(NAMES) * (len(NAMES) - 4) + 50


@pytest.mark.skipif(sys.platform != "linux", reason="nobody is hired here")
def test_what_others_wrote_is_opened_once_and_not_written_again(
    index: FakeIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "LEAST", 0)
    monkeypatch.setattr(readers, "_AT_HAND", len(NAMES))  # nothing is left for this process
    got: list[Any] = []
    opened = files_opened(lambda: got.extend(fetch(index, tmp_path, count=1)))
    assert all(isinstance(page, Page) for page in got)
    tables = [path for path in opened if "pages-v" in path]
    # Each is looked for before it is asked for, and read when it is there.
    assert len(tables) == 2 * len(NAMES)
    assert not [path for path in tables if path.endswith(".tmp")]
