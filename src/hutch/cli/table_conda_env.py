"""``hutch conda list|export|run`` and ``hutch conda env`` as data: a page of the table."""

from __future__ import annotations

from hutch.cli.model import PATH, TEXT, Command, Option, Positional
from hutch.cli.table import JSON, NAMED
from hutch.cli.table_conda_change import (
    DRY_RUN,
    HOW,
    NO_PIN,
    OVERRIDE_FROZEN,
    PLATFORM,
    PREFIX,
    PRIORITY,
    SUBDIR,
    YES,
)
from hutch.cli.table_conda_variables import config_noun

__all__ = ["environments_noun", "looking_verbs"]

_PLACE = (NAMED, PREFIX)
_NOT_BOTH = (("name", "prefix"),)
_FROM_HISTORY = Option("from-history", "What was asked for alone", env="HUTCH_FROM_HISTORY")
_NO_BUILDS = Option("no-builds", "Versions without the names of builds", env="HUTCH_NO_BUILDS")
_EXPORT_ABOUT = (
    "Channels, packages with version and build, and those of a package index in a pip: list. The place of the"
    " environment on this machine is left out. hutch conda env create -f makes the same again. Of the"
    " formats with the address of every file, for this platform, what came from an index is left out."
)


def _file(verb: str, help: str) -> Option:
    return Option("file", help, kind=PATH, short="f", metavar="FILE", env=f"HUTCH_CONDA_{verb}_FILE")


def _yml(verb: str) -> Option:
    return _file(verb, "This environment.yml; else the one in the current directory")


def _export(verb: str) -> tuple[Option, ...]:
    how = Option(
        "format",
        "An environment.yml (also as JSON), or a list of the files for this platform",
        kind=TEXT,
        metavar="FORMAT",
        choices=("environment-yaml", "yaml", "yml", "environment-json", "json", "explicit", "conda-lock"),
        default="environment-yaml",
        env=f"HUTCH_CONDA_{verb}_FORMAT",
    )
    return (
        *_PLACE,
        _FROM_HISTORY,
        _NO_BUILDS,
        Option(
            "channel",
            "Name this channel first, besides those that packages came from (may be repeated)",
            kind=TEXT,
            short="c",
            metavar="CHANNEL",
            many=True,
            env=f"HUTCH_CONDA_{verb}_CHANNEL",
        ),
        how,
        _file(verb, "Write it to this file, not to stdout"),
        JSON,
    )


def looking_verbs() -> tuple[Command, ...]:
    """The verbs that look at an environment, or run something in it."""
    return (
        Command(
            "conda list",
            "Show what is in an environment",
            about="Packages of conda's channels and of package indexes, by name.",
            positionals=(
                Positional("pattern", "REGEX", "Those alone in whose names this is found", count="?"),
            ),
            options=(
                *_PLACE,
                Option("full-name", "REGEX is a name", short="f", env="HUTCH_CONDA_LIST_FULL_NAME"),
                Option("explicit", "All addresses (@EXPLICIT)", env="HUTCH_CONDA_LIST_EXPLICIT"),
                Option(
                    "export", "NAME=VERSION=BUILD, as create --file reads it", short="e",
                    env="HUTCH_CONDA_LIST_EXPORT",
                ),
                Option(
                    "revisions", "What was in it: the generations of hutch env history, as conda says them",
                    short="r", env="HUTCH_CONDA_LIST_REVISIONS",
                ),
                Option("canonical", "CHANNEL/SUBDIR::NAME-VERSION-BUILD alone", short="c",
                       env="HUTCH_CONDA_LIST_CANONICAL"),
                Option("size", "How much each has, and all of them", env="HUTCH_CONDA_LIST_SIZE"),
                Option("no-pip", "Without what came from package indexes", env="HUTCH_CONDA_LIST_NO_PIP"),
                Option("reverse", "The last name first", env="HUTCH_CONDA_LIST_REVERSE"),
                Option("md5", "With --explicit: MD5 behind them", env="HUTCH_CONDA_LIST_MD5"),
                Option("sha256", "With --explicit: SHA-256 behind them", env="HUTCH_CONDA_LIST_SHA256"),
                JSON,
            ),
            conflicts=(
                *_NOT_BOTH, ("explicit", "export", "revisions", "canonical", "size"), ("md5", "sha256"),
            ),
            examples=(("hutch conda list -n science", "what is in it?"),
                      ("hutch conda list -n science --size", "what takes the room?"),
                      ("hutch conda list -n science --revisions", "what was?")),
        ),
        Command(
            "conda info",
            "Show what conda would know of this machine",
            about=(
                "The active environment, channels, virtual packages, files of configuration. No channel is"
                " asked. With --json under the names that scripts look for in conda's."
            ),
            options=(
                Option("envs", "The environments alone", short="e", env="HUTCH_CONDA_INFO_ENVS"),
                Option("all", "Also the environments", short="a", env="HUTCH_CONDA_INFO_ALL"),
                Option("base", "The directory above hutch's environments alone", env="HUTCH_CONDA_INFO_BASE"),
                JSON,
            ),
            conflicts=(("envs", "base"),),
            examples=(("hutch conda info --json", "for a script"),),
        ),
        Command(
            "conda export",
            "Write an environment.yml of an environment",
            about=_EXPORT_ABOUT,
            options=_export("EXPORT"),
            conflicts=(*_NOT_BOTH, ("format", "json")),
            examples=(("hutch conda export -n science --from-history", "what was asked for"),),
        ),
        Command(
            "conda run",
            "Run a command in an environment, as if it were active",
            about=(
                "Its commands come first, the variables of conda are set, and what its packages have in"
                " etc/conda/activate.d is read; deactivate.d of the environment that is active now before it."
                " Input, output and the exit code are the command's own, whatever options for that are given."
            ),
            positionals=(Positional("command", "COMMAND", "The command and its words", count="rest"),),
            options=(
                *_PLACE,
                Option(
                    "cwd", "Run it in this directory", kind=PATH, metavar="DIR", env="HUTCH_CONDA_RUN_CWD"
                ),
                Option(
                    "no-capture-output",
                    "Output is not captured, as conda has it without this",
                    env="HUTCH_CONDA_RUN_NO_CAPTURE_OUTPUT",
                ),
                Option("live-stream", "The same", short="s", env="HUTCH_CONDA_RUN_LIVE_STREAM"),
            ),
            conflicts=_NOT_BOTH,
            examples=(("hutch conda run -n science python script.py", "with its Python"),),
        ),
    )  # fmt: skip


def environments_noun() -> Command:
    """``hutch conda env``: whole environments."""
    return Command(
        "conda env",
        "Whole environments: list, environment.yml, variables, removal",
        commands=(
            Command(
                "conda env list",
                "Show the environments that hutch and conda know of",
                options=(JSON,),
                examples=(("hutch conda env list", "which are there?"),),
            ),
            Command(
                "conda env create",
                "Make the environment of an environment.yml",
                about=(
                    "Under the name that the file has, or that of -n, or in the directory of -p. The channels"
                    " of the file are asked, and those that are configured where it names none. Selectors in"
                    " comments and sel(…) hold. What its pip: list asks of"
                    " an index is chosen together with the rest; one that cannot be met leaves nothing."
                ),
                options=(
                    *_PLACE,
                    _yml("ENV_CREATE"),
                    NO_PIN,
                    *PRIORITY,
                    SUBDIR,
                    PLATFORM,
                    *HOW,
                ),
                conflicts=_NOT_BOTH,
                examples=(("hutch conda env create -f environment.yml", "what the file says"),),
            ),
            Command(
                "conda env update",
                "Make an environment have what an environment.yml says",
                options=(
                    *_PLACE,
                    _yml("ENV_UPDATE"),
                    Option(
                        "prune",
                        "And nothing that the file does not ask for",
                        env="HUTCH_CONDA_ENV_UPDATE_PRUNE",
                    ),
                    NO_PIN,
                    *PRIORITY,
                    OVERRIDE_FROZEN,
                    *HOW,
                ),
                conflicts=_NOT_BOTH,
                examples=(("hutch conda env update -f environment.yml --prune", "just that"),),
            ),
            Command(
                "conda env export",
                "Write an environment.yml of an environment",
                about=_EXPORT_ABOUT,
                options=_export("ENV_EXPORT"),
                conflicts=(*_NOT_BOTH, ("format", "json")),
                examples=(("hutch conda env export -n science > environment.yml", "to share it"),),
            ),
            Command(
                "conda env remove",
                "Delete an environment, whole",
                options=(
                    *_PLACE,
                    Option("force", "Even if somebody uses it", env="HUTCH_CONDA_ENV_REMOVE_FORCE"),
                    OVERRIDE_FROZEN,
                    YES,
                    DRY_RUN,
                    JSON,
                ),
                conflicts=_NOT_BOTH,
                examples=(("hutch conda env remove -n science", "it is not needed any more"),),
            ),
            config_noun(),
        ),
        examples=(("hutch conda env list", "which are there?"),),
    )
