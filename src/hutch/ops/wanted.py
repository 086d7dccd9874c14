"""Entries of a lock as distributions that an environment shall have."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hutch.env import Wanted, WantedEditable
    from hutch.lock import LockedPackage
    from hutch.ops.checkout import Checkout
    from hutch.ops.editable import ProjectItself
    from hutch.ops.install import Chosen
    from hutch.ops.placed import Placed

__all__ = ["wanted_distributions"]


def wanted_distributions(
    packages: Iterable[LockedPackage],
    chosen: Mapping[str, Chosen],
    checkout: Checkout,
    project: ProjectItself | None,
    placed: Iterable[Placed] = (),
) -> list[Wanted | WantedEditable]:
    """What ``plan_changes`` compares with the environment; wheels are put in later."""
    from hutch.env import Wanted, WantedEditable

    manifest = checkout.manifest
    direct = {one.requirement.name for found in manifest.requirements().values() for one in found}
    wanted: list[Wanted | WantedEditable] = [
        Wanted(
            name=package.name,
            version=chosen[package.name].version,
            requested=package.name in direct,
        )
        for package in packages
        if package.name in chosen
    ]
    wanted += (one.wanted(one.name in direct) for one in placed)
    if project is not None:
        wanted.append(WantedEditable(name=project.name, version=project.version, directory=checkout.root))
    return wanted
