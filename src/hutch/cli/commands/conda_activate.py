"""``hutch conda activate|deactivate|reactivate``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call, verb: str) -> int:
    """Print what a shell is to evaluate; nothing at all where something is wrong."""
    import hutch.ops.conda_activate as ops
    from hutch.cli.ui.shell import show_conda_step

    context = call.context()
    if verb == "activate":
        outcome = ops.conda_activate(context, call.options(ops.CondaActivateOptions))
    elif verb == "deactivate":
        outcome = ops.conda_deactivate(context, call.options(ops.CondaDeactivateOptions))
    else:
        outcome = ops.conda_reactivate(context, call.options(ops.CondaReactivateOptions))
    return call.finish(outcome, show_conda_step)
