"""Environments that can be put right where they are: moved ones, and those whose Python went away.

For ``hutch doctor --fix``, and for ``hutch run`` and ``hutch sync`` on the way. Nothing but the environment's
own is written, under its lock; what is already right is left alone.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env import Environment
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context

__all__ = ["broken_python", "same_minor", "settle_here", "take_python"]


def broken_python(context: Context, environment: Environment) -> str:
    """Why the environment's Python will not do, as far as files tell: gone, or of another minor version."""
    executable, home = environment.executable, environment.home
    if not os.path.exists(executable):
        if os.path.islink(executable):
            return f"{executable} leads to {os.readlink(executable)}, which is gone"
        return f"there is no {executable}"
    if not os.path.isdir(home):
        return f"pyvenv.cfg names {home}, which is gone"
    now = _minor_behind(executable)
    packages = _minor_of_packages(environment)
    if now and packages and now != packages:
        return f"{executable} is Python {now} now, and the packages are for Python {packages}"
    return ""


def _minor_of_packages(environment: Environment) -> str:
    """``3.12``, of ``lib/python3.12/site-packages``; empty where the directory does not say."""
    parts = environment.purelib.split("/")
    name = parts[1] if len(parts) == 3 and parts[0] == "lib" else ""
    version = name.removeprefix("python").removesuffix("t")
    return version if name.startswith("python") and version.replace(".", "").isdigit() else ""


def _minor_behind(executable: str) -> str:
    """The minor version that the file behind all links has in its name; empty where it does not say."""
    name = os.path.basename(os.path.realpath(executable))
    version = name.removeprefix("python").removesuffix("t")
    if name.startswith("python") and version.count(".") == 1 and version.replace(".", "").isdigit():
        return version
    return ""


def same_minor(context: Context, environment: Environment) -> Interpreter | None:
    """A Python of the same implementation and minor version as the packages are for, if there is one."""
    from hutch.errors import Problem
    from hutch.interpreters import find_interpreter
    from hutch.ops.searching import search_options

    implementation = environment.settings.get("implementation", "CPython").lower()
    word = {"cpython": "", "pypy": "pypy", "graalvm": "graalpy", "graalpy": "graalpy"}.get(implementation)
    minor = _minor_of_packages(environment) or ".".join(environment.python_version.split(".")[:2])
    if word is None or not minor:
        return None
    threads = "t" if f"python{minor}t/" in environment.purelib else ""
    try:
        found = find_interpreter(
            f"{word}{minor}{threads}", requires_python=(), search=search_options(context), store=context.store
        )
    except Problem:
        return None
    here = os.path.realpath(environment.root)
    return None if os.path.realpath(found.base_prefix).startswith(here + os.sep) else found


def take_python(context: Context, environment: Environment, interpreter: Interpreter) -> str:
    """Point the environment to this Python, and say what was done. Its packages stay.

    One that was moved as well is settled by the same. Whoever is killed in the middle leaves what the next
    call finishes: `pyvenv.cfg` is written last, and until then the environment's Python will not do.
    """
    from hutch.env import lock_environment, open_environment, repoint
    from hutch.ops.occasions import note_root

    before = environment.python_version
    with lock_environment(environment, emit=context.emit):
        repoint(open_environment(environment.root), interpreter=interpreter)
    note_root(context, environment)
    was = f" (it was {before})" if before and before != interpreter.version else ""
    return f"took Python {interpreter.version} of {interpreter.base_executable}{was}"


def settle_here(context: Context, environment: Environment) -> str:
    """Write anew what names the place of the environment, and say what was done."""
    from hutch.env import lock_environment, open_environment, repoint
    from hutch.ops.occasions import note_root

    with lock_environment(environment, emit=context.emit):
        done = repoint(open_environment(environment.root))
    note_root(context, environment)
    number = len(done.commands)
    commands = f"; {number} command{'s' if number != 1 else ''} of it" if number else "; what activates it"
    return f"was made for {done.before}{commands} name{'' if number > 1 else 's'} this place now"
