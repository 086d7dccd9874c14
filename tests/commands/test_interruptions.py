"""Ctrl-C, ``kill -9`` and several commands at once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from commands.support import installed, locked, manifest
from faults.killing import count_changes, killed_at

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")


@pytest.fixture
def demo(project, index):
    index.add_wheel("web", "1.0", requires=["io"], console_scripts={"web": "web:main"})
    index.add_wheel("io", "1.0", files={f"io{i}/__init__.py": "" for i in range(5)})
    index.add_wheel("extra", "1.0")
    return project(manifest("web"))


def until(happened: Callable[[], Any], seconds: float = 30.0) -> None:
    limit = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < limit, "what was waited for did not happen"
        time.sleep(0.005)


def interrupted(process: subprocess.Popen[str]) -> tuple[int, str, str, float]:
    """Press Ctrl-C once; what the command did, and for how long."""
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err, time.monotonic() - start


# -- Ctrl-C ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("lock", "/simple/web/"),
        ("sync", "*.whl"),
        ("add extra", "/simple/extra/"),
        ("add extra", "*/extra*.whl"),
        ("run python -c 1", "/simple/web/"),
    ],
)
def test_ctrl_c_while_the_network_is_waited_for(demo, index, command, path):
    if "extra" in path:
        demo.run("sync").ok()
    before = demo.tree(), demo.read("pyproject.toml"), installed(demo)
    fault = index.fault(path, cut=0, kind="timeout")
    index.log.clear()
    process = demo.start(command, stdout=-1, stderr=-1)
    until(lambda: index.asked(path))
    time.sleep(0.05)
    code, out, err, seconds = interrupted(process)
    assert (code, out, err) == (4, "", "interrupted\n")
    assert seconds < 2
    if command != "sync":  # which has locked by then, and may keep that
        assert (demo.tree(), demo.read("pyproject.toml"), installed(demo)) == before
    index.faults.remove(fault)
    demo.run("sync").ok()


def test_ctrl_c_while_something_is_built(project, index, tmp_path):
    note = tmp_path / "pid"
    index.add_sdist(
        "beta",
        "1.0",
        backend="import os, time\n\ndef build_wheel(*args, **kwargs):\n"
        f"    open({str(note)!r}, 'w').write(str(os.getpid()))\n    time.sleep(60)\n",
    )
    made = project(manifest("beta"), HUTCH_SANDBOX="off")  # so that it can tell its number
    made.run("lock").ok()
    process = made.start("sync", stdout=-1, stderr=-1)
    until(lambda: note.exists() and note.read_text())
    code, out, err, seconds = interrupted(process)
    assert (code, out, err) == (4, "", "interrupted\n")
    assert seconds < 2
    until(lambda: not alive(int(note.read_text())), 5)
    assert installed(made) == {}


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_ctrl_c_belongs_to_the_command_that_runs(demo):
    demo.run("sync").ok()
    demo.write(
        {
            "wait.py": "import time\n\ntry:\n    print('ready', flush=True)\n    time.sleep(60)\n"
            "except KeyboardInterrupt:\n    raise SystemExit(9) from None\n"
        }
    )
    process = demo.start("run wait.py", stdout=-1, stderr=-1)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    assert interrupted(process)[0] == 9


def test_a_pipe_that_closes_early(demo):
    demo.run("lock").ok()
    process = demo.start("tree", stdout=-1, stderr=-1)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) in (0, 1, 141, -13)
    assert "Traceback" not in err


# -- kill -9 ---------------------------------------------------------------------------------------

ROUNDS = 5  # of each command; the points are the same in every run


@pytest.mark.parametrize("command", ["sync", "add extra", "remove web", "lock"])
def test_killed_at_any_moment_the_next_command_repairs(project, index, demo, tmp_path, command):
    if command.startswith("remove"):
        demo.run("sync").ok()
    total = count_changes(demo, command)
    assert total > 2
    chance = random.Random(command)
    for number in sorted(chance.sample(range(1, total), min(ROUNDS, total - 1))):
        made = project(manifest("web"), HUTCH_CACHE_DIR=str(tmp_path / f"cache-{number}"))
        if command.startswith("remove"):
            made.run("sync").ok()
        done = killed_at(made, command, number)
        # Threads make a change more in one run than in the next: who was to die at the very last may live.
        assert done.returncode in (-9, 0), done.stderr
        text = made.read("pyproject.toml")
        assert text == manifest("web") or "extra" in text or "web" not in text, number
        made.run("sync").ok()
        made.run("sync --locked").ok()
        assert set(installed(made)) == set(locked(made)), number
        assert check(made) == [], number
        assert len(made.tree()) <= 3, "more than one stray file"


def test_what_a_killed_command_was_about_to_write_is_removed(demo):
    demo.write({".pylock.toml.123.tmp": "half", ".pyproject.toml.77.tmp": "", "mine.tmp": ""})
    for name in (".pylock.toml.123.tmp", "mine.tmp"):
        os.utime(demo / name, (1, 1))
    demo.run("lock").ok()
    assert demo.tree() == [".pyproject.toml.77.tmp", "mine.tmp", "pylock.toml", "pyproject.toml"]


def check(made: Any) -> list[str]:
    """What an environment's records and files disagree about."""
    import csv

    faults = []
    for record in (made / ".venv").glob("lib/python*/site-packages/*.dist-info/RECORD"):
        with open(record, newline="") as file:
            rows = list(csv.reader(file))
        faults += [row[0] for row in rows if not (record.parent.parent / row[0]).exists()]
    return faults


# -- at once ---------------------------------------------------------------------------------------


def outcomes(processes: list[subprocess.Popen[str]]) -> list[tuple[int, str]]:
    found = []
    for process in processes:
        out, err = process.communicate(timeout=120)
        found.append((process.returncode, out + err))
    return found


def test_eight_syncs_of_one_project_at_once(demo):
    ended = outcomes([demo.start("sync", stdout=-1, stderr=-1) for _ in range(8)])
    assert [each for each in ended if each[0] != 0] == []
    assert installed(demo) == {"web": "1.0", "io": "1.0"}
    assert check(demo) == []
    assert demo.run("sync --locked").ok()


def test_eight_projects_fill_one_store_at_once(project, index, demo):
    projects = [project(manifest("web", "extra")) for _ in range(8)]
    ended = outcomes([made.start("sync", stdout=-1, stderr=-1) for made in projects])
    assert [each for each in ended if each[0] != 0] == []
    for made in projects:
        assert installed(made) == {"web": "1.0", "io": "1.0", "extra": "1.0"}
        assert check(made) == []


def test_two_adds_at_once_do_not_tear_anything(demo):
    """The later one may win; whatever it left is whole, and the next command brings it together."""
    outcomes([demo.start(f"add {name}", stdout=-1, stderr=-1) for name in ("extra", "io")])
    demo.run("sync").ok()
    demo.run("sync --locked").ok()
    assert set(installed(demo)) == set(locked(demo))
    assert check(demo) == []
    assert {"extra", "io", "web"} == set(installed(demo)), "no edit is lost"


def test_an_edit_while_a_command_runs_is_seen_by_the_next(demo, index):
    """What is remembered of a sync is what it read, not what is there when it ends."""
    demo.run("lock").ok()
    index.fault("*/web*.whl", cut=10, kind="timeout", times=1)
    demo.environ |= {"HUTCH_TIMEOUT": "0.4", "HUTCH_RETRIES": "1"}
    process = demo.start("sync", stdout=-1, stderr=-1)
    until(lambda: index.asked("*/web*.whl"))
    demo.write({"pyproject.toml": manifest("extra")})
    process.communicate(timeout=30)
    assert process.returncode == 0
    demo.run("sync").ok()
    assert installed(demo) == {"extra": "1.0"}


def test_a_command_that_waits_for_another_says_so(demo, index):
    index.fault("/simple/web/", cut=0, kind="timeout", times=1)
    demo.environ["HUTCH_TIMEOUT"] = "0.5"
    first = demo.start("lock", stdout=-1, stderr=-1)
    until(lambda: index.asked("/simple/web/"))
    second = demo.start("lock", stdout=-1, stderr=-1)
    (code, _), (after, said) = outcomes([first, second])
    assert (code, after) == (3, 0)
    assert said.startswith(f"note: waiting for process {first.pid} (")
    assert "which changes this project\n" in said
