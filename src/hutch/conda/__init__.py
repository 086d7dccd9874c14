"""Channels of conda: what they have, and what the solver chooses among.

`Repodata` reads the records of a name from folders and servers, as few as are reached; `CondaProvider`
answers the solver from them, in conda's own order (`Sorter`). docs/explanation/conda.md tells how the two
sides, conda and PyPI, become one resolution.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.conda.candidates import KIND, NOT, Candidates, CondaProvider, conda_need, is_condition
    from hutch.conda.channel_names import ChannelNames, bare_channel, is_subdir
    from hutch.conda.mapping import InvalidMapping, parse_mapping
    from hutch.conda.offer import PRIORITIES, Offer
    from hutch.conda.order import Sorter
    from hutch.conda.problems import (
        ChannelRefused,
        InvalidRepodata,
        NoChannelAlias,
        NoSuchChannel,
        RefusedChannel,
    )
    from hutch.conda.repodata import Channel, Repodata
    from hutch.conda.virtual import detect_virtual, subdir_here, usual_virtual, virtual_packages

_HOMES = {
    "KIND": "candidates",
    "NOT": "candidates",
    "is_condition": "candidates",
    "Candidates": "candidates",
    "Channel": "repodata",
    "ChannelNames": "channel_names",
    "CondaProvider": "candidates",
    "InvalidMapping": "mapping",
    "ChannelRefused": "problems",
    "InvalidRepodata": "problems",
    "NoChannelAlias": "problems",
    "NoSuchChannel": "problems",
    "Offer": "offer",
    "PRIORITIES": "offer",
    "RefusedChannel": "problems",
    "Repodata": "repodata",
    "Sorter": "order",
    "bare_channel": "channel_names",
    "conda_need": "candidates",
    "detect_virtual": "virtual",
    "is_subdir": "channel_names",
    "parse_mapping": "mapping",
    "subdir_here": "virtual",
    "usual_virtual": "virtual",
    "virtual_packages": "virtual",
}

__all__ = [
    "KIND",
    "NOT",
    "is_condition",
    "Candidates",
    "Channel",
    "ChannelNames",
    "CondaProvider",
    "InvalidMapping",
    "ChannelRefused",
    "InvalidRepodata",
    "NoChannelAlias",
    "NoSuchChannel",
    "Offer",
    "PRIORITIES",
    "RefusedChannel",
    "Repodata",
    "Sorter",
    "bare_channel",
    "conda_need",
    "detect_virtual",
    "is_subdir",
    "parse_mapping",
    "subdir_here",
    "usual_virtual",
    "virtual_packages",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOMES, __all__)
