"""Options that several verbs of ``hutch pip`` have in common, as data: a page of the table.

Where pip, pip-tools or uv have an option for the same, it is spelled alike.
"""

from __future__ import annotations

from hutch.cli.model import PATH, TEXT, Option
from hutch.cli.table import RESOLUTIONS, SELECTION

__all__ = [
    "PIP_CHOICE",
    "PIP_FOR",
    "PIP_LOOKS",
    "PIP_EXTRAS",
    "PIP_OPTIONS",
    "PIP_SHOWN",
    "PIP_VERSIONS",
    "pip_reinstall",
    "pip_upgrade",
]

PIP_CHOICE = "Which versions"
PIP_FOR = "For whom"
PIP_LOOKS = "What is written"
PIP_EXTRAS = tuple(option for option in SELECTION if option.name in ("extra", "all-extras"))
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
            section=PIP_CHOICE,
        ),
        Option(
            "prerelease",
            "Pre-releases: as good as others, only where they are asked for, or never",
            kind=TEXT,
            metavar="WHEN",
            choices=("allow", "explicit", "disallow"),
            env="HUTCH_PRERELEASE",
            section=PIP_CHOICE,
        ),
        Option("pre", "The same as --prerelease allow", sets=("prerelease", "allow"), section=PIP_CHOICE),
        Option(
            "resolution",
            "Which versions to prefer",
            kind=TEXT,
            metavar="WHICH",
            choices=RESOLUTIONS,
            env="HUTCH_RESOLUTION",
            setting=True,
            section=PIP_CHOICE,
        ),
        Option(
            "exclude-newer",
            "Ignore what was uploaded after this date or span: 2026-11-01, '7 days'",
            kind=TEXT,
            metavar="WHEN",
            env="HUTCH_EXCLUDE_NEWER",
            setting=True,
            section=PIP_CHOICE,
        ),
        Option(
            "exclude-newer-package",
            "The same for one package: numpy=2026-10-01; NAME=false exempts it (may be repeated)",
            kind=TEXT,
            metavar="NAME=WHEN",
            many=True,
            env="HUTCH_EXCLUDE_NEWER_PACKAGE",
            section=PIP_CHOICE,
        ),
        Option(
            "exclude-newer-index",
            "The same for one index, by its name (may be repeated)",
            kind=TEXT,
            metavar="NAME=WHEN",
            many=True,
            env="HUTCH_EXCLUDE_NEWER_INDEX",
            section=PIP_CHOICE,
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
PIP_SHOWN = ("python", "index-url", "extra-index-url", "find-links", "only-binary", "no-binary", "no-build")
PIP_VERSIONS = tuple(PIP_OPTIONS[name] for name in PIP_OPTIONS if name != "require-hashes")


def pip_reinstall(command: str) -> tuple[Option, ...]:
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


def pip_upgrade(command: str) -> tuple[Option, ...]:
    """``-U`` and ``-P NAME``."""
    variable = f"HUTCH_PIP_{command.upper()}_UPGRADE"
    return (
        Option(
            "upgrade",
            "Choose anew: the newest versions that fit",
            short="U",
            env=variable,
            section=PIP_CHOICE,
        ),
        Option(
            "upgrade-package",
            "Choose anew for this package only; flask or 'flask<4' (may be repeated)",
            kind=TEXT,
            short="P",
            metavar="NAME",
            many=True,
            env=f"{variable}_PACKAGE",
            section=PIP_CHOICE,
        ),
    )
