"""``hutch env upgrade``: newer versions in an environment with a name, within what was asked of it."""

from __future__ import annotations

from hutch.errors import Problem, UsageProblem
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.conda_enact import CondaChange
    from hutch.ops.context import Context
    from hutch.ops.outcomes import SyncOutcome

__all__ = ["EnvUpgradeOptions", "NothingAsked", "env_upgrade"]


class NothingAsked(Problem):
    """Nobody knows what is wanted in the environment, so nobody can tell what is newer of it."""

    code = "nothing-asked"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"nothing was asked of {name} that has newer versions",
            why="what is to be upgraded is what was asked for by name, and what that needs",
            hint=f"hutch pip install -n {name} PACKAGE",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvUpgradeOptions:
    """The options of ``env upgrade``; without packages all that was asked for, and what that needs."""

    env_name: str = ""
    packages: tuple[str, ...] = ()
    link_mode: str | None = None
    dry_run: bool = False


def env_upgrade(context: Context, options: EnvUpgradeOptions) -> SyncOutcome | CondaChange:
    """Choose anew within the requirements that were typed; a package that nothing needs any more stays."""
    from hutch.env import is_prefix, open_environment
    from hutch.ops.asked import read_asked, still_asked
    from hutch.ops.named import named_environment
    from hutch.ops.pip_install import PipInstallOptions, pip_install
    from hutch.spec import parse_requirement

    root = named_environment(context, options.env_name)
    if is_prefix(root):
        from hutch.ops.env_upgrade_prefix import upgrade_prefix

        return upgrade_prefix(context, options.env_name, options.packages, dry_run=options.dry_run)
    if context.flags.get("python") is not None:
        raise UsageProblem(
            f"{options.env_name} keeps its Python: it is a virtual environment",
            why="its packages are installed for that one",
            hint=f"hutch env create {options.env_name} --clear --python … makes it anew",
        )
    installed = open_environment(root).installed()
    asked = read_asked(root)
    lines = still_asked(asked, installed) if asked is not None else ()
    # What comes from a directory or an address has no newer version, and stays as it was put there.
    lines = tuple(line for line in lines if " @ " not in line)
    if not lines:
        raise NothingAsked(options.env_name)
    for text in options.packages:
        name = parse_requirement(text).name
        if name not in installed:
            raise UsageProblem(
                f"{name} is not in {options.env_name}",
                hint=f"hutch pip install -n {options.env_name} {name}",
            )
    wanted = PipInstallOptions(
        requirements=lines,
        upgrade=not options.packages,
        upgrade_strategy="eager",
        upgrade_package=options.packages,
        dry_run=options.dry_run,
    )
    context.named = options.env_name
    context.ask_again()
    return pip_install(context, wanted)
