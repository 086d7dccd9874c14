"""The judge of archives, for source distributions: what it refuses is an InvalidSdist."""

from __future__ import annotations

from hutch.build.problems import InvalidSdist
from hutch.store import TreeLimits as Limits
from hutch.store import TreeWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Limits", "sdist_writer"]


def sdist_writer(archive: Path, into: Path, limits: Limits) -> TreeWriter:
    """Writes the members of ``archive`` below ``into``; after an InvalidSdist its caller clears up."""
    return TreeWriter(archive.name, into, limits, _refused, packed=archive.stat().st_size)


def _refused(archive: str, reason: str, member: str, too_much: bool) -> InvalidSdist:
    return InvalidSdist(archive, reason, member=member, too_much=too_much)
