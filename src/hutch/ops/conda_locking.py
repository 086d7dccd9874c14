"""From a resolution over both sides to a lock: records and versions of the index."""

from __future__ import annotations

from hutch.lock import Lock
from hutch.ops.locking import lock_packages
from hutch.ops.resolve import Resolved
from hutch.provide import split_package
from hutch.provide.joint import CONDA
from hutch.solve import Universe
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.ops.conda_question import CondaResolution, JointPart

__all__ = ["conda_lock", "index_part"]


def conda_lock(
    found: CondaResolution,
    inputs: str,
    *,
    requires_python: str | None = None,
    extras: Iterable[str] = (),
    groups: Iterable[str] = (),
    default_groups: Iterable[str] = (),
) -> Lock:
    """The lock of a resolution. Its packages are for the targets of its conda part, and for no others."""
    wheres = {where for package in found.packages for where, _ in package.reached}
    named = {kind: {where[6:] for where in wheres if where.startswith(kind)} for kind in ("extra:", "group:")}
    lock = Lock(
        conda=found.to_lock(),
        inputs=inputs,
        requires_python=requires_python,
        extras=tuple(sorted({*extras, *named["extra:"]})),
        dependency_groups=tuple(sorted({*groups, *named["group:"]})),
        default_groups=tuple(sorted(default_groups)),
    )
    if found.joint is None:
        return lock
    resolved, reached = index_part(found.joint)
    everything = found.joint.resolution.targets
    return replace(
        lock,
        packages=lock_packages(resolved, reached=reached),
        environments=resolved.targets.environments(everything),
        targets=tuple(resolved.targets.names(everything)),
    )


def index_part(part: JointPart) -> tuple[Resolved, dict[str, dict[tuple[str, int], int]]]:
    """What was chosen on the index's side alone, and from where each of it is needed.

    A version may be needed by a record alone: the roots do not lead there, so what is needed is told beside.
    """
    joint, resolution = part.provider, part.resolution
    universe = Universe()
    places: dict[tuple[str, int], int] = {}
    chosen: dict[str, tuple[tuple[int, int], ...]] = {}
    for name, pairs in resolution.chosen.items():
        base = split_package(name)[0]
        if base.startswith(CONDA):
            continue
        kept = []
        for mask, place in pairs:
            if joint.record_at(name, place) is None:
                places[name, place] = joint.version_at(name, place)
                kept.append((mask, places[name, place]))
        if kept:
            chosen[name] = tuple(kept)
            if base not in universe:
                universe.add(base, part.index.versions((base,))[base])
    needs = {
        (name, places[name, place]): tuple(need for need in found if need.package in chosen)
        for (name, place), found in resolution.needs.items()
        if (name, place) in places
    }
    reached = {
        where: {(key[0], places[key]): mask for key, mask in found.items() if key in places}
        for where, found in part.reached.items()
    }
    resolved = Resolved(
        resolution=replace(resolution, chosen=chosen, needs=needs, universe=universe),
        roots=part.roots,
        targets=part.targets,
        provider=part.index,
        dropped=(),
    )
    return resolved, reached
