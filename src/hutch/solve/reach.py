"""Which of the chosen packages does each target really need, and for whose sake?

The solver decides for all targets on which a package might be needed; a package that is reached
only through a marker that excludes the target is not. This walk over the chosen versions settles
it, once for each root of the project: its dependencies, each extra, each group.
"""

from __future__ import annotations

from hutch.solve.questions import Need, Resolution

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["reach"]


def reach(resolution: Resolution, roots: Iterable[Need]) -> dict[tuple[str, int], int]:
    """(package, place) → the targets on which one of ``roots`` needs it."""
    active: dict[tuple[str, int], int] = {}
    queue = [(need, resolution.targets & need.mask) for need in roots if not need.constraint]
    while queue:
        need, mask = queue.pop()
        for targets, place in resolution.chosen.get(need.package, ()):
            key = (need.package, place)
            here = mask & targets
            fresh = here & ~active.get(key, 0)
            if fresh:
                active[key] = active.get(key, 0) | fresh
                queue += [
                    (below, fresh & below.mask)
                    for below in resolution.needs.get(key, ())
                    if fresh & below.mask and not below.constraint
                ]
    return active
