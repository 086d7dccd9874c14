"""``hutch conda create|install|update|remove`` as data: a page of the table."""

from __future__ import annotations

from hutch.cli.model import PATH, TEXT, Command, Option, Positional
from hutch.cli.table import ALLOW_CLOBBER, JSON, LINK_MODE, NAMED

__all__ = [
    "CHANNEL",
    "DRY_RUN",
    "HOW",
    "NO_PIN",
    "OVERRIDE_CHANNELS",
    "OVERRIDE_FROZEN",
    "PLATFORM",
    "PREFIX",
    "PRIORITY",
    "SUBDIR",
    "YES",
    "changing_verbs",
]

CHANNEL = Option(
    "channel",
    "Ask this channel before those that are configured: a name, an address or a folder (may be repeated)",
    kind=TEXT,
    short="c",
    metavar="CHANNEL",
    many=True,
    env="HUTCH_CHANNEL",
)
OVERRIDE_CHANNELS = Option(
    "override-channels", "Ask the channels of --channel alone", env="HUTCH_OVERRIDE_CHANNELS"
)
SUBDIR = Option(
    "subdir",
    "For this platform (linux-64, osx-arm64, win-64, …) instead of this machine's",
    kind=TEXT,
    metavar="SUBDIR",
    env="HUTCH_SUBDIR",
)
PLATFORM = Option("platform", "The same as --subdir", kind=TEXT, metavar="SUBDIR", sets=("subdir", None))
PRIORITY = (
    Option(
        "conda-channel-priority",
        "Of a package that several channels have: strict, flexible or disabled",
        kind=TEXT,
        metavar="HOW",
        choices=("strict", "flexible", "disabled"),
        env="HUTCH_CONDA_CHANNEL_PRIORITY",
        setting=True,
    ),
    Option(
        "strict-channel-priority",
        "The same as --conda-channel-priority strict",
        sets=("conda_channel_priority", "strict"),
    ),
    Option(
        "no-channel-priority",
        "The same as --conda-channel-priority disabled",
        sets=("conda_channel_priority", "disabled"),
    ),
)
NO_PIN = Option(
    "no-pin",
    "What is pinned (conda-meta/pinned, pinned_packages of .condarc) may be another version",
    env="HUTCH_NO_PIN",
)
_KEEP_ENV = Option(
    "keep-env", "With --all: take out all packages, and keep the environment itself", env="HUTCH_KEEP_ENV"
)
PREFIX = Option(
    "prefix",
    "The environment in this directory",
    kind=PATH,
    short="p",
    metavar="PATH",
    env="HUTCH_PREFIX",
    section="Which environment",
)
DRY_RUN = Option("dry-run", "Say what would be done, and change nothing", short="d", env="HUTCH_DRY_RUN")
YES = Option("yes", "Do it without asking", short="y", env="HUTCH_YES")
OVERRIDE_FROZEN = Option(
    "override-frozen", "Change it although conda-meta/frozen says not to", env="HUTCH_OVERRIDE_FROZEN"
)
_PLACE = (NAMED, PREFIX)
_FROM = (CHANNEL, OVERRIDE_CHANNELS, *PRIORITY)
_GOING = (YES, DRY_RUN, JSON)
HOW = (
    Option("download-only", "Fetch what would be installed, and leave it at that", env="HUTCH_DOWNLOAD_ONLY"),
    LINK_MODE,
    Option("copy", "The same as --link-mode copy", sets=("link_mode", "copy")),
    ALLOW_CLOBBER,
    Option("clobber", "The same as --allow-clobber :all:", sets=("allow_clobber", (":all:",))),
    *_GOING,
)
"""How a change is carried out."""
_CHANGE = (OVERRIDE_FROZEN, *HOW)
_NOT_BOTH = (("name", "prefix"),)
_ONE_WAY = (("freeze-installed", "update-deps"), ("no-deps", "only-deps", "update-deps"))


def changing_verbs() -> tuple[Command, ...]:
    """The verbs that change what is in an environment."""
    return (
        _create(),
        _install(),
        _update("update"),
        _update("upgrade"),
        _remove("remove"),
        _remove("uninstall"),
    )


def _file(verb: str) -> Option:
    return Option(
        "file",
        "Also the MatchSpecs of this file, one a line (may be repeated); or just what an @EXPLICIT list,"
        " conda-lock.yml or pixi.lock names"
        if verb != "CREATE"
        else "The MatchSpecs of this file; or just what an @EXPLICIT list, conda-lock.yml or pixi.lock names;"
        " or an environment.yml",
        kind=PATH,
        short="f",
        metavar="FILE",
        many=True,
        env=f"HUTCH_CONDA_{verb}_FILE",
    )


def _force_reinstall(verb: str) -> Option:
    help = "Put those in anew that are there already"
    return Option("force-reinstall", help, env=f"HUTCH_CONDA_{verb}_FORCE_REINSTALL")


def _limits(verb: str) -> tuple[Option, ...]:
    """How far a change may go."""
    return (
        NO_PIN,
        Option(
            "freeze-installed",
            "Change nothing that is there and is not named; what cannot be so is a conflict",
            env=f"HUTCH_CONDA_{verb}_FREEZE_INSTALLED",
        ),
        Option(
            "update-deps",
            "Newer versions also of what the packages need that are named",
            env=f"HUTCH_CONDA_{verb}_UPDATE_DEPS",
        ),
        *_deps(verb),
    )


def _deps(verb: str) -> tuple[Option, ...]:
    return (
        Option(
            "no-deps",
            "Just the packages that are named; what they need and is not there is told",
            env=f"HUTCH_CONDA_{verb}_NO_DEPS",
        ),
        Option(
            "only-deps",
            "What the packages need that are named, without themselves",
            env=f"HUTCH_CONDA_{verb}_ONLY_DEPS",
        ),
    )


def _create() -> Command:
    return Command(
        "conda create",
        "Make an environment of conda's packages",
        about=(
            "Solves, shows what would be installed, asks, and makes the environment in one go. With -n it"
            " lies with hutch's data, and is found from any directory. What was asked for is"
            " remembered: later changes keep it. It is an environment for conda and mamba as well."
        ),
        positionals=(
            Positional(
                "specs", "SPEC", "A MatchSpec: numpy, python=3.12, 'numpy>=2'; or a package's file", count="*"
            ),
        ),
        options=(
            *_PLACE,
            _file("CREATE"),
            Option(
                "clone",
                "The same packages as this environment, by name or path",
                kind=TEXT,
                metavar="ENV",
                env="HUTCH_CONDA_CREATE_CLONE",
            ),
            Option(
                "no-default-packages",
                "Without create_default_packages of .condarc",
                env="HUTCH_CONDA_CREATE_NO_DEFAULT_PACKAGES",
            ),
            NO_PIN,
            *_deps("CREATE"),
            *_FROM,
            SUBDIR,
            PLATFORM,
            *HOW,
        ),
        conflicts=(*_NOT_BOTH, ("no-deps", "only-deps"), ("clone", "no-deps"), ("clone", "only-deps")),
        examples=(
            ("hutch conda create -n science python=3.12 numpy", "by name"),
            ("hutch conda create -p ./env -c conda-forge r-base", "in a directory"),
            ("hutch conda create -n copy --clone science", "the same again"),
        ),
    )


def _install() -> Command:
    return Command(
        "conda install",
        "Put packages into an environment",
        about=(
            "What is there stays as it is, as far as that goes, and so does the minor version of Python"
            " unless python is named. Pins (conda-meta/pinned, pinned_packages of .condarc) hold. Without"
            " -n and -p the active environment of conda is meant."
        ),
        positionals=(
            Positional("specs", "SPEC", "A MatchSpec: numpy, 'numpy>=2'; or a package's file", count="*"),
        ),
        options=(
            *_PLACE,
            _file("INSTALL"),
            _force_reinstall("INSTALL"),
            Option(
                "revision",
                "Make it what it was in this revision (hutch conda list --revisions)",
                kind=TEXT,
                metavar="N",
                env="HUTCH_CONDA_INSTALL_REVISION",
            ),
            Option("rev", "The same as --revision", kind=TEXT, metavar="N", sets=("revision", None)),
            *_limits("INSTALL"),
            *_FROM,
            *_CHANGE,
        ),
        conflicts=(*_NOT_BOTH, *_ONE_WAY),
        examples=(
            ("hutch conda install -n science pandas 'numpy>=2'", "two more"),
            ("hutch conda install -n science --revision 3", "as it was"),
        ),
    )


def _update(word: str) -> Command:
    return Command(
        f"conda {word}",
        "Bring packages of an environment up to date",
        about=(
            "Newer versions of the packages that are named, or with --all of all, within what was asked for:"
            " who has asked for python=3.11 keeps it. A MatchSpec that is more than a name replaces what was"
            " asked for before."
        ),
        positionals=(Positional("specs", "SPEC", "A package: numpy", count="*"),),
        options=(
            *_PLACE,
            _file(word.upper()),
            Option("all", "All packages", env=f"HUTCH_CONDA_{word.upper()}_ALL"),
            _force_reinstall(word.upper()),
            *_limits(word.upper()),
            *_FROM,
            *_CHANGE,
        ),
        conflicts=(
            *_NOT_BOTH,
            *_ONE_WAY,
            ("all", "freeze-installed"),
            ("all", "no-deps"),
            ("all", "only-deps"),
        ),
        examples=((f"hutch conda {word} -n science --all", "everything"),),
    )


def _remove(word: str) -> Command:
    return Command(
        f"conda {word}",
        "Take packages out of an environment",
        about=(
            "With each goes what needs it, and what was there for its sake alone. No channel is asked."
            " --all deletes the whole environment, as hutch conda env remove does."
        ),
        positionals=(Positional("names", "NAME", "A package", count="*"),),
        options=(
            *_PLACE,
            Option("all", "The whole environment", env=f"HUTCH_CONDA_{word.upper()}_ALL"),
            _KEEP_ENV,
            OVERRIDE_FROZEN,
            *_GOING,
        ),
        conflicts=_NOT_BOTH,
        examples=((f"hutch conda {word} -n science pandas", "and what came with it"),),
    )
