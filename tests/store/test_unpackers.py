"""Processes that unpack: they publish what one process would, and are nowhere when they are not needed."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

import hutch
from hutch.store import InvalidWheel, Store, StoreProblem, unpackers
from hutch.testing.wheels import make_wheel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nobody forks there")
SOURCE = str(Path(hutch.__file__).parents[1])


@pytest.fixture
def archives(tmp_path: Path) -> list[tuple[str, str, str]]:
    """Ten archives: path, file name, hash."""
    found = []
    for number in range(10):
        filename, data = make_wheel(
            f"w{number}", "1", files={f"w{number}/f{n}.py": f"{n}\n" for n in range(9)}
        )
        path = tmp_path / filename
        path.write_bytes(data)
        found.append((str(path), filename, hashlib.sha256(data).hexdigest()))
    return found


def publish_all(store: Store, archives: list[tuple[str, str, str]]) -> None:
    for path, filename, sha256 in archives:
        wheel = store.wheels.publish(path, filename, sha256, hashed=True)
        assert not wheel.damage()


def children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


def test_what_they_publish_is_published(tmp_path, archives, monkeypatch):
    store = Store(tmp_path / "store")
    before = children()
    with store.wheels.unpacking(len(archives), count=2):
        assert len(children()) == len(before) + 2
        # This process unpacks nothing itself.
        monkeypatch.setattr("hutch.store.publish.prepare_wheel", None)
        publish_all(store, archives)
        assert store.wheels.published == len(archives)
        publish_all(store, archives)
        assert store.wheels.published == len(archives)
    assert children() == before
    other = Store(tmp_path / "other")
    monkeypatch.undo()
    publish_all(other, archives)
    for _, _, sha256 in archives:
        one, two = store.wheels.find(sha256, check=True), other.wheels.find(sha256, check=True)
        assert one is not None
        assert two is not None
        assert one.manifest == two.manifest


def test_threads_ask_at_once(tmp_path, archives):
    store = Store(tmp_path / "store")
    with store.wheels.unpacking(len(archives), count=2):
        threads = [threading.Thread(target=publish_all, args=(store, [each])) for each in archives]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(store.wheels.entries()) == sorted(sha256 for _, _, sha256 in archives)


def test_a_bad_archive_is_refused_in_the_words_of_this_process(tmp_path):
    filename, data = make_wheel("bad", "1", files={"bad.py": "x"})
    path = tmp_path / filename
    path.write_bytes(data[:-30])
    sha256 = hashlib.sha256(data[:-30]).hexdigest()
    store = Store(tmp_path / "store")
    with store.wheels.unpacking(9, count=2), pytest.raises(InvalidWheel, match="bad-1"):
        store.wheels.publish(path, filename, sha256, hashed=True)
    assert os.listdir(tmp_path / "store" / "scratch-v1") == []


def test_the_work_of_who_dies_is_done_here(tmp_path, archives):
    store = Store(tmp_path / "store")
    before = set(children())
    with store.wheels.unpacking(len(archives), count=2):
        for pid in set(children()) - before:
            os.kill(int(pid), signal.SIGKILL)
        publish_all(store, archives)
    assert store.wheels.published == len(archives)
    assert set(children()) == before


def test_what_still_waits_when_it_is_over_is_left(tmp_path, archives, monkeypatch):
    """Ctrl-C: one archive is brought to its end, and nobody begins another."""
    store = Store(tmp_path / "store")
    here: list[object] = []
    ended: list[object] = []

    def publish(archive: tuple[str, str, str]) -> None:
        try:
            ended.append(store.wheels.publish(*archive, hashed=True))
        except StoreProblem as problem:
            ended.append(problem)

    from hutch.store import publish as publishing

    real, inside = unpackers.Unpackers.unpack, []
    prepare = publishing.prepare_wheel

    def slowly(*arguments: object, **named: object) -> None:
        time.sleep(0.2)
        prepare(*arguments, **named)

    monkeypatch.setattr(publishing, "prepare_wheel", slowly)  # as the worker will know it

    def unpack(*arguments: object) -> bool | None:
        inside.append(1)
        return real(*arguments)

    threads = [threading.Thread(target=publish, args=(each,)) for each in archives]
    with store.wheels.unpacking(len(archives), count=1):
        monkeypatch.setattr(publishing, "prepare_wheel", lambda *_, **__: here.append(1))
        monkeypatch.setattr(unpackers.Unpackers, "unpack", unpack)
        for thread in threads:
            thread.start()
        while len(inside) < len(archives):
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert not here
    assert len(ended) == len(archives)
    assert sum(isinstance(each, StoreProblem) for each in ended) >= len(archives) - 1


@pytest.mark.parametrize(
    ("archives", "threads", "processors", "hired"),
    [(2, 0, 4, 0), (3, 0, 4, 3), (90, 0, 4, 4), (90, 0, 64, 8), (90, 0, 1, 0), (90, 1, 4, 0)],
)
def test_who_is_hired(monkeypatch, archives, threads, processors, hired):
    """Few archives do not pay, one processor has no room, and a fork beside a thread is none."""
    made = []
    monkeypatch.setattr(unpackers, "_Worker", lambda *_: made.append(1) or None)
    monkeypatch.setattr(unpackers, "processors", lambda: processors)
    monkeypatch.setattr("_thread._count", lambda: threads)
    unpackers.hire(lambda *_: True, archives)
    assert len(made) == hired


def test_they_end_with_the_process_that_hired_them(tmp_path, archives):
    """Killed, it can tell nobody: the pipe does."""
    script = """
        import os, signal, sys
        from hutch.store import Store
        store = Store(sys.argv[1])
        with store.wheels.unpacking(9, count=2):
            store.wheels.publish(*sys.argv[2:5], hashed=True)
            print(open(f"/proc/self/task/{os.getpid()}/children").read(), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "store"), *archives[0]],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": SOURCE},
        text=True,
    )
    assert ran.returncode == -signal.SIGKILL
    pids = ran.stdout.split()
    assert len(pids) == 2
    deadline = time.monotonic() + 20
    while any(os.path.exists(f"/proc/{pid}/exe") for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    for pid in pids:
        assert not os.path.exists(f"/proc/{pid}/exe")
