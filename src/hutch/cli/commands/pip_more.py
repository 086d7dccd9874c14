"""``hutch pip download|wheel|lock|hash|debug|index``; what is about pip's own things is in ``pip_own``."""

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
            show = ui.print_versions_json if call.json else ui.print_versions
            show(outcome, call.terminal)
            return 0
    from hutch.cli.commands import pip_own

    return pip_own.run(call)
