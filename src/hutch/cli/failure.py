"""An exception that reached the top → what the user reads, and the exit code.

0 done · 1 a problem · 2 wrong usage · 3 network or index · 4 interrupted · 70 a bug of ours.
"""

from __future__ import annotations

import errno

from hutch.cli.ui.problems import problem_json, render_problem
from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean
from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["report"]

INTERRUPTED = 4
BUG = 70

# What the user's disk can do to any write that a room did not expect to fail.
_DISK = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "the operation is not permitted",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
    errno.EFBIG: "the file is larger than is allowed",
    errno.ENAMETOOLONG: "the file name is too long",
    errno.ELOOP: "links lead in a ring",
    errno.ENOTDIR: "a file is where a directory should be",
    errno.EIO: "the disk could not be read or written",
}


class DiskProblem(Problem):
    """The file system refused, somewhere where no room had a better word for it."""

    code = "disk"

    def __init__(self, error: OSError) -> None:
        path = error.filename if error.filename is not None else ""
        reason = _DISK[error.errno or 0]
        super().__init__(f"{reason}: {_text(path)}" if path else reason)
        self.path = path
        self.errno = error.errno


def report(
    error: BaseException,
    terminal: Terminal,
    environ: Mapping[str, str],
    words: Sequence[str],
    *,
    json: bool = False,
) -> int:
    """Tell the user about ``error`` and return the exit code. ``SystemExit`` is not ours and goes on."""
    leaves = _leaves(error)
    for leaf in leaves:
        if isinstance(leaf, SystemExit):
            raise leaf
    if any(isinstance(leaf, KeyboardInterrupt) for leaf in leaves):
        terminal.tell("interrupted")
        return INTERRUPTED
    problems = [
        DiskProblem(leaf) if isinstance(leaf, OSError) and leaf.errno in _DISK else leaf for leaf in leaves
    ]
    bugs = [problem for problem in problems if not isinstance(problem, Problem)]
    debug = environ.get("HUTCH_DEBUG", "") not in ("", "0")
    if bugs or debug:
        _traceback(error, terminal)
    if bugs:
        _bug(bugs[0], terminal, words)
        return BUG
    known = [problem for problem in problems if isinstance(problem, Problem)]
    for problem in known:
        terminal.tell(*render_problem(problem, terminal.err))
    if json:
        try:
            terminal.json({"problems": [problem_json(problem) for problem in known]})
        except OSError:
            pass  # the problem has been told, and the reader of the data is gone
    return max(problem.exit_code for problem in known)


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]


def _traceback(error: BaseException, terminal: Terminal) -> None:
    import traceback

    for block in traceback.format_exception(error):
        terminal.tell(*(clean(line) for line in block.rstrip("\n").split("\n")))


def _bug(error: BaseException, terminal: Terminal, words: Sequence[str]) -> None:
    import platform
    import sys

    from hutch import __version__

    kind = type(error).__name__
    python = f"{platform.python_implementation()} {platform.python_version()}"
    lines = [
        terminal.err.paint("error", "error:") + f" this is a bug in hutch: {kind}: {clean(str(error))[:500]}",
        f"  hutch {__version__}, {python}, {sys.platform}",
        f"  command: hutch {' '.join(_without_secrets(word) for word in words)}",
        terminal.err.paint("hint", "try:") + " report it to hutch's issue tracker, with all the lines above",
    ]
    terminal.tell(*lines)


def _without_secrets(word: str) -> str:
    """A word of the command line without the ``user:password@`` or the token of a URL."""
    from hutch.net import hide_credentials

    return clean(hide_credentials(word))


def _text(path: object) -> str:
    return path.decode("utf-8", "backslashreplace") if isinstance(path, bytes) else str(path)
