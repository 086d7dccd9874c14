"""A lock that was answered from memory before, put in its place at a glance.

``ops.answers`` remembers what was found, and looks properly whether it is the answer: for that it reads the
manifest and the configuration. Once that was done, files and variables can say the same, as in
``ops.quick_lock``: where the manifest and the lock that is there have the same text as then, and everything
else that the answer depends on is as it was, the pages of the index above all, it is the same answer.

A manifest is compared by its text, and not by its date: this is for those who go to another branch and back.
"""

from __future__ import annotations

import os
import time

from hutch.ops.answers import answer_holds
from hutch.ops.checkout import LOCK, MANIFEST, write_text
from hutch.ops.quick import find_root, stamp, surroundings
from hutch.ops.quick_lock import PLACES, cache_at_hand, project_stamps, write_in_place
from hutch.plain import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.outcomes import LockOutcome
    from hutch.store import Store

__all__ = ["lock_from_memory", "remember_answer_in_place"]

FORMAT = 2
KIND = "locks"


def lock_from_memory(directory: str, environ: Mapping[str, str]) -> LockOutcome | None:
    """Write the lock of the project around ``directory``, if it is surely known what it is to be."""
    from hutch.errors import Problem
    from hutch.spec import short_sha256
    from hutch.store import Store

    start = time.monotonic()
    root, cache = find_root(directory), cache_at_hand(environ)
    if root is None or cache is None or not os.path.isdir(cache):
        return None
    store, said = Store(cache), list[str]()
    store.admit(chosen=True, warn=said.append)
    if said:
        return None  # whose store it is has to be told, or it is not to be used at all
    key = short_sha256(os.fsencode(os.path.realpath(root)))[:32]
    try:
        with store.lock(f"project-{key}", timeout=0) as held:
            return _put(store, root, environ, start) if held else None
    except (Problem, OSError):
        return None  # somebody else is at work, or something is wrong: all of it is told properly


def _put(store: Store, root: str, environ: Mapping[str, str], start: float) -> LockOutcome | None:
    lock_path, manifest_path = os.path.join(root, LOCK), os.path.join(root, MANIFEST)
    seen = (manifest_path, stamp(manifest_path))
    if os.path.islink(lock_path):
        return None
    old = read_plain(lock_path) if os.path.exists(lock_path) else None
    found = store.tables.read(KIND, _key(root, read_plain(manifest_path), old))
    if not isinstance(found, tuple) or len(found) != 6 or found[0] != FORMAT:
        return None
    _, known_surroundings, stamps, (answer, digest), (packages, targets), changes = found
    if any(stamp(path) != known for path, known in stamps):
        return None
    if known_surroundings != surroundings(environ, PLACES):
        return None
    held = answer_holds(store.tables.read(KIND, answer), time.time())
    if held is None:
        return None
    from hutch.ops.outcomes import Change, LockOutcome
    from hutch.spec import short_sha256

    _, text, dropped = held
    if short_sha256(text.encode()) != digest:
        return None  # the same question has got another answer since, on another machine or from other pages
    write_text(lock_path, text)
    stamps = (*stamps, seen, (lock_path, stamp(lock_path)))
    write_in_place(store.tables, root, known_surroundings, stamps, packages, targets)
    return LockOutcome(
        path=lock_path,
        packages=packages,
        targets=targets,
        changes=tuple([Change(*each) for each in changes]),
        dropped=dropped,
        written=True,
        seconds=time.monotonic() - start,
    )


def remember_answer_in_place(
    context: Context, checkout: Checkout, old: str | None, answer: str, text: str, outcome: LockOutcome
) -> None:
    """Write down that ``answer``, which is ``text``, came of the manifest, where ``old`` was the lock.

    When ``remember_lock_in_place`` may be called, and nothing but files of the project was read.
    """
    nearest = find_root(context.directory)
    if nearest is None or checkout.lock_path != os.path.join(nearest, LOCK):
        return
    from hutch.spec import short_sha256

    found = project_stamps(context, checkout, nearest)
    own = (checkout.lock_path, checkout.manifest_path)
    value = (
        FORMAT,
        surroundings(context.environ, PLACES),
        tuple((path, seen) for path, seen in found if path not in own),
        (answer, short_sha256(text.encode())),
        (outcome.packages, outcome.targets),
        tuple((each.name, each.before, each.after) for each in outcome.changes),
    )
    key = _key(nearest, checkout.text.encode(), None if old is None else old.encode())
    context.store.tables.write(KIND, key, value)


def _key(root: str, manifest: bytes, old: bytes | None) -> str:
    from hutch import __version__
    from hutch.spec import short_sha256

    parts = [__version__, root, repr(manifest), repr(old)]
    return f"answered-{short_sha256(repr(parts).encode('utf-8', 'surrogateescape'))[:32]}"
