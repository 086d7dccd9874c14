"""``hutch env create NAME --conda SPEC`` and ``-f FILE``: a named environment of conda's packages."""

from __future__ import annotations

from hutch.errors import UsageProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.conda_change import CondaChange
    from hutch.ops.context import Context
    from hutch.ops.env_create import EnvCreateOptions

__all__ = ["env_create_conda"]


def env_create_conda(context: Context, options: EnvCreateOptions) -> CondaChange:
    """Make it as ``hutch conda create`` does."""
    from hutch.ops.conda_change import CondaCreateOptions, conda_create
    from hutch.ops.conda_env import CondaEnvCreateOptions, conda_env_create

    _refuse_what_is_of_an_index(context, options)
    context.named = options.env_name
    if options.file is not None:
        return conda_env_create(context, CondaEnvCreateOptions(file=options.file, dry_run=options.dry_run))
    return conda_create(
        context,
        CondaCreateOptions(
            specs=options.conda,
            channel=options.channel,
            override_channels=options.override_channels,
            dry_run=options.dry_run,
        ),
    )


def _refuse_what_is_of_an_index(context: Context, options: EnvCreateOptions) -> None:
    """An environment of conda has conda's Python; what else is said of one would be passed over."""
    others = {
        "REQUIREMENT": options.requirements,
        "--requirement": options.requirement,
        "--constraint": options.constraint,
        "--editable": options.editable,
        "--seed": options.seed,
        "--system-site-packages": options.system_site_packages,
        "--prompt": options.prompt,
        "--clear": options.clear,
    }
    word = "--file" if options.file is not None else "--conda"
    if options.file is not None:
        others |= {
            "--conda": options.conda,
            "--channel": options.channel,
            "--override-channels": options.override_channels,
        }
    said = [name for name, value in others.items() if value]
    if said:
        raise UsageProblem(
            f"{word} and {said[0]} do not go together",
            why="an environment with a name is of conda's packages, or of those of an index, so far",
            hint="a project (hutch init, hutch add --conda) has both kinds",
        )
    if context.flags.get("python") is not None:
        raise UsageProblem(
            f"{word} and --python do not go together",
            why="the Python is a package of conda there",
            hint="--conda python=3.12",
        )
