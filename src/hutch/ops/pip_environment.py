"""The environment that ``hutch pip install`` and ``sync`` work on: given, active, or near."""

from __future__ import annotations

import os

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env import Environment
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context

__all__ = ["ExternallyManaged", "NowhereToInstall", "find_environment", "pip_environment"]

MAKE_ONE = "hutch venv makes an environment in .venv, which hutch pip then works on"


class NowhereToInstall(Problem):
    """There is no environment to install into."""

    code = "nowhere-to-install"

    def __init__(self, what: str, why: str) -> None:
        super().__init__(what, why=why, hint=(MAKE_ONE, "--python PATH names another environment"))


class ExternallyManaged(Problem):
    """Another package manager installs the packages of this Python (PEP 668)."""

    code = "externally-managed"

    def __init__(self, interpreter: Interpreter) -> None:
        self.path = interpreter.path
        super().__init__(
            f"the packages of {interpreter.path} belong to the system",
            why=f"{interpreter.stdlib}/EXTERNALLY-MANAGED says so: its package manager installs them",
            hint=(MAKE_ONE, "for a package of this Python itself, use the system's package manager"),
        )


def pip_environment(context: Context, *, dry_run: bool = False) -> tuple[Environment, Interpreter]:
    """The environment and its interpreter; what an interrupted command left behind is finished first.

    ``--python`` (an environment, an interpreter in one), else ``VIRTUAL_ENV``, else the nearest ``.venv``
    from here upwards. A Python outside of an environment is refused.
    """
    from hutch.env import open_environment, recover
    from hutch.interpreters import probe_interpreter

    environment = open_environment(find_environment(context))
    _refuse_foreign(context, environment)
    interpreter = probe_interpreter(environment.executable, context.store)
    if not dry_run:
        recover(environment, context.emit)
    return environment, interpreter


def _refuse_foreign(context: Context, environment: Environment) -> None:
    """Of an environment that nobody named, no Python is started that came with it."""
    if context.flags.get("python") is not None or context.environ.get("VIRTUAL_ENV"):
        return
    from hutch.env import NotAnEnvironment
    from hutch.ops.environments import came_along

    if came_along(context, environment.root):
        raise NotAnEnvironment(
            environment.root,
            "its Python came with it, and hutch starts no such program unasked",
            hint="make it anew with `hutch venv --clear`, or name it: --python PATH",
        )


def find_environment(context: Context) -> str:
    """Where that environment is."""
    asked = context.flags.get("python")
    if asked is not None:
        return _given(context, str(asked))
    active = context.environ.get("VIRTUAL_ENV")
    if active:
        if not os.path.isdir(active):
            raise NowhereToInstall("the active environment is gone", f"VIRTUAL_ENV is {active}")
        return active
    here = context.directory
    while True:
        place = os.path.join(here, ".venv")
        if os.path.isfile(os.path.join(place, "pyvenv.cfg")):
            from hutch.ops.environments import refuse_way_out

            refuse_way_out(place)
            return place
        above = os.path.dirname(here)
        if above == here:
            break
        here = above
    raise NowhereToInstall(
        "there is no environment to install into",
        "none is active (VIRTUAL_ENV), and neither this directory nor one above it has a .venv",
    )


def _given(context: Context, asked: str) -> str:
    """The environment that ``--python`` means."""
    from hutch.interpreters import probe_interpreter
    from hutch.ops.interpreter import any_interpreter

    path = context.path(os.path.expanduser(asked))
    if os.path.isdir(path):
        return path
    if os.path.isfile(path):
        interpreter = probe_interpreter(path, context.store)
    else:
        interpreter = any_interpreter(context, asked)
    if interpreter.is_virtual:
        return interpreter.prefix
    if interpreter.externally_managed:
        raise ExternallyManaged(interpreter)
    raise NowhereToInstall(
        f"{interpreter.path} is in no environment",
        "hutch changes environments only, never an installed Python",
    )
