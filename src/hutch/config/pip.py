"""pip's settings, as far as they say where packages come from and how the network is reached.

Every company has them, so hutch obeys them: ``pip.conf`` (``pip.ini`` on Windows) of the machine,
the user and the virtual environment, the file that ``PIP_CONFIG_FILE`` names, and ``PIP_*``. Among
themselves they count as in pip: ``[install]`` over ``[global]`` whatever the file, then the
environment over the user over the machine, variables over all. An empty value is no value.

See pip's documentation, "Configuration".
"""

from __future__ import annotations

import os

from hutch.config.directories import System
from hutch.config.model import ConfigFault, ConfigProblem, Origin, Rung
from hutch.config.settings import SETTINGS
from hutch.plain import read_plain
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["PipSaid", "pip_files", "read_pip_files", "read_pip_variables", "read_uv_variables"]

_SETTING = {pip: setting.name for setting in SETTINGS.values() for pip in setting.pip}


@dataclass(frozen=True, slots=True)
class PipSaid:
    """One of pip's values: our name for the setting, the text, and where it stands."""

    name: str
    text: str
    origin: Origin


def pip_files(
    environ: Mapping[str, str], system: System, home: str | None, environment: str | None
) -> tuple[tuple[Rung, str], ...]:
    """The files that pip would read, weakest first, there or not."""
    named = environ.get("PIP_CONFIG_FILE")
    if named and (named == os.devnull or named.lower() in ("nul", "/dev/null")):
        return ()
    files: list[tuple[Rung, str]] = []
    name = "pip.ini" if system == "windows" else "pip.conf"
    if system == "windows":
        files.append(("pip-system", f"{environ.get('PROGRAMDATA') or 'C:/ProgramData'}/pip/{name}"))
        user = [f"{home}/pip/{name}"] if home else []
        roaming = environ.get("APPDATA") or (f"{home}/AppData/Roaming" if home else None)
        user += [f"{roaming}/pip/{name}"] if roaming else []
    else:
        directories = [path for path in environ.get("XDG_CONFIG_DIRS", "").split(":") if path.startswith("/")]
        files += [("pip-system", f"{path}/pip/{name}") for path in reversed(directories or ["/etc/xdg"])]
        if system == "macos":
            files.append(("pip-system", f"/Library/Application Support/pip/{name}"))
        files.append(("pip-system", f"/etc/{name}"))
        base = environ.get("XDG_CONFIG_HOME", "")
        base = base if base.startswith("/") else f"{home}/.config" if home else ""
        user = [f"{home}/.pip/{name}"] if home else []
        if system == "macos" and home and os.path.isdir(f"{home}/Library/Application Support/pip"):
            user.append(f"{home}/Library/Application Support/pip/{name}")
        elif base:
            user.append(f"{base}/pip/{name}")
    if not (named and os.path.exists(named)):  # as in pip, such a file stands instead of the user's
        files += [("pip-user", path) for path in user]
    if environment:
        files.append(("pip-environment", f"{environment}/{name}"))
    if named:
        files.append(("pip-file", named))
    return tuple(files)


def read_pip_files(files: tuple[tuple[Rung, str], ...]) -> list[PipSaid]:
    """What the files say, one entry a setting: the one that counts for pip."""
    said: dict[str, tuple[tuple[int, int], PipSaid]] = {}
    for level, (rung, path) in enumerate(files):
        if not os.path.isfile(path):
            continue
        for section, key, text in _entries(path):
            name = _SETTING.get(key)
            if name is None or not text.strip():
                continue
            rank = (section, level)
            if name not in said or rank >= said[name][0]:
                said[name] = (rank, PipSaid(name, text, Origin(rung, f"{path} ({key})", level)))
    return [each for _, each in said.values()]


def _entries(path: str) -> Iterator[tuple[int, str, str]]:
    """(rank of the section, key, text) of the sections that speak of installing."""
    try:
        text = read_plain(path).decode().removeprefix("\ufeff")
        sections = plain_sections(text)
        if sections is None:
            sections = _sections(text, path)
    except OSError:
        return  # pip passes over what it may not read, and so must a tool that only borrows it
    except ValueError as error:
        reason = str(error).replace("\n", " ")
        raise ConfigProblem(
            (ConfigFault(path, "pip's configuration", f"cannot be read: {reason}"),)
        ) from None
    for rank, section in enumerate(("global", "install")):
        for key, value in sections.get(section, {}).items():
            yield rank, key.replace("_", "-").removeprefix("--"), value


def plain_sections(text: str) -> dict[str, dict[str, str]] | None:
    """The keys of each section, of a file as most people write it: a setting is a line. None for others:
    these need ``configparser``, and 5 ms for the import of that."""
    sections: dict[str, dict[str, str]] = {}
    section: dict[str, str] | None = None
    if "\r" in text:
        return None
    for line in text.split("\n"):
        if not line or line[0] in "#;":
            continue
        if line[0] == "[":
            name = line[1:].rstrip(" ").removesuffix("]")
            if not name.isidentifier() or name == "DEFAULT" or not line.rstrip(" ").endswith("]"):
                return None
            section = sections.setdefault(name, {})
            continue
        before, mark, value = line.partition("=")
        key = before.rstrip(" ").lower()
        if not mark or section is None or not key.replace("-", "_").isidentifier() or not key.isascii():
            return None
        section[key] = value.strip()
    return sections


def _sections(text: str, path: str) -> dict[str, dict[str, str]]:
    import configparser

    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text, path)
    except configparser.Error as error:
        raise ValueError(str(error)) from error
    return {name: dict(parser.items(name)) for name in parser.sections()}


def read_pip_variables(environ: Mapping[str, str]) -> list[PipSaid]:
    """What ``PIP_*`` says of the settings that hutch shares."""
    found: dict[str, PipSaid] = {}
    for key, name in _SETTING.items():
        variable = "PIP_" + key.upper().replace("-", "_")
        if environ.get(variable, "").strip():
            found.setdefault(name, PipSaid(name, environ[variable], Origin("pip-variable", variable)))
    return list(found.values())


def read_uv_variables(environ: Mapping[str, str]) -> list[PipSaid]:
    """The one variable of uv that is about this machine's keyring; it counts less than pip's."""
    text = environ.get("UV_KEYRING_PROVIDER", "")
    origin = Origin("pip-variable", "UV_KEYRING_PROVIDER", -1)
    return [PipSaid("keyring-provider", text, origin)] if text.strip() else []
