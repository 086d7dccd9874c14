"""``hutch shell-hook SHELL``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Print what the shell is to evaluate, or put the line for that into its start-up file."""
    from hutch.ops.shell_hook import ShellHookOptions, change_startup, shell_hook

    options = call.options(ShellHookOptions)
    if options.install or options.uninstall:
        from hutch.cli.ui.trust import show_startup

        return call.finish(change_startup(call.context(), options), show_startup)
    call.terminal.data(shell_hook(call.context(), options))
    return 0
