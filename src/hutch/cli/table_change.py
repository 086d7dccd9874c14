"""What changes the requirements of a project, as data: a page of the table, read when it is used."""

from __future__ import annotations

from hutch.cli.model import NUMBER, TEXT, Command, Option, Positional
from hutch.cli.table import ALLOW_CLOBBER, COMPILE, DRY_RUN, ENV, JSON, LINK_MODE, SCRIPT, SIDES, SYNC

__all__ = ["ADD", "REMOVE", "UPGRADE"]


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


ADD = Command(
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
            section=SIDES,
        ),
        Option(
            "pypi",
            "From a Python index, also where conda's channels have the package",
            env="HUTCH_ADD_PYPI",
            section=SIDES,
        ),
        Option(
            "channel",
            "With --conda: ask this channel as well, behind the others (may be repeated)",
            kind=TEXT,
            short="c",
            metavar="CHANNEL",
            many=True,
            env="HUTCH_ADD_CHANNEL",
            section=SIDES,
        ),
        Option(
            "platform",
            "With --conda: on this platform alone: linux, osx, win, linux-64 (may be repeated)",
            kind=TEXT,
            metavar="PLATFORM",
            many=True,
            env="HUTCH_ADD_PLATFORM",
            section=SIDES,
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
)

REMOVE = Command(
    "remove",
    "Remove packages from the project, and uninstall them",
    group="project",
    about=(
        "Takes the packages out of pyproject.toml, locks again, and uninstalls what nothing needs any more."
    ),
    positionals=(Positional("names", "NAME", "A package of the project", count="+"),),
    options=(
        ENV,
        *_where("remove", "From"),
        SCRIPT,
        Option("conda", "Only what conda's channels are asked for", env="HUTCH_REMOVE_CONDA"),
        Option("pypi", "Only what a Python index is asked for", env="HUTCH_REMOVE_PYPI"),
        Option("frozen", "Write pyproject.toml only; do not lock and do not uninstall", env="HUTCH_FROZEN"),
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
)

UPGRADE = Command(
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
        Positional("names", "NAME", "A package of the lock, with a limit if you like: 'flask<4'", count="*"),
    ),
    options=(
        ENV,
        Option("all", "Every package; the same as naming none", env="HUTCH_UPGRADE_ALL"),
        Option("interactive", "Ask of each package whether to upgrade it", env="HUTCH_UPGRADE_INTERACTIVE"),
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
)
