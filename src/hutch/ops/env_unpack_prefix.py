"""``hutch env unpack`` of a packed conda environment."""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.events import Fetched, Notice, PhaseEnded, PhaseStarted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env import Environment
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
    from hutch.env import CannotWrite, open_prefix
    from hutch.env.packing import make_prefix_whole, unpack_into
    from hutch.env.staging import NameTaken, publish, settle_folder, staged
    from hutch.ops.conda_made import note_made
    from hutch.ops.conda_noted import note_prefix
    from hutch.ops.conda_place import PlaceIsTaken
    from hutch.ops.occasions import note_root, occasion_of

    own = staging != os.path.dirname(place)
    try:
        settle_folder(staging)
        with staged(staging) as stage:
            context.emit(PhaseStarted("unpack", len(pack.files)))
            tree = unpack_into(archive, form, pack, stage, step=lambda size: context.emit(Fetched("", size)))
            context.emit(PhaseEnded("unpack"))
            made = make_prefix_whole(tree, pack, place, command=occasion_of(context).command)
            note_made(tree, of_project=False)
            _tell_faults(context, made)
            if os.path.isdir(place) and not os.path.islink(place) and not os.listdir(place):
                os.rmdir(place)
            publish(tree, place)
        note_root(context, open_prefix(place))
        note_prefix(context, place)
    except NameTaken as error:
        raise PlaceIsTaken(f"there is something in {place} now", why="it was not there before") from error
    except OSError as error:
        raise CannotWrite(str(error.filename or place), error.strerror or str(error)) from error
    finally:
        if own:
            try:
                os.rmdir(staging)
            except OSError:
                pass


def _tell_faults(context: Context, made: Environment) -> None:
    """Every file by its hash: what was changed when it was packed is changed still."""
    from hutch.env import verify_environment

    faults = [
        each
        for each in verify_environment(made, deep=True).findings
        if each.kind not in ("interpreter", "command", "extra", "settings")
    ]
    if faults:
        names = ", ".join(
            sorted({each.package.removeprefix("conda:") for each in faults if each.package})[:5]
        )
        context.emit(
            Notice(f"it was packed with changes, in {names}; hutch env verify tells which", warning=True)
        )
