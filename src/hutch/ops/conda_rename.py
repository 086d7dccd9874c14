"""``hutch conda rename``: conda's word for ``hutch env rename``."""

from __future__ import annotations

import os

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
    """Rename one that has a name with hutch."""
    from hutch.ops.conda_place import NoCondaEnvironment, present_place
    from hutch.ops.env_clone import EnvRenameOptions, env_rename
    from hutch.ops.env_places import names_folder

    if context.named is None and options.prefix is None:
        raise NoCondaEnvironment("no environment was named", hint="-n NAME, or -p PATH")
    root = present_place(context, options.prefix)
    old, new = os.path.basename(root), options.destination
    ours = os.path.realpath(os.path.dirname(root)) == os.path.realpath(
        names_folder(context.configuration.data_dir)
    )
    if not ours or os.sep in new:
        where = f"-p {new}" if os.sep in new else f"-n {new}"
        raise UsageProblem(
            f"{new} is a path" if ours else f"{root} has no name with hutch",
            why="an environment is renamed among those of hutch",
            hint=f"hutch conda create {where} --clone {old if ours else root}; remove the old one then",
        )
    return env_rename(
        context, EnvRenameOptions(old=old, new=new, force=options.force, dry_run=options.dry_run)
    )
