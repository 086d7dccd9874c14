"""Nothing to do, seen at a glance: what the last sync found, compared by a handful of ``stat`` calls.

The state names every file on which the answer of ``sync`` depends, with size, time and inode, and the
part of the surroundings (environment variables) that decides. As long as all are as they were there
is nothing to do: ``sync`` ends, ``run`` becomes its command. This module is imported before anything
else of hutch and imports almost nothing; ``python -I -S`` itself takes 8 ms, and it shall stay at that.

When in doubt the answer is "look properly": every difference, every flag that this page does not know.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeAlias

    from hutch.env import Environment
    from hutch.lock import LockedPackage
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context

    # Selections, each with whether nothing else was there; and what the files were that this rests on.
    Known: TypeAlias = tuple[tuple[tuple[Any, bool], ...], tuple[tuple[str, Any], ...]]

__all__ = [
    "FORMAT",
    "current_environment",
    "find_root",
    "current_stamps",
    "is_as_left",
    "known_environment",
    "remember_sync",
    "selection_key",
    "stamp",
    "stamps_of",
    "still_known",
    "surroundings",
    "value_of_state",
    "watched_paths",
]

FORMAT = 4
MOST_KNOWN = 16
"""Choices of groups and members that an environment may be known to have at once."""
# What a machine is taken for decides which of a lock's platforms it gets.
PREFIXES = ("HUTCH_", "PIP_", "CONDA_OVERRIDE_")
NAMES = (
    "CONDA_SUBDIR",
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_CONFIG_DIRS",
    "PYENV_VERSION",
    "APPDATA",
    "VIRTUAL_ENV",
)
# Variables with such names hold paths, also where they look like words.
PATHS = ("_FILE", "_DIR", "_LINKS", "_LAYERS", "_CERT")
# They say how hutch speaks, not what it does.
MANNERS = ("HUTCH_QUIET", "HUTCH_VERBOSE", "HUTCH_PROGRESS", "HUTCH_COLOR", "HUTCH_DEBUG", "HUTCH_JSON")


def find_root(directory: str) -> str | None:
    """The nearest directory from here upwards that is a project."""
    if os.path.isfile(directory + os.sep + "pyproject.toml"):
        return directory
    from hutch.ops.manifests import find_root as find

    return find(directory)


def known_environment(
    directory: str,
    environ: Mapping[str, str],
    selection: tuple[object, ...],
    *,
    exact: bool,
    env: str | None = None,
) -> str | None:
    """``current_environment`` of the project around ``directory``, or of a workspace that it is in.

    Which of the manifests on the way up is that of a workspace no one looks up here: the one whose
    environment remembers this member is, and every manifest further up is watched.
    """
    nearest = root = find_root(directory)
    while root is not None and nearest is not None:
        member = nearest[len(root) + 1 :].replace(os.sep, "/") or "."
        found = current_environment(root, environ, (*selection, member), exact=exact, env=env)
        if found is not None:
            return found
        above = os.path.dirname(root)
        root = find_root(above) if above != root else None
    return None


def stamp(path: str) -> tuple[int, int, int] | None:
    """(size, mtime in ns, inode) of a file, None where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def selection_key(values: Mapping[str, object]) -> tuple[object, ...]:
    """What of the options decides which packages are wanted, in a form that compares."""
    many = tuple(
        tuple(sorted(values.get(name) or ()))  # type: ignore[call-overload]
        for name in ("group", "no_group", "only_group", "extra")
    )
    whole = bool(values.get("install_project", True)), bool(values.get("only_deps"))
    return (
        *many,
        bool(values.get("all_groups")),
        bool(values.get("dev", True)),
        bool(values.get("only_dev")),
        bool(values.get("all_extras")),
        whole,
        tuple(sorted(values.get("package") or ())),  # type: ignore[call-overload]
        bool(values.get("all_packages")),
    )


def surroundings(environ: Mapping[str, str], more: tuple[str, ...] = ()) -> str:
    """A digest of the variables that may change what a sync does, and of ``more``; values may be secret."""
    from hutch.spec.digest import short_sha256

    found = [
        (name, value)
        for name, value in environ.items()
        if (name.startswith(PREFIXES) and name not in MANNERS) or name in NAMES or name in more
    ]
    parts = sorted([f"{name}={value}" for name, value in found])
    if any(_is_relative(name, value) for name, value in found if name.startswith(PREFIXES)):
        parts.append(os.path.abspath(""))  # elsewhere it names another file
    text = "\0".join(parts)
    return short_sha256(text.encode("utf-8", "surrogateescape"))


def _is_relative(name: str, value: str) -> bool:
    """May the value of a variable name a file from where the user stands?"""
    if not value or os.path.isabs(value) or "://" in value:
        return False
    return name.endswith(PATHS) or "/" in value or os.sep in value


def current_environment(
    root: str,
    environ: Mapping[str, str],
    selection: tuple[object, ...],
    *,
    exact: bool,
    env: str | None = None,
) -> str | None:
    """The project's environment, if it is known to be what the lock and ``selection`` ask for.

    ``exact`` asks that nothing else is installed there either, as ``sync`` leaves it. ``env`` names another
    than the first.
    """
    said = environ.get("HUTCH_PROJECT_ENVIRONMENT")
    first = os.path.join(root, said or ".venv")
    if said or not _leads_out(first, root):
        environment = _named(first, env)
        if _is_current(environment, root, environ, selection, exact=exact):
            return environment
    if said:
        return None
    # What is in the central place knows by which settings it came there, and of which redirect.
    from hutch.ops.env_places import central_place, data_at_hand

    data = data_at_hand(environ)
    if data is None:
        return None
    environment = _named(central_place(data, root), env)
    return environment if _is_current(environment, root, environ, selection, exact=exact) else None


def _leads_out(path: str, root: str) -> bool:
    """Whether it is a link out of the project: then it is called by another name."""
    return os.path.islink(path) and not os.path.realpath(path).startswith(os.path.realpath(root) + os.sep)


def _named(first: str, env: str | None) -> str:
    """`env_places.beside`, which is not imported for an environment in its usual place."""
    return f"{first.rstrip(os.sep)}-{env}" if env else first


def _is_current(
    environment: str,
    root: str,
    environ: Mapping[str, str],
    selection: tuple[object, ...],
    *,
    exact: bool,
) -> bool:
    from hutch import __version__
    from hutch.env.state import read_state

    state = read_state(environment)
    if not isinstance(state, tuple) or len(state) != 6 or state[:2] != (FORMAT, __version__):
        return False
    _, _, known_root, known, known_surroundings, stamps = state
    if known_root != root or not ((selection, True) in known or (not exact and (selection, False) in known)):
        return False
    return current_stamps(stamps) and known_surroundings == surroundings(environ)


def current_stamps(stamps: Iterable[tuple[str, object]]) -> bool:
    """Whether all files are what they were."""
    return all(stamp(path) == before for path, before in stamps)


def still_known(context: Context, environment: Environment) -> Known:
    """What an environment is known to have now: what is added to it takes nothing of that away."""
    from hutch import __version__
    from hutch.env.state import read_state

    state = read_state(environment.root)
    if not isinstance(state, tuple) or len(state) != 6 or state[:2] != (FORMAT, __version__):
        return (), ()
    if context.flags or state[4] != surroundings(context.environ):
        return (), ()
    known, stamps = state[3], state[5]
    return (known, stamps) if current_stamps(stamps) else ((), ())


def is_as_left(environment: Environment) -> bool:
    """Whether nothing has come to the top of `site-packages`, or gone from there, since the last sync."""
    from hutch.env.state import read_state

    state = read_state(environment.root)
    if not isinstance(state, tuple) or not isinstance(state[-1], tuple):
        return False
    path = os.path.join(environment.root, environment.purelib)
    return (path, stamp(path)) in state[-1]


def watched_paths(context: Context, checkout: Checkout, root: str) -> list[str]:
    """The files, there or not, on which it depends what the project in ``root`` asks for, and its lock."""
    paths = [checkout.manifest_path, checkout.lock_path, *context.configuration.files_looked_for]
    directory = root
    from hutch.interpreters.pin_files import PIN_FILES

    while True:  # a .python-version that appears on the way up may ask for another Python
        paths += [os.path.join(directory, name) for name in PIN_FILES]
        paths.append(os.path.join(directory, "pyproject.toml"))  # and a manifest may be a workspace's
        above = os.path.dirname(directory)
        if above == directory:
            break
        directory = above
    from hutch.ops.manifests import rivals_of

    paths += [os.path.join(checkout.root, name) for name in rivals_of(checkout.root, checkout.file)]
    return [*paths, *checkout.watched]


def stamps_of(context: Context, checkout: Checkout, root: str) -> tuple[tuple[str, object], ...]:
    """All of those as they are now, and what a build of the project itself depends on."""
    paths = watched_paths(context, checkout, root)
    if checkout.manifest.is_package:
        paths += [os.path.join(root, name) for name in ("setup.py", "setup.cfg")]
    return tuple((path, stamp(path)) for path in dict.fromkeys(paths))


def _inside(environment: Environment, store: str) -> list[str]:
    """What shows that an environment was changed; and that a directory of the store may be gone to which it
    has a link."""
    from hutch.store.layout import sentinel

    trees = sentinel(store)
    # Every change of conda's is noted in its history.
    hearts = ("conda-meta", "conda-meta/history") if environment.prefix else ("pyvenv.cfg",)
    return [
        *(os.path.join(environment.root, *heart.split("/")) for heart in hearts),
        os.path.join(environment.root, environment.purelib),
        environment.executable,
        *([trees] if os.path.exists(trees) else ()),
    ]


def value_of_state(
    root: str,
    known: tuple[tuple[Any, bool], ...],
    known_surroundings: str,
    stamps: Iterable[tuple[str, object]],
    environment: Environment,
    store: str,
) -> tuple[object, ...]:
    """What is written down of an environment that is up to date; ``stamps`` are of what it was made from."""
    from hutch import __version__

    found = dict(stamps)
    found.update((path, stamp(path)) for path in _inside(environment, store) if path not in found)
    return FORMAT, __version__, root, known, known_surroundings, tuple(found.items())


def remember_sync(
    context: Context,
    checkout: Checkout,
    environment: Environment,
    selection: tuple[object, ...],
    *,
    exact: bool,
    current: bool,
    packages: Iterable[LockedPackage] = (),
    known: Known = ((), ()),
    changed: bool = True,
) -> None:
    """Write down that the environment is what the lock and the selection ask for.

    Only for a command without flags that would make the next one differ; ``current`` says that the
    lock was compared with the manifest. ``packages`` are those wanted, where some lie in directories.
    ``known`` is what it had before, if nothing was taken away since; ``changed`` tells whether anything was
    added: it is then no longer exactly that.
    """
    from hutch.env.settling import is_settled
    from hutch.env.state import forget_state, write_state

    if context.flags or not current:
        forget_state(environment.root)
        return
    root, member = checkout.root, context.member
    if checkout.home != root:  # the environment of one member, found from there
        root, member = checkout.home, "."
    paths = watched_paths(context, checkout, root)
    if environment.root != os.path.join(root, ".venv"):
        # Whatever comes to lie there may say that another one is meant.
        paths += [os.path.join(root, name) for name in (".venv", ".python-envs")]
    if packages:
        from hutch.ops.local import local_inputs
        from hutch.ops.placed import watched_files

        watched = watched_files(checkout.root, packages)
        if watched is None:
            forget_state(environment.root)
            return
        paths += [*local_inputs(checkout)[1], *watched]
    if checkout.manifest.is_package:
        paths += [os.path.join(root, name) for name in ("setup.py", "setup.cfg")]
    mine = (*selection, member)
    before = [(each, was and not changed) for each, was in known[0]]
    exact = exact or (mine, True) in before
    before = [(each, was) for each, was in before if each != mine][: MOST_KNOWN - 1]
    # What others were left with is compared with what it was then; what is in the environment has changed.
    inside = environment.root + os.sep
    stamps = {path: was for path, was in known[1] if before and not path.startswith(inside)}
    stamps.update((path, stamp(path)) for path in dict.fromkeys(paths) if path not in stamps)
    value = value_of_state(
        root,
        ((mine, exact), *before),
        surroundings(context.environ),
        stamps.items(),
        environment,
        context.store.root,
    )
    write_state(environment.root, value, settled=is_settled(environment.root))
