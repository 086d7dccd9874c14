"""What ``hutch env pack`` and ``hutch env unpack`` say."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, count, duration, size
from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.env_pack import PackOutcome
    from hutch.ops.env_unpack import UnpackOutcome

__all__ = ["show_pack", "show_unpack"]

FEW = 3


def show_pack(outcome: PackOutcome, terminal: Terminal) -> None:
    """``hutch env pack``."""
    place, archive = terminal.short(outcome.environment), terminal.short(outcome.archive)
    what = f"{count(outcome.packages, 'package')} in {count(outcome.files, 'file')}, {size(outcome.unpacked)}"
    python = f" with Python {outcome.python}" if outcome.with_python and outcome.python else ""
    if outcome.dry_run:
        terminal.say(f"Would pack {place}{python} into {archive}: {what}")
    else:
        packed = size(outcome.size or 0)
        terminal.say(f"Packed {place}{python} in {duration(outcome.seconds)}: {what}")
        terminal.say(f" {archive} ({packed})")
        terminal.say(f" sha256 {outcome.sha256}")
    if outcome.names_place:
        shown = ", ".join(clean(path) for path in outcome.names_place[:FEW])
        more = len(outcome.names_place) - FEW
        also = f" and {more} more" if more > 0 else ""
        what = "name" if len(outcome.names_place) > 1 else "names"
        text = f"{shown}{also} {what} the path of the environment, and may not work somewhere else"
        terminal.emit(Notice(text, warning=True))
    if not outcome.dry_run:
        minor = ".".join(outcome.python.split(".")[:2])
        needs = "" if outcome.with_python else f", where Python {minor} is"
        terminal.say(f"hutch env unpack makes an environment of it{needs}")


def show_unpack(outcome: UnpackOutcome, terminal: Terminal) -> None:
    """``hutch env unpack``."""
    place = outcome.name or terminal.short(outcome.environment)
    python = (
        f"Python {outcome.python} ({terminal.short(outcome.interpreter)})" if outcome.python else "no Python"
    )
    what = f"{count(outcome.packages, 'package')} in {count(outcome.files, 'file')}, {size(outcome.bytes)}"
    if outcome.dry_run:
        terminal.say(f"Would make {place} with {python}: {what}")
        return
    terminal.say(f"Made {place} with {python} in {duration(outcome.seconds)}: {what}")
    if outcome.left_out:
        terminal.emit(Notice(f"not in it: {', '.join(map(clean, outcome.left_out))}, changed elsewhere"))
    if outcome.name:
        terminal.say(f"Run in it with: hutch run -n {outcome.name} COMMAND")
    else:
        terminal.say(f"Activate it with: {outcome.activate}")
