"""``hutch env`` as data: a page of the table, read when one of its words is used."""

from __future__ import annotations

from hutch.cli.model import Command, Option, Positional
from hutch.cli.table import DRY_RUN, JSON, LINK_MODE

__all__ = ["ENV"]

ENV = Command(
    "env",
    "The history of an environment, the way back, a check",
    group="environment",
    about=(
        "The project's environment; outside of a project the active one, or the nearest .venv."
        " Every command that changes it leaves a generation, of which the last ten are kept"
        " (setting generations)."
    ),
    commands=(
        Command(
            "env history",
            "Show what was changed, when and by which command",
            about=(
                "A line a generation: its number, how many packages it has, what changed, and how much"
                " the disk holds for the way back to it alone. What another tool changed is there, too."
            ),
            options=(JSON,),
            examples=(
                ("hutch env history", "what happened here?"),
                ("hutch env history --json", "the same for a program"),
            ),
        ),
        Command(
            "env rollback",
            "Make the environment what it was in an earlier generation",
            about=(
                "The one before, or generation NUMBER. Needs no network. pyproject.toml and pylock.toml"
                " are not touched: hutch run leaves the environment as it is then, and hutch sync"
                " makes it what the lock says again."
            ),
            positionals=(
                Positional("number", "NUMBER", "Of the generation, as hutch env history tells", count="?"),
            ),
            options=(LINK_MODE, DRY_RUN, JSON),
            examples=(
                ("hutch env rollback", "as before the last change"),
                ("hutch env rollback 3", "as in generation 3"),
            ),
        ),
        Command(
            "env verify",
            "Look whether everything is there, and as it was installed",
            about=(
                "Compares every file with what its package says of it: existence and size, and with"
                " --deep its hash. Also commands, the environment's Python, and files that belong to"
                " nobody. Ends with 1 if something is broken, and says what to do."
            ),
            options=(
                Option("deep", "Hash every file", env="HUTCH_ENV_VERIFY_DEEP"),
                JSON,
            ),
            examples=(
                ("hutch env verify", "is it whole?"),
                ("hutch env verify --deep", "every byte of it"),
            ),
        ),
    ),
    examples=(
        ("hutch env history", "what happened here?"),
        ("hutch env rollback", "as before the last change"),
        ("hutch env verify", "is it whole?"),
    ),
)
