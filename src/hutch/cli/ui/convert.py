"""What ``hutch import`` says: what it wrote, what it could not say, what is left to do."""

from __future__ import annotations

from hutch.cli.ui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.cli.ui.terminal import Terminal
    from hutch.ops.import_ import ImportOutcome

__all__ = ["show_import"]


def show_import(outcome: ImportOutcome, terminal: Terminal) -> None:
    """``hutch import``; the difference is data, and goes to stdout."""
    if outcome.dry_run:
        terminal.data(outcome.diff)
    source, path = terminal.short(outcome.source), terminal.short(outcome.path)
    verb = "Would write" if outcome.dry_run else "Wrote"
    terminal.say(f"{verb} {path}" if source == path else f"{verb} {path} from {source}")
    if outcome.notes:
        terminal.say("Not in it:")
        for place, text in outcome.notes:
            terminal.say(f"  {clean(place)}: {clean(text)}")
    if outcome.made_up:
        terminal.say("Made up for it:", *(f"  {clean(words)}" for words in outcome.made_up))
    if outcome.gone:
        terminal.say(f"Taken out: {', '.join(f'[{clean(each)}]' for each in outcome.gone)}")
    if outcome.left:
        shown = ", ".join(
            f"[{clean(each)}]" if "." in each and source == path else clean(each) for each in outcome.left
        )
        why = "other-tools = false makes hutch pass over it" if outcome.ignores_others else "it is as it was"
        terminal.say(f"Still there: {shown}; {why}")
    if outcome.passwords:
        terminal.say("With a user name or password in an address, as it was:")
        terminal.say(*(f"  {clean(place)}" for place in outcome.passwords))
        terminal.say("  take them out, and say them by `hutch auth login`")
    if not outcome.dry_run:
        kept = f", which starts from the versions of {outcome.lock}" if outcome.lock else ""
        terminal.say(terminal.err.paint("hint", "next:") + f" hutch lock{kept}")
