"""``hutch remove NAME...``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.summary import show_remove
from hutch.ops.remove import RemoveOptions, remove

__all__ = ["run"]


def run(call: Call) -> int:
    """Remove, and say what was taken out."""
    return call.finish(remove(call.context(), call.options(RemoveOptions)), show_remove)
