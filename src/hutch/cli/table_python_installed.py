"""The verbs of ``hutch python`` that put Pythons on this machine, and take them away, as data."""

from __future__ import annotations

from hutch.cli.model import FLAG, TEXT, Command, Option, Positional
from hutch.cli.table import DRY_RUN, JSON
from hutch.cli.table_python_build import BUILD

__all__ = ["INSTALL", "UNINSTALL", "UPGRADE"]

MIRROR = Option(
    "python-mirror",
    "Fetch archives from here: a URL or a folder, with {release}/{file} or all files in one place",
    kind=TEXT,
    metavar="PLACE",
    env="HUTCH_PYTHON_MIRROR",
    setting=True,
)
UNVERIFIED = Option(
    "allow-unverified",
    "Install also what nothing has a hash of",
    kind=FLAG,
    env="HUTCH_ALLOW_UNVERIFIED",
)

INSTALL = Command(
    "python install",
    "Install Pythons: CPython, PyPy or GraalPy, ready-made",
    about=(
        "REQUEST is a version (3.12, 3.12.7, 3.13t), a range ('>=3.11,<3.14'), an implementation (pypy3.10,"
        " graalpy) or the path of an archive. Without one it is what the project pins: every line of"
        " .python-version, else requires-python; outside of a project the newest CPython. What is there"
        " already stays (hutch python upgrade looks for newer patches). Every archive is compared with the"
        " hash in the table of Pythons; --refresh fetches a newer table first. PATH is not changed, unless"
        " --bin or --default says so. With --build REQUEST is a source of CPython, which is compiled: a"
        " folder, an archive, or a version that the source mirror has."
    ),
    positionals=(Positional("requests", "REQUEST", "What to install", count="*"),),
    options=(
        Option("reinstall", "Fetch and unpack it again", kind=FLAG, env="HUTCH_PYTHON_INSTALL_REINSTALL"),
        Option("force", "The same as --reinstall", sets=("reinstall", True)),
        Option(
            "bin",
            "Make python3.12 in your folder of programs (~/.local/bin)",
            kind=FLAG,
            env="HUTCH_PYTHON_INSTALL_BIN",
        ),
        Option(
            "default",
            "Make python3 and python there, too, for the first that is named",
            kind=FLAG,
            env="HUTCH_PYTHON_INSTALL_DEFAULT",
        ),
        Option(
            "sha256",
            "What the archive has to have",
            kind=TEXT,
            metavar="HASH",
            env="HUTCH_PYTHON_INSTALL_SHA256",
        ),
        UNVERIFIED,
        MIRROR,
        *BUILD,
        DRY_RUN,
        JSON,
    ),
    show=("refresh", "offline"),
    examples=(
        ("hutch python install", "what this project asks for"),
        ("hutch python install 3.12 3.13t pypy3.10", "three, at once"),
        ("hutch python install --build ./Python-3.13.5.tar.xz", "compiled here, from its source"),
    ),
)

UPGRADE = Command(
    "python upgrade",
    "Install the newest patch releases of the Pythons that hutch installed",
    about=(
        "Environments that were made with a minor version (3.12) run the new patch from then on; one that"
        " asked for an exact patch stays with it. Older patches stay as well, unless --prune removes them."
    ),
    positionals=(Positional("requests", "REQUEST", "3.12: all of them if none is named", count="*"),),
    options=(
        Option("all", "All of them", kind=FLAG, env="HUTCH_PYTHON_UPGRADE_ALL"),
        Option(
            "prune",
            "Remove older patches, but for those that an environment asked for",
            kind=FLAG,
            env="HUTCH_PYTHON_UPGRADE_PRUNE",
        ),
        UNVERIFIED,
        MIRROR,
        DRY_RUN,
        JSON,
    ),
    show=("refresh", "offline"),
    examples=(
        ("hutch python upgrade", "every one of them"),
        ("hutch python upgrade 3.12 --prune", "one, and its older patches go"),
    ),
)

UNINSTALL = Command(
    "python uninstall",
    "Remove Pythons that hutch installed",
    about=(
        "While environments would not start without them, nothing is removed, and it is said which; those"
        " made with a minor version run the next lower patch, if there is one. What others installed is"
        " never touched."
    ),
    positionals=(Positional("requests", "REQUEST", "3.12 is all its patches, 3.12.7 one", count="*"),),
    options=(
        Option("all", "All of them", kind=FLAG, env="HUTCH_PYTHON_UNINSTALL_ALL"),
        Option("force", "Also those that environments use", kind=FLAG, env="HUTCH_PYTHON_UNINSTALL_FORCE"),
        DRY_RUN,
        JSON,
    ),
    examples=(
        ("hutch python uninstall 3.12.6", "one patch release"),
        ("hutch python uninstall --all --dry-run", "what would go?"),
    ),
)
