"""The process that fetches ahead, the one that it works for, or both are ended: the next command knows
nothing of it, and after a second nobody is left."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from commands.support import PYTHON, installed, manifest
from hutch.testing.fake_index import FakeIndex
from hutch.testing.transport import Answer

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="nobody forks there"
)
ROUNDS = 6
WHOLE = {"web": "1.0", "io": "1.0", "tool": "1.0", "most": "1.0"}
SAID = """\
Made the environment .venv
Installed 4 packages in <time>
 + io 1.0
 + most 1.0
 + tool 1.0
 + web 1.0
"""


class SlowIndex(FakeIndex):
    """An index that takes a tenth of a second for a file."""

    __slots__ = ()

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer | None:
        if path.endswith(".whl"):
            time.sleep(0.1)
        return FakeIndex.answer(self, path, headers)


@pytest.fixture
def index():
    fake = SlowIndex()
    with fake.serve():
        yield fake


@pytest.fixture
def made(project, index):
    index.add_wheel("web", "1.0", requires=["io", "tool"], files={f"web/f{n}.py": "" for n in range(200)})
    index.add_wheel("io", "1.0", files={"io_demo/data": os.urandom(300_000).hex()})
    index.add_wheel("tool", "1.0")
    index.add_wheel("most", "1.0")
    made = project(manifest("web", "most"))
    made.run("lock").ok()
    # A Python that takes its time, so that there is a time before it has answered.
    slow = made.home / "slow" / "python"
    slow.parent.mkdir()
    slow.write_text(f"#!/bin/sh\nsleep 0.3\nexec '{PYTHON}' \"$@\"\n")
    slow.chmod(0o755)
    made.environ["HUTCH_PYTHON"] = str(slow)
    return made


def forget(made: Any) -> None:
    for folder in (made.home / "cache", made / ".venv"):
        shutil.rmtree(folder, ignore_errors=True)


def start(made: Any) -> subprocess.Popen[str]:
    forget(made)
    process: subprocess.Popen[str] = made.start(
        "sync --frozen", stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    return process


def until(happened: Callable[[], Any], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < limit, "what was waited for did not happen"
        time.sleep(0.005)


def living(session: int) -> list[tuple[int, int]]:
    """The processes of a session that are not dead, as (number, its parent's)."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state, parent, _, own, *_ = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(own) == session and state != "Z":
                found.append((int(folder.name), int(parent)))
    return found


def fetcher_of(process: subprocess.Popen[str]) -> int | None:
    """The process that was forked to fetch: the one that has the command's own words."""
    words = Path(f"/proc/{process.pid}/cmdline")
    for pid, parent in living(process.pid):
        try:
            if parent == process.pid and Path(f"/proc/{pid}/cmdline").read_bytes() == words.read_bytes():
                return pid
        except OSError:
            continue
    return None


def all_is_well_afterwards(made: Any) -> None:
    """Each entry is whole, the next command installs what there is, and nothing is left lying about."""
    for entry in (made.home / "cache").glob("wheels-*/*/*"):
        assert (entry / "manifest").is_file()
    made.run("sync --frozen", apart=True).ok()
    assert installed(made) == WHOLE
    assert made.run("env verify --deep", apart=True).exit_code == 0
    assert not list((made.home / "cache").glob("scratch/*"))


@pytest.mark.parametrize("whose", ["fetcher", "unpackers", "all of them"])
def test_the_one_that_fetches_is_killed(made, whose):
    chance = random.Random(whose)
    for _ in range(ROUNDS):
        process = start(made)
        until(lambda: fetcher_of(process), 10)  # noqa: B023
        time.sleep(chance.random() * 0.4)
        fetcher = fetcher_of(process)
        targets = [pid for pid, parent in living(process.pid) if parent == fetcher]
        targets = {"fetcher": [], "unpackers": targets, "all of them": targets}[whose]
        for pid in [*targets, *([fetcher] if fetcher and whose != "unpackers" else [])]:
            os.kill(pid, signal.SIGKILL)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, made.filtered(err)) == (0, "", SAID)
        assert installed(made) == WHOLE
        until(lambda: not living(process.pid), 1)  # noqa: B023
        all_is_well_afterwards(made)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_the_one_that_it_works_for_is_ended(made, number):
    chance = random.Random(number)
    for _ in range(ROUNDS):
        process = start(made)
        until(lambda: fetcher_of(process), 10)  # noqa: B023
        time.sleep(chance.random() * 0.6)
        process.send_signal(number)
        process.communicate(timeout=60)
        until(lambda: not living(process.pid), 1)  # noqa: B023
        all_is_well_afterwards(made)


def test_ctrl_c_at_any_moment(made):
    chance = random.Random(2)
    codes = set()
    for _ in range(ROUNDS):
        process = start(made)
        until(lambda: fetcher_of(process), 10)  # noqa: B023
        time.sleep(chance.random() * 0.6)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, made.filtered(err)) in [(4, "", "interrupted\n"), (0, "", SAID)]
        codes.add(process.returncode)
        until(lambda: not living(process.pid), 1)  # noqa: B023
        all_is_well_afterwards(made)
    assert 4 in codes


def test_what_came_of_a_download_is_gone_on_with(made, index):
    (file,) = index.projects["io"]
    fault = index.fault("*/io-*.whl", cut=100_000, kind="timeout")
    process = start(made)
    part = made.home / "cache" / "archives-v1" / f"{file.record['hashes']['sha256']}.part"
    until(lambda: part.exists() and index.asked("*/io-*.whl"), 20)
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    # The server says nothing more, and nobody waits until that is too long.
    assert process.communicate(timeout=5)[1] == "interrupted\n"
    index.faults.remove(fault)
    index.log.clear()
    made.run("sync --frozen", apart=True).ok()
    asked = [headers.get("range") for path, headers in index.log if "/io-" in path]
    assert asked == ["bytes=100000-"]
    assert installed(made) == WHOLE
    assert not part.exists()


def test_the_command_goes_on_with_what_came_before_the_one_that_fetched_failed(made, index):
    index.fault("*/io-*.whl", cut=100_000, times=1)
    process = start(made)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    asked = [headers.get("range") for path, headers in index.log if path.endswith("whl") and "/io-" in path]
    assert asked == [None, "bytes=100000-"]
