"""What something costs, counted: lines of hutch that ran, files that were opened. Never the clock."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import hutch

__all__ = ["SOURCE", "files_opened", "files_opened_by", "lines_run", "modules_of", "told_by"]

SOURCE = str(Path(hutch.__file__).parents[1])


def lines_run(work: Callable[[], Any], *rooms: str) -> int:
    """How many lines of the modules below ``rooms`` (``solve``, ``lock/check.py``) ran while ``work`` did."""
    count = 0
    parts = tuple(f"/hutch/{room}" for room in rooms)
    ours: dict[str, bool] = {}

    def inside(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if event == "line":
            count += 1
        return inside

    def entering(frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        if name not in ours:
            ours[name] = any(part in name.replace("\\", "/") for part in parts)
        return inside if ours[name] else None

    before = sys.gettrace()
    sys.settrace(entering)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


# A hook cannot be taken away again: there is one, and it listens when somebody wants to know.
_listening: list[list[str]] = []
_there: list[bool] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _listening and event in ("open", "os.listdir", "os.scandir"):
        _listening[-1].append(str(arguments[0]))


def files_opened(work: Callable[[], Any]) -> list[str]:
    """The files that were opened and folders that were listed while ``work`` ran in this process."""
    if not _there:
        sys.addaudithook(_hear)
        _there.append(True)
    found: list[str] = []
    _listening.append(found)
    try:
        work()
    finally:
        _listening.pop()
    return found


def files_opened_by(words: list[str], directory: Path, environ: Mapping[str, str]) -> list[str]:
    """The same of a command in a process of its own, until it ends or becomes another program.

    Modules of Python and of hutch are not counted: those are in ``tests/cli/test_startup.py``.
    """
    body = (
        f"import os, sys; sys.path.insert(0, {SOURCE!r})\n"
        "found, leave = [], os._exit\n"
        "def hear(event, arguments):\n"
        "    if event in ('open', 'os.listdir', 'os.scandir'): found.append(str(arguments[0]))\n"
        "def told(*words):\n"
        "    sys.stdout.write('|' + '\\n'.join(found)); sys.stdout.flush(); leave(0)\n"
        "os.execve = told\n"
        "from hutch.cli import main\n"
        "sys.addaudithook(hear)\n"
        f"code = main({words!r})\n"
        "leave(code) if code else told()\n"
    )
    names = told_by(body, directory, environ)[0].splitlines()
    return [name for name in names if not name.endswith((".py", ".pyc", ".so")) and name != SOURCE]


def modules_of(
    words: list[str],
    directory: Path | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    code: int = 0,
) -> tuple[set[str], str]:
    """The modules that a command, which ends with ``code``, brings in beside those of a bare interpreter; and
    what it prints."""
    body = (
        "import sys; before = set(sys.modules)\n"
        f"sys.path.insert(0, {SOURCE!r})\n"
        "from hutch.cli import main\n"
        f"code = main({words!r})\n"
        "sys.stdout.write('|' + ' '.join(set(sys.modules) - before)); sys.stdout.flush()\n"
        f"sys.exit(code != {code})\n"
    )
    modules, said = told_by(body, directory, environ)
    return set(modules.split()), said


def told_by(
    body: str, directory: Path | None = None, environ: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """What a program of a bare interpreter writes behind the last ``|``; and all else that it writes."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", body],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=directory,
        env=None if environ is None else dict(environ),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed, _, told = done.stdout.rpartition("|")
    return told, printed + done.stderr
