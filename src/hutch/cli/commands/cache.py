"""``hutch cache dir|size|clean``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.data import print_directory, print_size, show_clean
from hutch.ops.cache import CacheCleanOptions, cache_clean, cache_dir, cache_size

__all__ = ["run"]


def run(call: Call) -> int:
    """Say where it is, how large it is, or empty it."""
    context = call.context()
    if call.command.name == "dir":
        return call.finish(cache_dir(context), print_directory)
    if call.command.name == "size":
        return call.finish(cache_size(context), print_size)
    return call.finish(cache_clean(context, call.options(CacheCleanOptions)), show_clean)
