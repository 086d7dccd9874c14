"""A process that reads ahead of a solve: the same answers, whoever has read what, and no new ways to fail."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hutch
import hutch.conda.shards
from hutch.conda import Channel, Repodata, ahead
from hutch.conda.ahead import Ahead, is_worth_it
from hutch.errors import Problem
from hutch.ops.conda_question import Question
from hutch.ops.conda_solve import CondaResolution, solve_conda
from hutch.ops.context import Context
from hutch.store import Tables

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nobody reads ahead here")
SOURCE = str(Path(hutch.__file__).parents[1])
SUBDIRS = ("linux-64", "osx-arm64", "noarch")
PLATFORMS = ("linux-64", "osx-arm64")
ALL = 26
"""So many names of `made(1)` are reached by what the best records need."""


def index(folder: Path, tables: dict[str, list[dict[str, Any]]]) -> Path:
    """A channel of records alone."""
    for subdir in SUBDIRS:
        found = {
            f"{each['name']}-{each['version']}-{each['build']}.conda": {
                "build_number": 0, "depends": [], "subdir": subdir, "sha256": "ab" * 32, "md5": "cd" * 16,
                **each,
            }
            for each in tables.get(subdir, [])
        }  # fmt: skip
        (folder / subdir).mkdir(parents=True, exist_ok=True)
        said = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": found}
        (folder / subdir / "repodata.json").write_text(json.dumps(said))
    return folder


def made(seed: int, count: int = 40) -> dict[str, list[dict[str, Any]]]:
    """Packages of some versions and builds, each of which needs some of those behind it."""
    chance = random.Random(seed)
    tables: dict[str, list[dict[str, Any]]] = {}
    for number in range(count):
        places = ("noarch",) if chance.random() < 0.4 else PLATFORMS
        for version in range(chance.randint(1, 5)):
            for subdir in places:
                for build in range(chance.randint(1, 2)):
                    below = [at for at in range(number + 1, count) if chance.random() < 0.12]
                    record: dict[str, Any] = {
                        "name": f"p{number:02}",
                        "version": f"{version}.0",
                        "build": f"h{build}",
                        "build_number": chance.randint(0, 1),
                        "timestamp": chance.choice([0, 1_700_000_000_000]),
                        "depends": [
                            f"p{at:02} {chance.choice(['', '>=1', '<3', '!=2.0'])}".strip() for at in below
                        ],
                    }
                    if chance.random() < 0.2:
                        record["constrains"] = [f"p{chance.randrange(count):02} >=1"]
                    if chance.random() < 0.1:
                        record["track_features"] = "old"
                    tables.setdefault(subdir, []).append(record)
    return tables


def environment(top: Path, cache: str) -> dict[str, str]:
    return {
        "HOME": str(top / "home"),
        "HUTCH_CACHE_DIR": str(top / cache),
        "HUTCH_INDEX_URL": "https://index.example/simple",
        "PATH": "",
    }


class Machine:
    """Somebody who solves, each time with an empty store unless said; ``begun`` are those who read ahead."""

    def __init__(self, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.top, self.monkeypatch = top, monkeypatch
        self.begun: list[Ahead] = []
        self.then: Callable[[Ahead], None] = lambda one: None
        (top / "home").mkdir(exist_ok=True)
        real = Ahead.__init__

        def begin(one: Ahead, *arguments: Any) -> None:
            real(one, *arguments)
            self.begun.append(one)
            self.then(one)

        monkeypatch.setattr(Ahead, "__init__", begin)

    def solve(self, specs: list[str], *channels: Path, helped: bool, store: str = "", **more: Any) -> Any:
        """The resolution, or the words of the problem."""
        self.monkeypatch.setattr(ahead, "is_worth_it", lambda repodata: helped)
        cache = store or f"store-{helped}-{len(list(self.top.iterdir()))}"
        context = Context(self.top, environment(self.top, cache), {})
        try:
            return solve_conda(
                context, specs, platforms=PLATFORMS, channels=[str(each) for each in channels], **more
            )
        except Problem as problem:
            return str(problem), problem.why, problem.hints
        finally:
            context.close()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def gone(one: Ahead) -> bool:
    return one._process is None


@pytest.mark.parametrize("seed", range(12))
def test_it_makes_no_difference(machine: Machine, seed: int) -> None:
    first = index(machine.top / "one", made(seed))
    second = index(machine.top / "two", made(seed + 100))
    wishes: list[dict[str, Any]] = [
        {},
        {"priority": "flexible"},
        {"priority": "disabled"},
        {"lowest": True},
        {"preferred": {"p03": ["0.0 h0"], "p07": ["1.0 h0"]}},
        {"exclude_newer": "2024-01-01T00:00:00Z"},
    ]
    more = wishes[seed % len(wishes)]
    specs = ["p00", "p01 >=1", "p05"]
    alone = machine.solve(specs, first, second, helped=False, **more)
    assert not machine.begun
    helped = machine.solve(specs, first, second, helped=True, **more)
    assert len(machine.begun) == 1
    assert helped == alone
    assert all(map(gone, machine.begun))


def whole(machine: Machine) -> Path:
    return index(machine.top / "one", made(1))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_one_that_is_killed(machine: Machine, how: signal.Signals) -> None:
    channel = whole(machine)
    alone = machine.solve(["p00", "p01"], channel, helped=False)

    def kill(one: Ahead) -> None:
        assert one._process is not None
        os.kill(one._process.pid, how)

    machine.then = kill
    assert machine.solve(["p00", "p01"], channel, helped=True) == alone
    assert isinstance(alone, CondaResolution)
    assert all(map(gone, machine.begun))


def test_nobody_waits_for_one_that_stands_still(machine: Machine) -> None:
    """All is read here; what it was told, more than fits into a pipe, is lost."""
    channel = whole(machine)
    alone = machine.solve(["p00", "p01"], channel, helped=False)
    pids: list[int] = []

    def stop(one: Ahead) -> None:
        assert one._process is not None
        pids.append(one._process.pid)
        os.kill(one._process.pid, signal.SIGSTOP)
        for _ in range(100):
            one.tell(wanted=[f"there-is-no-{number}" for number in range(1000)])

    machine.then = stop
    real = Ahead.wait

    def go_on(one: Ahead) -> None:
        os.kill(pids[0], signal.SIGCONT)
        real(one)

    machine.monkeypatch.setattr(Ahead, "wait", go_on)
    assert machine.solve(["p00", "p01"], channel, helped=True) == alone


def test_no_more_processes(machine: Machine) -> None:
    channel = whole(machine)
    alone = machine.solve(["p00"], channel, helped=False)

    def none() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    machine.monkeypatch.setattr(os, "fork", none)
    assert machine.solve(["p00"], channel, helped=True) == alone
    assert not machine.begun


@pytest.mark.parametrize(
    "tables",
    [
        {"noarch": [{"name": "a", "version": "1", "build": "0", "depends": ["b >=2"]},
                    {"name": "b", "version": "1", "build": "0"}]},
        {"noarch": [{"name": "a", "version": "1", "build": "0", "depends": ["there-is-none"]}]},
        {"noarch": [{"name": "b", "version": "1", "build": "0"}]},
        {"osx-arm64": [{"name": "a", "version": "1", "build": "0"}]},
        {"noarch": [{"name": "a", "version": "1", "build": "0", "depends": ["=== ["]}]},
        {"noarch": [{"name": "a", "version": "not a version", "build": "0"}]},
    ],
)  # fmt: skip
def test_problems_are_the_same(machine: Machine, tables: dict[str, Any]) -> None:
    channel = index(machine.top / "one", tables)
    alone = machine.solve(["a"], channel, helped=False)
    assert isinstance(alone, tuple)
    assert machine.solve(["a"], channel, helped=True) == alone


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_what_cannot_be_read_is_told_here(machine: Machine, name: str) -> None:
    rows = [
        {"name": each, "version": "1", "build": "0", "depends": depends}
        for each, depends in (("a", ["b"]), ("b", ["c"]), ("c", []))
    ]
    channel = index(machine.top / "one", {"noarch": rows})
    path = channel / "noarch/repodata.json"
    path.write_text(path.read_text().replace(f'"name": "{name}"', f'"name": {name}'))
    alone = machine.solve(["a"], channel, helped=False)
    assert "noarch/repodata.json" in alone[0] + str(alone[1])
    assert machine.solve(["a"], channel, helped=True) == alone


def test_what_either_has_read_is_kept(machine: Machine) -> None:
    """The next solve with that store makes no record out of JSON, and nobody reads ahead of it."""
    channel = whole(machine)
    first = machine.solve(["p00", "p01"], channel, helped=True, store="store")
    made_here: list[str] = []
    real = hutch.conda.shards.row_from_json

    def counting(data: Any, filename: str = "", **more: Any) -> Any:
        made_here.append(filename)
        return real(data, filename, **more)

    machine.monkeypatch.setattr(hutch.conda.shards, "row_from_json", counting)
    assert machine.solve(["p00", "p01"], channel, helped=False, store="store") == first
    assert made_here == []


def test_it_reads_so_that_nobody_else_has_to(machine: Machine) -> None:
    """Of what it has had time for no record is made of JSON here."""
    channel = whole(machine)
    made_here: list[str] = []
    real = hutch.conda.shards.row_from_json

    def counting(data: Any, filename: str = "", **more: Any) -> Any:
        made_here.append(filename)
        return real(data, filename, **more)

    def wait(one: Ahead) -> None:
        """Until it has sent what it will send by itself."""
        for _ in range(400):
            one._hear()
            if len(one._found) >= ALL:
                return
            time.sleep(0.025)

    machine.monkeypatch.setattr(hutch.conda.shards, "row_from_json", counting)
    alone = machine.solve(["p00", "p01"], channel, helped=False)
    count = len(made_here)
    made_here.clear()
    machine.then = wait
    assert machine.solve(["p00", "p01"], channel, helped=True) == alone
    assert len(made_here) < count / 2


# -- where there is one ------------------------------------------------------------------------------


@pytest.fixture
def ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Repodata]:
    """A repodata that is worth it; whatever the tests themselves run in does not count."""
    channel = Channel(name="c", url=index(tmp_path / "one", made(1)).as_uri())
    monkeypatch.setattr(ahead, "LEAST", 1000)
    monkeypatch.setattr(ahead, "processors", lambda: 2)
    monkeypatch.setattr(ahead, "may_fork", lambda: True)
    monkeypatch.delitem(sys.modules, "pycurl", raising=False)
    (tmp_path / "tables").mkdir()

    def repodata(**more: Any) -> Repodata:
        return Repodata([channel], PLATFORMS, Tables(str(tmp_path / "tables")), **more)

    return repodata


def test_where_it_is_worth_it(ready: Callable[..., Repodata], monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_worth_it(ready())
    with monkeypatch.context() as patch:
        patch.setattr(ahead, "processors", lambda: 1)
        assert not is_worth_it(ready())
    with monkeypatch.context() as patch:
        patch.setattr(ahead, "may_fork", lambda: False)  # no Linux, or threads
        assert not is_worth_it(ready())
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pycurl", object())  # libcurl is there, with what it has open
        assert not is_worth_it(ready())
    with monkeypatch.context() as patch:
        patch.setattr(ahead, "LEAST", 1 << 20)
        assert not is_worth_it(ready())


def test_a_channel_that_the_store_knows_is_not_worth_it(ready: Callable[..., Repodata]) -> None:
    found = ready()
    for number in range(40):
        found.records(f"p{number:02}")
    found.keep()
    assert not is_worth_it(ready())


def test_what_is_corrected_is_read_where_that_is_noted(machine: Machine) -> None:
    channel = whole(machine)
    found = machine.solve(["p00"], channel, helped=True, correct=lambda record: record)
    assert not machine.begun
    assert found == machine.solve(["p00"], channel, helped=False)


def test_it_does_not_outlive_anybody(tmp_path: Path) -> None:
    """Whoever has forked it is killed: it ends by itself."""
    channel = index(tmp_path / "one", made(1))
    body = f"""
        import os, sys, time
        sys.path.insert(0, {SOURCE!r})
        from hutch.conda import ahead
        from hutch.ops.conda_question import CondaAsked, Question
        from hutch.ops.context import Context
        ahead.is_worth_it = lambda repodata: True
        environ = {environment(tmp_path, "cache")!r}
        context = Context({str(tmp_path)!r}, environ, {{}})
        asked = (CondaAsked(spec="p00"),)
        question = Question(context, asked, ("linux-64",), {{}}, ({str(channel)!r},), None, {{}})
        question.read_ahead(question.provider()[0])
        print(question.ahead._process.pid, flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-I", "-S", "-c", textwrap.dedent(body)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        os.kill(pid, 0)
        os.kill(pid, signal.SIGINT)  # Ctrl-C is for the one that has forked it
        process.kill()
        process.wait()
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]:
            return
        time.sleep(0.05)
    pytest.fail("it is still there")


def test_a_lock_is_the_same_to_the_byte(tmp_path: Path) -> None:
    """Of a project, in a process that has all it needs for it, and in one that has one processor."""
    channel = index(tmp_path / "one", made(3, count=60))
    texts = []
    for name, count in (("alone", 1), ("helped", 2)):
        project = tmp_path / name
        project.mkdir()
        lines = [
            f"channels: ['{channel}']",
            "platforms: [linux-64, osx-arm64]",
            "dependencies: [p00, p01, p02]",
        ]
        (project / "environment.yml").write_text("\n".join(lines) + "\n")
        body = f"""
            import os, sys
            sys.path.insert(0, {SOURCE!r})
            from hutch.conda import ahead
            ahead.processors, ahead.LEAST = lambda: {count}, 1000
            forks, fork = [], os.fork
            os.fork = lambda: forks.append(1) or fork()
            from hutch.cli import main
            code = main(["lock"])
            assert len(forks) == {count - 1}, forks
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                sys.exit(code)
            sys.exit("somebody was left behind")
        """
        ran = subprocess.run(
            [sys.executable, "-I", "-S", "-c", textwrap.dedent(body)],
            cwd=project,
            env=environment(tmp_path, f"cache-{name}"),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        texts.append((project / "pylock.toml").read_bytes())
    assert texts[0] == texts[1]


def test_the_question_knows_who_reads_ahead(machine: Machine) -> None:
    """It is sent home when the question is answered, and nobody waits for it before the end."""
    channel = whole(machine)
    machine.monkeypatch.setattr(ahead, "is_worth_it", lambda repodata: True)
    context = Context(machine.top, environment(machine.top, "cache"), {})
    solve_conda(context, ["p00"], platforms=PLATFORMS, channels=[str(channel)])
    assert context.helpers == machine.begun
    assert not any(map(gone, machine.begun))
    solve_conda(context, ["p01"], platforms=PLATFORMS, channels=[str(channel)])
    assert gone(machine.begun[0])
    context.close()
    assert all(map(gone, machine.begun))
    assert Question.ahead is None
