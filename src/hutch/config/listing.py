"""All settings as people are shown them: what holds, where that was said, and no credentials."""

from __future__ import annotations

import os

from hutch.config.settings import SETTINGS
from hutch.config.values import redacted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.config.configuration import Configuration

__all__ = ["Listing"]


class Listing:
    """The settings of a configuration; places below ``home`` are shown as ``~``."""

    def __init__(self, configuration: Configuration, home: str | None) -> None:
        self.configuration = configuration
        self.home = home

    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """(setting, value, where it was set) of every setting, credentials as ``****``."""
        return tuple((name, _shown(self._effective(name)), self._place(name)) for name in SETTINGS)

    def to_json(self) -> dict[str, Any]:
        """The same by name: ``{"value": …, "source": …, "origin": …}``."""
        return {
            name: {
                "value": _plain(self._effective(name)),
                "source": self.configuration.origin(name).rung,
                "origin": self._place(name),
            }
            for name in SETTINGS
        }

    def _effective(self, name: str) -> object:
        """The value, with what stands for it where nothing was set."""
        configuration = self.configuration
        value = configuration.values[name].value
        unset = value is None
        if name in ("cache-dir", "data-dir") or (name == "cache-size-limit" and unset):
            from hutch.config.directories import NoHome

            try:
                if name == "cache-size-limit":
                    from hutch.store import shown_size, usual_limit

                    return shown_size(usual_limit(configuration.cache_dir))
                return configuration.cache_dir if name == "cache-dir" else configuration.data_dir
            except NoHome:
                return None
        if name == "index-url" and unset:
            return next((index.url for index in configuration.indexes if index.default), None)
        said = self._said_by_conda(name)
        return said[0] if said is not None else value

    def _said_by_conda(self, name: str) -> tuple[object, str] | None:
        """What conda's configuration says of a setting that hutch's own leave open, and where."""
        key = {
            "conda-channels": "channels",
            "conda-channel-alias": "channel_alias",
            "conda-channel-priority": "channel_priority",
        }.get(name)
        if key is None or self.configuration.origin(name).rung != "default":
            return None
        from hutch.config.model import ConfigProblem

        try:
            condarc = self.configuration.condarc
            found = condarc.values.get(key)
        except ConfigProblem:
            return None  # who asks for a channel is told
        return (found, ", ".join(condarc.places[key])) if found else None

    def _place(self, name: str) -> str:
        said = self._said_by_conda(name)
        place = said[1] if said is not None else self.configuration.origin(name).place
        if self.home and len(self.home) > 1 and place.startswith(self.home + os.sep):
            return "~" + place[len(self.home) :]
        return place


def _plain(value: object) -> Any:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    # An index table: only what says something beyond its name and address.
    fields = {name: getattr(value, name) for name in ("name", "url", "default", "explicit", "kind", "verify")}
    shown = {"name": fields["name"], "url": redacted(fields["url"])}
    shown |= {key: True for key in ("default", "explicit") if fields[key]}
    return shown | ({} if fields["verify"] else {"verify": False})


def _shown(value: object) -> str:
    if value is None or value == () or value == []:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        return ", ".join(_shown(item) for item in value)
    plain = _plain(value)
    if isinstance(plain, dict):
        extra = "".join(f", {key}" for key in ("default", "explicit") if plain.get(key))
        return f"{plain['name']} ({plain['url']}{extra})"
    return str(plain)
