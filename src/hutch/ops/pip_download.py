"""``hutch pip download``: the files of packages and of what they need, into a folder."""

from __future__ import annotations

import time

from hutch.errors import UsageProblem
from hutch.ops.pip_archives import PipFilesOutcome, Saved
from hutch.ops.pip_choosing import PipWanted
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.lock import LockedPackage
    from hutch.ops.context import Context
    from hutch.ops.pip_choosing import PipChoice

__all__ = ["PipDownloadOptions", "pip_download"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipDownloadOptions(PipWanted):
    """The options of ``pip download``, named as on the command line."""

    dest: str | None = None
    platform: tuple[str, ...] = ()
    python_version: str | None = None
    implementation: str | None = None
    abi: tuple[str, ...] = ()


def pip_download(context: Context, options: PipDownloadOptions) -> PipFilesOutcome:
    """Bring a wheel of each package, or its source distribution where there is none that fits."""
    start = time.monotonic()
    from hutch.ops.install import choose_files
    from hutch.ops.interpreter import any_interpreter
    from hutch.ops.pip_archives import fetch_archives, folder_for
    from hutch.ops.pip_choosing import choose, limit, without_editables
    from hutch.ops.pip_platforms import asked_target

    limit(context, options)
    foreign = bool(options.platform or options.python_version or options.implementation or options.abi)
    if foreign and options.deps and context.configuration.no_binary:
        raise UsageProblem(
            "sources cannot be chosen for another Python",
            why="what they need is known once they are built, and that is done by the Python of here",
            hint=("leave --no-binary out", "--no-deps downloads what is named alone"),
        )
    interpreter = any_interpreter(context, None)
    target, ranks = asked_target(
        interpreter,
        options.platform,
        options.python_version,
        options.implementation,
        options.abi,
    )
    choice = choose(
        context,
        options,
        "download",
        target=target if foreign else None,
        wheels_only=foreign and options.deps,
    )
    folder = folder_for(context, options.dest, dry_run=options.dry_run)
    packages = without_editables(choice.packages)
    indexed = [package for package in packages if not package.is_direct]
    chosen = choose_files(indexed, interpreter, built=context.configuration.no_binary, supported=ranks)
    saved = fetch_archives(context, chosen, folder, dry_run=options.dry_run)
    for package in packages:
        if package.is_direct:
            saved.append(_direct(context, choice, package, folder, dry_run=options.dry_run))
    return PipFilesOutcome(
        folder=folder,
        files=tuple(sorted(saved, key=lambda one: one.name)),
        verb="download",
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
    )


def _direct(
    context: Context, choice: PipChoice, package: LockedPackage, folder: str, *, dry_run: bool
) -> Saved:
    """What comes from a place of its own: an archive as it is, a directory or a commit as an sdist."""
    from hutch.ops.pip_archives import bring_archive, sdist_of

    version = package.version or ""
    if package.archive is not None:
        path = bring_archive(context, package, choice.base, folder, dry_run=dry_run)
        return Saved(name=package.name, version=version, path=path)
    if dry_run:
        return Saved(name=package.name, version=version, path=folder)
    path = sdist_of(context, choice.builder, package, choice.base, folder)
    return Saved(name=package.name, version=version, path=path)
