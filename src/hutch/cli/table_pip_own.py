"""The verbs of pip about indexes, and about pip's own things, as data: a page of the table."""

from __future__ import annotations

from hutch.cli.model import TEXT, Command, Option, Positional

__all__ = ["own_verbs"]

_FILE = "Which file"


def own_verbs(dry_run: Option, json: Option, target: tuple[Option, ...]) -> tuple[Command, ...]:
    """``pip index|cache|config``; ``target`` are pip's words for another Python."""
    return (_index(json, target), _cache(dry_run, json), _config(dry_run, json))


def _index(json: Option, target: tuple[Option, ...]) -> Command:
    return Command(
        "pip index",
        "Look at what an index has",
        commands=(
            Command(
                "pip index versions",
                "List the versions of a package that this Python could have",
                positionals=(Positional("name", "NAME", "A package"),),
                options=(
                    Option("pre", "Pre-releases too", env="HUTCH_PIP_INDEX_VERSIONS_PRE"),
                    *target,
                    json,
                ),
                show=("python", "index-url", "extra-index-url", "find-links", "only-binary", "no-binary"),
                examples=(
                    ("hutch pip index versions django", "what there is, and what is installed"),
                    ("hutch pip index versions django --python-version 3.9 --json", "for an older Python"),
                ),
            ),
        ),
        examples=(("hutch pip index versions django", "what there is"),),
    )


def _cache(dry_run: Option, json: Option) -> Command:
    pattern = "The name of a package (six, 'django*'), or of a file ('six-1.*')"
    return Command(
        "pip cache",
        "The cache of hutch, in pip's words",
        about="One cache for all commands: `hutch cache` has more words for it.",
        commands=(
            Command(
                "pip cache dir",
                "Print where the cache is",
                examples=(("hutch pip cache dir", "print the directory"),),
            ),
            Command(
                "pip cache info",
                "Say how large the cache is",
                options=(json,),
                examples=(("hutch pip cache info", "kind by kind"),),
            ),
            Command(
                "pip cache list",
                "List the wheels in the cache",
                positionals=(Positional("pattern", "PATTERN", pattern, count="?"),),
                options=(
                    Option(
                        "format",
                        "With sizes (human), or where each lies (abspath)",
                        kind=TEXT,
                        metavar="FORMAT",
                        choices=("human", "abspath"),
                        default="human",
                        env="HUTCH_PIP_CACHE_LIST_FORMAT",
                    ),
                    json,
                ),
                examples=(("hutch pip cache list six", "wheels of six"),),
            ),
            Command(
                "pip cache remove",
                "Take packages out of the cache",
                positionals=(Positional("pattern", "PATTERN", pattern),),
                options=(dry_run, json),
                examples=(("hutch pip cache remove 'django*'", "all packages of such names"),),
            ),
            Command(
                "pip cache purge",
                "Empty the cache",
                options=(dry_run, json),
                examples=(("hutch pip cache purge", "everything"),),
            ),
        ),
        examples=(("hutch pip cache list", "what is in it"),),
    )


def _which(verb: str) -> tuple[Option, ...]:
    """``--global``, ``--user``, ``--site``."""
    variable = f"HUTCH_PIP_CONFIG_{verb.upper()}_"
    return (
        Option("global", "The file of this machine", env=f"{variable}GLOBAL", section=_FILE),
        Option("user", "The file of this user", env=f"{variable}USER", section=_FILE),
        Option("site", "The file of this environment", env=f"{variable}SITE", section=_FILE),
    )


def _config(dry_run: Option, json: Option) -> Command:
    apart = (("global", "user", "site"),)
    key = Positional("key", "SECTION.NAME", "Such as global.index-url")
    return Command(
        "pip config",
        "Look at pip's configuration files, which hutch obeys, and change them",
        about=(
            "pip's files as pip sees them; `hutch config show` has what hutch makes of them and of its own."
            " Passwords are shown as stars, except by get."
        ),
        commands=(
            Command(
                "pip config list",
                "List what is configured, with the variables",
                options=(*_which("list"), json),
                conflicts=apart,
                examples=(("hutch pip config list", "all files, and PIP_* variables"),),
            ),
            Command(
                "pip config get",
                "Print one value: the one that counts",
                positionals=(key,),
                options=(*_which("get"), json),
                conflicts=apart,
                examples=(("hutch pip config get global.index-url", "the value alone"),),
            ),
            Command(
                "pip config set",
                "Write a value into a file",
                about=(
                    "Into the user's file, or that of the active environment; --global, --user, --site"
                    " choose. As with pip, comments of the file are lost: `hutch pip config edit` keeps them."
                ),
                positionals=(key, Positional("value", "VALUE", "What it is to be")),
                options=(*_which("set"), dry_run),
                conflicts=apart,
                examples=(("hutch pip config set global.timeout 60", "into the user's file"),),
            ),
            Command(
                "pip config unset",
                "Take a value out of a file",
                positionals=(key,),
                options=(*_which("unset"), dry_run),
                conflicts=apart,
                examples=(("hutch pip config unset global.timeout", "out of the user's file"),),
            ),
            Command(
                "pip config edit",
                "Open a file in an editor",
                options=(
                    *_which("edit"),
                    Option(
                        "editor",
                        "This one, instead of VISUAL or EDITOR",
                        kind=TEXT,
                        metavar="COMMAND",
                        env="HUTCH_PIP_CONFIG_EDIT_EDITOR",
                    ),
                ),
                conflicts=apart,
                examples=(("hutch pip config edit --editor vi", "the user's file"),),
            ),
            Command(
                "pip config debug",
                "Say which files there are, and what each says",
                options=(json,),
                examples=(("hutch pip config debug", "every file that pip looks at"),),
            ),
        ),
        examples=(("hutch pip config list", "what is configured"),),
    )
