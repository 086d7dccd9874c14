"""What a request asks of the solver: the needs of its roots; its targets, cut where something cuts them."""

from __future__ import annotations

from hutch.provide import needs_of_requirement
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.ops.resolve import Request, Root
    from hutch.solve import Need
    from hutch.spec import Targets

__all__ = ["cut", "direct_masks", "is_part", "needs_of"]


def needs_of(root: Root, targets: Targets) -> Iterable[Need]:
    """What a requirement of the project asks of the solver."""
    here = targets.where_mask(root.where)
    for need in needs_of_requirement(root.limited, targets, origin=root):
        if here != targets.everything:
            need = replace(need, mask=need.mask & here)
        if need.mask:
            yield replace(need, constraint=True) if root.constraint else need


def cut(request: Request) -> Request:
    """The request with its targets split where something was met that cuts through them."""
    demanded = request.targets.in_mask(request.demanded)
    targets = request.targets.with_cuts(request.targets.cuts)
    mask = sum(
        1 << i
        for i, target in enumerate(targets.targets)
        if any(is_part(target, whole) for whole in demanded)
    )
    return replace(request, targets=targets, demanded=mask)


def is_part(target: object, whole: object) -> bool:
    """Is ``target`` of the same kind as ``whole``, be it a slice of it?"""
    return all(
        getattr(target, name) == getattr(whole, name)
        for name in ("implementation", "python", "platform", "free_threaded")
    )


def direct_masks(request: Request) -> dict[str, int]:
    """Where each package is asked for by the project itself."""
    targets = request.targets
    found: dict[str, int] = {}
    for root in request.roots:
        if not root.constraint:
            name = root.requirement.name
            mask = targets.marker_mask(root.limited.marker, "") & targets.where_mask(root.where)
            found[name] = found.get(name, 0) | mask
    return found
