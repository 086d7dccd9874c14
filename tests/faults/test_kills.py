"""``kill -9``, SIGTERM and Ctrl-C at any moment (F01 to F06 of the table of faults).

After each the next command puts right what there is to be put right, and then nothing is wrong: not with a
file of the environment (``env verify --deep``), not with the store, not with the lock or the manifest.

The points are drawn with a seed that is the same in every run. ``HYPOTHESIS_PROFILE=slow`` takes 300.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from commands.support import installed, locked, manifest
from faults.killing import count_changes, killed_at, points

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")

# Of all the cases below together.
POINTS = 300 if os.environ.get("HYPOTHESIS_PROFILE") == "slow" else 20


@pytest.fixture
def indexed(index):
    index.add_wheel("web", "1.0", requires=["io"], console_scripts={"web": "web:main"})
    index.add_wheel(
        "web", "2.0", requires=["io", "more"], console_scripts={"web": "web:main", "web2": "web:main"}
    )
    index.add_wheel("io", "1.0", files={f"io{i}/__init__.py": f"x = {i}\n" for i in range(8)})
    index.add_wheel("more", "1.0", files={"io1/more.py": "", "more.py": ""}, data={"data/share/more": "x"})
    index.add_wheel("extra", "1.0")
    return index


def cold(made: Any) -> None:
    """Nothing was done yet."""


def synced(made: Any) -> None:
    made.run("sync").ok()


def upgraded(made: Any) -> None:
    made.run("sync").ok()
    made.write({"pyproject.toml": manifest("web")})


def twice(made: Any) -> None:
    made.run("sync").ok()
    made.write({"pyproject.toml": manifest("web")})
    made.run("upgrade").ok()


def stale(made: Any) -> None:
    made.run("sync").ok()
    shutil.rmtree(made / ".venv")
    for directory, directories, files in os.walk(str(made.environ["HUTCH_CACHE_DIR"])):
        for name in [*files, *directories]:
            if "/files" not in directory and "/data" not in directory:
                os.utime(os.path.join(directory, name), (1.5e9, 1.5e9))


# What was done before, the command that dies, and its share of the points. A cold sync publishes into the
# store, and builds the environment.
CASES = {
    "F01 sync, and publication": (cold, "sync", 0.3),
    "F02 upgrade": (upgraded, "upgrade", 0.2),
    "F01 add": (synced, "add extra", 0.2),
    "F01 remove": (synced, "remove web", 0.1),
    "F02 rollback": (twice, "env rollback", 0.15),
    "K01 prune": (stale, "cache prune --limit 0", 0.05),
}


def share(case: str) -> int:
    return max(1, round(POINTS * CASES[case][2]))


def fresh(project: Callable[..., Any], tmp_path: Any, number: int, before: Callable[[Any], None]) -> Any:
    made = project(manifest("web<2"), HUTCH_CACHE_DIR=str(tmp_path / f"cache-{number}"))
    before(made)
    return made


def assert_sound(made: Any) -> None:
    """The next command, and then a look at everything."""
    ran = made.run("sync")
    assert ran.exit_code == 0, ran.stderr
    told = json.loads(made.run("env verify --deep --json").stdout)
    assert told["faults"] == []
    assert told["notes"] == [], "files that belong to nobody"
    assert installed(made) == {name: version for name, version in locked(made).items() if name != "demo"}
    made.run("sync --locked").ok()
    made.run("cache verify --deep").ok()
    assert not (made / ".venv" / ".hutch" / "journal").exists()
    assert len(made.tree()) <= 3, "more than one stray file"


@pytest.mark.parametrize("case", CASES)
@pytest.mark.slow
def test_killed_anywhere_the_next_command_repairs(project, indexed, tmp_path, case):
    before, command, _ = CASES[case]
    total, killed = count_changes(fresh(project, tmp_path, 0, before), command), 0
    for number in points(random.Random(case), total, share(case)):
        made = fresh(project, tmp_path, number, before)
        done = killed_at(made, command, number)
        assert done.returncode in (-signal.SIGKILL, 0), (number, total, done.stderr)
        killed += done.returncode != 0
        assert_sound(made)
    assert killed


@pytest.mark.parametrize("case", ["F02 upgrade", "F02 rollback"])
def test_what_a_killed_change_leaves_works_without_another_sync(project, indexed, tmp_path, case):
    """The old environment or the new one: any command that looks at it makes it so, offline."""
    before, command, _ = CASES[case]
    first = fresh(project, tmp_path, 0, before)
    old = installed(first)
    total = count_changes(first, command)
    new = installed(first)
    for number in points(random.Random(f"{case} alone"), total, share(case)):
        made = fresh(project, tmp_path, number, before)
        killed_at(made, command, number)
        told = json.loads(made.run("env verify --deep --json --offline").stdout)
        assert (told["faults"], told["notes"]) == ([], []), number
        assert installed(made) in (old, new), number


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["F04 SIGTERM", "F03 SIGINT"])
def test_told_to_end_in_the_middle_of_a_change(project, indexed, tmp_path, number):
    """SIGTERM leaves it to the next command; Ctrl-C puts things back at once, in less than a second."""
    before, command, _ = CASES["F02 upgrade"]
    first = fresh(project, tmp_path, 0, before)
    old = installed(first)
    total = count_changes(first, command)
    new = installed(first)
    for at in points(random.Random(int(number)), total, max(4, POINTS // 20)):
        made = fresh(project, tmp_path, at, before)
        start = time.monotonic()
        done = killed_at(made, command, at, number)
        if number == signal.SIGINT:
            assert done.returncode in (0, 4), (at, done.stderr)
            assert "Traceback" not in done.stderr
            assert not (made / ".venv" / ".hutch" / "journal").exists(), at
            assert installed(made) in (old, new)
            assert time.monotonic() - start < 20
        else:
            assert done.returncode in (-signal.SIGTERM, 0)
        assert_sound(made)


@pytest.fixture
def large(project, index):
    """An upgrade of 3,000 files, which takes long enough to be met in the middle."""
    for version in ("1.0", "2.0"):
        files = {f"large/d{n % 60}/m{n}_{version[0]}.py": f"x = {n}\n" for n in range(3000)}
        index.add_wheel("large", version, files=files, console_scripts={"large": "large:main"})
    made = project(manifest("large<2"))
    made.run("sync").ok()
    made.write({"pyproject.toml": manifest("large")})
    made.run("lock --upgrade").ok()
    # In the store already, so that all of the time goes into the environment.
    other = project(manifest("large>=2"))
    other.run("sync").ok()
    return made


def met_in_the_middle(made: Any, number: int, late: float) -> tuple[Any, float]:
    """Start a sync, send the signal so many seconds after its change began; its end, and how long it took."""
    journal = made / ".venv" / ".hutch" / "journal"
    process = made.start("sync --frozen", stdout=-1, stderr=-1)
    limit = time.monotonic() + 60
    while not journal.exists() and process.poll() is None:
        assert time.monotonic() < limit
    time.sleep(late)
    start = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    return process.returncode, time.monotonic() - start


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_f01_to_f04_by_the_clock(large, number):
    """The moment is drawn by the clock, so that it falls into system calls too."""
    seed = random.Random(int(number))
    rounds, cut = (18 if POINTS == 300 else 3), 0
    for _ in range(rounds):
        code, seconds = met_in_the_middle(large, number, seed.uniform(0, 0.1))
        if number == signal.SIGINT:
            # Whom the signal meets when all is done and Python ends, it ends as any program.
            assert code in (0, 4) or (code == -number and installed(large)["large"] == "2.0")
            assert seconds < 5, "a second, where nobody else works"
        else:
            assert code in (0, -number)
        cut += code != 0
        told = json.loads(large.run("env verify --deep --json").stdout)
        assert (told["faults"], told["notes"]) == ([], [])
        # Whom the signal meets while it takes its journal away leaves that to the next command, such as this.
        assert not (large / ".venv" / ".hutch" / "journal").exists()
        assert installed(large)["large"] in ("1.0", "2.0")
        if installed(large)["large"] == "2.0":
            large.run("env rollback").ok()  # the first is one of the last ten no more, after a while
    assert_sound(large)


def test_killed_while_it_downloads(project, indexed, tmp_path):
    """F05: what was fetched is not fetched again."""
    indexed.add_wheel("large", "1.0", files={"large.bin": os.urandom(1 << 20)})
    made = project(manifest("large"))
    made.run("lock").ok()
    fault = indexed.fault("*/large*.whl", cut=700_000, kind="timeout", times=1)
    process = made.start("sync", stdout=-1, stderr=-1)
    limit = time.monotonic() + 30
    while not indexed.asked("*/large*.whl"):
        assert time.monotonic() < limit
        time.sleep(0.01)
    time.sleep(0.3)
    process.kill()
    process.communicate(timeout=30)
    if fault in indexed.faults:
        indexed.faults.remove(fault)
    assert_sound(made)


def test_killed_while_it_locks(project, indexed, tmp_path):
    """F06: the old lock or the new one, and no remains of one."""
    first = fresh(project, tmp_path, 0, synced)
    before = first.read("pylock.toml")
    first.write({"pyproject.toml": manifest("web")})
    total = count_changes(first, "lock --upgrade")
    after = first.read("pylock.toml")
    assert before != after
    for number in points(random.Random(6), total, max(6, POINTS // 20)):
        made = fresh(project, tmp_path, number, synced)
        made.write({"pyproject.toml": manifest("web")})
        assert killed_at(made, "lock --upgrade", number).returncode in (-signal.SIGKILL, 0)
        text = made.read("pylock.toml")
        assert _versions(text) in (_versions(before), _versions(after)), number
        assert_sound(made)


def _versions(text: str) -> dict[str, str]:
    import tomllib

    return {each["name"]: each.get("version", "") for each in tomllib.loads(text)["packages"]}
