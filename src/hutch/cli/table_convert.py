"""What other tools read and write, as data: a page of the table, read when it is used."""

from __future__ import annotations

from hutch.cli.model import PAIR, PATH, TEXT, Command, Option, Positional
from hutch.cli.table import DRY_RUN, ENV, FROZEN, JSON, LOCKED, SELECTION, SELECTION_CONFLICTS

__all__ = ["EXPORT", "GIT", "IMPORT"]

IMPORT = Command(
    "import",
    "Write another tool's manifest as pyproject.toml",
    group="convert",
    about=(
        "Writes what hutch has understood of it all along: [project], [dependency-groups] and"
        " [tool.hutch]. A pyproject.toml is changed in place, for any other file a new one is written"
        " beside it. What has no equivalent is listed. The lock stays, and hutch lock starts from it."
    ),
    positionals=(
        Positional(
            "file", "FILE", "The manifest; without it, the one that the project has", count="?", kind=PATH
        ),
    ),
    options=(
        Option(
            "remove-old",
            "Take what was imported out of the tables of the other tools; what they say besides stays",
            env="HUTCH_IMPORT_REMOVE_OLD",
        ),
        DRY_RUN,
        JSON,
    ),
    examples=(
        ("hutch import --dry-run", "the difference that it would make"),
        ("hutch import environment.yml", "a pyproject.toml beside it"),
        ("hutch import --remove-old", "[tool.poetry] and its like go, as far as they were taken over"),
    ),
)

EXPORT = Command(
    "export",
    "Write the lock in a format of other tools",
    group="convert",
    about="Prints to the terminal, or writes the file given with -o.",
    options=(
        Option(
            "format",
            "What to write: requirements or constraints for pip; a pylock of the choice; environment.yml,"
            " explicit, conda-lock and pixi (their lock) for conda; pipfile.lock for Pipenv",
            kind=TEXT,
            metavar="FORMAT",
            choices=(
                *("requirements", "constraints", "pylock", "environment.yml", "explicit", "conda-lock"),
                *("pixi", "pipfile.lock"),
            ),
            default="requirements",
            env="HUTCH_EXPORT_FORMAT",
        ),
        Option(
            "output-file",
            "Write to this file",
            kind=PATH,
            short="o",
            metavar="FILE",
            env="HUTCH_EXPORT_OUTPUT_FILE",
        ),
        Option(
            "hashes",
            "Leave out the hashes of the files",
            kind=PAIR,
            default=True,
            env="HUTCH_EXPORT_HASHES",
        ),
        Option(
            "target",
            "Only what is installed on this target (cp312-linux-x86_64, or a word such as linux; with"
            " packages of conda linux-64), without markers for others",
            kind=TEXT,
            metavar="TARGET",
            many=True,
            env="HUTCH_EXPORT_TARGET",
        ),
        Option(
            "annotate",
            "Leave out the comments that say what needs a package",
            kind=PAIR,
            default=True,
            env="HUTCH_EXPORT_ANNOTATE",
        ),
        Option(
            "header",
            "Leave out the comment at the top",
            kind=PAIR,
            default=True,
            env="HUTCH_EXPORT_HEADER",
        ),
        Option(
            "emit-project",
            "Add the project itself, editable",
            kind=PAIR,
            default=False,
            env="HUTCH_EXPORT_EMIT_PROJECT",
        ),
        Option(
            "no-emit-package",
            "Leave this package out, not what it needs",
            kind=TEXT,
            metavar="NAME",
            many=True,
            env="HUTCH_EXPORT_NO_EMIT_PACKAGE",
        ),
        Option(
            "emit-index-url",
            "Name the indexes that the packages come from",
            kind=PAIR,
            default=False,
            env="HUTCH_EXPORT_EMIT_INDEX_URL",
        ),
        LOCKED,
        FROZEN,
        ENV,
        *SELECTION,
    ),
    conflicts=(("frozen", "locked"), *SELECTION_CONFLICTS),
    examples=(
        ("hutch export -o requirements.txt", "for pip install -r, with hashes"),
        ("hutch export --format pylock -o pylock.prod.toml --no-dev", "a standard lock for deployment"),
        ("hutch export --format constraints --target cp312-linux-x86_64", "the versions of one machine"),
    ),
)

GIT = Command(
    "git",
    "Merge pylock.toml in git by locking again",
    group="convert",
    commands=lambda: (
        Command(
            "git setup",
            "Tell git to merge pylock.toml with hutch",
            about=(
                "Writes a line into .gitattributes, which is committed, and the command into git's"
                " configuration, which each clone needs for itself."
            ),
            options=(
                Option(
                    "user",
                    "Configure git for all repositories of this user, not for this one only",
                    env="HUTCH_GIT_SETUP_USER",
                ),
                DRY_RUN,
                JSON,
            ),
            examples=(
                ("hutch git setup", "in this repository"),
                ("hutch git setup --user", "git's configuration for all repositories"),
            ),
        ),
        Command(
            "git merge-lock",
            "Merge a lock, as git's merge driver",
            about=(
                "Git calls it: see hutch git setup. It locks for the merged pyproject.toml, keeping"
                " the versions of both sides, and writes the lock to OURS. Where that cannot be done it"
                " leaves conflict markers there and exits with 1."
            ),
            positionals=(
                Positional("base", "BASE", "The lock where the sides parted (git's %O)"),
                Positional("ours", "OURS", "The lock of this side (%A); the result goes here"),
                Positional("theirs", "THEIRS", "The lock of the other side (%B)"),
                Positional("path", "PATH", "The lock in the repository (%P); pylock.toml", count="?"),
            ),
            options=(JSON,),
            examples=(("hutch git merge-lock .merge_1 .merge_2 .merge_3 pylock.toml", "what git calls"),),
        ),
    ),
    examples=(("hutch git setup", "tell git to merge pylock.toml with hutch"),),
)
