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


def _page(name: str) -> Any:
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


def _where(command: str, verb: str) -> tuple[Option, ...]:
    """``--dev``, ``--group`` and ``--optional`` of ``add`` and ``remove``."""
    place, variables = f"{verb} which list", f"HUTCH_{command.upper()}_"
    return (
        Option(
            "package",
            "The manifest of this member of the workspace, instead of the one around here",
            kind=TEXT,
            metavar="NAME",
            env=f"{variables}PACKAGE",
            section=place,
        ),
        Option("dev", "The dev group: what only developers need", env=f"{variables}DEV", section=place),
        Option(
            "group",
            "This dependency group",
            kind=TEXT,
            metavar="GROUP",
            env=f"{variables}GROUP",
            section=place,
        ),
        Option(
            "optional",
            "This extra: optional dependencies that users of the project can ask for",
            kind=TEXT,
            metavar="EXTRA",
            env=f"{variables}OPTIONAL",
            section=place,
        ),
    )


_SIDES = "Which side"

# The options of the pip commands. Where pip, pip-tools or uv have one for the same, it is spelled alike.

_PIP_CHOICE = "Which versions"
_PIP_FOR = "For whom"
_PIP_LOOKS = "What is written"
_PIP_EXTRAS = tuple(option for option in SELECTION if option.name in ("extra", "all-extras"))
PIP_OPTIONS = {
    option.name: option
    for option in (
        Option(
            "constraint",
            "Keep to the versions in this file, for what is needed anyway (may be repeated)",
            kind=PATH,
            short="c",
            metavar="FILE",
            many=True,
            env="HUTCH_CONSTRAINT",
            section=_PIP_CHOICE,
        ),
        Option(
            "prerelease",
            "Pre-releases: as good as others, only where they are asked for, or never",
            kind=TEXT,
            metavar="WHEN",
            choices=("allow", "explicit", "disallow"),
            env="HUTCH_PRERELEASE",
            section=_PIP_CHOICE,
        ),
        Option("pre", "The same as --prerelease allow", sets=("prerelease", "allow"), section=_PIP_CHOICE),
        Option(
            "resolution",
            "Which versions to prefer",
            kind=TEXT,
            metavar="WHICH",
            choices=RESOLUTIONS,
            env="HUTCH_RESOLUTION",
            setting=True,
            section=_PIP_CHOICE,
        ),
        Option(
            "exclude-newer",
            "Ignore what was uploaded after this date or span: 2026-11-01, '7 days'",
            kind=TEXT,
            metavar="WHEN",
            env="HUTCH_EXCLUDE_NEWER",
            setting=True,
            section=_PIP_CHOICE,
        ),
        Option(
            "exclude-newer-package",
            "The same for one package: numpy=2026-10-01; NAME=false exempts it (may be repeated)",
            kind=TEXT,
            metavar="NAME=WHEN",
            many=True,
            env="HUTCH_EXCLUDE_NEWER_PACKAGE",
            section=_PIP_CHOICE,
        ),
        Option(
            "exclude-newer-index",
            "The same for one index, by its name (may be repeated)",
            kind=TEXT,
            metavar="NAME=WHEN",
            many=True,
            env="HUTCH_EXCLUDE_NEWER_INDEX",
            section=_PIP_CHOICE,
        ),
        Option(
            "config-settings",
            "Tell this to the backends of what is built (may be repeated)",
            kind=TEXT,
            metavar="KEY=VALUE",
            many=True,
            env="HUTCH_CONFIG_SETTINGS",
            section="Builds",
        ),
        Option(
            "config-settings-package",
            "The same to the backend of one package (may be repeated)",
            kind=TEXT,
            metavar="NAME:KEY=VALUE",
            many=True,
            env="HUTCH_CONFIG_SETTINGS_PACKAGE",
            section="Builds",
        ),
        Option(
            "require-hashes",
            "Refuse whatever has no hash in a requirements file; one hash in a file does the same",
            env="HUTCH_REQUIRE_HASHES",
        ),
    )
}
_PIP_SHOWN = ("python", "index-url", "extra-index-url", "find-links", "only-binary", "no-binary", "no-build")
_PIP_VERSIONS = tuple(PIP_OPTIONS[name] for name in PIP_OPTIONS if name != "require-hashes")


def _pip_reinstall(command: str) -> tuple[Option, ...]:
    """``--reinstall`` and ``--reinstall-package NAME``."""
    variable = f"HUTCH_PIP_{command.upper()}_REINSTALL"
    return (
        Option("reinstall", "Install every package again", env=variable),
        Option(
            "reinstall-package",
            "Install this package again (may be repeated)",
            kind=TEXT,
            metavar="NAME",
            many=True,
            env=f"{variable}_PACKAGE",
        ),
    )


def _pip_upgrade(command: str) -> tuple[Option, ...]:
    """``-U`` and ``-P NAME``."""
    variable = f"HUTCH_PIP_{command.upper()}_UPGRADE"
    return (
        Option(
            "upgrade",
            "Choose anew: the newest versions that fit",
            short="U",
            env=variable,
            section=_PIP_CHOICE,
        ),
        Option(
            "upgrade-package",
            "Choose anew for this package only; flask or 'flask<4' (may be repeated)",
            kind=TEXT,
            short="P",
            metavar="NAME",
            many=True,
            env=f"{variable}_PACKAGE",
            section=_PIP_CHOICE,
        ),
    )


COMMANDS = (
    Command(
        "init",
        "Start a project: write a pyproject.toml",
        group="project",
        about=(
            "Writes a pyproject.toml and a first module, in the current directory or in PATH. Nothing"
            " that exists is overwritten."
        ),
        positionals=(
            Positional("path", "PATH", "Where; the current directory if not given", count="?", kind=PATH),
        ),
        options=(
            Option(
                "app",
                "An application: something to run (this is what you get without a flag)",
                env="HUTCH_INIT_APP",
            ),
            Option("lib", "A library: something that others import and install", env="HUTCH_INIT_LIB"),
            Option(
                "name",
                "The project's name; the directory's name if not given",
                kind=TEXT,
                metavar="NAME",
                env="HUTCH_INIT_NAME",
            ),
            Option(
                "conda",
                "With packages of conda's channels, of which Python is one",
                env="HUTCH_INIT_CONDA",
                section=_SIDES,
            ),
            Option(
                "channel",
                "With --conda: take them from this channel, instead of those of the configuration (may be"
                " repeated)",
                kind=TEXT,
                short="c",
                metavar="CHANNEL",
                many=True,
                env="HUTCH_INIT_CHANNEL",
                section=_SIDES,
            ),
            Option(
                "platform",
                "With --conda: lock for this platform, instead of this machine's: linux-64, osx-arm64, win-64"
                " (may be repeated)",
                kind=TEXT,
                metavar="PLATFORM",
                many=True,
                env="HUTCH_INIT_PLATFORM",
                section=_SIDES,
            ),
            SCRIPT,
            DRY_RUN,
            JSON,
        ),
        conflicts=(("app", "lib", "script"), ("name", "script"), ("conda", "script")),
        show=("python",),
        examples=(
            ("hutch init shop", "an application in the new directory shop"),
            ("hutch init --lib", "a library, here"),
            ("hutch init --conda --python 3.12", "with packages of conda, and Python 3.12 or newer"),
        ),
    ),
    Command(
        "add",
        "Add packages to the project, and install them",
        group="project",
        about=(
            "Writes each requirement into pyproject.toml, locks again and installs. A requirement"
            " without a version gets a lower bound: the version that was chosen. A path or a URL works"
            " too: where the package comes from is then written into [tool.hutch.sources]. With --conda"
            " they are MatchSpecs for conda's channels, written into [tool.hutch.conda]."
        ),
        positionals=(
            Positional(
                "requirements",
                "REQUIREMENT",
                "A package, with a version if you like: flask, 'flask>=3', 'flask[async]==3.1'; or where"
                " it lies: ../lib, https://…/lib-1.0.tar.gz, git+https://…@v1",
                count="*",
            ),
        ),
        options=(
            ENV,
            *_where("add", "Into"),
            SCRIPT,
            Option(
                "bounds",
                "Which version to write down when you gave none",
                kind=TEXT,
                metavar="KIND",
                choices=("lower", "exact", "none"),
                default="lower",
                env="HUTCH_ADD_BOUNDS",
            ),
            Option(
                "raw",
                "The same as --bounds none: write what was given, as it was given",
                sets=("bounds", "none"),
            ),
            Option(
                "index",
                "Take these packages from this configured index only",
                kind=TEXT,
                metavar="NAME",
                env="HUTCH_ADD_INDEX",
            ),
            Option(
                "editable",
                "Use directories where they lie: changes there count at once",
                env="HUTCH_ADD_EDITABLE",
            ),
            Option(
                "git",
                "Take the package from this git repository",
                kind=TEXT,
                metavar="URL",
                env="HUTCH_ADD_GIT",
            ),
            Option(
                "branch",
                "With --git: follow this branch",
                kind=TEXT,
                metavar="NAME",
                env="HUTCH_ADD_BRANCH",
            ),
            Option("tag", "With --git: take this tag", kind=TEXT, metavar="NAME", env="HUTCH_ADD_TAG"),
            Option("rev", "With --git: take this commit", kind=TEXT, metavar="COMMIT", env="HUTCH_ADD_REV"),
            Option(
                "subdirectory",
                "With --git: where in the repository the package is",
                kind=TEXT,
                metavar="PATH",
                env="HUTCH_ADD_SUBDIRECTORY",
            ),
            Option(
                "conda",
                "From conda's channels: numpy, 'numpy >=2', conda-forge::libblas=*=*openblas",
                env="HUTCH_ADD_CONDA",
                section=_SIDES,
            ),
            Option(
                "pypi",
                "From a Python index, also where conda's channels have the package",
                env="HUTCH_ADD_PYPI",
                section=_SIDES,
            ),
            Option(
                "channel",
                "With --conda: ask this channel as well, behind the others (may be repeated)",
                kind=TEXT,
                short="c",
                metavar="CHANNEL",
                many=True,
                env="HUTCH_ADD_CHANNEL",
                section=_SIDES,
            ),
            Option(
                "platform",
                "With --conda: on this platform alone: linux, osx, win, linux-64 (may be repeated)",
                kind=TEXT,
                metavar="PLATFORM",
                many=True,
                env="HUTCH_ADD_PLATFORM",
                section=_SIDES,
            ),
            Option(
                "apply",
                "If it does not fit, make the edit that line N of the advice proposes as well",
                kind=NUMBER,
                metavar="N",
                env="HUTCH_ADD_APPLY",
            ),
            Option("frozen", "Write pyproject.toml only; do not lock and do not install", env="HUTCH_FROZEN"),
            SYNC,
            LINK_MODE,
            COMPILE,
            ALLOW_CLOBBER,
            DRY_RUN,
            JSON,
        ),
        conflicts=(
            ("dev", "group", "optional", "script"),
            ("branch", "tag", "rev"),
            ("git", "index"),
            *((("conda", each)) for each in ("pypi", "script", "git", "index", "editable", "apply")),
        ),
        examples=(
            ("hutch add flask requests", "two packages, newest versions"),
            (
                "hutch add --dev 'pytest>=8'",
                "a tool that only developers need, of a version of your choosing",
            ),
            ("hutch add --conda gdal 'libblas=*=*openblas'", "packages of conda's channels"),
        ),
    ),
    Command(
        "remove",
        "Remove packages from the project, and uninstall them",
        group="project",
        about=(
            "Takes the packages out of pyproject.toml, locks again, and uninstalls what nothing needs"
            " any more."
        ),
        positionals=(Positional("names", "NAME", "A package of the project", count="+"),),
        options=(
            ENV,
            *_where("remove", "From"),
            SCRIPT,
            Option("conda", "Only what conda's channels are asked for", env="HUTCH_REMOVE_CONDA"),
            Option("pypi", "Only what a Python index is asked for", env="HUTCH_REMOVE_PYPI"),
            Option(
                "frozen", "Write pyproject.toml only; do not lock and do not uninstall", env="HUTCH_FROZEN"
            ),
            SYNC,
            LINK_MODE,
            COMPILE,
            ALLOW_CLOBBER,
            DRY_RUN,
            JSON,
        ),
        conflicts=(("dev", "group", "optional", "script"), ("conda", "pypi"), ("conda", "script")),
        examples=(
            ("hutch remove requests", "no longer a dependency"),
            ("hutch remove --dev pytest", "out of the dev group"),
        ),
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
        about=(
            "Chooses the newest versions that fit, of the packages named or of all, writes pylock.toml"
            " and installs. Other packages stay as they are where they can. pyproject.toml is changed"
            " only with --bump. To go beyond what it allows, change the requirement: hutch add"
            " 'NAME>=VERSION'."
        ),
        positionals=(
            Positional(
                "names", "NAME", "A package of the lock, with a limit if you like: 'flask<4'", count="*"
            ),
        ),
        options=(
            ENV,
            Option("all", "Every package; the same as naming none", env="HUTCH_UPGRADE_ALL"),
            Option(
                "interactive", "Ask of each package whether to upgrade it", env="HUTCH_UPGRADE_INTERACTIVE"
            ),
            Option(
                "bump",
                "Also raise the lower bounds in pyproject.toml to the versions chosen",
                env="HUTCH_UPGRADE_BUMP",
            ),
            SCRIPT,
            SYNC,
            LINK_MODE,
            COMPILE,
            ALLOW_CLOBBER,
            DRY_RUN,
            JSON,
        ),
        conflicts=(("all", "interactive"), ("interactive", "json")),
        examples=(
            ("hutch upgrade", "everything"),
            ("hutch upgrade flask 'urllib3<3'", "these two, one with a limit"),
            ("hutch upgrade --bump --dry-run", "what would change, in pyproject.toml too"),
        ),
    ),
    Command(
        "tree",
        "Show what needs what, as a tree",
        group="look",
        options=(
            ENV,
            Option("invert", "Turn the tree around: who needs each package?", env="HUTCH_TREE_INVERT"),
            Option(
                "depth", "Show at most this many levels", kind=NUMBER, metavar="N", env="HUTCH_TREE_DEPTH"
            ),
            Option(
                "package",
                "Begin at this package (may be repeated)",
                kind=TEXT,
                metavar="NAME",
                many=True,
                env="HUTCH_TREE_PACKAGE",
            ),
            JSON,
        ),
        examples=(
            ("hutch tree --depth 1", "only the direct dependencies"),
            ("hutch tree --invert --package idna", "who needs idna?"),
            ("hutch tree --env docs", "what the environment docs has of the lock"),
        ),
    ),
    Command(
        "why",
        "Say why a package is here, and why this version",
        group="look",
        positionals=(Positional("name", "NAME", "A package of the lock"),),
        options=(ENV, JSON),
        examples=(
            ("hutch why urllib3", "each path from the project to urllib3"),
            ("hutch why urllib3 --json", "the same for a program"),
        ),
    ),
    Command(
        "why-not",
        "Say why a version is not the chosen one",
        group="look",
        about=(
            "Solves once more with the version asked for: tells the conflict, what to change so that it"
            " fits, or that nothing speaks against it and which command takes it. Changes nothing."
        ),
        positionals=(Positional("requirement", "NAME==VERSION", "A package of the lock, and a version"),),
        options=(ENV, JSON),
        examples=(
            ("hutch why-not urllib3==1.26.20", "what stands against this version?"),
            ("hutch why-not 'django>=5'", "why none of the new ones?"),
        ),
    ),
    Command(
        "search",
        "List the versions of a package, from indexes and conda's channels",
        group="look",
        about=(
            "Looks a name up on both sides. Channels are those of the project, else those of the"
            " configuration. A package that is called otherwise on the other side is found as well."
        ),
        positionals=(Positional("name", "NAME", "A package, by its name on either side"),),
        options=(
            Option("all", "All versions, not only the newest ones", env="HUTCH_SEARCH_ALL"),
            Option("conda", "Only in conda's channels", env="HUTCH_SEARCH_CONDA"),
            Option("pypi", "Only on the index", env="HUTCH_SEARCH_PYPI"),
            Option(
                "channel",
                "Look into this channel instead (may be repeated)",
                kind=TEXT,
                short="c",
                metavar="CHANNEL",
                many=True,
                env="HUTCH_SEARCH_CHANNEL",
            ),
            JSON,
        ),
        conflicts=(("conda", "pypi"), ("pypi", "channel")),
        examples=(
            ("hutch search numpy", "on both sides"),
            ("hutch search --conda -c bioconda samtools", "in a channel"),
        ),
    ),
    Command(
        "outdated",
        "List packages that are not the newest, and why not",
        group="look",
        about=(
            "Asks the indexes again. For each package that is not the newest: what is locked, what"
            " hutch upgrade would take, the newest version of all, and which requirement keeps it out."
        ),
        options=(
            ENV,
            Option("direct", "Only what the project itself asks for", env="HUTCH_OUTDATED_DIRECT"),
            SCRIPT,
            JSON,
        ),
        examples=(
            ("hutch outdated", "all of them"),
            ("hutch outdated --direct --json", "those of pyproject.toml, for a program"),
        ),
    ),
    Command(
        "import",
        "Write another tool's manifest as pyproject.toml",
        group="convert",
        about=(
            "Writes what hutch has understood of it all along: [project], [dependency-groups] and"
            " [tool.hutch]. A pyproject.toml is changed in place, for any other file a new one is written"
            " beside it. What has no equivalent is listed. The lock stays, and hutch lock starts from it."
        ),
        positionals=(
            Positional(
                "file", "FILE", "The manifest; without it, the one that the project has", count="?", kind=PATH
            ),
        ),
        options=(
            Option(
                "remove-old",
                "Take what was imported out of the tables of the other tools; what they say besides stays",
                env="HUTCH_IMPORT_REMOVE_OLD",
            ),
            DRY_RUN,
            JSON,
        ),
        examples=(
            ("hutch import --dry-run", "the difference that it would make"),
            ("hutch import environment.yml", "a pyproject.toml beside it"),
            ("hutch import --remove-old", "[tool.poetry] and its like go, as far as they were taken over"),
        ),
    ),
    Command(
        "export",
        "Write the lock in a format of other tools",
        group="convert",
        about="Prints to the terminal, or writes the file given with -o.",
        options=(
            Option(
                "format",
                "What to write: requirements or constraints for pip; a pylock of the choice; environment.yml,"
                " explicit, conda-lock and pixi (their lock) for conda; pipfile.lock for Pipenv",
                kind=TEXT,
                metavar="FORMAT",
                choices=(
                    *("requirements", "constraints", "pylock", "environment.yml", "explicit", "conda-lock"),
                    *("pixi", "pipfile.lock"),
                ),
                default="requirements",
                env="HUTCH_EXPORT_FORMAT",
            ),
            Option(
                "output-file",
                "Write to this file",
                kind=PATH,
                short="o",
                metavar="FILE",
                env="HUTCH_EXPORT_OUTPUT_FILE",
            ),
            Option(
                "hashes",
                "Leave out the hashes of the files",
                kind=PAIR,
                default=True,
                env="HUTCH_EXPORT_HASHES",
            ),
            Option(
                "target",
                "Only what is installed on this target (cp312-linux-x86_64, or a word such as linux; with"
                " packages of conda linux-64), without markers for others",
                kind=TEXT,
                metavar="TARGET",
                many=True,
                env="HUTCH_EXPORT_TARGET",
            ),
            Option(
                "annotate",
                "Leave out the comments that say what needs a package",
                kind=PAIR,
                default=True,
                env="HUTCH_EXPORT_ANNOTATE",
            ),
            Option(
                "header",
                "Leave out the comment at the top",
                kind=PAIR,
                default=True,
                env="HUTCH_EXPORT_HEADER",
            ),
            Option(
                "emit-project",
                "Add the project itself, editable",
                kind=PAIR,
                default=False,
                env="HUTCH_EXPORT_EMIT_PROJECT",
            ),
            Option(
                "no-emit-package",
                "Leave this package out, not what it needs",
                kind=TEXT,
                metavar="NAME",
                many=True,
                env="HUTCH_EXPORT_NO_EMIT_PACKAGE",
            ),
            Option(
                "emit-index-url",
                "Name the indexes that the packages come from",
                kind=PAIR,
                default=False,
                env="HUTCH_EXPORT_EMIT_INDEX_URL",
            ),
            LOCKED,
            FROZEN,
            ENV,
            *SELECTION,
        ),
        conflicts=(("frozen", "locked"), *SELECTION_CONFLICTS),
        examples=(
            ("hutch export -o requirements.txt", "for pip install -r, with hashes"),
            ("hutch export --format pylock -o pylock.prod.toml --no-dev", "a standard lock for deployment"),
            ("hutch export --format constraints --target cp312-linux-x86_64", "the versions of one machine"),
        ),
    ),
    Command(
        "git",
        "Merge pylock.toml in git by locking again",
        group="convert",
        commands=lambda: (
            Command(
                "git setup",
                "Tell git to merge pylock.toml with hutch",
                about=(
                    "Writes a line into .gitattributes, which is committed, and the command into git's"
                    " configuration, which each clone needs for itself."
                ),
                options=(
                    Option(
                        "user",
                        "Configure git for all repositories of this user, not for this one only",
                        env="HUTCH_GIT_SETUP_USER",
                    ),
                    DRY_RUN,
                    JSON,
                ),
                examples=(
                    ("hutch git setup", "in this repository"),
                    ("hutch git setup --user", "git's configuration for all repositories"),
                ),
            ),
            Command(
                "git merge-lock",
                "Merge a lock, as git's merge driver",
                about=(
                    "Git calls it: see hutch git setup. It locks for the merged pyproject.toml, keeping"
                    " the versions of both sides, and writes the lock to OURS. Where that cannot be done it"
                    " leaves conflict markers there and exits with 1."
                ),
                positionals=(
                    Positional("base", "BASE", "The lock where the sides parted (git's %O)"),
                    Positional("ours", "OURS", "The lock of this side (%A); the result goes here"),
                    Positional("theirs", "THEIRS", "The lock of the other side (%B)"),
                    Positional("path", "PATH", "The lock in the repository (%P); pylock.toml", count="?"),
                ),
                options=(JSON,),
                examples=(("hutch git merge-lock .merge_1 .merge_2 .merge_3 pylock.toml", "what git calls"),),
            ),
        ),
        examples=(("hutch git setup", "tell git to merge pylock.toml with hutch"),),
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
        page=lambda: _page("table_env").ENV,
    ),
    Command(
        "python",
        "Find, pin and install Pythons",
        group="environment",
        page=lambda: _page("table_python").PYTHON,
    ),
    Command(
        "doctor",
        "Look for what makes environments fail, and put it right",
        group="environment",
        page=lambda: _page("table_doctor").DOCTOR,
    ),
    Command(
        "shell",
        "Start a shell in which an environment is active",
        group="environment",
        page=lambda: _page("table_shell").SHELL,
    ),
    Command(
        "activate",
        "Print what your shell evaluates to activate an environment",
        group="environment",
        page=lambda: _page("table_shell").ACTIVATE,
    ),
    Command(
        "conda",
        "conda's own verbs, with hutch behind them",
        group="environment",
        page=lambda: _page("table_conda").CONDA,
    ),
    Command(
        "kernel",
        "Let notebooks run in an environment",
        group="environment",
        page=lambda: _page("table_ide").KERNEL,
    ),
    Command(
        "ide",
        "Tell an editor of the project's environment",
        group="environment",
        page=lambda: _page("table_ide").IDE,
    ),
    Command(
        "shell-hook",
        "Have your shell activate environments by itself",
        group="environment",
        page=lambda: _page("table_shell").SHELL_HOOK,
    ),
    Command(
        "allow",
        "Trust a project: entering it activates its environment",
        group="environment",
        page=lambda: _page("table_shell").ALLOW,
    ),
    Command(
        "deny",
        "Trust a project no longer, and be asked no more",
        group="environment",
        page=lambda: _page("table_shell").DENY,
    ),
    Command(
        "shell-answer",
        "What the hook of a shell asks for",
        group="environment",
        hidden=True,
        page=lambda: _page("table_shell").SHELL_ANSWER,
    ),
    Command(
        "pip",
        "What pip and pip-tools do, in their words",
        group="environment",
        commands=lambda: (
            Command(
                "pip compile",
                "Choose versions for requirements files, and write them down as pins",
                about=(
                    "Reads requirements files, or the dependencies of a pyproject.toml, and writes the"
                    " version of every package that is needed, each with the reason below it. Versions"
                    " that the output file has already stay where they fit. Without -o the pins go to"
                    " the terminal."
                ),
                positionals=(
                    Positional(
                        "files",
                        "FILE",
                        "requirements.in (- for standard input) or pyproject.toml; what there is,"
                        " if not given",
                        count="*",
                        kind=PATH,
                    ),
                ),
                options=(
                    Option(
                        "output-file",
                        "Write to this file",
                        kind=PATH,
                        short="o",
                        metavar="FILE",
                        env="HUTCH_PIP_COMPILE_OUTPUT_FILE",
                    ),
                    Option(
                        "layered",
                        "A file of pins for each file, out of one solve: dev.in becomes dev.txt",
                        env="HUTCH_PIP_COMPILE_LAYERED",
                    ),
                    Option(
                        "python-version",
                        "The Python that the pins are for: 3.9 (that is 3.9.0), 3.12.4",
                        kind=TEXT,
                        metavar="VERSION",
                        env="HUTCH_PIP_COMPILE_PYTHON_VERSION",
                        section=_PIP_FOR,
                    ),
                    Option(
                        "python-platform",
                        "The system that they are for: linux, macos, windows, aarch64-manylinux_2_28",
                        kind=TEXT,
                        metavar="PLATFORM",
                        env="HUTCH_PIP_COMPILE_PYTHON_PLATFORM",
                        section=_PIP_FOR,
                    ),
                    Option(
                        "universal",
                        "Pins with markers, for all usual systems and this Python or newer",
                        env="HUTCH_PIP_COMPILE_UNIVERSAL",
                        section=_PIP_FOR,
                    ),
                    *_pip_upgrade("compile"),
                    *_PIP_VERSIONS,
                    Option(
                        "uploaded-prior-to",
                        "The same as --exclude-newer, in the words of pip",
                        kind=TEXT,
                        metavar="WHEN",
                        env="HUTCH_PIP_COMPILE_UPLOADED_PRIOR_TO",
                        section=_PIP_CHOICE,
                    ),
                    Option(
                        "generate-hashes",
                        "Write the hashes of all files, by which an installer proves what it gets",
                        env="HUTCH_PIP_COMPILE_GENERATE_HASHES",
                        section=_PIP_LOOKS,
                    ),
                    Option(
                        "annotate",
                        "Do not say by whom each package is needed",
                        kind=PAIR,
                        default=True,
                        env="HUTCH_PIP_COMPILE_ANNOTATE",
                        section=_PIP_LOOKS,
                    ),
                    Option(
                        "annotation-style",
                        "Reasons below each pin, or on its line",
                        kind=TEXT,
                        metavar="STYLE",
                        choices=("split", "line"),
                        default="split",
                        env="HUTCH_PIP_COMPILE_ANNOTATION_STYLE",
                        section=_PIP_LOOKS,
                    ),
                    Option(
                        "header",
                        "Leave out the comment that says how the file was made",
                        kind=PAIR,
                        default=True,
                        env="HUTCH_PIP_COMPILE_HEADER",
                        section=_PIP_LOOKS,
                    ),
                    Option(
                        "reuse-hashes",
                        "Look hashes up again, instead of keeping those that the output file has",
                        kind=PAIR,
                        default=True,
                        env="HUTCH_PIP_COMPILE_REUSE_HASHES",
                        section=_PIP_LOOKS,
                    ),
                    Option(
                        "strip-extras",
                        "Write extras behind the names, as pip-compile does up to version 7",
                        kind=PAIR,
                        default=True,
                        env="HUTCH_PIP_COMPILE_STRIP_EXTRAS",
                        section=_PIP_LOOKS,
                    ),
                    Option(
                        "allow-unsafe",
                        "Only name pip, setuptools and distribute in a comment, without their versions",
                        kind=PAIR,
                        default=True,
                        env="HUTCH_PIP_COMPILE_ALLOW_UNSAFE",
                        section=_PIP_LOOKS,
                    ),
                    Option(
                        "unsafe-package",
                        "Set this package apart instead of pip, setuptools and distribute (may be repeated)",
                        kind=TEXT,
                        metavar="NAME",
                        many=True,
                        env="HUTCH_PIP_COMPILE_UNSAFE_PACKAGE",
                        section=_PIP_LOOKS,
                    ),
                    Option(
                        "emit-options",
                        "Write none of the options below into the file",
                        kind=PAIR,
                        default=True,
                        env="HUTCH_PIP_COMPILE_EMIT_OPTIONS",
                        section=_PIP_LOOKS,
                    ),
                    Option(
                        "emit-index-url",
                        "Do not write where packages come from: --index-url, --extra-index-url",
                        kind=PAIR,
                        default=True,
                        env="HUTCH_PIP_COMPILE_EMIT_INDEX_URL",
                        section=_PIP_LOOKS,
                    ),
                    Option(
                        "emit-find-links",
                        "Do not write --find-links",
                        kind=PAIR,
                        default=True,
                        env="HUTCH_PIP_COMPILE_EMIT_FIND_LINKS",
                        section=_PIP_LOOKS,
                    ),
                    Option(
                        "emit-trusted-host",
                        "Do not write --trusted-host",
                        kind=PAIR,
                        default=True,
                        env="HUTCH_PIP_COMPILE_EMIT_TRUSTED_HOST",
                        section=_PIP_LOOKS,
                    ),
                    Option(
                        "newline",
                        "How lines end; preserve: as in the files that are there",
                        kind=TEXT,
                        metavar="HOW",
                        choices=("LF", "CRLF", "native", "preserve"),
                        default="preserve",
                        env="HUTCH_PIP_COMPILE_NEWLINE",
                        section=_PIP_LOOKS,
                    ),
                    *_PIP_EXTRAS,
                    Option(
                        "group",
                        "Also this dependency group: dev, ../lib/pyproject.toml:dev (may be repeated)",
                        kind=TEXT,
                        metavar="GROUP",
                        many=True,
                        env="HUTCH_PIP_COMPILE_GROUP",
                    ),
                    Option(
                        "build-deps-for",
                        "Also what building the project needs: wheel, sdist or editable (may be repeated)",
                        kind=TEXT,
                        metavar="KIND",
                        choices=("editable", "sdist", "wheel"),
                        many=True,
                        env="HUTCH_PIP_COMPILE_BUILD_DEPS_FOR",
                        section="Builds",
                    ),
                    Option(
                        "all-build-deps",
                        "The same for all three",
                        env="HUTCH_PIP_COMPILE_ALL_BUILD_DEPS",
                        section="Builds",
                    ),
                    Option(
                        "only-build-deps",
                        "Nothing but what building needs",
                        env="HUTCH_PIP_COMPILE_ONLY_BUILD_DEPS",
                        section="Builds",
                    ),
                    Option(
                        "pip-args",
                        "What pip-compile would hand to pip, as far as it means something here",
                        kind=TEXT,
                        metavar="WORDS",
                        env="HUTCH_PIP_COMPILE_PIP_ARGS",
                        section="pip-tools",
                    ),
                    Option(
                        "config",
                        "Read [tool.pip-tools] of this file, not of .pip-tools.toml or pyproject.toml beside"
                        " the first file",
                        kind=PATH,
                        metavar="FILE",
                        env="HUTCH_PIP_COMPILE_CONFIG",
                        section="pip-tools",
                    ),
                    DRY_RUN,
                    JSON,
                ),
                conflicts=(
                    ("universal", "python-platform"),
                    ("extra", "all-extras"),
                    ("layered", "output-file"),
                    ("build-deps-for", "all-build-deps"),
                    ("exclude-newer", "uploaded-prior-to"),
                ),
                show=_PIP_SHOWN,
                examples=(
                    ("hutch pip compile requirements.in -o requirements.txt", "pins, kept where they fit"),
                    ("hutch pip compile --layered base.in dev.in", "base.txt and dev.txt, which agree"),
                    (
                        "hutch pip compile -P 'flask<4' -o requirements.txt",
                        "a newer flask, the rest as it is",
                    ),
                ),
            ),
            Command(
                "pip install",
                "Install packages into an environment; nothing else in it is removed",
                about=(
                    "Works on the environment that --python names, else on the active one, else on the"
                    " nearest .venv; on a terminal it offers to make one. What is installed stays as it is"
                    " where it fits. A Python outside of an environment is changed with --system alone."
                ),
                positionals=(
                    Positional(
                        "requirements",
                        "REQUIREMENT",
                        "A package such as 'flask>=3', or a directory",
                        count="*",
                    ),
                ),
                options=(
                    Option(
                        "requirement",
                        "What this requirements file asks for, or a pyproject.toml (may be repeated)",
                        kind=PATH,
                        short="r",
                        metavar="FILE",
                        many=True,
                        env="HUTCH_PIP_INSTALL_REQUIREMENT",
                    ),
                    Option(
                        "editable",
                        "The project in this directory, or git+https://…#egg=NAME, used where it lies (may be"
                        " repeated)",
                        kind=TEXT,
                        short="e",
                        metavar="DIR",
                        many=True,
                        env="HUTCH_PIP_INSTALL_EDITABLE",
                    ),
                    Option(
                        "target",
                        "Into this folder itself, without an environment: to be zipped or copied elsewhere",
                        kind=PATH,
                        short="t",
                        metavar="DIR",
                        env="HUTCH_PIP_INSTALL_TARGET",
                    ),
                    Option(
                        "prefix",
                        "Below this folder, laid out as an installation (DIR/lib/python…/site-packages)",
                        kind=PATH,
                        metavar="DIR",
                        env="HUTCH_PIP_INSTALL_PREFIX",
                    ),
                    Option(
                        "report",
                        "Write what is installed as JSON, as pip does (- for standard output)",
                        kind=PATH,
                        metavar="FILE",
                        env="HUTCH_PIP_INSTALL_REPORT",
                    ),
                    Option(
                        "deps",
                        "Only what is named, without what it needs",
                        kind=PAIR,
                        default=True,
                        env="HUTCH_PIP_INSTALL_DEPS",
                    ),
                    *_pip_reinstall("install"),
                    PIP_OPTIONS["require-hashes"],
                    *WHICH,
                    *_page("table_pip_install").install_options(),
                    *_pip_upgrade("install"),
                    *_PIP_VERSIONS,
                    *_PIP_EXTRAS,
                    LINK_MODE,
                    COMPILE,
                    ALLOW_CLOBBER,
                    DRY_RUN,
                    JSON,
                ),
                conflicts=(
                    ("extra", "all-extras"),
                    ("target", "prefix"),
                    ("report", "json"),
                    *_page("table_pip_install").CONFLICTS,
                ),
                show=_PIP_SHOWN,
                examples=(
                    ("hutch pip install 'flask>=3' -c constraints.txt", "within the limits of a file"),
                    ("hutch pip install -r requirements.txt -e .", "what a file asks for, and this project"),
                    ("hutch pip install --python ../other/.venv --dry-run httpx", "what would happen there"),
                ),
            ),
            Command(
                "pip sync",
                "Make an environment exactly what a file of pins, or a lock, says",
                about=(
                    "Installs what the files name, without looking for more, and removes everything else"
                    " but pip, setuptools, wheel and hutch."
                ),
                positionals=(
                    Positional(
                        "files",
                        "FILE",
                        "Pins such as requirements.txt, or a pylock.toml; requirements.txt, if not given",
                        count="*",
                        kind=PATH,
                    ),
                ),
                options=(
                    PIP_OPTIONS["constraint"],
                    *_page("table_pip_more").SYNC,
                    *WHICH,
                    _page("table_pip").SYSTEM,
                    _page("table_pip").BREAK_SYSTEM_PACKAGES,
                    *_pip_reinstall("sync"),
                    PIP_OPTIONS["require-hashes"],
                    PIP_OPTIONS["config-settings"],
                    PIP_OPTIONS["config-settings-package"],
                    LINK_MODE,
                    COMPILE,
                    ALLOW_CLOBBER,
                    DRY_RUN,
                    JSON,
                ),
                conflicts=(
                    ("target", "prefix", "python-executable", "name", "env"),
                    ("system", "target", "prefix", "name", "env"),
                    ("ask", "json"),
                ),
                show=_PIP_SHOWN,
                examples=(
                    ("hutch pip sync requirements.txt", "exactly these"),
                    ("hutch pip sync pylock.toml --dry-run", "what would change for a lock"),
                ),
            ),
            *_page("table_pip").installed_verbs(DRY_RUN, JSON),
            *_page("table_pip_more").more_verbs(DRY_RUN, JSON, PIP_OPTIONS, _PIP_SHOWN),
        ),
        examples=(
            ("hutch pip compile requirements.in -o requirements.txt", "choose versions"),
            ("hutch pip sync requirements.txt", "install exactly those"),
        ),
    ),
    Command(
        "cache",
        "Look at the cache of packages, check it, make it smaller",
        group="rest",
        commands=lambda: (
            Command(
                "cache dir",
                "Print where the cache is",
                examples=(("hutch cache dir", "print the directory"),),
            ),
            Command(
                "cache size",
                "Say how large the cache is",
                options=(JSON,),
                about="A file that several places share counts once. Environments link to files of the cache:"
                " what they share is counted here.",
                examples=(("hutch cache size", "files and bytes, kind by kind"),),
            ),
            Command(
                "cache verify",
                "Compare what is in the cache with what was put there",
                about="Size and date of every file, every checksum. What is damaged would be found when it"
                " is used, and fetched anew; this says it beforehand. Ends with 1 if something is damaged and"
                " was not mended.",
                options=(
                    Option(
                        "deep",
                        "Read every file and compare its SHA-256, which finds what a bad disk did",
                        env="HUTCH_CACHE_VERIFY_DEEP",
                    ),
                    Option(
                        "fix",
                        "Take out what is damaged (it is fetched again when it is needed), restore dates",
                        env="HUTCH_CACHE_VERIFY_FIX",
                    ),
                    JSON,
                ),
                examples=(
                    ("hutch cache verify", "sizes, dates and checksums"),
                    ("hutch cache verify --deep --fix", "every byte, and out with what is damaged"),
                ),
            ),
            Command(
                "cache prune",
                "Remove what was not used for long, until the cache is within its limit",
                about="The least recently used goes first. What an environment uses stays, and so does what"
                " was used in the last two hours. Throwaway environments go after 30 days, tables after 60."
                " hutch does the same by itself, at most once a day, after a command that put packages in.",
                options=(
                    Option(
                        "limit",
                        "How large the cache may stay, instead of cache-size-limit: 20 GiB, 10 %, none",
                        kind=TEXT,
                        metavar="SIZE",
                        env="HUTCH_CACHE_PRUNE_LIMIT",
                    ),
                    DRY_RUN,
                    JSON,
                ),
                examples=(
                    ("hutch cache prune", "down to cache-size-limit"),
                    ("hutch cache prune --limit 0", "only what environments use"),
                    ("hutch cache prune --dry-run", "what would go?"),
                ),
            ),
            Command(
                "cache clean",
                "Delete the cache, or what it has of some packages",
                about="Environments keep working: what they use is their own.",
                positionals=(Positional("names", "NAME", "Only what belongs to this package", count="*"),),
                options=(DRY_RUN, JSON),
                examples=(
                    ("hutch cache clean", "delete everything"),
                    ("hutch cache clean torch", "only what there is of torch"),
                ),
            ),
        ),
        examples=(
            ("hutch cache size", "how large is it?"),
            ("hutch cache prune", "what nobody has used for long"),
            ("hutch cache clean", "delete everything"),
        ),
    ),
    Command(
        "config",
        "Show the configuration",
        group="rest",
        commands=lambda: (
            Command(
                "config show",
                "Show every setting, its value, and where it was set",
                options=(JSON,),
                examples=(
                    ("hutch config show", "every setting and its source"),
                    ("hutch config show --json", "the same for a program"),
                ),
            ),
        ),
        examples=(("hutch config show", "every setting and its source"),),
    ),
    Command(
        "auth",
        "Keep user names and passwords of indexes and other servers",
        group="rest",
        commands=lambda: (
            Command(
                "auth login",
                "Keep a user name and a password, for every command that needs them",
                about="The system's keyring keeps the password if its program (keyring) is on the PATH and"
                " works; else a file does, as plain text that nobody but you can read, and hutch says so. It"
                " is told to the scheme, host and port of the address that you give, and to nobody else.",
                positionals=(
                    Positional(
                        "place",
                        "INDEX",
                        "The name of an index that is configured here, or a URL (the default index)",
                        count="?",
                    ),
                ),
                options=(
                    Option(
                        "username",
                        "The user name, instead of a question",
                        kind=TEXT,
                        short="u",
                        metavar="NAME",
                        env="HUTCH_AUTH_LOGIN_USERNAME",
                    ),
                    Option(
                        "token",
                        "It is a token: the user name is __token__",
                        env="HUTCH_AUTH_LOGIN_TOKEN",
                    ),
                    Option(
                        "stdin",
                        "Read the password or token from standard input, instead of a question",
                        env="HUTCH_AUTH_LOGIN_STDIN",
                    ),
                    Option(
                        "from",
                        "Take them from what this tool has for an index of that name",
                        kind=TEXT,
                        metavar="TOOL",
                        choices=("poetry", "pdm"),
                        env="HUTCH_AUTH_LOGIN_FROM",
                    ),
                    Option(
                        "store",
                        "Where the password is kept: in the keyring if there is one (auto), there or not at"
                        " all (keyring), or in a file",
                        kind=TEXT,
                        metavar="WHERE",
                        choices=("auto", "keyring", "file"),
                        default="auto",
                        env="HUTCH_AUTH_LOGIN_STORE",
                    ),
                    DRY_RUN,
                    JSON,
                ),
                examples=(
                    ("hutch auth login corp", "asks for a user name and a password"),
                    (
                        "hutch auth login https://packages.corp.example/ --token --stdin < token",
                        "no questions",
                    ),
                    ("hutch auth login corp --from poetry", "what `poetry config` has for corp"),
                ),
            ),
            Command(
                "auth logout",
                "Forget what `hutch auth login` keeps for an index or another server",
                positionals=(
                    Positional(
                        "place",
                        "INDEX",
                        "The name of an index that is configured here, or a URL (the default index)",
                        count="?",
                    ),
                ),
                options=(DRY_RUN, JSON),
                examples=(("hutch auth logout corp", "forget it"),),
            ),
            Command(
                "auth list",
                "List what is kept, and where the credentials of each index come from",
                about="No password is shown, and no keyring is asked.",
                options=(JSON,),
                examples=(("hutch auth list", "what does hutch know?"),),
            ),
        ),
        examples=(
            ("hutch auth login corp", "keep a password"),
            ("hutch auth list", "what does hutch know?"),
        ),
    ),
    Command(
        "self",
        "About this hutch",
        group="rest",
        commands=lambda: (
            Command(
                "self version",
                "Show the version of hutch and of the Python that it runs on",
                options=(JSON,),
                examples=(
                    ("hutch self version", "hutch and its Python"),
                    ("hutch self version --json", "the same for a program"),
                ),
            ),
        ),
        examples=(("hutch self version", "hutch and its Python"),),
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
