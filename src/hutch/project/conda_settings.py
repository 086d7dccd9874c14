"""What a project asks conda's channels for, as values; ``conda_words`` reads them."""

from __future__ import annotations

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hutch.project.declared import Declared
    from hutch.project.spans import Path
    from hutch.spec import NormalizedName

__all__ = [
    "SYSTEMS",
    "CondaActivation",
    "CondaCorrection",
    "CondaDependency",
    "CondaGroup",
    "CondaPlatform",
    "CondaSettings",
    "is_selector",
    "misspelt",
    "selected",
]

SYSTEMS = ("linux", "osx", "win", "unix")
_KNOWN = (
    *(
        "linux-64",
        "linux-32",
        "linux-aarch64",
        "linux-armv6l",
        "linux-armv7l",
        "linux-ppc64",
        "linux-ppc64le",
    ),
    *("linux-riscv64", "linux-s390x", "linux-loongarch64", "osx-64", "osx-arm64", "win-32", "win-64"),
    *("win-arm64", "freebsd-64", "emscripten-wasm32", "wasi-wasm32", "zos-z", "noarch"),
)


def misspelt(subdir: str) -> str:
    """The platform that is meant by one that there is not, where one is near. Others may come."""
    if subdir in _KNOWN:
        return ""
    import difflib

    return next(iter(difflib.get_close_matches(subdir, _KNOWN, n=1, cutoff=0.75)), "")


def is_selector(text: str) -> bool:
    """Whether a text names a platform of conda, or some."""
    if text in SYSTEMS:
        return True
    system, dash, machine = text.partition("-")
    return bool(dash and system.isalnum() and machine.replace("_", "").isalnum())


def selected(selector: str, subdir: str) -> bool:
    """Whether ``linux``, ``unix`` or ``linux-64`` means the platform ``subdir``."""
    if selector == "unix":
        return not subdir.startswith("win-")
    return selector == subdir or (selector in SYSTEMS and subdir.startswith(f"{selector}-"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaDependency:
    """A MatchSpec as the project has it, for ``where`` (``project``, ``group:x``, ``extra:x``).

    ``selectors`` (``linux``, ``osx-arm64``) must all hold for a platform; a ``constraint`` asks for nothing.
    ``path`` is where it stands in the manifest; ``place`` says it in words, where that is another file or
    none yet.
    """

    spec: str
    name: str
    where: str = "project"
    selectors: tuple[str, ...] = ()
    constraint: bool = False
    path: Path = field(default=(), compare=False)
    place: str = field(default="", compare=False)

    def is_for(self, subdir: str, name: str = "") -> bool:
        """Whether it is asked for on a platform, which may have a ``name`` of its own."""
        return all(selector == name or selected(selector, subdir) for selector in self.selectors)


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaPlatform:
    """A platform to lock for. ``requirements`` are virtual packages (``__cuda``) with versions to assume
    there, beside those of the project."""

    name: str
    subdir: str
    requirements: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaGroup:
    """What a group or an extra asks beside packages: channels, which come before those of the project, some
    of its platforms (names, or selectors; None: all), and the least that machines have (virtual packages)."""

    channels: tuple[str, ...] | None = None
    platforms: tuple[str, ...] | None = None
    requirements: tuple[tuple[str, str], ...] = ()

    def is_for(self, platform: CondaPlatform) -> bool:
        """Whether it is meant for a platform of the project."""
        return self.platforms is None or any(
            each == platform.name or selected(each, platform.subdir) for each in self.platforms
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaActivation:
    """What a project does when its environment is activated, for ``where`` and on platforms as a dependency
    is: ``scripts`` from its own folder that a shell reads, and variables, in which ``$NAME`` is one."""

    where: str = "project"
    selectors: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()

    def is_for(self, subdir: str, name: str = "") -> bool:
        """Whether it is meant for a platform, which may have a ``name`` of its own."""
        return all(selector == name or selected(selector, subdir) for selector in self.selectors)


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaCorrection:
    """An override or an exclude: whatever records say, ``spec`` is asked of ``name``, or nothing is.

    ``parent`` is a MatchSpec of those whose words it is about; empty: of all. After ``until`` somebody has to
    look whether it is still needed.
    """

    spec: str
    name: str
    parent: str = ""
    reason: str = ""
    until: str = ""
    path: Path = field(default=(), compare=False)

    @property
    def told(self) -> str:
        """As it stands in the manifest."""
        return f"{self.parent} > {self.spec}" if self.parent else self.spec


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaSettings:
    """All of ``[tool.hutch.conda]``. None: not said.

    ``prefer`` and ``only`` are (``conda`` or ``index``, name) pairs; ``map`` gives the distribution of a
    conda package, empty where it is none. ``requirements`` are virtual packages with the versions to assume.
    ``groups`` are by where they stand: ``group:x``, ``extra:x``.
    """

    channels: tuple[str, ...] | None = None
    channel_priority: str | None = None
    platforms: tuple[CondaPlatform, ...] | None = None
    dependencies: tuple[CondaDependency, ...] = ()
    prefer: tuple[tuple[str, str], ...] = ()
    only: tuple[tuple[str, str], ...] = ()
    map: Mapping[str, str] = field(default_factory=dict)
    requirements: tuple[tuple[str, str], ...] = ()
    groups: Mapping[str, CondaGroup] = field(default_factory=dict)
    activation: tuple[CondaActivation, ...] = field(default=(), compare=False)
    overrides: tuple[CondaCorrection, ...] = ()
    excludes: tuple[CondaCorrection, ...] = ()

    def sides(self, name: str) -> tuple[str, ...]:
        """Where the distribution ``name`` may come from, best first."""
        for side, other in self.only:
            if other == name:
                return (side,)
        for side, other in self.prefer:
            if other == name:
                return (side, "index" if side == "conda" else "conda")
        return ("conda", "index")

    def no_groups(self) -> dict[NormalizedName, tuple[Declared, ...]]:
        """The groups that it names, without requirements of Python: a group may ask channels alone."""
        from hutch.spec import normalize

        wheres = (*(each.where for each in self.dependencies), *self.groups)
        wheres = (*wheres, *(each.where for each in self.activation))
        return {normalize(each[6:]): () for each in sorted(set(wheres)) if each.startswith("group:")}

    def asked(self, subdir: str) -> tuple[CondaDependency, ...]:
        """What is asked for on a platform, in the order of the manifest."""
        return tuple(each for each in self.dependencies if each.is_for(subdir))
