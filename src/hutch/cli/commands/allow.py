"""``hutch allow``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.trust import show_allow
from hutch.ops.allow import AllowOptions, allow

__all__ = ["run"]


def run(call: Call) -> int:
    """Trust a project, or list what was said of all."""
    return call.finish(allow(call.context(), call.options(AllowOptions)), show_allow)
