"""The interpreter that the bytecode is for, at work in another process: text in, bytecode out."""

from __future__ import annotations

import os
import signal
import subprocess
import time

from hutch.store.compile_script import ANSWER, REQUEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Compiler"]

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compile_script.py")
MOST_BYTECODE = 64 << 20
GOOD, SPENT, FAILED = 1, 2, 3
"""How a question ends: with bytecode, with a worker that has no memory left, with none."""
WINDOWS = ("CREATE_NO_WINDOW", "CREATE_NEW_PROCESS_GROUP")


class Compiler:
    """The interpreter at work in another process. ``since`` is when it was given its last module."""

    def __init__(self, python: Sequence[str], environ: Mapping[str, str], magic: bytes) -> None:
        windows = os.name == "nt"
        self.broken = self._ended = False
        self.since = time.monotonic()
        self._process = subprocess.Popen(
            [*python, "-I", "-S", "-B", SCRIPT],
            cwd=os.path.dirname(SCRIPT) if windows else "/",
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            close_fds=True,
            # Ctrl-C is for us: a worker that dies of it would look like one that a source has killed.
            start_new_session=not windows,
            creationflags=sum(getattr(subprocess, name, 0) for name in WINDOWS) if windows else 0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        self._magic = magic
        self._known = False

    def ask(self, name: str, source: bytes, date: int) -> tuple[bytes | None, str]:
        """The bytecode, or None and why there is none. `broken`: it cannot be asked again.

        Raises ValueError for an interpreter that is not the one it should be.
        """
        self.since = time.monotonic()
        # It introduces itself, so that no interpreter that cannot even start is taken for a bad source.
        if not self._known and self._read() != (GOOD, self._magic):
            raise ValueError("the interpreter cannot be started, or is another one by now")
        self._known = True
        named = name.encode("utf-8", "surrogateescape")
        try:
            self._input.write(REQUEST.pack(len(named), len(source), date) + named + source)
            self._input.flush()
            good, answer = self._read()
        except (OSError, ValueError):
            good, answer = FAILED, b"the compiler failed"
        self.since = float("inf")
        self.broken = good >= SPENT
        if good != GOOD:
            return None, answer.decode("ascii", "replace")[:80]
        if answer[:4] != self._magic:
            raise ValueError("the interpreter is another one by now")
        return answer, ""

    @property
    def died(self) -> bool:
        """Whether it ended though it had time and memory left: whoever ended it may not do so again."""
        return self.broken and self._process.wait() != -getattr(signal, "SIGXCPU", 0) and not self._ended

    def _read(self) -> tuple[int, bytes]:
        head = self._output.read(ANSWER.size)
        good, size = ANSWER.unpack(head) if len(head) == ANSWER.size else (FAILED, MOST_BYTECODE + 1)
        if size > MOST_BYTECODE and len(head) == ANSWER.size:
            self.end()  # it would wait for ever to get rid of it
            return FAILED, b"its bytecode is too large"
        answer = self._output.read(size) if size <= MOST_BYTECODE else b""
        return (good, answer) if len(answer) == size else (FAILED, b"the compiler failed")

    def end(self) -> None:
        """End it, at once: it has nothing that could be lost."""
        self._ended = True
        try:
            self._process.kill()
        except OSError:
            pass
        self._process.wait()
        for pipe in (self._input, self._output):
            try:
                pipe.close()
            except (OSError, ValueError):
                pass
