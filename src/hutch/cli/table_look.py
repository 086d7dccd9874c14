"""What looks at a project and its lock, as data: a page of the table, read when it is used."""

from __future__ import annotations

from hutch.cli.model import NUMBER, TEXT, Command, Option, Positional
from hutch.cli.table import ENV, JSON, SCRIPT

__all__ = ["OUTDATED", "SEARCH", "TREE", "WHY", "WHY_NOT"]

TREE = Command(
    "tree",
    "Show what needs what, as a tree",
    group="look",
    options=(
        ENV,
        Option("invert", "Turn the tree around: who needs each package?", env="HUTCH_TREE_INVERT"),
        Option("depth", "Show at most this many levels", kind=NUMBER, metavar="N", env="HUTCH_TREE_DEPTH"),
        Option(
            "package",
            "Begin at this package (may be repeated)",
            kind=TEXT,
            metavar="NAME",
            many=True,
            env="HUTCH_TREE_PACKAGE",
        ),
        JSON,
    ),
    examples=(
        ("hutch tree --depth 1", "only the direct dependencies"),
        ("hutch tree --invert --package idna", "who needs idna?"),
        ("hutch tree --env docs", "what the environment docs has of the lock"),
    ),
)

WHY = Command(
    "why",
    "Say why a package is here, and why this version",
    group="look",
    positionals=(Positional("name", "NAME", "A package of the lock"),),
    options=(ENV, JSON),
    examples=(
        ("hutch why urllib3", "each path from the project to urllib3"),
        ("hutch why urllib3 --json", "the same for a program"),
    ),
)

WHY_NOT = Command(
    "why-not",
    "Say why a version is not the chosen one",
    group="look",
    about=(
        "Solves once more with the version asked for: tells the conflict, what to change so that it"
        " fits, or that nothing speaks against it and which command takes it. Changes nothing."
    ),
    positionals=(Positional("requirement", "NAME==VERSION", "A package of the lock, and a version"),),
    options=(ENV, JSON),
    examples=(
        ("hutch why-not urllib3==1.26.20", "what stands against this version?"),
        ("hutch why-not 'django>=5'", "why none of the new ones?"),
    ),
)

SEARCH = Command(
    "search",
    "List the versions of a package, from indexes and conda's channels",
    group="look",
    about=(
        "Looks a name up on both sides. Channels are those of the project, else those of the"
        " configuration. A package that is called otherwise on the other side is found as well."
    ),
    positionals=(Positional("name", "NAME", "A package, by its name on either side"),),
    options=(
        Option("all", "All versions, not only the newest ones", env="HUTCH_SEARCH_ALL"),
        Option("conda", "Only in conda's channels", env="HUTCH_SEARCH_CONDA"),
        Option("pypi", "Only on the index", env="HUTCH_SEARCH_PYPI"),
        Option(
            "channel",
            "Look into this channel instead (may be repeated)",
            kind=TEXT,
            short="c",
            metavar="CHANNEL",
            many=True,
            env="HUTCH_SEARCH_CHANNEL",
        ),
        JSON,
    ),
    conflicts=(("conda", "pypi"), ("pypi", "channel")),
    examples=(
        ("hutch search numpy", "on both sides"),
        ("hutch search --conda -c bioconda samtools", "in a channel"),
    ),
)

OUTDATED = Command(
    "outdated",
    "List packages that are not the newest, and why not",
    group="look",
    about=(
        "Asks the indexes again. For each package that is not the newest: what is locked, what"
        " hutch upgrade would take, the newest version of all, and which requirement keeps it out."
    ),
    options=(
        ENV,
        Option("direct", "Only what the project itself asks for", env="HUTCH_OUTDATED_DIRECT"),
        SCRIPT,
        JSON,
    ),
    examples=(
        ("hutch outdated", "all of them"),
        ("hutch outdated --direct --json", "those of pyproject.toml, for a program"),
    ),
)
