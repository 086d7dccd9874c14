"""Words that conda takes and hutch need not explain, as data: what changes nothing here and is accepted for
the sake of scripts, other spellings, and what is refused with a reason. They are on no help page; the parser
knows them behind the verb of ``hutch conda`` that conda has them with. docs/reference/conda-flags.md has all.
"""

from __future__ import annotations

from hutch.cli.model import FLAG, TEXT, Option

__all__ = ["CONDA_WORDS", "conda_words", "in_other_words"]


def _accepted(*names: str, kind: str = FLAG, short: str = "") -> tuple[Option, ...]:
    """Words that change nothing here."""
    metavar = "VALUE" if kind != FLAG else ""
    return tuple(
        Option(name, "Accepted", kind=kind, short=short, metavar=metavar, sets=("accepted", True))
        for name in names
    )


def _same(name: str, field: str, value: object = True, *, short: str = "") -> tuple[Option, ...]:
    """Another spelling."""
    said = f"The same as --{field.replace('_', '-')}"
    return (Option(name, said, short=short, sets=(field, value)),)


def _refused(name: str, reason: str, hint: str, *, short: str = "", kind: str = FLAG) -> tuple[Option, ...]:
    metavar = "VALUE" if kind != FLAG else ""
    return (Option(name, reason, kind=kind, short=short, metavar=metavar, sets=("refused", hint)),)


_ALWAYS = (
    *_accepted("debug", "trace", "no-plugins", "no-banner"),
    *_accepted("console", "log-level", kind=TEXT),
)
_INSECURE = _refused(
    "insecure",
    "a server that nobody vouches for can give any package",
    "hutch conda config --set ssl_verify FILE names certificates to trust; false trusts all of channels",
    short="k",
)
_CHANNELS = (
    *_accepted("no-lock", "repodata-use-zst", "no-repodata-use-zst", "use-index-cache"),
    *_accepted("repodata-fn", "experimental", kind=TEXT),
    *_refused(
        "use-local",
        "hutch has no channel of packages that were built here",
        "-c FOLDER names the folder that conda-build or rattler-build has put them in",
    ),
    *_INSECURE,
)
_SOLVING = (
    *_accepted("solver", kind=TEXT),
    *_accepted("dev", "show-channel-urls", "no-show-channel-urls", "no-shortcuts", "update-specs"),
    *_accepted("shortcuts-only", kind=TEXT),
    *_accepted("satisfied-skip-solve", short="S"),
)
_MADE = (*_accepted("mkdir", short="m"),)
_FREEZE = _same("no-update-deps", "freeze_installed")
_NEEDED = "what needs the package would be there without it, and would not run"
_FORCE = (
    *_refused("force-remove", _NEEDED, "without it, what needs the package goes as well"),
    *_refused("force", _NEEDED, "without it, what needs the package goes as well"),
)
_REMOVE = (
    *_ALWAYS,
    *_accepted("override-channels", "no-pin", "dev", "no-lock", "use-index-cache"),
    *_accepted("repodata-use-zst", "no-repodata-use-zst"),
    *_accepted("solver", "repodata-fn", "experimental", kind=TEXT),
    *_accepted("channel", kind=TEXT, short="c"),
    *_FORCE,
    *_refused("features", "features are those of records, and nothing is asked by them", "name packages"),
)
_ENV = (
    *_ALWAYS,
    *_accepted("solver", "experimental", "env-spec", "environment-specifier", kind=TEXT),
    *_accepted("no-default-packages"),
)
_ONE = ("what is installed is of one platform", "hutch lock, in a project, is for all platforms")
_EXPORT = (
    *_ALWAYS,
    *_accepted("ignore-channels", "override-channels"),
    *_refused("platform", *_ONE, kind=TEXT),
    *_refused("subdir", *_ONE, kind=TEXT),
)

CONDA_WORDS: dict[str, tuple[Option, ...]] = {
    "create": (*_ALWAYS, *_CHANNELS, *_SOLVING, *_MADE, *_accepted("override-frozen")),
    "install": (
        *_ALWAYS,
        *_CHANNELS,
        *_SOLVING,
        *_FREEZE,
        *_refused("update-all", "that is another verb here", "hutch conda update --all"),
        *_refused("all", "that is another verb here", "hutch conda update --all"),
        *_refused("mkdir", "that is another verb here", "hutch conda create makes an environment", short="m"),
    ),
    "update": (*_ALWAYS, *_CHANNELS, *_SOLVING, *_FREEZE, *_same("update-all", "all")),
    "upgrade": (*_ALWAYS, *_CHANNELS, *_SOLVING, *_FREEZE, *_same("update-all", "all")),
    "remove": _REMOVE,
    "uninstall": _REMOVE,
    "list": (
        *_ALWAYS,
        *_accepted("show-channel-urls"),
        *_refused("auth", "credentials are shown nowhere", "addresses without them do where they are known"),
    ),
    "search": (
        *_ALWAYS,
        *_CHANNELS,
        *_accepted("skip-flexible-search"),
    ),
    "run": (*_ALWAYS, *_accepted("dev", "debug-wrapper-scripts")),
    "info": (
        *_ALWAYS,
        *_same("root", "base"),
        *_refused("unsafe-channels", "credentials are shown nowhere", "~/.condarc has them"),
        *_refused("system", "the variables of the shell are not hutch's", "env | sort", short="s"),
    ),
    "activate": (*_ALWAYS, *_accepted("no-stack")),
    "deactivate": _ALWAYS,
    "config": (
        *_ALWAYS,
        *_accepted("force"),
        *_refused("write-default", "what holds without a file need not stand in one", "--describe, --show"),
    ),
    "clean": _ALWAYS,
    "compare": _ALWAYS,
    "rename": (*_ALWAYS, *_accepted("no-lock")),
    "reactivate": _ALWAYS,
    "export": _EXPORT,
    "env list": _ALWAYS,
    "env create": (
        *_ENV,
        *_INSECURE,
        *_refused(
            "force", "an environment that is there is not thrown away for another", "hutch conda env remove"
        ),
    ),
    "env update": _ENV,
    "env remove": (*_ALWAYS, *_accepted("solver", kind=TEXT)),
    "env export": _EXPORT,
}
"""By the verb."""


def in_other_words(words: list[str]) -> list[str] | None:
    """What hutch calls the same, as for ``conda shell.bash hook`` or ``conda init bash``.

    None for what is no such word.
    """
    first, *rest = words
    if first == "help":
        return ["help", "conda", *rest]
    if first.startswith("shell.") and rest == ["hook"]:
        shell = first.partition(".")[2]
        return ["shell-hook", {"posix": "bash"}.get(shell, shell), "--conda"]
    shells = [word for word in rest if not word.startswith("-")]
    flags = {"--reverse": "--uninstall", "--dry-run": "--dry-run", "-d": "--dry-run", "--json": "--json"}
    if first == "init" and len(shells) == 1 and flags.keys() >= set(rest) - set(shells):
        told = [flags[word] for word in rest if word in flags]
        how = [] if "--uninstall" in told else ["--install", "--conda"]
        return ["shell-hook", shells[0], *how, *told]
    return None


def conda_words(verb: str) -> tuple[Option, ...]:
    """Those of a verb."""
    return CONDA_WORDS.get(verb, ())
