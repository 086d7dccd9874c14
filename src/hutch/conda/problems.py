"""What can be wrong with a channel."""

from __future__ import annotations

from hutch.errors import NetworkProblem, Problem

__all__ = ["InvalidRepodata", "NoChannelAlias", "NoMessagePack", "NoSuchChannel", "RefusedChannel"]


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
        super().__init__(
            f"the channel sent something that is no repodata: {url}",
            why=reason,
            hint="try again later, or ask another mirror of the channel",
        )


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
