"""What ``hutch activate`` says."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.activate import ActivateOutcome

__all__ = ["show_activation"]


def show_activation(outcome: ActivateOutcome, terminal: Terminal) -> None:
    """What to evaluate, for a shell that reads it; at a terminal, what to type."""
    if not terminal.out.terminal:
        terminal.data(outcome.text)
        return
    terminal.say(
        f"A command cannot change the shell that it was called from. To activate {clean(outcome.prompt)}:",
        f"  {clean(outcome.line)}",
        "hutch shell starts a shell in which it is active; hutch shell-hook does this",
        "whenever you enter a project",
    )
