"""``hutch init``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.summary import show_init
from hutch.ops.init import InitOptions, init

__all__ = ["run"]


def run(call: Call) -> int:
    """Start a project, and say what was written."""
    return call.finish(init(call.context(), call.options(InitOptions)), show_init)
