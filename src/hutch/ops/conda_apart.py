"""What two locks that are merged have chosen for environments that are solved apart.

A lock in the middle of a merge is read line by line for its versions; whose they are that does not tell. Each
side for itself is a lock, though, and says it.
"""

from __future__ import annotations

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    Choices: TypeAlias = Mapping[str, tuple[str, ...]]

__all__ = ["choices_by_environment", "choices_of_conflict", "kept_of_both"]


def choices_of_conflict(text: str) -> dict[str, Choices]:
    """What the sides of a file with conflict markers have for each environment, our side's first."""
    from hutch.lock import sides_of_conflict

    ours, theirs = (choices_by_environment(side) for side in sides_of_conflict(text))
    return kept_of_both({}, ours, theirs)


def choices_by_environment(text: str) -> dict[str, Choices]:
    """The choices of a lock for each environment; nothing of one without several, or that cannot be read."""
    from hutch.lock import environment_lock, parse_lock
    from hutch.ops.conda_project import locked_choices

    try:
        lock = parse_lock(text)
    except Problem:
        return {}
    if lock.conda is None or not lock.conda.worlds:
        return {}
    return {each.name: locked_choices(environment_lock(lock, each)) for each in lock.conda.environments}


def kept_of_both(
    base: Mapping[str, Choices], ours: Mapping[str, Choices], theirs: Mapping[str, Choices]
) -> dict[str, Choices]:
    """What to keep: of a side that changed a package its choice, of two that did the choices of both."""
    found: dict[str, Choices] = {}
    for name in dict.fromkeys((*ours, *theirs)):
        before, mine, other = base.get(name, {}), ours.get(name, {}), theirs.get(name, {})
        found[name] = {
            each: labels
            for each in dict.fromkeys((*mine, *other))
            if (labels := _changed(before.get(each), mine.get(each), other.get(each)))
        }
    return found


def _changed(
    before: Sequence[str] | None, mine: Sequence[str] | None, other: Sequence[str] | None
) -> tuple[str, ...]:
    if mine == before:
        return tuple(other or ())
    if other == before:
        return tuple(mine or ())
    return tuple(dict.fromkeys((*(mine or ()), *(other or ()))))
