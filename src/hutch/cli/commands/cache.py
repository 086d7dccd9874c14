"""``hutch cache dir|size|verify|prune|clean``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.cache import print_directory, print_size, show_clean, show_prune, show_verify
from hutch.ops.cache import (
    CacheCleanOptions,
    CachePruneOptions,
    CacheVerifyOptions,
    cache_clean,
    cache_dir,
    cache_prune,
    cache_size,
    cache_verify,
)

__all__ = ["run"]


def run(call: Call) -> int:
    """Say where it is, how large it is, whether it is sound; make it smaller, or empty it."""
    context = call.context()
    match call.command.name:
        case "dir":
            return call.finish(cache_dir(context), print_directory)
        case "size":
            return call.finish(cache_size(context), print_size)
        case "verify":
            verified = cache_verify(context, call.options(CacheVerifyOptions))
            return call.finish(verified, show_verify) or verified.exit_code
        case "prune":
            return call.finish(cache_prune(context, call.options(CachePruneOptions)), show_prune)
        case _:
            return call.finish(cache_clean(context, call.options(CacheCleanOptions)), show_clean)
