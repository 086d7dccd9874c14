"""``hutch why NAME``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.data import print_why
from hutch.ops.why import WhyOptions, why

__all__ = ["run"]


def run(call: Call) -> int:
    """Print the reasons."""
    return call.finish(why(call.context(), call.options(WhyOptions)), print_why)
