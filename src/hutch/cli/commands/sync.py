"""``hutch sync``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Bring the environment up to date, and say what changed."""
    from hutch.cli.ui.summary import show_sync
    from hutch.ops.sync import SyncOptions, sync

    return call.finish(sync(call.context(), call.options(SyncOptions)), show_sync)
