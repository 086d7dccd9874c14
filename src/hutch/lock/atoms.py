"""What markers are made of, for those who judge a lock: not for those who make one."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.spec import Marker

__all__ = ["gather_atoms"]


def gather_atoms(marker: Marker | None, atoms: dict[Marker, None]) -> None:
    """The comparisons of a marker with what a target is; those about extras are no target's business."""
    if marker is None:
        return
    if marker[0] in ("and", "or"):
        for part in marker[1:]:
            gather_atoms(part, atoms)  # type: ignore[arg-type]
    elif marker[1] not in ("extra", "extras", "dependency_groups"):
        atoms[marker] = None
