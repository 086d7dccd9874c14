"""``hutch pip wheel``: a wheel of each package and of what it needs, into a folder."""

from __future__ import annotations

import os
import time

from hutch.errors import UsageProblem
from hutch.ops.pip_archives import PipFilesOutcome, Saved
from hutch.ops.pip_choosing import PipWanted
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context
    from hutch.store import StoredWheel

__all__ = ["PipWheelOptions", "pip_wheel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipWheelOptions(PipWanted):
    """The options of ``pip wheel``, named as on the command line."""

    wheel_dir: str | None = None
    editable: tuple[str, ...] = ()


def pip_wheel(context: Context, options: PipWheelOptions) -> PipFilesOutcome:
    """Wheels of an index are brought as they are; what has none is built, or was built before."""
    start = time.monotonic()
    from hutch.ops.install import choose_files, fetch_wheels
    from hutch.ops.pip_archives import fetch_archives, folder_for
    from hutch.ops.pip_choosing import choose, without_editables
    from hutch.ops.placed import Placer

    if options.editable:
        raise UsageProblem(
            "a wheel in a folder cannot be editable",
            why="what is editable is used where it lies, by one environment",
            hint=f"hutch pip wheel {options.editable[0]} builds one of its state now",
        )
    choice = choose(context, options, "wheel")
    folder = folder_for(context, options.wheel_dir, dry_run=options.dry_run)
    packages = without_editables(choice.packages)
    chosen = choose_files(
        (one for one in packages if not one.is_direct),
        choice.interpreter,
        built=context.configuration.no_binary,
    )
    saved = fetch_archives(context, (one for one in chosen if one.is_wheel), folder, dry_run=options.dry_run)
    sources = [one for one in chosen if not one.is_wheel]
    placed = Placer(context, choice.builder, choice.interpreter, choice.base).place(packages)
    if options.dry_run:
        saved += [Saved(name=one.name, version=one.version, path=folder) for one in sources]
        saved += [Saved(name=one.name, version=one.version, path=folder) for one in placed]
    else:
        built = fetch_wheels(context, sources, choice.builder, choice.interpreter)
        built.update({one.name: one.make() for one in placed})
        saved += [_packed(context, name, wheel, folder) for name, wheel in built.items()]
    return PipFilesOutcome(
        folder=folder,
        files=tuple(sorted(saved, key=lambda one: one.name)),
        verb="wheel",
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
    )


def _packed(context: Context, name: str, wheel: StoredWheel, folder: str) -> Saved:
    from hutch.ops.pip_archives import save
    from hutch.store import repack_wheel

    path = os.path.join(folder, wheel.manifest.filename)
    with context.store.scratch() as scratch:
        save(repack_wheel(wheel.whole() or wheel, str(scratch)), path)
    return Saved(name=name, version=wheel.manifest.version, path=path)
