"""What is installed in a conda prefix: packages of both kinds, each under a name of its own."""

from __future__ import annotations

import os

from hutch.env.conda_files import META, is_conda
from hutch.env.installed import Installed, read_installed
from hutch.plain import read_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from hutch.spec import NormalizedName

__all__ = ["PREFIX", "is_prefix", "meta_records", "read_both"]

HISTORY = f"{META}/history"
PREFIX = "conda:"
"""How the key of a conda package begins where distributions have their names."""


def is_prefix(root: str) -> bool:
    """Whether it is an environment of conda's.

    In the middle of a change, which a killed process may have left, it is what it was before: its history is
    moved away for a moment, and one that is being made is none yet.
    """
    present = os.path.isfile(os.path.join(root, HISTORY))
    journal = os.path.join(root, ".hutch", "journal")
    if not os.path.lexists(journal):
        return present
    from hutch.env.generations import parse_record

    try:
        record = parse_record(read_plain(journal))
    except FileNotFoundError:
        return os.path.isfile(os.path.join(root, HISTORY))  # it has just been completed
    except (OSError, ValueError):
        return present
    ways = {HISTORY, META}  # a directory that comes or goes as a whole is told in a word
    return not ways.isdisjoint(record.moves) or (present and ways.isdisjoint(record.fresh))


def meta_records(root: str) -> list[str]:
    """The records of conda packages, as paths in the prefix."""
    try:
        names = os.listdir(os.path.join(root, META))
    except OSError:
        return []
    return [f"{META}/{name}" for name in sorted(names) if is_conda(f"{META}/{name}")]


def read_both(
    root: str, sites: Iterable[str], *, broken: Collection[str] = frozenset()
) -> dict[NormalizedName, Installed]:
    """What is installed in a prefix: conda packages by ``conda:NAME``, distributions that are not conda's by
    their names."""
    from hutch.spec import NormalizedName

    found: dict[NormalizedName, Installed] = {}
    text: list[bytes] = []
    for where in meta_records(root):
        parts = where[len(META) + 1 : -len(".json")].rsplit("-", 2)
        if len(parts) != 3:
            continue
        name, version, build = parts
        try:
            content = read_plain(os.path.join(root, where), 256 << 20)
        except (OSError, ValueError):
            content = b""
        text.append(content)
        key = NormalizedName(PREFIX + name)
        one = Installed(
            name=key,
            version=f"{version} {build}",
            dist_info=where,
            kind="conda",
            installer="conda",
            complete=content[:1] == b"{" and content[-9:].rstrip()[-1:] == b"}" and key not in broken,
            record_size=len(content),
        )
        found[key] = one
    owned = b"\n".join(text)

    def is_of_conda(one: Installed) -> bool:
        """Whether a record of conda's has its METADATA. Files are looked for as text: to parse the records of
        300 packages takes a hundred times as long."""
        if one.kind == "dist-info":
            return f'"{one.dist_info}/METADATA"'.encode() in owned
        return one.dist_info.encode() in owned

    # One by one, before those of one name are taken together: pip may have put another beside conda's.
    found |= read_installed(root, [site for site in sites if site], broken=broken, without=is_of_conda)
    return dict(sorted(found.items()))
