"""Every setting: its name, what values it takes, and what pip calls it.

One table serves the files, the variables (``HUTCH_`` and the name in capitals), the flags and the
reference page. Descriptions of the project itself (sources, constraints, groups …) are not settings:
they stand in ``[tool.hutch]`` of ``pyproject.toml`` alone and are read by ``project``.
"""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    Kind: TypeAlias = Literal[
        "switch",
        "text",
        "path",
        "paths",
        "place",
        "places",
        "words",
        "number",
        "seconds",
        "moment",
        "size",
        "indexes",
    ]
else:
    Kind = str

__all__ = ["NOT_FOR_PROJECTS", "OF_THE_MACHINE", "PROJECT_KEYS", "SETTINGS", "Kind", "Setting"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. ``pip`` are pip's names for the same thing.

    Of a text that is also a switch (``--x``, ``--no-x``, ``x = true``) ``switch`` says what off and on mean.
    """

    name: str
    kind: Kind
    help: str
    default: object = None
    choices: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
    switch: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The environment variable: ``HUTCH_INDEX_URL``."""
        return "HUTCH_" + self.name.upper().replace("-", "_")


SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting(
            "index-url", "place", "the index to ask when no other has a name", pip=("index-url", "pypi-url")
        ),
        Setting(
            "extra-index-url",
            "places",
            "further indexes, asked before that one",
            (),
            pip=("extra-index-url",),
        ),
        Setting(
            "find-links",
            "places",
            "directories and pages that list files, asked first",
            (),
            pip=("find-links",),
        ),
        Setting("no-index", "switch", "ask no index, only find-links", False, pip=("no-index",)),
        Setting("index", "indexes", "indexes by name (tables in a file)", ()),
        Setting("offline", "switch", "never use the network", False),
        Setting("refresh", "switch", "ask again what the cache still holds", False),
        Setting("no-cache", "switch", "use a cache that goes away with the command", False),
        Setting("cache-dir", "path", "where downloads and unpacked wheels are kept"),
        Setting("cache-layers", "paths", "other caches to look into first; nothing is written there", ()),
        Setting(
            "cache-size-limit",
            "size",
            "how large the cache may become: a size, a share of the disk, or none",
        ),
        Setting(
            "cache-check",
            "text",
            "what is compared before a file of the cache is installed",
            "dates",
            choices=("dates", "content"),
        ),
        Setting(
            "archive-size-limit",
            "size",
            "how much an archive may unpack to (without it: 64 GiB, and 100 times its size above 64 MiB)",
        ),
        Setting("archive-member-limit", "number", "how many files and folders an archive may have", 200_000),
        Setting("data-dir", "path", "where interpreters, tools and named environments are kept"),
        Setting(
            "environment-place",
            "text",
            "where projects have their environments: in themselves (.venv), or with hutch's data (central)",
            "project",
            choices=("project", "central"),
        ),
        Setting(
            "environment-redirect",
            "text",
            "what tells editors of an environment elsewhere: .venv as a file or link, .python-envs (PEP 832)",
            "none",
            choices=("none", "venv", "python-envs", "link"),
        ),
        Setting("python", "text", "the interpreter: a version, a range, a name or a path"),
        Setting("python-mirror", "place", "where archives of Pythons are fetched from: a URL or a folder"),
        Setting(
            "python-source-mirror",
            "place",
            "where sources of CPython are fetched from, to build them: a URL or a folder",
        ),
        Setting(
            "python-downloads",
            "text",
            "whether a Python that is missing is installed: at once, on request, never",
            "automatic",
            choices=("automatic", "manual", "never"),
        ),
        Setting(
            "link-mode",
            "text",
            "how files get into an environment",
            "auto",
            choices=("auto", "clone", "hardlink", "copy", "tree"),
        ),
        Setting(
            "compile",
            "text",
            "when installed modules get bytecode (without it: background; existing where CI is set)",
            choices=("background", "now", "existing", "off"),
            switch=("off", "now"),
        ),
        Setting(
            "generations", "number", "how many earlier states of an environment are kept to go back to", 10
        ),
        Setting(
            "env-files", "words", "files of variables that the shell hook loads in a trusted project", ()
        ),
        Setting("allow-clobber", "words", "packages that may replace files which are not their own", ()),
        Setting(
            "resolution",
            "text",
            "which versions are preferred",
            "highest",
            choices=("highest", "lowest", "lowest-direct"),
        ),
        Setting(
            "prerelease",
            "text",
            "whether a lock takes pre-releases: as good as others, where they are asked for, never",
            "explicit",
            choices=("allow", "explicit", "disallow"),
        ),
        Setting("conda-channels", "places", "channels of conda, best first, by name, address or folder", ()),
        Setting(
            "conda-channel-alias",
            "place",
            "the address below which channels of conda are found by their names",
        ),
        Setting(
            "conda-channel-priority",
            "text",
            "whether a channel hides what the next have of a name (strict), goes before them, or neither",
            choices=("strict", "flexible", "disabled"),
        ),
        Setting(
            "conda-mapping",
            "place",
            "a JSON of which conda package is which distribution of an index: an address or a file",
        ),
        Setting("conda-mirrors", "words", "where a channel is fetched from instead: CHANNEL=ADDRESS", ()),
        Setting("exclude-newer", "moment", "ignore what was uploaded after this date"),
        Setting(
            "build-policy",
            "text",
            "whether a lock may build a source distribution to learn what it needs",
            "allow",
            choices=("allow", "static"),
        ),
        Setting(
            "sandbox",
            "text",
            "what keeps builds from files, network and processes that are not theirs",
            "auto",
            choices=("auto", "require", "off"),
        ),
        Setting("sandbox-exclude", "words", "packages that are built outside of the sandbox", ()),
        Setting("sandbox-read", "paths", "what builds may read besides", ()),
        Setting("sandbox-write", "paths", "what builds may write to besides", ()),
        Setting("build-network", "words", "packages whose builds may use the network (:all: for all)", ()),
        Setting("build-timeout", "seconds", "give up a step of a build after so long", 3600.0),
        Setting("build-variables", "words", "environment variables that builds see besides", ()),
        Setting("targets", "words", "what the lock is made for", ()),
        Setting("no-build", "switch", "build nothing, wherever it comes from", False),
        Setting("no-build-package", "words", "packages never to build, wherever they come from", ()),
        Setting("only-binary", "words", "packages of which wheels alone are taken (:all: for every one)", ()),
        Setting("no-binary", "words", "packages always to build (:all: for every one)", ()),
        Setting("no-binary-package", "words", "the same as no-binary", ()),
        Setting(
            "timeout",
            "seconds",
            "give up after so long without a byte",
            30.0,
            pip=("timeout", "default-timeout"),
        ),
        Setting("connect-timeout", "seconds", "give up connecting after so long", 10.0),
        Setting("retries", "number", "further attempts after one that failed", 4, pip=("retries",)),
        Setting("parallel", "number", "requests under way at once", 50),
        Setting("ca-bundle", "path", "certificates to trust instead of the system's", pip=("cert",)),
        Setting(
            "client-cert", "path", "a certificate with its key, to show to servers", pip=("client-cert",)
        ),
        Setting("proxy", "text", "the proxy for all requests", pip=("proxy",)),
        Setting(
            "keyring-provider",
            "text",
            "whether the program keyring is asked for passwords after a 401 (auto: if there is a terminal)",
            "auto",
            choices=("auto", "disabled", "subprocess", "import"),
            pip=("keyring-provider",),
        ),
        Setting(
            "trusted-host", "words", "hosts whose certificates are not checked", (), pip=("trusted-host",)
        ),
    )
}

NOT_FOR_PROJECTS = frozenset(
    {"sandbox", "sandbox-exclude", "sandbox-read", "sandbox-write", "build-variables"}
)
"""What a project may not open: else a checkout would say itself what its build may do to whom fetched it.
It may ask for more sandbox than its user has."""

OF_THE_MACHINE = frozenset(
    {
        *("proxy", "trusted-host", "ca-bundle", "client-cert", "keyring-provider"),
        *("cache-dir", "cache-layers", "cache-size-limit", "cache-check", "data-dir"),
        *("conda-channel-alias", "conda-mapping", "conda-mirrors"),
        *("python-mirror", "python-source-mirror", "python-downloads"),
    }
)
"""Whom this machine trusts, and where hutch writes on it: no file of a checkout decides that (ADR 17)."""

PROJECT_KEYS = frozenset(
    {
        "sources",
        "constraints",
        "build-constraints",
        "conflicts",
        "exclude-newer-index",
        "exclude-newer-package",
        "overrides",
        "excludes",
        "dependency-metadata",
        "default-groups",
        "other-tools",
        "package",
        "workspace",
        "environments",
        "conda",
    }
)
"""What ``[tool.hutch]`` of a ``pyproject.toml`` may say besides, and no other file."""
