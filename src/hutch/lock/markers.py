"""Markers of lock entries: made from where a package is reached, and narrowed to a choice.

Spec: PEP 751's ``extras`` and ``dependency_groups`` in markers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.spec import Marker

__all__ = ["assuming", "reach_marker"]


def reach_marker(reach: Mapping[str, int], render: Callable[[int], str | None]) -> str | None:
    """The marker of an entry that is reached from each origin in ``reach`` on a mask of targets.

    Origins are ``project``, ``extra:NAME`` and ``group:NAME``; ``render`` turns a mask into a marker
    text, None for "everywhere" (``spec.Targets.render``). The result holds in a target with a choice
    of extras and groups exactly if one of the chosen origins reaches the entry there. None: always.
    """
    from hutch.spec import or_, parse_marker, render_marker

    always = reach.get("project", 0)
    terms: list[Marker | None] = []
    if always:
        everywhere = render(always)
        if everywhere is None:
            return None
        terms.append(parse_marker(everywhere))
    by_mask: dict[int, list[str]] = {}
    for where in sorted(reach):
        # What the project reaches anyway adds nothing for an extra or a group.
        if where != "project" and reach[where] & ~always:
            by_mask.setdefault(reach[where], []).append(where)
    # Groups first, then by name: any fixed order makes the text stable.
    for mask, wheres in sorted(by_mask.items(), key=lambda item: item[1]):
        terms.append(_limited(wheres, _shorter(mask, always, render)))
    return render_marker(joined) if (joined := or_(*terms)) is not None else None


def _shorter(mask: int, always: int, render: Callable[[int], str | None]) -> str | None:
    """A marker for ``mask``; where the project reaches the entry anyway, either answer is right."""
    exact, wider = render(mask), render(mask | always)
    if exact is None or wider is None:
        return None
    return wider if len(wider) < len(exact) else exact


def _limited(wheres: Iterable[str], marker: str | None) -> Marker | None:
    from hutch.spec import and_, or_, parse_marker

    members = or_(*(_membership(where) for where in wheres))
    return and_(parse_marker(marker), members) if marker is not None else members


def _membership(where: str) -> Marker:
    kind, _, name = where.partition(":")
    return ("in", "extras" if kind == "extra" else "dependency_groups", name, "reversed")


def assuming(marker: Marker | None, extras: Collection[str], groups: Collection[str]) -> Marker | None:
    """What is left of ``marker`` once the extras and groups are chosen; ``NEVER`` if nothing can hold."""
    from hutch.spec import NEVER, and_, or_

    if marker is None:
        return None
    kind = marker[0]
    if kind in ("and", "or"):
        parts = [assuming(part, extras, groups) for part in marker[1:]]  # type: ignore[arg-type]
        if kind == "and":
            return and_(*parts)
        return or_(*(part for part in parts if part != NEVER))
    if marker[1] in ("extras", "dependency_groups"):
        chosen = extras if marker[1] == "extras" else groups
        return None if (marker[2] in chosen) is (kind == "in") else NEVER
    return marker
