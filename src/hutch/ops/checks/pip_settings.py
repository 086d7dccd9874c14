"""A check of pip's settings: what surprises whoever uses pip, and where each was set."""

from __future__ import annotations

import os

from hutch.ops.checks.values import check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say, Severity

__all__ = ["CHECKS"]

# Setting: (how severe, what it does).
TELLING: dict[str, tuple[Severity, str]] = {
    "extra-index-url": (
        "warning",
        "pip takes the highest version of any index: public packages replace private ones of their name",
    ),
    "trusted-host": ("warning", "pip believes whoever answers for that host"),
    "target": ("warning", "pip installs there, whatever environment is active"),
    "prefix": ("warning", "pip installs there, whatever environment is active"),
    "root": ("warning", "pip installs there, whatever environment is active"),
    "user": ("warning", "pip installs for the user, beside all environments"),
    "break-system-packages": ("warning", "pip overwrites what the system's package manager has installed"),
    "no-deps": ("warning", "pip leaves out what packages need"),
    "ignore-installed": ("warning", "pip overwrites packages without taking them out first"),
    "pre": ("warning", "pip takes pre-releases of everything"),
    "constraint": ("info", "pip is limited to the versions in that file"),
    "no-index": ("info", "pip asks no index"),
    "index-url": ("info", "pip and hutch ask this index"),
    "find-links": ("info", "pip and hutch look there as well"),
    "require-virtualenv": ("info", "pip works in virtual environments alone"),
    "no-build-isolation": ("info", "pip builds with what the environment happens to have"),
    "no-binary": ("info", "pip builds what it could install"),
}
_OFF = ("", "0", "false", "no", "off", "n")
_SWITCHES = frozenset(
    ("user", "break-system-packages", "no-deps", "ignore-installed", "pre", "no-index", "require-virtualenv")
)


@check(
    "pip-settings",
    "pip has no settings that change where it installs, or from where",
    group="packages",
    why="Settings in files that nobody looks at make pip do something else here than elsewhere.",
)
def pip_settings(ground: Ground, say: Say) -> None:
    """What pip.conf and PIP_* say, each with its origin; of one setting only what counts."""
    from hutch.config.values import redacted

    counts: dict[str, tuple[str, str, str]] = {}
    for key, text, place, remove in _said(ground):
        if key in TELLING and text.strip():
            counts[key] = (text, place, remove)
    for key, (text, place, remove) in counts.items():
        severity, what = TELLING[key]
        if key in _SWITCHES and text.strip().lower() in _OFF:
            continue
        shown = " ".join(redacted(word) for word in text.split())
        say(
            f"pip's {key} is set: {shown}",
            seen=(f"in {place}",),
            commands=(remove,) if severity == "warning" else (),
            why=f"{what}.",
            severity=severity,
        )


def _said(ground: Ground) -> Iterator[tuple[str, str, str, str]]:
    """(setting, text, where, how to take it away), the weakest first."""
    from hutch.config.directories import system_here
    from hutch.config.pip import pip_files
    from hutch.plain import read_plain

    environment = ground.environment_root
    rank = {"global": 0, "install": 1}
    found: list[tuple[int, int, tuple[str, str, str, str]]] = []
    files = pip_files(ground.environ, system_here(), ground.home or None, environment)
    for level, (_, path) in enumerate(files):
        if not os.path.isfile(path):
            continue
        import configparser

        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(read_plain(path).decode().removeprefix("\ufeff"), path)
        except (OSError, configparser.Error, UnicodeDecodeError):
            continue  # `unreadable-manifest` tells of settings that cannot be read
        for section in parser.sections():
            if section in rank:
                for key, text in parser.items(section):
                    name = key.lower().replace("_", "-").removeprefix("--")
                    remove = f"take {key} out of {path}"
                    found.append((rank[section], level, (name, text or "", path, remove)))
    for _, _, each in sorted(found, key=lambda one: one[:2]):
        yield each
    for name, text in ground.environ.items():
        if name.startswith("PIP_"):
            yield name[4:].lower().replace("_", "-"), text, f"the variable {name}", f"unset {name}"


CHECKS = (pip_settings,)
