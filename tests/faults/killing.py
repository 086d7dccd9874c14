"""A command that dies before its n-th change of a file; so it is nowhere left to luck where it dies."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from typing import Any

__all__ = ["count_changes", "killed_after", "killed_at", "points"]

# Counts what CPython announces to audit hooks, and dies before the one that was named; with 0, lives.
KILLER = """\
import os, sys
sys.dont_write_bytecode = True  # its own would be counted the first time, and never again
left = int(os.environ.pop("KILL_AT"))
number = int(os.environ.pop("KILL_WITH"))
note = os.environ.pop("KILL_NOTE")
seen = 0
CHANGES = "os.rename os.remove os.rmdir os.mkdir os.link os.symlink os.chmod os.truncate os.utime".split()
def watch(event, args):
    global seen
    if event in CHANGES or (event == "open" and isinstance(args[1], str) and args[1][:1] in "wax") or (
        event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    ):
        seen += 1
        if seen == left:
            os.kill(os.getpid(), number)
sys.addaudithook(watch)
"""


def _run(made: Any, command: str, at: int, signal: int, note: str) -> subprocess.CompletedProcess[str]:
    launcher = made.launcher
    body = launcher[-1].replace("leave(main())", "code = main()")
    body = f"{KILLER}\n{body}\nopen(note, 'w').write(str(seen)) if not left else None\nsys.exit(code)"
    environ = made.variables | {"KILL_AT": str(at), "KILL_WITH": str(signal), "KILL_NOTE": note}
    return subprocess.run(
        [*launcher[:-1], body, *command.split()],
        cwd=made.path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def count_changes(made: Any, command: str) -> int:
    """How many changes the command makes when it is left alone."""
    note = str(made.home / "changes")
    done = _run(made, command, 0, 9, note)
    assert done.returncode == 0, done.stderr
    with open(note) as file:
        return int(file.read())


def killed_at(made: Any, command: str, at: int, signal: int = 9) -> subprocess.CompletedProcess[str]:
    """Run the command, which gets the signal before that change."""
    return _run(made, command, at, signal, "")


def points(seed: Any, total: int, wanted: int) -> Iterator[int]:
    """Different points of a command with so many changes, in order; all of them, if there are no more."""
    yield from sorted(seed.sample(range(1, total + 1), min(wanted, total)))


def killed_after(made: Any, command: str, seconds: float) -> int:
    """Start the command, kill it after so many seconds; how it ended."""
    process = made.start(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    process.kill()
    process.communicate(timeout=60)
    return int(process.returncode)
