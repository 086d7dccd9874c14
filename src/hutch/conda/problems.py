"""What can be wrong with a channel."""

from __future__ import annotations

from hutch.errors import NetworkProblem, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.net import Refusal

__all__ = [
    "ChannelRefused",
    "InvalidRepodata",
    "NoChannelAlias",
    "NoMessagePack",
    "NoSuchChannel",
    "RefusedChannel",
]


A_PAGE = "it is a page of the web"
"""Why something is no repodata that a proxy has sent, or a server that has lost its way."""


class NoSuchChannel(NetworkProblem):
    """A channel has nothing where its repodata should be."""

    code = "no-such-channel"

    def __init__(self, channel: str, subdirs: tuple[str, ...]) -> None:
        super().__init__(
            f"there is no channel at {channel}",
            why=f"it has no repodata for {' or '.join(subdirs)}",
            hint="look at the spelling of the channel",
        )


class InvalidRepodata(NetworkProblem):
    """What a channel sent cannot be read."""

    code = "invalid-repodata"

    def __init__(self, url: str, reason: str) -> None:
        hint = "try again later, or ask another mirror of the channel"
        if "://" not in url:
            hint = "index the folder anew: repodata.json is what says which packages are in it"
        elif reason == A_PAGE:
            hint = "check the channel's address, and whether this network wants a log-in first"
        super().__init__(
            f"the channel sent something that is no repodata: {url}",
            why=reason,
            hint=hint,
        )


class ChannelRefused(NetworkProblem):
    """The server of a channel says no to who asks."""

    code = "channel-refused"

    def __init__(self, *, channel: str, url: str, status: int, token: bool, refusal: Refusal) -> None:
        from hutch.net import about_refusal, parse_url

        address = parse_url(url)
        hints: tuple[str, ...]
        if token:
            why: tuple[str, ...] = ("it did not take the token in the channel's address",)
            hints = ("look whether that token is still good",)
        else:
            why, hints = about_refusal(f"{address.origin}/", "", address.netloc, status, refusal)
            if not refusal.source and not refusal.withheld:
                hints = (*hints, "name the channel by an address with its token, in ~/.condarc")
        self.channel = channel
        super().__init__(f"the channel {channel} ({address.netloc}) answered {status}", why=why, hint=hints)


class NoChannelAlias(Problem):
    """A channel was named, and nobody knows where channels of that name are."""

    code = "no-channel-alias"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"nobody knows where the channel {name} is",
            why="channels by name need `hutch[conda]`, which knows their usual place, or an alias",
            hint="set conda-channel-alias (or channel_alias in ~/.condarc), or give the channel's address",
        )


class RefusedChannel(Problem):
    """A channel that this machine may not use."""

    code = "refused-channel"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"the channel {name} may not be used here",
            why=reason,
            hint="use another channel, or ask whoever configured this machine",
        )


class NoMessagePack(Problem):
    """The library that reads shards is not installed."""

    code = "no-msgpack"

    def __init__(self) -> None:
        super().__init__(
            "what this channel sends cannot be read",
            why="it takes the library msgpack, which is not installed beside hutch",
            hint="install `hutch[conda]`",
        )
