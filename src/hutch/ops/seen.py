"""What the files that an answer rests on were before they were read.

A command takes seconds, and somebody may edit a manifest or a setting meanwhile. What is then remembered as
"nothing to do" would speak of the file as it is afterwards, which nobody has looked at.
"""

from __future__ import annotations

import os

from hutch.ops.checkout import LOCK, MANIFEST
from hutch.ops.quick import stamp, watched_paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context

__all__ = ["Seen"]


class Seen:
    """Made before anything is read; ``look`` as soon as it is known what else counts."""

    def __init__(self, root: str | None) -> None:
        paths = (os.path.join(root or "", name) for name in (MANIFEST, LOCK))
        self._before = {path: stamp(path) for path in paths}

    def look(self, context: Context, checkout: Checkout) -> None:
        """Settings, pins, manifests further up: few of them are read before this."""
        for path in watched_paths(context, checkout, checkout.root):
            if path not in self._before:
                self._before[path] = stamp(path)

    def renew(self, *paths: str) -> None:
        """These were written by ourselves just now."""
        self._before.update((path, stamp(path)) for path in paths)

    def unchanged(self, checkout: Checkout, *, lock_written: bool) -> bool:
        """Whether nobody else has touched any of them; ``lock_written``: the lock was, and by us."""
        mine = checkout.lock_path if lock_written else None
        pairs = (*self._before.items(), *checkout.stamps)
        return all(stamp(path) == before for path, before in pairs if path != mine)
