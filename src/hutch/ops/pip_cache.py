"""``hutch pip cache``: pip's words for hutch's cache, which is one for all commands."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.cache import CacheCleanOutcome
    from hutch.ops.context import Context

__all__ = [
    "PipCacheListOptions",
    "PipCacheListOutcome",
    "PipCachePurgeOptions",
    "PipCacheRemoveOptions",
    "pip_cache_list",
    "pip_cache_purge",
    "pip_cache_remove",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipCacheListOptions:
    """The options of ``pip cache list``."""

    pattern: str | None = None
    format: str = "human"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipCacheListOutcome:
    """(file name of the wheel, bytes, where it lies unpacked) of each; ``format`` as it was asked for."""

    wheels: tuple[tuple[str, int, str], ...]
    format: str

    def to_json(self) -> dict[str, Any]:
        return {
            "wheels": [{"filename": name, "bytes": size, "path": path} for name, size, path in self.wheels]
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PipCacheRemoveOptions:
    """The options of ``pip cache remove``."""

    pattern: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PipCachePurgeOptions:
    """The options of ``pip cache purge``."""

    dry_run: bool = False


def pip_cache_list(context: Context, options: PipCacheListOptions) -> PipCacheListOutcome:
    """The wheels of the cache whose names fit; hutch keeps those of indexes as well as those it built."""
    return PipCacheListOutcome(wheels=tuple(_wheels(context, options.pattern)), format=options.format)


def pip_cache_remove(context: Context, options: PipCacheRemoveOptions) -> CacheCleanOutcome:
    """Take what fits out of the cache: whole packages, with all that is known of them."""
    from hutch.ops.cache import CacheCleanOptions, CacheCleanOutcome, cache_clean

    if options.pattern in (None, "*"):
        return cache_clean(context, CacheCleanOptions(dry_run=options.dry_run))
    matched = _wheels(context, options.pattern)
    names = sorted({name.partition("-")[0] for name, _, _ in matched})
    if options.dry_run or not names:
        size = sum(size for _, size, _ in matched)
        return CacheCleanOutcome(files=len(matched), bytes=size, dry_run=options.dry_run)
    for name in names:
        left = len(_wheels(context, f"{name}-*")) - sum(each[0].startswith(f"{name}-") for each in matched)
        if left > 0:
            raise UsageProblem(
                f"{options.pattern} fits some of the wheels of {name} only",
                why="the cache is cleaned package by package",
                hint=f"hutch pip cache remove {name}",
            )
    return cache_clean(context, CacheCleanOptions(names=tuple(names)))


def pip_cache_purge(context: Context, options: PipCachePurgeOptions) -> CacheCleanOutcome:
    """Empty the cache."""
    return pip_cache_remove(context, PipCacheRemoveOptions(dry_run=options.dry_run))


def _wheels(context: Context, pattern: str | None) -> list[tuple[str, int, str]]:
    """As pip: a pattern without a dash is that of a name, one with a dash that of a file name."""
    from fnmatch import fnmatchcase

    from hutch.store import Store

    store = Store(context.configuration.cache_dir)
    asked = (pattern or "*").lower()
    if not asked.endswith(".whl"):
        asked += "*.whl" if "-" in asked else "-*.whl"
    found = []
    for sha256 in store.wheels.entries():
        wheel = store.wheels.find(sha256)
        if wheel is None:
            continue
        name = wheel.manifest.filename
        dashed = name.replace("_", "-").lower()
        if (
            pattern in (None, "*")
            or fnmatchcase(name.lower(), asked)
            or fnmatchcase(name.lower(), asked.replace("-", "_", asked.count("-") - 1))
            or fnmatchcase(dashed, asked)
        ):
            found.append((name, wheel.manifest.size, os.path.abspath(wheel.folder)))
    return sorted(found)
