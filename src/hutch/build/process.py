"""Run a build command: a process group of its own, a time limit, and its output in a file.

The output goes to a file, not to a pipe, so that a process left behind by the build cannot hold us up.
Whatever way the build ends (well, badly, late, by Ctrl-C), its group is ended with it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess

__all__ = ["Ended", "read_tail", "run_logged"]

MOST_SHOWN = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended; ``code`` is None if it was stopped for taking too long."""

    code: int | None


def run_logged(
    argv: Sequence[str], *, directory: str, variables: Mapping[str, str], log: Path, seconds: float
) -> Ended:
    """Run ``argv`` in ``directory``; both output streams are appended to ``log``. Raises OSError."""
    import subprocess
    import threading

    windows = os.name == "nt"
    names = ("CREATE_NEW_PROCESS_GROUP", "CREATE_NO_WINDOW") if windows else ()
    with open(log, "ab") as output:
        process = subprocess.Popen(
            list(argv),
            cwd=directory,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            close_fds=True,
            start_new_session=not windows,
            creationflags=sum(getattr(subprocess, name, 0) for name in names),
        )
    late = threading.Event()

    def stop() -> None:
        if process.returncode is None:
            late.set()
            _end_group(process)

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        _wait_unreaped(process)
    finally:
        timer.cancel()
        # Not yet waited for, the process still holds its number, so this can hit nobody else.
        _end_group(process)
        process.wait()
    return Ended(code=None if late.is_set() else process.returncode)


def _wait_unreaped(process: subprocess.Popen[bytes]) -> None:
    """Wait until the process has ended, and leave it to be waited for once more."""
    waitid = getattr(os, "waitid", None)
    if waitid is None:  # Windows, macOS before Python 3.13
        process.wait()
    else:
        waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    try:
        if os.name != "nt":
            import signal

            os.killpg(process.pid, signal.SIGKILL)
        elif process.returncode is None:
            import subprocess

            subprocess.run(
                ["taskkill", "/F", "/T", "/PID", str(process.pid)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
            process.kill()
    except OSError:
        pass  # nobody is left


def read_tail(log: Path, most: int = MOST_SHOWN) -> str:
    """The last ``most`` bytes of a log as text."""
    try:
        with open(log, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - most))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
