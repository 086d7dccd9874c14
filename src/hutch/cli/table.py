"""Every command and option of hutch, as data.

This table is the only place that knows the words of the command line. The name of an option is its
field in the options of the operation (``--dry-run`` is ``dry_run``); a pair such as
``--dev``/``--no-dev`` is one field, ``dev``, true or false.

Environment variables follow a rule: an option that several commands share is ``HUTCH_`` and its
name; an option of one command has the command's name in between (``HUTCH_LOCK_CHECK``).
"""

from __future__ import annotations

from hutch.cli.model import COUNT, NUMBER, PAIR, PATH, TEXT, Command, Option, Positional

__all__ = ["COMMANDS", "ELSEWHERE", "GLOBAL_OPTIONS", "GROUPS", "every_command", "variable"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def page_of(name: str) -> Any:
    """Another page of this table, for verbs that are made when their noun is called."""
    return __import__(f"hutch.cli.{name}", fromlist=["__all__"])


GROUPS = (
    ("project", "Your project"),
    ("look", "Understand it"),
    ("convert", "Hand it to other tools"),
    ("environment", "Environments"),
    ("rest", "hutch itself"),
)

LINK_MODES = ("auto", "clone", "hardlink", "copy", "tree")
RESOLUTIONS = ("highest", "lowest", "lowest-direct")
SHELLS = ("bash", "zsh", "fish", "powershell")

GLOBAL_OPTIONS = (
    Option(
        "project",
        "Work on the project in this directory, instead of the current one",
        kind=PATH,
        short="C",
        metavar="DIR",
        env="HUTCH_PROJECT",
        section="Where",
    ),
    Option(
        "manifest",
        "The project's manifest, where it is not the file that hutch would take: a pyproject.toml, Pipfile,"
        " requirements file, setup.py, setup.cfg, environment.yml or pixi.toml",
        kind=PATH,
        metavar="FILE",
        env="HUTCH_MANIFEST",
        section="Where",
    ),
    Option(
        "python",
        "The Python to use: a version (3.12), a range (>=3.11,<3.13), a name (pypy3.10) or a path",
        kind=TEXT,
        short="p",
        metavar="PYTHON",
        env="HUTCH_PYTHON",
        setting=True,
        section="Where",
    ),
    Option(
        "cache-dir",
        "Keep downloaded and unpacked packages in this directory",
        kind=PATH,
        metavar="DIR",
        env="HUTCH_CACHE_DIR",
        setting=True,
        section="Where",
    ),
    Option(
        "no-cache",
        "Use an empty cache for this command only, and throw it away afterwards",
        short="n",
        env="HUTCH_NO_CACHE",
        setting=True,
        section="Where",
    ),
    Option(
        "config-file",
        "Read this hutch.toml instead of the user's and the system's",
        kind=PATH,
        metavar="FILE",
        env="HUTCH_CONFIG_FILE",
        setting=True,
        section="Where",
    ),
    Option(
        "no-config",
        "Read no configuration files at all (not those of pip either)",
        env="HUTCH_NO_CONFIG",
        setting=True,
        section="Where",
    ),
    Option(
        "offline",
        "Use only what is in the cache; never ask the network",
        kind=PAIR,
        env="HUTCH_OFFLINE",
        setting=True,
        section="Packages from where",
    ),
    Option(
        "refresh",
        "Ask the index again, even for pages that the cache calls fresh",
        env="HUTCH_REFRESH",
        setting=True,
        section="Packages from where",
    ),
    Option(
        "index-url",
        "The package index to use instead of the default one",
        kind=TEXT,
        short="i",
        metavar="URL",
        env="HUTCH_INDEX_URL",
        setting=True,
        section="Packages from where",
    ),
    Option(
        "extra-index-url",
        "One more index, asked before the default one; the first index that has a name owns it"
        " (may be repeated)",
        kind=TEXT,
        metavar="URL",
        many=True,
        env="HUTCH_EXTRA_INDEX_URL",
        setting=True,
        section="Packages from where",
    ),
    Option(
        "find-links",
        "A directory or page that lists package files (may be repeated)",
        kind=TEXT,
        short="f",
        metavar="PLACE",
        many=True,
        env="HUTCH_FIND_LINKS",
        setting=True,
        section="Packages from where",
    ),
    Option(
        "keyring-provider",
        "Whether the program keyring is asked for a password after a 401: where there is a terminal (auto),"
        " without one as well (subprocess; import is the same), or never (disabled)",
        kind=TEXT,
        metavar="HOW",
        choices=("auto", "disabled", "subprocess", "import"),
        env="HUTCH_KEYRING_PROVIDER",
        setting=True,
        section="Packages from where",
    ),
    Option(
        "sandbox",
        "What keeps builds from your files and the network: all that this system has (auto), no build"
        " without it (require), or nothing (off)",
        kind=TEXT,
        metavar="HOW",
        choices=("auto", "require", "off"),
        env="HUTCH_SANDBOX",
        setting=True,
        section="Builds",
    ),
    Option("no-sandbox", "The same as --sandbox off", sets=("sandbox", "off"), section="Builds"),
    Option(
        "no-build",
        "Build nothing: take wheels alone, and stop where there is none",
        env="HUTCH_NO_BUILD",
        setting=True,
        section="Builds",
    ),
    Option(
        "no-build-package",
        "Never build this package, wherever it comes from (may be repeated)",
        kind=TEXT,
        metavar="NAME",
        many=True,
        env="HUTCH_NO_BUILD_PACKAGE",
        setting=True,
        section="Builds",
    ),
    Option(
        "only-binary",
        "Take wheels alone of this package, where it comes from an index; :all: for every one (may be"
        " repeated)",
        kind=TEXT,
        metavar="NAME",
        many=True,
        env="HUTCH_ONLY_BINARY",
        setting=True,
        section="Builds",
    ),
    Option(
        "no-binary",
        "Always build this package; :all: for every one (may be repeated)",
        kind=TEXT,
        metavar="NAME",
        many=True,
        env="HUTCH_NO_BINARY",
        setting=True,
        section="Builds",
    ),
    Option(
        "no-binary-package",
        "The same as --no-binary",
        kind=TEXT,
        metavar="NAME",
        many=True,
        env="HUTCH_NO_BINARY_PACKAGE",
        setting=True,
        section="Builds",
    ),
    Option(
        "quiet",
        "Say only problems and warnings (-qq: only problems)",
        kind=COUNT,
        short="q",
        env="HUTCH_QUIET",
        section="Output",
    ),
    Option(
        "verbose", "Say more about each step", kind=COUNT, short="v", env="HUTCH_VERBOSE", section="Output"
    ),
    Option(
        "progress",
        "Do not show what is going on when it lasts",
        kind=PAIR,
        default=True,
        env="HUTCH_PROGRESS",
        section="Output",
    ),
    Option(
        "color",
        "When to use colour",
        kind=TEXT,
        metavar="WHEN",
        choices=("auto", "always", "never"),
        default="auto",
        env="HUTCH_COLOR",
        section="Output",
    ),
    Option("help", "Show this help", short="h", section="Output"),
    Option("version", "Show the version of hutch", short="V", section="Output"),
)


# Options that several commands share, each with one meaning wherever it appears.

DRY_RUN = Option("dry-run", "Say what would be done, and change nothing", env="HUTCH_DRY_RUN")
JSON = Option("json", "Print the outcome as JSON", env="HUTCH_JSON")
FROZEN = Option(
    "frozen",
    "Take pylock.toml as it is; do not look whether it is up to date",
    env="HUTCH_FROZEN",
    section="The lock",
)
LOCKED = Option(
    "locked",
    "Fail if pylock.toml is not up to date, instead of updating it",
    env="HUTCH_LOCKED",
    section="The lock",
)
SYNC = Option(
    "sync",
    "Leave the environment as it is, instead of bringing it up to date",
    kind=PAIR,
    default=True,
    env="HUTCH_SYNC",
)
LINK_MODE = Option(
    "link-mode",
    "How files get from the cache into an environment",
    kind=TEXT,
    metavar="MODE",
    choices=LINK_MODES,
    env="HUTCH_LINK_MODE",
    setting=True,
)
COMPILE = Option(
    "compile",
    "Compile what is installed before it is put in, with all processors, instead of afterwards",
    kind=PAIR,
    env="HUTCH_COMPILE",
    setting=True,
)
ALLOW_CLOBBER = Option(
    "allow-clobber",
    "Let this package replace files of other packages, or files that no package owns (may be repeated)",
    kind=TEXT,
    metavar="PKG",
    many=True,
    env="HUTCH_ALLOW_CLOBBER",
    setting=True,
)

NAMED = Option(
    "name",
    "The environment of this name (hutch env create), instead of the project's",
    kind=TEXT,
    short="n",
    metavar="NAME",
    env="HUTCH_NAME",
    section="Which environment",
)
ENV = Option(
    "env",
    "The project's environment of this name, instead of the first: .venv-NAME beside .venv",
    kind=TEXT,
    metavar="NAME",
    env="HUTCH_ENV",
    section="Which environment",
)
WHICH = (NAMED, ENV)
"""Which environment is meant; commands that have these never see them (``Call.options``)."""

SCRIPT = Option(
    "script",
    "Work on this script and its inline metadata, instead of a project",
    kind=PATH,
    metavar="FILE",
    env="HUTCH_SCRIPT",
)

_CHOICE = "What is chosen"
MEMBERS = (
    Option(
        "package",
        "This member of the workspace, instead of the one around here (may be repeated)",
        kind=TEXT,
        metavar="NAME",
        many=True,
        env="HUTCH_PACKAGE",
        section=_CHOICE,
    ),
    Option("all-packages", "All members of the workspace", env="HUTCH_ALL_PACKAGES", section=_CHOICE),
)
SELECTION = (
    *MEMBERS,
    Option(
        "group",
        "Also this dependency group (may be repeated)",
        kind=TEXT,
        metavar="GROUP",
        many=True,
        env="HUTCH_GROUP",
        section=_CHOICE,
    ),
    Option(
        "no-group",
        "Not this dependency group, whatever asks for it (may be repeated)",
        kind=TEXT,
        metavar="GROUP",
        many=True,
        env="HUTCH_NO_GROUP",
        section=_CHOICE,
    ),
    Option(
        "only-group",
        "Only this dependency group, without the project and its dependencies (may be repeated)",
        kind=TEXT,
        metavar="GROUP",
        many=True,
        env="HUTCH_ONLY_GROUP",
        section=_CHOICE,
    ),
    Option("all-groups", "Also every dependency group", env="HUTCH_ALL_GROUPS", section=_CHOICE),
    Option(
        "dev",
        "Not the dev group, which is chosen otherwise",
        kind=PAIR,
        default=True,
        env="HUTCH_DEV",
        section=_CHOICE,
    ),
    Option("only-dev", "The same as --only-group dev", env="HUTCH_ONLY_DEV", section=_CHOICE),
    Option(
        "extra",
        "Also this extra (optional dependencies) of the project (may be repeated)",
        kind=TEXT,
        metavar="EXTRA",
        many=True,
        env="HUTCH_EXTRA",
        section=_CHOICE,
    ),
    Option("all-extras", "Also every extra of the project", env="HUTCH_ALL_EXTRAS", section=_CHOICE),
)
SELECTION_CONFLICTS = (
    ("package", "all-packages"),
    ("only-group", "group"),
    ("only-group", "all-groups"),
    ("only-group", "extra"),
    ("only-group", "all-extras"),
    ("only-dev", "group"),
    ("only-dev", "all-groups"),
    ("only-dev", "extra"),
    ("only-dev", "all-extras"),
    ("only-dev", "only-group"),
    ("only-dev", "no-dev"),
    ("extra", "all-extras"),
    ("group", "all-groups"),
)


SIDES = "Which side"


COMMANDS = (
    Command(
        "init",
        "Start a project: write a pyproject.toml",
        group="project",
        page=lambda: page_of("table_start").INIT,
    ),
    Command(
        "add",
        "Add packages to the project, and install them",
        group="project",
        page=lambda: page_of("table_change").ADD,
    ),
    Command(
        "remove",
        "Remove packages from the project, and uninstall them",
        group="project",
        page=lambda: page_of("table_change").REMOVE,
    ),
    Command(
        "lock",
        "Choose a version of every package, and write pylock.toml",
        group="project",
        about=(
            "Works out which versions fit together, for every Python and system that the project"
            " supports, and writes them to pylock.toml. Versions that are already locked stay,"
            " unless you ask for newer ones. Nothing is installed."
        ),
        options=(
            Option(
                "check",
                "Only say whether pylock.toml is up to date; exit with 1 if it is not",
                env="HUTCH_LOCK_CHECK",
            ),
            Option(
                "upgrade", "Choose anew: the newest versions that fit", short="U", env="HUTCH_LOCK_UPGRADE"
            ),
            Option(
                "upgrade-package",
                "Choose anew for this package only; flask or 'flask<4' (may be repeated)",
                kind=TEXT,
                short="P",
                metavar="NAME",
                many=True,
                env="HUTCH_LOCK_UPGRADE_PACKAGE",
            ),
            Option(
                "target",
                "Lock for these targets only: cp312-linux-x86_64, macos-arm64, cp313, musl (may be repeated)",
                kind=TEXT,
                metavar="TARGET",
                many=True,
                env="HUTCH_LOCK_TARGET",
            ),
            Option(
                "add-target",
                "Write a further target into pyproject.toml, and lock for it too (may be repeated)",
                kind=TEXT,
                metavar="TARGET",
                many=True,
                env="HUTCH_LOCK_ADD_TARGET",
            ),
            Option(
                "explain-targets",
                "Only tell which targets there are, and why some are left out",
                env="HUTCH_LOCK_EXPLAIN_TARGETS",
            ),
            Option(
                "resolution",
                "Which versions to prefer",
                kind=TEXT,
                metavar="WHICH",
                choices=RESOLUTIONS,
                env="HUTCH_LOCK_RESOLUTION",
            ),
            Option(
                "apply",
                "Make the edit that line N of a conflict's advice proposes, and lock",
                kind=NUMBER,
                metavar="N",
                env="HUTCH_LOCK_APPLY",
            ),
            SCRIPT,
            DRY_RUN,
            JSON,
        ),
        conflicts=(
            ("check", "upgrade"),
            ("check", "upgrade-package"),
            ("check", "apply"),
            ("check", "add-target"),
            ("check", "explain-targets"),
            ("script", "apply"),
            ("script", "add-target"),
            ("script", "explain-targets"),
            ("target", "add-target"),
        ),
        examples=(
            ("hutch lock", "lock what pyproject.toml asks for"),
            ("hutch lock --upgrade", "everything as new as possible"),
            ("hutch lock --check", "in CI: is the lock up to date?"),
        ),
    ),
    Command(
        "sync",
        "Make the environment equal to the lock",
        group="project",
        about=(
            "Locks if pyproject.toml has changed, makes .venv if there is none, installs what is"
            " missing and removes what the lock does not name. This is the command to run after"
            " cloning a project. With --env it is about another environment of the project, which"
            " remembers the groups, extras and Python that were chosen for it."
        ),
        options=(
            LOCKED,
            FROZEN,
            ENV,
            *SELECTION,
            Option(
                "only-deps",
                "Only the dependencies: not the project, nor other members of its workspace",
                env="HUTCH_ONLY_DEPS",
                section=_CHOICE,
            ),
            Option(
                "install-project",
                "Not the project itself, which is installed (editable) otherwise",
                kind=PAIR,
                default=True,
                env="HUTCH_INSTALL_PROJECT",
                section=_CHOICE,
            ),
            Option("inexact", "Keep packages that the lock does not name", env="HUTCH_SYNC_INEXACT"),
            Option("reinstall", "Install every package again", env="HUTCH_SYNC_REINSTALL"),
            Option(
                "reinstall-package",
                "Install this package again (may be repeated)",
                kind=TEXT,
                metavar="NAME",
                many=True,
                env="HUTCH_SYNC_REINSTALL_PACKAGE",
            ),
            LINK_MODE,
            COMPILE,
            ALLOW_CLOBBER,
            DRY_RUN,
            JSON,
        ),
        conflicts=(("frozen", "locked"), *SELECTION_CONFLICTS),
        show=("python",),
        examples=(
            ("hutch sync", "everything that the project needs"),
            ("hutch sync --locked --no-dev", "for deployment: exactly the lock"),
            ("hutch sync --dry-run", "only say what would change"),
        ),
    ),
    Command(
        "run",
        "Run a command in the project's environment",
        group="project",
        about=(
            "Brings the environment up to date first, then runs the command in it; there is no need"
            " to activate anything. A .py file with inline metadata (PEP 723) runs in an environment of"
            " its own, without the project; with -n it runs in the one that is named, and nothing is brought"
            " up to date. Options for hutch go before the command: everything after it belongs to the"
            " command. The exit code is the command's."
        ),
        positionals=(
            Positional("command", "COMMAND", "The command and its arguments, or a .py file", count="rest"),
        ),
        options=(
            LOCKED,
            FROZEN,
            SYNC,
            *WHICH,
            *SELECTION,
            Option(
                "env-file",
                "Read environment variables for the command from this file (may be repeated)",
                kind=PATH,
                metavar="FILE",
                many=True,
                env="HUTCH_ENV_FILE",
            ),
            Option(
                "with",
                "Also with this package, for this command only: 'rich' or 'rich>=13' (may be repeated)",
                kind=TEXT,
                metavar="REQUIREMENT",
                many=True,
                env="HUTCH_RUN_WITH",
            ),
            LINK_MODE,
            COMPILE,
            ALLOW_CLOBBER,
        ),
        conflicts=(("frozen", "locked"), ("name", "env"), *SELECTION_CONFLICTS),
        show=("python",),
        examples=(
            ("hutch run pytest -q", "the project's tests"),
            ("hutch run python -c 'import flask'", "python, with the packages in place"),
            ("hutch run report.py --fast", "a script, with its inline metadata if it has some"),
        ),
    ),
    Command(
        "upgrade",
        "Take newer versions, within what pyproject.toml allows",
        group="project",
        page=lambda: page_of("table_change").UPGRADE,
    ),
    Command(
        "tree",
        "Show what needs what, as a tree",
        group="look",
        page=lambda: page_of("table_look").TREE,
    ),
    Command(
        "why",
        "Say why a package is here, and why this version",
        group="look",
        page=lambda: page_of("table_look").WHY,
    ),
    Command(
        "why-not",
        "Say why a version is not the chosen one",
        group="look",
        page=lambda: page_of("table_look").WHY_NOT,
    ),
    Command(
        "search",
        "List the versions of a package, from indexes and conda's channels",
        group="look",
        page=lambda: page_of("table_look").SEARCH,
    ),
    Command(
        "outdated",
        "List packages that are not the newest, and why not",
        group="look",
        page=lambda: page_of("table_look").OUTDATED,
    ),
    Command(
        "import",
        "Write another tool's manifest as pyproject.toml",
        group="convert",
        page=lambda: page_of("table_convert").IMPORT,
    ),
    Command(
        "export",
        "Write the lock in a format of other tools",
        group="convert",
        page=lambda: page_of("table_convert").EXPORT,
    ),
    Command(
        "git",
        "Merge pylock.toml in git by locking again",
        group="convert",
        page=lambda: page_of("table_convert").GIT,
    ),
    Command(
        "venv",
        "Make a virtual environment",
        group="environment",
        about=(
            "In .venv, or in PATH. A directory that is not an environment is never deleted."
            " Projects do not need this command: sync and run make their environment themselves."
        ),
        positionals=(Positional("path", "PATH", "Where; .venv if not given", count="?", kind=PATH),),
        options=(
            Option(
                "prompt",
                "What the shell's prompt shows when it is activated",
                kind=TEXT,
                metavar="TEXT",
                env="HUTCH_VENV_PROMPT",
            ),
            Option(
                "system-site-packages",
                "Let it see the packages of the Python that it is made from",
                env="HUTCH_VENV_SYSTEM_SITE_PACKAGES",
            ),
            Option(
                "relocatable", "Make one that still works after it was moved", env="HUTCH_VENV_RELOCATABLE"
            ),
            Option("clear", "Empty the environment if there is one", env="HUTCH_VENV_CLEAR"),
            DRY_RUN,
            JSON,
        ),
        show=("python",),
        examples=(
            ("hutch venv", "in .venv, with the project's Python"),
            ("hutch venv --python 3.12 /tmp/play", "one to play with"),
        ),
    ),
    Command(
        "env",
        "Environments by name; the history of one, the way back, a check",
        group="environment",
        page=lambda: page_of("table_env").ENV,
    ),
    Command(
        "python",
        "Find, pin and install Pythons",
        group="environment",
        page=lambda: page_of("table_python").PYTHON,
    ),
    Command(
        "doctor",
        "Look for what makes environments fail, and put it right",
        group="environment",
        page=lambda: page_of("table_doctor").DOCTOR,
    ),
    Command(
        "shell",
        "Start a shell in which an environment is active",
        group="environment",
        page=lambda: page_of("table_shell").SHELL,
    ),
    Command(
        "activate",
        "Print what your shell evaluates to activate an environment",
        group="environment",
        page=lambda: page_of("table_shell").ACTIVATE,
    ),
    Command(
        "conda",
        "conda's own verbs, with hutch behind them",
        group="environment",
        page=lambda: page_of("table_conda").CONDA,
    ),
    Command(
        "kernel",
        "Let notebooks run in an environment",
        group="environment",
        page=lambda: page_of("table_ide").KERNEL,
    ),
    Command(
        "ide",
        "Tell an editor of the project's environment",
        group="environment",
        page=lambda: page_of("table_ide").IDE,
    ),
    Command(
        "shell-hook",
        "Have your shell activate environments by itself",
        group="environment",
        page=lambda: page_of("table_shell").SHELL_HOOK,
    ),
    Command(
        "allow",
        "Trust a project: entering it activates its environment",
        group="environment",
        page=lambda: page_of("table_shell").ALLOW,
    ),
    Command(
        "deny",
        "Trust a project no longer, and be asked no more",
        group="environment",
        page=lambda: page_of("table_shell").DENY,
    ),
    Command(
        "shell-answer",
        "What the hook of a shell asks for",
        group="environment",
        hidden=True,
        page=lambda: page_of("table_shell").SHELL_ANSWER,
    ),
    Command(
        "pip",
        "What pip and pip-tools do, in their words",
        group="environment",
        page=lambda: page_of("table_pip_choosing").PIP,
    ),
    Command(
        "cache",
        "Look at the cache of packages, check it, make it smaller",
        group="rest",
        page=lambda: page_of("table_own").CACHE,
    ),
    Command(
        "config",
        "Show the configuration",
        group="rest",
        page=lambda: page_of("table_own").CONFIG,
    ),
    Command(
        "auth",
        "Keep user names and passwords of indexes and other servers",
        group="rest",
        page=lambda: page_of("table_own").AUTH,
    ),
    Command(
        "self",
        "About this hutch",
        group="rest",
        page=lambda: page_of("table_own").SELF,
    ),
    Command(
        "completions",
        "Print a script that lets your shell complete hutch's words",
        group="rest",
        positionals=(Positional("shell", "SHELL", "bash, zsh, fish or powershell", choices=SHELLS),),
        examples=(
            ('eval "$(hutch completions bash)"', "for ~/.bashrc"),
            ('eval "$(hutch completions zsh)"', "for ~/.zshrc, after compinit"),
            ("hutch completions fish | source", "for ~/.config/fish/config.fish"),
        ),
    ),
    Command(
        "help",
        "Explain a command",
        group="rest",
        positionals=(Positional("command", "COMMAND", "Which", count="*"),),
        examples=(
            ("hutch help lock", "everything about lock"),
            ("hutch help options", "the options that every command takes"),
        ),
    ),
)

# Words that users of other tools will try, and what they find here.
ELSEWHERE = {
    "install": ("hutch sync", "hutch add NAME", "hutch conda install -n ENV NAME", "hutch pip install NAME"),
    "i": ("hutch sync", "hutch add NAME"),
    "uninstall": ("hutch remove NAME", "hutch pip uninstall NAME"),
    "rm": ("hutch remove NAME",),
    "update": ("hutch upgrade", "hutch upgrade NAME"),
    "compile": ("hutch lock", "hutch pip compile requirements.in"),
    "freeze": ("hutch export", "hutch pip freeze"),
    "list": ("hutch tree --depth 1", "hutch pip list"),
    "show": ("hutch why NAME", "hutch pip show NAME"),
    "check": ("hutch pip check", "hutch lock --check"),
    "new": ("hutch init PATH",),
    "create": ("hutch venv PATH", "hutch conda create -n ENV NAME", "hutch env create ENV"),
    "info": ("hutch doctor", "hutch config show"),
    "rename": ("hutch env rename OLD NEW",),
    "clone": ("hutch env clone FROM TO",),
    "exec": ("hutch run COMMAND",),
    "version": ("hutch --version",),
    "clean": ("hutch cache clean",),
    "completion": ("hutch completions bash",),
    "task": ("hutch run COMMAND: tasks of pixi are pixi's to run",),
    "workspace": ("hutch add --conda --channel CHANNEL NAME", "hutch env list"),
    "global": ("hutch conda create -n NAME PACKAGE, and hutch conda run -n NAME COMMAND",),
}


def every_command() -> list[Command]:
    """All commands that do something, in the table's order: ``cache dir`` but not ``cache``."""
    found = [command for command in COMMANDS if not command.hidden]
    while any(command.commands for command in found):
        found = [verb for command in found for verb in (command.commands or (command,))]
    return found


def variable(option: Option) -> str:
    """The environment variable of ``option``, or nothing."""
    return option.env
