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

    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context

__all__ = ["lock_in_place", "remember_lock_in_place"]

FORMAT = 1
KIND = "locks"
# Where interpreters are looked for: the machine that locks is a target.
PLACES = ("PATH", "PYENV_ROOT")


def lock_in_place(directory: str, environ: Mapping[str, str]) -> tuple[int, int] | None:
    """(packages, targets) of the lock of the project around ``directory``, if it is surely up to date."""
    from hutch import __version__
    from hutch.store import Tables

    root, cache = find_root(directory), _cache(environ)
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


def remember_lock_in_place(context: Context, checkout: Checkout, packages: int, targets: int) -> None:
    """Write down that the lock is up to date: so many packages for so many targets.

    Only after a command without flags and options, which said nothing that the next one should say again.
    """
    from hutch import __version__
    from hutch.ops.environments import environment_root
    from hutch.ops.interpreter import project_interpreter
    from hutch.ops.local import local_inputs

    nearest, settings = find_root(context.directory), checkout.manifest.settings
    if nearest is None or any(one.until for one in (*settings.overrides, *settings.excludes)):
        return  # or there is a day on which something has to be said
    paths = [
        *watched_paths(context, checkout, nearest),
        os.path.join(environment_root(context, checkout), "pyvenv.cfg"),
        project_interpreter(context, checkout).base_executable,
        *local_inputs(checkout)[1],
    ]
    stamps = tuple((path, stamp(path)) for path in dict.fromkeys(paths))
    value = (FORMAT, __version__, nearest, surroundings(context.environ, PLACES), stamps, packages, targets)
    context.store.tables.write(KIND, _key(nearest), value)


def _key(root: str) -> str:
    from hutch.spec.digest import short_sha256

    return f"in-place-{short_sha256(os.fsencode(root))[:32]}"


def _cache(environ: Mapping[str, str]) -> str | None:
    """Where the cache is unless a file says otherwise; no directory is made for the answer."""
    chosen = environ.get("HUTCH_CACHE_DIR")
    if chosen:
        return chosen if os.path.isabs(chosen) else None
    from hutch.config.directories import find_directories, find_home, system_here

    system = system_here()
    if find_home(environ, system) is None:
        return None
    return find_directories(environ, system=system).cache
