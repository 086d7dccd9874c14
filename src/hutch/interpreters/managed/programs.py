"""Names of Pythons in the user's own folder of programs: ``python3.12``, and for one ``python3``, ``python``.

Only when asked for. A name is ours if it leads into the folder of Pythons; no other file is ever replaced. On
Windows, where a link to `python.exe` would not find its library, a name is a small ``.cmd`` file.
"""

from __future__ import annotations

import os

from hutch.interpreters.managed.place import Installed, Pythons
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Named", "name_programs", "names_of", "programs_folder", "unname_programs"]

_MARK = "rem made by hutch python install"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What became of one name; ``refused`` says why it was not made ("" where it was)."""

    path: str
    refused: str = ""


def programs_folder(environ: Mapping[str, str], home: str | None) -> str | None:
    """The user's folder of programs: ``$XDG_BIN_HOME``, beside ``$XDG_DATA_HOME``, or ``~/.local/bin``."""
    chosen = environ.get("XDG_BIN_HOME", "")
    if os.path.isabs(chosen):
        return os.path.normpath(chosen)
    data = environ.get("XDG_DATA_HOME", "")
    if os.path.isabs(data):
        return os.path.join(os.path.dirname(os.path.normpath(data)), "bin")
    return os.path.join(home, ".local", "bin") if home and os.path.isabs(home) else None


def names_of(one: Installed, *, default: bool) -> tuple[str, ...]:
    """``python3.12``; ``python3.13t``; ``pypy3.10``; and, of the default, ``python3`` and ``python``."""
    minor = ".".join(one.version.split(".")[:2])
    word = {"pypy": "pypy", "graalpy": "graalpy"}.get(one.implementation, "python")
    own = f"{word}{minor}" + ("t" if one.free_threaded else "")
    return (own, "python3", "python") if default else (own,)


def name_programs(pythons: Pythons, one: Installed, folder: str, *, default: bool) -> list[Named]:
    """Make the names; through the minor alias, so that they follow upgrades. Raises OSError."""
    os.makedirs(folder, exist_ok=True)
    base = pythons.path(one.alias) if pythons.target(one.alias) == one.key else one.path
    windows = os.name == "nt"
    program = os.path.join(base, "python.exe") if windows else os.path.join(base, "bin", "python3")
    if one.implementation != "cpython" and not os.path.exists(program):
        program = os.path.join(base, one.implementation + (".exe" if windows else ""))
    found = []
    for name in names_of(one, default=default):
        path = os.path.join(folder, f"{name}.cmd" if windows else name)
        if os.path.lexists(path) and not _is_ours(path, pythons.root):
            found.append(Named(path=path, refused="there is a file of somebody else's"))
            continue
        _put(path, program)
        found.append(Named(path=path))
    return found


def unname_programs(pythons: Pythons, folder: str) -> list[str]:
    """Take away the names that lead to Pythons which are gone."""
    gone = []
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    for name in names:
        path = os.path.join(folder, name)
        if _is_ours(path, pythons.root) and not os.path.exists(_target(path)):
            try:
                os.unlink(path)
            except OSError:
                continue
            gone.append(path)
    return gone


def _is_ours(path: str, root: str) -> bool:
    target = _target(path)
    return bool(target) and os.path.normpath(target).startswith(os.path.join(os.path.normpath(root), ""))


def _target(path: str) -> str:
    """What a name leads to, one step; "" where it is no name that we made."""
    try:
        if os.path.islink(path):
            return os.path.join(os.path.dirname(path), os.readlink(path))
        if not path.endswith(".cmd") or os.stat(path).st_size > 4096:
            return ""
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, ValueError):
        return ""
    return text.partition('"')[2].partition('"')[0] if _MARK in text else ""


def _put(path: str, program: str) -> None:
    temporary = f"{path}.{os.getpid()}.new"
    if os.name == "nt":
        with open(temporary, "w", encoding="utf-8", newline="") as file:
            file.write(command_text(program))
    else:
        os.symlink(program, temporary)
    os.replace(temporary, path)


def command_text(program: str) -> str:
    """The `.cmd` file that starts ``program``. A percent sign in a path has to be doubled there."""
    return f'@{_MARK}\r\n@"{program.replace("%", "%%")}" %*\r\n'
