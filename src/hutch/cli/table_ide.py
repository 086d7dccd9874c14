"""``hutch kernel`` and ``hutch ide`` as data: pages of the table, read when one of their words is used."""

from __future__ import annotations

from hutch.cli.model import PATH, TEXT, Command, Option, Positional
from hutch.cli.table import DRY_RUN, JSON, WHICH

__all__ = ["IDE", "KERNEL"]

_APART = (("name", "env"),)

KERNEL = Command(
    "kernel",
    "Let notebooks run in an environment",
    group="environment",
    about=(
        "Jupyter starts kernels, and a kernel says which Python it starts. hutch kernel install makes one for"
        " the project's environment, so that any Jupyter on this machine offers it."
    ),
    commands=(
        Command(
            "kernel install",
            "Have notebooks offer the project's environment",
            about=(
                "One kernel a project, called by its name and a digest of its place. !pip and !which in a"
                " notebook find the environment's. The environment needs ipykernel: hutch add --dev"
                " ipykernel. Said again, it brings the kernel up to date."
            ),
            positionals=(
                Positional("kernel", "KERNEL", "What to call it, instead of the project's name", count="?"),
            ),
            options=(
                Option(
                    "display-name",
                    "What notebooks show; the project and its Python, if not given",
                    kind=TEXT,
                    metavar="TEXT",
                    env="HUTCH_KERNEL_INSTALL_DISPLAY_NAME",
                ),
                Option("user", "For this user, as if nothing were said", env="HUTCH_KERNEL_INSTALL_USER"),
                Option(
                    "prefix",
                    "In share/jupyter of this directory",
                    kind=PATH,
                    metavar="DIR",
                    env="HUTCH_KERNEL_INSTALL_PREFIX",
                ),
                Option(
                    "sys-prefix",
                    "In the environment, for a Jupyter that is in there too",
                    env="HUTCH_KERNEL_INSTALL_SYS_PREFIX",
                ),
                Option(
                    "variable",
                    "Set this variable for the kernel; ${PATH} and the like are filled in (may be repeated)",
                    kind=TEXT,
                    metavar="NAME=VALUE",
                    many=True,
                    env="HUTCH_KERNEL_INSTALL_VARIABLE",
                ),
                *WHICH,
                DRY_RUN,
                JSON,
            ),
            conflicts=(("user", "prefix", "sys-prefix"), *_APART),
            examples=(
                ("hutch kernel install", "the project's environment"),
                ("hutch kernel install -n play --display-name Playground", "an environment with a name"),
            ),
        ),
        Command(
            "kernel list",
            "List the kernels of this machine, and which of them are dead",
            options=(*WHICH, JSON),
            conflicts=_APART,
            examples=(("hutch kernel list", "which are there, and do they work?"),),
        ),
        Command(
            "kernel remove",
            "Remove kernels that hutch made",
            about="Without a name that of the project's environment. Those of other tools are never touched.",
            positionals=(Positional("kernels", "KERNEL", "Which, as hutch kernel list tells", count="*"),),
            options=(
                Option(
                    "stale",
                    "All that hutch made whose Python or project is gone; dead ones of others are listed",
                    env="HUTCH_KERNEL_REMOVE_STALE",
                ),
                *WHICH,
                DRY_RUN,
                JSON,
            ),
            conflicts=_APART,
            examples=(
                ("hutch kernel remove", "that of the project"),
                ("hutch kernel remove --stale", "what is left of projects that are gone"),
            ),
        ),
    ),
    examples=(
        ("hutch kernel install", "notebooks offer the project's environment"),
        ("hutch kernel list", "which kernels are there?"),
    ),
)


def _print(editor: str) -> Option:
    return Option("print", "Print what to paste, and write nothing", env=f"HUTCH_IDE_{editor.upper()}_PRINT")


IDE = Command(
    "ide",
    "Tell an editor of the project's environment",
    group="environment",
    commands=(
        Command(
            "ide vscode",
            "Write .vscode/settings.json, and keep all else in it",
            about=(
                "Sets python.defaultInterpreterPath and python.terminal.activateEnvironment, and says that"
                " tests are pytest's where it is installed and nothing else was said. Comments, order,"
                " indentation and every other setting stay as they are. VS Code takes the interpreter of its"
                " own memory first: if it has one for this folder, choose it once with 'Python: Clear"
                " Workspace Interpreter Setting'."
            ),
            options=(_print("vscode"), *WHICH, DRY_RUN, JSON),
            conflicts=_APART,
            examples=(
                ("hutch ide vscode", "this folder's settings"),
                ("hutch ide vscode --print", "what to paste into them"),
            ),
        ),
        Command(
            "ide pycharm",
            "Print the path that PyCharm asks for, and where it does",
            about=(
                "PyCharm keeps the interpreters that it knows outside of the project, and files in .idea only"
                " name one of them; so nothing is written."
            ),
            options=(_print("pycharm"), *WHICH, DRY_RUN, JSON),
            conflicts=_APART,
            examples=(("hutch ide pycharm", "the path to paste"),),
        ),
    ),
    examples=(
        ("hutch ide vscode", "write the settings of VS Code"),
        ("hutch ide pycharm", "what to paste into PyCharm"),
    ),
)
