"""``hutch lock`` with nothing to do, seen at a glance: what ``ops.quick`` does for ``sync``.

That a lock is up to date depends on files (manifests, the lock itself, configuration) and on variables. What
they were the last time stands in the cache, by the directory of the project; as long as all of them are as
they were, there is nothing to read. A cache that the configuration has put elsewhere is not found here, and
then somebody looks properly, as in every doubt.
"""

from __future__ import annotations

import os

from hutch.ops.quick import find_root, stamp, surroundings, watched_paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.store import Tables

    Stamped: TypeAlias = tuple[str, tuple[int, int, int] | None]

__all__ = [
    "PLACES",
    "cache_at_hand",
    "lock_in_place",
    "project_stamps",
    "remember_lock_in_place",
    "write_in_place",
]

FORMAT = 1
KIND = "locks"
# Where interpreters are looked for: the machine that locks is a target.
PLACES = ("PATH", "PYENV_ROOT")


def lock_in_place(directory: str, environ: Mapping[str, str]) -> tuple[int, int] | None:
    """(packages, targets) of the lock of the project around ``directory``, if it is surely up to date."""
    from hutch import __version__
    from hutch.store import Tables

    root, cache = find_root(directory), cache_at_hand(environ)
    if root is None or cache is None:
        return None
    value = Tables(cache).read(KIND, _key(root))
    if not isinstance(value, tuple) or len(value) != 7 or value[:3] != (FORMAT, __version__, root):
        return None
    _, _, _, known_surroundings, stamps, packages, targets = value
    if any(stamp(path) != known for path, known in stamps):
        return None
    if known_surroundings != surroundings(environ, PLACES):
        return None
    return packages, targets


def remember_lock_in_place(context: Context, checkout: Checkout, packages: int, targets: int) -> bool:
    """Write down that the lock is up to date: so many packages for so many targets; whether that was right.

    Only after a command without flags and options, which said nothing that the next one should say again.
    """
    nearest, settings = find_root(context.directory), checkout.manifest.settings
    if nearest is None or any(one.until for one in (*settings.overrides, *settings.excludes)):
        return False  # or there is a day on which something has to be said
    stamps = project_stamps(context, checkout, nearest)
    known = surroundings(context.environ, PLACES)
    write_in_place(context.store.tables, nearest, known, stamps, packages, targets)
    return True


def project_stamps(context: Context, checkout: Checkout, root: str) -> tuple[Stamped, ...]:
    """The files, there or not, on which it depends what the lock of the project in ``root`` has to be."""
    from hutch.ops.conda_asked import asks_conda
    from hutch.ops.environments import environment_root
    from hutch.ops.interpreter import project_interpreter
    from hutch.ops.local import local_inputs

    # With packages of conda the Python is one of those, and whatever is found here has no say.
    own = () if asks_conda(checkout.manifest) else (project_interpreter(context, checkout).base_executable,)
    paths = [
        *watched_paths(context, checkout, root),
        os.path.join(environment_root(context, checkout), "pyvenv.cfg"),
        *own,
        *local_inputs(checkout)[1],
    ]
    return tuple((path, stamp(path)) for path in dict.fromkeys(paths))


def write_in_place(
    tables: Tables,
    root: str,
    known_surroundings: str,
    stamps: tuple[Stamped, ...],
    packages: int,
    targets: int,
) -> None:
    """Remember the lock of the project in ``root``; see ``lock_in_place``."""
    from hutch import __version__

    tables.write(KIND, _key(root), (FORMAT, __version__, root, known_surroundings, stamps, packages, targets))


def _key(root: str) -> str:
    from hutch.spec.digest import short_sha256

    return f"in-place-{short_sha256(os.fsencode(root))[:32]}"


def cache_at_hand(environ: Mapping[str, str]) -> str | None:
    """Where the cache is unless a file says otherwise; no directory is made for the answer."""
    chosen = environ.get("HUTCH_CACHE_DIR")
    if chosen:
        return chosen if os.path.isabs(chosen) else None
    from hutch.config.directories import find_directories, find_home, system_here

    system = system_here()
    if find_home(environ, system) is None:
        return None
    return find_directories(environ, system=system).cache
