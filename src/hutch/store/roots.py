"""The roots of a store: the environments whose files came from it, so that `prune` can spare what they use.

One small file an environment, ``roots-v1/<hash of its path>``, holding nothing but the path. It is written
when the environment is changed. An environment that is gone leaves a file that whoever prunes may remove;
which wheels one uses is in its own directory (``hutch.env.wheels_in_use``).
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ROOTS", "register", "registered"]

ROOTS = "roots-v1"


def register(store: str, environment: str) -> bool:
    """Note that the environment at that path has files of the store at ``store``; one `stat` if it is known.

    False if it cannot be noted, which makes a prune less careful.
    """
    from hutch.spec.digest import short_sha256
    from hutch.store.disk import write_atomic

    path = os.fsencode(os.path.realpath(environment))
    note = os.path.join(store, ROOTS, short_sha256(path)[:32])
    if os.path.exists(note):
        return True
    try:
        write_atomic(note, path)
    except OSError:
        return False
    return True


def registered(store: str) -> Iterator[tuple[str, str]]:
    """(path of the note, path of the environment) of each; the environment need not be there any more."""
    from hutch.store.disk import read_bytes

    folder = os.path.join(store, ROOTS)
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        note = os.path.join(folder, name)
        path = read_bytes(note)
        if len(name) == 32 and path:
            yield note, os.fsdecode(path)
