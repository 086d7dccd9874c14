"""What happens to environments while nobody looks, put right: their Python is upgraded away, they are moved.

Both are seen on the way of ``run`` and ``sync`` that looks properly (the quick one compares places and
stamps, and leaves it to this one when they differ), are repaired in place, and are told in a line. Packages
stay as they are. What cannot be repaired so is made anew from the lock, as ever: `project_environment` does.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env import Environment
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context

__all__ = ["mend_place", "mend_python", "mended", "python_of_its_kind", "same_kind"]


def same_kind(environment: Environment, interpreter: Interpreter) -> bool:
    """Whether what is installed in the environment works with this Python as well."""
    if environment.windows != (interpreter.platform.os == "windows"):
        return False
    if environment.windows:  # where the folder does not tell
        return environment.python_version.split(".")[:2] == [str(part) for part in interpreter.python]
    return interpreter.layout.purelib == environment.purelib


def mend_python(context: Context, environment: Environment, interpreter: Interpreter) -> Environment | None:
    """Have the environment run with this Python, where its own is gone; None where that would not do.

    Whoever calls knows that its Python does not work, and did not come with the checkout.
    """
    if environment.python_outside or not same_kind(environment, interpreter):
        return None
    from hutch.env import lock_environment, open_environment, repoint

    before = _gone(environment)
    try:
        with lock_environment(environment, emit=context.emit):
            repoint(environment, interpreter=interpreter)
    except (OSError, Problem):
        return None  # and it is made anew, or told of
    context.emit(
        Notice(
            f"{_name(environment)} has {interpreter.describe()} now ({interpreter.base_executable}): {before}"
        )
    )
    return open_environment(environment.root)


def mend_place(context: Context, environment: Environment) -> bool:
    """Have the environment's commands and activation name the place where it is; whether they did not.

    Where nothing can be written it is told: commands of a moved environment run another one, or nothing.
    """
    from hutch.env import find_moved

    before = find_moved(environment)
    if not before:
        return False
    from hutch.env import lock_environment, repoint

    try:
        with lock_environment(environment, emit=context.emit):
            done = repoint(environment)
    except (OSError, Problem) as error:
        reason = error.what if isinstance(error, Problem) else error.strerror or str(error)
        text = f"{_name(environment)} was made in {before}, and cannot be put right here: {reason}"
        context.emit(Notice(text, warning=True))
        return False
    number = len(done.commands)
    commands = (
        f"{number} command{'s' if number != 1 else ''} and its activation" if number else "its activation"
    )
    context.emit(Notice(f"{_name(environment)} was made in {before}: {commands} name this place now"))
    return True


def mended(context: Context, environment: Environment) -> Environment:
    """The environment, put right where that is needed and possible; for commands that install nothing.

    Raises ``BrokenInterpreter`` where its Python is gone and there is none of its kind.
    """
    if environment.python_outside:
        return environment
    if not os.path.exists(environment.executable):
        from hutch.interpreters import probe_interpreter

        interpreter = python_of_its_kind(context, environment)
        found = mend_python(context, environment, interpreter) if interpreter is not None else None
        if found is None:
            probe_interpreter(environment.executable, context.store)  # which says what is gone
            return environment
        environment = found
    if mend_place(context, environment):
        from hutch.env import open_environment

        return open_environment(environment.root)
    return environment


def python_of_its_kind(context: Context, environment: Environment) -> Interpreter | None:
    """A Python of this machine that what is installed there works with; None where there is none."""
    from hutch.interpreters import find_interpreter
    from hutch.ops.searching import search_options

    request = ".".join(environment.python_version.split(".")[:2])
    parts = environment.purelib.split("/")
    if not environment.windows and len(parts) > 1:
        request = parts[1].removeprefix("python")
    try:
        return find_interpreter(
            request, requires_python=(), search=search_options(context), store=context.store
        )
    except Problem:
        return None


def _gone(environment: Environment) -> str:
    """What was the matter with its Python."""
    from hutch.interpreters.failures import dangling_link

    dangling = dangling_link(environment.executable)
    if dangling is not None:
        return f"{dangling[1]} is gone"
    if not os.path.exists(environment.executable):
        return "its own was gone"
    return f"the one in {environment.home} does not work, or is of another version"


def _name(environment: Environment) -> str:
    return os.path.basename(environment.root)
