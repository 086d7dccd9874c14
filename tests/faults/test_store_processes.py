"""Many processes on one store (N03, N05), some of which prune, clean or die at any moment."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from commands.support import installed, manifest
from hutch.store import Store
from hutch.testing.wheels import make_wheel

posix = pytest.mark.skipif(os.name == "nt", reason="kills itself by a signal")
NAMES = [f"pack{number}" for number in range(6)]


@pytest.fixture
def index(index):
    for name in NAMES:
        files = {
            f"{name}/__init__.py": f"name = {name!r}\n",
            **{f"{name}/m{n}.py": "x = 1\n" * n for n in range(40)},
        }
        index.add_wheel(name, "1.0", files=files)
    return index


def start_many(project: Any, count: int, command: str = "sync") -> tuple[list[Any], list[Any]]:
    # The one index behind them may be slow to answer so many: that is not what is asked here.
    patience = {"HUTCH_RETRIES": "5", "HUTCH_CONNECT_TIMEOUT": "100", "HUTCH_TIMEOUT": "100"}
    projects = [project(manifest(*NAMES), **patience) for _ in range(count)]
    return projects, [made.start(command, stderr=-1, stdout=-1) for made in projects]


def check_all(projects: list[Any], processes: list[Any]) -> None:
    said = []
    for process in processes:
        try:
            said.append(process.communicate(timeout=300)[1])
        finally:
            process.kill()
            process.wait()
    for process, err in zip(processes, said, strict=True):
        assert process.returncode == 0, err
    for made in projects:
        assert installed(made) == dict.fromkeys(NAMES, "1.0")
        site = next((made / ".venv").glob("lib/python*/site-packages"))
        for name in NAMES:
            assert (site / name / "__init__.py").read_text() == f"name = {name!r}\n"
            assert len(list((site / name).glob("*.py"))) == 41
    projects[0].run("cache verify --deep").ok()
    assert os.listdir(projects[0].home / "cache/scratch-v1") == []


@pytest.mark.parametrize(
    "count", [6, pytest.param(32, marks=pytest.mark.slow), pytest.param(100, marks=pytest.mark.slow)]
)
def test_N03_many_syncs_on_one_cold_store(project, index, count):
    projects, processes = start_many(project, count)
    check_all(projects, processes)


def test_N03_syncs_while_others_prune_and_clean(project, index):
    """What a command is about to link may go at any moment: then it is fetched again."""
    projects, processes = start_many(project, 5)
    other = project(manifest())
    end = time.monotonic() + 60
    commands = ["cache prune --limit 0", "cache clean", "cache verify --fix", "cache clean pack1 pack3"]
    number = 0
    while any(process.poll() is None for process in processes) and time.monotonic() < end:
        other.run(commands[number % len(commands)])
        number += 1
        time.sleep(0.4)
    check_all(projects, processes)


def test_N05_the_dead_hold_no_locks(project, index):
    made = project(manifest(*NAMES))
    index.fault("*.whl", cut=10, kind="timeout")
    process = made.start("sync", stderr=-1, stdout=-1)
    deadline = time.monotonic() + 30
    while not index.asked("*.whl") and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    index.faults.clear()
    began = time.monotonic()
    made.run("sync", apart=True).ok()
    assert time.monotonic() - began < 20
    assert installed(made) == dict.fromkeys(NAMES, "1.0")


@posix
@pytest.mark.parametrize("kills", [8, pytest.param(80, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "command", ["cache prune --limit 0", "cache clean", "cache verify --fix", "sync --reinstall"]
)
def test_killed_at_random_moments(project, index, command, kills):
    """The next commands find a cache without damage and end with a whole environment."""
    made = project(manifest(*NAMES))
    other = project(manifest(*NAMES[:3]))
    other.run("sync").ok()
    chance = random.Random(f"{command} {kills}")
    struck, longest = 0, 0.3
    for _ in range(kills):
        if "verify" in command:
            shutil.rmtree(made / ".venv", ignore_errors=True)
        made.run("sync").ok()
        for path in (made.home / "cache").glob("wheels-*/*/*/manifest"):
            os.utime(path, (1e9, 1e9))
        if "verify" in command:
            next((made.home / "cache").glob("wheels-*/*/*/files/pack4/m7.py")).write_text("damaged")
        if "prune" in command:
            shutil.rmtree(made / ".venv")
        process = made.start(command, stderr=-1, stdout=-1)
        began = time.monotonic()
        try:
            process.wait(chance.uniform(0.3, 1) * longest)
            longest = time.monotonic() - began  # it was quicker
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        struck += process.returncode == -signal.SIGKILL
        if "verify" in command:
            made.run("cache verify --fix").ok()
        made.run("cache verify --deep").ok()
        made.run("sync").ok()
        if "verify" not in command:
            made.run("env verify --deep").ok()
            other.run("env verify --deep").ok()
        assert installed(made) == dict.fromkeys(NAMES, "1.0")
    assert struck


# -- killed at the n-th act --------------------------------------------------------------------------

ACTS = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.utime", "open", "os.link", "os.truncate")


def die_at(number: int) -> None:
    """Be killed by the n-th act that changes the disk, before it happens."""
    left = number

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event not in ACTS:
            return
        if event == "open" and not (
            isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        ):
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def act(what: str, root: str, archive: str, sha256: str, number: int) -> None:
    store = Store(root)
    if number:
        die_at(number)
    if what == "publish":
        store.wheels.publish(archive, os.path.basename(archive), sha256)
    elif what == "prune":
        store.prune(limit=0, in_use=lambda environment: frozenset())
    elif what == "discard":
        store.wheels.discard(sha256)
    elif what == "clean":
        store.clean()
    elif what == "built":
        store.built.record("key", archive)
    elif what == "fix":
        store.verify(fix=True)
    os._exit(0)


def check_sound(root: Path, archive: Path, sha256: str) -> None:
    """Everything in the store is whole or absent, and it can be used."""
    store = Store(root)
    store.prepare()
    assert store.verify(deep=True).damage == ()
    wheel = store.wheels.find(sha256, check=True)
    assert wheel is None or wheel.damage(deep=True) == ()
    found = store.built.find_wheel("key")
    assert found is None or found.sha256 == sha256
    published = store.wheels.publish(archive, archive.name, sha256)
    assert published.damage(deep=True) == ()
    store.sweep()
    assert os.listdir(root / "scratch-v1") == []
    store.prune(limit=0, in_use=lambda environment: frozenset())


@posix
@pytest.mark.parametrize("what", ["publish", "prune", "discard", "clean", "built", "fix"])
def test_killed_at_every_act(tmp_path, what):
    filename, data = make_wheel("alpha", "1.0", files={f"alpha/m{n}.py": "x = 1\n" * n for n in range(4)})
    archive = tmp_path / filename
    archive.write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    other_name, other_data = make_wheel("beta", "1.0")
    other = tmp_path / other_name
    other.write_bytes(other_data)
    context = multiprocessing.get_context("fork")
    kills = 0
    for number in range(1, 200):
        root = tmp_path / "store"
        store = Store(root)
        store.tables.write("metadata", "x", (1,))
        wheels = [store.wheels.publish(other, other_name, hashlib.sha256(other_data).hexdigest())]
        if what not in ("publish", "built"):
            wheels.append(store.wheels.publish(archive, filename, sha256))
            store.built.record("key", archive)
        if what == "fix":
            (wheels[1].path / "files/alpha/m1.py").write_text("damaged")
            Path(store.tables.path("metadata", "x")).write_bytes(b"")
        for wheel in wheels:
            os.utime(wheel.path / "manifest", (1e9, 1e9))
        process = context.Process(target=act, args=(what, str(root), str(archive), sha256, number))
        process.start()
        process.join(60)
        done = process.exitcode == 0
        if what == "fix" and not done:
            Store(root).verify(fix=True)
        check_sound(root, archive, sha256)
        shutil.rmtree(root)
        if done:
            break
        assert process.exitcode == -signal.SIGKILL
        kills += 1
    else:
        pytest.fail("it never ended")
    assert kills >= 3
