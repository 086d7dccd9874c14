"""What ``hutch env create|list|remove|clone|rename|path|redirect`` say."""

from __future__ import annotations

import os

from hutch.cli.ui.summary import changes
from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, columns, count, cut, duration, size, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hutch.ops.conda_enact import CondaChange
    from hutch.ops.env_clone import EnvCloneOutcome
    from hutch.ops.env_create import EnvCreateOutcome
    from hutch.ops.env_list import EnvListOutcome
    from hutch.ops.env_path import EnvPathOutcome
    from hutch.ops.env_redirect import EnvRedirectOutcome
    from hutch.ops.env_remove import EnvRemoveOutcome
    from hutch.ops.env_rows import EnvRow
    from hutch.ops.outcomes import SyncOutcome

__all__ = [
    "print_environments", "print_path", "show_cloned", "show_created", "show_going", "show_redirect",
    "show_removed", "show_upgraded",
]  # fmt: skip

HEADS = {
    "named": "",
    "project": "of this project",
    "active": "active",
    "central": "of other projects",
    "pyenv": "of pyenv",
    "conda": "of conda",
}


def show_created(outcome: EnvCreateOutcome, terminal: Terminal) -> None:
    """``hutch env create``."""
    word = "Would make" if outcome.dry_run else "Made"
    anew = " anew" if outcome.replaced else ""
    with_what = f" and {count(len(outcome.installed), 'package')}" if outcome.installed else ""
    took = "" if outcome.dry_run else f" in {duration(outcome.seconds)}"
    name = clean(outcome.env_name)
    python = f" with Python {outcome.python}" if outcome.python else ""
    with_what = with_what if python else with_what.replace(" and", " with", 1)
    terminal.say(f"{word} {name}{anew}{python}{with_what}{took}")
    terminal.say(*changes([("+", *each) for each in outcome.installed], terminal))
    if not outcome.dry_run:
        terminal.say(terminal.err.paint("hint", "use it:") + f" hutch run -n {name} python")


def show_cloned(outcome: EnvCloneOutcome, terminal: Terminal) -> None:
    """``hutch env clone`` and ``hutch env rename``."""
    words = ("Would rename", "Renamed") if outcome.renamed else ("Would clone", "Cloned")
    by_path = not outcome.renamed or os.sep in outcome.source
    source = terminal.short(outcome.source) if by_path else clean(outcome.source)
    target = clean(outcome.env_name) if outcome.env_name else terminal.short(outcome.path)
    took = "" if outcome.dry_run else f" in {duration(outcome.seconds)}"
    packages = count(outcome.packages, "package")
    word = words[0] if outcome.dry_run else words[1]
    python = f"Python {outcome.python}, " if outcome.python else ""
    terminal.say(f"{word} {source} to {target} ({python}{packages}){took}")


def show_upgraded(outcome: SyncOutcome | CondaChange, terminal: Terminal) -> None:
    """``hutch env upgrade``, of an environment of either kind."""
    from hutch.ops.outcomes import SyncOutcome

    if isinstance(outcome, SyncOutcome):
        from hutch.cli.ui.pip import show_changes

        show_changes(outcome, terminal)
    else:
        from hutch.cli.ui.conda import show_change

        show_change(outcome, terminal)


def print_environments(outcome: EnvListOutcome, terminal: Terminal) -> None:
    """``hutch env list``: a line an environment."""
    if not outcome.rows:
        terminal.say("There is no environment with a name yet, and none of a project here")
        terminal.say(terminal.err.paint("hint", "make one:") + " hutch env create NAME PACKAGE…")
        return
    heads = ("", "name", "python", "packages", "used", *(("size",) if outcome.sizes else ()), "where")
    rows: list[tuple[str, ...]] = [heads]
    notes: list[str] = []
    for kind in HEADS:
        for row in (each for each in outcome.rows if each.kind == kind):
            rows.append(_cells(row, outcome.sizes, terminal))
            notes += _notes(row, terminal)
    width = terminal.out.fold
    fixed = sum(max(width_of(row[at]) for row in rows) for at in range(len(heads) - 1)) + 2 * len(heads)
    cells = [(*row[:-1], _tail(row[-1], max(width - fixed, 24))) for row in rows]
    terminal.data("".join(f"{line.rstrip()}\n" for line in columns(cells)))
    for note in notes:
        terminal.say(note)


def _cells(row: EnvRow, sizes: bool, terminal: Terminal) -> tuple[str, ...]:
    mark = "*" if row.active else "!" if row.broken or row.orphan else ""
    where = terminal.short(row.path)
    if row.kind == "central" and row.project:
        where = f"for {terminal.short(row.project)}{' (gone)' if row.orphan else ''}"
    elif row.kind in ("pyenv", "conda"):
        where = f"{where} ({HEADS[row.kind]})"
    if row.of_conda and row.kind != "conda":
        where = f"{where} (conda)"
    name = row.env_name or ("(not used)" if row.passed_over else "(default)")
    if row.kind == "project" and row.env_name and not row.passed_over:
        name = f"--env {row.env_name}"
    return (
        mark,
        cut(clean(name), 30),
        clean(row.python) or "-",
        str(row.packages) if row.packages is not None else "-",
        _day(row.used),
        *((size(row.size) if row.size is not None else "-",) if sizes else ()),
        where,
    )


def _notes(row: EnvRow, terminal: Terminal) -> list[str]:
    name = clean(row.env_name or terminal.short(row.path))
    notes = []
    if row.broken:
        notes.append(f"{terminal.err.paint('warning', '!')} {name}: {clean(row.broken)}")
    if row.orphan:
        whose = f"{terminal.short(row.project)} is gone" if row.project else "nobody knows whose it is"
        mark = terminal.err.paint("warning", "!")
        notes.append(f"{mark} {name}: {whose}; hutch env remove --orphans")
    if row.asked and terminal.verbose:
        notes.append(f"  {name}: asked for {clean(', '.join(row.asked))}")
    return notes


def _day(moment: float | None) -> str:
    from time import time

    if moment is None:
        return "-"
    days = int((time() - moment) // 86400)
    if days < 1:
        return "today"
    if days < 60:
        return f"{count(days, 'day')} ago"
    return f"{days // 30} months ago"


def _tail(text: str, width: int) -> str:
    """A path that is too long loses its beginning: the end tells one from the other."""
    if width_of(text) <= width:
        return text
    return "..." + text[-(width - 3) :]


def print_path(values: Mapping[str, object]) -> Callable[[EnvPathOutcome, Terminal], None]:
    """``hutch env path``, or the interpreter in it."""

    def show(outcome: EnvPathOutcome, terminal: Terminal) -> None:
        terminal.data(f"{outcome.interpreter if values.get('interpreter') else outcome.path}\n")
        if not outcome.exists:
            terminal.say("It is not there yet: hutch sync makes it")

    return show


def show_going(outcome: EnvRemoveOutcome, terminal: Terminal) -> None:
    """What ``hutch env remove`` asks about."""
    for name, path, bytes_ in outcome.removed:
        mark = terminal.err.paint("removed", "-")
        terminal.say(f" {mark} {clean(name)} {terminal.short(path)} ({size(bytes_)})")


def show_removed(outcome: EnvRemoveOutcome, terminal: Terminal) -> None:
    """``hutch env remove``."""
    if not outcome.removed:
        terminal.say("Nothing was removed")
        return
    word, frees = ("Would remove", "would free") if outcome.dry_run else ("Removed", "frees")
    listed = ", ".join(clean(name) for name, _, _ in outcome.removed)
    terminal.say(f"{word} {listed}, which {frees} {size(outcome.bytes)}")


def show_redirect(outcome: EnvRedirectOutcome, terminal: Terminal) -> None:
    """``hutch env redirect``."""
    path, root = terminal.short(outcome.path), terminal.short(outcome.environment)
    if not outcome.changed:
        terminal.say(f"Nothing to do: {path} {'does not say' if outcome.removed else 'says'} {root}")
        return
    if outcome.removed:
        terminal.say(f"{'Would take' if outcome.dry_run else 'Took'} {root} out of {path}")
        return
    terminal.say(f"{'Would write' if outcome.dry_run else 'Wrote'} {path}: {root}")
