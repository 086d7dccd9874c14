"""What happens to environments while nobody looks, put right on the way of ``run`` and ``sync``, with a line.

The quick ways compare places and stamps, and leave it to the proper ones when they differ; there a Python
that was upgraded away and a place that is another one are seen at no cost. ``ops.mending`` repairs; what it
cannot repair is made anew from the lock, as ever: `project_environment` does that.
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

__all__ = ["heal_place", "heal_python", "healed"]


def heal_python(context: Context, environment: Environment, interpreter: Interpreter) -> Environment | None:
    """Have the environment run with this Python, its own being gone; None where that would not do.

    Whoever calls knows that its Python does not work, and did not come with the checkout.
    """
    if environment.python_outside or not _same_kind(environment, interpreter):
        return None
    from hutch.env import open_environment
    from hutch.ops.mending import broken_python, take_python

    reason = broken_python(context, environment)
    if os.path.islink(environment.executable) and not os.path.exists(environment.executable):
        reason = f"{os.readlink(environment.executable)} is gone"
    try:
        done = take_python(context, environment, interpreter)
    except (OSError, Problem):
        return None  # and it is made anew, or told of
    context.emit(Notice(f"{_name(environment)} {done}{f': {reason}' if reason else ''}"))
    return open_environment(environment.root)


def _same_kind(environment: Environment, interpreter: Interpreter) -> bool:
    """Whether what is installed there works with this Python as well."""
    windows = interpreter.platform.os == "windows"
    if environment.windows or windows:  # where the folder of packages does not tell
        minor = environment.python_version.split(".")[:2]
        return environment.windows == windows and minor == [str(part) for part in interpreter.python]
    return interpreter.layout.purelib == environment.purelib


def heal_place(context: Context, environment: Environment) -> Environment:
    """The environment, whose commands and activation name the place where it is.

    Where nothing can be written that is told: commands of a moved environment run another one, or nothing.
    """
    from hutch.env import find_moved, open_environment

    before = find_moved(environment)
    if not before:
        return environment
    from hutch.ops.mending import settle_here

    try:
        done = settle_here(context, environment)
    except (OSError, Problem) as error:
        reason = error.what if isinstance(error, Problem) else error.strerror or str(error)
        text = f"{_name(environment)} was made in {before}, and cannot be put right here: {reason}"
        context.emit(Notice(text, warning=True))
        return environment
    context.emit(Notice(f"{_name(environment)} {done}"))
    return open_environment(environment.root)


def healed(context: Context, environment: Environment) -> Environment:
    """The environment, put right where that is needed and possible; for commands that install nothing.

    Raises ``BrokenInterpreter`` where its Python is gone and there is none of its kind: the link that leads
    nowhere would be passed over on PATH, and another Python would run.
    """
    if environment.python_outside:
        return environment
    from hutch.ops.mending import broken_python

    if broken_python(context, environment):
        from hutch.interpreters import probe_interpreter
        from hutch.ops.mending import same_minor

        interpreter = same_minor(context, environment)
        found = heal_python(context, environment, interpreter) if interpreter is not None else None
        if found is None:
            probe_interpreter(environment.executable, context.store)  # says what is gone
            return environment
        environment = found
    return heal_place(context, environment)


def _name(environment: Environment) -> str:
    return os.path.basename(environment.root)
