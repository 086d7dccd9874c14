"""What ``hutch activate`` says."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.activate import ActivateOutcome
    from hutch.ops.conda_activate import CondaShellOutcome

__all__ = ["show_activation", "show_conda_step"]


def show_activation(outcome: ActivateOutcome, terminal: Terminal) -> None:
    """What to evaluate, for a shell that reads it; at a terminal, what to type."""
    if not terminal.out.terminal:
        text = outcome.text
        if outcome.prefix:
            from hutch.ops.conda_activate import file_to_read

            text = file_to_read(outcome.shell, text)
        terminal.data(text)
        return
    terminal.say(
        f"A command cannot change the shell that it was called from. To activate {clean(outcome.prompt)}:",
        f"  {clean(outcome.line)}",
        "hutch shell starts a shell in which it is active; hutch shell-hook does this",
        "whenever you enter a project",
    )


def show_conda_step(outcome: CondaShellOutcome, terminal: Terminal) -> None:
    """What the shell evaluates; a file with it, for a shell that does so with one line only."""
    from hutch.ops.conda_activate import file_to_read

    text = outcome.text
    if not terminal.out.terminal:
        text = file_to_read(outcome.shell, text)
    if text:
        terminal.data(text)
