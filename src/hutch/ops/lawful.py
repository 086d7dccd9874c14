"""``hutch lock --check``: is an up-to-date lock right as well?

Nothing is fetched and nothing is built for it. Each entry is judged by its metadata, if this machine has
them: in the store by the hash of a file, in a directory, with what is known of a commit. Where it has
not, the notes of the lock stand in; which of the two it was is told.
"""

from __future__ import annotations

from hutch.errors import Problem, some_lines, some_words
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.lock import Lock, LockedPackage
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.located import Locator
    from hutch.provide import Adjustments, Bound
    from hutch.spec import CoreMetadata, Requirement

__all__ = ["Evidence", "UnlawfulLock", "check_again"]


class UnlawfulLock(Problem):
    """A lock has another digest's answer, or was edited: on some target it breaks a requirement."""

    code = "unlawful-lock"

    def __init__(self, violations: tuple[str, ...]) -> None:
        self.violations = violations
        super().__init__(
            "pylock.toml is not what its requirements ask for",
            why=some_lines(violations, 12),
            hint="hutch lock --upgrade makes it anew",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a lock was judged by: ``metadata`` entries by their metadata, the others (``noted``) and, with
    ``roots``, the project's own requirements by what the lock notes of them."""

    metadata: int
    noted: tuple[str, ...] = ()
    roots: bool = False

    @property
    def sentence(self) -> str:
        """Who was judged by the notes of the lock; empty where nobody was."""
        names = some_words(self.noted, 6)
        if self.roots:
            names = f"the project's own requirements{f', {names}' if names else ''}"
        if not names:
            return ""
        return f"judged by what the lock notes of it, as the metadata are not at hand: {names}"

    def to_json(self) -> dict[str, Any]:
        return {"metadata": self.metadata, "noted": list(self.noted), "roots": self.roots}


def check_again(context: Context, checkout: Checkout, lock: Lock) -> Evidence | None:
    """``UnlawfulLock`` if the lock breaks the law; what it was judged by, nothing of another tool's."""
    from hutch.lock import check_lock
    from hutch.ops.alternatives import bound_indexes
    from hutch.ops.builds import Builder
    from hutch.ops.located import Locator
    from hutch.spec import parse_target

    if lock.is_foreign:
        return None
    roots, adjustments = _roots(context, checkout)
    bound = bound_indexes(checkout.manifest)
    locator = Locator(context, Builder(context), checkout.root)
    memory: dict[int, CoreMetadata | None] = {}

    def metadata_of(package: LockedPackage) -> CoreMetadata | None:
        if id(package) not in memory:
            memory[id(package)] = _remembered(context, package, bound, locator, adjustments)
        return memory[id(package)]

    noted = {package.name: None for package in lock.packages if metadata_of(package) is None}
    violations = check_lock(lock, [parse_target(name) for name in lock.targets], roots, metadata_of)
    faults = [*map(str, violations)]
    if lock.conda is not None:
        from hutch.ops.conda_lawful import conda_faults

        faults += conda_faults(checkout.manifest, lock)
    if faults:
        raise UnlawfulLock(tuple(faults))
    count = sum(1 for found in memory.values() if found is not None)
    return Evidence(metadata=count, noted=tuple(noted), roots=roots is None)


def _roots(context: Context, checkout: Checkout) -> tuple[dict[str, list[Requirement]] | None, Adjustments]:
    """The requirements of the project by where they stand; None where a build would have to tell them."""
    from hutch.ops.adjusting import adjusted
    from hutch.ops.builds import Builder
    from hutch.ops.resolve import Request
    from hutch.ops.roots import project_roots
    from hutch.spec import Targets

    manifest = checkout.manifest
    nobody = Request(roots=(), targets=Targets(()), demanded=0)
    if manifest.is_package and manifest.dynamic & {"dependencies", "optional-dependencies"}:
        return None, adjusted(nobody, manifest.settings).adjustments
    roots, _ = project_roots(context, checkout, Builder(context))
    request = adjusted(Request(roots=roots, targets=Targets(()), demanded=0), manifest.settings)
    found: dict[str, list[Requirement]] = {}
    for root in request.roots:
        if not root.constraint:
            found.setdefault(root.where, []).append(root.limited)
    return found, request.adjustments


def _remembered(
    context: Context,
    package: LockedPackage,
    bound: Mapping[str, tuple[Bound, ...]],
    locator: Locator,
    adjustments: Adjustments,
) -> CoreMetadata | None:
    """The metadata of an entry; of its files, the first that the store knows speaks for all."""
    from hutch.index import read_metadata, read_metadata_of
    from hutch.ops.alternatives import index_names

    if package.is_direct:
        found = locator.remembered(package)
        return adjustments.of(found) if found is not None else None
    assert package.version is not None
    stated = adjustments.whole(package.name, package.version, package.requires_python)
    if stated is not None:
        return adjustments.of(stated)
    files = (*package.wheels, *([package.sdist] if package.sdist else ()))
    names = {file.filename for file in files}
    for index in index_names(bound, package.name):
        page = context.indexes.remembered_page(package.name, index=index)
        if page is None or page.index_url != package.index or package.version not in page.versions:
            continue
        for listed in page.files_of(page.versions.index(package.version)):
            if listed.filename in names and (known := read_metadata(context.store, page, listed)) is not None:
                return adjustments.of(known)
    for file in files:
        digest = dict(file.hashes).get("sha256", "")
        if (known := read_metadata_of(context.store, package.name, file.filename, digest)) is not None:
            return adjustments.of(known)
    return None
