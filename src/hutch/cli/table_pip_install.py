"""What ``pip install`` takes besides, as data: a page of the table, in pip's spelling."""

from __future__ import annotations

from hutch.cli.model import PAIR, PATH, TEXT, Option
from hutch.cli.table_pip import BREAK_SYSTEM_PACKAGES, SYSTEM

__all__ = ["CONFLICTS", "install_options"]

_VARIABLE = "HUTCH_PIP_INSTALL_"
_VERSIONS = "Which versions"
_WHERE = "Which environment"
_FOR = "For another Python"

CONFLICTS = (
    ("system", "target", "prefix", "name", "env"),
    ("only-deps", "no-deps"),
    ("only-deps", "group"),
    ("only-deps", "requirement"),
    ("only-deps", "requirements-from-script"),
    ("exclude-newer", "uploaded-prior-to"),
    ("require-hashes", "no-require-hashes"),
    ("pre", "all-releases"),
    ("pre", "only-final"),
)


def install_options() -> tuple[Option, ...]:
    """Further things to install, places, and choices."""
    return (
        Option(
            "group",
            "What this dependency group asks for: dev, ../lib/pyproject.toml:dev (may be repeated)",
            kind=TEXT,
            metavar="GROUP",
            many=True,
            env=f"{_VARIABLE}GROUP",
        ),
        Option(
            "requirements-from-script",
            "What the inline metadata of this script ask for (may be repeated)",
            kind=PATH,
            metavar="FILE",
            many=True,
            env=f"{_VARIABLE}REQUIREMENTS_FROM_SCRIPT",
        ),
        Option(
            "only-deps",
            "What is needed by what is named, and nothing that is named",
            env=f"{_VARIABLE}ONLY_DEPS",
        ),
        SYSTEM,
        BREAK_SYSTEM_PACKAGES,
        Option(
            "root",
            "Below this folder, as if it were the root of the disk: for making packages of a system",
            kind=PATH,
            metavar="DIR",
            env=f"{_VARIABLE}ROOT",
            section=_WHERE,
        ),
        Option(
            "src",
            "Where `-e git+…` checks repositories out; src in the environment, if not given",
            kind=PATH,
            metavar="DIR",
            env=f"{_VARIABLE}SRC",
            section=_WHERE,
        ),
        Option(
            "upgrade-strategy",
            "With -U: what is needed is chosen anew only where it has to be, or in any case",
            kind=TEXT,
            metavar="HOW",
            choices=("only-if-needed", "eager"),
            env=f"{_VARIABLE}UPGRADE_STRATEGY",
            section=_VERSIONS,
        ),
        Option("force-reinstall", "The same as --reinstall", sets=("reinstall", True)),
        Option(
            "ignore-installed",
            "Choose as if nothing were installed, and put everything in anew",
            short="I",
            env=f"{_VARIABLE}IGNORE_INSTALLED",
        ),
        Option(
            "uploaded-prior-to",
            "The same as --exclude-newer",
            kind=TEXT,
            metavar="WHEN",
            env=f"{_VARIABLE}UPLOADED_PRIOR_TO",
            section=_VERSIONS,
        ),
        Option(
            "all-releases",
            "Pre-releases as well; :all: for every package",
            kind=TEXT,
            metavar="NAME",
            many=True,
            env=f"{_VARIABLE}ALL_RELEASES",
            section=_VERSIONS,
        ),
        Option(
            "only-final",
            "Never a pre-release; :all: for every package",
            kind=TEXT,
            metavar="NAME",
            many=True,
            env=f"{_VARIABLE}ONLY_FINAL",
            section=_VERSIONS,
        ),
        Option(
            "no-require-hashes",
            "Hashes in a file prove what has them, and are not asked of the rest",
            env=f"{_VARIABLE}NO_REQUIRE_HASHES",
        ),
        Option(
            "warn-conflicts",
            "Do not look whether what was there before fits to what came",
            kind=PAIR,
            default=True,
            env=f"{_VARIABLE}WARN_CONFLICTS",
        ),
        Option(
            "build-constraint",
            "Keep to the versions in this file in what builds need (may be repeated)",
            kind=PATH,
            metavar="FILE",
            many=True,
            env=f"{_VARIABLE}BUILD_CONSTRAINT",
            section="Builds",
        ),
        *_platform(),
        Option(
            "prefer-binary",
            "Take an older version that has a wheel before a newer one that has to be built",
            env=f"{_VARIABLE}PREFER_BINARY",
            section=_VERSIONS,
        ),
    )


def _platform() -> tuple[Option, ...]:
    """pip's words for another Python, which go with a folder."""
    return (
        Option(
            "platform",
            "For this system, with --target: manylinux_2_28_x86_64, win_amd64; of several the newest",
            kind=TEXT,
            metavar="PLATFORM",
            many=True,
            env=f"{_VARIABLE}PLATFORM",
            section=_FOR,
        ),
        Option(
            "python-version",
            "For this Python, with --target: 3.12, 312, 3.12.4",
            kind=TEXT,
            metavar="VERSION",
            env=f"{_VARIABLE}PYTHON_VERSION",
            section=_FOR,
        ),
        Option(
            "implementation",
            "For CPython (cp), PyPy (pp), or what runs on every Python (py)",
            kind=TEXT,
            metavar="NAME",
            env=f"{_VARIABLE}IMPLEMENTATION",
            section=_FOR,
        ),
        Option(
            "abi",
            "Only files of this ABI: cp312, abi3, none (may be repeated)",
            kind=TEXT,
            metavar="ABI",
            many=True,
            env=f"{_VARIABLE}ABI",
            section=_FOR,
        ),
    )
