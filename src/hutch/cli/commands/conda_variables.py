"""``hutch conda env config vars list|set|unset``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call, verb: str) -> int:
    """Show variables, or change them."""
    import hutch.cli.ui.conda_variables as ui
    import hutch.ops.conda_variables as ops

    context = call.context()
    if verb == "list":
        listed = ops.conda_vars_list(context, call.options(ops.CondaVarsListOptions))
        return call.finish(listed, ui.print_variables)
    if verb == "set":
        outcome = ops.conda_vars_set(context, call.options(ops.CondaVarsSetOptions))
    else:
        outcome = ops.conda_vars_unset(context, call.options(ops.CondaVarsUnsetOptions))
    return call.finish(outcome, ui.show_variables)
