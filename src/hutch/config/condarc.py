"""conda's settings, as far as they say where packages come from and how the network is reached.

Who has used conda for years has them, so hutch obeys them: ``.condarc`` of the machine, of the installation
that ``CONDA_ROOT`` names, of the user and of the active environment, the file that ``CONDARC`` names, and
``CONDA_*``. Lists of several files are one list, the stronger file's first; of everything else the strongest
file says what holds. They are read when somebody asks for channels, and never from a checkout (ADR 17).

See conda's documentation, "Using the .condarc conda configuration file".
"""

from __future__ import annotations

import os

from hutch.config.model import ConfigFault, ConfigProblem
from hutch.plain import read_plain
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from hutch.config.directories import System

__all__ = [
    "LISTS",
    "NO",
    "OLD_NAMES",
    "PRIORITIES",
    "TABLES",
    "YES",
    "Condarc",
    "condarc_faults",
    "condarc_files",
    "condarc_sources",
    "filled",
    "is_heard",
    "read_condarc",
    "system_file",
]

LISTS = frozenset(
    {
        *("channels", "default_channels", "pinned_packages", "allowlist_channels", "denylist_channels"),
        *("create_default_packages", "envs_dirs", "disallowed_packages"),
    }
)
TABLES = frozenset({"custom_channels", "custom_multichannels", "mirrored_channels", "proxy_servers"})
_TEXTS = frozenset(
    {
        *("channel_alias", "channel_priority", "offline", "ssl_verify", "client_ssl_cert"),
        *("override_channels_enabled", "remote_read_timeout_secs", "env_prompt", "changeps1"),
        *("remote_connect_timeout_secs", "remote_max_retries", "always_yes", "protect_frozen_envs"),
    }
)
OLD_NAMES = {
    "whitelist_channels": "allowlist_channels", "channel": "channels", "verify_ssl": "ssl_verify",
    "client_cert": "client_ssl_cert", "disallow": "disallowed_packages", "envs_path": "envs_dirs",
    "yes": "always_yes",
}  # fmt: skip
_DELIMITERS = {"envs_dirs": os.pathsep, "pinned_packages": "&", "disallowed_packages": "&"}
"""What stands between the entries of a list in a variable, if it is no comma: versions have those."""


@dataclass(frozen=True, slots=True)
class Condarc:
    """What all files and variables say together, and where each of it stands."""

    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    """Those that are there, weakest first."""

    def words(self, name: str) -> tuple[str, ...]:
        """A list."""
        return tuple(self.values.get(name, ()))

    def table(self, name: str) -> dict[str, Any]:
        """A table."""
        return dict(self.values.get(name, {}))

    def text(self, name: str) -> str | None:
        """A single value."""
        found: str | None = self.values.get(name)
        return found

    def switch(self, name: str) -> bool | None:
        """A single value that is yes or no; None where it is neither."""
        text = (self.text(name) or "").lower()
        return True if text in YES else False if text in NO else None


LOGINS = "channel_settings"
"""The logins that plugins of conda have for channels: no use here, but told where a channel refuses."""


YES = frozenset(("true", "yes", "on", "1", "y"))
NO = frozenset(("false", "no", "off", "0", "n"))


HINT = "hutch conda config --set KEY VALUE or --remove-key KEY mends it; --validate tells all that is wrong"


def condarc_files(environ: Mapping[str, str], system: System, home: str | None) -> tuple[str, ...]:
    """The files that conda would read, weakest first, there or not. A folder stands for all in it."""
    places: list[str] = []

    def below(directory: str) -> None:
        places.extend(f"{directory}/{name}" for name in (".condarc", "condarc", "condarc.d"))

    if system == "windows":
        below(f"{environ.get('PROGRAMDATA') or 'C:/ProgramData'}/conda")
    else:
        below("/etc/conda")
        below("/var/lib/conda")
    root = environ.get("CONDA_ROOT") or environ.get("_CONDA_ROOT")
    if root and os.path.isabs(root):
        below(root)
    configured = environ.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(configured):
        below(f"{configured}/conda")
    if home:
        below(f"{home}/.config/conda")
        below(f"{home}/.conda")
        places.append(f"{home}/.condarc")
    prefix = environ.get("CONDA_PREFIX")
    if prefix and os.path.isabs(prefix):
        below(prefix)
    named = _named(environ, home)
    if named:
        places.append(named)
    return tuple(dict.fromkeys(places))


def _named(environ: Mapping[str, str], home: str | None) -> str | None:
    """The file that ``CONDARC`` names."""
    said = environ.get("CONDARC")
    return home + said[1:] if said and home and said.startswith(("~/", "~\\")) else said


def is_heard(
    path: str, environ: Mapping[str, str], system: System, home: str | None, project: str | None = None
) -> bool:
    """Whether `read_condarc` reads that file."""
    files = condarc_files(environ, system, home)
    if path == _named(environ, home):
        return True
    return (path in files or os.path.dirname(path) in files) and not (project and _is_in(path, project))


def read_condarc(
    environ: Mapping[str, str], system: System, home: str | None, project: str | None = None
) -> Condarc:
    """Read all of it. What lies in ``project`` is passed over, unless ``CONDARC`` names it.

    Raises `ConfigProblem` with everything that cannot be used.
    """
    faults: list[ConfigFault] = []
    values: dict[str, Any] = {}
    places: dict[str, tuple[str, ...]] = {}
    read: list[str] = []
    for path, said in _sources(environ, system, home, project, faults):
        read.append(path)
        _merge(values, places, said, path, environ, faults)
    for variable, said in _of_variables(environ).items():
        _merge(values, places, said, variable, environ, faults)
    if faults:
        raise ConfigProblem(tuple(faults), HINT)
    return Condarc(values, places, tuple(read))


def condarc_sources(
    environ: Mapping[str, str], system: System, home: str | None, project: str | None = None
) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """What each file says as it stands there, and each variable, weakest first. Raises as `read_condarc`."""
    faults: list[ConfigFault] = []
    found = [*_sources(environ, system, home, project, faults), *_of_variables(environ).items()]
    for path, said in found:
        _merge({}, {}, said, path, environ, faults)
    if faults:
        raise ConfigProblem(tuple(faults), HINT)
    return tuple(found)


def condarc_faults(text: str, path: str, environ: Mapping[str, str]) -> tuple[ConfigFault, ...]:
    """What whoever reads ``text`` as the file ``path`` cannot use of it."""
    faults: list[ConfigFault] = []
    said = _parsed(text, path, faults)
    if said is not None:
        _merge({}, {}, said, path, environ, faults)
    return tuple(faults)


def system_file(environ: Mapping[str, str], system: System) -> str:
    """The file for everybody: of the installation that ``CONDA_ROOT`` names, or of the machine."""
    root = environ.get("CONDA_ROOT") or environ.get("_CONDA_ROOT")
    if root and os.path.isabs(root):
        return f"{root}/.condarc"
    return condarc_files({**environ, "CONDA_ROOT": ""}, system, None)[0]


def _sources(
    environ: Mapping[str, str],
    system: System,
    home: str | None,
    project: str | None,
    faults: list[ConfigFault],
) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for path in _existing(condarc_files(environ, system, home)):
        if project and path != _named(environ, home) and _is_in(path, project):
            continue
        said = _read(path, faults)
        if said is not None:
            yield path, said


def _existing(places: Iterable[str]) -> Iterable[str]:
    for place in places:
        if os.path.isdir(place):
            names = sorted(os.listdir(place))
            yield from (f"{place}/{name}" for name in names if name.endswith((".yml", ".yaml", "condarc")))
        elif os.path.isfile(place):
            yield place


def _is_in(path: str, project: str) -> bool:
    try:
        real, root = os.path.realpath(path), os.path.realpath(project)
    except OSError:
        return True
    home = os.path.realpath(os.path.expanduser("~"))
    return root != home and (real == root or real.startswith(root.rstrip(os.sep) + os.sep))


def _read(path: str, faults: list[ConfigFault]) -> dict[str, Any] | None:
    try:
        return _parsed(read_plain(path).decode(), path, faults)
    except OSError:
        return None  # what conda may not read it passes over
    except UnicodeDecodeError:
        faults.append(ConfigFault(path, "conda's configuration", "is not UTF-8"))
        return None


def _parsed(text: str, path: str, faults: list[ConfigFault]) -> dict[str, Any] | None:
    from hutch.project.yaml_text import InvalidYaml, read_yaml

    try:
        said = read_yaml(text).value
    except InvalidYaml as error:
        faults.append(ConfigFault(f"{path}:{error.line}", "conda's configuration", error.reason))
        return None
    if said is None:
        return {}
    if not isinstance(said, dict):
        faults.append(ConfigFault(path, "conda's configuration", "should be a table"))
        return None
    return said


def _of_variables(environ: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """What ``CONDA_NAME`` says of each key but tables, by the variable."""
    found: dict[str, dict[str, object]] = {}
    names = {**{old: new for old, new in OLD_NAMES.items() if new not in TABLES}}
    for name in (*names, *LISTS, *_TEXTS):
        variable = f"CONDA_{name.upper()}"
        text = environ.get(variable, "").strip()
        if text:
            key = names.get(name, name)
            parts = [part.strip() for part in text.split(_DELIMITERS.get(key, ","))]
            found[variable] = {key: [part for part in parts if part] if key in LISTS else text}
    return found


def _merge(
    values: dict[str, Any],
    places: dict[str, tuple[str, ...]],
    said: Mapping[str, Any],
    path: str,
    environ: Mapping[str, str],
    faults: list[ConfigFault],
) -> None:
    for key, raw in said.items():
        name = OLD_NAMES.get(key, key)
        if raw is None:
            continue
        found: Any
        if name == LOGINS:
            found = {**values.get(name, {})}
            for each in raw if isinstance(raw, list) else ():
                channel, login = (each.get("channel"), each.get("auth")) if isinstance(each, dict) else (0, 0)
                if isinstance(channel, str) and isinstance(login, str):
                    found[filled(channel, environ)] = login
        elif name in LISTS:
            items = [raw] if isinstance(raw, str) else raw
            if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
                faults.append(ConfigFault(path, name, "should be a list of texts"))
                continue
            mine = [filled(item, environ) for item in items]
            found = (*mine, *(each for each in values.get(name, ()) if each not in mine))
        elif name in TABLES:
            if not isinstance(raw, dict):
                faults.append(ConfigFault(path, name, "should be a table"))
                continue
            found = {**values.get(name, {})}
            for inner, value in raw.items():
                kept = [value] if name in ("custom_multichannels", "mirrored_channels") else value
                kept = value if isinstance(value, list) else kept
                good = all(isinstance(each, str) for each in (kept if isinstance(kept, list) else [kept]))
                if not good and value is not None:
                    faults.append(ConfigFault(path, f"{name}.{inner}", "should be a text"))
                    continue
                if isinstance(kept, list):
                    found[str(inner)] = tuple(filled(each, environ) for each in kept if each)
                else:
                    found[str(inner)] = filled(kept or "", environ)
        elif name in _TEXTS:
            if not isinstance(raw, str):
                faults.append(ConfigFault(path, name, "should be a single value"))
                continue
            found = filled(raw, environ)
            if name == "channel_priority" and found.lower() not in PRIORITIES:
                faults.append(ConfigFault(path, name, "should be strict, flexible or disabled"))
                continue
        else:
            continue
        values[name] = found
        places[name] = (path, *places.get(name, ())) if name in LISTS | TABLES else (path,)


PRIORITIES = {"strict": "strict", "flexible": "flexible", "disabled": "disabled", "true": "flexible",
    "false": "disabled"}  # fmt: skip


def filled(text: str, environ: Mapping[str, str]) -> str:
    """``${NAME}`` and ``$NAME`` as in conda; those that are not set stay."""
    if "$" not in text:
        return text
    import re

    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: environ.get(found[1] or found[2], found[0]), text)
