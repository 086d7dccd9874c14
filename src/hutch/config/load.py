"""Gathers all layers and lets the strongest win, setting by setting."""

from __future__ import annotations

import os

from hutch.config.configuration import Configuration
from hutch.config.directories import System, find_directories, find_home, system_here
from hutch.config.files import check_tool_table, raise_faults, read_hutch_toml, read_tool_table
from hutch.config.model import ConfigFault, Origin, Value
from hutch.config.pip import PipSaid, pip_files, read_pip_files, read_pip_variables, read_uv_variables
from hutch.config.settings import OF_THE_MACHINE, SETTINGS
from hutch.config.values import Unusable, check_text, check_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["load_configuration"]

_ADDING = frozenset({"extra-index-url", "find-links", "trusted-host"})
"""Given as a flag, these come in front of what was configured; everything else replaces it."""


def load_configuration(
    directory: str | os.PathLike[str],
    environ: Mapping[str, str],
    flags: Mapping[str, object] | None = None,
    *,
    home: str | None = None,
    notice: Callable[[str], None] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    system: System | None = None,
    script: tuple[str, str] | None = None,
    manifest: str = "pyproject.toml",
) -> Configuration:
    """All settings for the project in ``directory`` (or for none, where it has no manifest).

    ``script`` is the path of a script and its metadata as a manifest's text: they stand for the files of
    a project, which then are not read. ``manifest`` is the name of the project's.

    ``flags`` are those that were given, by long name; ``config-file`` and ``no-config`` among them (or
    their variables) say which files are read. ``cwd`` is where relative paths of flags and variables
    begin, ``directory`` if not given. ``notice`` is told, in a sentence, what is passed over. Raises
    ``ConfigProblem`` with everything that cannot be used.
    """
    flags = dict(flags or {})
    notice = notice or _nobody
    system = system or system_here()
    directory = os.path.abspath(directory)
    cwd = os.path.abspath(cwd) if cwd is not None else directory
    home = home or find_home(environ, system)
    faults: list[ConfigFault] = []
    looked_for: list[str] = []
    values = {
        name: Value(setting.default, Origin("default", "default")) for name, setting in SETTINGS.items()
    }

    def offer(name: str, value: Value) -> None:
        if value.origin.rank >= values[name].origin.rank:
            values[name] = value

    def offer_pip(said: list[PipSaid]) -> None:
        for each in said:
            try:
                value = check_text(SETTINGS[each.name], each.text)
            except Unusable as error:
                faults.append(ConfigFault(each.origin.place, each.name, str(error)))
            else:
                # pip takes relative paths from where it is run, even those in its files.
                offer(each.name, Value(value, each.origin, cwd))

    without_files = _says(flags, environ, "no-config", faults)
    if not without_files:
        environment = environ.get("VIRTUAL_ENV") or os.path.join(directory, ".venv")
        files = pip_files(environ, system, home, environment)
        looked_for += [path for _, path in files]
        said = read_pip_files(files)
        if not environ.get("VIRTUAL_ENV") and any(each.origin.rung == "pip-environment" for each in said):
            # That file may have come with the checkout, so it has no say in what is each machine's own.
            own = read_pip_files(tuple(each for each in files if each[0] != "pip-environment"))
            said = [each for each in said if each.name not in OF_THE_MACHINE]
            said += [each for each in own if each.name in OF_THE_MACHINE]
        offer_pip(said)
        for found in _own_files(
            directory, environ, flags, cwd, home, system, faults, notice, looked_for, script, manifest
        ):
            for name, value in found.items():
                offer(name, value)
    of_project = {name: values[name] for name in _OF_LOCKS if values[name].origin.rung == "project"}
    offer_pip(read_uv_variables(environ))
    offer_pip(read_pip_variables(environ))
    for name, setting in SETTINGS.items():
        text = environ.get(setting.variable, "")
        if text.strip():
            try:
                offer(name, Value(check_text(setting, text), Origin("variable", setting.variable), cwd))
            except Unusable as error:
                faults.append(ConfigFault(setting.variable, name, str(error)))
    for name, raw in flags.items():
        if name in SETTINGS and raw is not None:
            _offer_flag(name, raw, values, cwd, faults)
    raise_faults(faults)
    return Configuration(
        values,
        environ,
        find_directories,
        home=home,
        system=system,
        notice=notice,
        files_looked_for=tuple(looked_for),
        of_project=of_project,
        directory=directory,
        without_files=without_files,
    )


_OF_LOCKS = ("no-build", "no-build-package", "only-binary", "no-binary", "no-binary-package")
"""What a lock depends on as far as the project says it, whatever a machine or a command says besides."""


def _nobody(text: str) -> None:
    """Drop a notice."""


def _says(
    flags: Mapping[str, object], environ: Mapping[str, str], name: str, faults: list[ConfigFault]
) -> bool:
    """Whether a switch that no file can set is on."""
    if name in flags:
        return bool(flags[name])
    variable = "HUTCH_" + name.upper().replace("-", "_")
    text = environ.get(variable, "")
    try:
        return bool(text.strip() and check_text(SETTINGS["offline"], text))
    except Unusable as error:
        faults.append(ConfigFault(variable, name, str(error)))
        return False


def _own_files(
    directory: str,
    environ: Mapping[str, str],
    flags: Mapping[str, object],
    cwd: str,
    home: str | None,
    system: System,
    faults: list[ConfigFault],
    notice: Callable[[str], None],
    looked_for: list[str],
    script: tuple[str, str] | None,
    manifest: str,
) -> list[dict[str, Value]]:
    named = flags.get("config-file") or environ.get("HUTCH_CONFIG_FILE")
    if named:
        path = os.path.join(cwd, str(named))
        looked_for.append(path)
        layers = [read_hutch_toml(path, "user", faults, notice, needed=True)]
    else:
        # Without a home there is nothing of the user's to read, and no place is made for it.
        known = find_directories(environ, home=home or os.sep, system=system)
        paths = [os.path.join(path, "hutch.toml") for path in reversed(known.system_config)]
        looked_for += paths
        layers = [read_hutch_toml(path, "system", faults, notice) for path in paths]
        if known.user_config and (home or environ.get("XDG_CONFIG_HOME")):
            path = os.path.join(known.user_config, "hutch.toml")
            looked_for.append(path)
            layers.append(read_hutch_toml(path, "user", faults, notice))
    if script is not None:
        layers.append(check_tool_table(script[1], script[0], faults, notice))
        return layers
    layers.append(read_tool_table(os.path.join(directory, manifest), faults, notice, directory))
    path = os.path.join(directory, "hutch.toml")
    looked_for.append(path)
    layers.append(read_hutch_toml(path, "project", faults, notice))
    return layers


def _offer_flag(
    name: str, raw: object, values: dict[str, Value], cwd: str, faults: list[ConfigFault]
) -> None:
    setting = SETTINGS[name]
    try:
        # A number that is typed comes as text.
        numeric = isinstance(raw, str) and setting.kind in ("number", "seconds")
        value = check_text(setting, raw) if numeric else check_value(setting, raw)  # type: ignore[arg-type]
    except Unusable as error:
        faults.append(ConfigFault(f"--{name}", name, str(error)))
        return
    origin, before = Origin("flag", f"--{name}"), values[name]
    if name in _ADDING and isinstance(value, tuple) and isinstance(before.value, tuple) and before.value:
        # Two bases cannot stand in one value, so what was configured is made absolute here.
        from hutch.config.places import absolute

        kept = before.value
        if setting.kind == "places":
            kept = tuple(absolute(place, before.base) for place in kept)
            value = tuple(absolute(place, cwd) for place in value)
        value = (*value, *(each for each in kept if each not in value))
        origin = Origin("flag", f"--{name}, {before.origin.place}")
    values[name] = Value(value, origin, cwd)
