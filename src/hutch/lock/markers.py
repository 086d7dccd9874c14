"""Markers of lock entries: made from where a package is reached, and narrowed to a choice.

Spec: PEP 751's ``extras`` and ``dependency_groups`` in markers.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from hutch.spec import Marker

__all__ = ["apart_marker", "assuming", "reach_marker"]


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


def apart_marker(
    reach: Mapping[str, tuple[int, ...]],
    worlds: tuple[frozenset[str], ...],
    render: Callable[[int], str | None],
    others: tuple[int, ...] = (),
    is_allowed: Callable[[frozenset[str]], bool] = lambda world: False,
) -> str | None:
    """As ``reach_marker``, where extras and groups exclude each other.

    ``worlds`` are the choices among those that do, and ``reach`` has one mask for each of them. A choice
    that no world allows does not matter, so ``'cpu' in extras`` need not say that ``cu121`` is not.

    Where not all choices are worlds, what is known of some has to do for the rest: ``others`` is where a
    lower version of the package is there. If a choice needs that, this choice and more most likely does
    too (if it ``is_allowed``), so the marker does not hold there.
    """
    from hutch.spec import or_, parse_marker, render_marker

    known = frozenset(worlds)

    always = reach.get("project", (0,) * len(worlds))
    terms: dict[tuple[Marker | None, int], list[str]] = {}
    for where in sorted(reach, key=lambda where: (where != "project", where)):
        masks = reach[where]
        chosen = any(where in world for world in worlds)
        care = [place for place, world in enumerate(worlds) if not chosen or where in world]
        # Where the project reaches the entry anyway, either answer is right.
        free = [p for p in care if where != "project" and not masks[p] & ~always[p]]
        for mask in sorted({masks[place] for place in care if place not in free} - {0}):
            inside = [place for place in care if masks[place] == mask and place not in free]
            outside = [worlds[place] for place in care if mask & ~(masks[place] | always[place])]
            if chosen:
                elsewhere = (worlds[place] | {where} for place, mine in enumerate(others) if mine & mask)
                outside += (more for more in elsewhere if more not in known and is_allowed(more))
            for world_marker in _cubes(worlds, inside, outside):
                terms.setdefault((world_marker, mask), []).append(where)
    found: list[Marker | None] = []
    for (world_marker, mask), wheres in terms.items():
        text = render(mask)
        marker = parse_marker(text) if text is not None else None
        found.append(_all_of(marker, None if "project" in wheres else wheres, world_marker))
    joined = or_(*found)
    return render_marker(joined) if joined is not None else None


def _all_of(marker: Marker | None, wheres: list[str] | None, world: Marker | None) -> Marker | None:
    from hutch.spec import and_, or_

    members = or_(*(_membership(where) for where in wheres)) if wheres is not None else None
    return and_(marker, members, world)


def _cubes(
    worlds: tuple[frozenset[str], ...], inside: list[int], outside: list[frozenset[str]]
) -> list[Marker | None]:
    """Conjunctions that hold in all worlds of ``inside`` and in none of ``outside``, as short as can be."""
    from hutch.spec import and_

    axes = sorted(frozenset().union(*worlds))
    left, found = list(inside), []
    while left:
        cube = {axis: axis in worlds[left[0]] for axis in axes}
        # What is not chosen is left out first: a choice says more than what it excludes.
        for axis in sorted(axes, key=lambda axis: (cube[axis], axis)):
            less = {key: value for key, value in cube.items() if key != axis}
            if not any(_holds(less, world) for world in outside):
                cube = less
        left = [place for place in left if not _holds(cube, worlds[place])]
        found.append(
            and_(*(_membership(axis) if there else _absence(axis) for axis, there in sorted(cube.items())))
            if cube
            else None
        )
    return found


def _holds(cube: Mapping[str, bool], world: frozenset[str]) -> bool:
    return all((axis in world) is there for axis, there in cube.items())


def _absence(where: str) -> Marker:
    return ("not in", *_membership(where)[1:])


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
