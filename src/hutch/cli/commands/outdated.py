"""``hutch outdated``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.data import print_outdated
from hutch.ops.outdated import OutdatedOptions, outdated

__all__ = ["run"]


def run(call: Call) -> int:
    """List what is not the newest."""
    return call.finish(outdated(call.context(), call.options(OutdatedOptions)), print_outdated)
