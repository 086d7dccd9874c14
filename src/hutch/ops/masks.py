"""What was found out of markers, Pythons and tags, kept for the next command with the same targets.

That ``>=3.9`` admits these targets, and that a wheel for ``manylinux_2_17_x86_64`` installs on those, depends
on the targets and nothing else. A lock asks it of some hundred texts, nearly all of which it asked the last
time as well: a tenth of a solve.
"""

from __future__ import annotations

from hutch.store.tables import pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.context import Context
    from hutch.ops.resolve import Resolved
    from hutch.spec import Targets

__all__ = ["Masks"]

KIND = "masks"
MOST = 3000
"""Answers of one sort; where there are more, those that nobody asked for this time are forgotten."""
NEWS = 12
"""So many new answers are worth a write."""


class Masks:
    """The memory of one command: what it knew of each universe, and what it learnt."""

    def __init__(self, context: Context) -> None:
        self._tables = context.store.tables

    def recall(self, targets: Targets) -> None:
        """Tell ``targets`` what is known, if it is one universe: of copies for each world too little comes
        again."""
        if targets.worlds:
            return
        value = self._tables.read(KIND, _key(targets))
        if isinstance(value, tuple) and len(value) == 4 and all(type(each) is dict for each in value):
            targets.recall(value)

    def remember(self, resolved: Resolved) -> None:
        """Keep what was learnt on the way."""
        targets = resolved.targets
        if targets.worlds:
            return
        past: tuple[dict[Any, int], ...] = targets.past
        here: tuple[dict[Any, int], ...] = targets.learned()
        ahead: tuple[dict[Any, int], ...] = resolved.provider.scout.learned()
        now = [{**mine, **more} for mine, more in zip(here, ahead, strict=True)]
        if sum(len(found.keys() - known.keys()) for found, known in zip(now, past, strict=True)) < NEWS:
            return
        kept = tuple(
            {**known, **found} if len(known) + len(found) <= MOST else found
            for found, known in zip(now, past, strict=True)
        )
        self._tables.write_soon(KIND, _key(targets), lambda: pack(kept))


def _key(targets: Targets) -> str:
    """The universe, to the last patch release, and who said so."""
    from hutch import __version__
    from hutch.spec import short_sha256

    return short_sha256(repr((__version__, targets.targets)).encode())[:32]
