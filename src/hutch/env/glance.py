"""A cheap look at whether what is installed is still there: names at the top, not every file.

It finds a package directory or a command that somebody has deleted; `verify` finds the rest.
"""

from __future__ import annotations

import os

from hutch.env.records import LINKED_RECORD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.env.environment import Environment
    from hutch.env.installed import Installed
    from hutch.spec import NormalizedName

__all__ = ["find_gutted"]


def find_gutted(
    environment: Environment, installed: Mapping[NormalizedName, Installed]
) -> frozenset[NormalizedName]:
    """Those of ``installed`` of which a directory, a module or a command is gone."""
    root = environment.root
    listings: dict[str, frozenset[str]] = {}

    def is_there(directory: str, name: str) -> bool:
        known = listings.get(directory)
        if known is None:
            try:
                known = frozenset(os.listdir(directory))
            except OSError:
                known = frozenset()
            listings[directory] = known
        # A file system may spell a name in its own way.
        return name in known or os.path.lexists(os.path.join(directory, name))

    gutted = []
    for name, one in installed.items():
        if one.kind != "dist-info" or not one.complete:
            continue
        site = os.path.join(root, one.dist_info.rpartition("/")[0])
        if one.linked:
            from hutch.env.planted import lost_links

            if lost_links(root, one.dist_info):
                gutted.append(name)
                continue
        record = LINKED_RECORD if one.linked else "RECORD"
        tops, elsewhere = _tops(os.path.join(root, one.dist_info, record))
        if not all(is_there(site, top) for top in tops) or not all(
            is_there(os.path.normpath(os.path.join(site, directory)), file) for directory, file in elsewhere
        ):
            gutted.append(name)
    return frozenset(gutted)


def _tops(record: str) -> tuple[set[str], set[tuple[str, str]]]:
    """The first components of the paths of a RECORD, and (directory, name) of what leads out of it."""
    try:
        with open(record, "rb") as file:
            lines = file.read().decode("utf-8", "surrogateescape").split("\n")
    except OSError:
        return set(), set()
    tops: set[str] = set()
    elsewhere: set[tuple[str, str]] = set()
    for line in lines:
        top = line.partition("/")[0]
        if top == "..":
            directory, _, name = line.partition(",")[0].rpartition("/")
            elsewhere.add((directory, name))
        elif top and top[0] not in '"/~' and "\\" not in top:
            tops.add(top.partition(",")[0])
    tops.discard("__pycache__")
    return tops, elsewhere
