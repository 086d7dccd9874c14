"""What the history of an environment is told of a command, and what it asks of commands in return."""

from __future__ import annotations

import os

from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.env import Environment, Installed, Occasion
    from hutch.ops.context import Context
    from hutch.spec import NormalizedName

__all__ = ["gutted", "is_pinned", "note_root", "occasion_of", "said_command"]

LONGEST = 200


def occasion_of(
    context: Context,
    *,
    pinned: bool | None = None,
    restores: int | None = None,
    remembered: bool = True,
    new: bool = False,
    proven: frozenset[str] = frozenset(),
) -> Occasion:
    """The command as the history shows it, without what may be secret."""
    from hutch.env import Occasion

    return Occasion(
        command=said_command(context.words),
        generations=context.configuration.generations if remembered else 0,
        pinned=pinned,
        restores=restores,
        new=new,
        proven=proven,
    )


def said_command(words: tuple[str, ...]) -> str:
    """The words of a command in one line, without what may be secret."""
    from hutch.spec import safe_text

    if any("://" in word for word in words):
        from hutch.config.values import redacted

        # `name @ https://…` is one word of the command line, and several here.
        words = tuple(redacted(part) for word in words for part in word.split())
    text = safe_text(" ".join(words))
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def note_root(context: Context, environment: Environment) -> bool:
    """Tell the store that the environment has files of it, so that nobody prunes them; whether it knows."""
    if context.configuration.no_cache or context.store.is_temporary:
        return False
    from hutch.store.roots import register

    return register(context.store.root, environment.root)


def is_pinned(context: Context, root: str) -> bool:
    """Whether the environment was rolled back, and is to stay so though the lock says otherwise; says so."""
    from hutch.env.generations import PINNED

    if not os.path.lexists(os.path.join(root, PINNED)):
        return False
    from hutch.env import pinned_generation

    number = pinned_generation(root)
    which = f" to generation {number}" if number else ""
    more = f" --env {context.env}" if context.env is not None else ""
    context.emit(
        Notice(
            f"{os.path.basename(root)} was rolled back{which}, and stays so;"
            f" hutch sync{more} makes it what the lock says"
        )
    )
    return True


def gutted(
    environment: Environment | None, installed: Mapping[NormalizedName, Installed]
) -> frozenset[NormalizedName]:
    """What somebody has deleted files of, as far as a glance tells.

    There is none while `site-packages` is as the last sync has left it, but for links that lead nowhere.
    """
    if environment is None:
        return frozenset()
    from hutch.env import find_gutted
    from hutch.ops.quick import is_as_left

    if is_as_left(environment):
        installed = {name: one for name, one in installed.items() if one.linked}
    return find_gutted(environment, installed) if installed else frozenset()
