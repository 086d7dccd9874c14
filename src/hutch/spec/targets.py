"""Targets: the finite list of places that a lock is made for.

A target is an implementation and minor of Python (or a slice of its patch releases), an operating
system, a machine and a C library. See :mod:`hutch.spec.universe` for sets of them.
"""

from __future__ import annotations

from hutch.errors import Problem
from hutch.values import dataclass

from .names import safe_text
from .platforms import Platform, accepts
from .specifiers import Specifiers, admits_key, render_specifiers
from .tags import interpreter_accepts
from .versions import STABLE, VersionKey, parse_parts

__all__ = [
    "BASELINES",
    "STABLE_MINORS",
    "InvalidTarget",
    "NoTargets",
    "Target",
    "covers",
    "lowest_python",
    "parse_target",
    "patch_points",
    "python_key",
    "slices",
]

STABLE_MINORS = tuple((3, minor) for minor in range(8, 16))
"""The minors of Python with a final release, that a lock is made for by default."""

BASELINES = (
    Platform(os="linux", machine="x86_64", libc="glibc", version=(2, 28)),
    Platform(os="linux", machine="aarch64", libc="glibc", version=(2, 28)),
    Platform(os="macos", machine="arm64", version=(14, 0)),
    Platform(os="macos", machine="x86_64", version=(14, 0)),
    Platform(os="windows", machine="x86_64"),
)
"""The platforms that a lock is made for by default; the first of a kind also fills in what the name
of a target leaves out."""

_SHORT = {"cpython": "cp", "pypy": "pp", "graalpy": "graalpy"}
_LONG = {
    "cp": "cpython",
    "pp": "pypy",
    "graalpy": "graalpy",
    "": "cpython",
    "python": "cpython",
    "py": "cpython",
}
_PYTHON_NAMES = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalVM"}
# The version of an implementation whose own version is not that of the language: a recent one.
_OWN_VERSIONS = {"pypy": "7.3.17", "graalpy": "24.2.0"}
_SYSTEMS = {  # os_name, sys_platform, platform_system
    "linux": ("posix", "linux", "Linux"),
    "macos": ("posix", "darwin", "Darwin"),
    "windows": ("nt", "win32", "Windows"),
}
_WINDOWS_MACHINES = {"x86_64": "AMD64", "arm64": "ARM64", "x86": "x86"}
_DEFAULT_VERSIONS = {("linux", "glibc"): (2, 28), ("linux", "musl"): (1, 2), ("macos", ""): (14, 0)}
_ALIASES = {
    ("windows", "amd64"): "x86_64",
    ("windows", "aarch64"): "arm64",
    ("macos", "aarch64"): "arm64",
    ("linux", "arm64"): "aarch64",
    ("linux", "amd64"): "x86_64",
}


class InvalidTarget(Problem):
    """A text that should name a target does not."""

    code = "invalid-target"

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(
            f"`{safe_text(text)}` is not the name of a target",
            why=safe_text(reason),
            hint="a target looks like `cp312-linux-x86_64`, `cp313-macos-arm64`, `pp310-linux-x86_64`",
        )
        self.text = text
        self.reason = reason


class NoTargets(Problem):
    """No Python that is known satisfies ``requires-python``."""

    code = "no-targets"

    def __init__(self, requires_python: Specifiers) -> None:
        first, last = STABLE_MINORS[0], STABLE_MINORS[-1]
        super().__init__(
            f"no released Python satisfies requires-python `{render_specifiers(requires_python)}`",
            why=f"a lock is made for Python {first[0]}.{first[1]} to {last[0]}.{last[1]}",
            hint="widen requires-python in pyproject.toml",
        )
        self.requires_python = requires_python


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One place: patch releases ``low <= patch < high`` of one minor of Python, on one platform."""

    implementation: str = "cpython"
    python: tuple[int, int]
    low: int = 0
    high: int | None = None
    free_threaded: bool = False
    platform: Platform

    @property
    def name(self) -> str:
        """``cp312-linux-x86_64``; slices ``cp311.3+-…`` and ``cp311.0:3-…`` (high is exclusive).

        What differs from the default of its kind comes last: ``…-musl1.2``, ``…-glibc2.17``,
        ``cp312-macos-arm64-11.0``. :func:`parse_target` reads it back.
        """
        short = _SHORT.get(self.implementation, f"{self.implementation}-")
        python = f"{short}{self.python[0]}{self.python[1]}{'t' if self.free_threaded else ''}"
        if self.high is not None:
            python += f".{self.low}:{self.high}"
        elif self.low:
            python += f".{self.low}+"
        platform = self.platform
        text = f"{python}-{platform.os}-{platform.machine}"
        usual = _DEFAULT_VERSIONS.get((platform.os, platform.libc))
        if platform.libc == "musl" or (usual is not None and platform.version != usual):
            text += f"-{platform.libc}{platform.version[0]}.{platform.version[1]}"
        return text

    @property
    def python_text(self) -> str:
        """``3.12``."""
        return f"{self.python[0]}.{self.python[1]}"

    def environment(self) -> dict[str, str]:
        """The marker variables there, with the lowest patch release of the slice.

        What a target does not know (``platform_release``, ``platform_version``) is empty.
        """
        os_name, sys_platform, system = _SYSTEMS.get(
            self.platform.os, ("posix", self.platform.os, self.platform.os.capitalize())
        )
        machine = self.platform.machine
        if self.platform.os == "windows":
            machine = _WINDOWS_MACHINES.get(machine, machine)
        full = f"{self.python_text}.{self.low}"
        return {
            "implementation_name": self.implementation,
            "implementation_version": _OWN_VERSIONS.get(self.implementation, full),
            "os_name": os_name,
            "platform_machine": machine,
            "platform_python_implementation": _PYTHON_NAMES.get(self.implementation, self.implementation),
            "platform_release": "",
            "platform_system": system,
            "platform_version": "",
            "python_full_version": full,
            "python_version": self.python_text,
            "sys_platform": sys_platform,
        }

    def supports(self, tags: str) -> bool:
        """Does a wheel with these tags (one tag, or a compressed set) install there?"""
        interpreters, abis, platforms = tags.split("-")
        pure = "any" in platforms.split(".")
        native = any(accepts(self.platform, tag) for tag in platforms.split("."))
        kind = (self.implementation, self.python, self.free_threaded)
        return any(
            (native and interpreter_accepts(*kind, interpreter, abi, False))
            or (pure and interpreter_accepts(*kind, interpreter, abi, True))
            for interpreter in interpreters.split(".")
            for abi in abis.split(".")
        )


def python_key(python: tuple[int, int], patch: int) -> VersionKey:
    """The version key of a final release of Python."""
    return (0, (*python, patch) if patch else python, STABLE)


def patch_points(versions: tuple[str, ...] | list[str], python: tuple[int, int]) -> list[int]:
    """Patch releases of ``python`` where a comparison with one of ``versions`` can change its answer."""
    points: set[int] = set()
    for version in versions:
        try:
            epoch, release, *_ = parse_parts(version.removesuffix(".*"))
        except ValueError:
            continue
        padded = (*release, 0, 0)
        if epoch == 0 and padded[:2] == python:
            patch = padded[2]
            points.update((patch, patch + 1))
    return sorted(points)


def slices(
    specifiers: Specifiers, python: tuple[int, int], low: int = 0, high: int | None = None
) -> list[tuple[int, int | None, bool]]:
    """The patch releases of ``python`` from ``low`` to ``high``, cut where ``specifiers`` change
    their mind: ``(low, high, admitted)`` in order."""
    points = patch_points([version for _, version in specifiers], python)
    starts = [low, *(point for point in points if point > low and (high is None or point < high))]
    found: list[tuple[int, int | None, bool]] = []
    for start in starts:
        admitted = admits_key(specifiers, python_key(python, start))
        if found and found[-1][2] is admitted:
            continue
        if found:
            found[-1] = (found[-1][0], start, found[-1][2])
        found.append((start, high, admitted))
    return found


def lowest_python(specifiers: Specifiers) -> tuple[int, int, int] | None:
    """The lowest patch release of a stable minor that is admitted; None where none is."""
    for python in STABLE_MINORS:
        for low, _, admitted in slices(specifiers, python):
            if admitted:
                return (*python, low)
    return None


def covers(target: Target, other: Target) -> bool:
    """Is whatever installs on ``target`` right for ``other``: same kind, not older, same patches?"""
    return (
        target.implementation == other.implementation
        and target.python == other.python
        and target.free_threaded == other.free_threaded
        and target.platform.os == other.platform.os
        and target.platform.machine == other.platform.machine
        and target.platform.libc == other.platform.libc
        and target.platform.tag == other.platform.tag
        and target.platform.version <= other.platform.version
        and target.low <= other.low
        and (target.high is None or other.low < target.high)
    )


def parse_target(text: str) -> Target:
    """Read the name of a target; also ``3.12-linux-x86_64`` and system names such as ``win``."""
    parts = text.strip().lower().split("-")
    if len(parts) not in (3, 4):
        raise InvalidTarget(text, "it has Python, operating system and machine, separated by dashes")
    implementation, python, low, high, free_threaded = _parse_python(text, parts[0])
    system = {"win": "windows", "win32": "windows", "darwin": "macos", "macosx": "macos"}.get(
        parts[1], parts[1]
    )
    machine = _ALIASES.get((system, parts[2]), parts[2])
    if system not in _SYSTEMS:
        raise InvalidTarget(text, f"`{parts[1]}` is not one of linux, macos, windows")
    libc = "glibc" if system == "linux" else ""
    version = _DEFAULT_VERSIONS.get((system, libc), (0, 0))
    if len(parts) == 4:
        libc, version = _parse_system_version(text, system, parts[3])
    return Target(
        implementation=implementation,
        python=python,
        low=low,
        high=high,
        free_threaded=free_threaded,
        platform=Platform(os=system, machine=machine, libc=libc, version=version),
    )


def _parse_python(text: str, part: str) -> tuple[str, tuple[int, int], int, int | None, bool]:
    """``cp313t``, ``cp311.3+``, ``cp311.0:3``, ``pp310``, ``3.12``."""
    letters = part.rstrip("0123456789.+:t")
    implementation = _LONG.get(letters)
    rest = part[len(letters) :]
    if implementation is None:
        raise InvalidTarget(text, f"`{letters}` is not one of cp, pp, graalpy")
    if rest[1:2] == ".":  # 3.12 rather than 312
        rest = rest.replace(".", "", 1)
    nodot, _, patches = rest.partition(".")
    free_threaded = nodot.endswith("t")
    nodot = nodot.removesuffix("t")
    low, high = 0, None
    try:
        python = (int(nodot[:1]), int(nodot[1:]))
        if patches.endswith("+"):
            low = int(patches[:-1])
        elif patches:
            first, colon, last = patches.partition(":")
            low, high = int(first), int(last) if colon else int(first) + 1
    except ValueError:
        raise InvalidTarget(text, f"`{part}` is not a Python such as `cp312`") from None
    return implementation, python, low, high, free_threaded


def _parse_system_version(text: str, system: str, part: str) -> tuple[str, tuple[int, int]]:
    """``musl1.2``, ``glibc2.17`` on Linux, ``11.0`` on macOS."""
    libc = part.rstrip("0123456789.")
    first, _, second = part[len(libc) :].partition(".")
    allowed = {"linux": ("glibc", "musl"), "macos": ("",)}.get(system, ())
    if libc not in allowed or not first.isdecimal() or not (second or "0").isdecimal():
        raise InvalidTarget(
            text, f"`{part}` is not a version such as `musl1.2`, `glibc2.17` or (macOS) `11.0`"
        )
    return libc, (int(first), int(second or 0))
