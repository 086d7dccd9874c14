"""Whether the conda part of a lock is what the project asks for; its records are judged by the lock's law."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.lock import Lock
    from hutch.project import Manifest

__all__ = ["conda_faults"]


def conda_faults(manifest: Manifest, lock: Lock) -> Iterator[str]:
    """What of the project's MatchSpecs the lock does not note, and what of its constraints it breaks."""
    settings, part = manifest.settings.conda, lock.conda
    if settings is None or part is None:
        return
    from hutch.ops.conda_project import asked_by
    from hutch.project import CondaPlatform
    from hutch.spec import parse_conda_spec

    names = {each.name.removeprefix(f"{each.world}."): each.subdir for each in part.targets}
    platforms = tuple(CondaPlatform(name=name, subdir=subdir) for name, subdir in names.items())
    noted = {(root.spec, root.where) for root in part.roots}
    known = {where for _, where in noted} | {"project"}
    for each in asked_by(manifest, settings, platforms):
        if not each.constraint:
            # What is in no environment of pixi's is in no lock.
            if (each.spec, each.where) not in noted and each.where in known:
                yield f"{each.spec} is asked for in {each.place}, and the lock does not note it"
            continue
        spec = parse_conda_spec(each.spec)
        for target in part.targets:
            if each.targets and target.name.removeprefix(f"{target.world}.") not in each.targets:
                continue
            world = part.world(target.world)
            if world is not None and each.where not in world.wheres:
                continue
            for record in part.on(target.name):
                if record.name == spec.name and not spec.admits(record):
                    label = f"{record.version} {record.build}"
                    yield f"{target.name}: {each.place} wants {each.spec}, and {label} is there"
