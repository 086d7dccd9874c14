"""Of a project's lock what one of its environments has (``--env``): for commands that look at the lock."""

from __future__ import annotations

from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.lock import Lock
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.selection import Selection, SelectionOptions

__all__ = ["part_of_environment", "selection_in", "tell_environments"]


def part_of_environment(
    context: Context,
    checkout: Checkout,
    lock: Lock,
    options: SelectionOptions | None = None,
    *,
    name: str | None = None,
    named: bool = True,
) -> Lock:
    """A lock as it were if the environment that is meant (or ``name``) was all there is; as it is where none
    is named.

    Its groups and extras are those typed in ``options``, else those that are declared for the environment,
    else those that it remembers. An unknown name is refused. ``named``: what asks for a package keeps the
    name of the list where it stands; else everything is asked for by the project.
    """
    meant = name or context.env
    if meant is None:
        return lock
    from hutch.lock import chosen_lock, chosen_wheres

    is_first = _is_first(context, checkout, meant)
    selection = selection_in(context, checkout, lock, options, is_first=is_first)
    if lock.conda is None:
        return _of_index(lock, selection, named=named)
    wheres = chosen_wheres(selection.extras, selection.groups, only=selection.only_groups)
    return chosen_lock(lock, None if is_first else meant, wheres, plain=True, named=named, alone=True)


def selection_in(
    context: Context,
    checkout: Checkout,
    lock: Lock,
    options: SelectionOptions | None = None,
    *,
    is_first: bool | None = None,
) -> Selection:
    """The groups and extras that are chosen: typed, else those of the environment that is meant."""
    from hutch.ops.choosing import selection_of
    from hutch.ops.env_selection import chosen_options, refuse_unknown
    from hutch.ops.environments import environment_root
    from hutch.ops.selection import SelectionOptions

    chosen: SelectionOptions = options or SelectionOptions()
    if is_first is None:
        is_first = context.env is None or _is_first(context, checkout, context.env)
    if not is_first:
        refuse_unknown(context, checkout, environment_root(context, checkout))
        chosen = chosen_options(context, checkout, chosen)
    return selection_of(chosen, checkout, None, lock)


def _is_first(context: Context, checkout: Checkout, meant: str) -> bool:
    from hutch.lock import FIRST

    return meant == FIRST and (context.env is None or FIRST not in checkout.manifest.settings.environments)


def tell_environments(context: Context, lock: Lock) -> None:
    """That the lock has several solutions, of which one can be looked at alone."""
    if context.env is not None or lock.conda is None or not lock.conda.worlds:
        return
    from hutch.events import Notice

    names = ", ".join(each.name for each in lock.conda.environments)
    text = f"environments that are solved apart: {names}; --env NAME shows one of them"
    context.emit(Notice(text))


def _of_index(lock: Lock, selection: Selection, *, named: bool) -> Lock:
    """The part of a lock without packages of conda: what the chosen lists lead to."""
    from hutch.lock import chosen_wheres
    from hutch.ops.narrow import narrowed

    wheres = chosen_wheres(selection.extras, selection.groups, only=selection.only_groups)
    part = narrowed(lock, selection)
    if not lock.roots:
        return part
    below: dict[str, list[str]] = {}
    for package in part.packages:
        below.setdefault(package.name, []).extend(edge.name for edge in package.dependencies)
    asked = tuple(root for root in lock.roots if root.where in wheres)
    reached: set[str] = set()
    waiting = [str(root.name) for root in asked]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += below.get(name, ())
    packages = tuple(package for package in part.packages if package.name in reached)
    return replace(part, packages=packages, roots=asked if named else part.roots)
