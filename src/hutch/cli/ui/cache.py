"""What ``hutch cache`` shows."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, columns, count, size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.cache import (
        CacheCleanOutcome,
        CacheDirOutcome,
        CachePruneOutcome,
        CacheSizeOutcome,
        CacheVerifyOutcome,
    )

__all__ = ["print_directory", "print_size", "show_clean", "show_prune", "show_verify"]

_MOST = 5  # files of one thing that are named
_THINGS = {
    "wheels": "package",
    "bytecode": "compiled package",
    "envs": "throwaway environment",
    "git": "clone",
    "archives": "download that was cut off",
}


def print_directory(outcome: CacheDirOutcome, terminal: Terminal) -> None:
    """``hutch cache dir``: exactly the path, for ``cd "$(hutch cache dir)"``."""
    terminal.data(f"{outcome.path}\n")


def print_size(outcome: CacheSizeOutcome, terminal: Terminal) -> None:
    """``hutch cache size``."""
    rows: list[tuple[str, ...]] = [
        (kind, count(files, "file"), size(number)) for kind, files, number in outcome.kinds if files
    ]
    files, number = sum(row[1] for row in outcome.kinds), sum(row[2] for row in outcome.kinds)
    rows.append(("all", count(files, "file"), size(number)))
    if outcome.limit is not None:
        rows.append(("limit", "", size(outcome.limit)))
    terminal.data("".join(f"{line}\n" for line in columns(rows)))


def show_clean(outcome: CacheCleanOutcome, terminal: Terminal) -> None:
    """``hutch cache clean``."""
    word = "Would free" if outcome.dry_run else "Freed"
    terminal.say(f"{word} {size(outcome.bytes)} ({count(outcome.files, 'file')})")


def show_verify(outcome: CacheVerifyOutcome, terminal: Terminal) -> None:
    """``hutch cache verify``: what is damaged, and what was done about it."""
    for each in outcome.damage:
        what = {"removed": "removed", "restored": "dates restored"}.get(each.done, "damaged")
        terminal.say(f"{clean(each.name)} ({clean(each.key[:16])}): {what}")
        for fault in each.faults[:_MOST]:
            terminal.say(f"  {clean(fault)}")
        if len(each.faults) > _MOST:
            terminal.say(f"  and {len(each.faults) - _MOST} more")
        for environment in outcome.users.get(each.key, ())[:_MOST]:
            terminal.say(f"  used in {clean(terminal.short(environment))}: hutch env verify looks at that")
    looked_at = f"{count(outcome.wheels, 'package')} and {count(outcome.tables, 'table')}"
    left = sum(not each.done for each in outcome.damage)
    if not outcome.damage:
        terminal.say(f"Nothing is damaged: {looked_at}")
    elif left and not outcome.fix:
        terminal.say(f"{left} damaged, of {looked_at}; hutch cache verify --fix takes out what is")
    elif left:
        terminal.say(f"{left} damaged and still there, of {looked_at}")
    else:
        terminal.say(f"{len(outcome.damage)} mended, of {looked_at}")


def show_prune(outcome: CachePruneOutcome, terminal: Terminal) -> None:
    """``hutch cache prune``."""
    word = "Would free" if outcome.dry_run else "Freed"
    things = {kind: number for kind, number in outcome.removed.items() if kind in _THINGS}
    others = sum(outcome.removed.values()) - sum(things.values())
    named = [count(number, _THINGS[kind]) for kind, number in sorted(things.items())]
    if others:
        named.append(count(others, "table"))
    what = f" ({', '.join(named)})" if named else ""
    terminal.say(f"{word} {size(outcome.bytes)}{what}")
    use = "uses" if outcome.environments == 1 else "use"
    users = f", of which {count(outcome.environments, 'environment')} {use} {size(outcome.in_use)}"
    limit = "" if outcome.limit is None else f"; the limit is {size(outcome.limit)}"
    terminal.say(f"{size(outcome.left)} left{users if outcome.environments else ''}{limit}")
