"""Listing and finding Pythons: how many processes that takes, and how much is read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from effort.counting import SOURCE
from interpreters.fakes import fake_python

if os.name == "nt":
    pytest.skip("these tests lay out a POSIX machine", allow_module_level=True)

STARTS = ("os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.exec", "os.system", "subprocess.Popen")
PIECE = f"""
import sys
sys.path.insert(0, {SOURCE!r})
import packaging
started, opened = [], []
def hear(event, arguments):
    if event in {STARTS!r}: started.append(event)
    if event in ("open", "os.listdir", "os.scandir"): opened.append(str(arguments[0]))
from hutch.cli.main import main
sys.addaudithook(hear)
code = main(sys.argv[1:])
print()
import json
print(json.dumps([code, started, [name for name in opened if "hutch/" not in name and name.startswith("/")]]))
"""


def costs(words: list[str], directory: Path, environ: dict[str, str]) -> tuple[list[str], list[str]]:
    """What a command started, and what it opened besides hutch's own files."""
    done = subprocess.run(
        [sys.executable, "-c", PIECE, *words], cwd=directory, env=environ, capture_output=True, text=True
    )
    code, started, opened = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stderr
    return started, opened


def alone(home: Path, **variables: str) -> dict[str, str]:
    """The variables of a machine of its own."""
    found = {"HOME": str(home), "PATH": str(home / "bin"), "HUTCH_COMPILE": "off", **variables}
    return {**found, "HUTCH_CACHE_DIR": str(home / "cache"), "HUTCH_DATA_DIR": str(home / "data")}


@pytest.mark.parametrize("words", ["python list --only-installed", "python find 3.12", "python which"])
def test_no_process_for_the_pythons_of_pyenv(tmp_path: Path, real_home: Path, words: str) -> None:
    root = real_home / ".pyenv"
    if not list((root / "versions").glob("3.12.*")):
        pytest.skip("pyenv has no Python 3.12 on this machine")
    environ = alone(tmp_path, PYENV_ROOT=str(root))
    for _ in range(2):
        assert costs(words.split(), tmp_path, environ)[0] == []


def test_what_is_read_grows_with_the_pythons(tmp_path: Path) -> None:
    """A few files each, the second time as the first; nothing of a library is walked."""
    reads = []
    for count in (4, 24):
        home = tmp_path / str(count)
        for number in range(count):
            version = f"3.{60 + number}.1"
            python = fake_python(home / ".pyenv" / "versions" / version, version)
            library = python.parents[1] / "lib" / f"python3.{60 + number}"
            for name in range(50):
                (library / f"m{name}.py").touch()
        (home / "bin").mkdir()
        costs(["python", "list", "--only-installed"], home, alone(home))
        opened = costs(["python", "list", "--only-installed"], home, alone(home))[1]
        reads.append(len([name for name in opened if "/versions/" in name]))
    # One that is opened with care is heard of twice.
    assert reads[1] - reads[0] <= 20 * 28
