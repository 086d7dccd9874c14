"""Words that pip takes with every verb, as data: settings, what is accepted for the sake of scripts, and what
is refused with a reason. They are on no help page; the parser knows them behind ``hutch pip``.
"""

from __future__ import annotations

from hutch.cli.model import FLAG, PATH, TEXT, Option

__all__ = ["PIP_WORDS"]


def _setting(name: str, setting: str = "", *, kind: str = TEXT, many: bool = False) -> tuple[Option, ...]:
    """A setting of hutch; where pip calls it otherwise, by both names."""
    own = Option(
        setting or name, "A setting of hutch", kind=kind, metavar="VALUE" if kind != FLAG else "",
        many=many, setting=True,
    )  # fmt: skip
    if not setting:
        return (own,)
    metavar = "VALUE" if kind != FLAG else ""
    return (own, Option(name, "The same", kind=kind, metavar=metavar, sets=(own.field, None)))


def _accepted(*names: str, kind: str = FLAG) -> tuple[Option, ...]:
    """Words that change nothing here: there is no such warning, no such question, no such folder."""
    metavar = "VALUE" if kind != FLAG else ""
    return tuple(
        Option(name, "Accepted", kind=kind, metavar=metavar, sets=("accepted", True)) for name in names
    )


def _refused(name: str, reason: str, hint: str) -> Option:
    return Option(name, reason, sets=("refused", hint))


PIP_WORDS = (
    *_setting("no-index", kind=FLAG),
    *_setting("timeout"),
    *_setting("retries"),
    *_setting("proxy"),
    *_setting("keyring-provider"),
    *_setting("cert", "ca-bundle", kind=PATH),
    *_setting("client-cert", kind=PATH),
    *_setting("trusted-host", many=True),
    Option("isolated", "The same as --no-config", sets=("no_config", True)),
    Option("no-cache-dir", "The same as --no-cache", sets=("no_cache", True)),
    Option("no-color", "The same as --color never", sets=("color", "never")),
    Option("refresh-package", "The same as --refresh", kind=TEXT, metavar="NAME", sets=("refresh", True)),
    *_accepted(
        "no-input",
        "disable-pip-version-check",
        "no-python-version-warning",
        "require-virtualenv",
        "debug",
        "no-warn-script-location",
        "no-clean",
        "use-pep517",
        "check-build-dependencies",
        "include-editable",
    ),
    *_accepted(
        "progress-bar",
        "root-user-action",
        "exists-action",
        "use-feature",
        "use-deprecated",
        "resume-retries",
        kind=TEXT,
    ),
    *_accepted("src", kind=PATH),
    # pip-tools' own
    Option(
        "resolver", "Accepted", kind=TEXT, metavar="NAME", choices=("backtracking",), sets=("accepted", True)
    ),
    *_accepted("max-rounds", kind=TEXT),
    *_accepted("build-isolation", "no-upgrade"),
    Option("rebuild", "The same as --refresh", sets=("refresh", True)),
    _refused(
        "user",
        "what is installed for a user is seen by every project of that user, and changes what runs there",
        "an environment of your own: hutch venv, then the same without --user",
    ),
    _refused(
        "no-build-isolation",
        "hutch builds everything in an environment of its own, with what the build asks for",
        "[build-system] requires of the package is where to add to that; --build-constraint limits it",
    ),
    _refused(
        "ignore-requires-python",
        "a package that says that it does not run on this Python is not installed",
        "--python names another one; [[tool.hutch.dependency-metadata]] corrects what a package says wrongly",
    ),
    _refused(
        "log",
        "hutch keeps no log of itself",
        "-v tells more on standard error: hutch pip … -v 2> FILE",
    ),
)
