"""``hutch conda`` as data: conda's own verbs, a page of the table that is read when the word is used."""

from __future__ import annotations

from hutch.cli.model import TEXT, Command, Option, Positional
from hutch.cli.table import JSON
from hutch.cli.table_conda_activate import activating_verbs
from hutch.cli.table_conda_change import CHANNEL, OVERRIDE_CHANNELS, SUBDIR, changing_verbs
from hutch.cli.table_conda_env import environments_noun, looking_verbs
from hutch.cli.table_conda_own import own_verbs

__all__ = ["CONDA"]


CONDA = Command(
    "conda",
    "conda's own verbs, with hutch behind them",
    group="environment",
    commands=(
        *changing_verbs(),
        Command(
            "conda search",
            "Look for packages in channels of conda",
            about=(
                "What a MatchSpec means in the channels, oldest first. The name may be a pattern. For a name"
                " that no channel has, those are named that are near. Only what is reached is read. With"
                " --envs no channel is asked: in all environments of conda that are known here, also for what"
                " came from a package index."
            ),
            positionals=(
                Positional("spec", "SPEC", "A name, a pattern, or a MatchSpec: 'numpy>=2'", count="?"),
            ),
            options=(
                Option("info", "All that the channel says of each", short="i", env="HUTCH_CONDA_SEARCH_INFO"),
                Option(
                    "envs",
                    "Look in the environments that there are: which of them have it",
                    env="HUTCH_CONDA_SEARCH_ENVS",
                ),
                SUBDIR,
                Option(
                    "platform", "The same as --subdir", kind=TEXT, metavar="SUBDIR", sets=("subdir", None)
                ),
                CHANNEL,
                OVERRIDE_CHANNELS,
                JSON,
            ),
            examples=(
                ("hutch conda search 'numpy>=2'", "which are there?"),
                ("hutch conda search '*openblas*' -c bioconda --subdir osx-arm64", "for another platform"),
                ("hutch conda search --envs 'numpy<2'", "which environments have an old one?"),
            ),
        ),
        *activating_verbs(),
        *looking_verbs(),
        environments_noun(),
        *own_verbs(),
    ),
    examples=(
        ("hutch conda create -n science python=3.12 numpy", "an environment of conda's packages"),
        ("hutch conda install -n science pandas", "one more"),
        ("hutch conda search numpy", "what do the channels have?"),
    ),
)
