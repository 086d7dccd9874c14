"""``hutch conda env config vars`` as data: a page of the table."""

from __future__ import annotations

from hutch.cli.model import Command, Positional
from hutch.cli.table import JSON, NAMED
from hutch.cli.table_conda_change import OVERRIDE_FROZEN, PREFIX

__all__ = ["config_noun"]

_PLACE = (NAMED, PREFIX)
_NOT_BOTH = (("name", "prefix"),)
_TRY = ("hutch conda env config vars list -n science", "which are there?")


def config_noun() -> Command:
    """``hutch conda env config``: what an environment sets."""
    return Command(
        "conda env config",
        "The variables of an environment: list, set, unset",
        commands=(
            Command(
                "conda env config vars",
                "Variables that are set where an environment is used",
                commands=(
                    Command(
                        "conda env config vars list",
                        "Show the variables of an environment",
                        about="What its packages set, and over it what its user has set.",
                        options=(*_PLACE, JSON),
                        conflicts=_NOT_BOTH,
                        examples=(_TRY,),
                    ),
                    Command(
                        "conda env config vars set",
                        "Set variables of an environment",
                        about=(
                            "They are kept in conda-meta/state, where conda looks as well, with names in"
                            " capitals. They hold from the next activation or hutch conda run on."
                        ),
                        positionals=(Positional("assignments", "NAME=VALUE", "What is set", count="+"),),
                        options=(*_PLACE, OVERRIDE_FROZEN, JSON),
                        conflicts=_NOT_BOTH,
                        examples=(("hutch conda env config vars set -n science THREADS=4", "one more"),),
                    ),
                    Command(
                        "conda env config vars unset",
                        "Take variables of an environment away",
                        about="Also those that its packages set. What the shell itself has stays.",
                        positionals=(Positional("names", "NAME", "What is taken away", count="+"),),
                        options=(*_PLACE, OVERRIDE_FROZEN, JSON),
                        conflicts=_NOT_BOTH,
                        examples=(("hutch conda env config vars unset -n science THREADS", "not any more"),),
                    ),
                ),
                examples=(_TRY,),
            ),
        ),
        examples=(_TRY,),
    )
