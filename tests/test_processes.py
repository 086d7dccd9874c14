"""A program is ended with all that it started, however the block around it is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from hutch.processes import Running, running

pytestmark = pytest.mark.skipif(os.name == "nt", reason="process groups are for POSIX")

CHILD = "import subprocess, sys, time\nsubprocess.Popen(['sh', '-c', 'sleep 0.7; touch ' + sys.argv[1]])\n"


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """A file that a child left behind would make."""
    return tmp_path / "mark"


def start(
    code: str, *words: object, seconds: float = 30.0, **options: Any
) -> AbstractContextManager[Running]:
    argv = [sys.executable, "-I", "-c", code, *map(str, words)]
    return running(argv, environ={}, seconds=seconds, output=subprocess.DEVNULL, **options)


def left_alone(mark: Path) -> bool:
    time.sleep(1.0)
    return not mark.exists()


def test_children_end_with_a_program_that_ends(mark: Path) -> None:
    with start(CHILD, mark) as one:
        one.wait()
    assert one.process.returncode == 0
    assert one.stopped == ""
    assert left_alone(mark)


def test_children_end_after_its_time(mark: Path) -> None:
    with start(CHILD + "time.sleep(60)", mark, seconds=0.4) as one:
        one.wait()
    assert (one.stopped, one.process.returncode) == ("time", -signal.SIGKILL)
    assert left_alone(mark)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, ValueError])
def test_children_end_when_something_else_happens(mark: Path, kind: type[BaseException]) -> None:
    def leave() -> None:
        time.sleep(0.3)
        raise kind

    with pytest.raises(kind), start(CHILD + "time.sleep(60)", mark) as one:
        leave()
    assert one.process.returncode == -signal.SIGKILL
    assert left_alone(mark)


def test_who_watches_can_end_it() -> None:
    with start("import time; time.sleep(60)", watch=lambda: "enough") as one:
        one.wait()
    assert (one.stopped, one.process.returncode) == ("enough", -signal.SIGKILL)


@pytest.mark.parametrize(("answers", "code"), [("sys.exit(5)", 5), ("None", -signal.SIGKILL)])
def test_a_gentle_program_is_asked_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: str, code: int
) -> None:
    import hutch.processes

    monkeypatch.setattr(hutch.processes, "GRACE", 0.5)
    ready = tmp_path / "ready"
    script = f"import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: {answers})\n"
    script += "open(sys.argv[1], 'w').close()\nfor _ in range(600): time.sleep(0.1)\n"
    with start(script, ready, gentle=True) as one:
        until(ready.exists)
    assert one.process.returncode == code


def until(holds: Callable[[], bool]) -> None:
    late = time.monotonic() + 20
    while not holds() and time.monotonic() < late:
        time.sleep(0.01)
    assert holds()


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError),
        running([str(tmp_path / "nonexistent")], environ={}, seconds=1, output=subprocess.DEVNULL),
    ):
        pass
