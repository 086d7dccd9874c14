"""How files get into an environment, and whether whole directories of wheels may be links (mode ``tree``)."""

from __future__ import annotations

import os

from hutch.events import Notice
from hutch.ops.env_places import names_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.env import Environment
    from hutch.ops.context import Context
    from hutch.store import StoredWheel

__all__ = ["in_use", "link_mode_for", "planted"]


def link_mode_for(context: Context, environment: Environment) -> Any:
    """The mode for this environment: what was asked for, else what suits its kind.

    A folder that is given away has files of its own. A throwaway environment, which nobody changes by
    hand, is made of links to trees of the store that it lies in.
    """
    configuration = context.configuration
    chosen = configuration.is_chosen("link-mode")
    if environment.python_outside:
        mode: Any = configuration.link_mode if chosen else "copy"
    elif chosen or not environment.root.startswith(os.path.join(context.store.root, "")):
        mode = configuration.link_mode
    else:
        mode = "tree"
    if mode != "tree":
        return mode
    reason = _why_not(context, environment)
    if reason is None:
        return mode
    if chosen:
        context.emit(Notice(f"files are linked one by one: {reason}"))
    return "auto"


def _why_not(context: Context, environment: Environment) -> str | None:
    """Why directories cannot be links into the store; None if they can. The store knows of it then."""
    from hutch.ops.occasions import note_root

    if environment.python_outside:
        return "a folder without pyvenv.cfg is given away, and the cache stays"
    if environment.root.startswith(os.path.join(names_folder(context.configuration.data_dir), "")):
        return "an environment with a name is to outlive the cache"
    if context.throws_away:
        return "the cache goes away with the command"
    if not os.path.islink(environment.executable) and not _has_links(environment.root):
        return "there are no symbolic links here, or not for this user"
    if not note_root(context, environment):
        return "the cache cannot note that they are used"
    return None


def _has_links(root: str) -> bool:
    probe = os.path.join(root, ".hutch", f"link-{os.getpid()}")
    try:
        os.symlink(root, probe, target_is_directory=True)
        os.unlink(probe)
    except (OSError, NotImplementedError):
        return False
    return True


def in_use(path: str) -> frozenset[str]:
    """What of a store the environment at that path uses: wheels, and the trees that it links to."""
    from hutch.env import trees_in_use, wheels_in_use

    return wheels_in_use(path) | trees_in_use(path)


def planted(context: Context, wheels: Mapping[str, StoredWheel]) -> dict[str, StoredWheel]:
    """The wheels as trees, where they can be."""
    plant = context.store.trees.plant
    return {name: plant(wheel) for name, wheel in wheels.items()}
