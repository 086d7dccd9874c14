"""What the verbs of conda write for programs, for quiet users, and for narrow terminals."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from commands.conda_world import alone, library, make_demo, python
from hutch.cli.table import every_command

C = "-c ./chan --override-channels"
VERBS = [
    command
    for command in every_command()
    if command.path[0] == "conda" and any(option.name == "json" for option in command.options)
]
WORDS = {"specs": "numpy", "names": "numpy", "spec": "numpy", "pattern": "numpy"}


@pytest.fixture
def demo(project: Callable[..., Any]) -> Any:
    needs = alone("needs", depends=["libfoo >=9"])
    return make_demo(project, [python(), library(), library("2.0"), alone(), needs])


@pytest.mark.parametrize("command", VERBS, ids=lambda command: command.title)
def test_one_document_whatever_happens(command: Any, demo: Any) -> None:
    """Each verb that there is, in a directory with nothing: what it says, and what is wrong, is one JSON."""
    words = " ".join(WORDS.get(positional.field, "x") for positional in command.positionals)
    for more in ("", "-n nowhere", "-c ./nowhere --override-channels -n nowhere", "-q -n nowhere"):
        ran = demo.run(f"{command.title} {words} {more} --json", environ={"CONDA_CHANNELS": "./nowhere"})
        assert ran.exit_code in (0, 1, 2, 3), (ran.command, ran.stderr)
        assert "Traceback" not in ran.stderr
        found = json.loads(ran.stdout) if ran.stdout else None
        if ran.exit_code in (1, 3):
            assert found is not None
            assert all({"code", "what", "why", "hints"} <= problem.keys() for problem in found["problems"])


def test_one_document_each_on_a_good_day(demo: Any) -> None:
    said = {}
    for words in (
        f"conda create -n sci {C} python libfoo=1 --dry-run", f"conda create -n sci {C} python libfoo=1",
        f"conda install -n sci {C} alone", f"conda update -n sci {C} libfoo", "conda list -n sci",
        "conda export -n sci", "conda env export -n sci --from-history", "conda env list",
        f"conda search {C} libfoo", "conda remove -n sci alone", "conda env remove -n sci --dry-run",
        "conda env remove -n sci",
    ):  # fmt: skip
        ran = demo.run(f"{words} --json")
        assert ran.exit_code == 0, (words, ran.stderr)
        said[words] = json.loads(ran.stdout)
        assert ran.stderr == "", words
    created = said[f"conda create -n sci {C} python libfoo=1"]
    assert {step["name"]: step["version"] for step in created["steps"]} == {
        "libfoo": "1.0",
        "python": "3.12.4",
    }
    assert created["success"]


def test_quiet_is_quiet(demo: Any) -> None:
    for words in (
        f"create -n sci {C} alone",
        f"install -n sci {C} libfoo",
        "remove -n sci alone",
        "env remove -n sci",
    ):
        ran = demo.run(f"-q conda {words}")
        assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "", ""), words
    ran = demo.run(f"-q conda create -n sci {C} needs")
    assert (ran.exit_code, ran.stderr[:7]) == (1, "error: ")


@pytest.mark.skipif(os.name == "nt", reason="a terminal of POSIX")
@pytest.mark.parametrize("columns", [40, 80])
def test_what_is_wrong_fits_the_terminal(columns: int, demo: Any) -> None:
    for words in (
        f"create -n sci {C} needs 'libfoo<2'",
        f"create -n sci {C} nothing-like-it",
        "list",
        "instal x",
    ):
        seen = on_a_terminal(demo, f"conda {words}", columns)
        assert "error:" in seen
        assert "\x1b[" not in seen
        assert max(map(len, seen.splitlines())) <= columns, seen


def on_a_terminal(demo: Any, command: str, columns: int) -> str:
    """What is written to a terminal of that width, where NO_COLOR is set."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    words = [*demo.launcher, *shlex.split(command)]
    environ = {**os.environ, **demo.environ, "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": None}
    child = subprocess.Popen(
        words, cwd=demo.path, env={key: value for key, value in environ.items() if value is not None},
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    child.wait()
    os.close(ours)
    return seen.decode()
