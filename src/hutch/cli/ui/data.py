"""What goes to stdout for a person or a pipe: trees, reasons, exports, tables."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, columns, count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.config import ConfigShowOutcome
    from hutch.ops.export import ExportOutcome
    from hutch.ops.lock_targets import TargetsOutcome
    from hutch.ops.outdated import OutdatedOutcome
    from hutch.ops.search import SearchOutcome
    from hutch.ops.self import SelfVersionOutcome
    from hutch.ops.tree import TreeOutcome
    from hutch.ops.why import WhyOutcome
    from hutch.ops.why_not import WhyNotOutcome

__all__ = [
    "print_config",
    "print_export",
    "print_outdated",
    "print_search",
    "print_targets",
    "print_tree",
    "print_version",
    "print_why",
]


def print_tree(outcome: TreeOutcome, terminal: Terminal) -> None:
    """``hutch tree``."""
    terminal.data(_drawable(_lines(outcome.lines), terminal))


def print_why(outcome: WhyOutcome | WhyNotOutcome, terminal: Terminal) -> None:
    """``hutch why`` and ``hutch why-not``."""
    terminal.data(_drawable(_lines(outcome.lines), terminal))


def print_targets(outcome: TargetsOutcome, terminal: Terminal) -> None:
    """``hutch lock --explain-targets``: a line a target."""
    rows = [("target", "wanted", "result"), *((t.name, t.wanted, t.state) for t in outcome.targets)]
    terminal.data(_lines(columns([tuple(clean(cell) for cell in row) for row in rows])))


def print_outdated(outcome: OutdatedOutcome, terminal: Terminal) -> None:
    """``hutch outdated``: a line a package, a further one for each further reason."""
    looked_at = count(outcome.looked_at, "package")
    if not outcome.packages:
        terminal.say(f"Everything is the newest there is: {looked_at}")
        return
    rows: list[tuple[str, ...]] = [("package", "locked", "upgrade", "newest", "held back by")]
    for each in outcome.packages:
        locked, allowed = ", ".join(each.locked), ", ".join(each.allowed)
        shown = locked
        if each.installed is not None and each.installed not in each.locked:
            shown = f"{locked} ({each.installed} installed)"
        reasons = [_held(held.text, held.file, held.line) for held in each.held]
        upgrade = "-" if allowed == locked else allowed or "gone"
        name = f"{each.name} (conda)" if each.kind == "conda" else each.name
        rows.append((name, shown, upgrade, each.newest, reasons[0] if reasons else ""))
        rows += [("", "", "", "", reason) for reason in reasons[1:]]
    terminal.data(_lines(columns([tuple(clean(cell) for cell in row) for row in rows])))
    newer = sum(each.allowed != each.locked for each in outcome.packages)
    if newer:
        terminal.say(f"hutch upgrade takes newer versions of {count(newer, 'package')}")


def print_search(outcome: SearchOutcome, terminal: Terminal) -> None:
    """``hutch search``: a line a version, under the index or the channel that has it."""
    rows: list[tuple[str, ...]] = [("package", "from", "version", "platforms", "")]
    for side in outcome.sides:
        first = (side.name, side.source)
        for each in side.versions:
            notes = [*(["locked"] if each.locked else []), *([each.note] if each.note else [])]
            rows.append((*first, each.version, ", ".join(each.platforms), ", ".join(notes)))
            first = ("", "")
        if side.older:
            rows.append(("", "", f"and {side.older} more", "", ""))
    terminal.data(_lines(columns([tuple(clean(cell) for cell in row) for row in rows])))
    if any(side.older for side in outcome.sides):
        terminal.say(f"hutch search --all {clean(outcome.name)} shows all of them")


def _held(text: str, file: str | None, line: int | None) -> str:
    return f"{text} ({file}:{line})" if file and line else text


def print_export(outcome: ExportOutcome, terminal: Terminal) -> None:
    """``hutch export``: the text, unless it went to a file."""
    if outcome.path is None:
        terminal.data(outcome.text)
    else:
        terminal.say(f"Wrote {count(outcome.packages, 'package')} to {terminal.short(outcome.path)}")


def print_config(outcome: ConfigShowOutcome, terminal: Terminal) -> None:
    """``hutch config show``: setting, value, where it was set."""
    rows: list[tuple[str, ...]] = [
        (clean(name), clean(_shown(value)), clean(source)) for name, value, source in outcome.rows
    ]
    lines = columns(rows)
    if outcome.files:
        read: list[tuple[str, ...]] = [
            (f"  {clean(path)}", "" if exists else "not there") for path, exists in outcome.files
        ]
        lines = [*lines, "", "files that may set something:", *columns(read)]
    if outcome.sandbox:
        parts: list[tuple[str, ...]] = [
            (f"  {one.name}", one.means or f"open: {clean(one.missing)}")  # what the system said
            for one in outcome.sandbox
        ]
        lines = [*lines, "", "what keeps builds on this machine from what is not theirs:", *columns(parts)]
    terminal.data(_lines(lines))


def print_version(outcome: SelfVersionOutcome, terminal: Terminal) -> None:
    """``hutch self version``."""
    terminal.data(f"hutch {outcome.version} (Python {outcome.python}, {outcome.platform})\n")


def _shown(value: object) -> str:
    """A setting's value as one would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list, set, frozenset)):
        return ", ".join(_shown(each) for each in value) or "none"
    return "none" if value is None else str(value)


def _drawable(text: str, terminal: Terminal) -> str:
    """``text`` with lines and arrows that the stream can write."""
    if terminal.out.unicode:
        return text
    return text.replace("└──", "`--").replace("├──", "|--").replace("│", "|").replace("→", "->")


def _lines(lines: list[str] | tuple[str, ...]) -> str:
    return "".join(f"{clean(line)}\n" for line in lines)
