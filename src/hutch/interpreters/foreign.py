"""Whether an environment came with what somebody else made: then its Python is not started unasked.

A repository may hold a `.venv`: with a program of its own for a Python, with a link to any program of this
machine, or with a `pyvenv.cfg` that makes an honest Python take its standard library from the checkout.
What `venv`, virtualenv, uv and hutch make here is a link to a Python outside, and ``home`` its directory.
"""

from __future__ import annotations

import os

from hutch.interpreters.places import SearchOptions, iterate_candidates
from hutch.interpreters.virtual import read_environment_file

__all__ = ["lies_in", "starts_foreign_code"]

_NAMES = ("python", "pypy", "graalpy")


def lies_in(path: str, directory: str) -> bool:
    """Whether ``path``, all links followed, is ``directory`` or below it."""
    real, top = os.path.realpath(path), os.path.realpath(directory)
    return real == top or real.startswith(os.path.join(top, ""))


def starts_foreign_code(executable: str, directory: str, search: SearchOptions) -> bool:
    """Would the Python of an environment, once started, be or load something out of ``directory``?

    A Python that ``search`` would find on its own is nobody's foreign one (a project may lie around the
    directory that holds all Pythons). On Windows each environment has copies, and this cannot be told.
    """
    if os.name == "nt" or not os.path.exists(executable):
        return False
    file = read_environment_file(executable)
    real = os.path.realpath(executable)
    if not os.path.basename(real).lower().startswith(_NAMES):
        return True
    if _has_path_file(os.path.dirname(executable)):
        return True
    places = [os.path.dirname(real)]
    if file is not None:
        said = file.values.get("base-executable")
        homes = [file.home, *([os.path.dirname(said)] if said else [])]
        if not all(os.path.isabs(home) for home in homes):
            return True  # from where it is started, which is the checkout
        places += homes
    foreign = [place for place in places if lies_in(place, directory)]
    if not foreign:
        return False
    known = set()
    for candidate in iterate_candidates(search):
        known.add(os.path.realpath(os.path.dirname(candidate.path)))
        known.add(os.path.dirname(candidate.real_path))
    return not all(os.path.realpath(place) in known for place in foreign)


def _has_path_file(directory: str) -> bool:
    """Whether a Python in ``directory`` is told by a file beside it (`python._pth`) where its library is.

    Only embedded Pythons of Windows have one; on all systems it is obeyed.
    """
    try:
        return any(name.endswith("._pth") for name in os.listdir(directory))
    except OSError:
        return False
