"""The conda part of a lock as plain tuples, for ``marshal``: see ``shadow``."""

from __future__ import annotations

import marshal

from hutch.lock.conda_model import (
    CONDA_FIELDS,
    CondaEdge,
    CondaEnvironment,
    CondaLock,
    CondaRoot,
    CondaTarget,
    CondaWorld,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.spec import CondaRecord

__all__ = ["conda_from_tuple", "conda_to_tuple"]


def conda_to_tuple(part: CondaLock | None) -> tuple[Any, ...] | None:
    """``part`` as tuples, strings and numbers; the records are marshalled on their own."""
    if part is None:
        return None
    return (
        part.channels,
        tuple((each.name, each.subdir, each.virtual, each.python, each.world) for each in part.targets),
        tuple((each.spec, each.where, each.targets) for each in part.roots),
        part.wheels,
        tuple((e.conda, e.wheel, e.version, e.where, e.extra, e.asks) for e in part.edges),
        tuple((each.name, each.wheres, each.channels) for each in part.worlds),
        tuple((each.name, each.world, each.wheres, each.group) for each in part.environments),
        marshal.dumps(tuple((_fields(each.record), each.reached) for each in part.packages)),
    )


def conda_from_tuple(value: tuple[Any, ...] | None) -> CondaLock | None:
    """The part back."""
    if value is None:
        return None
    channels, targets, roots, wheels, edges, worlds, environments, packed = value
    part = object.__new__(CondaLock)
    put = object.__setattr__
    put(part, "channels", channels)
    put(
        part,
        "targets",
        tuple(CondaTarget(name=n, subdir=s, virtual=v, python=p, world=w) for n, s, v, p, w in targets),
    )
    put(part, "roots", tuple(CondaRoot(spec=s, where=w, targets=t) for s, w, t in roots))
    put(part, "wheels", wheels)
    put(
        part,
        "edges",
        tuple(CondaEdge(conda=c, wheel=n, version=v, where=w, extra=x, asks=a) for c, n, v, w, x, a in edges),
    )
    put(part, "worlds", tuple(CondaWorld(name=n, wheres=w, channels=c) for n, w, c in worlds))
    put(
        part,
        "environments",
        tuple(CondaEnvironment(name=n, world=i, wheres=w, group=g) for n, i, w, g in environments),
    )
    put(part, "_packed", packed)
    return part


def _fields(record: CondaRecord) -> tuple[Any, ...]:
    return tuple(getattr(record, name) for name in CONDA_FIELDS)
