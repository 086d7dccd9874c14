"""What can be wrong with a channel."""

from __future__ import annotations

from hutch.errors import NetworkProblem

__all__ = ["InvalidRepodata", "NoSuchChannel"]


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
