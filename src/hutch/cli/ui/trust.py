"""What ``hutch allow`` and ``hutch deny`` say."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, columns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.allow import AllowOutcome
    from hutch.ops.shell_hook import StartupOutcome

__all__ = ["show_allow", "show_startup"]

_MEANING = {
    "allowed": "allowed",
    "denied": "denied",
    "lapsed": "to be asked again: its environment was replaced",
    "gone": "gone: hutch deny PATH forgets it",
    "unknown": "unknown",
}


def show_allow(outcome: AllowOutcome, terminal: Terminal) -> None:
    """What holds from now on; with --list what was said of all."""
    if outcome.projects is not None:
        _list(outcome.projects, terminal)
        return
    project = clean(terminal.short(outcome.project))
    project = f"the project in {project}"
    would = "Would trust" if outcome.dry_run else "Trusts"
    if not outcome.allowed:
        if outcome.before == "gone":
            terminal.say(f"{'Would forget' if outcome.dry_run else 'Forgot'} {project}, which is not there")
        else:
            terminal.say(f"{would} {project} no longer, and does not ask: hutch allow undoes that")
        return
    if outcome.before == "allowed":
        terminal.say(f"{project[0].upper()}{project[1:]} is trusted already")
    elif outcome.environment is None and outcome.central is not None:
        terminal.say(f"{would} {project}, whose environment is {clean(terminal.short(outcome.central))}")
    elif outcome.environment is None:
        terminal.say(f"{would} {project}, which has no environment yet: hutch sync makes it")
    else:
        name = clean(terminal.short(outcome.environment))
        terminal.say(f"{would} {project}: entering it activates {name}")
    if outcome.environment is None and outcome.central is not None:
        terminal.say("  hutch env redirect venv has entering it activate that environment")
    for file, names, refused in outcome.env_files:
        sets = ", ".join(names) if names else "nothing"
        lines = [f"  and loads {clean(file)}, as it is now, which sets {clean(sets)}"]
        if file in outcome.scripts:
            lines = [f"  and reads {clean(file)}, as it is now: what a script does is not known before"]
        if refused:
            lines.append(f"  but not {clean(', '.join(refused))}, which no env file may set")
        terminal.say(*lines)


def _list(projects: tuple[tuple[str, str], ...], terminal: Terminal) -> None:
    if not projects:
        terminal.say("Nothing was allowed or denied yet")
        return
    rows: list[tuple[str, ...]] = [(clean(path), _MEANING[said]) for path, said in projects]
    terminal.data("".join(f"{line}\n" for line in columns(rows)))


def show_startup(outcome: StartupOutcome, terminal: Terminal) -> None:
    """``hutch shell-hook SHELL --install`` and ``--uninstall``."""
    path = clean(terminal.short(outcome.path))
    if not outcome.changed:
        is_there = "has the hook already" if outcome.installed else "has no lines of hutch"
        terminal.say(f"{path} {is_there}")
        return
    verb = ("Would add", "Added") if outcome.installed else ("Would take", "Took")
    shown = [f"  {clean(line)}" for line in outcome.lines[:1]]
    if len(outcome.lines) > 1:
        shown = [f"  {len(outcome.lines)} lines"]
    terminal.say(f"{verb[not outcome.dry_run]} {'to' if outcome.installed else 'out of'} {path}:", *shown)
    if not outcome.dry_run:
        terminal.say("Shells that are started from now on know of it")
