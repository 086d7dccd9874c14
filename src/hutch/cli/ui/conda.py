"""What ``hutch conda create|install|update|remove|list|env`` say, in conda's look."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, count, duration, size, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hutch.env import Plan
    from hutch.ops.conda_compare import CondaCompareOutcome
    from hutch.ops.conda_enact import CondaChange
    from hutch.ops.conda_env import CondaEnvRemoveOutcome
    from hutch.ops.conda_info import CondaInfoOutcome
    from hutch.ops.conda_list import CondaEnvListOutcome, CondaExportOutcome, CondaListOutcome

__all__ = [
    "print_compared",
    "print_environments",
    "print_export",
    "print_info",
    "print_packages",
    "show_change",
    "show_going",
    "show_plan",
    "show_removed",
]


def show_plan(outcome: CondaChange, terminal: Terminal) -> None:
    """What would be done, before somebody is asked."""
    change = outcome.change
    terminal.say(f"environment: {terminal.short(change.root)}")
    for title, rows in _tables(change.plan):
        terminal.say("", f"The following packages will be {title}:", "")
        width = max(len(row[0]) for row in rows)
        for name, *words in rows:
            terminal.say(f"  {clean(name):<{width}}  {clean('  '.join(words))}".rstrip())
    total = sum(record.size or 0 for record in change.plan.needs_conda())
    if total:
        terminal.say("", f"Packages of {size(total)} are needed; what the store has is not fetched.")
    terminal.say("")


def _tables(plan: Plan) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Rows by what becomes of them, in conda's order."""
    from hutch.ops.conda_revisions import order_of

    before = {step.name: step.version for step in plan.removals}
    found: dict[str, list[tuple[str, ...]]] = {}
    names = set()
    for link in sorted(plan.links, key=lambda link: link.name):
        names.add(link.name)
        name, now = _shown(link.name), link.version.replace(" ", "-", 1)
        record = link.conda.record if link.conda is not None else None
        if link.name not in before:
            place = f"{record.channel.rpartition('/')[2]}/{record.subdir}" if record is not None else "pypi"
            found.setdefault("INSTALLED", []).append((name, now, place))
            continue
        was = before[link.name]
        row = (name, was.replace(" ", "-", 1), "-->", now)
        if was == link.version:
            found.setdefault("REINSTALLED", []).append((name, now))
        else:
            order = order_of(link.version, was)
            title = "UPDATED" if order > 0 else "DOWNGRADED" if order < 0 else "REVISED"
            found.setdefault(title, []).append(row)
    for step in plan.removals:
        if step.name not in names:
            shown = step.version.replace(" ", "-", 1)
            found.setdefault("REMOVED", []).append((_shown(step.name), shown))
    titles = ("INSTALLED", "REMOVED", "UPDATED", "REVISED", "DOWNGRADED", "REINSTALLED")
    return [(title, sorted(found[title])) for title in titles if title in found]


def _shown(name: str) -> str:
    return name.removeprefix("conda:")


def show_change(outcome: CondaChange, terminal: Terminal) -> None:
    """What was done."""
    change = outcome.change
    place = terminal.short(change.root)
    if not outcome.agreed:
        terminal.say("Nothing was changed")
        return
    for name, version, spec in outcome.held:
        terminal.say(f"{clean(name)} stays at {clean(version)}: it was asked for as '{clean(spec)}'")
        terminal.say(
            terminal.err.paint("hint", "another:")
            + f" hutch conda install{outcome.flag} '{clean(name)}>{clean(version)}'"
        )
    if not change.plan.steps and not change.created:
        terminal.say(f"All that was asked for is there already: {place}")
        return
    if change.dry_run:
        show_plan(outcome, terminal)
        terminal.say("Nothing was changed: --dry-run")
        return
    if change.fetched:
        needed = count(len(change.plan.links), "package")
        terminal.say(f"What {place} needs is in the store: {needed}. Nothing was changed: --download-only")
        return
    summary = change.plan.summary
    signs = [
        *(("+", _shown(name), version) for name, version in summary.added),
        *(("-", _shown(name), version) for name, version in summary.removed),
        *(("~", _shown(name), old, new) for name, old, new in summary.changed),
        *(("~", _shown(name), version) for name, version in summary.reinstalled),
    ]
    word = "Made" if change.created else "Changed"
    terminal.say(f"{word} {place}: {count(len(signs), 'package')} in {duration(outcome.seconds)}")
    terminal.say(*_changes(signs, terminal))
    if change.created:
        from shlex import quote

        named = outcome.env_name
        which = f"-n {quote(named)}" if named else f"-p {quote(place)}"
        terminal.say(terminal.err.paint("hint", "use it:") + f" hutch conda run {which} COMMAND")
        where = named or (place if "/" in place or "\\" in place else f"./{place}")
        terminal.say(terminal.err.paint("hint", "    or:") + f" hutch conda activate {quote(where)}")


def _changes(signs: Sequence[tuple[str, ...]], terminal: Terminal) -> list[str]:
    from hutch.cli.ui.summary import changes

    return changes(list(signs), terminal)


def print_packages(outcome: CondaListOutcome, terminal: Terminal) -> None:
    """``conda list``."""
    from hutch.ops.conda_list import explicit_line

    if outcome.history is not None:
        from hutch.ops.conda_revisions import revisions_text

        lines = revisions_text(outcome.history).splitlines()
    elif outcome.form == "explicit":
        lines = ["# This file may be used to create an environment using:"]
        lines += ["# $ conda create --name <env> --file <this file>", f"# platform: {outcome.subdir}"]
        lines.append("@EXPLICIT")
        lines += [explicit_line(row.record, outcome.hashes) for row in outcome.rows if row.record is not None]
    elif outcome.form == "export":
        lines = ["# This file may be used to create an environment using:"]
        lines += ["# $ conda create --name <env> --file <this file>", f"# platform: {outcome.subdir}"]
        lines += [f"{row.name}={row.version}={row.build}" for row in outcome.rows]
    elif outcome.form == "canonical":
        lines = [row.canonical for row in outcome.rows]
    elif outcome.sizes:
        lines = _with_sizes(outcome)
    else:
        lines = [f"# packages in environment at {outcome.root}:", "#"]
        lines.append(f"# {'Name':<23} {'Version':<19} {'Build':<19} Channel")
        lines += [
            f"{clean(row.name):<25} {clean(row.version):<19} {clean(row.build):<19} {clean(row.channel)}"
            for row in outcome.rows
        ]
    terminal.data("".join(f"{clean(line).rstrip()}\n" for line in lines))


def _with_sizes(outcome: CondaListOutcome) -> list[str]:
    """conda's columns, each as wide as what is in it, and one more; at the end all of it."""
    rows = [("# Name", "Version", "Build", "Channel", "Size")]
    for row in outcome.rows:
        shown = size(row.size) if row.size is not None else "-"
        rows.append((clean(row.name), clean(row.version), clean(row.build), clean(row.channel), shown))
    least = (25, 19, 19, 11, 0)
    widths = [max((least[at], *(width_of(row[at]) for row in rows))) for at in range(5)]
    lines = [f"# packages in environment at {outcome.root}:", "#"]
    for words in rows:
        cells = [words[at] + " " * (widths[at] - width_of(words[at])) for at in range(4)]
        lines.append(f"{' '.join(cells)} {words[4]:>{widths[4]}}")
    total = size(sum(row.size or 0 for row in outcome.rows))
    return [*lines, "#", f"# {count(len(outcome.rows), 'package')}: {total}"]


def print_environments(outcome: CondaEnvListOutcome, terminal: Terminal) -> None:
    """``conda env list``."""
    lines = ["# conda environments:", "#"]
    for name, path, active in outcome.environments:
        lines.append(f"{clean(name):<24} {'*' if active else ' '} {clean(path)}".rstrip())
    terminal.data("".join(f"{line}\n" for line in lines))


def print_info(outcome: CondaInfoOutcome, terminal: Terminal) -> None:
    """``conda info``."""
    if outcome.form == "base":
        terminal.data(f"{clean(outcome.root)}\n")
        return
    lines = []
    if outcome.form != "envs":
        rows: list[tuple[str, tuple[str, ...]]] = [
            ("active environment", (outcome.active_name or outcome.active or "None",)),
            ("active env location", (outcome.active or "None",)),
            ("populated config files", outcome.config_files),
            ("virtual packages", tuple("=".join(row) for row in outcome.virtual)),
            ("channel URLs", outcome.channels),
            ("package cache", (outcome.store,)),
            ("envs directories", (outcome.envs_dir,)),
            ("platform", (outcome.platform,)),
            ("offline mode", (str(outcome.offline),)),
        ]
        for title, values in rows:
            lines += [f"{title if not at else '':>24} {':' if not at else ' '} {clean(value)}"
                for at, value in enumerate(values or ("",))]  # fmt: skip
    if outcome.form != "table":
        lines += ["# conda environments:", "#"] if not lines else ["", "# conda environments:", "#"]
        for name, path, active in outcome.environments:
            lines.append(f"{clean(name):<24} {'*' if active else ' '} {clean(path)}")
    terminal.data("".join(f"{line.rstrip()}\n" for line in lines))


def print_export(outcome: CondaExportOutcome, terminal: Terminal) -> None:
    """``conda env export``."""
    if outcome.file is not None:
        terminal.say(f"Wrote {terminal.short(outcome.file)}")
    else:
        terminal.data(outcome.text)


def print_compared(outcome: CondaCompareOutcome, terminal: Terminal) -> None:
    """``conda compare``."""
    terminal.data("".join(f"{clean(line)}\n" for line in outcome.text))


def show_going(outcome: CondaEnvRemoveOutcome, terminal: Terminal) -> None:
    """What would be deleted, before somebody is asked."""
    terminal.say(f"This deletes {terminal.short(outcome.root)}, with all that is in it")


def show_removed(outcome: CondaEnvRemoveOutcome, terminal: Terminal) -> None:
    """``conda env remove``."""
    if not outcome.agreed:
        terminal.say("Nothing was removed")
    else:
        word = "Would remove" if outcome.dry_run else "Removed"
        terminal.say(f"{word} {terminal.short(outcome.root)}")
