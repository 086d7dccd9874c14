"""What a project asks for, as the edges that a lock begins with."""

from __future__ import annotations

from hutch.lock.model import RootEdge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project import Manifest

__all__ = ["groups_and_extras", "roots_of"]


def roots_of(manifest: Manifest) -> tuple[RootEdge, ...]:
    """An edge for each requirement of the project, its extras and its groups, with its marker as text.

    The specifiers are not in them: a lock that is not stale has versions that satisfy them.
    """
    from hutch.spec import render_marker

    return tuple(
        RootEdge(
            name=one.requirement.name,
            extras=one.requirement.extras,
            marker=render_marker(one.requirement.marker) if one.requirement.marker is not None else None,
            where=where,
        )
        for where, found in manifest.requirements().items()
        for one in found
    )


def groups_and_extras(manifest: Manifest) -> dict[str, Any]:
    """The fields of a lock that say what may be chosen."""
    return {
        "extras": tuple(sorted(manifest.optional_dependencies)),
        "dependency_groups": tuple(sorted(manifest.groups)),
        "default_groups": tuple(sorted(manifest.default_groups)),
    }
