"""``hutch python shim`` and ``hutch python shell`` as data: plain python for programs, or for one shell."""

from __future__ import annotations

from hutch.cli.model import TEXT, Command, Option, Positional
from hutch.cli.table import DRY_RUN, JSON

__all__ = ["SHELL", "SHIM"]

SHELL = Command(
    "python shell",
    "Choose the Python of one shell",
    about=(
        "Sets HUTCH_PYTHON, which counts before every file. A command cannot change the shell that called it:"
        " with the shell hook (hutch shell-hook) it is set at once, without it this prints the line to"
        " evaluate. Without a Python it prints the one that was chosen."
    ),
    positionals=(Positional("request", "PYTHON", "A version, a name or a path", count="?"),),
    options=(
        Option("unset", "Go back to what the files say", env="HUTCH_PYTHON_SHELL_UNSET"),
        Option(
            "shell",
            "The shell to write for, if it cannot be told",
            kind=TEXT,
            metavar="SHELL",
            choices=(
                "bash", "zsh", "sh", "fish", "csh", "tcsh", "powershell", "nushell", "xonsh", "elvish",
            ),
            env="HUTCH_PYTHON_SHELL_SHELL",
        ),
        JSON,
    ),
    examples=(
        ("hutch python shell 3.12", "this shell takes 3.12 (with the hook)"),
        ('eval "$(hutch python shell 3.12)"', "the same without it"),
        ("hutch python shell --unset", "as before"),
    ),
)  # fmt: skip

SHIM = Command(
    "python shim",
    "Plain python for programs that know no shell",
    about=(
        "Editors, cron, make and CI start python from PATH. A folder with small native programs, made on this"
        " machine, has it follow the directory for them too: the environment of a project that you allowed,"
        " the Python that a file pins, the global one. They cost a millisecond. Nothing is to be rehashed."
    ),
    commands=(
        Command(
            "python shim install",
            "Make the folder, and say what to add to PATH",
            about=(
                "python, python3, pip and a python3.X for each version on this machine. Compiled where there"
                " is a C compiler, else scripts for /bin/sh. To be repeated when hutch was moved."
            ),
            options=(
                Option(
                    "sh",
                    "Scripts for /bin/sh, though there is a compiler",
                    env="HUTCH_PYTHON_SHIM_INSTALL_SH",
                ),
                DRY_RUN,
                JSON,
            ),
            examples=(("hutch python shim install", "make them"),),
        ),
        Command(
            "python shim show",
            "Say which shims there are, and whether they are used",
            options=(JSON,),
            examples=(("hutch python shim show", "are they first on PATH?"),),
        ),
        Command(
            "python shim remove",
            "Take the shims away",
            options=(DRY_RUN, JSON),
            examples=(("hutch python shim remove", "as if they had never been"),),
        ),
        Command(
            "python shim exec",
            "What shims call when they do not know the answer",
            hidden=True,
            positionals=(Positional("command", "WORD", "The folder, the name, and its words", count="rest"),),
            examples=(("hutch python shim exec /data/shims python -V", "as a shim calls it"),),
        ),
    ),
    examples=(
        ("hutch python shim install", "make them"),
        ("hutch python shim show", "are they used?"),
    ),
)
