"""The verbs of ``hutch pip`` that work on what is installed: ``list``, ``show``, ``uninstall`` and others."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.pip import print_text, show_changes

__all__ = ["VERBS", "run"]

VERBS = ("uninstall", "list", "show", "freeze", "check", "tree", "inspect")


def run(call: Call) -> int:
    """Do it; ``show`` fails where it found nothing, ``check`` where it found something."""
    context, verb = call.context(), call.command.name
    if verb == "uninstall":
        from hutch.cli.ui.prompt import confirmation
        from hutch.ops.pip_uninstall import PipUninstallOptions, pip_uninstall

        asked = call.options(PipUninstallOptions)
        agrees = None if asked.yes or call.json else confirmation(call.terminal, show_changes)
        return call.finish(pip_uninstall(context, asked, agrees), show_changes)
    if verb == "list":
        from hutch.ops.pip_list import PipListOptions, pip_list

        return call.finish(pip_list(context, call.options(PipListOptions)), print_text)
    if verb == "show":
        from hutch.ops.pip_show import PipShowOptions, pip_show

        shown = pip_show(context, call.options(PipShowOptions))
        return call.finish(shown, print_text) or int(not shown.packages)
    if verb == "freeze":
        from hutch.ops.pip_freeze import PipFreezeOptions, pip_freeze

        return call.finish(pip_freeze(context, call.options(PipFreezeOptions)), print_text)
    if verb == "check":
        from hutch.ops.pip_check import PipCheckOptions, pip_check

        checked = pip_check(context, call.options(PipCheckOptions))
        return call.finish(checked, print_text) or int(bool(checked.faults))
    if verb == "tree":
        from hutch.cli.ui.data import print_tree
        from hutch.ops.pip_tree import PipTreeOptions, pip_tree

        return call.finish(pip_tree(context, call.options(PipTreeOptions)), print_tree)
    from hutch.ops.pip_inspect import PipInspectOptions, pip_inspect

    return call.finish(pip_inspect(context, call.options(PipInspectOptions)), print_text)
