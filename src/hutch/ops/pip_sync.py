"""``hutch pip sync``: make an environment exactly what a file of pins, or a lock, says."""

from __future__ import annotations

import os
import time

from hutch.errors import UsageProblem
from hutch.ops.outcomes import SyncOutcome
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters import Interpreter
    from hutch.lock import LockedFile, LockedPackage
    from hutch.ops.context import Context

__all__ = ["PipSyncOptions", "is_lock", "of_lock", "pip_sync"]

KEPT = frozenset(("hutch", "pip", "setuptools", "wheel"))
"""Tools of the environment itself, which stay unless the file names them in another version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipSyncOptions:
    """The options of ``pip sync``, named as on the command line."""

    files: tuple[str, ...] = ()
    constraint: tuple[str, ...] = ()
    reinstall: bool = False
    reinstall_package: tuple[str, ...] = ()
    require_hashes: bool = False
    config_settings: tuple[str, ...] = ()
    config_settings_package: tuple[str, ...] = ()
    dry_run: bool = False


def pip_sync(context: Context, options: PipSyncOptions) -> SyncOutcome:
    """Install what the files name and nothing else, and remove the rest."""
    start = time.monotonic()
    from hutch.ops.build_settings import typed_settings
    from hutch.ops.builds import Builder
    from hutch.ops.pip_environment import pip_environment
    from hutch.ops.pip_files import read_files, set_flags
    from hutch.ops.pip_inputs import gather
    from hutch.ops.pip_install import PipInstallOptions, carry_out, choose_packages, reinstalled
    from hutch.spec import evaluate

    locks = [name for name in options.files if is_lock(name)]
    if locks and len(options.files) > 1:
        raise UsageProblem(f"{locks[0]} is a whole lock", why="it cannot be combined with other files")
    files = read_files(context, () if locks else options.files, options.constraint)
    if files.manifests:
        raise UsageProblem(
            f"{os.path.basename(files.manifests[0])} holds no pins",
            hint=("hutch sync, for a project", "hutch pip compile makes a file of pins of it"),
        )
    set_flags(context, files)
    environment, interpreter = pip_environment(context, dry_run=options.dry_run)
    settings = typed_settings(options.config_settings, options.config_settings_package)
    builder = Builder(context, interpreter, settings=settings)
    installed = environment.installed()
    again = PipInstallOptions(
        deps=False,
        reinstall=options.reinstall,
        reinstall_package=options.reinstall_package,
        require_hashes=options.require_hashes,
    )
    keep = set(KEPT)
    requested: set[str] = set()
    base = context.directory
    packages: tuple[LockedPackage, ...]
    if locks:
        base = os.path.dirname(context.path(locks[0]))
        packages = of_lock(context, locks[0], base, interpreter)
    else:
        wishes = gather(context, files, builder, base=base)
        packages = choose_packages(
            context, wishes, files, environment, interpreter, builder, installed, again
        )
        for root in wishes.roots:
            marker = root.requirement.marker
            if not root.constraint and (marker is None or evaluate(marker, interpreter.marker_environment)):
                requested.add(root.requirement.name)
    return carry_out(
        context,
        packages,
        environment,
        interpreter,
        builder,
        base=base,
        requested=requested,
        keep=keep | requested,
        reinstall=reinstalled(packages, options.reinstall, options.reinstall_package),
        dry_run=options.dry_run,
        start=start,
    )


def is_lock(name: str) -> bool:
    """``pylock.toml``, ``pylock.NAME.toml`` (PEP 751)."""
    base = os.path.basename(name)
    return base.startswith("pylock.") and base.endswith(".toml")


def of_lock(context: Context, name: str, base: str, interpreter: Interpreter) -> tuple[LockedPackage, ...]:
    """The entries of a lock that belong into the environment; no version is chosen here."""
    from hutch.lock import parse_lock, select
    from hutch.ops.checkout import read_text
    from hutch.ops.pip_files import shown_path

    path = context.path(name)
    lock = parse_lock(read_text(path), filename=shown_path(context, path))
    return tuple(
        replace(
            package,
            wheels=tuple(_located(file, base) for file in package.wheels),
            sdist=_located(package.sdist, base) if package.sdist is not None else None,
        )
        for package in select(lock, interpreter.marker_environment)
    )


def _located(file: LockedFile, base: str) -> LockedFile:
    """A file that lies beside the lock, by its URL."""
    if file.url is not None or file.path is None:
        return file
    from pathlib import Path

    return replace(file, url=Path(base, file.path).resolve().as_uri())
