"""What ``hutch python shim`` and ``hutch python shell`` show."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.python_shell import PythonShellOutcome
    from hutch.ops.python_shim import PythonShimOutcome

__all__ = ["show_shell", "show_shims"]


def show_shims(outcome: PythonShimOutcome, terminal: Terminal) -> None:
    """``hutch python shim``: what there is, and the one thing that is left to do."""
    folder = terminal.short(outcome.folder)
    if outcome.done == "removed":
        word = "Would remove" if outcome.dry_run else "Removed"
        terminal.say(f"{word} the shims in {folder}" if outcome.names else f"There are no shims in {folder}")
        if outcome.names and not outcome.dry_run and outcome.place != "missing":
            terminal.say(f"take {clean(outcome.folder)} off your PATH")
        return
    if outcome.kind is None:
        terminal.say(f"There are no shims in {folder}; hutch python shim install makes them")
        return
    word = ("Would make" if outcome.dry_run else "Made") if outcome.done else "There are"
    kind = "compiled" if outcome.kind == "program" else "scripts for /bin/sh"
    terminal.say(f"{word} {len(outcome.names)} shims in {folder} ({kind})")
    terminal.say(f"  {', '.join(outcome.names)}")
    if outcome.stale:
        terminal.say(
            f"They are out of date: {clean(outcome.stale)}; hutch python shim install makes them anew"
        )
    if outcome.place == "first":
        terminal.say("They come first on PATH" if outcome.done == "" else "They come first on PATH already")
        return
    if outcome.place == "late":
        terminal.say("Another Python comes before them on PATH; put them first:")
    else:
        terminal.say("They are not on PATH; for your shell's start-up file:")
    terminal.say(f"  {clean(outcome.line)}")


def show_shell(outcome: PythonShellOutcome, terminal: Terminal) -> None:
    """``hutch python shell``: the line as data; to a person also how to have it evaluated."""
    terminal.data(f"{outcome.line or outcome.value}\n")
    if outcome.line and terminal.out.terminal:
        terminal.say(f"this shell is as it was; to change it: {clean(outcome.again)}")
