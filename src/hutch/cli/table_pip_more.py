"""The verbs of pip that work on files, indexes and pip's own things, as data: a page of the table."""

from __future__ import annotations

from hutch.cli.model import PAIR, PATH, TEXT, Command, Option, Positional

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SYNC", "more_verbs"]

_FOR = "For whom"
_CHOICE = "Which versions"
_REQUIREMENTS = Positional(
    "requirements", "REQUIREMENT", "A package such as 'flask>=3', an archive, or a directory", count="*"
)


_APART = (
    *(("only-deps", other) for other in ("no-deps", "group", "requirement", "requirements-from-script")),
    ("exclude-newer", "uploaded-prior-to"),
    ("require-hashes", "no-require-hashes"),
)


def _wanted(verb: str, options: Mapping[str, Option]) -> tuple[Option, ...]:
    """What is wanted: files, groups, and within which limits."""
    variable = f"HUTCH_PIP_{verb.upper()}_"
    return (
        Option(
            "requirement",
            "What this requirements file asks for, a pyproject.toml, or a pylock.toml (may be repeated)",
            kind=PATH,
            short="r",
            metavar="FILE",
            many=True,
            env=f"{variable}REQUIREMENT",
        ),
        Option(
            "group",
            "What this dependency group asks for: dev, ../lib/pyproject.toml:dev (may be repeated)",
            kind=TEXT,
            metavar="GROUP",
            many=True,
            env=f"{variable}GROUP",
        ),
        Option(
            "requirements-from-script",
            "What the inline metadata of this script ask for (may be repeated)",
            kind=PATH,
            metavar="FILE",
            many=True,
            env=f"{variable}REQUIREMENTS_FROM_SCRIPT",
        ),
        Option(
            "only-deps",
            "What is needed by what is named, and nothing that is named",
            env=f"{variable}ONLY_DEPS",
        ),
        Option(
            "deps",
            "Only what is named, without what it needs",
            kind=PAIR,
            default=True,
            env=f"{variable}DEPS",
        ),
        *options.values(),
        Option(
            "no-require-hashes",
            "Hashes in a file prove what has them, and are not asked of the rest",
            env=f"{variable}NO_REQUIRE_HASHES",
        ),
        Option(
            "prefer-binary",
            "Take an older version that has a wheel before a newer one that has to be built",
            env=f"{variable}PREFER_BINARY",
            section=_CHOICE,
        ),
        Option(
            "uploaded-prior-to",
            "The same as --exclude-newer",
            kind=TEXT,
            metavar="WHEN",
            env=f"{variable}UPLOADED_PRIOR_TO",
            section=_CHOICE,
        ),
        Option(
            "build-constraint",
            "Keep to the versions in this file in what builds need (may be repeated)",
            kind=PATH,
            metavar="FILE",
            many=True,
            env=f"{variable}BUILD_CONSTRAINT",
            section="Builds",
        ),
    )


def _editable(verb: str, help: str) -> Option:
    return Option(
        "editable",
        help,
        kind=TEXT,
        short="e",
        metavar="DIR",
        many=True,
        env=f"HUTCH_PIP_{verb.upper()}_EDITABLE",
    )


# What pip-sync has, and a folder instead of an environment.
SYNC = (
    Option("ask", "Show what would change, and ask", short="a", env="HUTCH_PIP_SYNC_ASK"),
    Option(
        "force",
        "Take files that ask for packages without pinning them; of different pins the last",
        env="HUTCH_PIP_SYNC_FORCE",
    ),
    Option(
        "python-executable",
        "The same as --python, in the words of pip-sync",
        kind=TEXT,
        metavar="PYTHON",
        env="HUTCH_PIP_SYNC_PYTHON_EXECUTABLE",
    ),
    Option(
        "target",
        "This folder itself, without an environment",
        kind=PATH,
        metavar="DIR",
        env="HUTCH_PIP_SYNC_TARGET",
    ),
    Option(
        "prefix",
        "What is below this folder, laid out as an installation",
        kind=PATH,
        metavar="DIR",
        env="HUTCH_PIP_SYNC_PREFIX",
    ),
    Option(
        "pip-args",
        "What pip-sync would hand to pip, as far as it means something here",
        kind=TEXT,
        metavar="WORDS",
        env="HUTCH_PIP_SYNC_PIP_ARGS",
        section="pip-tools",
    ),
    Option(
        "config",
        "Read [tool.pip-tools] of this file, not of .pip-tools.toml or pyproject.toml beside the first file",
        kind=PATH,
        metavar="FILE",
        env="HUTCH_PIP_SYNC_CONFIG",
        section="pip-tools",
    ),
)

# pip's words for another Python.
_TARGET = (
    Option(
        "platform",
        "For this system: manylinux_2_28_x86_64, macosx_11_0_arm64, win_amd64; of several the newest",
        kind=TEXT,
        metavar="PLATFORM",
        many=True,
        env="HUTCH_PLATFORM",
        section=_FOR,
    ),
    Option(
        "python-version",
        "For this Python: 3.12, 312, 3.12.4",
        kind=TEXT,
        metavar="VERSION",
        env="HUTCH_PYTHON_VERSION",
        section=_FOR,
    ),
    Option(
        "implementation",
        "For CPython (cp), PyPy (pp), or what runs on every Python (py)",
        kind=TEXT,
        metavar="NAME",
        env="HUTCH_IMPLEMENTATION",
        section=_FOR,
    ),
    Option(
        "abi",
        "Only files of this ABI: cp312, abi3, none (may be repeated)",
        kind=TEXT,
        metavar="ABI",
        many=True,
        env="HUTCH_ABI",
        section=_FOR,
    ),
)


def more_verbs(
    dry_run: Option, json: Option, options: Mapping[str, Option], shown: tuple[str, ...]
) -> tuple[Command, ...]:
    """``pip download|wheel|lock|hash|index|cache|config|debug``, with the options that are shared."""
    from hutch.cli.table_pip_own import own_verbs

    return (*_of_files(dry_run, json, options, shown), *own_verbs(dry_run, json, _TARGET))


def _of_files(
    dry_run: Option, json: Option, options: Mapping[str, Option], shown: tuple[str, ...]
) -> tuple[Command, ...]:
    return (
        Command(
            "pip download",
            "Bring the files of packages, and of what they need, into a folder",
            about=(
                "A wheel of each package, or its source distribution where none fits. Every file is proven"
                " by its hash; one that is there already stays. With another Python or system than this"
                " one, only wheels are taken, unless --no-deps says that nothing else is needed."
            ),
            positionals=(_REQUIREMENTS,),
            options=(
                Option(
                    "dest",
                    "Into this folder; the current one if not given",
                    kind=PATH,
                    short="d",
                    metavar="DIR",
                    env="HUTCH_PIP_DOWNLOAD_DEST",
                ),
                *_wanted("download", options),
                *_TARGET,
                dry_run,
                json,
            ),
            conflicts=_APART,
            show=shown,
            examples=(
                ("hutch pip download -d wheels -r requirements.txt", "all that a file needs"),
                (
                    "hutch pip download --platform win_amd64 --python-version 3.12 numpy",
                    "for another machine",
                ),
            ),
        ),
        Command(
            "pip wheel",
            "Make wheels of packages, and of what they need, in a folder",
            about=(
                "Wheels of an index are brought as they are; what has none is built, once for all"
                " commands. The folder then serves as --find-links."
            ),
            positionals=(_REQUIREMENTS,),
            options=(
                Option(
                    "wheel-dir",
                    "Into this folder; the current one if not given",
                    kind=PATH,
                    short="w",
                    metavar="DIR",
                    env="HUTCH_PIP_WHEEL_WHEEL_DIR",
                ),
                *_wanted("wheel", options),
                _editable("wheel", "Refused: a wheel in a folder is not used where its sources lie"),
                dry_run,
                json,
            ),
            conflicts=_APART,
            show=shown,
            examples=(
                ("hutch pip wheel -w wheelhouse -r requirements.txt", "wheels of all that a file needs"),
                ("hutch pip wheel --no-deps .", "a wheel of this project"),
            ),
        ),
        Command(
            "pip lock",
            "Write what would be installed here as a pylock.toml",
            about=(
                "For this Python and system alone, as pip does it; `hutch lock` makes one of a project, for"
                " all its targets."
            ),
            positionals=(_REQUIREMENTS,),
            options=(
                Option(
                    "output",
                    "Write to this file (- for standard output)",
                    kind=PATH,
                    short="o",
                    metavar="FILE",
                    default="pylock.toml",
                    env="HUTCH_PIP_LOCK_OUTPUT",
                ),
                *_wanted("lock", options),
                _editable("lock", "The project in this directory, used where it lies (may be repeated)"),
                dry_run,
                json,
            ),
            conflicts=_APART,
            show=shown,
            examples=(
                ("hutch pip lock -r requirements.in", "pylock.toml, for this machine"),
                ("hutch pip lock -o pylock.tools.toml ruff mypy", "a lock of its own"),
            ),
        ),
        Command(
            "pip hash",
            "Print the hash of files, as a requirements file has them",
            positionals=(
                Positional("files", "FILE", "A wheel or a source distribution", count="+", kind=PATH),
            ),
            options=(
                Option(
                    "algorithm",
                    "Which hash",
                    kind=TEXT,
                    short="a",
                    metavar="NAME",
                    choices=("sha256", "sha384", "sha512"),
                    default="sha256",
                    env="HUTCH_PIP_HASH_ALGORITHM",
                ),
                json,
            ),
            examples=(("hutch pip hash dist/*.whl", "--hash=sha256:… of each"),),
        ),
        Command(
            "pip debug",
            "Say what decides which files fit a Python: its version, its tags",
            about="With -v all tags, the best first.",
            options=(*_TARGET, json),
            show=("python", "verbose"),
            examples=(("hutch pip debug -v", "every tag that this Python takes"),),
        ),
    )
