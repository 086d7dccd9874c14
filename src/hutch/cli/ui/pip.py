"""What the ``pip`` commands say at their end."""

from __future__ import annotations

from hutch.cli.ui.summary import changes, lock_changes, show_sync
from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, count, duration, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from hutch.ops.outcomes import SyncOutcome

    class Printed(Protocol):
        """What an operation returns that is nothing but a text."""

        def text(self, *, verbose: bool) -> str:
            """All that is printed."""

    from hutch.ops.pip_compile import PipCompileOutcome, PipLayersOutcome

__all__ = ["print_text", "show_changes", "show_compile"]


def print_text(outcome: Printed, terminal: Terminal) -> None:
    """What goes to standard output as it is; ``-v`` asks some for more."""
    terminal.data(outcome.text(verbose=terminal.verbose > 0))


def show_changes(outcome: SyncOutcome, terminal: Terminal) -> None:
    """``hutch pip install`` and ``sync``."""
    if outcome.report is not None:
        terminal.json(outcome.report)
    show_sync(outcome, terminal)


def show_compile(outcome: PipCompileOutcome | PipLayersOutcome, terminal: Terminal) -> None:
    """``hutch pip compile``: the pins, unless they went to a file; what changed in it."""
    from hutch.ops.pip_compile import PipLayersOutcome

    if isinstance(outcome, PipLayersOutcome):
        for layer in outcome.layers:
            show_compile(layer, terminal)
        return
    what = count(outcome.packages, "package")
    if outcome.targets > 1:
        what += f" for {count(outcome.targets, 'target')}"
    if outcome.path is None:
        terminal.data(outcome.text)
        terminal.say(f"Chose {what} in {duration(outcome.seconds)}")
    else:
        place = terminal.short(outcome.path)
        if outcome.written:
            terminal.say(f"Wrote {what} to {place} in {duration(outcome.seconds)}")
        elif outcome.dry_run and outcome.changes:
            terminal.say(f"Would write {what} to {place}")
        else:
            terminal.say(f"{place} is up to date: {what}")
        terminal.say(*changes(lock_changes(outcome.changes), terminal))
    reasons: dict[str, list[str]] = {}
    for target, reason in outcome.dropped:
        reasons.setdefault(reason, []).append(target)
    for reason, targets in reasons.items():
        listed = ", ".join(targets[:4]) + (f" and {len(targets) - 4} more" if len(targets) > 4 else "")
        first, *rest = wrap(
            f"left out {clean(listed)}: {clean(reason)}", terminal.err.fold, first="note: ", rest="      "
        )
        terminal.say(terminal.err.paint("note", "note:") + first[5:], *rest)
