"""``kill -9`` at drawn moments of ``python install``: the next command leaves Pythons that work, no more.

How moments are drawn is told in `test_environment_kills.py`.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from commands.support import manifest
from faults.killing import count_changes, killed_after, killed_at
from faults.test_environment_kills import SEED, SLOW
from interpreters.managed.archives import shelf, table

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's"),
]
MOMENTS = 100 if SLOW else 6


@pytest.fixture(scope="module")
def mirror(real_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table and archives of real Pythons."""
    _, found = shelf(real_home, tmp_path_factory.getbasetemp() / "shelf-of-pythons")
    named = {".".join(map(str, one.version)): one for one in found}
    if not {"3.12.1", "3.13.0"} <= named.keys():
        pytest.skip("pyenv has no 3.12.1 and 3.13.0 here to make archives from")
    folder = tmp_path_factory.mktemp("mirror")
    archives = [named["3.12.1"], named["3.13.0"]]
    for one in archives:
        os.link(one.path, folder / one.name)
    (folder / "versions.json").write_bytes(table(archives))
    return folder


def test_killed_at_a_drawn_moment_of_an_installation(project, mirror, tmp_path):
    command = "python install 3.12 3.13"

    def world(number: int) -> Any:
        return project(
            manifest(),
            HUTCH_PYTHON_MIRROR=str(mirror),
            HUTCH_PYTHON=None,
            HUTCH_CACHE_DIR=str(tmp_path / f"cache-{number}"),
            HUTCH_DATA_DIR=str(tmp_path / f"data-{number}"),
        )

    draw = random.Random(f"{SEED} {command}")
    total = count_changes(world(0), command)
    start = time.monotonic()
    world(1).run(command, apart=True).ok()
    duration = time.monotonic() - start
    killed = 0
    for number in range(MOMENTS):
        made, by_clock = world(number + 2), number % 2 == 1
        moment: float = draw.uniform(0, duration) if by_clock else draw.randint(1, total)
        if by_clock:
            code = killed_after(made, command, moment)
        else:
            code = killed_at(made, command, int(moment)).returncode
        where = (SEED, number, moment, total, duration)
        assert code in (0, -signal.SIGKILL), where
        killed += code != 0
        # What is there under its name works, before anybody repairs anything.
        folder = Path(made.environ["HUTCH_DATA_DIR"]) / "python"
        for path in sorted(folder.glob("cpython-*/bin/python3")) if folder.is_dir() else ():
            assert works(path), (where, path)
        made.run(command).ok()
        found = sorted(path for path in folder.glob("cpython-3.1?.?-*") if not path.is_symlink())
        assert len(found) == 2, (where, found)
        assert all(works(path / "bin" / "python3") for path in found), where
        if list(folder.glob(".work-v1/*")):
            # A child that outlives its parent for a moment, between fork and exec, holds the lock as well.
            made.run(command).ok()
        assert not list(folder.glob(".work-v1/*")), where
        shutil.rmtree(made.environ["HUTCH_DATA_DIR"])
        shutil.rmtree(made.environ["HUTCH_CACHE_DIR"])
    assert killed >= max(1, MOMENTS // 6)


def works(python: Path) -> bool:
    code = "import sys, os; print(os.path.realpath(sys.prefix))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.strip() == os.path.realpath(python.parents[1])
