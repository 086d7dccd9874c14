"""``hutch env unpack`` of a packed conda environment."""

from __future__ import annotations

import os

from hutch.errors import Problem, UsageProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env.packing import PrefixPack
    from hutch.ops.context import Context

__all__ = ["refuse_misfit", "unpack_prefix"]


def refuse_misfit(context: Context, archive: str, pack: PrefixPack, place: str) -> None:
    """Raise `PackDoesNotFit` for what cannot work on this machine, or in that place."""
    from hutch.conda import subdir_here
    from hutch.env.packing import PackDoesNotFit, too_long_for

    if context.flags.get("python") is not None:
        raise UsageProblem(
            f"{os.path.basename(archive)} has a Python of its own",
            why="it is a conda environment, whose Python is one of its packages",
            hint="leave --python out",
        )
    here = subdir_here()
    reasons = []
    if pack.subdir not in (here, "noarch"):
        reasons.append(f"it is for {pack.subdir}, and this is {here}")
    else:
        reasons += _missing(context, pack, here)
    long = too_long_for(pack, place)
    if long is not None:
        path, room = long
        reasons.append(f"the path {place} is too long: {path} has room for {room} bytes")
    if reasons:
        raise PackDoesNotFit(os.path.basename(archive), tuple(reasons))


def _missing(context: Context, pack: PrefixPack, here: str) -> list[str]:
    """What its packages need of a machine, and this one has not."""
    from hutch.ops.channels import virtual_packages
    from hutch.spec import InvalidCondaSpec, parse_conda_spec

    has = {record.name: record for record in virtual_packages(context, here)}
    reasons = []
    for text in pack.needs:
        try:
            spec = parse_conda_spec(text)
        except InvalidCondaSpec:
            continue
        record = has.get(spec.name)
        if record is None:
            reasons.append(f"it needs {text}, which this machine has not")
        elif not spec.admits(record):
            reasons.append(f"it needs {text}, and this machine has {record.name} {record.version}")
    return reasons


def unpack_prefix(
    context: Context, archive: str, form: str, pack: PrefixPack, place: str, staging: str
) -> None:
    """Unpack beside the place, make it whole and look at every file of it there, rename it."""
    from hutch.env import open_prefix
    from hutch.env.packing import make_prefix_whole
    from hutch.ops.conda_made import note_made
    from hutch.ops.conda_noted import note_prefix
    from hutch.ops.conda_place import PlaceIsTaken
    from hutch.ops.env_unpack_beside import tell_faults, unpacked_beside
    from hutch.ops.occasions import note_root, occasion_of

    def taken() -> Problem:
        return PlaceIsTaken(f"there is something in {place} now", why="it was not there before")

    with unpacked_beside(context, archive, form, pack, place, staging, taken) as tree:
        made = make_prefix_whole(tree, pack, place, command=occasion_of(context).command)
        note_made(tree, of_project=False)
        tell_faults(context, made, deep=True, what="changes")
    note_root(context, open_prefix(place))
    note_prefix(context, place)
