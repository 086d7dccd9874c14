"""``hutch pip cache`` and ``hutch pip config``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Do what the third word says."""
    return _cache(call) if call.command.path[1] == "cache" else _config(call)


def _cache(call: Call) -> int:
    import hutch.ops.pip_cache as ops
    from hutch.cli.ui import pip_more as ui
    from hutch.cli.ui.cache import print_directory, print_size
    from hutch.ops.cache import cache_dir, cache_size

    context = call.context()
    match call.command.name:
        case "dir":
            return call.finish(cache_dir(context), print_directory)
        case "info":
            return call.finish(cache_size(context), print_size)
        case "list":
            listed = ops.pip_cache_list(context, call.options(ops.PipCacheListOptions))
            return call.finish(listed, ui.print_wheels)
        case "remove":
            removed = ops.pip_cache_remove(context, call.options(ops.PipCacheRemoveOptions))
        case _:
            removed = ops.pip_cache_purge(context, call.options(ops.PipCachePurgeOptions))
    return call.finish(removed, ui.print_removed)


def _config(call: Call) -> int:
    import hutch.ops.pip_config as ops
    from hutch.cli.ui.pip_more import print_config

    context = call.context()
    match call.command.name:
        case "list":
            outcome = ops.pip_config_list(context, call.options(ops.PipConfigListOptions))
        case "get":
            outcome = ops.pip_config_get(context, call.options(ops.PipConfigGetOptions))
        case "set":
            outcome = ops.pip_config_set(context, call.options(ops.PipConfigSetOptions))
        case "unset":
            outcome = ops.pip_config_unset(context, call.options(ops.PipConfigUnsetOptions))
        case "edit":
            outcome = ops.pip_config_edit(context, call.options(ops.PipConfigEditOptions))
        case _:
            outcome = ops.pip_config_debug(context)
    return call.finish(outcome, print_config)
