"""Where Pythons are looked for, in order; starts nothing.

hutch's own directory, PATH (pyenv's shims replaced by what they stand for, those of asdf and mise left
out), the active environment, pyenv, other tools, the usual directories, Windows' registry and Store, and
last the Python that runs hutch. What is found several times under one real file counts once, under the name
that was met first.
"""

from __future__ import annotations

import os
import sys

from hutch.interpreters.hints import Hint, hint_from_environment, hint_from_name, hint_from_path
from hutch.interpreters.keepers import (
    collections_of,
    conda_lists,
    conda_prefixes,
    conda_roots,
    homebrew_of,
    shims_of,
)
from hutch.interpreters.pins import pyenv_selected, pyenv_version_directory, pyenv_versions
from hutch.interpreters.virtual import read_environment_file
from hutch.interpreters.windows import (
    RegistryEntry,
    is_store_stub,
    read_registry,
    registry_order,
    store_directories,
)
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hutch.interpreters.facts import Interpreter

__all__ = [
    "Candidate",
    "SearchOptions",
    "find_on_path",
    "is_shims",
    "is_python_name",
    "iterate_candidates",
    "iterate_stubs",
    "watched_places",
]

_MOST_WATCHED = 150
GLOBAL_PIN = "python-version"
"""The file in the data folder with the global pin; it is written as a `.python-version` is."""

_FIRST_LETTERS = frozenset("pPgG")
# Compiled where it is used, which is not where a path is asked for.
_PROGRAM = r"(?i)python(?:\d(?:\.\d+)?t?)?|pypy(?:\d(?:\.\d+)?)?|graalpy(?:\d+(?:\.\d+)?)?"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """Where to look. Made by `from_environ`; a test makes its own.

    ``path`` are the absolute entries of PATH; ``directory`` is where the search for a
    `.python-version` starts ("" for none); ``managed`` holds the interpreters that hutch installed;
    ``system`` are the directories looked through after PATH; each of ``collections`` holds
    installations, as pyenv's `versions` does; ``shims`` are directories of PATH whose Pythons only start
    others; ``homebrew`` has the stable names of Homebrew's; ``conda_roots`` and ``conda_lists`` lead to
    environments of conda that are not active; ``global_pin`` is the file that says what holds where nobody
    else says anything; ``environments`` has hutch's named environments; ``running`` is the Python that runs
    hutch ("" to leave it out).
    """

    path: tuple[str, ...] = ()
    directory: str = ""
    home: str = ""
    managed: str = ""
    pyenv_root: str = ""
    pyenv_version: str = ""
    virtual_env: str = ""
    conda_prefix: str = ""
    system: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    registry: tuple[RegistryEntry, ...] = ()
    windows_apps: str = ""
    running: str = ""
    shims: tuple[str, ...] = ()
    homebrew: tuple[str, ...] = ()
    conda_roots: tuple[str, ...] = ()
    conda_lists: tuple[str, ...] = ()
    global_pin: str = ""
    environments: str = ""

    @classmethod
    def from_environ(
        cls, environ: Mapping[str, str], *, directory: str = "", managed: str = "", running: str | None = None
    ) -> SearchOptions:
        """The places of this machine. Entries of PATH that are not absolute are left out: a checkout
        must not be able to offer a `python` of its own."""
        windows = os.name == "nt"
        home = environ.get("USERPROFILE" if windows else "HOME", "")
        local = environ.get("LOCALAPPDATA", "")
        root = environ.get("PYENV_ROOT", "") or (os.path.join(home, ".pyenv") if os.path.isabs(home) else "")
        entries = environ.get("PATH", "").split(os.pathsep)
        collections = collections_of(environ, home)
        data = os.path.dirname(managed)
        return cls(
            path=tuple(dict.fromkeys(entry for entry in entries if os.path.isabs(entry))),
            directory=directory,
            home=home,
            managed=managed,
            pyenv_root=root if os.path.isabs(root) else "",
            pyenv_version=environ.get("PYENV_VERSION", ""),
            virtual_env=environ.get("VIRTUAL_ENV", ""),
            conda_prefix=environ.get("CONDA_PREFIX", ""),
            system=()
            if windows
            else ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin"),
            collections=collections,
            registry=read_registry(),
            windows_apps=os.path.join(local, "Microsoft", "WindowsApps") if windows and local else "",
            running=(sys.executable or "") if running is None else running,
            shims=shims_of(collections, managed),
            homebrew=homebrew_of(environ),
            conda_roots=conda_roots(environ, home),
            conda_lists=conda_lists(home),
            global_pin=os.path.join(data, GLOBAL_PIN) if data else "",
            environments=os.path.join(data, "envs") if data else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file that is probably a Python. ``source`` says where it was found, for people."""

    path: str
    real_path: str
    source: str
    hint: Hint | None = None
    is_virtual: bool = False
    from_pyenv: bool = False


def is_python_name(name: str) -> bool:
    """Whether a program of this name should be a Python: ``python3.12``, ``pypy3``."""
    # A directory of programs has thousands: most are told by their first letter, or letters.
    if name[:1] not in _FIRST_LETTERS:
        return False
    lowered = name.lower()
    if not lowered.startswith(("python", "pypy", "graalpy")):
        return False
    import re

    return re.fullmatch(_PROGRAM, lowered.removesuffix(".exe")) is not None


def iterate_candidates(search: SearchOptions, *, conda: bool = False) -> Iterator[Candidate]:
    """All candidates, each real file once, the environment of the user's before the rest of the system.

    Environments of conda that are not active come last, and only where ``conda`` asks for them.
    """
    seen: set[str] = set()
    places = _places(search)
    if conda:
        from itertools import chain

        places = chain(places, _conda(search))
    for path, source in places:
        candidate = _candidate(path, source, search)
        # The names in an environment are one interpreter, and not the same as the Python behind them.
        key = os.path.normcase(os.path.dirname(path) if candidate.is_virtual else candidate.real_path)
        if key not in seen:
            seen.add(key)
            yield candidate


def iterate_stubs(search: SearchOptions) -> Iterator[tuple[str, str]]:
    """(path, whose) of files on PATH that are called as a Python, and only offer to install one."""
    installed = bool(search.windows_apps and store_directories(_listed(search.windows_apps)))
    for directory in search.path:
        apps = os.path.basename(os.path.normpath(directory)).lower() == "windowsapps"
        if not apps and (directory != "/usr/bin" or sys.platform != "darwin"):
            continue
        for name in _listed(directory):
            if not is_python_name(name):
                continue
            path = os.path.join(directory, name)
            if apps and not installed and _is_empty(path):
                yield path, "Store"
            elif not apps and _xcode_stub(path):
                yield path, "Xcode"


def _is_empty(path: str) -> bool:
    try:
        return is_store_stub(path, os.lstat(path).st_size)
    except OSError:
        return False


def watched_places(search: SearchOptions | None, interpreter: Interpreter) -> tuple[str, ...] | None:
    """Files and directories of which one changes when a search would find another than ``interpreter``.

    Without a search, when it would have become another itself. None where that would be too many.
    """
    path, stdlib = interpreter.path, interpreter.stdlib
    found = [path, interpreter.base_executable, interpreter.real_path, os.path.join(stdlib, "os.py")]
    found += [os.path.join(os.path.dirname(one), "pyvenv.cfg") for one in (path, os.path.dirname(path))]
    if search is not None:
        sides = [search.managed, *search.collections]
        if search.pyenv_root:
            found.append(os.path.join(search.pyenv_root, "version"))
            sides.append(os.path.join(search.pyenv_root, "versions"))
        prefixes = [search.virtual_env, search.conda_prefix]
        for side in filter(None, sides):
            found.append(side)
            prefixes += [os.path.join(side, name) for name in _listed(side)]
        for prefix in filter(None, prefixes):
            found += [os.path.join(prefix, "bin"), os.path.join(prefix, "pyvenv.cfg")]
        found += [*search.path, *search.system, *search.homebrew, search.running]
        if search.global_pin:
            found.append(search.global_pin)
        # What a directory has by a link may become another Python without any change in it.
        found += [path for path, _ in _places(search) if _leads_away(path)]
        if sys.platform == "darwin":
            found += ["/Library/Developer/CommandLineTools", "/Applications/Xcode.app"]
    return tuple(dict.fromkeys(found)) if len(found) <= _MOST_WATCHED else None


def find_on_path(name: str, search: SearchOptions, *, shims: bool = True) -> Iterator[Candidate]:
    """The programs called exactly ``name`` on PATH, shims resolved, in order."""
    names = [name] if os.name != "nt" or name.lower().endswith(".exe") else [f"{name}.exe"]
    for directory in search.path:
        if is_shims(directory, search):
            if shims:
                for path in _behind_shim(name, search):
                    yield _candidate(path, "pyenv", search)
            continue
        if directory in search.shims:
            continue
        for one in names:
            path = os.path.join(directory, one)
            if _usable(path):
                yield _candidate(path, "PATH", search)


def _candidate(path: str, source: str, search: SearchOptions) -> Candidate:
    environment = read_environment_file(path)
    real = os.path.realpath(path)
    if environment is not None:
        hint = hint_from_environment(environment) or hint_from_path(real)
    else:
        # A link may be called `python3` and lead to `python3.11`; what is behind it knows more.
        hint = hint_from_path(real) or hint_from_name(os.path.basename(path))
    root = os.path.join(search.pyenv_root, "versions", "") if search.pyenv_root else ""
    return Candidate(
        path=path,
        real_path=real,
        source=source,
        hint=hint,
        is_virtual=environment is not None,
        from_pyenv=bool(root) and path.startswith(root),
    )


def _leads_away(path: str) -> bool:
    return os.path.islink(path) and os.path.dirname(os.path.realpath(path)) != os.path.dirname(path)


def _places(search: SearchOptions) -> Iterator[tuple[str, str]]:
    """(path, source) of everything that could be a Python, with repeats."""
    if search.managed:
        # The name of a minor version first: environments are made from it, and follow its patches.
        for name in sorted(_listed(search.managed, reverse=True), key=_is_exact):
            yield from _prefix(os.path.join(search.managed, name), "hutch")
    for directory in search.path:
        if is_shims(directory, search):
            for path in _behind_shim("python", search):
                yield path, "pyenv"
        elif directory not in search.shims:
            yield from _directory(directory, "PATH")
    if search.virtual_env:
        yield from _prefix(search.virtual_env, "VIRTUAL_ENV")
    if search.conda_prefix:
        yield from _prefix(search.conda_prefix, "CONDA_PREFIX")
    for name in reversed(pyenv_versions(search.pyenv_root)) if search.pyenv_root else ():
        yield from _prefix(os.path.join(search.pyenv_root, "versions", name), "pyenv")
    for collection in search.collections:
        for name in _listed(collection, reverse=True):
            if not _leads_to_a_sibling(collection, name):
                yield from _prefix(os.path.join(collection, name), collection)
    for opt in search.homebrew:
        for name in _listed(opt):
            if name.startswith(("python@", "pypy", "graalpy")) and is_python_name(name.partition("@")[0]):
                yield from _directory(os.path.join(opt, name, "bin"), "Homebrew")
    for directory in search.system:
        if directory not in search.path:
            yield from _directory(directory, directory)
    for entry in registry_order(search.registry):
        if _usable(entry.executable):
            yield entry.executable, f"registry ({entry.company})"
    if search.windows_apps:
        for name in store_directories(_listed(search.windows_apps)):
            yield from _prefix(os.path.join(search.windows_apps, name), "Microsoft Store")
    if search.running and _usable(search.running):
        yield search.running, "the Python that runs hutch"


def _conda(search: SearchOptions) -> Iterator[tuple[str, str]]:
    """Environments of conda without a Python have none to be found."""
    for prefix in conda_prefixes(search):
        yield from _prefix(prefix, "conda")


def _leads_to_a_sibling(collection: str, name: str) -> bool:
    """Whether ``3.12`` is only another name of the ``3.12.1`` beside it, as mise has them."""
    path = os.path.join(collection, name)
    return os.path.islink(path) and os.path.dirname(os.path.realpath(path)) == os.path.realpath(collection)


def _is_exact(name: str) -> bool:
    """Whether the name of an installation of hutch's says the patch: ``cpython-3.12.7-linux-x86_64-gnu``."""
    return name.partition("-")[2].partition("-")[0].count(".") > 1


def _directory(directory: str, source: str) -> Iterator[tuple[str, str]]:
    """The Pythons in a directory of programs, the most exact names last: links are resolved anyway."""
    names = _listed(directory)
    found = [name for name in names if is_python_name(name)]
    # `python3` before `python3.11`: where both are one file, the name that lasts longer is the better one
    # for a message, and for `pyvenv.cfg` only the directory counts.
    for name in sorted(found, key=lambda name: (len(name), name)):
        path = os.path.join(directory, name)
        if _usable(path) and not _xcode_stub(path):
            yield path, source


def _prefix(directory: str, source: str) -> Iterator[tuple[str, str]]:
    from hutch.interpreters.probe import python_in

    path = python_in(directory)
    if path is not None:
        yield path, source


def _listed(directory: str, *, reverse: bool = False) -> list[str]:
    try:
        return sorted(os.listdir(directory), reverse=reverse)
    except OSError:
        return []


def _usable(path: str) -> bool:
    """A file that may be executed; on Windows no stub of the Store. A dangling link is met, and told of."""
    try:
        size = os.stat(path).st_size
    except FileNotFoundError:
        return os.path.islink(path)
    except (OSError, ValueError):
        return False
    if os.path.isdir(path) or is_store_stub(path, size):
        return False
    return os.access(path, os.X_OK)


def _xcode_stub(path: str) -> bool:
    """Whether ``/usr/bin/python3`` of macOS would only open a window that offers Xcode."""
    system: str = sys.platform
    if system != "darwin" or os.path.dirname(path) != "/usr/bin":
        return False
    return not any(
        os.path.isdir(place) for place in ("/Library/Developer/CommandLineTools", "/Applications/Xcode.app")
    )


def is_shims(directory: str, search: SearchOptions) -> bool:
    """Whether a directory of PATH holds pyenv's shims (or those of its virtualenv plugin)."""
    if not search.pyenv_root:
        return False
    root = os.path.normcase(os.path.normpath(search.pyenv_root))
    one = os.path.normcase(os.path.normpath(directory))
    return one == os.path.join(root, "shims") or one == os.path.join(
        root, "plugins", "pyenv-virtualenv", "shims"
    )


def _behind_shim(name: str, search: SearchOptions) -> Iterator[str]:
    """What pyenv would run for ``name``, the shim not being run: the selected versions in order."""
    for selected in pyenv_selected(search.pyenv_root, search.pyenv_version, search.directory):
        if selected == "system":
            continue  # the rest of PATH follows anyway
        prefix = pyenv_version_directory(search.pyenv_root, selected)
        if prefix is None:
            continue
        path = os.path.join(prefix, "bin", name)
        if _usable(path):
            yield path
