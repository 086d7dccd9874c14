"""What is installed already: whether it is enough, and what of it came from elsewhere than an index."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hutch.env import Installed
    from hutch.ops.resolve import Root
    from hutch.provide import Direct
    from hutch.spec import CoreMetadata, NormalizedName, Requirement

__all__ = ["is_satisfied", "kept_sources", "metadata_of"]


def is_satisfied(
    root: str,
    installed: Mapping[NormalizedName, Installed],
    roots: Iterable[Root],
    environment: Mapping[str, str],
    *,
    deps: bool = True,
) -> bool:
    """Does what is installed meet all of ``roots``, and (with ``deps``) all that it needs itself?

    Then nothing has to be asked of any index. A distribution that cannot be read is not enough.
    """
    from hutch.spec import admits, evaluate

    limits: dict[str, list[Requirement]] = {}
    todo: list[Requirement] = []
    for one in roots:
        if one.requirement.marker is not None and not evaluate(one.requirement.marker, environment):
            continue
        if one.constraint:
            limits.setdefault(one.requirement.name, []).append(one.requirement)
        else:
            todo.append(one.requirement)
    seen: set[tuple[str, tuple[str, ...], object]] = set()
    known: dict[str, CoreMetadata | None] = {}
    while todo:
        requirement = todo.pop()
        name = requirement.name
        key = (name, requirement.extras, requirement.specifiers)
        if key in seen:
            continue
        seen.add(key)
        present = installed.get(name)
        if present is None or requirement.url is not None or not present.complete:
            return False
        asked = (requirement, *limits.get(name, ()))
        if not all(admits(each.specifiers, present.version) for each in asked if each.specifiers):
            return False
        if not deps:
            continue
        if name not in known:
            known[name] = metadata_of(root, present)
        metadata = known[name]
        if metadata is None:
            return False
        for below in metadata.requirements:
            if below.marker is None or _holds(below, requirement.extras, environment):
                todo.append(below)
    return True


def _holds(requirement: Requirement, extras: tuple[str, ...], environment: Mapping[str, str]) -> bool:
    from hutch.spec import evaluate

    assert requirement.marker is not None
    return evaluate(requirement.marker, environment, frozenset(extras))


def kept_sources(root: str, installed: Mapping[NormalizedName, Installed]) -> dict[str, Direct]:
    """Distributions that came from a directory, a repository or a file: no index has what they are."""
    from hutch.lock import LockedDirectory, LockedPackage
    from hutch.provide import Direct
    from hutch.spec import normalize

    found: dict[str, Direct] = {}
    for name, one in installed.items():
        if one.url is None or one.kind != "dist-info":
            continue
        metadata = metadata_of(root, one)
        if metadata is not None:
            entry = LockedPackage(name=normalize(name), directory=LockedDirectory(path=one.url))
            found[name] = Direct(metadata=metadata, entry=entry)
    return found


def metadata_of(root: str, one: Installed) -> CoreMetadata | None:
    """What a distribution says of itself; None if that cannot be read."""
    from hutch.errors import Problem
    from hutch.spec import parse_metadata

    try:
        with open(os.path.join(root, one.dist_info, "METADATA"), "rb") as file:
            return parse_metadata(file.read())
    except (OSError, Problem):
        return None
