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
    while not poller.poll(0) and work():
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
    if hasattr(os, "posix_spawn") and hasattr(os, "waitid"):
        try:
            spawned = _Spawned(argv, environ)
        except NotImplementedError:  # a C library that starts no sessions
            pass
        else:
            return spawned.answer(seconds, until, most, meanwhile)
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


class _Spawned:
    """The same without ``subprocess``, whose import takes a third of the time in which a Python answers."""

    def __init__(self, argv: list[str], environ: Mapping[str, str]) -> None:
        import _signal as signal  # type: ignore[import-not-found]  # the one around it brings enum

        self.pipe, theirs = os.pipe()
        try:
            self.process = os.posix_spawn(
                argv[0],
                argv,
                dict(environ),
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, theirs, 1),
                    (os.POSIX_SPAWN_DUP2, theirs, 2),
                ],
                setsid=True,
                setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
            )
        except BaseException:
            os.close(self.pipe)
            raise
        finally:
            os.close(theirs)

    def answer(self, seconds: float, until: bytes, most: int, meanwhile: Callable[[], bool] | None) -> Answer:
        """See ``run_limited``."""
        import time

        late = time.monotonic() + seconds
        output, stopped = bytearray(), "time"
        try:
            if meanwhile is not None:
                _do_something(self.pipe, lambda: time.monotonic() < late and meanwhile())
            while self._waits(late):
                piece = os.read(self.pipe, 65536)
                output += piece
                if until and output.find(until, max(0, len(output) - len(piece) - len(until))) >= 0:
                    return Answer(code=0, output=bytes(output))
                if len(output) > most:
                    stopped = "output"
                    break
                if not piece:
                    stopped = "" if self._ends(late) else "time"
                    break
        finally:
            code = self._end()
        return Answer(code=None if stopped else code, output=bytes(output), stopped=stopped)

    def _waits(self, late: float) -> bool:
        """Wait until there is something to read; False where it is too late for that."""
        import time
        from select import POLLIN, poll

        poller = poll()
        poller.register(self.pipe, POLLIN)
        return bool(poller.poll(max(0.0, late - time.monotonic()) * 1000))

    def _ends(self, late: float) -> bool:
        """Wait until the program has ended, and leave its number to it."""
        import time

        try:
            while os.waitid(os.P_PID, self.process, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
                if time.monotonic() >= late:
                    return False
                time.sleep(0.001)
        except ChildProcessError:
            pass  # who started us ignores SIGCHLD, so the system has taken it already
        return True

    def _end(self) -> int:
        """End the program with its group, and give its code."""
        # Not yet waited for, it still holds its number, so that no stranger is hit.
        import _signal as signal

        os.close(self.pipe)
        try:
            os.killpg(self.process, signal.SIGKILL)
        except OSError:
            pass  # nobody is left
        try:
            status = os.waitpid(self.process, 0)[1]
        except ChildProcessError:
            return 0  # nobody knows; what it said has to do
        return os.waitstatus_to_exitcode(status)
