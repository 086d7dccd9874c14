"""Solves the clusters of a project one after another: each keeps what the lock has for it, and rather takes
what the ones before it have chosen.
"""

from __future__ import annotations

from hutch.events import Notice
from hutch.ops.conda_merging import merged_lock, worlds_in
from hutch.ops.conda_problems import CondaConflict, NoPythonForWheels
from hutch.ops.conda_worlds import clusters_of, held_apart
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from typing import TypeAlias

    from hutch.lock import Lock
    from hutch.ops.conda_question import CondaResolution
    from hutch.ops.conda_worlds import Cluster
    from hutch.ops.context import Context
    from hutch.project import CondaPlatform, Manifest

    Preferred: TypeAlias = Mapping[str, tuple[str, ...]]
    # Solves a cluster; None is the whole project as one.
    Solve: TypeAlias = Callable[[Cluster | None, Preferred], CondaResolution]
    Solved: TypeAlias = tuple[tuple[Cluster, CondaResolution], ...]

__all__ = ["lock_of", "solve_clusters"]


def solve_clusters(
    context: Context,
    manifest: Manifest,
    platforms: tuple[CondaPlatform, ...],
    preferred: Preferred,
    old: Lock | None,
    solve: Solve,
    lists: Collection[str] = (),
    kept: Mapping[str, Preferred] | None = None,
) -> Solved:
    """The resolution of each cluster, the first environment's first. Raises ``CondaConflict``.

    Where environments and groups that need not be installed together contradict each other, they are held
    apart, and a notice says so. ``lists`` are those that anything is asked for in; ``kept`` is what
    to keep of environments where no old lock says it.
    """
    clusters = list(clusters_of(manifest, platforms, lists))
    while True:
        whole = len(worlds_in(clusters)) == 1
        own = preferred if whole else _preferred_by(clusters[0], preferred, {}, old, kept)
        try:
            first = solve(None if whole else clusters[0], own)
            break
        except (CondaConflict, NoPythonForWheels) as problem:
            wheres = problem.wheres if isinstance(problem, CondaConflict) else _of_python(manifest)
            apart = held_apart(clusters[0], wheres, manifest, platforms)
            if not apart:
                raise
            clusters[:1] = apart
            context.emit(Notice(_told(wheres, apart[0].members[0].wheres)))
    found = [(clusters[0], first)]
    for cluster in clusters[1:]:
        before = _chosen(resolution for _, resolution in found)
        try:
            try:
                resolution = solve(cluster, _preferred_by(cluster, preferred, before, old, kept))
            except (CondaConflict, NoPythonForWheels):
                if not cluster.more:
                    raise
                cluster = replace(cluster, more=frozenset())
                resolution = solve(cluster, _preferred_by(cluster, preferred, before, old, kept))
        except (CondaConflict, NoPythonForWheels) as problem:
            names = [each.name for each in cluster.members if each.name]
            if not names and "pixi" in manifest.dialects:  # for which what no environment has is nowhere
                text = f"the feature {cluster.name} contradicts the project, and is left out of the lock"
                context.emit(Notice(text, warning=True))
                continue
            if isinstance(problem, CondaConflict):
                lists = sorted(cluster.wheres - clusters[0].wheres)
                raise problem.of_environments(names, lists) from None
            raise problem from None
        found.append((cluster, resolution))
    return tuple(found)


def _of_python(manifest: Manifest) -> frozenset[str]:
    """The lists that ask for a Python."""
    settings = manifest.settings.conda
    assert settings is not None
    return frozenset(each.where for each in settings.dependencies if each.name == "python")


def _told(wheres: Iterable[str], first: frozenset[str]) -> str:
    names = [where.replace(":", " ") for where in sorted(frozenset(wheres) - first)]
    if len(names) == 1:
        return f"{names[0]} and the project contradict each other: locked apart"
    told = f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{told} contradict each other: locked apart, to be installed one at a time"


def _chosen(resolutions: Iterable[CondaResolution]) -> dict[str, tuple[str, ...]]:
    """What is chosen so far by name, as a solve prefers it, the first environment's first."""
    found: dict[str, dict[str, None]] = {}
    for resolution in resolutions:
        for package in resolution.packages:
            record = package.record
            found.setdefault(record.name, {})[f"{record.version} {record.build}"] = None
        if resolution.joint is not None:
            for name, version in resolution.joint.versions():
                found.setdefault(name, {})[version] = None
    return {name: tuple(labels) for name, labels in found.items()}


def _preferred_by(
    cluster: Cluster,
    preferred: Preferred,
    before: Preferred,
    old: Lock | None,
    kept: Mapping[str, Preferred] | None = None,
) -> dict[str, tuple[str, ...]]:
    """What a cluster rather takes: what the lock has for it (of the names that are not to be upgraded), what
    was chosen for the clusters before it, and what the lock has at all."""
    mine = _locked_for(cluster, old, kept or {})
    found = dict(before)
    for name, labels in preferred.items():
        own = mine.get(name)
        found[name] = (*own, *before.get(name, ())) if own is not None else before.get(name, labels)
    return found


def _locked_for(
    cluster: Cluster, old: Lock | None, kept: Mapping[str, Preferred]
) -> dict[str, tuple[str, ...]]:
    """What a lock has for the environments of a cluster."""
    if old is None or old.conda is None:
        found: dict[str, tuple[str, ...]] = {}
        for each in reversed(cluster.members):
            for name, labels in kept.get(each.name, {}).items():
                found[name] = tuple(dict.fromkeys((*labels, *found.get(name, ()))))
        return found
    from hutch.lock import environment_lock
    from hutch.ops.conda_project import locked_choices

    known = [old.conda.environment(each.name) for each in cluster.members if each.name]
    return locked_choices(*(environment_lock(old, each) for each in reversed(known) if each is not None))


def lock_of(
    solved: Solved,
    inputs: str,
    *,
    requires_python: str | None,
    extras: Iterable[str],
    groups: Iterable[str],
    default_groups: Iterable[str],
    by_name: bool = False,
) -> Lock:
    """The lock of all that was solved. See ``merged_lock``."""
    if len(solved) == 1 and len(worlds_in([solved[0][0]])) == 1:
        from hutch.ops.conda_locking import conda_lock

        return conda_lock(
            solved[0][1],
            inputs,
            requires_python=requires_python,
            extras=extras,
            groups=groups,
            default_groups=default_groups,
        )
    return merged_lock(
        solved,
        inputs,
        requires_python=requires_python,
        extras=extras,
        groups=groups,
        default_groups=default_groups,
        by_name=by_name,
    )
