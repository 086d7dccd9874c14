"""Where environments lie: beside a project's first one, in the central place, by name.

Nothing but paths, and next to nothing is imported: the quick paths (`ops.quick`) have to find the same
places as the slow ones. Which place counts is decided in `ops.environments`; see
docs/explanation/named-environments.md.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "PYTHON_ENVS",
    "VENV",
    "beside",
    "central_place",
    "data_at_hand",
    "env_of",
    "names_folder",
    "project_folder",
    "projects_folder",
]

VENV = ".venv"
PYTHON_ENVS = ".python-envs"
LONGEST = 40
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


def beside(first: str, env: str | None) -> str:
    """The environment called ``env`` of the project whose first one is at ``first``; that itself for None."""
    return f"{first.rstrip(os.sep)}-{env}" if env else first


def env_of(first: str, root: str) -> str | None:
    """What the environment at ``root`` is called, if it is beside ``first``; None for that itself."""
    return root.removeprefix(first.rstrip(os.sep) + "-") if root != first else None


def names_folder(data: str) -> str:
    """The directory of the environments that have names."""
    return os.path.join(data, "envs")


def projects_folder(data: str) -> str:
    """The central place: a directory for each project."""
    return os.path.join(data, "projects")


def project_folder(data: str, home: str) -> str:
    """The directory in the central place of the project in ``home``, by its real path."""
    from hutch.spec.digest import short_sha256

    real = os.path.realpath(home)
    digest = short_sha256(os.fsencode(os.path.normcase(real)))[:8]
    return os.path.join(projects_folder(data), f"{_plain_name(real)}-{digest}")


def central_place(data: str, home: str) -> str:
    """The first environment of the project in ``home`` in the central place."""
    return os.path.join(project_folder(data, home), _plain_name(os.path.realpath(home)))


def _plain_name(real: str) -> str:
    """The name of the project's directory in letters that no shell changes."""
    name = "".join(each if each in _PLAIN else "_" for each in os.path.basename(real))[:LONGEST]
    return name.strip("._-") or "project"


def data_at_hand(environ: Mapping[str, str]) -> str | None:
    """The data folder unless a file says otherwise; no directory is made for the answer."""
    chosen = environ.get("HUTCH_DATA_DIR")
    if chosen:
        return chosen if os.path.isabs(chosen) else None
    from hutch.config.directories import find_directories, find_home, system_here

    system = system_here()
    if find_home(environ, system) is None:
        return None
    return find_directories(environ, system=system).data
