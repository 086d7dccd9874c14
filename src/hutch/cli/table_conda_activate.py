"""``hutch conda activate|deactivate|reactivate`` as data: a page of the table."""

from __future__ import annotations

from hutch.cli.model import TEXT, Command, Option, Positional
from hutch.cli.table import JSON

__all__ = ["EVALUATING", "activating_verbs"]

EVALUATING = (
    *("bash", "zsh", "ksh", "sh", "fish", "csh", "tcsh", "xonsh", "elvish", "powershell", "pwsh", "cmd"),
)


def _shell(verb: str) -> Option:
    return Option(
        "shell",
        "Print what this shell evaluates; the shell hook does so by itself",
        kind=TEXT,
        metavar="SHELL",
        choices=EVALUATING,
        env=f"HUTCH_CONDA_{verb}_SHELL",
    )


def activating_verbs() -> tuple[Command, ...]:
    """The verbs that change the shell they are called from, by way of its hook."""
    return (
        Command(
            "conda activate",
            "Make an environment the active one, in this shell",
            about=(
                "Its commands come first on PATH, the variables of conda are set, and your shell reads what"
                " its packages have in etc/conda/activate.d. The environment that was active is left for it"
                " and comes back with hutch conda deactivate; with --stack it stays beneath. This needs the"
                " shell hook (hutch shell-hook), or the line that is printed without it. conda can go on"
                " where hutch has begun, and the reverse."
            ),
            positionals=(
                Positional("environment", "NAME|PATH", "A name, or a path with a slash in it", count="?"),
            ),
            options=(
                Option(
                    "stack",
                    "Over the one that is active, whose commands stay on PATH",
                    env="HUTCH_CONDA_ACTIVATE_STACK",
                ),
                _shell("ACTIVATE"),
                JSON,
            ),
            examples=(
                ("hutch conda activate science", "the environment of that name"),
                ("hutch conda activate ./env", "the one in a directory"),
                ('eval "$(hutch conda activate science --shell bash)"', "without the hook"),
            ),
        ),
        Command(
            "conda deactivate",
            "Leave the active environment for the one before it",
            about="Every variable is put back. Where none is active nothing is done.",
            options=(_shell("DEACTIVATE"), JSON),
            examples=(("hutch conda deactivate", "as it was before"),),
        ),
        Command(
            "conda reactivate",
            "Read scripts and variables of the active environment again",
            about=(
                "For when its packages or variables have changed. With the shell hook, hutch conda install,"
                " update and remove do this themselves."
            ),
            options=(_shell("REACTIVATE"), JSON),
            examples=(("hutch conda reactivate", "take up what was installed meanwhile"),),
        ),
    )
