"""A part of a lock as a lock of its own: for a deployment that needs no choice of groups."""

from __future__ import annotations

from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.lock import Lock, LockedPackage
    from hutch.ops.selection import Selection

__all__ = ["narrowed"]


def narrowed(lock: Lock, selection: Selection) -> Lock:
    """The entries that the selection can need, their markers freed of the choice that was made."""
    from hutch.lock import assuming
    from hutch.spec import NEVER, parse_marker, render_marker

    wheres = {f"extra:{name}" for name in selection.extras} | {f"group:{name}" for name in selection.groups}
    if not selection.only_groups:
        wheres.add("project")
    roots = tuple(replace(root, where="project") for root in lock.roots if root.where in wheres)
    wanted = _reached(lock, {root.name for root in roots}) if selection.only_groups else None
    packages: list[LockedPackage] = []
    for package in lock.packages:
        if wanted is not None and package.name not in wanted:
            continue
        marker = parse_marker(package.marker) if package.marker else None
        if marker is not None:
            marker = assuming(marker, selection.extras, selection.groups)
        if marker != NEVER:
            packages.append(replace(package, marker=render_marker(marker) if marker is not None else None))
    conda = lock.conda
    if conda is not None:
        from hutch.ops.conda_export import merged_choice

        conda = merged_choice(conda, selection)
    return replace(
        lock,
        conda=conda,
        packages=tuple(packages),
        roots=tuple(dict.fromkeys(roots)),
        extras=(),
        dependency_groups=(),
        default_groups=(),
    )


def _reached(lock: Lock, names: set[str]) -> set[str]:
    below: dict[str, set[str]] = {}
    for package in lock.packages:
        below.setdefault(package.name, set()).update(edge.name for edge in package.dependencies)
    reached, queue = set(names), list(names)
    while queue:
        for name in below.get(queue.pop(), ()):
            if name not in reached:
                reached.add(name)
                queue.append(name)
    return reached
