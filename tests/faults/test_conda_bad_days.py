"""Conda environments on a bad day of the machine: full disks, disks that nobody may write, others at work."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from commands.conda_world import HERE, alone, library, make_demo
from commands.support import shown
from hutch.testing.conda import CondaPackage, index_channel

C = "-c ./chan --override-channels"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals, links and mounts of POSIX")


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    return make_demo(project, [library(), library("2.0"), alone(), alone(version="2")])


def tree(root: Any) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "/.hutch/" not in str(path)
    }


# -- disks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["the environment", "the cache"])
def test_a_disk_that_fills_up(what: str, demo: Any, confined: Callable[..., Any]) -> None:
    data = random.Random(1).randbytes(3_000_000)
    big = [alone(f"big{number}", files={f"share/big{number}": data[number:]}) for number in range(4)]
    index_channel(demo / "chan", [library(), alone(), *big])
    demo.run(f"conda create -n sci {C} alone").ok()
    before = tree(demo.root)
    place = demo.root.parent if what == "the environment" else demo.home / "cache"
    kept = demo.home / "kept"
    mounts = (
        f"cp -a '{place}' '{kept}'; mount -t tmpfs -o size=7m tmpfs '{place}'; cp -a '{kept}/.' '{place}'; "
        f"rm -rf '{kept}'; "
    )
    # Installed where there is no room, looked at, and taken out to where it can be compared.
    names = " ".join(f"big{number}" for number in range(4))
    script = f"""
        hutch() {{ {" ".join(map(_quoted, demo.launcher))} "$@"; }}
        code=0; hutch conda install -n sci {C} {names} -y || code=$?
        hutch env verify -n sci
        cp -a '{demo.root}' '{demo.path}/then'
        exit $code
    """
    ran = _apart(demo, confined, mounts, script)
    assert ran.exit_code == 1, shown(ran)
    assert "No space left on device" in ran.stderr or "the disk is full" in ran.stderr, shown(ran)
    assert "Traceback" not in ran.stderr
    then = tree(demo / "then")
    then.pop("conda-meta/history"), before.pop("conda-meta/history")
    assert then == before


def _apart(demo: Any, confined: Callable[..., Any], mounts: str, script: str) -> Any:
    """The script in a namespace of its own, where hutch is a function."""
    path = demo / "script.sh"
    path.write_text(textwrap.dedent(script))
    return confined(demo, f"{mounts}\nexec sh '{path}'", "--version")


def _quoted(word: str) -> str:
    import shlex

    return shlex.quote(word)


@pytest.mark.parametrize(
    "command",
    [f"conda install -n sci {C} libfoo=1", "conda remove -n sci alone", f"conda update -n sci {C} --all",
     "env rollback -n sci"],
)  # fmt: skip
def test_an_environment_that_nobody_may_write(command: str, demo: Any, confined: Callable[..., Any]) -> None:
    demo.run(f"conda create -n sci {C} alone=1").ok()
    demo.run(f"conda install -n sci {C} libfoo=2").ok()
    before = tree(demo.root)
    mounts = f"mount --bind '{demo.root}' '{demo.root}'; mount -o remount,ro,bind '{demo.root}'"
    ran = confined(demo, mounts, command)
    assert ran.exit_code == 1, shown(ran)
    assert ran.stderr.startswith("error: "), shown(ran)
    assert "Read-only file system" in ran.stderr or "read-only" in ran.stderr, shown(ran)
    assert tree(demo.root) == before
    for looking in ("conda list -n sci", "conda env export -n sci", "conda run -n sci true"):
        assert confined(demo, mounts, looking).exit_code == 0


# -- somebody else --------------------------------------------------------------------------------------


HOLD = """
import sys
sys.path[:0] = sys.argv[2:]
from hutch.env.locking import hold_lock
with hold_lock(sys.argv[1]):
    print('held', flush=True)
    sys.stdin.read()
"""


def test_a_lock_that_another_hutch_holds_is_waited_for(demo: Any) -> None:
    demo.run(f"conda create -n sci {C} alone").ok()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, os.fspath(demo.root), *sys.path],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdin is not None
    try:
        assert holder.stdout.readline() == "held\n"
        waiting = demo.start(f"conda install -n sci {C} libfoo", stderr=subprocess.PIPE)
        assert waiting.stderr is not None
        said = waiting.stderr.readline()
        assert said.startswith(f"note: waiting for process {holder.pid}"), said
        assert not (demo.root / "share/libfoo.txt").exists()
        holder.stdin.close()
        assert waiting.wait(60) == 0
        waiting.stderr.close()
        assert (demo.root / "share/libfoo.txt").exists()
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


def running(demo: Any) -> subprocess.Popen[str]:
    """A program of the environment that runs."""
    program = demo.root / "bin/sleeper"
    process = subprocess.Popen([program, "300"], text=True, cwd=demo.root)
    os.kill(process.pid, 0)
    return process


def test_a_program_of_it_that_runs(demo: Any) -> None:
    """What runs goes on with the files that it has; the environment is not deleted below it."""
    sleep = shutil.which("sleep")
    assert sleep is not None
    with open(os.path.realpath(sleep), "rb") as file:
        content = file.read()
    sleepers = [
        CondaPackage("sleeper", version, subdir=HERE, files={"bin/sleeper": content + version.encode()},
            modes={"bin/sleeper": 0o755})
        for version in ("1", "2")
    ]  # fmt: skip
    index_channel(demo / "chan", sleepers)
    demo.run(f"conda create -n sci {C} sleeper=1").ok()
    process = running(demo)
    try:
        demo.run(f"conda install -n sci {C} sleeper=2").ok()
        assert process.poll() is None
        ran = demo.run("conda env remove -n sci")
        assert ran.exit_code == 1, shown(ran)
        assert "is in use" in ran.stderr
        assert str(process.pid) in ran.stderr
        assert (demo.root / "bin/sleeper").read_bytes() == content + b"2"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    demo.run("conda env remove -n sci").ok()
    assert not demo.root.exists()
