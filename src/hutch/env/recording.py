"""What the history will say of a change, put together before the change begins."""

from __future__ import annotations

import os
import time

from hutch.env.generations import (
    PINNED,
    Occasion,
    Package,
    Record,
    new_name,
    read_newest,
    record_names,
    steps_between,
    write_foreign,
)
from hutch.env.state import boot_mark
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hutch.env.installed import Installed
    from hutch.env.plan import Plan
    from hutch.env.prepare import Change

__all__ = ["begin_history", "foreign_steps", "packages_now", "record_change"]


def record_change(root: str, plan: Plan, change: Change, occasion: Occasion) -> Record:
    """The record of ``change``, which is not written yet. Raises OSError.

    What somebody else has changed since the last record gets one of its own, at once, so that it can be gone
    back to.
    """
    moves, fresh = list(change.moves), list(change.fresh)
    if occasion.passing:
        return Record(name=new_name(0), number=0, time=0.0, moves=tuple(moves), fresh=tuple(fresh))
    newest = read_newest(root)
    now = packages_now(root, change.installed, newest)
    number = _last_number(root)
    if _is_foreign(newest, now):
        number += 1
        now = tuple(one if one.since else _since(one, number) for one in now)
        foreign = Record(
            name=new_name(number),
            number=number,
            time=time.time(),
            boot=boot_mark(),
            foreign=True,
            steps=steps_between(newest.packages if newest is not None else (), now),
            packages=now,
        )
        write_foreign(root, foreign)
    number += 1
    after = {one.name: one for one in now}
    for step in plan.removals:
        after.pop(step.name, None)
    for placement, link in zip(change.placements, plan.links, strict=True):
        after[placement.name] = Package(
            name=placement.name,
            version=placement.version,
            dist_info=f"{placement.site}/{placement.dist_info}",
            sha256=placement.sha256,
            size=len(placement.record),
            digest=_digest(placement.record),
            since=number,
            requested=link.requested,
            direct_url=link.direct_url,
        )
    for path, content in change.records.items():
        name = next(name for name, one in after.items() if one.dist_info in (path, path.rpartition("/")[0]))
        after[name] = replace(after[name], size=len(content), digest=_digest(content), since=number)
    packages = tuple(after[name] for name in sorted(after))
    pinned = os.path.lexists(os.path.join(root, PINNED))
    if pinned and occasion.pinned is not None:
        moves.append(PINNED)
    if occasion.pinned:
        fresh.append(PINNED)
    return Record(
        name=new_name(number),
        number=number,
        time=time.time(),
        boot=boot_mark(),
        command=occasion.command,
        restores=occasion.restores,
        steps=steps_between(now, packages),
        moves=tuple(moves),
        fresh=tuple(fresh),
        packages=packages,
    )


def begin_history(root: str, packages: Iterable[Package], command: str) -> None:
    """The first generation of an environment that came into being with all that is in it."""
    first = tuple(replace(one, since=1) for one in sorted(packages, key=lambda one: one.name))
    record = Record(
        name=new_name(1),
        number=1,
        time=time.time(),
        boot=boot_mark(),
        command=command,
        steps=steps_between((), first),
        packages=first,
    )
    write_foreign(root, record)


def packages_now(root: str, installed: Mapping[str, Installed], newest: Record | None) -> tuple[Package, ...]:
    """What is installed, with what the last record knows of it; ``since`` is 0 for what it does not know."""
    known = {one.name: one for one in newest.packages} if newest is not None else {}
    found = []
    for name, one in installed.items():
        package = Package(name=str(name), version=one.version, dist_info=one.dist_info, size=one.record_size)
        before = known.get(str(name))
        found.append(before if before is not None and before.is_same(package) else package)
    return tuple(found)


def foreign_steps(newest: Record | None, now: Iterable[Package]) -> tuple[tuple[str, ...], ...]:
    """What somebody else has changed since the last record."""
    return steps_between(newest.packages if newest is not None else (), now)


def _is_foreign(newest: Record | None, now: tuple[Package, ...]) -> bool:
    if newest is None:
        return bool(now)
    return now != newest.packages


def _since(package: Package, number: int) -> Package:
    return replace(package, since=number)


def _last_number(root: str) -> int:
    names = record_names(root)
    return int(names[-1].partition("-")[0]) if names else 0


def _digest(content: bytes) -> str:
    from hutch.spec.digest import short_sha256

    return short_sha256(content)[:16]
