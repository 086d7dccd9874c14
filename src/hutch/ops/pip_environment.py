"""The environment that the ``hutch pip`` commands work on: given, active, or near; or a Python itself.

An installed Python is looked at by whoever wants to. It is changed with ``--system`` alone, and where its
packages belong to the system (PEP 668) with ``--break-system-packages``.
"""

from __future__ import annotations

import os

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env import Environment
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context

__all__ = [
    "ExternallyManaged",
    "NowhereToInstall",
    "active_environment",
    "environment_to_look_at",
    "find_environment",
    "is_foreign",
    "open_prefix",
    "outside_interpreter",
    "pip_environment",
    "same_command",
    "system_environment",
]


QUESTION = "There is no environment here yet. Make one in .venv, and install into it?"


class NowhereToInstall(Problem):
    """There is no environment to install into. Where ``can_make``, a new one here would do."""

    code = "nowhere-to-install"

    def __init__(
        self, what: str, why: str, *, hint: str | tuple[str, ...] = (), can_make: bool = False
    ) -> None:
        self.can_make = can_make
        super().__init__(what, why=why, hint=hint)


class ExternallyManaged(Problem):
    """Another package manager installs the packages of this Python (PEP 668)."""

    code = "externally-managed"

    def __init__(self, interpreter: Interpreter, command: str = "hutch pip install …") -> None:
        self.path = interpreter.path
        super().__init__(
            f"the packages of {interpreter.path} belong to the system",
            why=f"{interpreter.stdlib}/EXTERNALLY-MANAGED says so: its package manager installs them",
            hint=(
                f"an environment of your own: hutch venv && {command}",
                "for this Python itself: the system's package manager, or --break-system-packages",
            ),
        )


def pip_environment(
    context: Context,
    *,
    dry_run: bool = False,
    system: bool = False,
    break_system_packages: bool = False,
    can_make: bool = False,
) -> tuple[Environment, Interpreter]:
    """The environment and its interpreter; what an interrupted command left behind is finished first.

    ``--python`` (an environment, an interpreter in one), else the active one (``VIRTUAL_ENV``,
    ``CONDA_PREFIX``), else the nearest ``.venv`` from here upwards. A Python outside of an environment is
    refused, but with ``system``; with ``break_system_packages`` it is what remains where there is none.
    Who sits at a terminal is asked whether one is to be made, if it ``can_make`` a difference.
    """
    from hutch.env import recover
    from hutch.interpreters import probe_interpreter

    if system:
        environment, interpreter = system_environment(context, break_system_packages)
    else:
        try:
            environment = open_prefix(
                _found_or_made(context, can_make and not (dry_run or break_system_packages))
            )
            _refuse_foreign(context, environment)
            interpreter = probe_interpreter(environment.executable, context.store)
        except (NowhereToInstall, ExternallyManaged):
            if not break_system_packages:
                raise
            environment, interpreter = system_environment(context, True)
    if not dry_run:
        recover(environment, context.emit)
    return environment, interpreter


def _found_or_made(context: Context, can_make: bool) -> str:
    """The environment; a new one here, where there is none and somebody says yes to that."""
    try:
        return find_environment(context)
    except NowhereToInstall as problem:
        if not (can_make and problem.can_make and context.ask(QUESTION)):
            raise
    from hutch.events import Notice
    from hutch.ops.venv import VenvOptions, venv

    made = venv(context, VenvOptions())
    context.emit(Notice(f"made .venv with Python {made.version}; to activate it: {made.activate}"))
    return made.path


def open_prefix(root: str) -> Environment:
    """The environment at ``root``; one of conda, which has no `pyvenv.cfg`, as well."""
    from hutch.env import open_conda, open_environment

    if not os.path.lexists(os.path.join(root, "pyvenv.cfg")) and os.path.isdir(
        os.path.join(root, "conda-meta")
    ):
        return open_conda(root)
    return open_environment(root)


def outside_interpreter(context: Context) -> Interpreter:
    """The Python that ``--system`` means: what ``--python`` names, else the usual one; in no environment."""
    from hutch.interpreters import probe_interpreter
    from hutch.ops.interpreter import any_interpreter

    asked = context.flags.get("python")
    path = context.path(os.path.expanduser(str(asked))) if asked is not None else ""
    interpreter = (
        probe_interpreter(path, context.store) if os.path.isfile(path) else any_interpreter(context, None)
    )
    if interpreter.is_virtual:
        interpreter = probe_interpreter(interpreter.base_executable, context.store)
    return interpreter


def system_environment(context: Context, break_system_packages: bool) -> tuple[Environment, Interpreter]:
    """An installed Python as something that is changed, by the places in which it installs itself."""
    from hutch.env import Environment
    from hutch.interpreters import probe_installation

    interpreter = outside_interpreter(context)
    if interpreter.externally_managed and not break_system_packages:
        raise ExternallyManaged(interpreter, same_command(context))
    scheme = probe_installation(interpreter.path, context.environ).scheme
    root = scheme["data"]
    inside = {name: os.path.relpath(path, root).replace(os.sep, "/") for name, path in scheme.items()}
    if any(inside[name].startswith("..") for name in ("purelib", "platlib", "scripts")):
        raise NowhereToInstall(
            f"{interpreter.path} installs its packages in several places",
            f"{scheme['purelib']} and {scheme['scripts']} are not both below {root}",
            hint=_make_one(context),
        )
    include = inside["include"]
    environment = Environment(
        root=root,
        purelib=inside["purelib"],
        platlib=inside["platlib"],
        scripts=inside["scripts"],
        include="include" if include.startswith("..") else include,
        windows=os.name == "nt",
        settings={},
        python_outside=interpreter.path,
        kept=True,
    )
    return environment, interpreter


def same_command(context: Context) -> str:
    """What was typed but for a Python, to be copied; a general word where there is something secret in it."""
    import shlex

    words: list[str] = []
    skip = False
    for word in context.typed:
        if not skip and not word.startswith(("--python=", "--system")):
            skip = word in ("--python", "-p")
            words += [] if skip else [word]
        else:
            skip = False
    if not words or any("@" in word and "://" in word for word in words):
        return "hutch pip install …"
    return shlex.join(("hutch", *words))


def _make_one(context: Context, python: str = "") -> tuple[str, ...]:
    """An environment of one's own, and then the same again."""
    import shlex

    make = shlex.join(("hutch", "venv", *(("--python", python) if python else ())))
    return (f"{make} && {same_command(context)}", "--python PATH names another environment")


def is_foreign(context: Context, environment: Environment) -> bool:
    """Whether nobody named it, and its Python came with it."""
    if context.flags.get("python") is not None or context.named is not None or active_environment(context):
        return False
    from hutch.ops.environments import came_along

    return came_along(context, environment.root)


def _refuse_foreign(context: Context, environment: Environment) -> None:
    """Of an environment that nobody named, no Python is started that came with it."""
    if is_foreign(context, environment):
        from hutch.env import NotAnEnvironment

        raise NotAnEnvironment(
            environment.root,
            "its Python came with it, and hutch starts no such program unasked",
            hint="make it anew with `hutch venv --clear`, or name it: --python PATH",
        )


def active_environment(context: Context) -> str | None:
    """The environment that the shell is in: ``VIRTUAL_ENV``, else a ``CONDA_PREFIX`` that is not the base."""
    active = context.environ.get("VIRTUAL_ENV")
    if active:
        return active
    conda = context.environ.get("CONDA_PREFIX")
    if conda and context.environ.get("CONDA_DEFAULT_ENV", "") not in ("base", "root"):
        return conda
    return None


def find_environment(context: Context) -> str:
    """Where that environment is."""
    if context.within is not None:
        return context.within
    if context.named is not None or context.env is not None:
        from hutch.ops.chosen import chosen_environment

        return chosen_environment(context)
    asked = context.flags.get("python")
    if asked is not None:
        return _given(context, str(asked))
    active = active_environment(context)
    if active:
        if not os.path.isdir(active):
            name = "VIRTUAL_ENV" if context.environ.get("VIRTUAL_ENV") else "CONDA_PREFIX"
            raise NowhereToInstall(
                "the active environment is gone", f"{name} is {active}", hint=_make_one(context)
            )
        return active
    central = _central_environment(context)
    if central is not None:
        return central
    here = context.directory
    while True:
        place = os.path.join(here, ".venv")
        if os.path.isfile(os.path.join(place, "pyvenv.cfg")):
            from hutch.ops.environments import refuse_way_out

            refuse_way_out(place)
            return place
        if os.path.isdir(os.path.join(place, "conda-meta")):
            from hutch.ops.conda_made import refuse_prefix_of_others
            from hutch.ops.environments import refuse_way_out

            refuse_way_out(place)
            refuse_prefix_of_others(context, here, place)
            return place
        above = os.path.dirname(here)
        if above == here:
            break
        here = above
    from hutch.ops.chosen import pinned_environment

    pinned = pinned_environment(context)
    if pinned is not None:
        return pinned
    raise NowhereToInstall(
        "there is no environment to install into",
        "none is active, and neither this directory nor one above it has a .venv",
        hint=_make_one(context),
        can_make=True,
    )


def _central_environment(context: Context) -> str | None:
    """The environment of the project around here, if it is in the central place and there."""
    if context.root is None or context.environ.get("HUTCH_PROJECT_ENVIRONMENT"):
        return None
    from hutch.ops.env_places import VENV, central_place
    from hutch.ops.redirects import redirected

    root: str | None = None
    if context.configuration.environment_place == "central":
        root = central_place(context.configuration.data_dir, context.root)
    else:
        venv = os.path.join(context.root, VENV)
        if os.path.islink(venv) or not os.path.isdir(venv):
            root = redirected(context, context.root)
    return root if root is not None and os.path.isfile(os.path.join(root, "pyvenv.cfg")) else None


def environment_to_look_at(context: Context) -> str | None:
    """The same for those who only look; None where it is a Python itself that was named, or nothing is."""
    from hutch.env import NotAnEnvironment

    try:
        root = find_environment(context)
    except ExternallyManaged:
        return None
    except NowhereToInstall:
        if context.flags.get("python") is None and active_environment(context):
            raise
        return None
    if context.flags.get("python") is None and not active_environment(context):
        try:
            _refuse_foreign(context, open_prefix(root))
        except NotAnEnvironment as problem:
            problem.hints = ("--path .venv/lib/python…/site-packages looks at its packages all the same",)
            raise
    return root


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
    if interpreter.is_virtual or os.path.isdir(os.path.join(interpreter.prefix, "conda-meta")):
        return interpreter.prefix
    if interpreter.externally_managed:
        raise ExternallyManaged(interpreter, same_command(context))
    raise NowhereToInstall(
        f"{interpreter.path} is in no environment",
        "hutch changes environments only; an installed Python with --system alone",
        hint=_make_one(context, interpreter.path),
    )
