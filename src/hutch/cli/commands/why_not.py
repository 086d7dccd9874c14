"""``hutch why-not NAME==VERSION``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.data import print_why
from hutch.ops.why_not import WhyNotOptions, why_not

__all__ = ["run"]


def run(call: Call) -> int:
    """Print what stands against a version."""
    return call.finish(why_not(call.context(), call.options(WhyNotOptions)), print_why)
