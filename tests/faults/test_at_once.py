"""Many commands at once: on one environment, on one store (N01, N02, N04, N05 of the table of faults)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from commands.support import installed, manifest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
MANY = 32 if os.environ.get("HYPOTHESIS_PROFILE") == "slow" else 12


@pytest.fixture
def demo(project, index):
    index.add_wheel("web", "1.0", requires=["io"], console_scripts={"web": "web:main"})
    index.add_wheel("io", "1.0", files={f"io{i}/__init__.py": f"x = {i}\n" for i in range(20)})
    index.add_wheel("io", "2.0", files={f"io{i}/__init__.py": f"x = -{i}\n" for i in range(20)})
    for name in ("one", "two", "three", "four"):
        index.add_wheel(name, "1.0", files={f"{name}/m{i}.py": "" for i in range(20)})
    return project(manifest("web", "io<2"))


def ended(processes: list[subprocess.Popen[str]]) -> list[tuple[int, str]]:
    found = []
    for process in processes:
        out, err = process.communicate(timeout=240)
        found.append((process.returncode, out + err))
    return found


def assert_sound(made: Any) -> None:
    told = json.loads(made.run("env verify --deep --json").stdout)
    assert (told["faults"], told["notes"]) == ([], [])


def test_n01_eight_syncs_of_one_environment(demo):
    demo.run("lock").ok()
    done = ended([demo.start("sync --frozen", stdout=-1, stderr=-1) for _ in range(8)])
    assert [each for each in done if each[0]] == []
    assert installed(demo) == {"web": "1.0", "io": "1.0"}
    assert_sound(demo)
    assert len(json.loads(demo.run("env history --json").stdout)["generations"]) == 1


def test_n01_eight_reinstalls_of_one_environment(demo):
    """Each of them changes every file; none may see the half of another."""
    demo.run("sync").ok()
    done = ended([demo.start("sync --reinstall", stdout=-1, stderr=-1) for _ in range(8)])
    assert [each for each in done if each[0]] == []
    assert installed(demo) == {"web": "1.0", "io": "1.0"}
    assert_sound(demo)


def test_n02_different_packages_into_one_environment(demo):
    demo.run("venv").ok()
    done = ended(
        [demo.start(f"pip install {name}", stdout=-1, stderr=-1) for name in ("one", "two", "three", "four")]
    )
    assert [each for each in done if each[0]] == []
    assert installed(demo) == dict.fromkeys(("one", "two", "three", "four"), "1.0")
    assert_sound(demo)


@pytest.mark.slow
def test_n03_many_environments_from_one_store(project, demo, index):
    index.log.clear()
    projects = [project(manifest("web", "one", "two")) for _ in range(MANY)]
    done = ended([made.start("sync", stdout=-1, stderr=-1) for made in projects])
    assert [each for each in done if each[0]] == []
    for made in projects:
        assert installed(made).keys() == {"web", "io", "one", "two"}
        assert_sound(made)
    assert demo.run("cache verify --deep").exit_code == 0


def test_n04_opposing_versions_in_one_environment(demo):
    """The last one wins, wholly."""
    demo.run("venv").ok()
    words = ["pip install io==1.0", "pip install io==2.0"] * 3
    done = ended([demo.start(each, stdout=-1, stderr=-1) for each in words])
    assert [each for each in done if each[0]] == []
    assert installed(demo)["io"] in ("1.0", "2.0")
    assert_sound(demo)


def test_n05_a_holder_of_the_lock_that_died(demo):
    """Its lock died with it, and a file that says otherwise keeps nobody out."""
    demo.run("sync").ok()
    path = str(demo / ".venv" / ".hutch" / "lock")
    code = f"""
import fcntl, time
file = open({path!r}, "r+")
fcntl.flock(file, fcntl.LOCK_EX)
file.truncate()
file.write("1\\n")
file.flush()
print("held", flush=True)
time.sleep(60)
"""
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.stdout.close()
    waiting = demo.start("sync --reinstall-package io", stdout=-1, stderr=-1)
    time.sleep(1.5)
    assert waiting.poll() is None
    holder.kill()
    holder.wait(10)
    _, err = waiting.communicate(timeout=30)
    assert waiting.returncode == 0, err
    assert f"note: waiting for process 1, which is changing {demo / '.venv'}\n" in err
    assert_sound(demo)


def test_ctrl_c_while_it_waits_for_another(demo):
    demo.run("sync").ok()
    with open(demo / ".venv" / ".hutch" / "lock", "r+") as file:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
        waiting = demo.start("sync --reinstall-package io", stdout=-1, stderr=-1)
        time.sleep(1.5)
        start = time.monotonic()
        waiting.send_signal(signal.SIGINT)
        _, err = waiting.communicate(timeout=30)
    assert waiting.returncode == 4
    assert err.endswith("interrupted\n")
    assert time.monotonic() - start < 2
    assert_sound(demo)


def test_a_rollback_and_a_sync_at_once(demo):
    """Whichever comes last has its way; the history tells of both."""
    demo.run("sync").ok()
    demo.run("add one").ok()
    done = ended(
        [demo.start(each, stdout=-1, stderr=-1) for each in ("env rollback 1", "sync --reinstall-package io")]
    )
    assert [each for each in done if each[0]] == []
    assert installed(demo).keys() in ({"web", "io"}, {"web", "io", "one"})
    assert_sound(demo)


@pytest.mark.slow
def test_a_hundred_runs_and_ten_syncs_of_an_environment_that_is_not_there(demo):
    """One of them makes it, the others wait and say so, or find it done; none fails, and it is made once."""
    demo.run("lock").ok()
    commands = ["run python -c 'import web, io0; print(io0.x)'"] * 100 + ["sync --frozen"] * 10
    done = ended([demo.start(command, stdout=-1, stderr=-1) for command in commands])
    assert [each for each in done if each[0]] == []
    assert [told.splitlines()[0] for _, told in done[:100]] == ["0"] * 100
    assert any("note: waiting for process" in told for _, told in done)
    assert installed(demo) == {"web": "1.0", "io": "1.0"}
    assert_sound(demo)
    assert len(json.loads(demo.run("env history --json").stdout)["generations"]) == 1
