"""What hutch keeps for itself (cache, configuration, passwords) as data: a page of the table."""

from __future__ import annotations

from hutch.cli.model import TEXT, Command, Option, Positional
from hutch.cli.table import DRY_RUN, JSON

__all__ = ["AUTH", "CACHE", "CONFIG", "SELF"]

CACHE = Command(
    "cache",
    "Look at the cache of packages, check it, make it smaller",
    group="rest",
    commands=lambda: (
        Command(
            "cache dir",
            "Print where the cache is",
            examples=(("hutch cache dir", "print the directory"),),
        ),
        Command(
            "cache size",
            "Say how large the cache is",
            options=(JSON,),
            about="A file that several places share counts once. Environments link to files of the cache:"
            " what they share is counted here.",
            examples=(("hutch cache size", "files and bytes, kind by kind"),),
        ),
        Command(
            "cache verify",
            "Compare what is in the cache with what was put there",
            about="Size and date of every file, every checksum. What is damaged would be found when it"
            " is used, and fetched anew; this says it beforehand. Ends with 1 if something is damaged and"
            " was not mended.",
            options=(
                Option(
                    "deep",
                    "Read every file and compare its SHA-256, which finds what a bad disk did",
                    env="HUTCH_CACHE_VERIFY_DEEP",
                ),
                Option(
                    "fix",
                    "Take out what is damaged (it is fetched again when it is needed), restore dates",
                    env="HUTCH_CACHE_VERIFY_FIX",
                ),
                JSON,
            ),
            examples=(
                ("hutch cache verify", "sizes, dates and checksums"),
                ("hutch cache verify --deep --fix", "every byte, and out with what is damaged"),
            ),
        ),
        Command(
            "cache prune",
            "Remove what was not used for long, until the cache is within its limit",
            about="The least recently used goes first. What an environment uses stays, and so does what"
            " was used in the last two hours. Throwaway environments go after 30 days, tables after 60."
            " hutch does the same by itself, at most once a day, after a command that put packages in.",
            options=(
                Option(
                    "limit",
                    "How large the cache may stay, instead of cache-size-limit: 20 GiB, 10 %, none",
                    kind=TEXT,
                    metavar="SIZE",
                    env="HUTCH_CACHE_PRUNE_LIMIT",
                ),
                DRY_RUN,
                JSON,
            ),
            examples=(
                ("hutch cache prune", "down to cache-size-limit"),
                ("hutch cache prune --limit 0", "only what environments use"),
                ("hutch cache prune --dry-run", "what would go?"),
            ),
        ),
        Command(
            "cache clean",
            "Delete the cache, or what it has of some packages",
            about="Environments keep working: what they use is their own.",
            positionals=(Positional("names", "NAME", "Only what belongs to this package", count="*"),),
            options=(DRY_RUN, JSON),
            examples=(
                ("hutch cache clean", "delete everything"),
                ("hutch cache clean torch", "only what there is of torch"),
            ),
        ),
    ),
    examples=(
        ("hutch cache size", "how large is it?"),
        ("hutch cache prune", "what nobody has used for long"),
        ("hutch cache clean", "delete everything"),
    ),
)

CONFIG = Command(
    "config",
    "Show the configuration",
    group="rest",
    commands=lambda: (
        Command(
            "config show",
            "Show every setting, its value, and where it was set",
            options=(JSON,),
            examples=(
                ("hutch config show", "every setting and its source"),
                ("hutch config show --json", "the same for a program"),
            ),
        ),
    ),
    examples=(("hutch config show", "every setting and its source"),),
)

AUTH = Command(
    "auth",
    "Keep user names and passwords of indexes and other servers",
    group="rest",
    commands=lambda: (
        Command(
            "auth login",
            "Keep a user name and a password, for every command that needs them",
            about="The system's keyring keeps the password if its program (keyring) is on the PATH and"
            " works; else a file does, as plain text that nobody but you can read, and hutch says so. It"
            " is told to the scheme, host and port of the address that you give, and to nobody else.",
            positionals=(
                Positional(
                    "place",
                    "INDEX",
                    "The name of an index that is configured here, or a URL (the default index)",
                    count="?",
                ),
            ),
            options=(
                Option(
                    "username",
                    "The user name, instead of a question",
                    kind=TEXT,
                    short="u",
                    metavar="NAME",
                    env="HUTCH_AUTH_LOGIN_USERNAME",
                ),
                Option(
                    "token",
                    "It is a token: the user name is __token__",
                    env="HUTCH_AUTH_LOGIN_TOKEN",
                ),
                Option(
                    "stdin",
                    "Read the password or token from standard input, instead of a question",
                    env="HUTCH_AUTH_LOGIN_STDIN",
                ),
                Option(
                    "from",
                    "Take them from what this tool has for an index of that name",
                    kind=TEXT,
                    metavar="TOOL",
                    choices=("poetry", "pdm"),
                    env="HUTCH_AUTH_LOGIN_FROM",
                ),
                Option(
                    "store",
                    "Where the password is kept: in the keyring if there is one (auto), there or not at"
                    " all (keyring), or in a file",
                    kind=TEXT,
                    metavar="WHERE",
                    choices=("auto", "keyring", "file"),
                    default="auto",
                    env="HUTCH_AUTH_LOGIN_STORE",
                ),
                DRY_RUN,
                JSON,
            ),
            examples=(
                ("hutch auth login corp", "asks for a user name and a password"),
                (
                    "hutch auth login https://packages.corp.example/ --token --stdin < token",
                    "no questions",
                ),
                ("hutch auth login corp --from poetry", "what `poetry config` has for corp"),
            ),
        ),
        Command(
            "auth logout",
            "Forget what `hutch auth login` keeps for an index or another server",
            positionals=(
                Positional(
                    "place",
                    "INDEX",
                    "The name of an index that is configured here, or a URL (the default index)",
                    count="?",
                ),
            ),
            options=(DRY_RUN, JSON),
            examples=(("hutch auth logout corp", "forget it"),),
        ),
        Command(
            "auth list",
            "List what is kept, and where the credentials of each index come from",
            about="No password is shown, and no keyring is asked.",
            options=(JSON,),
            examples=(("hutch auth list", "what does hutch know?"),),
        ),
    ),
    examples=(
        ("hutch auth login corp", "keep a password"),
        ("hutch auth list", "what does hutch know?"),
    ),
)

SELF = Command(
    "self",
    "About this hutch",
    group="rest",
    commands=lambda: (
        Command(
            "self version",
            "Show the version of hutch and of the Python that it runs on",
            options=(JSON,),
            examples=(
                ("hutch self version", "hutch and its Python"),
                ("hutch self version --json", "the same for a program"),
            ),
        ),
    ),
    examples=(("hutch self version", "hutch and its Python"),),
)
