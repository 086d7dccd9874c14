"""``hutch deny``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.trust import show_allow
from hutch.ops.allow import DenyOptions, deny

__all__ = ["run"]


def run(call: Call) -> int:
    """Trust a project no longer."""
    return call.finish(deny(call.context(), call.options(DenyOptions)), show_allow)
