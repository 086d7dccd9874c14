"""Start an interpreter once and take its answer; this is the only place of the room that runs one.

Safe against what surrounds it: ``-I -S`` keeps out the current directory, `PYTHON*` variables,
`site`, `.pth` files and `sitecustomize`; the answer stands between marks made up for this one call; a
silent, endless or talkative program is stopped; the whole process group goes with it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess

__all__ = ["Answer", "isolated_environment", "run_limited"]

MOST_OUTPUT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a program said (both streams, in the order they came) and how it ended.

    ``code`` is None if it was stopped, and then ``stopped`` says why: ``time`` or ``output``.
    """

    code: int | None
    output: bytes
    stopped: str = ""


def isolated_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """``environ`` without what changes how a Python starts.

    `-I` makes CPython ignore `PYTHON*`, but wrappers read them too; the `_PYTHON*` ones are read by
    `sysconfig` even under `-I`; `__PYVENV_LAUNCHER__` makes a macOS Python believe to be another.
    `SYSTEM_VERSION_COMPAT=0` lets macOS tell its true version.
    """
    clean = {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith(("PYTHON", "_PYTHON", "__PYVENV_LAUNCHER__"))
    }
    clean["SYSTEM_VERSION_COMPAT"] = "0"
    return clean


def run_limited(
    argv: list[str],
    *,
    environ: Mapping[str, str],
    seconds: float,
    until: bytes = b"",
    most: int = MOST_OUTPUT,
) -> Answer:
    """Run ``argv`` in a process group of its own, with no input, and read what it says.

    Ends when the program does, when ``until`` was said (a background child may hold the pipe open
    for ever), after ``seconds``, or after ``most`` bytes. Raises OSError if it cannot be started.
    """
    import subprocess
    import threading

    windows = os.name == "nt"
    names = ("CREATE_NEW_PROCESS_GROUP", "CREATE_NO_WINDOW") if windows else ()
    process = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environ),
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
    output = bytearray()
    said = talkative = False
    assert process.stdout is not None
    try:
        descriptor = process.stdout.fileno()
        while not (said or talkative):
            piece = os.read(descriptor, 65536)
            if not piece:
                break
            output += piece
            said = bool(until) and output.find(until, max(0, len(output) - len(piece) - len(until))) >= 0
            talkative = len(output) > most
        if said or talkative:
            # Ended before it is waited for: only then is the number of its group surely still its own.
            _end_group(process)
        process.wait()
    finally:
        timer.cancel()
        if process.returncode is None:
            _end_group(process)
            process.wait()
        process.stdout.close()
    if said:
        return Answer(code=0, output=bytes(output))
    if late.is_set() or talkative:
        return Answer(code=None, output=bytes(output), stopped="output" if talkative else "time")
    return Answer(code=process.returncode, output=bytes(output))


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the process and the children that stayed in its group."""
    try:
        if os.name == "nt":
            process.kill()
        else:
            import signal

            os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        pass  # it is gone already
