"""The end of the process: at once, unless somebody waits for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import hutch

SOURCE = str(Path(hutch.__file__).parents[1])
START = f"""\
import sys
sys.path.insert(0, {SOURCE!r})
from hutch.cli import leave
class Last:
    def __del__(self): sys.stdout.write("taken apart ")
last = Last()
"""


def end(body: str, *options: str, stdout: int = subprocess.PIPE) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-IS", *options, "-c", START + body],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_nothing_is_taken_apart_and_nothing_is_lost():
    body = "sys.stdout.write('said '); sys.stderr.write('told'); leave(3)"
    assert end(body) == (3, "said ", "told")


WAITING = {
    "what is registered for the exit": "import atexit; atexit.register(print, 'bye')",
    "a thread": "from threading import Timer; Timer(0.1, lambda: print('bye')).start()",
    "a profiler": "print('bye'); import cProfile; cProfile.Profile().enable()",
}


@pytest.mark.parametrize("body", WAITING.values(), ids=WAITING)
def test_who_has_something_to_do_at_the_end_does_it(body):
    code, said, _ = end(f"{body}; leave(3)")
    assert (code, sorted(said.split())) == (3, ["apart", "bye", "taken"])


def test_a_debugger_sees_the_usual_end():
    body = "import os; os._exit = print; sys.settrace(lambda *_: None); leave(3)"
    assert end(body)[:2] == (3, "")
    assert end("import os; os._exit = lambda code: print('at once'); leave(3)")[1].startswith("at once")


def test_in_development_mode_python_looks_for_what_was_left_open():
    assert end("leave(0)", "-X", "dev")[:2] == (0, "taken apart ")


def test_threads_that_nobody_waits_for_end():
    thread = "threading.Thread(target=time.sleep, args=(60,), daemon=True)"
    body = f"import threading, time; {thread}.start(); leave(0)"
    assert end(body) == (0, "", "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_what_cannot_be_written_is_not_kept_quiet():
    with open("/dev/full", "wb") as full:
        code, _, told = end("sys.stdout.write('said'); leave(0)", stdout=full.fileno())
    assert (code, "error: not all was written: No space left" in told) == (1, True)


def test_a_command_ends_so():
    body = "from hutch.cli import program; sys.argv = ['hutch', {!r}]; program()"
    assert end(body.format("--version")) == (0, f"hutch {hutch.__version__}\n", "")
    assert end(body.format("lck"))[:2] == (2, "")
