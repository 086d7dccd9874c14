"""``hutch python`` as data: a page of the table, read when one of its words is used."""

from __future__ import annotations

from hutch.cli.model import Command

__all__ = ["PYTHON"]

PYTHON = Command(
    "python",
    "Find, pin and install Pythons",
    group="environment",
    about=(
        "Every Python of this machine can be used, whoever installed it: a system, pyenv, uv, conda, asdf,"
        " mise, Homebrew, or hutch. A request is a version (3.12), a range (>=3.11,<3.14), a name"
        " (pypy3.10, 3.13t, cpython@3.12.1) or a path."
    ),
    commands=(
        Command(
            "python dir",
            "Show where the Pythons that hutch installs are",
            about="The folder need not be there yet. It is python in the data folder (HUTCH_DATA_DIR).",
            examples=(("hutch python dir", "the path, and nothing else"),),
        ),
    ),
    examples=(("hutch python dir", "where are the Pythons that hutch installs?"),),
)
