"""What a lock asks of an index, round by round: in each, all requests are asked before one is answered."""

from __future__ import annotations

import select
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hutch.net import Client, Request
from hutch.ops.context import Context
from hutch.ops.lock import LockOptions, lock
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import MemoryTransport

MANIFEST = '[project]\nname = "it"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = [{}]\n'


class Rounds(MemoryTransport):
    """The network out of memory, and what each pump of it answered."""

    def __init__(self, index: FakeIndex) -> None:
        super().__init__(index.handle)
        self.rounds: list[list[str]] = []
        self.bytes = 0

    def pump(self, timeout: float | None = None, watched: Sequence[int] = ()) -> bool:
        if timeout is not None and timeout < 1:
            return bool(self._waiting)  # no network answers so soon
        if watched and self._waiting:
            select.select(watched, [], [])  # nor as soon as another process of this machine
            return True
        if self._waiting:
            self.rounds.append(sorted(_name(request) for request, _ in self._waiting))
        return super().pump(timeout)

    def _answer(self, request: Request) -> Any:
        answer = super()._answer(request)
        self.bytes += getattr(answer, "size", 0)
        return answer


def _name(request: Request) -> str:
    """``alpha`` for its page, ``alpha-1`` for the metadata of that version."""
    path = request.url.rstrip("/").rpartition("/")[2]
    return "-".join(path.split("-")[:2]) if path.endswith(".metadata") else path


class Place:
    """A project, its cache, and an index."""

    def __init__(self, folder: Path, **make: Any) -> None:
        self.folder = folder
        self.index = FakeIndex(**make)
        (folder / "project").mkdir()

    def ask_for(self, *requirements: str) -> None:
        listed = ", ".join(f'"{requirement}"' for requirement in requirements)
        (self.folder / "project" / "pyproject.toml").write_text(MANIFEST.format(listed))

    def lock(self, **options: Any) -> Rounds:
        environ = {
            "HUTCH_CACHE_DIR": str(self.folder / "cache"),
            "HUTCH_INDEX_URL": self.index.url,
            "HUTCH_PYTHON": sys.executable,
            "HOME": str(self.folder),
        }
        context = Context(self.folder / "project", environ)
        network = Rounds(self.index)
        context.client = Client(network)
        with context:
            lock(context, LockOptions(**options))
        return network

    def lose_cache(self) -> None:
        shutil.rmtree(self.folder / "cache")


def test_a_chain_takes_two_rounds_a_link_along_extras_too(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.index.add_wheel("alpha", "1", requires=["beta[fast]>=1"])
    for version in ("1", "2"):
        place.index.add_wheel("beta", version, requires=["gamma; extra == 'fast'"])
    place.index.add_wheel("gamma", "1", requires=["delta; sys_platform == 'win32'"])
    place.index.add_wheel("delta", "1", requires=["unneeded; extra == 'other'"])
    place.ask_for("alpha")
    assert place.lock().rounds == [
        *(["alpha"], ["alpha-1"]),
        *(["beta"], ["beta-2"]),
        *(["gamma"], ["gamma-1"]),
        *(["delta"], ["delta-1"]),
    ]


def test_an_extra_deep_down_is_followed_while_the_solver_waits_for_others(tmp_path: Path) -> None:
    place = Place(tmp_path)
    for side, last in (("a", ["far; extra == 'more'"]), ("b", ["near"])):
        for number in range(4):
            more = "[more]" if side == "a" and number == 2 else ""
            needs = last if number == 3 else [f"{side}{number + 1}{more}"]
            place.index.add_wheel(f"{side}{number}", "1", requires=needs)
    for name, below in (("far", "further"), ("further", ""), ("near", "nearer"), ("nearer", "")):
        place.index.add_wheel(name, "1", requires=[below] if below else [])
    place.ask_for("b0", "a0")
    assert len(place.lock().rounds) == 12


def test_all_that_is_known_is_asked_at_once(tmp_path: Path) -> None:
    place = Place(tmp_path)
    needs = [f"leaf{number}" for number in range(30)]
    place.index.add_wheel("alpha", "1", requires=needs)
    for name in (*needs, "beta"):
        place.index.add_wheel(name, "1")
    place.ask_for("alpha", "beta")
    asked = place.lock().rounds
    assert asked[:2] == [["alpha", "beta"], ["alpha-1", "beta-1"]]
    assert asked[2:] == [sorted(needs), sorted(f"{name}-1" for name in needs)]


def test_an_old_lock_tells_what_to_ask_for_when_the_cache_is_lost(tmp_path: Path) -> None:
    place = Place(tmp_path)
    chain = [f"c{number}" for number in range(8)]
    for name, below in zip(chain, [*chain[1:], ""], strict=True):
        place.index.add_wheel(name, "1", requires=[below] if below else [])
        place.index.add_wheel(name, "2", requires=[below] if below else [])
    place.ask_for("c0==1")
    assert len(place.lock().rounds) == 16
    place.lose_cache()
    place.ask_for("c0==2")
    chosen = [f"{name}-2" for name in chain]
    # The second time c0 is another, and the rest is preferred as it was.
    assert place.lock().rounds == [chain, chosen]
    place.lose_cache()
    assert place.lock(upgrade=True).rounds == [chain, chosen]


def test_what_is_remembered_of_stale_pages_is_asked_for_in_one_round(tmp_path: Path) -> None:
    place = Place(tmp_path, max_age=0)
    chain = [f"c{number}" for number in range(8)]
    for name, below in zip(chain, [*chain[1:], ""], strict=True):
        place.index.add_wheel(name, "1", requires=[below] if below else [])
    place.ask_for("c0")
    place.lock()
    (tmp_path / "project" / "pylock.toml").unlink()
    place.index.add_wheel("c5", "2", requires=["new"])
    place.index.add_wheel("new", "1")
    assert place.lock().rounds == [chain, ["c5-2"], ["new"], ["new-1"]]


def test_a_requirement_met_later_costs_few_requests_in_vain(tmp_path: Path) -> None:
    place = Place(tmp_path)
    askers = [f"a{number}" for number in range(9)]
    for number, name in enumerate(askers):
        place.index.add_wheel(name, "1", requires=[f"common<{20 - number}"])
    for version in range(1, 21):
        place.index.add_wheel("common", str(version))
    place.ask_for(*askers)
    asked = [name for each in place.lock().rounds for name in each]
    assert [name for name in asked if name.startswith("common-")] == ["common-11"]
    assert len(asked) == 2 * len(askers) + 2


def test_a_walk_down_the_versions_doubles_its_steps(tmp_path: Path) -> None:
    """Each version of web needs that one of core, of which only the third is right."""
    place = Place(tmp_path)
    for version in range(1, 301):
        place.index.add_wheel("web", str(version), requires=[f"core=={version}"])
        place.index.add_wheel("core", str(version), requires=["base==1" if version == 3 else "base==2"])
    place.index.add_wheel("base", "1")
    place.index.add_wheel("base", "2")
    place.ask_for("web", "base<2")
    network = place.lock()
    asked = [name for each in network.rounds for name in each]
    assert len(asked) == len(set(asked))
    # 298 versions of each have to be looked at; two rounds a step of 1, 1, 2, 4 … 64, 64, 64.
    assert len(asked) <= 600 + 6
    assert len(network.rounds) <= 28


def test_a_walk_that_ends_soon_has_asked_for_little_more(tmp_path: Path) -> None:
    place = Place(tmp_path)
    for version in range(1, 301):
        needs = "base==1" if version <= 290 else "base==2"
        place.index.add_wheel("web", str(version), requires=[needs])
    place.index.add_wheel("base", "1")
    place.index.add_wheel("base", "2")
    place.ask_for("web", "base<2")
    asked = [name for each in place.lock().rounds for name in each]
    assert "web-290" in asked
    assert len([name for name in asked if name.startswith("web-")]) <= 2 * 11


def test_bytes_of_a_cold_lock(tmp_path: Path) -> None:
    """Nothing but the pages of what is needed, and the metadata of what is chosen."""
    place = Place(tmp_path)
    place.index.add_wheel("alpha", "1", requires=["beta", "gamma<2"])
    for name in ("beta", "gamma"):
        for version in ("1", "2"):
            place.index.add_wheel(name, version)
    place.index.add_wheel("stranger", "1")
    place.ask_for("alpha")
    network = place.lock()
    assert [name for each in network.rounds for name in each] == [
        *("alpha", "alpha-1"),
        *("beta", "gamma"),
        *("beta-2", "gamma-1"),
    ]
    assert network.bytes < 6 * 1500


def test_a_chain_may_be_longer_than_pythons_stack(tmp_path: Path) -> None:
    """Cold each link comes by itself; what is remembered comes all at once, and so do extras of extras."""
    place = Place(tmp_path, max_age=0)
    for number in range(300):
        below = [f"p{number + 1}"] if number < 299 else []
        place.index.add_wheel(f"p{number}", "1.0", requires=below)
    extras = {f"e{number}": [f"wide[e{number + 1}]"] for number in range(700)}
    place.index.add_wheel("wide", "1.0", extras={**extras, "e700": []})
    place.ask_for("p0", "wide[e0]")
    place.lock()
    place.lock(upgrade=True)
