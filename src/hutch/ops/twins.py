"""Targets that no marker can tell apart: musl beside glibc, a free-threaded Python beside the usual one.

A lock gives them the same versions (``spec.Targets.twins``). Where that has no solution, those of them
that are only wished for go, so that they cost the others nothing.
"""

from __future__ import annotations

from hutch.events import Dropped
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context
    from hutch.ops.resolve import Request

__all__ = ["TwinsPart", "raise_twins"]


class TwinsPart(Exception):
    """Some targets have no solution together with their twins, and can be left out.

    Not a problem of anybody's: the driver catches it. ``pairs`` are (the target to leave out, its twin), as
    places in the base of the request's targets.
    """

    def __init__(self, pairs: tuple[tuple[int, int], ...]) -> None:
        self.pairs = pairs

    def without(self, context: Context, request: Request) -> Request:
        """The request without these targets, which is told."""
        base = request.targets.base
        gone, told = 0, list(request.left_out)
        for place, twin in self.pairs:
            gone |= 1 << place
            name, other = base.targets[place].name, base.targets[twin].name
            reason = f"markers cannot tell it from {other}, and no versions serve both"
            told.append((name, reason))
            context.emit(Dropped(name, reason))
        kept = base.everything & ~gone
        demanded = request.targets.folded(request.demanded)
        mask, at = 0, 0
        for place in range(len(base)):
            if kept >> place & 1:
                mask |= (demanded >> place & 1) << at
                at += 1
        targets = base.subset(kept)
        if worlds := request.targets.worlds:
            targets = targets.apart(worlds)
            mask = targets.unfolded(mask)
        return replace(request, targets=targets, demanded=mask, left_out=tuple(told))


def raise_twins(mask: int, request: Request) -> None:
    """``TwinsPart`` where a failure on ``mask`` may be due to twins of which one is only wished for."""
    targets = request.targets
    failed, demanded = targets.folded(mask & targets.everything), targets.folded(request.demanded)
    pairs: list[tuple[int, int]] = []
    for twins in targets.twins():
        if not twins & failed:
            continue
        wanted = twins & demanded or twins & -twins
        first = (wanted & -wanted).bit_length() - 1
        gone = twins & ~wanted
        pairs += [(place, first) for place in range(gone.bit_length()) if gone >> place & 1]
    if pairs:
        raise TwinsPart(tuple(pairs))
