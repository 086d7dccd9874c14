"""Channels of conda for a command: which, where, how they are reached, and what the platforms have.

hutch's own settings come first (``conda-channels``, ``conda-channel-alias``, …); where they say nothing,
those of conda do (``.condarc``); where nobody does, the channel is conda-forge, with strict priority.
"""

from __future__ import annotations

import os

from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hutch.conda import Channel, ChannelNames, ChannelRefused, Repodata
    from hutch.net import NetOptions
    from hutch.ops.context import Context
    from hutch.spec import CondaRecord, CondaSpec

__all__ = [
    "USUAL",
    "channel_names",
    "channel_priority",
    "channels_of",
    "configured_channels",
    "disallowed_packages",
    "mirror_of",
    "net_options",
    "package_places",
    "pinned_packages",
    "repodata",
    "virtual_packages",
    "without_secret",
]

USUAL = ("conda-forge",)


def configured_channels(context: Context) -> tuple[str, ...]:
    """The names of the channels that are asked where a command and a project name none, best first."""
    configuration = context.configuration
    value = configuration.values["conda-channels"]
    if isinstance(value.value, tuple) and value.value:
        from hutch.config.places import absolute

        base = value.base or context.directory
        return tuple(
            absolute(str(name), base) if str(name).startswith((".", "/", "\\")) else str(name)
            for name in value.value
        )
    return configuration.condarc.words("channels") or USUAL


def channel_names(context: Context) -> ChannelNames:
    """How names become channels here."""
    from hutch.conda import ChannelNames
    from hutch.net import default_channel_alias

    configuration = context.configuration
    condarc = configuration.condarc
    alias = configuration.conda_channel_alias or condarc.text("channel_alias") or default_channel_alias()
    mirrors: dict[str, tuple[str, ...]] = dict(condarc.table("mirrored_channels"))
    for word in configuration.conda_mirrors:
        name, mark, url = word.partition("=")
        if mark and name and url:
            mirrors[name] = (*mirrors.get(name, ()), url)
    return ChannelNames(
        alias=alias,
        defaults=condarc.words("default_channels"),
        custom=condarc.table("custom_channels"),
        groups=condarc.table("custom_multichannels"),
        mirrors=mirrors,
        allowed=condarc.words("allowlist_channels"),
        denied=condarc.words("denylist_channels"),
        folder=context.directory,
        home=context.environ.get("HOME") or context.environ.get("USERPROFILE"),
    )


def channels_of(context: Context, names: Iterable[str] = ()) -> tuple[Channel, ...]:
    """The channels of these names, best first; those that are configured, if there is none among them.

    Users and passwords in addresses are told to their hosts, and are in no `Channel`. Raises `Problem`.
    """
    _learn(context)
    channels, secrets = channel_names(context).channels(tuple(names) or configured_channels(context))
    _hear_condarc(context, channels)
    _tell(context, secrets)
    known = _known(context)
    # Who has told a token for a channel once has told it for the whole command.
    channels = tuple(
        each if each.mirrors else replace(each, mirrors=_told(known, each.url)) for each in channels
    )
    known.update({channel.url: channel.places for channel in channels})
    return channels


def _learn(context: Context) -> None:
    """Remember the tokens that the user has for channels: a project names these without."""
    if context.__dict__.setdefault("knows_condarc", False):
        return
    context.__dict__["knows_condarc"] = True
    from hutch.errors import Problem

    condarc = context.configuration.condarc
    groups = [name for each in condarc.table("custom_multichannels").values() for name in each]
    said = [*condarc.words("channels"), *condarc.words("default_channels"), *groups]
    words = [name for name in (*said, *condarc.table("custom_channels")) if name != "defaults"]
    secret = [name for name in words if "://" not in name or "/t/" in name or "@" in name]
    names = channel_names(context)
    for name in secret:
        try:
            channels, secrets = names.channels([name])
        except Problem:
            continue  # it is told where it is asked
        _tell(context, secrets)
        for channel in channels:
            if channel.mirrors and any("/t/" in place for place in channel.mirrors):
                _known(context).setdefault(channel.url, channel.places)


def _tell(context: Context, secrets: Iterable[tuple[str, str]]) -> None:
    """Let the client know users and passwords, each for its host."""
    from hutch.net import index_credential

    for name, url in secrets:
        credential = index_credential(name, url, {}, "the channel's address")
        if credential is not None:
            context.client.add_credential(credential)


def _told(known: dict[str, tuple[str, ...]], url: str) -> tuple[str, ...]:
    return places if (places := known.get(url, (url,))) != (url,) else ()


def without_secret(context: Context, spec: str) -> str:
    """A MatchSpec, or the address of a package, without the password or the token in its channel's address,
    which is told to that host."""
    channel, mark, rest = spec.rpartition("::")
    if not mark and spec.startswith(("http://", "https://")):
        head, mark, filename = spec.partition("#")[0].rpartition("/")
        channel, _, subdir = head.rpartition("/")
        rest = f"{subdir}/{filename}{spec[len(head) + 1 + len(filename) :]}"
    if not mark or "://" not in channel:
        return spec
    from hutch.conda import bare_channel

    bare, token = bare_channel(channel)
    if not token and "@" not in channel.partition("://")[2].partition("/")[0]:
        return spec
    channels_of(context, (channel,))
    return f"{bare}::{rest}" if "::" in spec else f"{bare}/{rest}"


def channel_priority(context: Context) -> str:
    """``strict``, ``flexible`` or ``disabled``."""
    said = context.configuration.conda_channel_priority
    if said is not None:
        return said
    word = (context.configuration.condarc.text("channel_priority") or "strict").lower()
    return {"true": "flexible", "false": "disabled"}.get(word, word)


def pinned_packages(context: Context, prefix: str | os.PathLike[str] | None = None) -> tuple[str, ...]:
    """MatchSpecs that hold for every change: `pinned_packages`, and ``conda-meta/pinned`` of a prefix."""
    found = list(context.configuration.condarc.words("pinned_packages"))
    if prefix is not None:
        try:
            path = os.path.join(prefix, "conda-meta", "pinned")
            with open(path, encoding="utf-8", errors="replace") as file:
                lines = [line.partition("#")[0].strip() for line in file]
        except OSError:
            lines = []
        found += [line for line in lines if line]
    return tuple(dict.fromkeys(found))


def disallowed_packages(context: Context) -> tuple[CondaSpec, ...]:
    """MatchSpecs of what may not be installed here: `disallowed_packages`, a company's word."""
    from hutch.spec import parse_conda_spec

    return tuple(
        parse_conda_spec(word) for word in context.configuration.condarc.words("disallowed_packages")
    )


def virtual_packages(
    context: Context, subdir: str, said: Mapping[str, str] | None = None, *, anywhere: bool = False
) -> tuple[CondaRecord, ...]:
    """What a platform has that no channel gives; ``said`` is what a project asks of it. With ``anywhere``
    this machine does not count."""
    from hutch.conda import virtual_packages as find

    return find(subdir, context.environ, said, anywhere=anywhere)


def repodata(context: Context, channels: Sequence[Channel], subdirs: Sequence[str]) -> Repodata:
    """What channels have for some subdirs."""
    from hutch.conda import Repodata

    configuration = context.configuration
    offline = configuration.offline or _conda_is_offline(context)
    return Repodata(
        channels,
        subdirs,
        context.store.tables,
        context.client,
        refresh=configuration.refresh,
        offline=offline,
    )


def told_of_plugins(context: Context, problem: ChannelRefused) -> ChannelRefused:
    """A refusal by a channel, with the login that a plugin of conda would have had for it."""
    for channel, login in context.configuration.condarc.table("channel_settings").items():
        name = channel.rstrip("/*").rpartition("/")[2]
        if name and name in (problem.channel.rstrip("/").rpartition("/")[2], problem.channel):
            text = f"channel_settings of .condarc name {login} for it, a plugin of conda's, which hutch lacks"
            problem.why = (*problem.why, text)
    return problem


def package_places(context: Context, record: CondaRecord) -> tuple[str, ...]:
    """Where the file of a record is fetched, one place after the other.

    Of a channel that this command has asked its mirrors (an address with a token is one); of one that only a
    lock knows those that are configured for it.
    """
    known = _known(context)
    if record.channel not in known:
        known[record.channel] = _places(context, record.channel)
    if record.base:
        # Where the channel says that its packages are: below it, as its mirrors have it, or elsewhere.
        below = record.base.removeprefix(f"{record.channel}/")
        places = (
            [record.base] if below == record.base else [f"{each}/{below}" for each in known[record.channel]]
        )
        return tuple(f"{place}/{record.filename}" for place in places)
    return tuple(f"{place}/{record.subdir}/{record.filename}" for place in known[record.channel])


def mirror_of(context: Context, record: CondaRecord, url: str) -> str:
    """What the mirror is called that a file of ``record`` is fetched from."""
    from hutch.conda.subdir import SECRET

    places = _known(context).get(record.channel, ())
    return next((SECRET.sub("/t/****", place) for place in places if url.startswith(f"{place}/")), "")


def _known(context: Context) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = context.__dict__.setdefault("conda_places", {})
    return found


def _places(context: Context, url: str) -> tuple[str, ...]:
    if url.startswith("file:"):
        return (url,)
    from hutch.errors import Problem

    try:
        channels_of(context)  # a token, or a password, may stand in what is configured
    except Problem:
        pass
    if url in (known := _known(context)):
        return known[url]
    channels, _ = channel_names(context).channels([url])
    _hear_condarc(context, channels)
    return channels[0].places if channels else (url,)


# -- conda's words about the network ------------------------------------------------------------------


def _conda_is_offline(context: Context) -> bool:
    unsaid = context.configuration.origin("offline").rung == "default"
    return unsaid and bool(context.configuration.condarc.switch("offline"))


def _hear_condarc(context: Context, channels: Sequence[Channel]) -> None:
    """Reach the network as ``.condarc`` says, in what hutch's own settings and pip's leave open."""
    heard = net_options(context, channels)
    if heard == context.configuration.net or context.__dict__.get("hears_condarc"):
        return
    from hutch.net import open_client

    if "client" in context.__dict__ and "indexes" not in context.__dict__:
        context.client.close()
    context.client = open_client(heard, context.emit)
    context.__dict__["hears_condarc"] = True


def net_options(context: Context, channels: Sequence[Channel]) -> NetOptions:
    """How the network is used for channels."""
    configuration = context.configuration
    options = configuration.net
    condarc = configuration.condarc
    home = context.environ.get("HOME") or context.environ.get("USERPROFILE") or ""

    def path(text: str) -> str:
        return home + text[1:] if text.startswith("~/") and home else text

    proxies = condarc.table("proxy_servers")
    if proxies and options.proxy is None and not options.proxies:
        pairs = [(key, str(url)) for key, url in proxies.items() if url and key in ("http", "https", "all")]
        options = replace(options, proxies=tuple(pairs))
    verify = condarc.text("ssl_verify")
    if verify is not None:
        if condarc.switch("ssl_verify") is False:
            # That is about channels: nobody else's certificate is doubted less.
            from hutch.net import parse_url

            hosts = [
                parse_url(place).netloc
                for channel in channels
                for place in channel.places
                if place.startswith("https://")
            ]
            options = replace(options, trusted_hosts=tuple(dict.fromkeys((*options.trusted_hosts, *hosts))))
        elif (
            condarc.switch("ssl_verify") is None and verify.lower() != "truststore" and not options.ca_bundle
        ):
            options = replace(options, ca_bundle=path(verify))
    certificate = condarc.text("client_ssl_cert")
    if certificate and options.client_cert is None:
        options = replace(options, client_cert=path(certificate))
    read, connect, again = (
        _number(condarc.text(key)) if configuration.origin(setting).rung == "default" else None
        for setting, key in (
            ("timeout", "remote_read_timeout_secs"),
            ("connect-timeout", "remote_connect_timeout_secs"),
            ("retries", "remote_max_retries"),
        )
    )
    if read is not None:
        options = replace(options, timeout=max(1.0, read))
    if connect is not None:
        options = replace(options, connect_timeout=max(1.0, connect))
    if again is not None:
        options = replace(options, retries=min(int(again), 20))
    if _conda_is_offline(context):
        options = replace(options, offline=True)
    return options


def _number(text: str | None) -> float | None:
    """A number of conda's configuration; None where it is none."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < 1e6 else None
