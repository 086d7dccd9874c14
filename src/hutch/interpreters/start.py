"""Start an interpreter once and take its answer; this is the only place of the room that runs one.

Safe against what surrounds it: ``-I -S`` keeps out the current directory, `PYTHON*` variables,
`site`, `.pth` files and `sitecustomize`; the answer stands between marks made up for this one call; a
silent, endless or talkative program is stopped; the whole process group goes with it.
"""

from __future__ import annotations

import os

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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


def _do_something(pipe: int, work: Callable[[], bool]) -> None:
    """Call ``work`` again and again until somebody writes to the pipe, or there is nothing left to do."""
    if os.name == "nt":  # there is no asking a pipe whether it can be read
        return
    from select import POLLIN, poll

    poller = poll()
    poller.register(pipe, POLLIN)
    while work() and not poller.poll(0):
        pass


def run_limited(
    argv: list[str],
    *,
    environ: Mapping[str, str],
    seconds: float,
    until: bytes = b"",
    most: int = MOST_OUTPUT,
    meanwhile: Callable[[], bool] | None = None,
) -> Answer:
    """Run ``argv`` in a process group of its own, with no input, and read what it says.

    Ends when the program does, when ``until`` was said (a background child may hold the pipe open
    for ever), after ``seconds``, or after ``most`` bytes. As long as nothing is said, ``meanwhile`` is called
    until it has nothing to do. Raises OSError if it cannot be started.
    """
    import subprocess

    from hutch.processes import running

    output = bytearray()
    said = talkative = False
    with running(argv, environ=environ, seconds=seconds, output=subprocess.PIPE) as one:
        pipe = one.process.stdout
        assert pipe is not None
        with pipe:
            if meanwhile is not None:
                _do_something(pipe.fileno(), meanwhile)
            while not (said or talkative):
                piece = os.read(pipe.fileno(), 65536)
                if not piece:
                    break
                output += piece
                said = bool(until) and output.find(until, max(0, len(output) - len(piece) - len(until))) >= 0
                talkative = len(output) > most
        if not (said or talkative):
            one.wait()
    if said:
        return Answer(code=0, output=bytes(output))
    if one.stopped or talkative:
        return Answer(code=None, output=bytes(output), stopped="output" if talkative else "time")
    return Answer(code=one.process.returncode, output=bytes(output))
