"""``hutch conda config`` and ``hutch conda clean`` as data: a page of the table."""

from __future__ import annotations

from hutch.cli.model import PATH, TEXT, Command, Option, Positional
from hutch.cli.table import JSON, NAMED
from hutch.cli.table_conda_change import DRY_RUN, PREFIX, YES

__all__ = ["own_verbs"]


def own_verbs() -> tuple[Command, ...]:
    """The verbs about conda's configuration, about what is kept, and two more that conda has."""
    return (_config(), _clean(), _compare(), _rename())


def _compare() -> Command:
    return Command(
        "conda compare",
        "Compare an environment with an environment.yml",
        about=(
            "Tells what of the file is missing in the environment, or there in another version or build;"
            " those of its pip: list, too. Exit code 0 where all is as the file says, else 1. No channel is"
            " asked."
        ),
        positionals=(Positional("file", "FILE", "The environment.yml", kind=PATH),),
        options=(NAMED, PREFIX, JSON),
        conflicts=(("name", "prefix"),),
        examples=(("hutch conda compare -n science environment.yml", "is it what the file says?"),),
    )


def _rename() -> Command:
    return Command(
        "conda rename",
        "Give an environment another name, or another place",
        about=(
            "With its history, and all that is in it: complete there before it goes where it was. Nothing is"
            " replaced. The active one stays what it is."
        ),
        positionals=(Positional("destination", "NEW", "What it will be called, or a path: ./here"),),
        options=(
            NAMED,
            PREFIX,
            Option("force", "Also one that is in use", env="HUTCH_CONDA_RENAME_FORCE"),
            YES,
            DRY_RUN,
            JSON,
        ),
        conflicts=(("name", "prefix"),),
        examples=(
            ("hutch conda rename -n science lab", "the same under another name"),
            ("hutch conda rename -p ./old ./new", "in another directory"),
        ),
    )


def _pair(name: str, help: str) -> Option:
    env = f"HUTCH_CONDA_CONFIG_{name.upper()}"
    return Option(
        name, f"{help} (may be repeated)", kind=TEXT, metavar="KEY VALUE", many=True, words=2, env=env
    )


def _look(name: str, help: str) -> Option:
    return Option(name, help, env=f"HUTCH_CONDA_CONFIG_{name.upper().replace('-', '_')}")


def _config() -> Command:
    looks = ("show", "show-sources", "get", "describe", "validate")
    edits = ("add", "prepend", "append", "set", "remove", "remove-key", "stdin")
    return Command(
        "conda config",
        "Look at conda's configuration, and change it",
        about=(
            "What hutch makes of the .condarc files, of CONDA_* and of its own settings above them; and"
            " changes of one file: the user's, unless another is named. All changes of a command are made, or"
            " none; comments, order and permissions stay. Credentials are shown as ****."
        ),
        positionals=(Positional("keys", "KEY", "What is looked at, as proxy_servers.https", count="*"),),
        options=(
            _look("show", "What holds: of all keys, or of these"),
            _look("show-sources", "What each file and each variable says"),
            _look("get", "What one file says: all of it, or of these keys"),
            _look("describe", "What keys there are, what they mean, and which hutch does not use"),
            _look("validate", "Look whether everything that is said can be used"),
            _pair("add", "Put VALUE first in a list: the same as --prepend"),
            _pair("prepend", "Put VALUE first in a list"),
            _pair("append", "Put VALUE last in a list"),
            _pair("set", "Set a single value, or TABLE.NAME"),
            _pair("remove", "Take VALUE out of a list"),
            Option(
                "remove-key",
                "Take a key away, with all that it says (may be repeated)",
                kind=TEXT,
                metavar="KEY",
                many=True,
                env="HUTCH_CONDA_CONFIG_REMOVE_KEY",
            ),
            Option("stdin", "Settings as YAML, each in place of what was said of it",
                   env="HUTCH_CONDA_CONFIG_STDIN"),
            Option("file", "This file", kind=PATH, metavar="FILE", env="HUTCH_CONDA_CONFIG_FILE",
                   section="Which file"),
            Option("env", "That of the active environment, or of -n or -p", env="HUTCH_CONDA_CONFIG_ENV",
                   section="Which file"),
            Option("system", "That of the installation in CONDA_ROOT, or of the machine",
                   env="HUTCH_CONDA_CONFIG_SYSTEM", section="Which file"),
            NAMED,
            PREFIX,
            JSON,
        ),
        conflicts=(
            looks,
            *((look, edit) for look in looks for edit in edits),
            ("file", "env", "system"),
            ("file", "name", "prefix"),
            ("system", "name", "prefix"),
        ),
        examples=(
            ("hutch conda config --add channels conda-forge --set channel_priority strict", "both, or none"),
            ("hutch conda config --show channels --json", "for a script"),
            ("hutch conda config --show-sources", "who says what?"),
        ),
    )  # fmt: skip


def _clean() -> Command:
    def own(name: str, help: str, short: str = "") -> Option:
        env = f"HUTCH_CONDA_CLEAN_{name.upper().replace('-', '_')}"
        return Option(name, help, short=short, env=env)

    return Command(
        "conda clean",
        "Remove packages that no environment uses, and what channels said",
        about=(
            "Of hutch's store, which is all that is touched; hutch cache prune and hutch cache clean are for"
            " the rest of it. Environments keep working, and can go back to earlier states: what they need"
            " for that is in use. Shows what would go, and asks."
        ),
        options=(
            own("all", "The same as --packages --index-cache --tarballs --logfiles", "a"),
            own("packages", "Unpacked packages that no environment uses", "p"),
            own("index-cache", "What channels said they have", "i"),
            own("force-pkgs-dirs", "All unpacked packages: what is needed again is fetched again", "f"),
            own("tarballs", "Archives of packages: none are kept", "t"),
            own("logfiles", "Log files: none are kept", "l"),
            Option("tempfiles", "Leftovers in this environment: none are left (may be repeated)", kind=PATH,
                   short="c", metavar="PATH", many=True, env="HUTCH_CONDA_CLEAN_TEMPFILES"),
            own("source-cache", "Sources of conda-build: none are kept", "s"),
            YES,
            DRY_RUN,
            JSON,
        ),
        examples=(
            ("hutch conda clean --all --dry-run", "what would go?"),
            ("hutch conda clean -afy", "in an image: nothing is kept"),
        ),
    )  # fmt: skip
