"""``hutch conda clean``: what the store has of conda and no environment uses."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hutch.ops.context import Context
    from hutch.store import CondaLeavings

__all__ = ["CondaCleanOptions", "CondaCleanOutcome", "conda_clean"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaCleanOptions:
    """The options of ``conda clean``. Of what ``tarballs``, ``tempfiles``, ``logfiles`` and ``source_cache``
    are about hutch has nothing."""

    all: bool = False
    packages: bool = False
    index_cache: bool = False
    tarballs: bool = False
    tempfiles: tuple[str, ...] = ()
    logfiles: bool = False
    source_cache: bool = False
    force_pkgs_dirs: bool = False
    yes: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaCleanOutcome:
    """What went, or would go, of the store; ``idle`` are the words for which there is nothing."""

    store: str
    leavings: CondaLeavings
    packages: bool = False
    index: bool = False
    idle: tuple[str, ...] = ()
    dry_run: bool = False
    agreed: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to remove."""
        return not self.leavings.packages and not self.leavings.index

    def to_json(self) -> dict[str, Any]:
        """Under the names that scripts look for in conda's."""
        from hutch.store.layout import CONDA

        found = self.leavings
        folder = os.path.join(self.store, CONDA)
        sizes = {each.label: each.size for each in found.packages}
        packages = {
            "pkgs_dirs": {folder: [each.label for each in found.packages]},
            "pkg_sizes": {folder: sizes},
            "total_size": found.size,
            "kept": found.kept,
            "warnings": [],
        }
        return {
            "success": True,
            "dry_run": self.dry_run,
            "packages": packages if self.packages else None,
            "index_cache": {"files": list(found.index), "total_size": found.index_size}
            if self.index
            else None,
            "tarballs": {"pkgs_dirs": {}, "pkg_sizes": {}, "total_size": 0, "warnings": []},
            "tempfiles": [],
            "logfiles": [],
        }


def conda_clean(
    context: Context,
    options: CondaCleanOptions,
    agrees: Callable[[CondaCleanOutcome], bool] | None = None,
) -> CondaCleanOutcome:
    """Look, ask, remove."""
    from hutch.ops.planting import in_use
    from hutch.store import Store, remove_conda, survey_conda

    idle = tuple(
        f"--{word.replace('_', '-')}"
        for word in ("tarballs", "tempfiles", "logfiles", "source_cache")
        if getattr(options, word)
    )
    packages = options.all or options.packages or options.force_pkgs_dirs
    index = options.all or options.index_cache
    if not (packages or index or idle):
        raise UsageProblem(
            "conda clean is not told what to remove",
            hint=(
                "--all: packages that no environment uses, and what channels said",
                "--packages, --index-cache: one of them; --force-pkgs-dirs: all packages",
            ),
        )
    # The cache itself, even where a command would rather work elsewhere.
    store = Store(context.configuration.cache_dir)
    found = survey_conda(store, in_use, packages=packages, all_packages=options.force_pkgs_dirs, index=index)
    planned = CondaCleanOutcome(
        store=store.root,
        leavings=found,
        packages=packages,
        index=index,
        idle=idle,
        dry_run=options.dry_run,
    )
    if options.dry_run or planned.is_empty:
        return planned
    store.prepare()
    if agrees is not None and not options.yes and not agrees(planned):
        return replace(planned, agreed=False)
    return replace(planned, leavings=remove_conda(store, found, in_use))
