"""``hutch pip download|wheel|lock|hash|debug|index|cache|config``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["VERBS", "run"]

VERBS = frozenset(("download", "wheel", "lock", "hash", "debug", "index", "cache", "config"))


def run(call: Call) -> int:
    """Do what the second word says."""
    from hutch.cli.ui import pip_more as ui

    context = call.context()
    match call.command.path[1]:
        case "download":
            from hutch.ops.pip_download import PipDownloadOptions, pip_download

            return call.finish(pip_download(context, call.options(PipDownloadOptions)), ui.show_files)
        case "wheel":
            from hutch.ops.pip_wheel import PipWheelOptions, pip_wheel

            return call.finish(pip_wheel(context, call.options(PipWheelOptions)), ui.show_files)
        case "lock":
            from hutch.ops.pip_lock import PipLockOptions, pip_lock

            return call.finish(pip_lock(context, call.options(PipLockOptions)), ui.show_lock)
        case "hash":
            from hutch.ops.pip_hash import PipHashOptions, pip_hash

            return call.finish(pip_hash(context, call.options(PipHashOptions)), ui.print_hashes)
        case "debug":
            from hutch.ops.pip_debug import PipDebugOptions, pip_debug

            return call.finish(pip_debug(context, call.options(PipDebugOptions)), ui.print_debug)
        case "index":
            from hutch.ops.pip_versions import PipVersionsOptions, pip_versions

            outcome = pip_versions(context, call.options(PipVersionsOptions))
            if call.json:  # on one line, as pip prints it
                ui.print_versions_json(outcome, call.terminal)
                return 0
            return call.finish(outcome, ui.print_versions)
        case "cache":
            return _cache(call)
        case _:
            return _config(call)


def _cache(call: Call) -> int:
    from hutch.cli.ui import pip_more as ui
    from hutch.cli.ui.cache import print_directory, print_size
    from hutch.ops.cache import cache_dir, cache_size
    from hutch.ops.pip_cache import (
        PipCacheListOptions,
        PipCacheRemoveOptions,
        pip_cache_list,
        pip_cache_remove,
    )

    context = call.context()
    match call.command.name:
        case "dir":
            return call.finish(cache_dir(context), print_directory)
        case "info":
            return call.finish(cache_size(context), print_size)
        case "list":
            return call.finish(pip_cache_list(context, call.options(PipCacheListOptions)), ui.print_wheels)
        case "remove":
            options = call.options(PipCacheRemoveOptions)
        case _:
            options = PipCacheRemoveOptions(pattern="*", dry_run=call.dry_run)
    return call.finish(pip_cache_remove(context, options), ui.print_removed)


def _config(call: Call) -> int:
    from hutch.cli.ui.pip_more import print_config
    from hutch.ops.pip_config import PipConfigOptions, pip_config

    values = {name: value for name, value in call.values.items() if name != "json"}
    values["globally"] = values.pop("global", False)  # a keyword
    options = PipConfigOptions(**values)  # type: ignore[arg-type]
    return call.finish(pip_config(call.context(), call.command.name, options), print_config)
