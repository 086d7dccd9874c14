"""``main``: words in, exit code out.

This module and what it imports are on the way of every ``hutch run``; a test holds the list of modules
that it may import. Everything else (rendering, problems, operations) is imported where it is needed.
"""

from __future__ import annotations

import os
import sys

from hutch.cli.parser import Parsed, parse
from hutch.finder import finder_in_use

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn, TextIO

__all__ = ["leave", "main", "program"]


def program() -> NoReturn:
    """``main`` as the whole of a process: what launchers and the entry point call."""
    code = main()
    finder = finder_in_use()
    if finder is not None and finder.compiled:
        from hutch.kept_code import keep_compiled

        keep_compiled(finder)
    leave(code)


def leave(code: int) -> NoReturn:
    """End this process with ``code``, at once where nobody can tell the difference.

    Python takes all objects apart before it ends, one by one: a tenth of a warm ``lock``, a fifth of a
    command that has nothing to do. Whoever still has something to do then (functions registered to be called
    at exit, threads that are waited for, profilers, debuggers, a stream that cannot be flushed) gets the
    usual end.
    """
    lost = _lost(sys.stdout)
    if lost is not None:
        code = code or 1
        # Who closed a pipe wants no more.
        if not isinstance(lost, BrokenPipeError) and sys.stderr is not None:
            try:
                sys.stderr.write(f"error: not all was written: {getattr(lost, 'strerror', None) or lost}\n")
            except (OSError, ValueError):
                pass
    if _lost(sys.stderr) is not None:
        code = code or 1
    if 0 <= code <= 255 and not _somebody_waits():
        os._exit(code)
    sys.exit(code)


def _lost(stream: TextIO | None) -> OSError | ValueError | None:
    """Let go of what is still to be said; why that could not be, if so.

    Python tries again when it ends, so what cannot be said goes nowhere then.
    """
    if stream is None or stream.closed:
        return None
    try:
        stream.flush()
    except (OSError, ValueError) as error:
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
        except (OSError, ValueError):
            pass
        return error
    return None


def _somebody_waits() -> bool:
    """Whether somebody wants to see the interpreter end."""
    import atexit

    if sys.gettrace() or sys.getprofile() or sys.flags.dev_mode or sys.flags.interactive or sys.flags.inspect:
        return True
    if "_lsprof" in sys.modules or getattr(atexit, "_ncallbacks", lambda: 1)():
        return True
    threading = sys.modules.get("threading")
    return threading is not None and any(
        not each.daemon for each in threading.enumerate() if each is not threading.main_thread()
    )


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
    from hutch.cli.ui.terminal import Terminal

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

    if directory is None:
        # Who asks without being typed (the hook of a shell) says where: there may be no directory any more.
        directory = "" if parsed.command.hidden else _here()
    call = Call(parsed, environ, os.fspath(directory), terminal)
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
