"""Channels of conda: what they have, and what the solver chooses among.

`Repodata` reads the records of a name from folders and servers, as few as are reached; `CondaProvider`
answers the solver from them, in conda's own order (`Sorter`). docs/explanation/conda.md tells how the two
sides, conda and PyPI, become one resolution.
"""

from __future__ import annotations

from hutch.doors import lazy_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.conda.candidates import KIND, Candidates, CondaProvider, conda_need
    from hutch.conda.offer import PRIORITIES, Offer
    from hutch.conda.order import Sorter
    from hutch.conda.problems import InvalidRepodata, NoSuchChannel
    from hutch.conda.repodata import Channel, Repodata

_HOMES = {
    "KIND": "candidates",
    "Candidates": "candidates",
    "Channel": "repodata",
    "CondaProvider": "candidates",
    "InvalidRepodata": "problems",
    "NoSuchChannel": "problems",
    "Offer": "offer",
    "PRIORITIES": "offer",
    "Repodata": "repodata",
    "Sorter": "order",
    "conda_need": "candidates",
}

__all__ = [
    "KIND",
    "Candidates",
    "Channel",
    "CondaProvider",
    "InvalidRepodata",
    "NoSuchChannel",
    "Offer",
    "PRIORITIES",
    "Repodata",
    "Sorter",
    "conda_need",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_door(__name__, _HOMES, __all__)
