"""The links of minor versions in the folder of hutch's own Pythons, and what is behind them.

Every change of an environment asks, so this needs nothing else of the room.
"""

from __future__ import annotations

import os

__all__ = ["FACTS", "exact_path", "is_link", "version_behind"]

FACTS = ".hutch-build.json"
"""The file that is in each installation."""


def exact_path(path: str, managed: str) -> str:
    """``path`` through an alias of the folder ``managed``, as it is behind the alias; else as it is."""
    if not managed:
        return path
    root = os.path.join(managed, "")
    if not path.startswith(root):
        return path
    name, slash, rest = path[len(root) :].partition(os.sep)
    alias = os.path.join(managed, name)
    if not slash or not is_link(alias):
        return path
    target = os.path.basename(os.path.realpath(alias))
    return os.path.join(managed, target, rest)


def version_behind(home: str) -> str:
    """The version of the Python whose directory ``home`` leads through an alias; "" where it does not."""
    for folder in (home, os.path.dirname(home)):
        if folder and is_link(folder):
            version = _version_of(os.path.basename(os.path.realpath(folder)))
            if version and os.path.isfile(os.path.join(folder, FACTS)):
                return version
    return ""


def is_link(path: str) -> bool:
    """Whether it is a symbolic link, or a junction of Windows."""
    if os.path.islink(path):
        return True
    is_junction = getattr(os.path, "isjunction", None)
    if is_junction is not None:
        return bool(is_junction(path))
    try:  # before Python 3.12: a reparse point of the kind of junctions
        return getattr(os.lstat(path), "st_reparse_tag", 0) == 0xA0000003
    except OSError:
        return False


def _version_of(key: str) -> str:
    """``3.12.1`` of ``cpython-3.12.1+20240107-…``; "" for what is no key. Without ``re``: that takes 4 ms."""
    implementation, _, rest = key.partition("-")
    version = rest[: len(rest) - len(rest.lstrip("0123456789."))]
    parts = version.split(".")
    if implementation not in ("cpython", "pypy") or len(parts) != 3 or not all(parts):
        return ""
    return version if rest[len(version) : len(version) + 1] in ("+", "-") else ""
