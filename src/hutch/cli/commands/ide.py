"""``hutch ide vscode|pycharm``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Tell an editor of the environment."""
    from hutch.cli.ui.ide import show_pycharm, show_vscode
    from hutch.ops.ide import IdeOptions, pycharm, vscode

    options = call.options(IdeOptions)
    if call.command.name == "vscode":
        return call.finish(vscode(call.context(), options), show_vscode)
    return call.finish(pycharm(call.context(), options), show_pycharm)
