"""Start a program and leave it behind. On the way out of commands, so it imports next to nothing."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = ["bare", "start_detached"]

PASSED = frozenset(
    ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FRAMEWORK_PATH", "SYSTEMROOT", "TEMP", "TMP"]
)


def bare(environ: Mapping[str, str]) -> dict[str, str]:
    """Of ``environ`` what an interpreter may need to be started, and nothing that tells it anything."""
    return {name: value for name, value in environ.items() if name.upper() in PASSED}


def start_detached(argv: Sequence[str], environ: Mapping[str, str], *, disown: bool = False) -> None:
    """Start a program that nobody waits for, and that outlives us: it is told nothing and tells nothing.

    It is in a session of its own and has no descriptor of ours but three that lead nowhere. Whoever is going
    to become another program has to ``disown`` it: that one should not meet a child that it has not started.
    That costs two forks in place of a spawn, milliseconds in place of a fifth of one. Raises OSError.
    """
    if os.name == "nt":
        _start_on_windows(argv, environ)
    elif disown or not _spawn(argv, environ):
        _fork_twice(argv, environ)


def _spawn(argv: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Without a copy of this process; False where the system cannot do it so."""
    actions: list[tuple[Any, ...]] = [
        (os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)
    ]
    actions += [(os.POSIX_SPAWN_CLOSE, number) for number in _handed_down()]
    try:
        os.posix_spawn(argv[0], list(argv), dict(environ), file_actions=actions, setsid=True)
    except (NotImplementedError, AttributeError):
        return False
    return True


def _handed_down() -> list[int]:
    """The descriptors that a child would get: those that were handed to us, by somebody who waits for them.

    Ours are closed by the system.
    """
    found = []
    try:
        for name in os.listdir("/dev/fd"):
            number = int(name)
            try:
                if number > 2 and os.get_inheritable(number):
                    found.append(number)
            except OSError:
                continue  # that of the folder itself
    except (OSError, ValueError):
        pass
    return found


def _fork_twice(argv: Sequence[str], environ: Mapping[str, str]) -> None:
    import warnings

    handed_down = _handed_down()
    with warnings.catch_warnings():
        # Of threads: the child only calls the system.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if os.fork() == 0:
            nowhere = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(nowhere, number)
            for number in handed_down:
                os.close(number)
            os.execve(argv[0], list(argv), dict(environ))
    finally:
        os._exit(0)


def _start_on_windows(argv: Sequence[str], environ: Mapping[str, str]) -> None:
    import subprocess

    names = ("DETACHED_PROCESS", "CREATE_NEW_PROCESS_GROUP", "IDLE_PRIORITY_CLASS")
    subprocess.Popen(
        list(argv),
        cwd=os.path.dirname(argv[0]),
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        close_fds=True,
        creationflags=sum(getattr(subprocess, name, 0) for name in names),
    )
