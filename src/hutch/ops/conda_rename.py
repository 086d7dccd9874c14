"""``hutch conda rename``: another name, or another place, for an environment of conda."""

from __future__ import annotations

import os
import time

from hutch.errors import UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context
    from hutch.ops.env_clone import EnvCloneOutcome

__all__ = ["CondaRenameOptions", "conda_rename"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaRenameOptions:
    """The options of ``conda rename``; nothing is asked, because nothing is lost."""

    destination: str = ""
    prefix: str | None = None
    force: bool = False
    yes: bool = False
    dry_run: bool = False


def conda_rename(context: Context, options: CondaRenameOptions) -> EnvCloneOutcome:
    """Give an environment another name, or another place: complete there before it goes where it was."""
    from hutch.ops.conda_env import refuse_conda_itself
    from hutch.ops.conda_place import NoCondaEnvironment, present_place
    from hutch.ops.env_clone import EnvRenameOptions, env_rename
    from hutch.ops.env_remove import refuse_in_use

    if context.named is None and options.prefix is None:
        raise NoCondaEnvironment("no environment was named", hint="-n NAME, or -p PATH")
    root = present_place(context, options.prefix)
    if os.path.islink(root):
        real = os.path.realpath(root)
        raise UsageProblem(f"{root} is a link", hint=f"-p {real} renames what it leads to")
    refuse_conda_itself(root, "rename")
    place, name = _destination(context, options, root)
    if _is_named(context, root) and name and _is_named(context, place):
        return env_rename(
            context,
            EnvRenameOptions(
                old=os.path.basename(root), new=name, force=options.force, dry_run=options.dry_run
            ),
        )
    _check(root, place)
    if not options.force:
        refuse_in_use(context, (root,), "rename")
    return _move(context, root, place, name, dry_run=options.dry_run)


def _is_named(context: Context, root: str) -> bool:
    """Whether it lies, or would, among hutch's environments with names."""
    from hutch.ops.env_places import names_folder

    folder = names_folder(context.configuration.data_dir)
    return os.path.realpath(os.path.dirname(root)) == os.path.realpath(folder)


def _destination(context: Context, options: CondaRenameOptions, root: str) -> tuple[str, str]:
    """Where it will be, and what it will be called, if that is a name."""
    from hutch.env import settle_folder
    from hutch.ops.named import check_env_name, check_new_name

    said = options.destination
    name = os.path.basename(root) if _is_named(context, root) else None
    if os.sep in said or "/" in said or said in (".", "..") or said.startswith("~"):
        place = context.path(os.path.expanduser(said))
        if not _is_named(context, place):
            return place, ""
        said = os.path.basename(place)
    elif context.named is not None and not _is_named(context, root):
        # One of conda's own by its name stays in conda's folder: both find it by the other name as well.
        check_env_name(said)
        return os.path.join(os.path.dirname(root), said), said
    place = check_new_name(context, said, instead=name)
    settle_folder(os.path.dirname(place))
    return place, said


def _check(root: str, place: str) -> None:
    """Raise where it cannot be, before anything is made."""
    from hutch.env import CannotWrite
    from hutch.ops.conda_place import PlaceIsTaken

    if os.path.lexists(place):
        raise PlaceIsTaken(
            f"{place} is there already",
            why="what is renamed replaces nothing",
            hint="choose another place, or remove what is there",
        )
    real, target = os.path.realpath(root), os.path.realpath(place)
    if target.startswith(real + os.sep):
        raise UsageProblem(f"{place} lies in {root}", why="what is renamed cannot become a part of itself")
    above = os.path.dirname(root)
    if not os.access(above, os.W_OK | os.X_OK):
        raise CannotWrite(above, "it is read-only for this user, and the environment could not go from there")


def _move(context: Context, root: str, place: str, name: str, *, dry_run: bool) -> EnvCloneOutcome:
    from hutch.env import CannotWrite, NameTaken, open_prefix
    from hutch.ops.conda_directory import open_present_prefix
    from hutch.ops.conda_made import was_made_here
    from hutch.ops.conda_moves import as_written, move_to
    from hutch.ops.conda_place import PlaceIsTaken, prefix_name
    from hutch.ops.env_clone import EnvCloneOutcome

    start = time.monotonic()
    source = open_present_prefix(context, root) if not dry_run else open_prefix(root)
    before = prefix_name(context, root) or root
    packages, python = len(source.installed()), source.python_version
    if not dry_run:
        try:
            move_to(context, open_prefix(as_written(context, root)), place, ours=was_made_here(root))
        except NameTaken as error:
            raise PlaceIsTaken(f"{place} is there already", why="another command was quicker") from error
        except OSError as error:
            raise CannotWrite(str(error.filename or place), error.strerror or str(error)) from error
    return EnvCloneOutcome(
        source=before,
        env_name=name,
        path=place,
        python=python,
        packages=packages,
        renamed=True,
        dry_run=dry_run,
        seconds=time.monotonic() - start,
    )
