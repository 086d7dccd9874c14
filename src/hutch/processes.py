"""Start a program so that it can be ended with all that it started.

It gets a process group (a session) of its own, no input, and a limit of time. However the block that
watches it is left (well, badly, by Ctrl-C), the group is ended before the number of the process is given
back to the system, so that no signal hits a stranger. Output goes where the caller says: to a pipe that
is read with a limit, or to a file, so that a process left behind cannot hold us up.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import IO

__all__ = ["Running", "running"]

GRACE = 2.0
"""Seconds that a program which ends its own children has for it, before it is ended itself."""
LOOKS = 0.25
"""Seconds between two looks at what a program has done so far."""


class Running:
    """A program under way. ``stopped`` says why it was ended early: ``time``, or what the watcher said."""

    def __init__(self, process: subprocess.Popen[bytes], gentle: bool) -> None:
        self.process = process
        self.stopped = ""
        self._gentle = gentle

    def wait(self) -> None:
        """Wait until it has ended, and leave its number to it."""
        waitid = getattr(os, "waitid", None)
        if waitid is None:  # Windows, macOS before Python 3.13
            self.process.wait()
        else:
            waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)

    def end(self) -> None:
        """End it with its group. One that is `gentle` is asked first, and ends what left the group."""
        process = self.process
        try:
            if os.name == "nt":
                if process.returncode is None:
                    _end_tree(process)
                return
            import signal

            if self._gentle and not self._ended():
                os.kill(process.pid, signal.SIGTERM)
                self._wait_a_while()
            os.killpg(process.pid, signal.SIGKILL)
        except OSError:
            pass  # nobody is left

    def _ended(self) -> bool:
        """Whether it has ended, its number still its own."""
        if self.process.returncode is not None:
            return True
        waitid = getattr(os, "waitid", None)
        if waitid is None:
            return self.process.poll() is not None
        return waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def _wait_a_while(self) -> None:
        import time

        late = time.monotonic() + GRACE
        while not self._ended() and time.monotonic() < late:
            time.sleep(0.002)


@contextmanager
def running(
    argv: Sequence[str],
    *,
    environ: Mapping[str, str],
    seconds: float,
    output: int | IO[bytes],
    directory: str | None = None,
    passed: Sequence[int] = (),
    gentle: bool = False,
    watch: Callable[[], str] | None = None,
) -> Iterator[Running]:
    """``argv`` under way for as long as the block lasts; both streams go to ``output``.

    After ``seconds``, or once ``watch`` (asked a few times a second) gives a word, it is ended. ``gentle``
    programs end all their descendants when they get SIGTERM. ``passed`` are descriptors that it inherits.
    Raises OSError if it cannot be started.
    """
    import subprocess
    import threading
    import time

    windows = os.name == "nt"
    names = ("CREATE_NEW_PROCESS_GROUP", "CREATE_NO_WINDOW") if windows else ()
    release = _hold_interrupts()
    try:
        process = subprocess.Popen(
            list(argv),
            cwd=directory,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            close_fds=True,
            pass_fds=tuple(passed),
            start_new_session=not windows,
            creationflags=sum(getattr(subprocess, name, 0) for name in names),
        )
    except BaseException:
        release()
        raise
    one = Running(process, gentle)
    over = threading.Event()
    late = time.monotonic() + seconds

    def look() -> None:
        while not over.wait(max(0.0, min(late - time.monotonic(), LOOKS if watch else seconds))):
            word = "time" if time.monotonic() >= late else watch() if watch else ""
            if word and process.returncode is None:
                one.stopped = word
                one.end()
                return

    try:
        release()
        watcher = threading.Thread(target=look, daemon=True)
        watcher.start()
        yield one
    finally:
        over.set()
        # Not yet waited for, the process still holds its number, so this can hit nobody else. (Where that
        # cannot be had, the number of a group with somebody left in it is not given away either.)
        one.end()
        process.wait()


def _hold_interrupts() -> Callable[[], None]:
    """Have Ctrl-C wait until what is returned is called: a program that was just started, which nobody knows
    of yet, would go on for ever."""
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        return lambda: None  # only the main thread is interrupted
    came: list[int] = []
    try:
        before = signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    except ValueError:  # another interpreter of this process
        return lambda: None

    def release() -> None:
        signal.signal(signal.SIGINT, before if before is not None else signal.SIG_DFL)
        if came:
            signal.raise_signal(signal.SIGINT)

    return release


def _end_tree(process: subprocess.Popen[bytes]) -> None:
    """Windows has no groups to end: its own tool goes through the children."""
    import subprocess

    subprocess.run(
        ["taskkill", "/F", "/T", "/PID", str(process.pid)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    process.kill()
