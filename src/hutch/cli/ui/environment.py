"""What ``hutch env`` says."""

from __future__ import annotations

from hutch.cli.ui.summary import changes
from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, columns, count, cut, duration, size, width_of
from hutch.events import Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.env_history import HistoryOutcome
    from hutch.ops.env_rollback import RollbackOutcome
    from hutch.ops.env_verify import VerifyOutcome

__all__ = ["print_history", "show_rollback", "show_verify"]

FEW = 3  # changes that the history names; more are counted
MOST = 20


def print_history(outcome: HistoryOutcome, terminal: Terminal) -> None:
    """``hutch env history``: a line a generation, the present one last."""
    place = terminal.short(outcome.environment)
    if not outcome.generations:
        terminal.say(f"Hutch has changed nothing in {place} yet")
        return
    rows: list[tuple[str, ...]] = [("", "when", "command", "packages", "changes", "kept")]
    for each in outcome.generations:
        mark = "*" if each.current and not outcome.since else " "
        command = "another tool" if each.foreign else each.command or "-"
        if each.restores is not None and not command.endswith(f" {each.restores}"):
            command += f" ({each.restores})"
        rows.append(
            (
                f"{mark}{each.number}",
                _moment(each.time),
                command,
                str(each.packages),
                _told(each.steps, terminal),
                size(each.kept_bytes) if each.kept_bytes else "-",
            )
        )
    if outcome.since:
        rows.append(("*", "now", "another tool", "", _told(outcome.since, terminal), "-"))
    cells = _fitting([tuple(clean(cell) for cell in row) for row in rows], terminal.out.fold)
    terminal.data("".join(f"{line}\n" for line in columns(cells)))
    if outcome.pinned is not None:
        terminal.say("It was rolled back, and stays so until hutch sync makes it what the lock says")


def _fitting(rows: list[tuple[str, ...]], width: int) -> list[tuple[str, ...]]:
    """The rows, their commands and changes cut to what a line of a terminal holds."""
    fixed = sum(max(width_of(row[at]) for row in rows) for at in (0, 1, 3, 5)) + 5 * len("  ")
    command = min(max(width_of(row[2]) for row in rows), max((width - fixed) // 2, 12))
    changes = max(width - fixed - command, 12)
    return [(*row[:2], cut(row[2], command), row[3], cut(row[4], changes), row[5]) for row in rows]


def _moment(time: float) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M")


def _told(steps: tuple[tuple[str, ...], ...], terminal: Terminal) -> str:
    """``+ flask 3.1.0, ~ urllib3 1.26.18 → 2.2.1``; of many, how many."""
    if not steps:
        return "-"
    if len(steps) > FEW:
        numbers = {sign: sum(step[0] == sign for step in steps) for sign in "+~-"}
        return ", ".join(f"{sign} {count(number, 'package')}" for sign, number in numbers.items() if number)
    return ", ".join(_step(step, terminal) for step in steps)


def _step(step: tuple[str, ...], terminal: Terminal) -> str:
    sign, name, *versions = step
    name = name.removeprefix("conda:")
    arrow = " → " if terminal.out.unicode else " -> "
    if len(versions) == 2 and versions[0] == versions[1]:
        return f"{sign} {name} {versions[0]} anew"
    return f"{sign} {name} {arrow.join(versions)}"


def show_rollback(outcome: RollbackOutcome, terminal: Terminal) -> None:
    """``hutch env rollback``."""
    place = terminal.short(outcome.environment)
    which = f"generation {outcome.number}, of {_moment(outcome.time)}"
    if outcome.dry_run:
        lines = [f"Would roll {place} back to {which}"]
    elif not outcome.steps:
        lines = [f"Nothing to do: {place} is as in {which}"]
    else:
        lines = [f"Rolled {place} back to {which}, in {duration(outcome.seconds)}"]
    terminal.say(*lines, *changes(outcome.steps, terminal))
    if outcome.foreign:
        told = "; ".join(_step(step, terminal) for step in outcome.foreign[:MOST])
        text = f"what another tool had changed since is gone ({clean(told)})"
        if not outcome.dry_run:
            text += f"; hutch env rollback {outcome.before} brings it back"
        terminal.emit(Notice(text, warning=True))
    if outcome.dry_run:
        return
    if outcome.has_lock:
        run, sync = f"hutch run{outcome.chosen}", f"hutch sync{outcome.chosen}"
        terminal.say(f"{run} leaves it like this; {sync} makes it what pylock.toml says again")


def show_verify(outcome: VerifyOutcome, terminal: Terminal) -> None:
    """``hutch env verify`` of an environment that is sound."""
    what = f"{count(outcome.files, 'file')} of {count(outcome.packages, 'package')}"
    how = "hashed" if outcome.deep else "looked at"
    terminal.say(
        f"{terminal.short(outcome.environment)} is sound: {what} {how} in {duration(outcome.seconds)}"
    )
    if outcome.compared is not None and not outcome.pinned:
        terminal.say(
            f"It is what {outcome.compared.lock} says: {count(outcome.compared.packages, 'package')}"
        )
    elif outcome.compared is not None and outcome.compared.drift:
        terminal.emit(Notice(f"it was rolled back, and is not what {outcome.compared.lock} says"))
    extra = [finding.path for finding in outcome.findings if not finding.is_fault]
    if extra:
        shown = ", ".join(clean(path) for path in extra[:FEW])
        more = f" and {len(extra) - FEW} more" if len(extra) > FEW else ""
        terminal.emit(Notice(f"{shown}{more} belong{'' if len(extra) > 1 else 's'} to no package"))
