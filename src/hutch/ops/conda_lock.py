"""The lock of a project that asks conda's channels for packages: platforms, preferences, the solve, the law.

What `ops.lock_solve` is for projects that ask indexes alone. See ``docs/explanation/conda.md``.
"""

from __future__ import annotations

from hutch.errors import Bug, UsageProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from hutch.lock import Lock, LockedPackage
    from hutch.ops.checkout import Checkout
    from hutch.ops.conda_question import CondaResolution, JointPart
    from hutch.ops.conda_worlds import Cluster
    from hutch.ops.context import Context
    from hutch.ops.lock import LockOptions
    from hutch.ops.lock_file import OldLock
    from hutch.project import CondaPlatform, Manifest
    from hutch.spec import CoreMetadata

__all__ = ["check_solved", "covers_this_machine", "solve_conda_lock"]


def covers_this_machine(lock: Lock, manifest: Manifest) -> bool:
    """Whether the lock is for a platform such as this one; who names platforms has said all."""
    from hutch.conda import subdir_here

    conda = manifest.settings.conda
    if conda is not None and conda.platforms:
        return True
    subdir = subdir_here()
    return lock.conda is not None and any(target.subdir == subdir for target in lock.conda.targets)


def solve_conda_lock(
    context: Context,
    checkout: Checkout,
    options: LockOptions,
    old: OldLock,
    inputs: str,
    *,
    only: str | None = None,
) -> Lock:
    """The lock that is right now, ``old`` changed as little as possible.

    ``only``: what ``options`` ask for besides the manifest is for the environment of this name alone.
    """
    from hutch.ops.builds import Builder
    from hutch.ops.conda_corrections import Corrections, hint_of_overrides, tell_unreached
    from hutch.ops.conda_folders import portable
    from hutch.ops.conda_preferences import kept_and_asked
    from hutch.ops.conda_problems import CondaConflict
    from hutch.ops.conda_project import platforms_of, solve_project_conda
    from hutch.ops.conda_several import lock_of, solve_clusters
    from hutch.ops.conda_wishes import sides_of, wishes
    from hutch.ops.roots import project_roots
    from hutch.spec import render_specifiers
    from hutch.values import replace

    builder = Builder(context)
    roots, bound = project_roots(context, checkout, builder)
    adjust = wishes(context, checkout, options, old, builder, bound)
    assert checkout.manifest.settings.conda is not None
    preferred, more, asked = kept_and_asked(old, options, checkout.manifest.settings.conda)
    sides = sides_of(checkout, checkout.manifest.settings.conda, roots)
    manifest = checkout.manifest
    corrections = Corrections(checkout.manifest.settings.conda)
    platforms = _platforms(checkout, options, old.lock) or platforms_of(checkout.manifest.settings.conda)

    def solve(cluster: Cluster | None, kept: Mapping[str, tuple[str, ...]]) -> CondaResolution:
        is_meant = only is None or cluster is None or any(each.name == only for each in cluster.members)
        if only is not None and is_meant and cluster is not None:
            here = min(where for each in cluster.members if each.name == only for where in each.wheres)
            own = [replace(each, where=here) for each in asked]
        else:
            own = [*asked] if is_meant else []
        try:
            return solve_project_conda(
                context,
                manifest,
                (*roots, *more) if is_meant else roots,
                asked=own,
                preferred=kept,
                platforms=platforms,
                lowest=options.resolution == "lowest" if options.resolution else None,
                cluster=cluster,
                adjust=adjust,
                sides=sides,
                corrections=corrections,
            )
        except CondaConflict as problem:
            raise hint_of_overrides(problem, manifest) from None

    lists = {root.where for root in roots}
    known = old.lock or old.seed
    found = solve_clusters(context, manifest, platforms, preferred, known, solve, lists, old.apart)
    said: dict[str, Any] = {
        "requires_python": render_specifiers(manifest.requires_python) or None,
        "extras": manifest.optional_dependencies,
        "groups": manifest.groups,
        "default_groups": manifest.default_groups,
    }
    new = lock_of(found, inputs, **said)
    resolutions = [resolution for _, resolution in found]
    try:
        check_solved(new, resolutions)
    except Bug:
        if len(found) < 2:
            raise
        # Choices of groups can overlap in more ways than markers were made for: names never do.
        new = lock_of(found, inputs, **said, by_name=True)
        check_solved(new, resolutions)
    assert new.conda is not None
    assert manifest.settings.conda is not None
    if corrections:
        corrections.tell(context, manifest, new)
    tell_unreached(context, manifest, new)
    groups = manifest.settings.conda.groups.values()
    asked_of = (manifest.settings.conda.channels, *(each.channels for each in groups))
    channels = [each for found in asked_of for each in found or ()]
    return replace(new, conda=portable(new.conda, checkout.home, channels), created_by="hutch")


def _platforms(
    checkout: Checkout, options: LockOptions, old: Lock | None
) -> tuple[CondaPlatform, ...] | None:
    """The platforms to lock for, where it is not the manifest that says it; None where it does.

    A lock that was made on another machine keeps its platforms, and gets this one in addition.
    """
    from hutch.conda import subdir_here
    from hutch.project import CondaPlatform

    settings = checkout.manifest.settings.conda
    assert settings is not None
    known = (
        []
        if old is None or old.conda is None
        else [target.name.removeprefix(f"{target.world}.") for target in old.conda.targets]
    )
    said = settings.platforms or ()
    words = [*options.target]
    if options.add_target:
        words = [*(words or [each.name for each in said] or known), *options.add_target]
    if words:
        by_name = {each.name: each for each in said}
        return tuple(by_name.get(word) or _platform(word) for word in dict.fromkeys(words))
    if said:
        return None
    names = dict.fromkeys((*known, subdir_here()))
    return tuple(CondaPlatform(name=name, subdir=name) for name in names)


def _platform(word: str) -> CondaPlatform:
    from hutch.project import CondaPlatform
    from hutch.project.conda_settings import SYSTEMS, is_selector

    if word in SYSTEMS or not is_selector(word):
        raise UsageProblem(
            f"{word} is no platform of conda",
            why="this project asks conda's channels for packages, and is locked for their platforms",
            hint="linux-64, linux-aarch64, osx-64, osx-arm64, win-64",
        )
    return CondaPlatform(name=word, subdir=word)


def check_solved(new: Lock, found: Iterable[CondaResolution]) -> None:
    """A lock that is wrong anywhere is a bug of ours, and never gets to the disk."""
    from hutch.lock import check_lock
    from hutch.spec import Requirement

    roots: dict[str, list[Requirement]] = {}
    parts = [resolution.joint for resolution in found if resolution.joint is not None]
    for part in parts:
        for root, _ in part.roots:
            if not root.constraint and root.limited not in roots.get(root.where, ()):
                roots.setdefault(root.where, []).append(root.limited)

    chosen: dict[tuple[str, str | None], JointPart] = {}
    for part in parts:
        for name, version in part.versions():
            chosen.setdefault((name, version), part)
            chosen.setdefault((name, None), part)  # what lies in a directory has no version in a lock

    def metadata_of(package: LockedPackage) -> CoreMetadata | None:
        part = chosen.get((package.name, package.version))
        return part.index.metadata_of(package) if part is not None else None

    targets = dict.fromkeys(target for part in parts for target in part.targets.targets)
    violations = check_lock(new, tuple(targets), roots, metadata_of)
    if violations:
        shown = "\n".join(f"  {violation}" for violation in violations[:12])
        raise Bug(f"the lock would be wrong; it has not been written\n{shown}")
