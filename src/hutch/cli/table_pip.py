"""The verbs of pip that work on what is installed, as data: a page of the table, in pip's spelling."""

from __future__ import annotations

from hutch.cli.model import NUMBER, PAIR, PATH, TEXT, Command, Option, Positional
from hutch.cli.table import WHICH

__all__ = ["BREAK_SYSTEM_PACKAGES", "SYSTEM", "installed_verbs"]

_WHERE = "Which environment"
_WHAT = "What is shown"

SYSTEM = Option(
    "system",
    "The Python itself, outside of any environment: the usual one, or that of --python",
    env="HUTCH_SYSTEM",
    section=_WHERE,
)
BREAK_SYSTEM_PACKAGES = Option(
    "break-system-packages",
    "Change a Python whose packages belong to the system (PEP 668), where there is no environment",
    env="HUTCH_BREAK_SYSTEM_PACKAGES",
    section=_WHERE,
)
STRICT = Option(
    "strict", "Warn of what is missing, or does not fit together", env="HUTCH_STRICT", section=_WHAT
)
ABOUT = (
    "Looks at the environment that --python names, else at the active one (VIRTUAL_ENV, CONDA_PREFIX),"
    " else at the nearest .venv."
)


def _folders(verb: str) -> tuple[Option, ...]:
    """``--system``, ``--target``, ``--prefix``, ``--path``."""
    variable = f"HUTCH_PIP_{verb.upper()}_"
    return (
        *WHICH,
        SYSTEM,
        Option(
            "target",
            "What `pip install --target` put into this folder",
            kind=PATH,
            short="t",
            metavar="DIR",
            env=f"{variable}TARGET",
            section=_WHERE,
        ),
        Option(
            "prefix",
            "What `pip install --prefix` put below this folder",
            kind=PATH,
            metavar="DIR",
            env=f"{variable}PREFIX",
            section=_WHERE,
        ),
        Option(
            "path",
            "Only what is in this directory of packages (may be repeated)",
            kind=PATH,
            metavar="DIR",
            many=True,
            env=f"{variable}PATH",
            section=_WHERE,
        ),
    )


def _scope(verb: str) -> tuple[Option, ...]:
    """``--local`` and ``--user``."""
    variable = f"HUTCH_PIP_{verb.upper()}_"
    return (
        Option(
            "local",
            "Not what an environment sees of the Python below it",
            short="l",
            env=f"{variable}LOCAL",
            section=_WHERE,
        ),
        Option(
            "user",
            "Only what is installed for this user outside of environments",
            env=f"{variable}USER",
            section=_WHERE,
        ),
    )


def _left_out(verb: str) -> tuple[Option, ...]:
    """``--exclude`` and ``--exclude-editable``."""
    variable = f"HUTCH_PIP_{verb.upper()}_"
    return (
        Option(
            "exclude",
            "Leave this package out (may be repeated)",
            kind=TEXT,
            metavar="NAME",
            many=True,
            env=f"{variable}EXCLUDE",
            section=_WHAT,
        ),
        Option(
            "exclude-editable",
            "Leave out projects that are worked on where they lie",
            env=f"{variable}EXCLUDE_EDITABLE",
            section=_WHAT,
        ),
    )


_CONFLICTS = (
    ("system", "target", "prefix", "path", "name", "env"),
    ("path", "user"),
    ("path", "local"),
)
_FOLDERS_APART = (("system", "target", "prefix", "path", "name", "env"),)


def installed_verbs(dry_run: Option, json: Option) -> tuple[Command, ...]:
    """``pip uninstall|list|show|freeze|check|tree|inspect``, with the options that all commands share."""
    return (
        Command(
            "pip uninstall",
            "Take packages out of an environment",
            about=(
                "Works on the environment that --python names, else on the active one, else on the nearest"
                " .venv. On a terminal it asks first. What is not installed is passed over; `hutch env"
                " rollback` brings all of it back."
            ),
            positionals=(Positional("names", "NAME", "A package that is installed", count="*"),),
            options=(
                Option(
                    "requirement",
                    "All that this requirements file names (may be repeated)",
                    kind=PATH,
                    short="r",
                    metavar="FILE",
                    many=True,
                    env="HUTCH_PIP_UNINSTALL_REQUIREMENT",
                ),
                Option("yes", "Do not ask", short="y", env="HUTCH_PIP_UNINSTALL_YES"),
                *(one for one in _folders("uninstall") if one.name != "path"),
                BREAK_SYSTEM_PACKAGES,
                dry_run,
                json,
            ),
            conflicts=(("system", "target", "prefix", "name", "env"),),
            show=("python",),
            examples=(
                ("hutch pip uninstall requests", "ask, and take it out"),
                ("hutch pip uninstall -y -r requirements.txt", "all that a file names"),
                ("hutch pip uninstall --dry-run flask", "what would go"),
            ),
        ),
        Command(
            "pip list",
            "List what is installed",
            about=ABOUT + " With -v, also where each package is, and who installed it.",
            options=(
                Option("outdated", "Only what has a newer version", short="o", env="HUTCH_PIP_LIST_OUTDATED"),
                Option(
                    "uptodate", "Only what has no newer version", short="u", env="HUTCH_PIP_LIST_UPTODATE"
                ),
                Option(
                    "editable",
                    "Only projects that are worked on where they lie",
                    short="e",
                    env="HUTCH_PIP_LIST_EDITABLE",
                    section=_WHAT,
                ),
                *_left_out("list"),
                Option(
                    "not-required",
                    "Only what no other package needs",
                    env="HUTCH_PIP_LIST_NOT_REQUIRED",
                    section=_WHAT,
                ),
                Option(
                    "format",
                    "As a table, as requirements, or as JSON",
                    kind=TEXT,
                    metavar="FORM",
                    choices=("columns", "freeze", "json"),
                    env="HUTCH_PIP_LIST_FORMAT",
                    section=_WHAT,
                ),
                Option("json", "The same as --format json", sets=("format", "json"), section=_WHAT),
                Option(
                    "pre",
                    "Pre-releases are newer versions as well",
                    env="HUTCH_PIP_LIST_PRE",
                    section=_WHAT,
                ),
                STRICT,
                *_scope("list"),
                *_folders("list"),
            ),
            conflicts=(("outdated", "uptodate"), ("editable", "exclude-editable"), *_CONFLICTS),
            show=("python", "index-url", "extra-index-url", "find-links"),
            examples=(
                ("hutch pip list", "names and versions"),
                ("hutch pip list --outdated", "and what there is that is newer"),
                ("hutch pip list --format json", "for a program"),
            ),
        ),
        Command(
            "pip show",
            "Show what installed packages say of themselves",
            about=ABOUT + " With -v, also classifiers, entry points and URLs.",
            positionals=(Positional("names", "NAME", "A package that is installed", count="+"),),
            options=(
                Option(
                    "files",
                    "Every file of it as well",
                    short="f",
                    env="HUTCH_PIP_SHOW_FILES",
                ),
                *_folders("show"),
                json,
            ),
            conflicts=_FOLDERS_APART,
            show=("python",),
            examples=(
                ("hutch pip show flask", "version, licence, what it needs, who needs it"),
                ("hutch pip show -f flask", "its files too"),
            ),
        ),
        Command(
            "pip freeze",
            "Print what is installed as requirements",
            about=ABOUT + " pip itself is left out (below Python 3.12 setuptools and wheel, too).",
            options=(
                Option(
                    "requirement",
                    "Keep the order and the comments of this file (may be repeated)",
                    kind=PATH,
                    short="r",
                    metavar="FILE",
                    many=True,
                    env="HUTCH_PIP_FREEZE_REQUIREMENT",
                    section=_WHAT,
                ),
                Option("all", "Leave nothing out", env="HUTCH_PIP_FREEZE_ALL", section=_WHAT),
                *_left_out("freeze"),
                STRICT,
                *_scope("freeze"),
                *_folders("freeze"),
                json,
            ),
            conflicts=_CONFLICTS,
            show=("python",),
            examples=(
                ("hutch pip freeze > requirements.txt", "what is installed, to be installed elsewhere"),
                ("hutch pip freeze -r requirements.in", "in the order of a file"),
            ),
        ),
        Command(
            "pip check",
            "Say whether what is installed fits together",
            about=ABOUT
            + " Missing packages, versions that do not fit, and what is for another system or another Python"
            " are told, and the exit code is 1 then.",
            options=(*_folders("check"), json),
            conflicts=_FOLDERS_APART,
            show=("python",),
            examples=(("hutch pip check", "is anything broken?"),),
        ),
        Command(
            "pip tree",
            "Show what needs what among what is installed",
            about=ABOUT,
            options=(
                Option(
                    "invert",
                    "From each package to those that need it",
                    env="HUTCH_PIP_TREE_INVERT",
                    section=_WHAT,
                ),
                Option("reverse", "The same as --invert", sets=("invert", True), section=_WHAT),
                Option(
                    "depth",
                    "How deep",
                    kind=NUMBER,
                    short="d",
                    metavar="N",
                    env="HUTCH_PIP_TREE_DEPTH",
                    section=_WHAT,
                ),
                Option(
                    "package",
                    "Begin at this package (may be repeated)",
                    kind=TEXT,
                    metavar="NAME",
                    many=True,
                    env="HUTCH_PIP_TREE_PACKAGE",
                    section=_WHAT,
                ),
                Option(
                    "prune",
                    "Leave out this package and what it needs (may be repeated)",
                    kind=TEXT,
                    metavar="NAME",
                    many=True,
                    env="HUTCH_PIP_TREE_PRUNE",
                    section=_WHAT,
                ),
                Option(
                    "outdated",
                    "Say what has a newer version",
                    env="HUTCH_PIP_TREE_OUTDATED",
                    section=_WHAT,
                ),
                Option(
                    "dedupe",
                    "Show in full what was shown before, too",
                    kind=PAIR,
                    default=True,
                    env="HUTCH_PIP_TREE_DEDUPE",
                    section=_WHAT,
                ),
                STRICT,
                *_folders("tree"),
                json,
            ),
            conflicts=_FOLDERS_APART,
            show=("python",),
            examples=(
                ("hutch pip tree", "from what nothing else needs"),
                ("hutch pip tree --invert --package urllib3", "who needs urllib3?"),
            ),
        ),
        Command(
            "pip inspect",
            "Print all there is to say of what is installed, as JSON",
            about=ABOUT + " The form is version 1 of pip's inspect report.",
            options=(*_scope("inspect"), *_folders("inspect")),
            conflicts=_CONFLICTS,
            show=("python",),
            examples=(("hutch pip inspect | jq '.installed[].metadata.name'", "the names"),),
        ),
    )
