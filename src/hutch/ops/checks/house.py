"""Checks of hutch's own things: is what it keeps sound?"""

from __future__ import annotations

import os

from hutch.ops.checks.values import Fix, check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say
    from hutch.store import Store

__all__ = ["CHECKS"]


def _cache(ground: Ground) -> Store | None:
    """The cache itself; None where there is none yet."""
    from hutch.store import Store, is_ours

    configuration = ground.configuration
    if configuration is None or not os.path.isdir(configuration.cache_dir):
        return None
    return Store(configuration.cache_dir) if is_ours(configuration.cache_dir) else None


@check(
    "damaged-cache",
    "What hutch keeps of packages is what was put in",
    group="hutch",
    severity="error",
    fix_class="safe",
    why="What is damaged there would be linked into environments; those that have it are named.",
    seconds=120.0,
)
def damaged_cache(ground: Ground, say: Say) -> None:
    """Wheels, tables and trees of the cache, as `cache verify` looks at them."""
    store = _cache(ground)
    if store is None:
        return
    found = [each for each in store.verify(deep=ground.deep).damage if not each.done]

    def apply() -> str:
        done = store.verify(deep=ground.deep, fix=True)
        left = [each for each in done.damage if not each.done]
        return f"took out {len(done.damage) - len(left)} damaged entries; they are fetched again when needed"

    fix = Fix(plan=("take the damaged entries out of the cache",), apply=apply, key="cache")
    files = [each for each in found if each.kind in ("wheels", "trees", "bytecode")]
    if files:
        are = "are" if len(files) > 1 else "is"
        say(
            f"{_entries(len(files))} of the cache with files of packages {are} damaged",
            seen=tuple(f"{each.kind}/{each.name}: {'; '.join(each.faults)}" for each in files),
            commands=("hutch cache verify --fix", "hutch sync --reinstall, in environments that have them"),
            fix=fix,
        )
    elif found:
        kinds = sorted({each.name for each in found})
        say(
            f"{_entries(len(found))} of the cache with answers {'are' if len(found) > 1 else 'is'} damaged",
            seen=(store.root, *kinds),
            commands=("hutch cache verify --fix",),
            why="They are passed over, and asked for again: it only takes time.",
            fix=fix,
            severity="info",
        )


LITTLE, ALMOST_NOTHING = 1 << 30, 100 << 20


@check(
    "full-disk",
    "There is room where environments and the cache are",
    group="machine",
    why="Installs stop half way, with messages about files that have nothing to do with it.",
)
def full_disk(ground: Ground, say: Say) -> None:
    """Little space, or few files, left where the environment, the cache and scratch files are."""
    import tempfile

    from hutch.store import shown_size

    configuration = ground.configuration
    places = {
        "the environment": ground.environment_root or ground.context.directory,
        "the cache": configuration.cache_dir if configuration is not None else "",
        "scratch files": tempfile.gettempdir(),
    }
    told: set[int] = set()
    for what, path in places.items():
        there = _existing(path)
        if not there or os.stat(there).st_dev in told:
            continue
        told.add(os.stat(there).st_dev)
        room, files = _room(there)
        if room < LITTLE:
            say(
                f"there is little room for {what}: {shown_size(room)}",
                seen=(there,),
                commands=("hutch cache prune", f"df -h {there}"),
                severity="error" if room < ALMOST_NOTHING else "warning",
            )
        elif files is not None and files < 10_000:
            say(
                f"there is room for {files:,} more files where {what} {'are' if what[-1] == 's' else 'is'}",
                seen=(there,),
                commands=("hutch cache prune", f"df -i {there}"),
            )


def _existing(path: str) -> str:
    """The path, or what there is above it."""
    while path and not os.path.exists(path):
        above = os.path.dirname(path)
        if above == path:
            return ""
        path = above
    return path


def _room(path: str) -> tuple[int, int | None]:
    """Bytes, and files (None where there is no limit), that an ordinary user has left."""
    if not hasattr(os, "statvfs"):
        import shutil

        return shutil.disk_usage(path).free, None
    facts = os.statvfs(path)
    return facts.f_bavail * facts.f_frsize, facts.f_favail if facts.f_files else None


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"


CHECKS = (full_disk, damaged_cache)
