"""A lock whose project asks for the same in other words: bounds that were written after the solve."""

from __future__ import annotations

from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.lock import CondaEdge, CondaLock
    from hutch.project import Manifest

__all__ = ["reworded"]


def reworded(part: CondaLock, before: Manifest, after: Manifest) -> CondaLock:
    """``part``, which was solved for ``before``, as it is for ``after``: its roots and edges quote the
    manifest."""
    old, new = before.settings.conda, after.settings.conda
    specs: dict[tuple[str, str], str] = {}
    if old is not None and new is not None and len(old.dependencies) == len(new.dependencies):
        for was, now in zip(old.dependencies, new.dependencies, strict=True):
            if was.name == now.name and was.where == now.where:
                specs[was.where, was.spec] = now.spec
    roots = tuple(replace(root, spec=specs.get((root.where, root.spec), root.spec)) for root in part.roots)
    names = _distributions(part)
    edges = tuple(_reworded_edge(edge, names.get(edge.conda, ()), after) for edge in part.edges)
    return replace(part, roots=roots, edges=edges)


def _distributions(part: CondaLock) -> dict[str, tuple[str, ...]]:
    from hutch.lock import distributions_of

    return {each.record.name: distributions_of(each.record) for each in part.packages}


def _reworded_edge(edge: CondaEdge, names: tuple[str, ...], after: Manifest) -> CondaEdge:
    from hutch.spec import render_specifiers

    declared = after.requirements().get(edge.where, ()) if edge.where else ()
    asked = [one.requirement for one in declared if one.requirement.name in names]
    return replace(edge, asks=render_specifiers(asked[0].specifiers)) if len(asked) == 1 else edge
