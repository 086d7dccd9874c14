"""Advisory locks: one at a time, and dead holders hold nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import hutch
from hutch.store import Store, StoreBusy

SOURCE = str(Path(hutch.__file__).parents[1])

_HOLDER = """
import sys, time
sys.path.insert(0, sys.argv[1])
sys.argv = ["hutch", "sync", sys.argv[2]]
from hutch.store import Store
with Store(sys.argv[2]).lock("envs/one") as held:
    print(held, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock ``envs/one``."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", _HOLDER, SOURCE, str(tmp_path / "store")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    yield process
    process.kill()
    process.communicate()


def test_who_waits_is_told_for_whom(tmp_path, holder):
    said: list[str] = []
    store = Store(tmp_path / "store")
    with pytest.raises(StoreBusy) as caught, store.lock("envs/one", timeout=0.05, waiting=said.append):
        raise AssertionError("the lock was not free")
    assert said == [f"process {holder.pid} (hutch sync)"]
    assert (caught.value.name, caught.value.holder) == ("envs/one", said[0])
    assert "waited 0.05 s" in caught.value.what


def test_another_name_is_another_lock(tmp_path, holder):
    with Store(tmp_path / "store").lock("envs/two", timeout=0) as held:
        assert held


def test_the_lock_of_a_killed_process_is_free(tmp_path, holder):
    threading.Timer(0.05, holder.kill).start()
    with Store(tmp_path / "store").lock("envs/one", timeout=30) as held:
        assert held


def test_threads_take_turns(tmp_path):
    store = Store(tmp_path / "store")
    inside = 0
    most = 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(5):
            with store.lock("one"):
                inside += 1
                most = max(most, inside)
                time.sleep(0.0005)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    if os.name != "nt":
        assert os.listdir(tmp_path / "store" / "mutex-v1") == []


def _count(root: str, path: str) -> int:
    """Read, wait, add one, write: wrong in the end if two ever do it at once."""
    for _ in range(25):
        with Store(root).lock("counter"):
            value = int(Path(path).read_text())
            time.sleep(0.0002)
            Path(path).write_text(str(value + 1))
    return 0


def test_processes_take_turns(tmp_path):
    import multiprocessing

    counter = tmp_path / "counter"
    counter.write_text("0")
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.starmap(_count, [(str(tmp_path / "store"), str(counter))] * 4)
    assert counter.read_text() == "100"


def test_a_lock_is_given_back_after_an_error(tmp_path):
    store = Store(tmp_path / "store")
    with pytest.raises(RuntimeError), store.lock("one"):
        raise RuntimeError
    with store.lock("one", timeout=0) as held:
        assert held


@pytest.mark.skipif(os.name == "nt", reason="Windows always has locks")
def test_without_locks_it_goes_on_and_says_so(tmp_path, monkeypatch):
    import errno
    import fcntl

    def no_locks(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    # The system call is what differs between file systems; there is no such mount to test on.
    monkeypatch.setattr(fcntl, "flock", no_locks)
    store = Store(tmp_path / "store")
    with store.lock("one") as held, store.scratch() as folder:
        assert held is False
        assert folder.is_dir()
    assert os.listdir(tmp_path / "store" / "scratch-v1") == []


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_lock_file_is_not_written_through_a_link(tmp_path):
    store = Store(tmp_path / "store")
    with store.lock("one"):
        pass
    target = tmp_path / "precious"
    target.write_text("mine")
    (tmp_path / "store" / "mutex-v1" / "one").symlink_to(target)
    with pytest.raises(Exception, match="making the lock"), store.lock("one"):
        pass
    assert target.read_text() == "mine"


@pytest.mark.skipif(os.name == "nt", reason="folders have no locks there")
def test_a_working_folder_that_is_swept_cannot_be_taken_by_its_late_maker(tmp_path, monkeypatch):
    """Between making and locking it looks abandoned: whoever sweeps holds the lock until it is gone."""
    from hutch.store import scratch
    from hutch.store.locks import try_lock

    (tmp_path / "late").mkdir()
    taken = []

    def remove(folder: str) -> tuple[int, int]:
        descriptor = os.open(folder, os.O_RDONLY)
        taken.append(try_lock(descriptor))
        os.close(descriptor)
        os.rmdir(folder)
        return 0, 0

    monkeypatch.setattr(scratch, "remove_tree", remove)
    scratch.sweep(str(tmp_path))
    assert taken == [False]
    assert os.listdir(tmp_path) == []
