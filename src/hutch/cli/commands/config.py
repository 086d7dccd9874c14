"""``hutch config show``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.data import print_config
from hutch.ops.config import config_show

__all__ = ["run"]


def run(call: Call) -> int:
    """Print every setting."""
    return call.finish(config_show(call.context()), print_config)
