"""Where hutch keeps things, by platform: the one module that knows.

Linux and other Unix
    cache ``$XDG_CACHE_HOME/hutch`` or ``~/.cache/hutch``; data ``$XDG_DATA_HOME/hutch`` or
    ``~/.local/share/hutch``; the user's ``hutch.toml`` in ``$XDG_CONFIG_HOME/hutch`` or
    ``~/.config/hutch``, the machine's in ``$XDG_CONFIG_DIRS/hutch`` (``/etc/xdg``) and ``/etc/hutch``
macOS
    cache ``~/Library/Caches/hutch``; data and ``hutch.toml`` in ``~/Library/Application Support/hutch``,
    the machine's in ``/Library/Application Support/hutch``
Windows
    cache ``%LOCALAPPDATA%\\hutch\\cache``; data ``%LOCALAPPDATA%\\hutch\\data``; ``hutch.toml`` in
    ``%APPDATA%\\hutch``, the machine's in ``%PROGRAMDATA%\\hutch``

On macOS the XDG variables count too, where they are set. A relative path in one of them is passed
over, as the XDG specification says.
"""

from __future__ import annotations

import os
import sys

from hutch.errors import Problem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal, TypeAlias

    System: TypeAlias = Literal["unix", "macos", "windows"]
else:
    System = str

__all__ = ["Directories", "NoHome", "System", "find_directories", "find_home", "system_here"]


class NoHome(Problem):
    """There is no directory of one's own for the cache."""

    code = "no-home"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "there is no place for the cache",
            why=reason,
            hint="set HOME, or HUTCH_CACHE_DIR and HUTCH_DATA_DIR",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Directories:
    """Absolute paths. ``user_config`` is None without a home; ``system_config`` are in order of strength."""

    cache: str
    data: str
    user_config: str | None
    system_config: tuple[str, ...]
    home: str | None


def system_here() -> System:
    """The kind of machine that hutch runs on."""
    if os.name == "nt":
        return "windows"
    return "macos" if sys.platform == "darwin" else "unix"


def find_home(environ: Mapping[str, str], system: System) -> str | None:
    """The user's home; without ``HOME``, what the user database says; None if there is none."""
    if system == "windows":
        drive = environ.get("HOMEDRIVE", "") + environ.get("HOMEPATH", "")
        return environ.get("USERPROFILE") or drive or None
    home = environ.get("HOME") or None
    if home is None and os.name != "nt":
        import pwd

        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:  # a container with a user id out of nowhere
            return None
    return home if home and os.path.isabs(home) else None


def find_directories(
    environ: Mapping[str, str], *, home: str | None = None, system: System | None = None
) -> Directories:
    """The directories for this user and machine; raises ``NoHome`` where nothing safe can be found."""
    system = system or system_here()
    home = home or find_home(environ, system)
    if system == "windows":
        return _windows(environ, home)
    config_dirs = tuple(
        f"{path}/hutch" for path in environ.get("XDG_CONFIG_DIRS", "").split(":") if path.startswith("/")
    )
    if system == "macos":
        library = f"{home}/Library" if home else None
        support = f"{library}/Application Support/hutch" if library else None
        return Directories(
            cache=_xdg(environ, "XDG_CACHE_HOME")
            or (library and f"{library}/Caches/hutch")
            or _own_directory("cache"),
            data=_xdg(environ, "XDG_DATA_HOME") or support or _own_directory("data"),
            user_config=_xdg(environ, "XDG_CONFIG_HOME") or support,
            system_config=(*config_dirs, "/Library/Application Support/hutch"),
            home=home,
        )
    return Directories(
        cache=_xdg(environ, "XDG_CACHE_HOME")
        or (home and _join(home, ".cache/hutch"))
        or _own_directory("cache"),
        data=_xdg(environ, "XDG_DATA_HOME")
        or (home and _join(home, ".local/share/hutch"))
        or _own_directory("data"),
        user_config=_xdg(environ, "XDG_CONFIG_HOME") or (_join(home, ".config/hutch") if home else None),
        system_config=(*(config_dirs or ("/etc/xdg/hutch",)), "/etc/hutch"),
        home=home,
    )


def _windows(environ: Mapping[str, str], home: str | None) -> Directories:
    local = environ.get("LOCALAPPDATA") or (f"{home}\\AppData\\Local" if home else None)
    roaming = environ.get("APPDATA") or (f"{home}\\AppData\\Roaming" if home else None)
    if local is None:
        raise NoHome("neither LOCALAPPDATA nor USERPROFILE is set")
    program_data = environ.get("PROGRAMDATA") or "C:\\ProgramData"
    return Directories(
        cache=f"{local}\\hutch\\cache",
        data=f"{local}\\hutch\\data",
        user_config=f"{roaming}\\hutch" if roaming else None,
        system_config=(f"{program_data}\\hutch",),
        home=home,
    )


def _xdg(environ: Mapping[str, str], variable: str) -> str | None:
    path = environ.get(variable, "")
    return f"{path.rstrip('/')}/hutch" if path.startswith("/") else None


def _join(home: str, path: str) -> str:
    return f"{home.rstrip('/')}/{path}"


def _own_directory(what: str) -> str:
    """A directory below the temporary one that is this user's alone.

    What lies in the cache is trusted, and everybody may write into the temporary directory: so it is
    made here, for this user only, and one that somebody else has made is refused.
    """
    import stat
    import tempfile

    uid = os.getuid() if os.name != "nt" else 0
    path = os.path.join(tempfile.gettempdir(), f"hutch-{uid}")
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise NoHome(f"there is no home directory, and {path} cannot be made: {error.strerror}") from None
    status = os.lstat(path)
    mine = os.name == "nt" or (status.st_uid == uid and not status.st_mode & 0o022)
    if not stat.S_ISDIR(status.st_mode) or not mine:
        raise NoHome(f"there is no home directory, and {path} belongs to somebody else")
    return os.path.join(path, what)
