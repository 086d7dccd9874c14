"""What ``hutch conda env config vars`` says."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.conda_variables import CondaVarsListOutcome, CondaVarsOutcome

__all__ = ["print_variables", "show_variables"]


def print_variables(outcome: CondaVarsListOutcome, terminal: Terminal) -> None:
    """A line a variable."""
    lines = [f"{name} = {clean(value)}" for name, value in outcome.variables.items()]
    terminal.data("".join(f"{line}\n" for line in lines))
    for name in outcome.unset:
        terminal.say(f"{name} is unset: what packages say of it does not hold")


def show_variables(outcome: CondaVarsOutcome, terminal: Terminal) -> None:
    """The names; values may be secrets."""
    place = terminal.short(outcome.root)
    for word, names in (("Set", outcome.set), ("Unset", outcome.unset)):
        if names:
            terminal.say(f"{word} {', '.join(names)} for {place}")
    for name in outcome.absent:
        terminal.say(f"{name} is not set by {place}")
    if outcome.set or outcome.unset:
        hint = terminal.err.paint("hint", "where it is active:")
        terminal.say(f"{hint} hutch conda activate, once more")
