"""What the ``pip`` commands about files, indexes, the cache and pip's configuration say."""

from __future__ import annotations

from hutch.cli.ui.terminal import Terminal
from hutch.cli.ui.text import clean, count, duration, size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.cache import CacheCleanOutcome
    from hutch.ops.pip_archives import PipFilesOutcome
    from hutch.ops.pip_cache import PipCacheListOutcome
    from hutch.ops.pip_config import PipConfigOutcome
    from hutch.ops.pip_debug import PipDebugOutcome
    from hutch.ops.pip_hash import PipHashOutcome
    from hutch.ops.pip_lock import PipLockOutcome
    from hutch.ops.pip_versions import PipVersionsOutcome

__all__ = [
    "print_config", "print_debug", "print_hashes", "print_removed", "print_versions", "print_versions_json",
    "print_wheels", "show_files", "show_lock",
]  # fmt: skip


def show_files(outcome: PipFilesOutcome, terminal: Terminal) -> None:
    """``hutch pip download`` and ``wheel``: ``Saved PATH`` of each file, as pip says it."""
    word = "Would save" if outcome.dry_run else "Saved"
    for one in outcome.files:
        path = clean(terminal.short(one.path))
        terminal.data(f"{word if one.new else 'File was already downloaded'} {path}\n")
    new = sum(one.new for one in outcome.files)
    done = "Would bring" if outcome.dry_run else "Made" if outcome.verb == "wheel" else "Downloaded"
    kept = f", {count(len(outcome.files) - new, 'file')} there already" if new < len(outcome.files) else ""
    what = "wheel" if outcome.verb == "wheel" else "file"
    terminal.say(f"{done} {count(new, what)}{kept} in {duration(outcome.seconds)}")


def show_lock(outcome: PipLockOutcome, terminal: Terminal) -> None:
    """``hutch pip lock``."""
    what = count(outcome.packages, "package")
    if outcome.path is None:
        terminal.data(outcome.text)
        terminal.say(f"Locked {what} in {duration(outcome.seconds)}")
    else:
        word = "Would lock" if outcome.dry_run else "Locked"
        terminal.say(f"{word} {what} in {clean(terminal.short(outcome.path))} in {duration(outcome.seconds)}")


def print_hashes(outcome: PipHashOutcome, terminal: Terminal) -> None:
    """``hutch pip hash``, as pip prints it."""
    for name, digest in outcome.digests:
        terminal.data(f"{clean(name)}:\n--hash={outcome.algorithm}:{digest}\n")


def print_versions(outcome: PipVersionsOutcome, terminal: Terminal) -> None:
    """``hutch pip index versions``, as pip prints it."""
    latest = outcome.versions[0]
    lines = [f"{clean(outcome.name)} ({latest})", f"Available versions: {', '.join(outcome.versions)}"]
    if outcome.installed is not None:
        pre = " (pre-release; install with `pip install --pre`)" if _is_pre(latest) else ""
        lines += [f"  INSTALLED: {clean(outcome.installed)}", f"  LATEST:    {latest}{pre}"]
    terminal.data("".join(f"{line}\n" for line in lines))


def print_versions_json(outcome: PipVersionsOutcome, terminal: Terminal) -> None:
    """The same for a program, on one line as pip has it."""
    import json

    terminal.data(json.dumps(outcome.to_json()) + "\n")


def _is_pre(version: str) -> bool:
    return any(mark in version for mark in ("a", "b", "rc"))


def print_wheels(outcome: PipCacheListOutcome, terminal: Terminal) -> None:
    """``hutch pip cache list``, as pip prints it."""
    if outcome.format == "abspath":
        terminal.data("".join(f"{path}\n" for path in sorted(path for _, _, path in outcome.wheels)))
    elif not outcome.wheels:
        terminal.data("No wheels cached.\n")
    else:
        lines = [f" - {clean(name)} ({size(number)})" for name, number, _ in outcome.wheels]
        terminal.data("Cache contents:\n\n" + "".join(f"{line}\n" for line in lines))


def print_removed(outcome: CacheCleanOutcome, terminal: Terminal) -> None:
    """``hutch pip cache remove`` and ``purge``, as pip prints it."""
    word = "Files that would be removed" if outcome.dry_run else "Files removed"
    terminal.data(f"{word}: {outcome.files} ({size(outcome.bytes)})\n")


def print_config(outcome: PipConfigOutcome, terminal: Terminal) -> None:
    """``hutch pip config``."""
    terminal.data("".join(f"{clean(line)}\n" for line in outcome.lines))
    terminal.say(*map(clean, outcome.told))


def print_debug(outcome: PipDebugOutcome, terminal: Terminal) -> None:
    """``hutch pip debug``: tags as pip prints them, all of them with ``-v``."""
    lines = [
        f"executable: {clean(outcome.executable)}",
        f"version: {outcome.version}",
        f"target: {outcome.target}",
        f"Compatible tags: {len(outcome.tags)}",
    ]
    few = outcome.tags if terminal.verbose else outcome.tags[:10]
    lines += [f"  {tag}" for tag in few]
    if len(few) < len(outcome.tags):
        lines.append(f"  ...\n  [First {len(few)} tags shown. Pass --verbose to show all.]")
    terminal.data("".join(f"{line}\n" for line in lines))
