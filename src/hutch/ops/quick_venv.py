"""``hutch venv`` at a glance: what ``ops.quick`` does for ``sync``, for making an environment.

Which Python an environment is made for depends on files (the manifest, configuration, ``.python-version``),
on variables, and on the places where Pythons lie. What all of them were the last time stands in the cache, by
the directory of the project, with what `describe_contents` told to write: its texts with places to be filled
in. As long as everything is as it was, and the environment is to be where nothing is yet, it is written at
once. In every doubt somebody looks properly.

Where there is no project, what was remembered holds in every directory that has none and says nothing of
Python.
"""

from __future__ import annotations

import os
import sys

from hutch.ops.quick import find_root, stamp, surroundings, watched_paths
from hutch.ops.quick_lock import cache_at_hand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context

__all__ = ["PLAIN", "PROMPT", "ROOT", "is_own", "remember_venv", "venv_at_once", "whose"]

FORMAT = 1
KIND = "venvs"
# Besides what `surroundings` knows: where interpreters are looked for.
PLACES = (
    *("PATH", "PYENV_ROOT", "CONDA_PREFIX", "XDG_DATA_HOME", "ASDF_DATA_DIR", "MISE_DATA_DIR"),
    *("UV_PYTHON_INSTALL_DIR", "HOMEBREW_PREFIX"),
)
ABOVE = (
    *("pyproject.toml", ".python-version", ".python-versions", ".tool-versions"),
    *("mise.toml", ".mise.toml", "runtime.txt"),
)
"""Files that count in any directory above, pins all of them; where there is no project there are none."""
ROOT, PROMPT = "/place/of/the/environment", "what-is-shown-at-the-prompt"
TICK, COARSE = 50_000_000, 2_000_000_000
"""Nanoseconds in which two changes of a file may get one date: on most file systems, and where dates are
whole seconds."""
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-")
"""Of these letters each stays what it is in every shell: a text made of them can take another's place."""


def venv_at_once(directory: str, environ: Mapping[str, str], path: str | None) -> tuple[str, str, str] | None:
    """Make an environment in ``path``, or ``.venv``: its root, its version and the Python behind it.

    None where somebody has to look properly; nothing stands in the way of that then.
    """
    from hutch.store.tables import Tables

    cache, project = cache_at_hand(environ), find_root(directory)
    if os.name == "nt" or cache is None or not is_own(cache):
        return None
    tables = Tables(cache)
    place = tables.path(KIND, _key(project))
    if not is_own(place):
        return None
    value = tables.read(KIND, _key(project))
    if not isinstance(value, tuple) or len(value) != 8 or value[0] != whose(project):
        return None
    _, known_surroundings, inside, stamps, home, name, facts, texts = value
    if project is None and _says_something(directory, inside):
        return None
    if any(stamp(each) != known for each, known in stamps):
        return None
    if known_surroundings != surroundings(environ, PLACES):
        return None
    root = (
        os.path.abspath(os.path.join(directory, path)) if path else os.path.join(home or directory, ".venv")
    )
    prompt = os.path.basename(root)
    if prompt == ".venv":
        prompt = name or os.path.basename(directory)
    if not prompt or not PLAIN.issuperset(root) or not PLAIN.issuperset(prompt):
        return None
    if not _make(root, prompt, *texts):
        return None
    from hutch.ops.trust import made_here

    made_here(environ, root)
    return (root, *facts)


def _make(
    root: str,
    prompt: str,
    directories: tuple[str, ...],
    links: tuple[tuple[str, str], ...],
    files: tuple[tuple[str, bytes], ...],
) -> bool:
    from hutch.env.fresh import make_fresh

    here, shown = root.encode(), prompt.encode()
    texts = [
        (path, text.replace(ROOT.encode(), here).replace(PROMPT.encode(), shown)) for path, text in files
    ]
    try:
        return make_fresh(root, directories, links, texts)
    except OSError:
        return False  # whoever looks properly can go on with what is there, and says what is wrong


def is_own(path: str) -> bool:
    """Whether nobody else may have written what comes from there and ends in scripts that users start."""
    try:
        status = os.stat(path)
    except OSError:
        return False
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _says_something(directory: str, inside: Iterable[str]) -> bool:
    """Whether a file of a directory without a project, or of one above, may have a say."""
    if any(stamp(os.path.join(directory, each)) is not None for each in inside):
        return True
    while True:
        if any(stamp(os.path.join(directory, each)) is not None for each in ABOVE):
            return True
        above = os.path.dirname(directory)
        if above == directory:
            return False
        directory = above


def remember_venv(context: Context, interpreter: Interpreter, began: float) -> None:
    """Write down which Python an environment gets here, and what one with it consists of.

    ``began``, in seconds, is before anything was read: what is younger may have changed since. Only after a
    command without flags and options, which said nothing that the next one should say again.
    """
    from hutch.env.create import describe_contents
    from hutch.interpreters.places import watched_places
    from hutch.ops.searching import search_options

    request, project = context.configuration.python, find_root(context.directory)
    if os.name == "nt" or (project is None) != (context.root is None):
        return
    if request and not os.path.isabs(request) and (os.sep in request or request[0] in "~."):
        return  # it means something else in another directory
    contents = describe_contents(ROOT, interpreter, prompt=PROMPT)
    searched = not (request and os.path.isabs(request) and os.path.isfile(request))
    places = watched_places(search_options(context) if searched else None, interpreter)
    if contents.copies or places is None:
        return
    inside: tuple[str, ...] = ()
    home = name = None
    if project is None:
        paths = [*context.configuration.files_looked_for]
        own = os.path.join(context.directory, "")
        inside = tuple(each.removeprefix(own) for each in paths if each.startswith(own))
        paths = [each for each in paths if not each.startswith(own)]
        if _says_something(context.directory, inside):
            return
    else:
        checkout = context.checkout
        paths = [each for each in watched_paths(context, checkout, project) if each != checkout.lock_path]
        home = checkout.home
        name = checkout.name if checkout.manifest.name or checkout.members else None
    stamps = tuple((each, stamp(each)) for each in dict.fromkeys([*paths, *places, *_makers()]))
    if any(known is not None and not _is_settled(known[1], int(began * 1e9)) for _, known in stamps):
        return
    value = (
        whose(project),
        surroundings(context.environ, PLACES),
        inside,
        stamps,
        home,
        name,
        (interpreter.version, interpreter.base_executable),
        (
            contents.directories,
            contents.links,
            tuple((path, text.encode("utf-8", "surrogateescape")) for path, text in contents.files),
        ),
    )
    context.store.tables.write(KIND, _key(project), value)


def _is_settled(date: int, began: int) -> bool:
    """Whether a change since ``began`` would have given it another date."""
    return date < began - (TICK if date % 1_000_000_000 else COARSE)


def whose(project: str | None) -> tuple[object, ...]:
    """Who remembers for whom: this hutch (there may be several), and its Python, which may be found."""
    from hutch import __version__

    return FORMAT, __version__, __file__, sys.executable, project


def _makers() -> list[str]:
    """The modules that make the texts: who works on hutch sees at once what he changed."""
    import hutch.env.create
    import hutch.shell

    folder = os.path.dirname(hutch.shell.__file__)
    try:
        names = [name for name in os.listdir(folder) if name.endswith(".py")]
    except OSError:
        return []
    return [hutch.env.create.__file__, *(os.path.join(folder, name) for name in names)]


def _key(project: str | None) -> str:
    if project is None:
        return "nowhere"
    from hutch.spec.digest import short_sha256

    return short_sha256(os.fsencode(project))[:32]
