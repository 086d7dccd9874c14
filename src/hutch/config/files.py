"""hutch's own files: ``hutch.toml``, and ``[tool.hutch]`` of a manifest."""

from __future__ import annotations

import os

from hutch.config.model import ConfigFault, ConfigProblem, Origin, Rung, Value
from hutch.config.settings import NOT_FOR_PROJECTS, OF_THE_MACHINE, PROJECT_KEYS, SETTINGS
from hutch.config.values import Unusable, check_value
from hutch.plain import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hutch.project.declared import Locator

__all__ = ["check_tool_table", "read_hutch_toml", "read_tool_table"]

Found = dict[str, Value]


def read_hutch_toml(
    path: str, rung: Rung, faults: list[ConfigFault], notice: Callable[[str], None], *, needed: bool = False
) -> Found:
    """The settings of a ``hutch.toml``; none where there is no file, unless it was ``needed``."""
    text = _read(path, faults, needed=needed)
    if text is None:
        return {}
    from hutch.project.declared import Locator
    from hutch.project.loading import toml_fault

    try:
        data = _loads(text)
    except ValueError as error:
        fault = toml_fault(text, error)
        faults.append(ConfigFault(f"{path}:{fault.line}", "TOML", fault.reason))
        return {}
    level = 1 if rung == "project" else 0
    return _check(data, path, rung, level, Locator(text), (), faults, notice)


def read_tool_table(
    path: str, faults: list[ConfigFault], notice: Callable[[str], None], root: str | None = None
) -> Found:
    """The settings in ``[tool.hutch]`` of the manifest at ``path``, of the project in ``root``.

    A manifest that cannot be read says nothing here: commands that need it will say why, and those
    that do not (``hutch cache dir``) can do without.
    """
    text = _read(path, [], needed=False)
    return {} if text is None else check_tool_table(text, path, faults, notice, root)


def check_tool_table(
    text: str,
    path: str,
    faults: list[ConfigFault],
    notice: Callable[[str], None],
    root: str | None = None,
) -> Found:
    """The settings in ``[tool.hutch]`` of a manifest that has been read from ``path``."""
    from hutch.project.manifest import may_have_settings

    root = root or os.path.dirname(path)
    if not may_have_settings(path, text) and not os.path.exists(os.path.join(root, "uv.toml")):
        return {}  # which spares the parser most of the time
    from hutch.project import read_settings

    try:
        name = os.path.relpath(path, root).replace(os.sep, "/")
        tool, locator = read_settings(text, name, _Beside(root))
    except ValueError:
        return {}
    table = tool.get("hutch", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        return {}
    own = {key: value for key, value in table.items() if key not in PROJECT_KEYS}
    return _check(own, path, "project", 0, locator, ("tool", "hutch"), faults, notice)


class _Beside:
    """Reads the files in the directory of a manifest."""

    def __init__(self, root: str) -> None:
        self._root = root

    def __call__(self, name: str) -> str | None:
        return _read(os.path.normpath(os.path.join(self._root, name)), [], needed=False)

    def names(self, folder: str) -> list[str]:
        """The files in a folder."""
        try:
            found = os.scandir(os.path.normpath(os.path.join(self._root, folder)))
            return [each.name for each in found if each.is_file()]
        except OSError:
            return []


def _read(path: str, faults: list[ConfigFault], *, needed: bool) -> str | None:
    try:
        # A repository may have a link to /dev/zero in its place.
        return read_plain(path).decode().removeprefix("\ufeff")
    except (FileNotFoundError, NotADirectoryError):
        if needed:
            faults.append(ConfigFault(path, "--config-file", "there is no such file"))
    except OSError as error:
        faults.append(ConfigFault(path, "file", f"cannot be read: {error.strerror or error}"))
    except UnicodeDecodeError as error:
        if path.endswith((".txt", ".in")):
            from hutch.project import decode_requirements

            try:
                return decode_requirements(error.object)[0]
            except (UnicodeError, LookupError):
                return None
        faults.append(ConfigFault(path, "file", f"is not UTF-8 (byte {error.start})"))
    return None


def _loads(text: str) -> dict[str, Any]:
    from hutch.project.toml_text import read_toml

    return read_toml(text)


def _check(
    table: dict[str, Any],
    path: str,
    rung: Rung,
    level: int,
    locator: Locator,
    root: tuple[str, ...],
    faults: list[ConfigFault],
    notice: Callable[[str], None],
) -> Found:
    found: Found = {}
    for name, raw in table.items():
        line = locator.line((*root, name))
        other = locator.filename((*root, name))  # a manifest may consist of several files
        place = f"{os.path.join(os.path.dirname(path), other) if other else path}:{line}"
        setting = SETTINGS.get(name)
        if name in PROJECT_KEYS:
            reason = "describes the project: it belongs into [tool.hutch] of pyproject.toml"
            faults.append(ConfigFault(place, name, reason))
        elif setting is None:
            notice(f"{place}: there is no setting {name!r}" + _meant(name))
        elif setting.kind == "indexes":
            found_indexes = _indexes(raw, path, locator, (*root, name), faults)
            found[name] = Value(found_indexes, Origin(rung, place, level), os.path.dirname(path))
        else:
            try:
                value = check_value(setting, raw)
            except Unusable as error:
                faults.append(ConfigFault(place, name, str(error)))
            else:
                if rung == "project" and name in NOT_FOR_PROJECTS and value != "require":
                    notice(
                        f"{place}: {name} is passed over: a project cannot open the sandbox that its builds"
                        f" are in. Say it in your own hutch.toml, or with {setting.variable}"
                    )
                    continue
                if rung == "project" and name in OF_THE_MACHINE:
                    notice(
                        f"{place}: {name} is passed over: a project does not say whom this machine trusts"
                        f" or where hutch writes. Say it in your own hutch.toml, or with {setting.variable}"
                    )
                    continue
                found[name] = Value(value, Origin(rung, place, level), os.path.dirname(path))
    return found


def _indexes(
    raw: object, path: str, locator: Locator, root: tuple[str, ...], faults: list[ConfigFault]
) -> tuple[object, ...]:
    from hutch.project import parse_indexes
    from hutch.project.faults import Faults, dotted

    collected = Faults(path, locator)
    indexes = parse_indexes(raw, collected, root)
    for at, reason in collected.found:
        faults.append(ConfigFault(f"{path}:{locator.line(at)}", dotted(at), reason))
    return indexes


def _meant(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name.replace("_", "-"), SETTINGS, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def raise_faults(faults: list[ConfigFault]) -> None:
    """Raise all that was found together."""
    if faults:
        raise ConfigProblem(tuple(faults))
