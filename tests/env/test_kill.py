"""`kill -9` at every single step of a change, and of the repair of a change.

CPython tells an audit hook of every file that is opened, linked, renamed, made or removed *before* it
happens. A forked child that counts them and kills itself at the n-th is therefore killed between any two
changes of the disk, for every n: nothing is left to luck.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from env.support import sync, tree
from hutch.env import (
    Environment,
    Plan,
    Wanted,
    apply_plan,
    create_environment,
    open_environment,
    plan_changes,
    recover,
)
from hutch.interpreters import Interpreter

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

COMMANDS = frozenset(["bin/alpha", "bin/alpha2", "bin/new-run"])
ALLOWED = {"allow_clobber": {"new"}}  # an accident left a file where it has one
CHANGING = frozenset(
    [
        "os.link",
        "os.rename",
        "os.remove",
        "os.mkdir",
        "os.rmdir",
        "os.symlink",
        "os.truncate",
        "os.utime",
        "open",
    ]
)


def killed_at(step: int, act: Callable[[], object]) -> bool:
    """Run ``act`` in a child that kills itself before its ``step``-th change; whether it came so far."""
    pid = os.fork()
    if pid == 0:
        left = step

        def count(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            if event in CHANGING:
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                left -= 1

        sys.addaudithook(count)
        try:
            act()
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(status) == 0
    return False


@pytest.fixture
def change(environment: Environment, wheel: Callable[..., Wanted]) -> tuple[Environment, Plan]:
    """A change with everything in it: new, upgraded, removed, shared directories, commands, `.data`."""
    old = [
        wheel(
            "alpha",
            "1.0",
            files={"alpha/__init__.py": "v = 1\n", "alpha/gone.py": "", "alpha_one.py": ""},
            console_scripts={"alpha": "alpha:main"},
        ),
        wheel("space-a", "1.0", files={"space/a/__init__.py": "", "space/shared.txt": "same"}),
        wheel("space-b", "1.0", files={"space/b/__init__.py": "", "space/shared.txt": "same"}),
        wheel("leaves", "3", files={"leaves/x.py": "", "leaves/deep/er/y.py": ""}),
    ]
    sync(environment, *old)
    site = environment.site_packages
    (site / "alpha" / "__pycache__").mkdir()
    (site / "alpha" / "__pycache__" / "gone.cpython-312.pyc").write_bytes(b"x")
    (site / "leaves" / "by_hand.txt").write_text("mine")
    (site / "new.py").write_text("an accident's remains")
    new = [
        wheel("alpha", "2.0", files={"alpha/__init__.py": "v = 2\n", "alpha/more/x.py": ""},
              console_scripts={"alpha": "alpha:main", "alpha2": "alpha:main"}),
        old[1],
        wheel("new", "1", files={"new.py": "n = 1\n"}, requested=True,
              data={"data/share/new/x.txt": "x", "scripts/new-run": "#!python\n"}),
        wheel("space-c", "1.0", files={"space/c/__init__.py": ""}),
    ]  # fmt: skip
    return environment, plan_changes(environment.installed(), new)


def copy_of(environment: Environment, to: Path) -> Environment:
    import shutil

    shutil.copytree(environment.root, to, symlinks=True)
    return open_environment(to)


@pytest.mark.slow
def test_killed_anywhere_it_is_the_old_environment_or_the_new_one(
    change: tuple[Environment, Plan], tmp_path: Path
) -> None:
    original, plan = change
    done = copy_of(original, tmp_path / "done")
    apply_plan(plan, done, link_mode="hardlink", **ALLOWED)
    before, after = tree(original.root), normal(tree(done.root))
    step, old, new = 0, 0, 0
    while True:
        environment = copy_of(original, tmp_path / f"at{step}")
        killed = killed_at(step, partial(apply_plan, plan, environment, link_mode="hardlink", **ALLOWED))
        if not killed:
            break
        recover(environment)
        found = tree(environment.root)
        assert found == before or normal(found) == after, f"neither old nor new when killed at step {step}"
        assert not (environment.path / ".hutch" / "journal").exists()
        old, new = old + (found == before), new + (found != before)
        # Whatever it was, the next command gets it where it should be.
        sync_again(environment, plan)
        assert normal(tree(environment.root)) == after
        step += 1
    assert old > 50
    assert new >= 1


def sync_again(environment: Environment, plan: Plan) -> None:
    wanted = [
        Wanted(name=one.name, version=one.version, wheel=one.wheel, requested=one.requested)
        for one in plan.links
    ]
    keep = set(environment.installed()) - {one.name for one in plan.removals}
    apply_plan(plan_changes(environment.installed(), wanted, keep=keep), environment, **ALLOWED)


def normal(found: dict[str, str]) -> dict[str, str]:
    """Commands and their RECORD name the environment, so these files differ between copies."""
    return {
        path: "*" if path in COMMANDS or path.endswith("/RECORD") else what for path, what in found.items()
    }


@pytest.mark.slow
def test_a_repair_that_is_killed_is_repaired(change: tuple[Environment, Plan], tmp_path: Path) -> None:
    original, plan = change
    before = tree(original.root)
    for late in (40, 50, 60):
        broken = copy_of(original, tmp_path / f"broken{late}")
        assert killed_at(late, partial(apply_plan, plan, broken, link_mode="hardlink", **ALLOWED))
        step = 0
        while True:
            environment = copy_of(broken, tmp_path / f"repair{late}-{step}")
            killed = killed_at(step, partial(recover, environment))
            recover(environment)
            assert tree(environment.root) == before, f"killed at {late}, and its repair at {step}"
            if not killed:
                break
            step += 1
        assert step > 3


@pytest.mark.slow
def test_an_environment_whose_making_is_killed_can_be_made(interpreter: Interpreter, tmp_path: Path) -> None:
    whole = tree(create_environment(tmp_path / "whole", interpreter, prompt="p").root)
    step = 0
    while True:
        path = tmp_path / f"at{step}"
        killed = killed_at(step, partial(create_environment, path, interpreter, prompt="p"))
        assert tree(create_environment(path, interpreter, prompt="p").root).keys() == whole.keys()
        if not killed:
            break
        step += 1
    assert step > 10


@pytest.mark.slow
def test_killed_at_a_random_moment(environment: Environment, wheel: Callable[..., Wanted]) -> None:
    """By the clock, so that kills fall into system calls too."""
    files = {f"big/d{number % 40}/f{number}.py": f"x = {number}\n" for number in range(2000)}
    old = wheel("big", "1", files=files)
    new = wheel("big", "2", files={path.replace("f", "g"): text for path, text in files.items()})
    sync(environment, old)
    before = tree(environment.root)
    plan = plan_changes(environment.installed(), [new])
    seed = random.Random(5)
    states = set()
    for _ in range(25):
        pid = os.fork()
        if pid == 0:
            apply_plan(plan, environment, **ALLOWED)
            os._exit(0)
        time.sleep(seed.uniform(0, 0.06))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        recover(environment)
        version = environment.installed()["big"].version
        states.add(version)
        if version == "1":
            assert tree(environment.root) == before
        else:
            assert_complete(environment)
            sync(environment, old)
            assert tree(environment.root) == before
    assert "1" in states


def assert_complete(environment: Environment) -> None:
    """Every file of every RECORD is there, and no file is in none."""
    from hutch.env.records import read_record

    recorded = set()
    for one in environment.installed().values():
        recorded |= read_record(environment.root, one.dist_info).keys()
    for path in recorded:
        assert os.path.exists(os.path.join(environment.root, path)), path
    site = os.path.join(environment.root, environment.purelib)
    for directory, _, files in os.walk(site):
        for name in files:
            assert os.path.relpath(os.path.join(directory, name), environment.root) in recorded
