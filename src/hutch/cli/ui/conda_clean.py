"""What ``hutch conda clean`` says."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, columns, count, size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.conda_clean import CondaCleanOutcome

__all__ = ["show_cleaned", "show_leaving"]


def show_leaving(outcome: CondaCleanOutcome, terminal: Terminal) -> None:
    """What would go, before somebody is asked."""
    found = outcome.leavings
    if found.packages:
        which = "all packages" if found.all_packages else "packages that no environment uses"
        terminal.say(f"{which} in {terminal.short(outcome.store)}:")
        rows: list[tuple[str, ...]] = [(f"  {clean(one.label)}", size(one.size)) for one in found.packages]
        terminal.say(*columns(rows))
    if found.index:
        terminal.say(f"what channels said: {size(found.index_size)}")


def show_cleaned(outcome: CondaCleanOutcome, terminal: Terminal) -> None:
    """``conda clean``."""
    found = outcome.leavings
    if outcome.idle:
        terminal.say(f"{', '.join(outcome.idle)}: hutch keeps nothing of the kind")
    if not outcome.agreed:
        terminal.say("Nothing was removed")
        return
    if outcome.dry_run:
        show_leaving(outcome, terminal)
    things = [count(len(found.packages), "package")] if outcome.packages else []
    if found.index:
        things.append("what channels said")
    if not outcome.is_empty:
        word = "Would free" if outcome.dry_run else "Freed"
        terminal.say(f"{word} {size(found.size + found.index_size)} ({', '.join(things)})")
    elif outcome.packages or outcome.index:
        terminal.say("There is nothing to remove")
    if found.kept:
        what = "1 package stays, which an environment uses" if found.kept == 1 else (
            f"{found.kept} packages stay, which environments use"
        )  # fmt: skip
        terminal.say(what)
