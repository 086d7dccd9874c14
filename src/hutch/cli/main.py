"""``main``: words in, exit code out.

This module and what it imports are on the way of every ``hutch run``; a test holds the list of modules
that it may import. Everything else (rendering, problems, operations) is imported where it is needed.
"""

from __future__ import annotations

import os
import sys

from hutch.cli.parser import Parsed, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

__all__ = ["main"]


def main(
    argv: Sequence[str] | None = None,
    environ: Mapping[str, str] | None = None,
    directory: str | os.PathLike[str] | None = None,
    stdout: TextIO | None = None,
    stderr: TextIO | None = None,
) -> int:
    """Run one command and return its exit code; never raises for what a user can cause.

    Everything defaults to this process's own: its words, its environment, its directory and streams.
    """
    import gc

    from hutch.finder import find_quickly

    find_quickly()
    from hutch.cli.ui.terminal import Terminal

    # A command is short and keeps what it makes: looking through all of it for rings, every 700 objects,
    # was a twentieth of a warm lock.
    gc.set_threshold(200_000, 20, 20)
    words = sys.argv[1:] if argv is None else list(argv)
    environ = os.environ if environ is None else environ
    terminal = Terminal(
        sys.stdout if stdout is None else stdout, sys.stderr if stderr is None else stderr, environ
    )
    parsed: Parsed | None = None
    try:
        parsed = parse(words, environ)
        terminal.behave(parsed.manner)
        code = _act(parsed, environ, directory, terminal)
    except BaseException as error:
        from hutch.cli.failure import report

        terminal.close()
        code = report(error, terminal, environ, words, json=bool(parsed and parsed.values.get("json")))
    terminal.close()
    return code


def _act(
    parsed: Parsed,
    environ: Mapping[str, str],
    directory: str | os.PathLike[str] | None,
    terminal: Terminal,
) -> int:
    if parsed.version:
        from hutch import __version__

        terminal.data(f"hutch {__version__}\n")
        return 0
    if parsed.help:
        from hutch.cli.ui.help import page

        terminal.data(page(parsed, terminal.out))
        return 0
    assert parsed.command is not None
    from hutch.cli.call import Call

    call = Call(parsed, environ, _here() if directory is None else os.fspath(directory), terminal)
    verb = parsed.command.path[0].replace("-", "_")
    module = __import__(f"hutch.cli.commands.{verb}", fromlist=["run"])
    try:
        code: int = module.run(call)
    finally:
        call.close()
    return code


def _here() -> str:
    """The directory where the user stands."""
    try:
        return os.getcwd()
    except OSError as error:
        from hutch.errors import UsageProblem

        why = error.strerror or str(error)
        hint = "cd into another one"
        raise UsageProblem("the current directory cannot be used", why=why, hint=hint) from error


if TYPE_CHECKING:
    from hutch.cli.ui.terminal import Terminal
