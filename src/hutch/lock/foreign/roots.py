"""What a project asks for, as the edges that a lock begins with."""

from __future__ import annotations

from hutch.lock.model import RootEdge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from hutch.project import Manifest
    from hutch.spec import Requirement

__all__ = ["expanded_requirements", "groups_and_extras", "roots_of"]


def roots_of(manifest: Manifest) -> tuple[RootEdge, ...]:
    """An edge for each requirement of the project, its extras and its groups, with its marker as text.

    The specifiers are not in them: a lock that is not stale has versions that satisfy them.
    """
    from hutch.spec import render_marker

    return tuple(
        RootEdge(
            name=one.name,
            extras=one.extras,
            marker=render_marker(one.marker) if one.marker is not None else None,
            where=where,
        )
        for where, one in expanded_requirements(manifest)
    )


def expanded_requirements(manifest: Manifest) -> Iterator[tuple[str, Requirement]]:
    """What the project asks for, and where; a project that asks for extras of its own has what is in them."""
    from hutch.spec import and_, normalize
    from hutch.values import replace

    own = normalize(manifest.name) if manifest.name else None

    def expanded(one: Requirement, above: frozenset[str]) -> Iterator[Requirement]:
        if one.name != own or one.url is not None:
            yield one
            return
        for extra in one.extras:
            inner = manifest.optional_dependencies.get(normalize(extra), ()) if extra not in above else ()
            for each in inner:
                for found in expanded(each.requirement, above | {extra}):
                    yield replace(found, marker=and_(one.marker, found.marker))

    for where, listed in manifest.requirements().items():
        kind, _, name = where.partition(":")
        here = frozenset({name}) if kind == "extra" else frozenset[str]()
        for declared in listed:
            for one in expanded(declared.requirement, here):
                yield where, one


def groups_and_extras(manifest: Manifest) -> dict[str, Any]:
    """The fields of a lock that say what may be chosen."""
    return {
        "extras": tuple(sorted(manifest.optional_dependencies)),
        "dependency_groups": tuple(sorted(manifest.groups)),
        "default_groups": tuple(sorted(manifest.default_groups)),
    }
