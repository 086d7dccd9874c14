"""``hutch python list|find|which|pin|dir`` as data: the verbs that look for Pythons."""

from __future__ import annotations

from hutch.cli.model import Command, Option, Positional
from hutch.cli.table import DRY_RUN, JSON

__all__ = ["DIR", "FIND", "LIST", "PIN", "WHICH"]

_REQUEST = "A version (3.12), a range (>=3.11,<3.14), a name (pypy3.10, 3.13t) or a path"

LIST = Command(
    "python list",
    "List every Python of this machine, and those that can be installed",
    about=(
        "With its version, who put it there (pyenv, uv, conda, asdf, mise, Homebrew, a system, hutch), and"
        " what is to be known of it: broken, past its end of life, an environment. The one that is used here"
        " has a *. Nothing is started whose version can be read from the disk."
        " Of those that can be installed the newest of each minor version is shown, unless python-downloads"
        " is never."
    ),
    positionals=(
        Positional(
            "request", "REQUEST", f"Only those that fit. {_REQUEST}, or who has it (conda)", count="?"
        ),
    ),
    options=(
        Option(
            "all-versions", "Show every version that can be installed", env="HUTCH_PYTHON_LIST_ALL_VERSIONS"
        ),
        Option("only-installed", "Show what is here alone", env="HUTCH_PYTHON_LIST_ONLY_INSTALLED"),
        Option("only-downloads", "Show what can be installed alone", env="HUTCH_PYTHON_LIST_ONLY_DOWNLOADS"),
        Option("paths", "Print the paths alone, one a line", env="HUTCH_PYTHON_LIST_PATHS"),
        JSON,
    ),
    conflicts=(("only-installed", "only-downloads"), ("only-installed", "all-versions")),
    examples=(
        ("hutch python list", "what is there?"),
        ("hutch python list 3.12", "which 3.12?"),
        ("hutch python list --only-downloads", "what can be installed?"),
    ),
)

FIND = Command(
    "python find",
    "Print the path of a Python",
    about=(
        "Of the one that REQUEST means; without it, of the one that is used here, which is that of the"
        " project's environment if there is one. `hutch python which` says why."
    ),
    positionals=(Positional("request", "REQUEST", _REQUEST, count="?"),),
    options=(
        Option("system", "Pass over environments", env="HUTCH_PYTHON_FIND_SYSTEM"),
        Option("show-version", "Print its version instead", env="HUTCH_PYTHON_FIND_SHOW_VERSION"),
        Option("prefix", "Print where it is installed instead", env="HUTCH_PYTHON_FIND_PREFIX"),
        JSON,
    ),
    conflicts=(("show-version", "prefix"),),
    examples=(
        ("hutch python find", "which one is used here?"),
        ("hutch python find '>=3.11,<3.13'", "the newest of these"),
        ("hutch python find --system --show-version", "not the environment, but what is behind it"),
    ),
)

WHICH = Command(
    "python which",
    "Say which program a name means here, and why",
    about=(
        "The path goes to stdout; why it is that one, and which file or variable says so, is a line on"
        " stderr. Looked for in the project's environment, beside the Python that is pinned or chosen"
        " here, and on PATH."
    ),
    positionals=(Positional("name", "NAME", "Of a program: pip, pytest; python if not given", count="?"),),
    options=(
        Option("all", "Every Python that has it", env="HUTCH_PYTHON_WHICH_ALL"),
        JSON,
    ),
    examples=(
        ("hutch python which", "which Python, and who says so?"),
        ("hutch python which pytest", "whose pytest would run?"),
        ("hutch python which --all pip", "who has a pip?"),
    ),
)

PIN = Command(
    "python pin",
    "Say which Python this directory asks for",
    about=(
        "Writes .python-version in the project's directory, or here; pyenv and uv read it too. Comments in it"
        " stay. Several requests are several versions: the first is python, of the others there is"
        " pythonX.Y. Without a request it says what is pinned. A global pin holds where nobody else says"
        " anything, and gives way where a project does not admit it."
    ),
    positionals=(
        Positional("requests", "REQUEST", f"{_REQUEST}, the name of an environment, or system", count="*"),
    ),
    options=(
        Option("global", "For everywhere, instead of this directory", env="HUTCH_PYTHON_PIN_GLOBAL"),
        Option("rm", "Remove the pin", env="HUTCH_PYTHON_PIN_RM"),
        Option(
            "resolved",
            "Write the exact version that the request means on this machine",
            env="HUTCH_PYTHON_PIN_RESOLVED",
        ),
        DRY_RUN,
        JSON,
    ),
    conflicts=(("rm", "resolved"),),
    examples=(
        ("hutch python pin 3.12", "this project gets a 3.12"),
        ("hutch python pin 3.12 3.11", "and has python3.11, too"),
        ("hutch python pin --global 3.13", "everywhere else"),
    ),
)

DIR = Command(
    "python dir",
    "Show where the Pythons that hutch installs are",
    about="The folder need not be there yet. It is python in the data folder (HUTCH_DATA_DIR).",
    examples=(("hutch python dir", "the path, and nothing else"),),
)
