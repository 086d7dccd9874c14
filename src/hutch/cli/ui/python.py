"""What ``hutch python`` shows of the Pythons that there are."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, columns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.python_dir import PythonDirOutcome
    from hutch.ops.python_find import PythonFindOutcome
    from hutch.ops.python_list import Listed, PythonListOutcome
    from hutch.ops.python_pin import PythonPinOutcome
    from hutch.ops.python_which import PythonWhichOutcome

__all__ = ["print_directory", "print_found", "print_list", "print_which", "show_pin"]


def print_directory(outcome: PythonDirOutcome, terminal: Terminal) -> None:
    """``hutch python dir``: exactly the path, for ``cd "$(hutch python dir)"``."""
    terminal.data(f"{outcome.path}\n")


def print_found(outcome: PythonFindOutcome, terminal: Terminal) -> None:
    """``hutch python find``: the path, and nothing else."""
    terminal.data(f"{outcome.shown}\n")


def print_list(outcome: PythonListOutcome, terminal: Terminal) -> None:
    """``hutch python list``: a line for each; what is broken has its reason below it."""
    if outcome.paths:
        terminal.data("".join(f"{each.path}\n" for each in outcome.pythons))
        return
    if not outcome.pythons:
        asked = f" that fits `{clean(outcome.request)}`" if outcome.request else ""
        terminal.say(f"There is no Python{asked}")
        return
    rows = [tuple(clean(cell) for cell in _row(each)) for each in outcome.pythons]
    used = [at for at in range(len(rows[0])) if any(row[at] for row in rows)]
    shown = columns([tuple(row[at] for at in used) for row in rows])
    for line, each in zip(shown, outcome.pythons, strict=True):
        terminal.data(line.rstrip() + "\n")
        if each.broken:
            terminal.data(f"    {clean(each.broken)}\n")


def _row(each: Listed) -> tuple[str, ...]:
    mark = "*" if each.chosen else " "
    if each.download:
        return (f"{mark} {_called(each)}", "", "", f"hutch python install {_word(each)}")
    return (f"{mark} {_called(each)}", each.keeper, _remark(each), each.path)


def _called(each: Listed) -> str:
    other = "" if each.implementation in ("cpython", "") else f"{each.implementation} "
    kind = ("t" if each.free_threaded else "") + ("d" if each.debug else "")
    return f"{other}{each.version}{kind}" if each.version else "?"


def _word(each: Listed) -> str:
    other = "" if each.implementation == "cpython" else each.implementation
    return f"{other}{each.version}" + ("t" if each.free_threaded else "")


def _remark(each: Listed) -> str:
    """What is to be known of it, in a few words."""
    if each.broken:
        return "stub" if each.stub else "broken"
    found = []
    if each.environment:
        found.append(f"environment {each.name}".rstrip())
    elif each.keeper == "conda" and each.name:
        found.append(each.name)
    if each.implementation == "cpython":
        if each.support == "ended":
            found.append(f"end of life {each.end}" if each.end else "end of life")
        elif each.support == "ending":
            found.append(f"ends {each.end}")
    return ", ".join(found)


def print_which(outcome: PythonWhichOutcome, terminal: Terminal) -> None:
    """``hutch python which``: the path on stdout, why on stderr."""
    if outcome.every:
        found: list[tuple[str, ...]] = [(path, clean(python)) for path, python in outcome.paths]
        terminal.data("".join(f"{line.rstrip()}\n" for line in columns(found)))
        return
    terminal.data(f"{outcome.paths[0][0]}\n")
    terminal.say(clean(outcome.reason))


def show_pin(outcome: PythonPinOutcome, terminal: Terminal) -> None:
    """``hutch python pin``: the pins on stdout where they were asked for; else what was done."""
    names = ", ".join(clean(name) for name in outcome.pins)
    variable = "/" not in outcome.path and "\\" not in outcome.path
    place = outcome.path if variable else terminal.short(outcome.path)
    if outcome.told:
        terminal.data("".join(f"{clean(name)}\n" for name in outcome.pins))
        meant = f"which is {clean(outcome.python)}" if outcome.python else "which is not here"
        terminal.say(f"{place} says {names}, {meant}")
        return
    if not outcome.pins:
        before = ", ".join(clean(name) for name in outcome.before)
        done = "Would remove" if outcome.dry_run else "Removed"
        terminal.say(f"{done} {place}" + (f", which said {before}" if before else ""))
    elif not outcome.changed:
        terminal.say(f"{place} says {names} already")
    else:
        before = f", instead of {', '.join(clean(name) for name in outcome.before)}" if outcome.before else ""
        terminal.say(f"{'Would pin' if outcome.dry_run else 'Pinned'} {names} in {place}{before}")
