"""Channels by the names that people give them: names, addresses, folders, ``defaults``.

    conda-forge                     below the alias, unless a custom channel or a group has the name
    conda-forge/label/dev           the same, of a label
    https://HOST/t/TOKEN/mine       an address; user, password and token are told to that host alone
    ./channel, /srv/channel, ~/c    a folder
    defaults                        the channels that `default_channels` names
    nodefaults, local               nothing

What a channel is called in locks and messages has neither a password nor a token in it.
"""

from __future__ import annotations

import os
import re

from hutch.conda.problems import NoChannelAlias, RefusedChannel
from hutch.conda.repodata import Channel
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["ChannelNames", "bare_channel", "is_subdir"]

_SUBDIR = re.compile(r"noarch|(linux|osx|win|freebsd|emscripten|wasi|zos)-[a-z0-9_]+")
_TOKEN = re.compile(r"/t/([A-Za-z0-9_~.-]+)(?=/|$)")


def is_subdir(word: str) -> bool:
    """Whether a word is ``linux-64``, ``noarch`` or another subdir."""
    return _SUBDIR.fullmatch(word) is not None


def bare_channel(url: str) -> tuple[str, str]:
    """(an address without user, password, token, subdir and slash at the end; the token)."""
    bare = _without_user(url)
    found = _TOKEN.search(bare) if not bare.startswith("file:") else None
    if found is None:
        return bare, ""
    return bare[: found.start()] + bare[found.end() :], found[1]


def _without_user(url: str) -> str:
    """An address without user, password, subdir and slash at the end; with its token, where it stands: some
    servers have them behind a folder (``https://HOST/api/repo/t/TOKEN/mine``)."""
    from hutch.net import without_credentials

    bare = without_credentials(url.strip()).partition("#")[0].partition("?")[0].rstrip("/")
    head, _, last = bare.rpartition("/")
    return head if is_subdir(last) else bare


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelNames:
    """What channels are called, as configuration says it. ``folder`` is where relative paths begin."""

    alias: str | None
    defaults: tuple[str, ...] = ()
    custom: Mapping[str, str] = field(default_factory=dict, repr=False)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    mirrors: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    folder: str = "."
    home: str | None = None

    def channels(self, names: Iterable[str]) -> tuple[tuple[Channel, ...], tuple[tuple[str, str], ...]]:
        """The channels of ``names``, each once, in their order; and the addresses that tell a user and a
        password, with the name of their channel. Raises `Problem` for those that nobody may ask."""
        found: dict[str, Channel] = {}
        secrets: list[tuple[str, str]] = []
        for name in names:
            for each, url in self._expanded(name.strip(), ()):
                channel, mirrors = self._channel(each, url)
                found.setdefault(channel.url, channel)
                secrets += [
                    (channel.name, place)
                    for place in (url, *mirrors)
                    if "@" in place.partition("://")[2].partition("/")[0]
                ]
        channels = tuple(found.values())
        self._check(channels)
        return channels, tuple(secrets)

    def _expanded(self, name: str, inside: tuple[str, ...]) -> Iterable[tuple[str, str]]:
        """(name, address) of what a name stands for."""
        if not name or name in ("nodefaults", "local") or name in inside:
            return
        if name in self.groups:
            for each in self.groups[name]:
                yield from self._expanded(each, (*inside, name))
        elif name == "defaults":
            for each in self.defaults or ("pkgs/main", "pkgs/r"):
                yield from self._expanded(each, (*inside, name))
        else:
            yield name, self._address(name)

    def _address(self, name: str) -> str:
        if "://" in name:
            return name
        if name.startswith((".", "/", "~", "\\")) or re.match(r"[A-Za-z]:[\\/]", name):
            path = name
            if self.home and (name == "~" or name.startswith(("~/", "~\\"))):
                path = self.home + name[1:]
            path = os.path.normpath(os.path.join(self.folder, path))
            if os.name == "posix" and re.fullmatch(r"[A-Za-z0-9_.~/-]*", path):
                return f"file://{path}"
            from urllib.request import pathname2url  # 20 ms, for what is seldom

            return "file://" + pathname2url(path)
        words = name.strip("/").split("/")
        for count in range(len(words), 0, -1):
            base = self.custom.get("/".join(words[:count]))
            if base:
                base = base if "://" in base else self._address(base)
                return "/".join((base.rstrip("/"), *words))
        if self.alias is None:
            raise NoChannelAlias(name)
        alias = self.alias if "://" in self.alias else f"https://{self.alias}"
        return "/".join((alias.rstrip("/"), *words))

    def _channel(self, name: str, address: str) -> tuple[Channel, tuple[str, ...]]:
        """The channel at an address, and the addresses of its mirrors as they are said."""
        url, token = bare_channel(address)
        shown = name if "://" not in name else url
        if "://" in name and self.alias is not None:
            alias, _ = bare_channel(self.alias if "://" in self.alias else f"https://{self.alias}")
            shown = url.removeprefix(f"{alias}/")
        mirrors: tuple[str, ...] = ()
        for key in (shown, url, f"{url}/"):
            if key in self.mirrors:
                mirrors = tuple(map(self._address, self.mirrors[key]))
        places = [_without_user(mirror) for mirror in mirrors]
        if not places and token:
            places.append(_without_user(address))
        return Channel(name=shown, url=url, mirrors=tuple(places)), mirrors

    def _check(self, channels: Iterable[Channel]) -> None:
        """`allowlist_channels` and `denylist_channels` are a company's word, and hold for hutch, too."""
        allowed, denied = (
            {
                url
                for name in names
                for _, each in self._expanded(name, ())
                for url in (bare_channel(each)[0],)
            }
            for names in (self.allowed, self.denied)
        )
        for channel in channels:
            if channel.url in denied:
                raise RefusedChannel(channel.name, "`denylist_channels` of conda's configuration names it")
            if allowed and channel.url not in allowed:
                raise RefusedChannel(
                    channel.name, "`allowlist_channels` of conda's configuration does not name it"
                )
