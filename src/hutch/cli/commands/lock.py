"""``hutch lock``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.summary import show_lock
from hutch.ops.lock import LockOptions, lock

__all__ = ["run"]


def run(call: Call) -> int:
    """Lock, and say what changed."""
    return call.finish(lock(call.context(), call.options(LockOptions)), show_lock)
