"""``hutch init`` as data: a page of the table, read when it is used."""

from __future__ import annotations

from hutch.cli.model import PATH, TEXT, Command, Option, Positional
from hutch.cli.table import DRY_RUN, JSON, SCRIPT, SIDES

__all__ = ["INIT"]

INIT = Command(
    "init",
    "Start a project: write a pyproject.toml",
    group="project",
    about=(
        "Writes a pyproject.toml and a first module, in the current directory or in PATH. Nothing"
        " that exists is overwritten."
    ),
    positionals=(
        Positional("path", "PATH", "Where; the current directory if not given", count="?", kind=PATH),
    ),
    options=(
        Option(
            "app",
            "An application: something to run (this is what you get without a flag)",
            env="HUTCH_INIT_APP",
        ),
        Option("lib", "A library: something that others import and install", env="HUTCH_INIT_LIB"),
        Option(
            "name",
            "The project's name; the directory's name if not given",
            kind=TEXT,
            metavar="NAME",
            env="HUTCH_INIT_NAME",
        ),
        Option(
            "conda",
            "With packages of conda's channels, of which Python is one",
            env="HUTCH_INIT_CONDA",
            section=SIDES,
        ),
        Option(
            "channel",
            "With --conda: take them from this channel, instead of those of the configuration (may be"
            " repeated)",
            kind=TEXT,
            short="c",
            metavar="CHANNEL",
            many=True,
            env="HUTCH_INIT_CHANNEL",
            section=SIDES,
        ),
        Option(
            "platform",
            "With --conda: lock for this platform, instead of this machine's: linux-64, osx-arm64, win-64"
            " (may be repeated)",
            kind=TEXT,
            metavar="PLATFORM",
            many=True,
            env="HUTCH_INIT_PLATFORM",
            section=SIDES,
        ),
        SCRIPT,
        DRY_RUN,
        JSON,
    ),
    conflicts=(("app", "lib", "script"), ("name", "script"), ("conda", "script")),
    show=("python",),
    examples=(
        ("hutch init shop", "an application in the new directory shop"),
        ("hutch init --lib", "a library, here"),
        ("hutch init --conda --python 3.12", "with packages of conda, and Python 3.12 or newer"),
    ),
)
