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
    if not found:
        return

    def apply() -> str:
        done = store.verify(deep=ground.deep, fix=True)
        left = [each for each in done.damage if not each.done]
        return f"took out {len(done.damage) - len(left)} damaged entries; they are fetched again when needed"

    say(
        f"{len(found)} {'entry' if len(found) == 1 else 'entries'} of the cache are damaged"
        if len(found) > 1
        else "an entry of the cache is damaged",
        seen=tuple(f"{each.kind}/{each.name}: {'; '.join(each.faults)}" for each in found),
        commands=("hutch cache verify --fix", "hutch sync --reinstall in environments that have it"),
        fix=Fix(plan=("take the damaged entries out of the cache",), apply=apply, key="cache"),
    )


CHECKS = (damaged_cache,)
