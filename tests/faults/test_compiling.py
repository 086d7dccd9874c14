"""The process that compiles dies before any change of a file, the disk fills up, the store goes away.

Afterwards nothing in the store is wrong, and the next one does what is left to do.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from faults.killing import KILLER
from hutch.store import Store, StoredWheel, bytecode_tag, compiling
from hutch.store.backlog import KIND, request
from hutch.store.compiling import compile_wheels
from hutch.testing.wheels import make_wheel

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")

TAG = bytecode_tag(sys.implementation.cache_tag or "", importlib.util.MAGIC_NUMBER.hex()) or ""
SOURCE = str(Path(compiling.__file__).parents[2])
FILES = {
    "alpha": {"alpha/__init__.py": "x = 1\n", "alpha/sub/y.py": "y = 1\n", "z.py": ""},
    "beta": {"beta.py": "b = 1\n"},
}
MAIN = f"""
sys.path.insert(0, {SOURCE!r})
from hutch.store import backlog
backlog._step_back = lambda: None
backlog.main(sys.argv[1])
open(note, 'w').write(str(seen)) if note else None
"""


def fill(root: Path, tmp_path: Path) -> tuple[Store, list[StoredWheel]]:
    store = Store(root)
    wheels = []
    for name, files in FILES.items():
        filename, data = make_wheel(name, "1.0", files=files)
        path = tmp_path / filename
        path.write_bytes(data)
        wheels.append(store.wheels.publish(path, filename, hashlib.sha256(data).hexdigest()))
    request(store, sys.executable, TAG, {wheel.sha256 for wheel in wheels})
    return store, wheels


def background(store: Store, at: int, note: str = "") -> int:
    """The process, which is killed before its change number ``at``; its exit code."""
    environ = {**os.environ, "KILL_AT": str(at), "KILL_WITH": "9", "KILL_NOTE": note}
    words = [sys.executable, "-I", "-S", "-c", KILLER + MAIN, store.root]
    return subprocess.run(words, env=environ, timeout=120, check=False, stderr=subprocess.DEVNULL).returncode


def changes(tmp_path: Path) -> int:
    store, _ = fill(tmp_path / "whole", tmp_path)
    assert background(store, 0, str(tmp_path / "note")) == 0
    return int((tmp_path / "note").read_text())


def assert_sound(store: Store, wheels: list[StoredWheel]) -> None:
    assert store.verify(deep=True).damage == ()
    for wheel in wheels:
        found = store.bytecode.find(wheel.sha256, TAG)
        assert found is None or len(found.rows) == len(FILES[wheel.manifest.name])


def requests(store: Store) -> list[Path]:
    return [path for path in (Path(store.root) / f"{KIND}-v1").iterdir() if path.suffix != ".tmp"]


def finish(store: Store) -> None:
    """What the next ones do. A worker that was just being started may hold the locks for a moment more."""
    for _ in range(100):
        assert background(store, 0) == 0
        if not requests(store):
            return


@pytest.mark.slow
def test_killed_anywhere_the_store_is_sound_and_the_next_one_goes_on(tmp_path):
    total = changes(tmp_path)
    assert total > 20
    for at in range(1, total + 1):
        store, wheels = fill(tmp_path / f"store-{at}", tmp_path)
        code = background(store, at)
        assert code in (-9, 0), "threads make a change more or less"
        assert_sound(store, wheels)
        finish(store)
        assert_sound(store, wheels)
        assert all(store.bytecode.find(wheel.sha256, TAG) for wheel in wheels)
        store.sweep()
        assert os.listdir(tmp_path / f"store-{at}" / "scratch-v1") == []
        shutil.rmtree(tmp_path / f"store-{at}")


def compiled(store: Store, wheels: list[StoredWheel], **options: Any) -> compiling.Compiled:
    return compile_wheels(
        store, wheels, TAG, [sys.executable], environ=os.environ, seconds=60, workers=2, **options
    )


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_a_disk_that_refuses_ends_it_and_nothing_is_left(tmp_path, monkeypatch, number):
    store, wheels = fill(tmp_path / "store", tmp_path)
    left = [2]

    def write_all(descriptor: int, data: bytes) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(number, os.strerror(number))
        os.write(descriptor, data)

    monkeypatch.setattr(compiling, "write_all", write_all)
    outcome = compiled(store, wheels)
    assert os.strerror(number) in outcome.stopped
    monkeypatch.undo()
    assert os.listdir(tmp_path / "store" / "scratch-v1") == []
    assert_sound(store, wheels)
    assert compiled(store, wheels).stopped == ""


def test_a_store_that_is_removed_meanwhile_stays_removed(tmp_path, monkeypatch):
    store, wheels = fill(tmp_path / "store", tmp_path)
    real = compiling.write_all

    def write_all(descriptor: int, data: bytes) -> None:
        shutil.rmtree(store.root, ignore_errors=True)
        real(descriptor, data)

    monkeypatch.setattr(compiling, "write_all", write_all)
    outcome = compiled(store, wheels)
    assert outcome.stopped
    shutil.rmtree(store.root, ignore_errors=True)
    assert not os.path.exists(store.root)


def test_a_cache_that_is_cleaned_meanwhile_is_not_filled_again(tmp_path, monkeypatch):
    store, wheels = fill(tmp_path / "store", tmp_path)
    real = compiling.write_all
    cleaned = threading.Event()

    def write_all(descriptor: int, data: bytes) -> None:
        if not cleaned.is_set():
            cleaned.set()
            Store(store.root).clean()
        real(descriptor, data)

    monkeypatch.setattr(compiling, "write_all", write_all)
    compiled(store, wheels)
    assert list(store.bytecode.entries()) == []


def test_interrupted_it_ends_its_workers_and_keeps_what_is_whole(tmp_path, monkeypatch):
    store, wheels = fill(tmp_path / "store", tmp_path)
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def popen(*words: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(real(*words, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)

    def step(label: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compiled(store, wheels, step=step)
    assert started
    assert all(process.returncode is not None for process in started)
    assert_sound(store, wheels)
    assert os.listdir(tmp_path / "store" / "scratch-v1") == []


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks at the processes of Linux")
def test_workers_end_with_who_is_killed(tmp_path):
    """They read what nobody writes any more."""
    store, _ = fill(tmp_path / "store", tmp_path)
    mark = f"A_MARK={os.urandom(8).hex()}"

    def marked() -> list[str]:
        found = []
        for name in filter(str.isdecimal, os.listdir("/proc")):
            try:
                if mark.encode() in Path(f"/proc/{name}/environ").read_bytes():
                    found.append(name)
            except OSError:
                continue
        return found

    # It hands its mark on, and stops for good when the first worker has answered.
    code = (
        f"import os, sys, time; sys.path.insert(0, {SOURCE!r})\n"
        "from hutch.store import backlog, compilers, compiling, detached\n"
        "detached.PASSED |= {'A_MARK'}\n"
        "compiling.write_all = lambda *words: (print(flush=True), time.sleep(600))\n"
        "backlog.main(sys.argv[1])\n"
    )
    environ = {**os.environ, "A_MARK": mark.partition("=")[2]}
    words = [sys.executable, "-I", "-S", "-c", code, store.root]
    process = subprocess.Popen(words, env=environ, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == b"\n"
        assert len(marked()) > 1
        process.kill()
    process.wait()
    late = time.monotonic() + 60
    while marked() and time.monotonic() < late:
        time.sleep(0.05)
    assert marked() == []
    assert store.verify(deep=True).damage == ()


def test_the_request_outlives_who_was_killed(tmp_path):
    store, wheels = fill(tmp_path / "store", tmp_path)
    assert background(store, 8) == -9
    assert len(requests(store)) == 1
    finish(store)
    assert requests(store) == []
    assert all(store.bytecode.find(wheel.sha256, TAG) for wheel in wheels)
