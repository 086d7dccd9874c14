"""The environment that ``hutch env`` speaks of: the project's, else the active one, else the nearest."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env import Environment
    from hutch.ops.context import Context

__all__ = ["present_environment"]


def present_environment(context: Context, *, repair: bool = True) -> Environment:
    """The environment, which has to be there; what was cut off in it is put right first, with ``repair``."""
    from hutch.env import is_prefix, is_unfinished, recover
    from hutch.ops.pip_environment import open_prefix
    from hutch.ops.problems import NoEnvironment

    if context.named is not None:
        from hutch.ops.chosen import chosen_environment

        environment = _opened(chosen_environment(context))
    elif context.root is None:
        from hutch.ops.pip_environment import ExternallyManaged, NowhereToInstall, find_environment

        try:
            place = find_environment(context)
            environment = _opened(place) if is_prefix(place) else open_prefix(place)
        except (NowhereToInstall, ExternallyManaged):
            found = _changed_python(context)
            if found is None:
                raise NoEnvironment(
                    ".venv", "hutch venv makes one; or activate the one that you mean"
                ) from None
            environment = found
    else:
        from hutch.ops.environments import environment_root

        root = environment_root(context, context.checkout)
        if is_unfinished(root):
            place = os.path.relpath(root, context.directory)
            more = f" --env {context.env}" if context.env is not None else ""
            raise NoEnvironment(root if place.startswith("..") else place, f"hutch sync{more} makes it")
        environment = _opened(root)
    if environment.kept and not environment.prefix:
        environment = _opened(environment.root, instead=environment)
    if repair:
        recover(environment, context.emit)
    return environment


def _opened(path: str, *, instead: Environment | None = None) -> Environment:
    """The environment at ``path``, one of conda's with packages of both kinds; else ``instead``."""
    from hutch.env import is_prefix, open_environment
    from hutch.env import open_prefix as open_both

    if is_prefix(path):
        return open_both(path)
    return instead if instead is not None else open_environment(path)


def _changed_python(context: Context) -> Environment | None:
    """The Python that ``--python`` names, if `hutch pip --system` has changed it: then that is meant."""
    if context.flags.get("python") is None:
        return None
    from hutch.ops.pip_environment import system_environment

    environment, _ = system_environment(context, True)
    return environment if os.path.isdir(os.path.join(environment.root, ".hutch")) else None
