"""``hutch add REQUIREMENT...``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.summary import show_add
from hutch.ops.add import AddOptions, add

__all__ = ["run"]


def run(call: Call) -> int:
    """Add, and say what was written and installed."""
    call.refuse_redirected()
    return call.finish(add(call.context(), call.options(AddOptions)), show_add)
