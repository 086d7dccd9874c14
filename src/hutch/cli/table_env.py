"""``hutch env`` as data: a page of the table, read when one of its words is used."""

from __future__ import annotations

from hutch.cli.model import PAIR, Command, Option, Positional
from hutch.cli.table import DRY_RUN, JSON, LINK_MODE, WHICH
from hutch.cli.table_env_named import named_verbs
from hutch.cli.table_env_pack import pack_verbs

__all__ = ["ENV"]

ENV = Command(
    "env",
    "Environments by name; the history of one, the way back, a check",
    group="environment",
    about=(
        "Environments with names are for all projects, and for none. history, rollback and verify look at the"
        " project's environment, or at what -n or --env names; outside of a project at the active one, or the"
        " nearest .venv. Every command that changes one leaves a generation, of which the last ten are kept"
        " (setting generations)."
    ),
    commands=(
        *named_verbs(),
        Command(
            "env history",
            "Show what was changed, when and by which command",
            about=(
                "A line a generation: its number, how many packages it has, what changed, and how much"
                " the disk holds for the way back to it alone. What another tool changed is there, too."
            ),
            options=(*WHICH, JSON),
            conflicts=(("name", "env"),),
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
            options=(*WHICH, LINK_MODE, DRY_RUN, JSON),
            conflicts=(("name", "env"),),
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
                " nobody. In a project it also compares the packages with the lock: missing ones, others,"
                " other versions, other files. Ends with 1 if something is broken or not as locked, and says"
                " what to do."
            ),
            options=(
                *WHICH,
                Option("deep", "Hash every file", env="HUTCH_ENV_VERIFY_DEEP"),
                Option(
                    "lock",
                    "Look at the files alone, and not whether the lock says the same",
                    kind=PAIR,
                    default=True,
                    env="HUTCH_ENV_VERIFY_LOCK",
                ),
                JSON,
            ),
            conflicts=(("name", "env"),),
            examples=(
                ("hutch env verify", "is it whole?"),
                ("hutch env verify --deep", "every byte of it"),
            ),
        ),
        *pack_verbs(),
    ),
    examples=(
        ("hutch env create science numpy", "an environment for many projects"),
        ("hutch env list", "what is there?"),
        ("hutch env rollback", "as before the last change"),
    ),
)
