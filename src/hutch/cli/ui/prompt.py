"""Questions to the one at the terminal: one line each, Enter is yes unless something is lost."""

from __future__ import annotations

import sys

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean
from hutch.errors import UsageProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from hutch.ops.outcomes import Change

__all__ = ["agrees", "can_ask", "confirmation", "choose_upgrades", "require_terminal"]


def can_ask(terminal: Terminal) -> bool:
    """Whether somebody sits at a terminal who sees a question and can answer it."""
    try:
        asked = sys.stdin is not None and sys.stdin.isatty()
    except ValueError:
        asked = False
    return asked and terminal.err.terminal


def confirmation(
    terminal: Terminal,
    show: Callable[[Any, Terminal], None],
    question: str = "Proceed?",
    *,
    usual: bool = True,
) -> Callable[[object], bool] | None:
    """A way to ask about what would be done, which is shown first; None where there is nobody to ask.

    Enter is what is ``usual``, the end of the input is no.
    """
    if not can_ask(terminal):
        return None

    def ask(planned: object) -> bool:
        show(planned, terminal)
        return agrees(terminal, question, usual=usual)

    return ask


def agrees(terminal: Terminal, question: str, *, usual: bool = True) -> bool:
    """Ask; nobody at a terminal is no."""
    if not can_ask(terminal):
        return False
    terminal.close()
    answer = _ask(terminal, f"{question} [{'Y/n' if usual else 'y/N'}] ")
    return answer in ("y", "yes") or (usual and answer == "")


def require_terminal(terminal: Terminal, what: str, hint: str) -> None:
    """Raise where there is nobody to ask."""
    if not can_ask(terminal):
        raise UsageProblem(
            f"{what} asks questions, and there is no terminal to ask on",
            why="standard input and standard error have to be a terminal",
            hint=hint,
        )


def choose_upgrades(found: Sequence[Change], terminal: Terminal) -> tuple[str, ...]:
    """The names of those changes that the user wants; ``q`` ends the questions."""
    arrow = "→" if terminal.err.unicode else "->"
    chosen = []
    for change in found:
        terminal.close()
        question = f"{clean(change.name)} {change.before} {arrow} {change.after}"
        answer = _ask(terminal, f"upgrade {question}? [Y/n/q] ")
        if answer is None or answer.startswith("q"):
            break
        if answer in ("", "y", "yes"):
            chosen.append(change.name)
    return tuple(chosen)


def _ask(terminal: Terminal, question: str) -> str | None:
    """What was typed, in lower case; None at the end of the input."""
    terminal.err.write(question)
    line = sys.stdin.readline()
    if not line:
        terminal.err.write("\n")
        return None
    return line.strip().lower()
