"""``hutch venv``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.summary import show_venv
from hutch.ops.venv import VenvOptions, venv

__all__ = ["run"]


def run(call: Call) -> int:
    """Make an environment, and say how to use it."""
    return call.finish(venv(call.context(), call.options(VenvOptions)), show_venv)
