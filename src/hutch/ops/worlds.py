"""Which choices among extras and groups are solved for, where some exclude each other.

All of them, while they are few. Twelve sets of five have two thousand million: then it begins with a few
(nothing, each one alone, and some largest ones), and a lock made for these is asked which other choices it
would be wrong for. Those are added, until there are none. See ``docs/adr/0013-choices-on-demand.md``.
"""

from __future__ import annotations

from hutch.errors import Problem, some_lines
from hutch.ops.checkout import plain_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hutch.ops.resolve import Request, Resolved

__all__ = ["MOST_WORLDS", "TooManyWorlds", "every_world", "missing_worlds", "some_worlds"]

FEW = 128
MOST_WORLDS = 640

Worlds = tuple[frozenset[str], ...]


class TooManyWorlds(Problem):
    """Extras and groups that exclude each other have needs that mix in too many ways to be solved for."""

    code = "too-many-choices"

    def __init__(self, conflicts: Iterable[frozenset[str]], words: Callable[[str], str]) -> None:
        told = [" and ".join(words(each) for each in sorted(one)) for one in sorted(conflicts, key=sorted)]
        super().__init__(
            f"extras and groups that exclude each other mix in more than {MOST_WORLDS} ways",
            why=some_lines(told, 8),
            hint="declare larger sets of them, of which one is chosen at a time: tool.hutch.conflicts",
        )


def every_world(conflicts: Iterable[frozenset[str]], deciding: frozenset[str] = frozenset()) -> Worlds | None:
    """Every choice among those in conflict and those that decide that holds no conflict; None: too many."""
    conflicts = tuple(conflicts)
    worlds: list[frozenset[str]] = [frozenset()]
    for name in sorted(deciding.union(*conflicts)):
        about = [conflict for conflict in conflicts if name in conflict]
        more = [world | {name} for world in worlds]
        worlds += [world for world in more if not any(world >= conflict for conflict in about)]
        if len(worlds) > FEW:
            return None
    return _ordered(worlds)


def some_worlds(
    conflicts: Iterable[frozenset[str]],
    deciding: frozenset[str] = frozenset(),
    more: Worlds = (),
    told: Callable[[str], str] = plain_words,
) -> Worlds:
    """A few choices, in which each extra and group is chosen at least twice, and those of ``more`` that
    hold no conflict. Raises ``TooManyWorlds``."""
    conflicts = tuple(conflicts)
    names = sorted(deciding.union(*conflicts))
    about = {name: [conflict for conflict in conflicts if name in conflict] for name in names}
    found: dict[frozenset[str], None] = {frozenset(): None}
    found |= {frozenset({name}): None for name in names}
    left = set(names)
    while left:
        # The largest choice that can be made with those that no large choice has yet, then of all.
        world: frozenset[str] = frozenset()
        for name in (*sorted(left), *names):
            if name not in world and not any(world | {name} >= conflict for conflict in about[name]):
                world |= {name}
        found[world] = None
        left -= world
    axes = frozenset(names)
    for choice in more:
        if not any(choice >= conflict for conflict in conflicts):
            found[choice & axes] = None
    if len(found) > MOST_WORLDS:
        raise TooManyWorlds(conflicts, told)
    return _ordered(found)


def missing_worlds(resolved: Resolved, request: Request) -> Worlds:
    """The choices that were not solved for, and for which the lock of ``resolved`` would be wrong."""
    from hutch.lock import Lock, broken_choices
    from hutch.ops.locking import lock_packages

    if every_world(request.conflicts, request.deciding) is not None:
        return ()
    axes = frozenset(request.deciding).union(*request.conflicts)
    roots: dict[str, list[object]] = {}
    for root, _ in resolved.roots:
        if not root.constraint:
            roots.setdefault(root.where, []).append(root.limited)
    lock = Lock(
        packages=lock_packages(resolved),
        created_by="hutch",
        conflicts=tuple(tuple(sorted(each)) for each in request.conflicts),
    )
    targets = resolved.targets.in_mask(resolved.resolution.targets)
    # What is there without a need does no harm, and is not worth giving up for.
    idle = len(request.targets.worlds) < MOST_WORLDS // 2
    found = broken_choices(lock, targets, roots, resolved.provider.metadata_of, idle=idle)  # type: ignore[arg-type]
    known = set(request.targets.worlds)
    return tuple(dict.fromkeys(choice & axes for choice in found if choice & axes not in known))


def _ordered(worlds: Iterable[frozenset[str]]) -> Worlds:
    return tuple(sorted(worlds, key=lambda world: (len(world), sorted(world))))
