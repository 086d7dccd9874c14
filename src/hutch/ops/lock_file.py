"""The lock on disk: read, whatever state it is in, and remembered, since reading TOML takes its time."""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.ops.checkout import LOCK, Checkout, read_text, refuse_way_out
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.lock import Lock
    from hutch.ops.context import Context

__all__ = [
    "NoLock",
    "OldLock",
    "locked_names",
    "read_lock",
    "read_old_lock",
    "recall_lock",
    "remember_lock",
]


class NoLock(Problem):
    """There is no lock, and none was to be made."""

    code = "no-lock"

    def __init__(self, path: str, hint: str = "run hutch lock") -> None:
        super().__init__(f"there is no {os.path.basename(path)}", why=f"{path} does not exist", hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class OldLock:
    """The lock on disk as far as it can be used; ``versions`` serve as preferences in any case, and
    ``records`` (``VERSION BUILD`` of packages of conda; those ``saved`` from a lock that is broken). Of a
    project that has another tool's lock (``seed``) they are those of that lock. Of one in the middle of a
    merge ``apart`` has the choices of environments that are solved apart, by their names."""

    text: str | None = None
    lock: Lock | None = None
    versions: Mapping[Any, tuple[str, ...]] = field(default_factory=dict)
    broken: Problem | None = None
    seed: Lock | None = None
    saved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    apart: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def records(self) -> Mapping[str, tuple[str, ...]]:
        """Asked for late: a lock from its shadow unpacks its records for it."""
        lock = self.lock or self.seed
        return lock.conda.preferences() if lock is not None and lock.conda is not None else self.saved


def read_lock(context: Context, checkout: Checkout) -> Lock:
    """The lock on disk, as it is, of whichever tool; a problem where there is none or it is not one."""
    if checkout.foreign is not None:
        from hutch.ops.foreign_reading import read_foreign_lock

        return read_foreign_lock(context, checkout)
    old = read_old_lock(context, checkout)
    if old.broken is not None:
        raise old.broken
    if old.lock is None:
        raise NoLock(checkout.lock_path, checkout.lock_hint)
    return old.lock


def locked_names(context: Context, checkout: Checkout) -> frozenset[str]:
    """The packages of the lock on disk, in whatever state it is; none where there is none."""
    old = read_old_lock(context, checkout)
    direct = frozenset(package.name for package in old.lock.packages) if old.lock is not None else frozenset()
    return direct.union(old.versions, old.records)


def read_old_lock(context: Context, checkout: Checkout) -> OldLock:
    """The lock on disk as far as it can be used; the problem with it is in there. NewerLock is raised."""
    path = checkout.lock_path
    if not os.path.exists(path):
        refuse_way_out(path)
        if checkout.seed is not None:
            from hutch.ops.foreign_reading import seed_lock

            seed = seed_lock(context, checkout)
            versions = seed.preferences() if seed is not None else {}
            return OldLock(versions=versions, seed=seed)
        return OldLock()
    text = read_text(path)
    shadow = recall_lock(context, text)
    if shadow is not None:
        return OldLock(text=text, lock=shadow, versions=shadow.preferences())
    from hutch.lock import InvalidLock, MergeMarkers, NewerLock, parse_lock, salvage, salvage_conda

    try:
        found = parse_lock(text, filename=LOCK)
    except NewerLock:
        raise
    except MergeMarkers as problem:
        kept: dict[str, tuple[str, ...]] = {}
        for name, version in salvage(text):
            kept[name] = (*kept.get(name, ()), version)
        records: dict[str, tuple[str, ...]] = {}
        for name, version, build in salvage_conda(text):
            records[name] = (*records.get(name, ()), f"{version} {build}")
        from hutch.ops.conda_apart import choices_of_conflict

        apart = context.kept or (choices_of_conflict(text) if records else {})
        return OldLock(text=text, versions=kept, saved=records, broken=problem, apart=apart)
    except InvalidLock as problem:
        refuse_way_out(path)
        return OldLock(text=text, broken=problem)
    remember_lock(context, text, found)
    return OldLock(text=text, lock=found, versions=found.preferences())


def _key(text: str) -> str:
    from hutch.spec import short_sha256

    return short_sha256(text.encode())


def recall_lock(context: Context, text: str) -> Lock | None:
    """The lock of this text as it was read before: reading it from TOML takes fifty times as long."""
    from hutch.lock import lock_from_tuple

    return lock_from_tuple(context.store.tables.read("locks", _key(text)))


def remember_lock(context: Context, text: str, found: Lock) -> None:
    """Keep what the text says in a form that is read quickly."""
    from hutch.lock import lock_to_tuple

    context.store.tables.write("locks", _key(text), lock_to_tuple(found))
