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


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"


CHECKS = (damaged_cache,)
