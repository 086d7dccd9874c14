"""``hutch lock --check``: is an up-to-date lock right as well? Judged by what the store remembers."""

from __future__ import annotations

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.lock import Lock, LockedPackage
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.provide import Adjustments, Bound
    from hutch.spec import CoreMetadata, Requirement

__all__ = ["UnlawfulLock", "check_again"]


class UnlawfulLock(Problem):
    """A lock has another digest's answer, or was edited: on some target it breaks a requirement."""

    code = "unlawful-lock"

    def __init__(self, violations: tuple[str, ...]) -> None:
        self.violations = violations
        more = (f"and {len(violations) - 12} more",) if len(violations) > 12 else ()
        super().__init__(
            "pylock.toml is not what its requirements ask for",
            why=(*violations[:12], *more),
            hint="hutch lock --upgrade makes it anew",
        )


class _Unknown(Exception):
    """The store does not know enough to judge; nothing is fetched for a check."""


def check_again(context: Context, checkout: Checkout, lock: Lock) -> None:
    """``UnlawfulLock`` if the lock breaks the law; nothing where the store does not have all metadata."""
    from hutch.lock import check_lock
    from hutch.spec import parse_target

    manifest = checkout.manifest
    if lock.is_foreign or any(package.is_direct for package in lock.packages):
        return
    if manifest.dynamic & {"dependencies", "optional-dependencies"}:
        return
    roots, bound, adjustments = _roots(context, checkout)
    memory: dict[int, CoreMetadata] = {}

    def metadata_of(package: LockedPackage) -> CoreMetadata:
        found = memory.get(id(package))
        if found is None:
            found = memory[id(package)] = _remembered(context, package, bound, adjustments)
        return found

    try:
        for package in lock.packages:
            metadata_of(package)
    except _Unknown:
        return
    violations = check_lock(lock, [parse_target(name) for name in lock.targets], roots, metadata_of)
    if violations:
        raise UnlawfulLock(tuple(map(str, violations)))


def _roots(
    context: Context, checkout: Checkout
) -> tuple[dict[str, list[Requirement]], Mapping[str, tuple[Bound, ...]], Adjustments]:
    from hutch.ops.adjusting import adjusted
    from hutch.ops.builds import Builder
    from hutch.ops.resolve import Request
    from hutch.ops.roots import project_roots
    from hutch.spec import Targets

    roots, bound = project_roots(context, checkout, Builder(context))
    request = adjusted(Request(roots=roots, targets=Targets(()), demanded=0), checkout.manifest.settings)
    found: dict[str, list[Requirement]] = {}
    for root in request.roots:
        if not root.constraint:
            found.setdefault(root.where, []).append(root.requirement)
    return found, bound, request.adjustments


def _remembered(
    context: Context,
    package: LockedPackage,
    bound: Mapping[str, tuple[Bound, ...]],
    adjustments: Adjustments,
) -> CoreMetadata:
    """The metadata of an entry; of its files, the first that the store knows speaks for all."""
    from hutch.index import read_metadata
    from hutch.ops.alternatives import index_names

    names = {file.filename for file in (*package.wheels, *([package.sdist] if package.sdist else ()))}
    pages = [
        context.indexes.remembered_page(package.name, index=index)
        for index in index_names(bound, package.name)
    ]
    page = next((page for page in pages if page is not None and page.index_url == package.index), None)
    if page is None or package.version not in page.versions:
        raise _Unknown
    assert package.version is not None
    for file in page.files_of(page.versions.index(package.version)):
        if file.filename in names:
            stated = adjustments.whole(package.name, package.version, file.requires_python)
            metadata = stated or read_metadata(context.store, page, file)
            if metadata is not None:
                return adjustments.of(metadata)
    raise _Unknown
