"""``hutch python`` as data: a page of the table, read when one of its words is used."""

from __future__ import annotations

from hutch.cli.model import Command
from hutch.cli.table_python_found import DIR, FIND, LIST, PIN, WHICH
from hutch.cli.table_python_installed import INSTALL, UNINSTALL, UPGRADE
from hutch.cli.table_python_plain import SHELL, SHIM

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
        LIST,
        FIND,
        WHICH,
        PIN,
        INSTALL,
        UPGRADE,
        UNINSTALL,
        DIR,
        SHELL,
        SHIM,
    ),
    examples=(
        ("hutch python list", "what is there?"),
        ("hutch python pin 3.12", "this project gets a 3.12"),
        ("hutch python install 3.13", "one that is not there yet"),
        ("hutch python which", "which one is used here, and who says so?"),
    ),
)
