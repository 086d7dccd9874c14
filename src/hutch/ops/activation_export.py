"""What a project says of its activation, in the words of an ``environment.yml``: its ``variables``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hutch.lock import CondaTarget, Lock
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.selection import SelectionOptions

__all__ = ["exported_variables", "written_variables"]


def exported_variables(
    context: Context, checkout: Checkout, lock: Lock, options: SelectionOptions, target: CondaTarget
) -> tuple[tuple[str, str], ...]:
    """The variables of the chosen part on a platform; what cannot be said is told."""
    from hutch.lock import chosen_wheres
    from hutch.ops.env_part import selection_in
    from hutch.ops.project_activation import said_of_activation

    settings = checkout.manifest.settings.conda
    if settings is None or not settings.activation:
        return ()
    selection = selection_in(context, checkout, lock, options)
    wheres = chosen_wheres(selection.extras, selection.groups, only=selection.only_groups)
    scripts, env = said_of_activation(context, checkout, wheres, target)
    return _variables(context, scripts, env)


def written_variables(context: Context, root: str) -> tuple[tuple[str, str], ...]:
    """Those that a sync has written down for the environment at ``root``."""
    import os

    from hutch.ops.project_activation import OF_PIXI, read_activation

    found = read_activation(root)
    if found is None:
        return ()
    scripts = [os.path.basename(each) for each in found.scripts]
    return _variables(context, scripts, {name: value for name, value in found.env if name not in OF_PIXI})


def _variables(
    context: Context, scripts: Sequence[str], env: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """conda takes a value as it stands, and reads no scripts of a project."""
    from hutch.events import Notice
    from hutch.ops.project_activation import plain_value

    plain = {name: plain_value(value) for name, value in env.items() if name != "PATH"}
    left = [*scripts, *(name for name in env if plain.get(name) is None)]
    if left:
        text = f"what conda has no words for in activation is not in it: {', '.join(left)}"
        context.emit(Notice(text, warning=True))
    return tuple((name, value) for name, value in plain.items() if value is not None)
