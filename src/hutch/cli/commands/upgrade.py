"""``hutch upgrade [NAME...]``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.summary import show_upgrade
from hutch.ops.upgrade import UpgradeOptions, only, upgrade, upgrades

__all__ = ["run"]


def run(call: Call) -> int:
    """Upgrade, and say what changed; with ``--interactive`` what the user says yes to."""
    options = call.options(UpgradeOptions)
    if options.interactive:
        from hutch.cli.ui.prompt import choose_upgrades, require_terminal

        require_terminal(call.terminal, "--interactive", "name the packages: hutch upgrade NAME")
        found = upgrades(call.context(), options)
        names = choose_upgrades(found, call.terminal)
        if not names:
            call.terminal.say("Nothing was chosen" if found else "Everything is as new as it can be")
            return 0
        options = only(options, names)
    return call.finish(upgrade(call.context(), options), show_upgrade)
