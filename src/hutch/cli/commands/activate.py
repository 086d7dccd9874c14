"""``hutch activate``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Print what a shell is to evaluate; nothing at all where something is wrong."""
    from hutch.cli.ui.shell import show_activation
    from hutch.ops.activate import ActivateOptions, activate

    return call.finish(activate(call.context(), call.options(ActivateOptions)), show_activation)
