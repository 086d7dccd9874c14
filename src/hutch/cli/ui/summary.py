"""What a command says at its end, on stderr: one sentence with numbers, then what changed."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, count, duration, up_to_date, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hutch.ops.add import AddOutcome
    from hutch.ops.edit import EditOutcome
    from hutch.ops.git import GitSetupOutcome, MergeLockOutcome
    from hutch.ops.init import InitOutcome
    from hutch.ops.outcomes import Change as PackageChange
    from hutch.ops.outcomes import LockOutcome, SyncOutcome
    from hutch.ops.remove import RemoveOutcome
    from hutch.ops.upgrade import UpgradeOutcome
    from hutch.ops.venv import VenvOutcome

__all__ = [
    "show_add", "show_git_setup", "show_init", "show_lock", "show_merge_lock", "show_remove", "show_sync",
    "show_upgrade", "show_venv",
]  # fmt: skip

MOST = 20  # changes that are named; the rest is counted

# (sign, name, version) or ("~", name, before, after)
Change = tuple[str, ...]


def show_lock(outcome: LockOutcome, terminal: Terminal) -> None:
    """``hutch lock``."""
    terminal.say(*_lock_lines(outcome, terminal), *changes(lock_changes(outcome.changes), terminal))


def show_sync(outcome: SyncOutcome, terminal: Terminal) -> None:
    """``hutch sync``."""
    lock = outcome.lock
    if lock is not None and not lock.unchanged:
        terminal.say(*_lock_lines(lock, terminal))
    terminal.say(*_taken_lines(outcome, terminal), *_sync_lines(outcome, terminal))


def _taken_lines(outcome: SyncOutcome, terminal: Terminal) -> tuple[str, ...]:
    """Which files of a checkout of another tool it went by."""
    if not outcome.taken:
        return ()
    line = f"Taken from {_listed(outcome.taken)}"
    if outcome.passed_over:
        verb = "lies" if len(outcome.passed_over) == 1 else "lie"
        line += f"; {_listed(outcome.passed_over)} {verb} here too (--manifest FILE takes another)"
    return tuple(wrap(line, terminal.err.fold, rest="  "))


def show_add(outcome: AddOutcome, terminal: Terminal) -> None:
    """``hutch add``."""
    word = "Would add" if outcome.dry_run else "Added"
    side = " from conda" if outcome.side == "conda" else ""
    sentence = f"{word} {_listed(outcome.added)}{side} to {_place(outcome)}"
    if outcome.channels:
        sentence += f", with channels {_listed(outcome.channels)}"
    _show_edit(sentence, outcome, terminal)


def show_remove(outcome: RemoveOutcome, terminal: Terminal) -> None:
    """``hutch remove``."""
    word = "Would remove" if outcome.dry_run else "Removed"
    names = list(outcome.removed)
    for at, sides in enumerate(outcome.sides):
        if "conda" in sides:
            names[at] += " (conda and PyPI)" if len(sides) > 1 else " (conda)"
    _show_edit(f"{word} {_listed(names)} from {_place(outcome)}", outcome, terminal)


def show_upgrade(outcome: UpgradeOutcome, terminal: Terminal) -> None:
    """``hutch upgrade``: the bounds, then the lock and the environment."""
    arrow = " → " if terminal.err.unicode else " -> "
    word = "Would raise" if outcome.dry_run else "Raised"
    for each in outcome.raised:
        terminal.say(f"{word} {clean(each.before)}{arrow}{clean(each.after)} ({clean(each.place)})")
    terminal.say(*_lock_lines(outcome.lock, terminal))
    if outcome.sync is not None:
        terminal.say(*_sync_lines(outcome.sync, terminal))
    else:
        terminal.say(*changes(lock_changes(outcome.lock.changes), terminal))


def show_git_setup(outcome: GitSetupOutcome, terminal: Terminal) -> None:
    """``hutch git setup``."""
    path = terminal.short(outcome.attributes)
    if outcome.dry_run:
        wrote = "Would write it into" if outcome.changed else "It is named already in"
    else:
        wrote = "Commit" if outcome.changed else "It is named already in"
    calls = "Git would call" if outcome.dry_run else "Git calls"
    terminal.say(f"{calls}: {outcome.driver}", f"{wrote} {path}")


def show_merge_lock(outcome: MergeLockOutcome, terminal: Terminal) -> None:
    """``hutch git merge-lock``, in the middle of what git says."""
    terminal.say(f"Locked {clean(outcome.path)} for both sides: {count(outcome.packages, 'package')}")


def show_init(outcome: InitOutcome, terminal: Terminal) -> None:
    """``hutch init``."""
    word = "Would start" if outcome.dry_run else "Started"
    place = terminal.short(outcome.path)
    if outcome.files == (outcome.name,):
        path = terminal.short(f"{outcome.path}/{outcome.name}")
        terminal.say(f"{'Would write' if outcome.dry_run else 'Wrote'} the metadata of {path}")
        if not outcome.dry_run:
            terminal.say(terminal.err.paint("hint", "next:") + f" hutch add --script {path} PACKAGE")
        return
    terminal.say(f"{word} {clean(outcome.name)} in {place}: {_listed(outcome.files)}")
    if outcome.workspace is not None:
        terminal.say(f"It is a member of the workspace in {terminal.short(outcome.workspace)}")
    if not outcome.dry_run:
        step = f"cd {place} && " if place != "this directory" else ""
        terminal.say(terminal.err.paint("hint", "next:") + f" {step}hutch add PACKAGE")


def show_venv(outcome: VenvOutcome, terminal: Terminal) -> None:
    """``hutch venv``."""
    word = "Would make" if outcome.dry_run else "Made"
    terminal.say(
        f"{word} {terminal.short(outcome.path)} with Python {outcome.version} ({outcome.interpreter})"
    )
    if outcome.activate and not outcome.dry_run:
        terminal.say(terminal.err.paint("hint", "activate:") + f" {clean(outcome.activate)}")


def changes(found: Sequence[Change], terminal: Terminal) -> list[str]:
    """Lines such as ``+ flask 3.1.0`` and ``~ urllib3 1.26.18 -> 2.2.1``, in the order of the names."""
    paint = terminal.err.paint
    styles = {"+": "added", "-": "removed", "~": "updated"}
    lines = []
    # A prefix of conda's knows its packages as `conda:NAME`; people do not.
    named = [(sign, name.removeprefix("conda:"), *versions) for sign, name, *versions in found]
    ordered = sorted(named, key=lambda change: (change[1], change[0]))
    for sign, name, *versions in ordered[: MOST if len(ordered) > MOST + 1 else None]:
        arrow = " → " if terminal.err.unicode else " -> "
        said = clean(arrow.join(versions))
        lines.append(f" {paint(styles[sign], sign)} {clean(name)} {paint('dim', said)}".rstrip())
    if len(lines) < len(ordered):
        dots = "…" if terminal.err.unicode else "..."
        lines.append(f" {dots} and {len(ordered) - len(lines)} more")
    return lines


def _show_edit(sentence: str, outcome: AddOutcome | RemoveOutcome, terminal: Terminal) -> None:
    terminal.say(*wrap(sentence, terminal.err.fold, rest="  "))
    if outcome.lock is not None:
        terminal.say(*_lock_lines(outcome.lock, terminal))
    if outcome.sync is not None:
        terminal.say(*_sync_lines(outcome.sync, terminal))
    elif outcome.lock is not None:
        terminal.say(*changes(lock_changes(outcome.lock.changes), terminal))


def _lock_lines(outcome: LockOutcome, terminal: Terminal) -> list[str]:
    what = f"{count(outcome.packages, 'package')} for {count(outcome.targets, 'target')}"
    if outcome.dry_run and not outcome.unchanged:
        sentence = f"Would lock {what}"
    elif outcome.written:
        sentence = f"Locked {what} in {duration(outcome.seconds)}"
    else:
        sentence = up_to_date(outcome.packages, outcome.targets)
        if not outcome.targets:  # that of another tool, which knows of none
            name = outcome.path.replace("\\", "/").rpartition("/")[2]
            sentence = f"{clean(name)} is up to date: {count(outcome.packages, 'package')}"
    lines = [sentence]
    if outcome.evidence is not None and (told := outcome.evidence.sentence):
        first, *rest = wrap(clean(told), terminal.err.fold, first="note: ", rest="      ")
        lines += [terminal.err.paint("note", "note:") + first[5:], *rest]
    reasons: dict[str, list[str]] = {}
    for target, reason in outcome.dropped:
        reasons.setdefault(reason, []).append(target)
    for reason, targets in reasons.items():
        note = f"left out {_listed(targets, most=4)}: {clean(reason)}"
        first, *rest = wrap(note, terminal.err.fold, first="note: ", rest="      ")
        lines += [terminal.err.paint("note", "note:") + first[5:], *rest]
    return lines


def lock_changes(those: Iterable[PackageChange]) -> list[Change]:
    """What came, went and changed between two locks, to be drawn by `changes`."""
    found: list[Change] = []
    for change in those:
        if change.before is None:
            found.append(("+", change.name, change.after or ""))
        elif change.after is None:
            found.append(("-", change.name, change.before))
        else:
            found.append(("~", change.name, change.before, change.after))
    return found


def _sync_lines(outcome: SyncOutcome, terminal: Terminal) -> list[str]:
    lines = []
    if outcome.created:
        word = "Would make" if outcome.dry_run else "Made"
        lines.append(f"{word} the environment {terminal.short(outcome.environment)}")
    done = [
        ("install", "installed", len(outcome.installed)),
        ("update", "updated", len(outcome.updated)),
        ("reinstall", "reinstalled", len(outcome.reinstalled)),
        ("remove", "removed", len(outcome.removed)),
    ]
    parts: list[str] = []
    for future, past, number in done:
        if number:
            word = future if outcome.dry_run else past
            parts.append(f"{word} {count(number, 'package') if not parts else number}")
    if parts:
        sentence = ", ".join(parts)
        sentence = f"Would {sentence}" if outcome.dry_run else sentence[0].upper() + sentence[1:]
        lines.append(sentence if outcome.dry_run else f"{sentence} in {duration(outcome.seconds)}")
    else:
        lines.append(f"Nothing to do: {terminal.short(outcome.environment)} is up to date")
    found: list[Change] = [("+", *each) for each in outcome.installed]
    found += [("-", *each) for each in outcome.removed]
    found += [("~", *each) for each in (*outcome.updated, *outcome.reinstalled)]
    return [*lines, *changes(found, terminal)]


def _place(outcome: EditOutcome) -> str:
    """``group:dev`` in words."""
    if outcome.script is not None:
        return clean(outcome.script)
    kind, _, name = outcome.where.partition(":")
    file = clean(outcome.manifest)
    if kind == "group":
        return f"the {clean(name)} group in {file}"
    return f"the extra {clean(name)} in {file}" if kind == "extra" else file


def _listed(names: Iterable[object], *, most: int = 6) -> str:
    """``flask, requests and 3 more``."""
    texts = [clean(str(name)) for name in names]
    if len(texts) > most + 1:
        return f"{', '.join(texts[:most])} and {len(texts) - most} more"
    return ", ".join(texts)
