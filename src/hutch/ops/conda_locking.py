"""From a resolution over both sides to a lock: records and versions of the index."""

from __future__ import annotations

from hutch.lock import CondaEdge, Lock
from hutch.ops.locking import lock_parts
from hutch.ops.resolve import Resolved
from hutch.provide import split_package
from hutch.provide.joint import CONDA, PYTHON
from hutch.solve import Universe
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hutch.ops.conda_question import CondaResolution, JointPart
    from hutch.solve import Need

__all__ = ["border_edges", "conda_lock", "index_part"]


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
    assert lock.conda is not None
    packages, roots = lock_parts(resolved, reached)
    return replace(
        lock,
        conda=replace(lock.conda, edges=border_edges(found.joint)),
        roots=roots,
        packages=packages,
        environments=resolved.targets.environments(everything),
        targets=tuple(resolved.targets.names(everything)),
    )


def border_edges(part: JointPart) -> tuple[CondaEdge, ...]:
    """What the requirements of Python ask of records: who needs which package of conda, and with what words.

    Python itself is passed over: all wheels need it.
    """
    joint, resolution = part.provider, part.resolution
    alive = resolution.targets
    found: dict[CondaEdge, None] = {}

    def needs_on(need: Need, mask: int) -> Iterator[tuple[str, int]]:
        if need.constraint or need.exactly is not None or split_package(need.package)[0] == PYTHON:
            return
        for targets, place in resolution.chosen.get(need.package, ()):
            if mask & need.mask & targets:
                yield need.package, place

    for root, needs in part.roots:
        if root.constraint or root.implied:
            continue
        for need in needs:
            for below, place in needs_on(need, alive):
                record = joint.record_at(below, place)
                if record is not None:
                    found[CondaEdge(conda=record.name, where=root.where, asks=_asks(need))] = None
    masks: dict[tuple[str, int], int] = {}
    versions: dict[str, set[int]] = {}
    for reached in part.reached.values():
        for key, mask in reached.items():
            masks[key] = masks.get(key, 0) | mask
            versions.setdefault(split_package(key[0])[0], set()).add(key[1])
    for (name, at), mask in masks.items():
        base, extra = split_package(name)
        above = joint.record_at(name, at)
        if above is not None and not extra:
            continue  # its MatchSpecs say it
        for need in resolution.needs.get((name, at), ()):
            for below, place in needs_on(need, mask):
                record = joint.record_at(below, place)
                if above is not None and record is None:
                    found[CondaEdge(conda=above.name, extra=extra, wheel=split_package(below)[0])] = None
                elif above is None and record is not None:
                    version = None
                    if len(versions[base]) > 1:
                        version = part.index.versions((base,))[base].labels[joint.version_at(name, at)]
                    edge = CondaEdge(conda=record.name, wheel=base, version=version, asks=_asks(need))
                    found[edge] = None
    return tuple(found)


def _asks(need: Need) -> str:
    """The specifiers of a need as a requirement has them."""
    from hutch.spec import render_specifiers

    return render_specifiers(need.specifiers)


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
