"""``hutch cache``: where it is, how large it is, whether it is sound, and what of it may go."""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem
from hutch.events import Checked, Notice, PhaseEnded, PhaseStarted
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.ops.context import Context
    from hutch.store import Damage, Store

__all__ = [
    "CacheCleanOptions", "CacheCleanOutcome", "CacheDirOutcome", "CachePruneOptions", "CachePruneOutcome",
    "CacheSizeOutcome", "CacheVerifyOptions", "CacheVerifyOutcome",
    "cache_clean", "cache_dir", "cache_prune", "cache_size", "cache_verify", "tidy",
]  # fmt: skip

TIDY_EVERY = 86400.0
"""Seconds between two prunes that nobody asked for."""
TIDY_FOR = 3.0
"""Seconds that such a prune may take; what is left over is for the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheDirOutcome:
    """Where the cache is."""

    path: str

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path}


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSizeOutcome:
    """(kind, files, bytes) of each part, and how many bytes there may be."""

    kinds: tuple[tuple[str, int, int], ...]
    limit: int | None = None

    def to_json(self) -> dict[str, Any]:
        kinds = [{"kind": kind, "files": files, "bytes": size} for kind, files, size in self.kinds]
        return {"kinds": kinds, "limit": self.limit}


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheCleanOptions:
    """The options of ``cache clean``; without names everything goes."""

    names: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheCleanOutcome:
    """What went, or would go."""

    files: int
    bytes: int
    dry_run: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"files": self.files, "bytes": self.bytes, "dry_run": self.dry_run}


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheVerifyOptions:
    """The options of ``cache verify``."""

    deep: bool = False
    fix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheVerifyOutcome:
    """What was looked at and what was wrong; ``exit_code`` 1 where something still is.

    ``users`` are the environments that have files of a damaged wheel, by its hash: with hard links, the
    same files.
    """

    wheels: int
    files: int
    tables: int
    damage: tuple[Damage, ...]
    deep: bool
    fix: bool
    users: Mapping[str, tuple[str, ...]]

    @property
    def exit_code(self) -> int:
        return int(any(not each.done for each in self.damage))

    def to_json(self) -> dict[str, Any]:
        return {
            "wheels": self.wheels,
            "files": self.files,
            "tables": self.tables,
            "deep": self.deep,
            "damage": [
                {
                    "kind": each.kind,
                    "name": each.name,
                    "key": each.key,
                    "faults": list(each.faults),
                    "done": each.done or None,
                    "environments": list(self.users.get(each.key, ())),
                }
                for each in self.damage
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePruneOptions:
    """The options of ``cache prune``; ``limit`` as the setting ``cache-size-limit`` has it."""

    limit: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePruneOutcome:
    """What went, or would go (by kind, and bytes), and what is left."""

    removed: dict[str, int]
    bytes: int
    left: int
    in_use: int
    environments: int
    limit: int | None
    dry_run: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "removed": self.removed,
            "bytes": self.bytes,
            "left": self.left,
            "in_use": self.in_use,
            "environments": self.environments,
            "limit": self.limit,
            "dry_run": self.dry_run,
        }


def cache_dir(context: Context) -> CacheDirOutcome:
    """Where the cache is, whether or not there is anything in it."""
    return CacheDirOutcome(path=str(context.configuration.cache_dir))


def cache_size(context: Context) -> CacheSizeOutcome:
    """How large the cache is, kind by kind."""
    store = _store(context)
    kinds = tuple((size.kind, size.files, size.bytes) for size in store.size())
    return CacheSizeOutcome(kinds=kinds, limit=_limit(context, store))


def cache_clean(context: Context, options: CacheCleanOptions) -> CacheCleanOutcome:
    """Empty the cache, or take out what it has of some packages."""
    from hutch.spec import parse_name

    store = _store(context)
    names = tuple(parse_name(name) for name in options.names) or None
    if options.dry_run:
        if names is not None:
            raise UsageProblem(
                "cache clean can only tell beforehand what everything takes", hint="leave the names out"
            )
        sizes = store.size()
        files, size = sum(each.files for each in sizes), sum(each.bytes for each in sizes)
        return CacheCleanOutcome(files=files, bytes=size, dry_run=True)
    _check_writable(store)
    from hutch.env import trees_in_use

    freed = store.clean(names, in_use=trees_in_use)
    if freed.kept:
        what = "a package stays" if freed.kept == 1 else f"{freed.kept} packages stay"
        text = f"{what} in the cache, because environments link to them (link-mode tree)"
        context.emit(Notice(f"{text}; hutch sync --reinstall --link-mode auto there makes them independent"))
    return CacheCleanOutcome(files=freed.files, bytes=freed.bytes)


def cache_verify(context: Context, options: CacheVerifyOptions) -> CacheVerifyOutcome:
    """Compare everything in the cache with what was put there; with ``fix`` take out what is damaged."""
    store = _store(context)
    if options.fix:
        _check_writable(store)
    context.emit(PhaseStarted("check", sum(1 for _ in store.wheels.entries())))
    done = store.verify(deep=options.deep, fix=options.fix, step=lambda what: context.emit(Checked(what)))
    context.emit(PhaseEnded("check"))
    return CacheVerifyOutcome(
        wheels=done.wheels,
        files=done.files,
        tables=done.tables,
        damage=done.damage,
        deep=options.deep,
        fix=options.fix,
        users=_users(store, frozenset(each.key for each in done.damage if each.kind in ("wheels", "trees"))),
    )


def _users(store: Store, damaged: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """The environments that have something of these wheels."""
    from hutch.env import wheels_in_use
    from hutch.store.roots import registered

    found: dict[str, list[str]] = {}
    for _, path in registered(store.root) if damaged else ():
        for sha256 in damaged & wheels_in_use(path):
            found.setdefault(sha256, []).append(path)
    return {sha256: tuple(paths) for sha256, paths in found.items()}


def cache_prune(context: Context, options: CachePruneOptions) -> CachePruneOutcome:
    """Remove what nobody has used for long, until the cache is within its limit."""
    from hutch.ops.planting import in_use
    from hutch.store import parse_limit

    store = _store(context)
    limit = _limit(context, store)
    if options.limit is not None:
        asked = parse_limit(options.limit)
        if asked is None:
            raise UsageProblem(
                f"--limit {options.limit} is no size", hint="say 20 GiB, 500 MB, '10 %' of the disk, or none"
            )
        limit = asked.on(store.root)
    if not options.dry_run:
        _check_writable(store)
    context.emit(PhaseStarted("clean"))
    done = store.prune(
        limit=limit,
        in_use=in_use,
        dry_run=options.dry_run,
        step=lambda what: context.emit(Checked(what)),
    )
    context.emit(PhaseEnded("clean"))
    return CachePruneOutcome(
        removed=done.removed,
        bytes=done.bytes,
        left=done.left,
        in_use=done.in_use,
        environments=done.environments,
        limit=done.limit,
        dry_run=options.dry_run,
    )


def tidy(context: Context) -> None:
    """The prune that nobody asks for: once a day at most, after a command that has put a wheel in.

    Whatever goes wrong with it is no matter of that command's.
    """
    store = context.store
    if not store.has_news or context.throws_away or not store.is_due(TIDY_EVERY):
        return
    from hutch.ops.planting import in_use
    from hutch.store import shown_size

    try:
        done = store.prune(limit=_limit(context, store), in_use=in_use, seconds=TIDY_FOR)
    except (Problem, OSError):
        return
    if done.bytes >= 1 << 20:
        limit = f", whose limit is {shown_size(done.limit)}" if done.limit is not None else ""
        context.emit(Notice(f"{shown_size(done.bytes)} not used for long went from the cache{limit}"))


def _store(context: Context) -> Store:
    """The cache itself, even where a command would rather work elsewhere."""
    from hutch.store import Store

    return Store(context.configuration.cache_dir)


def _limit(context: Context, store: Store) -> int | None:
    from hutch.store import parse_limit, usual_limit

    said = context.configuration.cache_size_limit
    limit = parse_limit(said) if said is not None else None
    return usual_limit(store.root) if limit is None else limit.on(store.root)


def _check_writable(store: Store) -> None:
    """A problem where nothing can be removed, instead of having removed nothing."""
    if os.path.isdir(store.root) and os.listdir(store.root):
        from hutch.store import is_ours

        if is_ours(store.root):
            store.prepare()
