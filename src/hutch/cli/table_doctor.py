"""``hutch doctor`` as data: a page of the table, read when it is used."""

from __future__ import annotations

from hutch.cli.model import PATH, TEXT, Command, Option
from hutch.cli.table import DRY_RUN, JSON, WHICH

__all__ = ["DOCTOR"]

DOCTOR = Command(
    "doctor",
    "Look for what makes environments fail, and put it right",
    group="environment",
    about=(
        "Looks at this machine, the Pythons, the settings, the project and its environment; changes"
        " nothing. What is wrong is said with what was seen, why it matters and what to do. Ends with 1 if"
        " something does not work; warnings and notes end with 0. With --verbose every check is listed."
    ),
    options=(
        Option("fix", "Put right what is safe to, and ask about the rest", env="HUTCH_DOCTOR_FIX"),
        Option("yes", "With --fix: agree to what it would ask about", short="y", env="HUTCH_DOCTOR_YES"),
        Option("deep", "Hash every file of the environment and the cache", env="HUTCH_DOCTOR_DEEP"),
        Option(
            "check",
            "Only this check, or the checks of this group (environment), by its name (may be repeated)",
            kind=TEXT,
            metavar="NAME",
            many=True,
            env="HUTCH_DOCTOR_CHECK",
        ),
        *WHICH,
        Option(
            "prefix",
            "The environment in this directory, one of conda's or a virtual one",
            kind=PATH,
            metavar="PATH",
            env="HUTCH_DOCTOR_PREFIX",
        ),
        Option("list", "List the checks, and look at nothing", env="HUTCH_DOCTOR_LIST"),
        DRY_RUN,
        JSON,
    ),
    conflicts=(("list", "fix"), ("list", "check"), ("name", "env", "prefix")),
    show=("offline", "python"),
    examples=(
        ("hutch doctor", "what is wrong here?"),
        ("hutch doctor --fix", "put right what is safe to"),
        ("hutch doctor -n science --fix", "put right what pip did to an environment of conda"),
    ),
)
