"""``hutch cache``: where it is, how large it is, and emptying it."""

from __future__ import annotations

from hutch.errors import UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context

__all__ = [
    "CacheCleanOptions", "CacheCleanOutcome", "CacheDirOutcome", "CacheSizeOutcome",
    "cache_clean", "cache_dir", "cache_size",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheDirOutcome:
    """Where the cache is."""

    path: str

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path}


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSizeOutcome:
    """(kind, files, bytes) of each part."""

    kinds: tuple[tuple[str, int, int], ...]

    def to_json(self) -> dict[str, Any]:
        return {"kinds": [{"kind": kind, "files": files, "bytes": size} for kind, files, size in self.kinds]}


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


def cache_dir(context: Context) -> CacheDirOutcome:
    """Where the cache is, whether or not there is anything in it."""
    return CacheDirOutcome(path=str(context.configuration.cache_dir))


def cache_size(context: Context) -> CacheSizeOutcome:
    """How large the cache is, kind by kind."""
    return CacheSizeOutcome(kinds=tuple((size.kind, size.files, size.bytes) for size in context.store.size()))


def cache_clean(context: Context, options: CacheCleanOptions) -> CacheCleanOutcome:
    """Empty the cache, or take out what it has of some packages."""
    from hutch.spec import parse_name

    names = tuple(parse_name(name) for name in options.names) or None
    if options.dry_run:
        if names is not None:
            raise UsageProblem(
                "cache clean can only tell beforehand what everything takes", hint="leave the names out"
            )
        sizes = context.store.size()
        files, size = sum(each.files for each in sizes), sum(each.bytes for each in sizes)
        return CacheCleanOutcome(files=files, bytes=size, dry_run=True)
    freed = context.store.clean(names)
    return CacheCleanOutcome(files=freed.files, bytes=freed.bytes)
