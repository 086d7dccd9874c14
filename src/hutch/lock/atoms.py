"""What markers are made of, for those who judge a lock: not for those who make one."""

from __future__ import annotations

from hutch.spec import evaluate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.spec import Marker

__all__ = ["any_of_these", "gather_atoms", "rest_of"]


def gather_atoms(marker: Marker | None, atoms: dict[Marker, None]) -> None:
    """The comparisons of a marker with what a target is; those about extras are no target's business."""
    if marker is None:
        return
    if marker[0] in ("and", "or"):
        for part in marker[1:]:
            gather_atoms(part, atoms)  # type: ignore[arg-type]
    elif marker[1] not in ("extra", "extras", "dependency_groups"):
        atoms[marker] = None


def rest_of(marker: Marker | None, environment: Mapping[str, str]) -> Marker | bool:
    """The marker once the target is known: what it says of extras and groups, or nothing but yes or no."""
    if marker is None:
        return True
    kind = marker[0]
    if kind not in ("and", "or"):
        return marker if marker[1] in ("extras", "dependency_groups") else evaluate(marker, environment)
    parts: list[Marker] = []
    for part in marker[1:]:
        rest = rest_of(part, environment)  # type: ignore[arg-type]
        if rest is (kind == "or"):
            return rest
        if not isinstance(rest, bool):
            parts.append(rest)
    if not parts:
        return kind == "and"
    return parts[0] if len(parts) == 1 else (kind, *parts)


def any_of_these(marker: Marker) -> frozenset[str] | None:
    """The extras and groups any one of which makes the marker true; None where it is not as simple."""
    found = set()
    parts = [marker]
    while parts:
        part = parts.pop()
        if part[0] == "or":
            parts += part[1:]  # type: ignore[arg-type]
            continue
        if part[0] != "in" or part[1] not in ("extras", "dependency_groups"):
            return None
        found.add(f"{'extra' if part[1] == 'extras' else 'group'}:{part[2]}")
    return frozenset(found)
