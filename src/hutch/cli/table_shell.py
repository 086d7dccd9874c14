"""``hutch shell-hook``, ``allow`` and ``deny`` as data: pages of the table, read when they are used."""

from __future__ import annotations

from hutch.cli.model import PATH, TEXT, Command, Option, Positional
from hutch.cli.table import (
    DRY_RUN,
    FROZEN,
    JSON,
    LINK_MODE,
    LOCKED,
    SELECTION,
    SELECTION_CONFLICTS,
    SYNC,
    WHICH,
)

__all__ = ["ACTIVATE", "ALLOW", "DENY", "EVALUATED", "HOOKED", "SHELL", "SHELL_ANSWER", "SHELL_HOOK"]

HOOKED = ("bash", "zsh", "fish", "powershell", "nushell", "xonsh", "elvish")

EVALUATED = (
    *("bash", "zsh", "fish", "ksh", "sh", "csh", "tcsh", "xonsh", "elvish"),
    *("nushell", "powershell", "pwsh", "cmd", "direnv"),
)

SHELL = Command(
    "shell",
    "Start a shell in which an environment is active",
    group="environment",
    about=(
        "Brings the environment up to date as hutch run does, then starts your shell: the one that you"
        " type in, with its own start-up files, and the environment active behind them. exit leaves it, and"
        " everything is as before. What stands behind -- goes to the shell: hutch shell -- -c COMMAND."
    ),
    positionals=(Positional("arguments", "ARGUMENT", "For the shell, behind --", count="*"),),
    options=(
        Option(
            "shell",
            "This shell instead of the one that you type in: a name on PATH, or a path",
            kind=TEXT,
            metavar="SHELL",
            env="HUTCH_SHELL_SHELL",
        ),
        LOCKED,
        FROZEN,
        SYNC,
        *WHICH,
        *SELECTION,
        Option(
            "env-file",
            "Read environment variables for the shell from this file (may be repeated)",
            kind=PATH,
            metavar="FILE",
            many=True,
            env="HUTCH_ENV_FILE",
        ),
        LINK_MODE,
    ),
    conflicts=(("frozen", "locked"), ("name", "env"), *SELECTION_CONFLICTS),
    show=("python",),
    examples=(
        ("hutch shell", "a shell with the project's environment"),
        ("hutch shell -n play", "with the environment of that name"),
        ("hutch shell --no-sync --shell zsh", "as it is, in another shell"),
    ),
)

ACTIVATE = Command(
    "activate",
    "Print what your shell evaluates to activate an environment",
    group="environment",
    about=(
        "The project's environment as it is: nothing is made, and nothing brought up to date. Where there is"
        " none, nothing is printed and the command ends with 1, so that nothing is evaluated. The shell is"
        " found by itself; at a terminal hutch activate says what to type in it. deactivate puts everything"
        " back."
    ),
    positionals=(
        Positional("path", "PATH", "An environment, or a directory with one in .venv", count="?", kind=PATH),
    ),
    options=(
        Option(
            "shell",
            "Print it for this shell, instead of the one that hutch was called from",
            kind=TEXT,
            metavar="SHELL",
            choices=EVALUATED,
            env="HUTCH_ACTIVATE_SHELL",
        ),
        *WHICH,
        JSON,
    ),
    conflicts=(("name", "env"),),
    examples=(
        ('eval "$(hutch activate)"', "bash, zsh, ksh, sh"),
        ("hutch activate | source", "fish"),
        ('eval "$(hutch activate --shell direnv)"', "in the .envrc of direnv"),
    ),
)

SHELL_HOOK = Command(
    "shell-hook",
    "Have your shell activate environments by itself",
    group="environment",
    about=(
        "Prints what your shell's start-up file has to evaluate. From then on entering a project's"
        " directory activates its environment, and leaving it puts every variable back. Nothing of a"
        " project is used that you do not trust: see hutch help allow. No process is started while you"
        " stay in one place. HUTCH_SHELL_HOOK=off switches it off in one shell, HUTCH_SHELL_HOOK=quiet its"
        " messages. hutch conda activate and hutch python shell change your shell by way of it."
    ),
    positionals=(Positional("shell", "SHELL", "One of " + ", ".join(HOOKED), choices=HOOKED),),
    options=(
        Option(
            "install",
            "Add the line to your shell's start-up file, between two marks",
            env="HUTCH_SHELL_HOOK_INSTALL",
        ),
        Option("uninstall", "Take those lines out again", env="HUTCH_SHELL_HOOK_UNINSTALL"),
        Option(
            "conda",
            "A command conda as well, which is hutch conda, where there is no conda",
            env="HUTCH_SHELL_HOOK_CONDA",
        ),
        DRY_RUN,
        JSON,
    ),
    conflicts=(("install", "uninstall"),),
    examples=(
        ('eval "$(hutch shell-hook bash)"', "the line for ~/.bashrc"),
        ("hutch shell-hook bash --install", "put it there"),
        ("hutch shell-hook fish | source", "the line for ~/.config/fish/config.fish"),
    ),
)

_WHERE = "The project's directory; the nearest one, if not given"

ALLOW = Command(
    "allow",
    "Trust a project: entering it activates its environment",
    group="environment",
    about=(
        "Remembers it for this directory and this environment, not for the directories below. It has to be"
        " said again when .venv was replaced by something that hutch did not make. An environment that hutch"
        " makes is trusted anyway. Env files (setting env-files) are trusted with the contents that they have"
        " now."
    ),
    positionals=(Positional("path", "PATH", _WHERE, count="?", kind=PATH),),
    options=(
        Option("list", "List what was allowed and denied", env="HUTCH_ALLOW_LIST"),
        DRY_RUN,
        JSON,
    ),
    examples=(
        ("hutch allow", "trust the project around this directory"),
        ("hutch allow --list", "whom do I trust?"),
    ),
)

DENY = Command(
    "deny",
    "Trust a project no longer, and be asked no more",
    group="environment",
    about="Its environment is not activated, and env files are not loaded, until hutch allow says otherwise.",
    positionals=(Positional("path", "PATH", _WHERE, count="?", kind=PATH),),
    options=(DRY_RUN, JSON),
    examples=(("hutch deny", "never activate the environment of the project around this directory"),),
)

SHELL_ANSWER = Command(
    "shell-answer",
    "What the hook of a shell asks for",
    hidden=True,
    positionals=(
        Positional("shell", "SHELL", "Which", choices=HOOKED),
        Positional("question", "QUESTION", "enter", choices=("enter",)),
        Positional("places", "PLACE", "The directory of an environment, and a .python-version", count="*"),
    ),
    options=(Option("data", "Where answers are kept", kind=TEXT, metavar="DIR"),),
    examples=(("hutch shell-answer bash enter /home/me/demo", "what to evaluate"),),
)
