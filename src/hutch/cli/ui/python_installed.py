"""What ``hutch python install``, ``upgrade`` and ``uninstall`` say."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, count, duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.errors import Problem
    from hutch.ops.python_install import PythonInstallOutcome
    from hutch.ops.python_uninstall import PythonUninstallOutcome
    from hutch.ops.python_upgrade import PythonUpgradeOutcome

__all__ = ["end_with", "show_install", "show_uninstall", "show_upgrade"]


def show_install(outcome: PythonInstallOutcome, terminal: Terminal) -> None:
    """A line a Python, and one a name."""
    for one in outcome.pythons:
        name, place = clean(one.name), terminal.short(one.path)
        if one.state == "planned":
            terminal.say(f"Would install {name}  {place}")
        elif one.state == "present":
            terminal.say(f"{name} is installed already: {place}")
    new = [one for one in outcome.pythons if one.state == "installed"]
    if new:
        terminal.say(f"Installed {count(len(new), 'Python')} in {duration(outcome.seconds)}")
    for one in new:
        terminal.say(f" + {clean(one.name)}  {terminal.short(one.path)}")
    made = [terminal.short(each.path) for each in outcome.named if not each.refused]
    if made:
        terminal.say(f"Made {', '.join(made)}")
        if not outcome.folder_on_path:
            terminal.say(f"{terminal.short(outcome.folder)} is not on PATH: add it to find them")
    for each in outcome.named:
        if each.refused:
            terminal.say(f"{terminal.short(each.path)} is left alone: {each.refused}")


def show_upgrade(outcome: PythonUpgradeOutcome, terminal: Terminal) -> None:
    """From which patch to which, and what follows."""
    if not outcome.upgraded:
        terminal.say("Hutch has installed no Python yet: hutch python install")
        return
    arrow = " → " if terminal.err.unicode else " -> "
    failed = bool(outcome.problems)
    for one in outcome.upgraded:
        name = clean(one.name)
        if one.before == one.after:
            if one.compiled:
                minor = ".".join(clean(one.before).split(".")[:2])
                terminal.say(f"{name} was compiled here: a newer one comes by --build {minor}")
            elif not failed:
                terminal.say(f"{name} is the newest")
            continue
        said = "Would upgrade" if outcome.dry_run else "Upgraded"
        users = f"; {count(one.environments, 'environment')} follow" if one.environments else ""
        users = users.replace("1 environment follow", "1 environment follows")
        terminal.say(f"{said} {name}{arrow}{clean(one.after)}{users}")
    for key in outcome.removed:
        terminal.say(f" - {clean(key)}" + (" (would be removed)" if outcome.dry_run else ""))
    for key, number in outcome.kept:
        terminal.say(f"{clean(key)} stays: {count(number, 'environment')} asked for it")


def show_uninstall(outcome: PythonUninstallOutcome, terminal: Terminal) -> None:
    """What is gone, what stands for what now, and what broke."""
    if not outcome.removed:
        terminal.say("Hutch has installed no Python: nothing to remove")
        return
    head = "Would remove" if outcome.dry_run else "Removed"
    terminal.say(f"{head} {count(len(outcome.removed), 'Python')}")
    for _, name in outcome.removed:
        terminal.say(f" - {clean(name)}")
    for _, to, number in outcome.moved:
        if number:
            said = "would run" if outcome.dry_run else "now runs" if number == 1 else "now run"
            terminal.say(f"{count(number, 'environment')} {said} {clean(to)}")
    for path in outcome.programs:
        terminal.say(f" - {terminal.short(path)}")
    if outcome.broken:
        verb = "would lose" if outcome.dry_run else "lost"
        whose = "its" if len(outcome.broken) == 1 else "their"
        terminal.say(f"{count(len(outcome.broken), 'environment')} {verb} {whose} Python:")
        for path in outcome.broken[:8]:
            terminal.say(f"   {terminal.short(path)}")
        if len(outcome.broken) > 8:
            terminal.say(f"   and {len(outcome.broken) - 8} more")


def end_with(problems: tuple[Problem, ...], terminal: Terminal, *, json: bool) -> int:
    """The exit code of what went only partly well: the first problem is raised, the others told before it.

    As JSON all of them are in the outcome already.
    """
    if not problems:
        return 0
    if json:
        return max(problem.exit_code for problem in problems)
    from hutch.cli.ui.problems import render_problem

    for problem in problems[1:]:
        terminal.tell(*render_problem(problem, terminal.err))
    raise problems[0]
