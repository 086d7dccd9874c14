"""What a project says of packages of an index that a joint solve has to hear: sources, overrides, files."""

from __future__ import annotations

from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hutch.ops.builds import Builder
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.lock import LockOptions
    from hutch.ops.lock_file import OldLock
    from hutch.ops.resolve import Request, Root
    from hutch.project import CondaSettings
    from hutch.provide import Bound

__all__ = ["sides_of", "wishes"]


def wishes(
    context: Context,
    checkout: Checkout,
    options: LockOptions,
    old: OldLock,
    builder: Builder,
    bound: dict[str, tuple[Bound, ...]],
) -> Callable[[Request], Request]:
    """What a lock without conda would ask an index for besides, as it is asked for one choice of Pythons."""

    def adjust(request: Request) -> Request:
        from hutch.ops.adjusting import adjusted
        from hutch.ops.lock_solve import direct_packages
        from hutch.ops.moments import newer_than

        manifest, configuration = checkout.manifest, context.configuration
        if manifest.settings.sources:
            from hutch.ops.alternatives import refuse_overlaps

            refuse_overlaps(manifest, request.targets)
        request = replace(
            request,
            direct=direct_packages(context, checkout, options, request.roots, request.targets, old, builder),
            bound=bound,
            prerelease=configuration.prerelease,
            only_binary=frozenset(configuration.only_binary),
            no_binary=frozenset(configuration.no_binary),
            **newer_than(manifest.settings),
            manifest=manifest,
            spoken_for=frozenset(one.name for one in checkout.members if one.installs),
            told=checkout.told,
        )
        return adjusted(request, manifest.settings)

    return adjust


def sides_of(
    checkout: Checkout, settings: CondaSettings, roots: tuple[Root, ...]
) -> Callable[[str], tuple[str, ...]]:
    """Where a distribution may come from, best first: what has a source, or a URL, has said it."""
    said = {str(name) for name in checkout.manifest.settings.sources}
    said.update(str(root.requirement.name) for root in roots if root.requirement.url is not None)
    said.update(str(one.name) for one in checkout.members if one.installs)
    if not said:
        return settings.sides
    return lambda name: ("index",) if name in said else settings.sides(name)
