"""``hutch conda`` as data: conda's own verbs, a page of the table that is read when the word is used."""

from __future__ import annotations

from hutch.cli.model import TEXT, Command, Option, Positional
from hutch.cli.table import JSON

__all__ = ["CHANNEL", "CONDA", "OVERRIDE_CHANNELS", "SUBDIR"]

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

CONDA = Command(
    "conda",
    "conda's own verbs, with hutch behind them",
    group="environment",
    commands=(
        Command(
            "conda search",
            "Look for packages in channels of conda",
            about=(
                "What a MatchSpec means in the channels, oldest first. The name may be a pattern. For a name"
                " that no channel has, those are named that are near. Only what is reached is read."
            ),
            positionals=(
                Positional("spec", "SPEC", "A name, a pattern, or a MatchSpec: 'numpy>=2'", count="?"),
            ),
            options=(
                Option("info", "All that the channel says of each", env="HUTCH_CONDA_SEARCH_INFO"),
                SUBDIR,
                CHANNEL,
                OVERRIDE_CHANNELS,
                JSON,
            ),
            examples=(
                ("hutch conda search 'numpy>=2'", "which are there?"),
                ("hutch conda search '*openblas*' --subdir osx-arm64", "for another platform"),
                ("hutch conda search -c bioconda samtools --info", "of one more channel"),
            ),
        ),
    ),
    examples=(("hutch conda search numpy", "what do the channels have?"),),
)
