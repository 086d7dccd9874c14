"""Why an interpreter could not be asked: from what the system says to a problem in words.

The commonest by far is an environment whose Python was removed or upgraded: then the *link* that leads
nowhere is what the user has to be shown, not the path that was tried.
"""

from __future__ import annotations

import os

from hutch.interpreters.problems import BrokenInterpreter, UnsupportedInterpreter
from hutch.interpreters.virtual import EnvironmentFile

__all__ = ["cannot_start", "dangling_link", "missing", "no_answer", "signal_name"]


def dangling_link(path: str) -> tuple[str, str] | None:
    """The link (and where it points) at which following ``path`` ends in nothing, or None."""
    current, last, seen = path, None, set[str]()
    while current not in seen:
        seen.add(current)
        try:
            target = os.readlink(current)
        except OSError:
            return None if last is None or os.path.lexists(current) else last
        last = (current, target)
        current = os.path.normpath(os.path.join(os.path.dirname(current), target))
    return last  # a ring of links


def missing(path: str, environment: EnvironmentFile | None, error: OSError) -> BrokenInterpreter:
    """Why the file could not be looked at."""
    dangling = dangling_link(path)
    if dangling is not None:
        link, target = dangling
        if environment is not None:
            hint = f"the Python that the environment {environment.prefix} was made from is gone; make it anew"
        else:
            hint = f"install that Python again, or remove the link {link}"
        return BrokenInterpreter(
            path, f"the link {link} points to {target}, which is not there", link=link, hint=hint
        )
    if isinstance(error, FileNotFoundError):
        return BrokenInterpreter(path, "there is no such file")
    return BrokenInterpreter(path, error.strerror or "it cannot be read")


def cannot_start(path: str, error: OSError) -> BrokenInterpreter:
    """The system refused to run the file."""
    import errno

    if isinstance(error, PermissionError):
        reason = "it may not be executed"
    elif error.errno == errno.ENOEXEC or getattr(error, "winerror", None) in (193, 216):
        reason = "it is no program for this machine"
    elif isinstance(error, FileNotFoundError):
        reason = "the program that its first line names, or its loader, is not there"
    else:
        reason = error.strerror or "it cannot be started"
    return BrokenInterpreter(path, reason)


def no_answer(
    path: str, code: int | None, stopped: str, said: bytes, seconds: float
) -> BrokenInterpreter | UnsupportedInterpreter:
    """It ran, and did not answer."""
    if b"Unknown option: -I" in said:
        return UnsupportedInterpreter(path, "2")  # Python 2 and 3.0 to 3.3 do not know -I
    if stopped == "time":
        reason = f"it did not answer within {seconds:g} seconds"
    elif stopped == "output":
        reason = "it talks without end and does not answer as a Python does"
    elif code is not None and code < 0:
        reason = f"it was ended by {signal_name(-code)}"
    elif code:
        reason = f"it ended with exit code {code}"
    else:
        reason = "it does not answer as a Python does"
    from hutch.spec import safe_text

    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines()]
    return BrokenInterpreter(path, reason, output=tuple(safe_text(line)[:300] for line in lines if line)[-5:])


def signal_name(number: int) -> str:
    """``SIGSEGV``; of one that has no name, its number."""
    import signal

    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
