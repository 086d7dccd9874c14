"""``hutch self version``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.data import print_version
from hutch.ops.self import self_version

__all__ = ["run"]


def run(call: Call) -> int:
    """Print what this hutch is."""
    return call.finish(self_version(call.context()), print_version)
