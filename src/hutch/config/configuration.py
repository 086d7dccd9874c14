"""The settings that won, and what other rooms make of them."""

from __future__ import annotations

import os

from hutch.config.model import Origin, Value
from hutch.light import cached_property

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hutch.config.condarc import Condarc
    from hutch.config.directories import Directories, System
    from hutch.index import IndexOptions
    from hutch.net import NetOptions

__all__ = ["Configuration"]


class Configuration:
    """All settings. Cheap ones are attributes; what other rooms want is made on first use.

    ``values`` holds every setting by name with its origin. Paths in attributes are absolute.
    ``files_looked_for`` are the files that may say something, there or not; ``directory`` is that of the
    project.
    """

    def __init__(
        self,
        values: Mapping[str, Value],
        environ: Mapping[str, str],
        find: Callable[..., Directories],
        *,
        home: str | None,
        system: System,
        notice: Callable[[str], None],
        files_looked_for: tuple[str, ...] = (),
        of_project: Mapping[str, Value] | None = None,
        directory: str = "",
        without_files: bool = False,
    ) -> None:
        self.values = values
        self._environ = environ
        self._find = find
        self._home = home
        self._system = system
        self._notice = notice
        self.files_looked_for = files_looked_for
        self._of_project = of_project or {}
        self._directory = directory or os.getcwd()
        self._without_files = without_files

    def __repr__(self) -> str:
        said = {
            name: value.origin.place for name, value in self.values.items() if value.origin.rung != "default"
        }
        return f"Configuration({said})"

    def _get(self, name: str) -> Any:
        return self.values[name].value

    def origin(self, name: str) -> Origin:
        """Where the value of a setting was set."""
        return self.values[name].origin

    # --- plain values ---

    @property
    def offline(self) -> bool:
        """Whether the network must not be used."""
        return bool(self._get("offline"))

    @property
    def refresh(self) -> bool:
        """Whether cached index pages are to be asked for again."""
        return bool(self._get("refresh"))

    @property
    def no_cache(self) -> bool:
        """Whether the cache is to go away with the command."""
        return bool(self._get("no-cache"))

    @property
    def python(self) -> str | None:
        """The interpreter that was asked for."""
        found: str | None = self._get("python")
        return found

    @property
    def python_mirror(self) -> str | None:
        """Where archives of Pythons come from, as a URL; None for where their makers have them."""
        return self._address("python-mirror")

    @property
    def python_source_mirror(self) -> str | None:
        """Where sources of CPython come from, as a URL; None for nowhere."""
        return self._address("python-source-mirror")

    def _address(self, name: str) -> str | None:
        value = self.values[name]
        if value.value is None:
            return None
        from hutch.config.places import as_url

        return as_url(str(value.value), value.base or os.getcwd(), self._home)

    @property
    def python_downloads(self) -> str:
        """``automatic``, ``manual`` or ``never``: what is done where no Python fits."""
        found: str = self._get("python-downloads")
        return found

    @property
    def environment_place(self) -> str:
        """Where projects have their environments: ``project`` or ``central``."""
        return str(self._get("environment-place"))

    @property
    def environment_redirect(self) -> str:
        """What tells other tools of one elsewhere: ``none``, ``venv``, ``python-envs`` or ``link``."""
        return str(self._get("environment-redirect"))

    @property
    def link_mode(self) -> Any:
        """``auto``, ``clone``, ``hardlink`` or ``copy``."""
        return self._get("link-mode")

    @property
    def compile(self) -> str:
        """When bytecode is made: ``background``, ``now``, ``existing`` (use what there is) or ``off``.

        Where nobody says so, whoever wants no bytecode from Python (``PYTHONDONTWRITEBYTECODE``) wants none
        from us, and no processes are left behind in a machine that ends with the job.
        """
        said: str | None = self._get("compile")
        if said is not None:
            return said
        if self._environ.get("PYTHONDONTWRITEBYTECODE"):
            return "off"
        in_ci = self._environ.get("CI", "").strip().lower() not in ("", "0", "false", "no")
        return "existing" if in_ci else "background"

    @property
    def generations(self) -> int:
        """How many earlier states of an environment are kept."""
        return int(self._get("generations"))

    @property
    def env_files(self) -> tuple[str, ...]:
        """Files of variables in the project that the shell hook loads when they are trusted."""
        return tuple(str(name) for name in _without_none(self._get("env-files")))

    @property
    def allow_clobber(self) -> frozenset[str]:
        """Normalised names of packages that may replace files of others."""
        return frozenset(_without_none(self._get("allow-clobber")))

    @property
    def resolution(self) -> Any:
        """``highest``, ``lowest`` or ``lowest-direct``."""
        return self._get("resolution")

    @property
    def prerelease(self) -> Any:
        """``allow``, ``explicit`` or ``disallow``."""
        return self._get("prerelease")

    @property
    def exclude_newer(self) -> str | None:
        """An RFC 3339 time in UTC, or a span such as ``30 days`` (see ``project.resolve_moment``)."""
        found: str | None = self._get("exclude-newer")
        return found

    @property
    def conda_channel_alias(self) -> str | None:
        """The address below which channels of conda are found by name, where hutch's settings say it."""
        return self._address("conda-channel-alias")

    @property
    def conda_mapping(self) -> str | None:
        """The address or the file of a mapping of conda's names to those of an index."""
        return self._address("conda-mapping")

    @property
    def conda_channel_priority(self) -> str | None:
        """``strict``, ``flexible`` or ``disabled``, where hutch's settings say it."""
        said: str | None = self._get("conda-channel-priority")
        return said

    @property
    def conda_mirrors(self) -> tuple[str, ...]:
        """``CHANNEL=ADDRESS``, where a channel is fetched from instead."""
        return tuple(str(word) for word in self._get("conda-mirrors"))

    @cached_property
    def condarc(self) -> Condarc:
        """What conda's own configuration says; nothing where no files are read."""
        from hutch.config.condarc import Condarc, read_condarc

        if self._without_files:
            return Condarc()
        return read_condarc(self._environ, self._system, self._home, self._directory)

    @property
    def condarc_sources(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """What each file and each variable of conda's says of itself, weakest first; see `condarc`."""
        from hutch.config.condarc import condarc_sources

        if self._without_files:
            return ()
        return condarc_sources(self._environ, self._system, self._home, self._directory)

    def hears_condarc(self, path: str) -> bool:
        """Whether that file of conda's is read here."""
        from hutch.config.condarc import is_heard

        return not self._without_files and is_heard(
            path, self._environ, self._system, self._home, self._directory
        )

    @property
    def condarc_files(self) -> tuple[str, ...]:
        """The files that conda would read, weakest first, there or not; that of everybody comes first."""
        from hutch.config.condarc import condarc_files, system_file

        files = condarc_files(self._environ, self._system, self._home)
        return tuple(dict.fromkeys((system_file(self._environ, self._system), *files)))

    @property
    def build_policy(self) -> Any:
        """``allow``, or ``static``: no build while locking."""
        return self._get("build-policy")

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of targets; none: the default ones."""
        return tuple(self._get("targets"))

    @property
    def no_build(self) -> tuple[str, ...]:
        """Normalised names of what is never built, wherever it comes from, or ``:all:``."""
        if self._get("no-build"):
            return (":all:",)
        return _without_none(self._get("no-build-package"))

    @property
    def only_binary(self) -> tuple[str, ...]:
        """Normalised names of what is not built from an index's source distribution, or ``:all:``."""
        return (*_without_none(self._get("only-binary")), *self.no_build)

    @property
    def no_binary(self) -> tuple[str, ...]:
        """Normalised names always to build, or ``:all:``."""
        return (*_without_none(self._get("no-binary")), *_without_none(self._get("no-binary-package")))

    @property
    def locked_only_binary(self) -> tuple[str, ...]:
        """As ``only_binary``, as far as the project says it: that is a property of its lock. What a machine
        or a command says of builds is about what they do themselves."""
        if "no-build" in self._of_project and self._of_project["no-build"].value:
            return (":all:",)
        return self._said_by_project("only-binary", "no-build-package")

    @property
    def locked_no_binary(self) -> tuple[str, ...]:
        """As ``no_binary``, as far as the project says it."""
        return self._said_by_project("no-binary", "no-binary-package")

    def _said_by_project(self, *names: str) -> tuple[str, ...]:
        found: set[str] = set()
        for name in names:
            if name in self._of_project:
                found.update(_without_none(self._of_project[name].value))  # type: ignore[arg-type]
        return tuple(sorted(found))

    @property
    def sandbox(self) -> Any:
        """``auto``, ``require`` or ``off``."""
        return self._get("sandbox")

    @property
    def sandbox_exclude(self) -> tuple[str, ...]:
        """Normalised names of what is built outside of the sandbox, or ``:all:``."""
        return _without_none(self._get("sandbox-exclude"))

    @property
    def sandbox_read(self) -> tuple[str, ...]:
        """Absolute paths that builds may read besides."""
        return self._paths("sandbox-read")

    @property
    def sandbox_write(self) -> tuple[str, ...]:
        """Absolute paths that builds may write to besides."""
        return self._paths("sandbox-write")

    @property
    def build_network(self) -> tuple[str, ...]:
        """Normalised names of what may use the network while it is built, or ``:all:``."""
        return _without_none(self._get("build-network"))

    @property
    def build_timeout(self) -> float:
        """Seconds for each step of a build."""
        return float(self._get("build-timeout"))

    @property
    def build_variables(self) -> tuple[str, ...]:
        """Names of the environment variables that builds see besides."""
        return tuple(self._get("build-variables"))

    # --- places ---

    @cached_property
    def directories(self) -> Directories:
        """The directories of this user and machine, before settings; ``NoHome`` if there are none."""
        return self._find(self._environ, home=self._home, system=self._system)

    @property
    def cache_dir(self) -> str:
        """The cache."""
        return self.path("cache-dir") or self.directories.cache

    def is_chosen(self, name: str) -> bool:
        """Whether it was the user (or his administrator) who set this, and not a project, or nobody."""
        return self.origin(name).rung not in ("default", "project")

    @property
    def cache_layers(self) -> tuple[str, ...]:
        """Other caches, looked into first."""
        value = self.values["cache-layers"]
        if not value.value:
            return ()
        from hutch.config.places import as_path

        return tuple(
            as_path(path, value.base or os.getcwd(), self._home) for path in self._get("cache-layers")
        )

    @property
    def cache_size_limit(self) -> str | None:
        """How large the cache may become, as it was written; None for the usual size."""
        found: str | None = self._get("cache-size-limit")
        return found

    @property
    def archive_size_limit(self) -> str | None:
        """How much an archive may unpack to, as it was written; None for the usual."""
        found: str | None = self._get("archive-size-limit")
        return found

    @property
    def archive_member_limit(self) -> int:
        """How many files and folders an archive may have."""
        return int(self._get("archive-member-limit"))

    @property
    def checks_content(self) -> bool:
        """Whether files of the cache are hashed before they are installed."""
        return bool(self._get("cache-check") == "content")

    @property
    def data_dir(self) -> str:
        """Interpreters, tools, named environments."""
        return self.path("data-dir") or self.directories.data

    def path(self, name: str) -> str | None:
        """A setting that is a path, absolute; None where it is not set."""
        value = self.values[name]
        if value.value is None:
            return None
        from hutch.config.places import as_path

        return as_path(str(value.value), value.base or os.getcwd(), self._home)

    def _paths(self, name: str) -> tuple[str, ...]:
        from hutch.config.places import as_path

        value = self.values[name]
        base = value.base or os.getcwd()
        return tuple(as_path(path, base, self._home) for path in self._get(name))

    # --- for other rooms ---

    @cached_property
    def _ranked(self) -> Any:
        from hutch.config.indexes import rank_indexes

        return rank_indexes(self.values, self._environ, self._home, self._notice)

    @property
    def indexes(self) -> tuple[IndexOptions, ...]:
        """The indexes in the order in which they are asked, without credentials."""
        ranked: tuple[IndexOptions, ...] = self._ranked[0]
        return ranked

    @cached_property
    def net(self) -> NetOptions:
        """How the network is used, with the credentials of the indexes."""
        from hutch.config.network import net_options

        return net_options(
            self,
            *self._ranked,
            environ=self._environ,
            home=self._home,
            system=self._system,
            directory=self._directory,
            without_files=self._without_files,
        )

    @property
    def saved_credentials(self) -> str | None:
        """The file of ``hutch auth login``; None where this user has no place for one."""
        from hutch.config.directories import NoHome

        try:
            return os.path.join(self.data_dir, "credentials.json")
        except NoHome:
            return None

    # --- for people ---

    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """(setting, value, where it was set) of every setting, credentials as ``****``."""
        from hutch.config.listing import Listing

        return Listing(self, self._home).rows()

    def to_json(self) -> dict[str, Any]:
        """The same by name: ``{"value": …, "source": …, "origin": …}``."""
        from hutch.config.listing import Listing

        return Listing(self, self._home).to_json()


def _without_none(words: tuple[str, ...]) -> tuple[str, ...]:
    """pip's ``:none:`` empties what was said before it."""
    if ":none:" in words:
        words = words[len(words) - words[::-1].index(":none:") :]
    return tuple(words)
