"""``kill -9`` at moments that are drawn, during what changes or makes an environment as a whole.

Each time the next command leaves a verified environment: the old one or the new one, never a mixture, and
nothing that belongs to nobody. Half of the moments are drawn by number, between any two changes of the disk;
half by the clock, so that they fall into system calls too.

The draw is the same in every run; ``HUTCH_KILLS_SEED`` draws others, and a failure says which moment it was.
``HYPOTHESIS_PROFILE=slow`` takes a hundred for each command.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands.support import installed, locked, manifest
from faults.killing import count_changes, killed_after, killed_at

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")

SLOW = os.environ.get("HYPOTHESIS_PROFILE") == "slow"
MOMENTS = 100 if SLOW else 6
SEED = os.environ.get("HUTCH_KILLS_SEED", "7")


@pytest.fixture
def world(project, index, tmp_path) -> Callable[[int], Any]:
    """A project and a data folder of their own for each moment: ``world(3)``."""
    index.add_wheel("web", "1.0", requires=["io"], console_scripts={"web": "web:main"})
    index.add_wheel(
        "web", "2.0", requires=["io", "more"], console_scripts={"web": "web:main", "w2": "web:main"}
    )
    index.add_wheel("io", "1.0", files={f"io{i}/m{j}.py": f"x = {j}\n" for i in range(6) for j in range(12)})
    index.add_wheel("more", "1.0", files={"io1/more.py": "", "more.py": ""}, data={"data/share/more": "x"})

    def make(number: int) -> Any:
        made = project(
            manifest("web<2"),
            HUTCH_CACHE_DIR=str(tmp_path / f"cache-{number}"),
            HUTCH_DATA_DIR=str(tmp_path / f"data-{number}"),
        )
        made.root = tmp_path
        return made

    return make


# -- what was done before, the command that is killed, and what has to be true afterwards ----------------


def cold(made: Any) -> None:
    """Nothing was done yet."""


def upgraded(made: Any) -> None:
    made.run("sync").ok()
    made.write({"pyproject.toml": manifest("web")})
    made.run("lock --upgrade").ok()


def twice(made: Any) -> None:
    upgraded(made)
    made.run("sync").ok()


def one(made: Any) -> None:
    made.run("env create one web").ok()


def packed(made: Any) -> None:
    made.run("sync").ok()
    made.run("env pack -o one.tar.gz").ok()
    shutil.rmtree(made / ".venv")


def moved(made: Any) -> None:
    made.run("sync").ok()
    (made.path.parent / f"moved-{made.path.name}").mkdir()
    shutil.move(made / ".venv", made / ".venv-old")
    shutil.copytree(made / ".venv-old", made / ".venv", symlinks=True)
    shutil.rmtree(made / ".venv-old")
    for path in (
        made / ".venv" / "bin" / "activate",
        made / ".venv" / "pyvenv.cfg",
        made / ".venv" / "bin" / "web",
    ):
        path.write_text(path.read_text().replace(f"{made}/.venv", f"{made}/.gone"))


def verified(made: Any, which: str = "") -> None:
    told = json.loads(made.run(f"env verify --deep --json --offline {which}").stdout)
    assert (told["faults"], told["notes"]) == ([], [])


def synced(made: Any) -> None:
    made.run("sync --frozen" if (made / "pylock.toml").exists() else "sync").ok()
    verified(made)
    assert installed(made) == {name: version for name, version in locked(made).items() if name != "demo"}
    assert not (made / ".venv" / ".hutch" / "journal").exists()


def rolled_back(made: Any) -> None:
    verified(made)
    assert installed(made) in ({"web": "1.0", "io": "1.0"}, {"web": "2.0", "io": "1.0", "more": "1.0"})
    made.run("sync --frozen").ok()
    verified(made)


def names(made: Any) -> list[str]:
    """The names that there are."""
    told = json.loads(made.run("env list --json").ok().stdout)
    found = told["environments"] if isinstance(told, dict) else told
    return sorted(each["name"] for each in found if each.get("name"))


def cloned(made: Any) -> None:
    found = names(made)
    assert found in (["one"], ["one", "two"])
    for name in found:
        verified(made, f"-n {name}")
    if "two" not in found:
        made.run("env clone one two").ok()
        verified(made, "-n two")
    tidy(made, {"one", "two"})


def renamed(made: Any) -> None:
    made.run("env create settles").ok()  # the next command that changes something there
    found = [name for name in names(made) if name != "settles"]
    assert found in (["one"], ["two"])
    verified(made, f"-n {found[0]}")
    tidy(made, {found[0], "settles"})


def unpacked(made: Any) -> None:
    place = made / "out"
    if place.exists():
        assert "there is an environment in" in made.run("env unpack one.tar.gz out").stderr
    else:
        made.run("env unpack one.tar.gz out").ok()
    ran = made.run("env verify --deep --no-lock --json", environ={"HUTCH_PROJECT_ENVIRONMENT": "out"})
    told = json.loads(ran.stdout)
    assert (told["faults"], told["notes"], told["packages"]) == ([], [], 2)
    left = [name for name in os.listdir(made.path) if name.startswith(".out")]
    assert left == [] or place.exists(), left


def mended(made: Any) -> None:
    made.run("doctor --fix --check moved-environment").ok()
    verified(made)


def tidy(made: Any, expected: set[str]) -> None:
    folder = Path(made.environ["HUTCH_DATA_DIR"]) / "envs"
    assert {name for name in os.listdir(folder) if not name.startswith(".lock")} == expected


CASES: dict[str, tuple[Callable[[Any], None], str, Callable[[Any], None]]] = {
    "sync, the first": (cold, "sync", synced),
    "sync, a change": (upgraded, "sync --frozen", synced),
    "rollback": (twice, "env rollback", rolled_back),
    "clone": (one, "env clone one two", cloned),
    "rename": (one, "env rename one two", renamed),
    "unpack": (packed, "env unpack one.tar.gz out", unpacked),
    "repair": (moved, "doctor --fix --check moved-environment", mended),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_killed_at_a_drawn_moment_the_next_command_leaves_it_verified(world, case):
    kill_at_moments(world, case, MOMENTS)


@pytest.mark.parametrize("case", ["sync, a change", "rollback", "clone"])
def test_killed_at_two_drawn_moments(world, case):
    kill_at_moments(world, case, 2)


def kill_at_moments(world: Callable[[int], Any], case: str, moments: int) -> None:
    """Each in a world of its own; a failure says which moment it was."""
    before, command, after = CASES[case]
    draw = random.Random(f"{SEED} {case}")
    first = world(0)
    before(first)
    total = count_changes(first, command)
    after(first)
    again = world(1)
    before(again)
    start = time.monotonic()
    again.run(command, apart=True).ok()
    duration = time.monotonic() - start
    killed = 0
    for number in range(moments):
        by_clock = number % 2 == 1
        # The first command of all may have more to change than those after it; one draw is early enough.
        last = total if number else max(1, total // 3)
        moment: float = draw.uniform(0, duration) if by_clock else draw.randint(1, last)
        made = world(number + 2)
        before(made)
        code = (
            killed_after(made, command, moment)
            if by_clock
            else killed_at(made, command, int(moment)).returncode
        )
        assert code in (0, -signal.SIGKILL), (case, SEED, number, moment)
        killed += code != 0
        try:
            after(made)
        except AssertionError as error:
            at = f"{moment:.4f} of {duration:.2f} s" if by_clock else f"change {moment} of {total}"
            raise AssertionError(f"{case}, seed {SEED}, moment {number}, killed at {at}") from error
        for path in (made.environ["HUTCH_CACHE_DIR"], made.environ["HUTCH_DATA_DIR"], str(made.path)):
            shutil.rmtree(path, ignore_errors=True)
    # By the clock some come too late, on a machine that has other things to do.
    assert killed >= max(1, moments // 6)
