"""``hutch env create|list|upgrade|clone|rename|remove|path|redirect`` as data: a page of the table."""

from __future__ import annotations

from hutch.cli.model import PATH, TEXT, Command, Option, Positional
from hutch.cli.table import ALLOW_CLOBBER, COMPILE, DRY_RUN, ENV, JSON, LINK_MODE
from hutch.cli.table_conda_change import OVERRIDE_CHANNELS
from hutch.cli.table_pip_options import PIP_OPTIONS

__all__ = ["named_verbs"]

_WHAT = "What is in it"
_CONDA = "Of conda"


def named_verbs() -> tuple[Command, ...]:
    """The verbs for environments as a whole: those with names, and several of one project."""
    return (_create(), _list(), _upgrade(), _clone(), _rename(), _remove(), _path(), _redirect())


def _create() -> Command:
    return Command(
        "env create",
        "Make an environment with a name",
        about=(
            "It lies with hutch's data, is found from any directory with -n NAME, and is never swept up with"
            " the cache. What was asked for is remembered: later installations stay within it. It appears"
            " when it is complete; a command that fails or is interrupted leaves nothing. With --conda it is"
            " of conda's packages, chosen together with each REQUIREMENT of an index. Words that only conda"
            " has (python=3.12), or a --channel, say that all of them are conda's."
        ),
        positionals=(
            Positional(
                "env_name", "NAME", "What it is called: letters, digits, '.', '_', '-', '+'", count="?"
            ),
            Positional(
                "requirements", "REQUIREMENT", "A package to install: 'numpy', 'flask>=3', a file", count="*"
            ),
        ),
        options=(
            Option(
                "requirement",
                "Install what this requirements file or pylock.toml names (may be repeated)",
                kind=PATH,
                short="r",
                metavar="FILE",
                many=True,
                env="HUTCH_ENV_CREATE_REQUIREMENT",
                section=_WHAT,
            ),
            PIP_OPTIONS["constraint"],
            Option(
                "editable",
                "Install the project in this directory so that it is run from there (may be repeated)",
                kind=PATH,
                short="e",
                metavar="DIR",
                many=True,
                env="HUTCH_ENV_CREATE_EDITABLE",
                section=_WHAT,
            ),
            Option(
                "conda",
                "Make it of packages of conda: this MatchSpec (may be repeated)",
                kind=TEXT,
                metavar="SPEC",
                many=True,
                env="HUTCH_ENV_CREATE_CONDA",
                section=_CONDA,
            ),
            Option(
                "file",
                "Make it of what this environment.yml of conda says",
                kind=PATH,
                short="f",
                metavar="FILE",
                env="HUTCH_ENV_CREATE_FILE",
                section=_CONDA,
            ),
            Option(
                "channel",
                "Of conda: ask this channel before those that are configured (may be repeated)",
                kind=TEXT,
                metavar="CHANNEL",
                many=True,
                env="HUTCH_CHANNEL",
                section=_CONDA,
            ),
            OVERRIDE_CHANNELS,
            Option(
                "name",
                "What it is called, as conda has it: then all words are what is to be in it",
                kind=TEXT,
                short="n",
                metavar="NAME",
                env="HUTCH_ENV_CREATE_NAME",
            ),
            Option(
                "prefix",
                "Of conda: make it in this directory, without a name; all words are what is to be in it",
                kind=PATH,
                metavar="DIR",
                env="HUTCH_ENV_CREATE_PREFIX",
                section=_CONDA,
            ),
            Option("seed", "Also pip, for tools that call it", env="HUTCH_ENV_CREATE_SEED", section=_WHAT),
            Option(
                "system-site-packages",
                "Let it see the packages of the Python that it is made of",
                env="HUTCH_ENV_CREATE_SYSTEM_SITE_PACKAGES",
                section=_WHAT,
            ),
            Option(
                "prompt",
                "What activation shows instead of the name",
                kind=TEXT,
                metavar="TEXT",
                env="HUTCH_ENV_CREATE_PROMPT",
            ),
            Option("clear", "Replace the one that has this name", env="HUTCH_ENV_CREATE_CLEAR"),
            LINK_MODE,
            COMPILE,
            ALLOW_CLOBBER,
            DRY_RUN,
            JSON,
        ),
        show=("python", "index-url", "find-links", "offline"),
        examples=(
            ("hutch env create science numpy pandas", "an environment for many projects"),
            ("hutch env create old --python 3.9 -r requirements.txt", "with another Python, from a file"),
            (
                "hutch env create lab --conda python=3.12 --conda numpy flask",
                "of conda's packages, and one of an index",
            ),
        ),
    )


def _list() -> Command:
    return Command(
        "env list",
        "List the environments that there are",
        about=(
            "Those with names and those of this project: Python, packages, when each was used last as far as"
            " hutch knows. * is the active one. Nothing is started for it. With -v, also what was asked"
            " for."
        ),
        options=(
            Option(
                "all",
                "Also those of other projects in the central place, of pyenv-virtualenv and of conda",
                short="a",
                env="HUTCH_ENV_LIST_ALL",
            ),
            Option(
                "size",
                "How much the disk would have free without each: what others link to does not count",
                env="HUTCH_ENV_LIST_SIZE",
            ),
            JSON,
        ),
        examples=(
            ("hutch env list", "what is there?"),
            ("hutch env list --all --size", "and what does it cost?"),
        ),
    )


def _upgrade() -> Command:
    return Command(
        "env upgrade",
        "Take newer versions in an environment with a name",
        about=(
            "Of all that was asked for and all that it needs, or of the packages named, within what was typed"
            " when it was asked for (hutch env list -v shows it). To go beyond that, ask again: hutch pip"
            " install -n NAME 'PACKAGE>=VERSION'. Packages of conda and of an index are chosen together, in"
            " one change that can be rolled back; --python gives an environment of conda another Python."
        ),
        positionals=(
            Positional("env_name", "NAME", "Of the environment"),
            Positional("packages", "PACKAGE", "Only this one, with a limit if need be: 'numpy<3'", count="*"),
        ),
        options=(LINK_MODE, COMPILE, ALLOW_CLOBBER, DRY_RUN, JSON),
        show=("python",),
        examples=(
            ("hutch env upgrade science", "everything in it"),
            ("hutch env upgrade science numpy --dry-run", "would there be a newer one?"),
            ("hutch env upgrade lab --python 3.13", "all of it for another Python (of conda)"),
        ),
    )


def _remove() -> Command:
    return Command(
        "env remove",
        "Delete environments",
        about=(
            "Only what hutch has made: by name, with --env one of this project, with --orphans those in the"
            " central place whose projects are gone. On a terminal it asks first. Not one that is active or"
            " that programs run out of (on Linux), without --force."
        ),
        positionals=(Positional("names", "NAME", "Of an environment, as hutch env list tells", count="*"),),
        options=(
            ENV,
            Option(
                "orphans",
                "Those in the central place whose projects are gone, or have moved",
                env="HUTCH_ENV_REMOVE_ORPHANS",
            ),
            Option("force", "Also one that is in use or frozen", env="HUTCH_ENV_REMOVE_FORCE"),
            Option("yes", "Do not ask", short="y", env="HUTCH_ENV_REMOVE_YES"),
            DRY_RUN,
            JSON,
        ),
        examples=(
            ("hutch env remove science", "it, and all that is in it"),
            ("hutch env remove --env train", "this project's .venv-train"),
            ("hutch env remove --orphans --dry-run", "what did projects leave behind?"),
        ),
    )


def _clone() -> Command:
    return Command(
        "env clone",
        "Make an environment with the same files as another",
        about=(
            "Files that come from the cache are shared, the others copied; commands and activation are"
            " written for the new place. Its history begins anew. The first may also be a directory: a"
            " project's environment, or one that venv, virtualenv or uv made."
        ),
        positionals=(
            Positional("source", "NAME|PATH", "The environment to begin from"),
            Positional("new", "NEW", "What the new one is called"),
        ),
        options=(DRY_RUN, JSON),
        examples=(
            ("hutch env clone science try", "something to break"),
            ("hutch env clone ./.venv before-upgrade", "a project's environment, kept by name"),
        ),
    )


def _rename() -> Command:
    return Command(
        "env rename",
        "Give an environment another name",
        about=(
            "Commands, activation and the prompt say the new name then; the history stays. There is one or"
            " the other all the time, whatever interrupts it."
        ),
        positionals=(
            Positional("old", "OLD", "What it is called"),
            Positional("new", "NEW", "What it will be called"),
        ),
        options=(
            Option("force", "Also one that is in use", env="HUTCH_ENV_RENAME_FORCE"),
            DRY_RUN,
            JSON,
        ),
        examples=(("hutch env rename science lab", "the same under another name"),),
    )


def _path() -> Command:
    return Command(
        "env path",
        "Print where an environment is",
        about=(
            "The one of that name; else the project's (where it will be, if it was never made), outside of a"
            " project the active or the nearest one."
        ),
        positionals=(Positional("env_name", "NAME", "Of an environment", count="?"),),
        options=(
            ENV,
            Option("interpreter", "The interpreter in it instead", env="HUTCH_ENV_PATH_INTERPRETER"),
            JSON,
        ),
        examples=(
            ("hutch env path science", "its directory"),
            ("hutch env path --interpreter", "what to tell an editor"),
        ),
    )


def _redirect() -> Command:
    return Command(
        "env redirect",
        "Tell other tools where this project's environment is",
        about=(
            "Writes a file into the project: .venv with the path (as virtualenv's --venv-redirect does), a"
            " line of .python-envs (PEP 832, a draft), or .venv as a symbolic link, which most editors"
            " understand today. For environments outside of the tree; the setting environment-redirect does"
            " it whenever one is made. Nothing of somebody else's is written over."
        ),
        positionals=(
            Positional("form", "FORM", "venv, python-envs or link", choices=("venv", "python-envs", "link")),
        ),
        options=(
            ENV,
            Option("remove", "Take out again what hutch wrote there", env="HUTCH_ENV_REDIRECT_REMOVE"),
            DRY_RUN,
            JSON,
        ),
        examples=(
            ("hutch env redirect venv", "a file .venv with the path"),
            ("hutch env redirect python-envs --remove", "the line for it out of .python-envs"),
        ),
    )
