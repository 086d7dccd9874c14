"""The environment that ``-n`` or ``--env`` means, for commands that look for one in several places."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env import Environment
    from hutch.ops.context import Context

__all__ = ["chosen_environment", "note_use", "pinned_environment", "runnable_environment"]


def chosen_environment(context: Context) -> str:
    """Where the environment is that was named; a problem where there is none of that name."""
    if context.flags.get("python") is not None:
        word = "--name" if context.named is not None else "--env"
        raise UsageProblem(f"--python and {word} name two environments", hint="leave one of them out")
    if context.named is not None:
        from hutch.ops.named import named_environment

        return named_environment(context, context.named)
    from hutch.env import is_unfinished
    from hutch.ops.environments import environment_root
    from hutch.ops.problems import NoEnvironment

    root = environment_root(context, context.checkout)
    if is_unfinished(root):
        raise NoEnvironment(
            os.path.relpath(root, context.directory), f"hutch sync --env {context.env} makes it"
        )
    return root


def pinned_environment(context: Context) -> str | None:
    """The environment that ``PYENV_VERSION`` or the nearest `.python-version` names, as pyenv-virtualenv has
    it; None where neither names one that there is."""
    from hutch.interpreters import nearest_pin
    from hutch.ops.env_places import names_folder
    from hutch.ops.named import is_environment, may_be_a_name

    said = context.environ.get("PYENV_VERSION", "").split(os.pathsep)[0].strip()
    if not said:
        pin = nearest_pin(context.directory, (".python-version",))
        said = pin.names[0] if pin is not None and pin.names else ""
    if not said or not may_be_a_name(said):
        return None
    root = os.path.join(names_folder(context.configuration.data_dir), said)
    return root if is_environment(root) else None


def runnable_environment(context: Context, root: str) -> Environment:
    """The named environment at ``root``, to run something in: repaired if something was cut off, and noted
    as used."""
    from hutch.env import is_prefix, open_environment, recover

    if is_prefix(root):
        from hutch.ops.conda_directory import open_present_prefix

        note_use(root)
        return open_present_prefix(context, root)
    from hutch.ops.healing import healed

    environment = open_environment(root)
    recover(environment, context.emit)
    environment = healed(context, environment)
    note_use(root)
    return environment


def note_use(root: str) -> None:
    """Remember that the environment was used now; at most once an hour anything is written."""
    from time import time

    path = os.path.join(root, ".hutch", "used")
    try:
        if not -3600 < time() - os.stat(path).st_mtime < 3600:
            os.utime(path)
    except FileNotFoundError:
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        except OSError:
            pass
    except OSError:
        pass
