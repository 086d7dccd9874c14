"""``kill -9`` and Ctrl-C while an environment with a name comes, is copied, renamed or goes.

Each time there is the old state or the new one, at once as far as names go, and after the next command
nothing else: no half environment, no directory that belongs to nobody.
"""

from __future__ import annotations

import json
import os
import random
import signal
from pathlib import Path

import pytest

from faults.killing import count_changes, killed_at, points

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")

FEW = 24 if os.environ.get("HYPOTHESIS_PROFILE") == "slow" else 6

# The command, and which environments there may be with which packages: before, after.
FIRST = {"io": "1.0", "web": "1.0"}
OTHER = {"io": "1.0", "web": "2.0"}
CASES = {
    "create": ("env create lab web", {"science": FIRST}, {"science": FIRST, "lab": OTHER}),
    "replace": ("env create science web --clear", {"science": FIRST}, {"science": OTHER}),
    "clone": ("env clone science lab", {"science": FIRST}, {"science": FIRST, "lab": FIRST}),
    "rename": ("env rename science lab", {"science": FIRST}, {"lab": FIRST}),
    "remove": ("env remove science", {"science": FIRST}, {}),
}


@pytest.fixture
def shop(index):
    for version in ("1.0", "2.0"):
        index.add_wheel(
            "web",
            version,
            requires=["io"],
            console_scripts={"web": "web:main"},
            files={"web.py": "import sys\ndef main():\n    print(sys.prefix)\n"},
        )
    index.add_wheel("io", "1.0", files={f"io{n}/__init__.py": "" for n in range(3)})
    return index


@pytest.fixture
def make(project, shop, tmp_path):
    """A directory with an environment named science, and a data folder of its own."""

    def fresh(number):
        made = project({"notes.txt": ""}, HUTCH_DATA_DIR=str(tmp_path / f"data-{number}"))
        made.run("env create science 'web<2'").ok()
        return made

    return fresh


def state(made):
    """Names and packages, as any command sees them that changes nothing."""
    folder = Path(made.environ["HUTCH_DATA_DIR"]) / "envs"
    found = {}
    for name in sorted(os.listdir(folder)):
        if name[:1] != ".":
            listed = made.run(f"pip list -n {name} --format json")
            found[name] = {each["name"]: each["version"] for each in json.loads(listed.ok().stdout)}
    return found


def assert_sound(made, before, after, where):
    folder = Path(made.environ["HUTCH_DATA_DIR"]) / "envs"
    made.run("env list").ok()
    now = state(made)
    assert now in (before, after), where
    assert sorted(os.listdir(folder)) == sorted(now), where
    for name in now:
        told = json.loads(made.run(f"env verify -n {name} --deep --json").stdout)
        assert (told["faults"], told["notes"]) == ([], []), where
        assert made.run(f"run -n {name} web").ok().stdout == made.filtered(f"{folder / name}\n"), where
        assert not (folder / name / ".hutch" / "was").exists(), where


@pytest.mark.parametrize("case", CASES)
def test_killed_anywhere_it_is_the_old_state_or_the_new_one(make, case):
    command, before, after = CASES[case]
    first = make("all")
    total, killed = count_changes(first, command), 0
    assert state(first) == after
    seen = set()
    for number in points(random.Random(case), total, FEW):
        made = make(number)
        done = killed_at(made, command, number)
        assert done.returncode in (-signal.SIGKILL, 0), (number, done.stderr)
        killed += done.returncode != 0
        assert_sound(made, before, after, (case, number, total))
        seen.add(state(made) == after)
    assert killed


@pytest.mark.slow
@pytest.mark.parametrize("case", ["replace", "rename"])
def test_killed_at_each_of_the_last_steps(make, case):
    """Where names change: the renames, and what is deleted after them."""
    command, before, after = CASES[case]
    total = count_changes(make("all"), command)
    seen = set()
    for number in range(max(1, total - 150), total + 1, 3):
        made = make(number)
        killed_at(made, command, number)
        assert_sound(made, before, after, (case, number, total))
        seen.add(tuple(state(made)))
    assert seen


@pytest.mark.parametrize("case", CASES)
def test_ctrl_c_leaves_nothing_behind(make, case):
    command, before, after = CASES[case]
    total = count_changes(make("all"), command)
    for number in points(random.Random(f"{case} C"), total, max(2, FEW // 3)):
        made = make(number)
        done = killed_at(made, command, number, signal.SIGINT)
        assert "Traceback" not in done.stderr, done.stderr
        assert_sound(made, before, after, (case, number, total))


def test_two_of_one_name_at_once(make):
    made = make("two")
    started = [made.start(f"env create lab 'web=={version}'", stderr=-1) for version in ("1.0", "2.0")]
    said = [process.communicate(timeout=120)[1] for process in started]
    codes = sorted(process.returncode for process in started)
    assert codes in ([0, 1], [0, 0]), said
    assert codes == [0, 1]
    assert "there is an environment named lab" in "".join(said)
    assert state(made)["lab"] in (FIRST, OTHER)
    made.run("env verify -n lab --deep").ok()


def test_what_is_being_made_is_not_swept_away(make):
    """A second command settles what is left behind, and leaves alone what somebody is at."""
    from hutch.env import publish, settle_folder, staged

    made = make("staged")
    folder = Path(made.environ["HUTCH_DATA_DIR"]) / "envs"
    with staged(str(folder)) as stage:
        os.mkdir(os.path.join(stage, "x"))
        pid = os.fork()
        if pid == 0:
            settle_folder(str(folder))
            os._exit(0)
        os.waitpid(pid, 0)
        assert os.path.isdir(os.path.join(stage, "x"))
        publish(os.path.join(stage, "x"), str(folder / "x"))
    assert sorted(os.listdir(folder)) == ["science", "x"]
