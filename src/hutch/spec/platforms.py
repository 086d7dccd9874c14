"""Platforms: operating system, machine and C library, and the platform tags that they accept.

Follows the platform compatibility tags specification (PEP 425, 513, 571, 599, 600, 656). The set of
accepted tags exists twice: enumerated in order of preference for installing
(:func:`platform_tags`), and as arithmetic for asking about a tag (:func:`accepts`), which needs no
list of 1,500 names. The tests hold both to ``packaging.tags``.
"""

from __future__ import annotations

from hutch.values import dataclass

__all__ = ["Platform", "accepts", "platform_tags"]

_LEGACY_MANYLINUX = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_LEGACY_BY_GLIBC = {version: name for name, version in _LEGACY_MANYLINUX.items()}
# manylinux is defined for these; elsewhere a glibc wheel has only the bare linux tag.
_MANYLINUX_MACHINES = frozenset(
    {"x86_64", "i686", "aarch64", "armv7l", "ppc64", "ppc64le", "s390x", "loongarch64", "riscv64"}
)
_WINDOWS_TAGS = {"x86_64": "win_amd64", "arm64": "win_arm64", "x86": "win32"}
_MACOS_FORMATS = {
    "x86_64": ("x86_64", "intel", "fat64", "fat3", "universal2", "universal"),
    "i386": ("i386", "intel", "fat3", "fat", "universal"),
    "arm64": ("arm64", "universal2"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Where wheels may run.

    ``os`` is ``linux``, ``macos``, ``windows`` or another lower-case name. ``machine`` is what the
    platform tags call it: ``x86_64``, ``aarch64``, ``i686`` on Linux, ``arm64``, ``x86_64`` on macOS,
    ``x86_64``, ``arm64``, ``x86`` on Windows (a 32-bit Python on a 64-bit system has the 32-bit name).
    ``libc`` is ``glibc`` or ``musl`` on Linux, else empty. ``version`` is that of the libc or of
    macOS. ``tag`` is the only platform tag of a system that none of this describes.
    """

    os: str
    machine: str
    libc: str = ""
    version: tuple[int, int] = (0, 0)
    tag: str = ""


def platform_tags(platform: Platform) -> tuple[str, ...]:
    """All platform tags that ``platform`` accepts, the most specific first."""
    if platform.os == "linux":
        return tuple(_linux_tags(platform))
    if platform.os == "macos":
        return tuple(_macos_tags(platform))
    if platform.os == "windows":
        return (_WINDOWS_TAGS.get(platform.machine, platform.tag),)
    return (platform.tag,) if platform.tag else ()


def _machines(platform: Platform) -> tuple[str, ...]:
    return ("armv8l", "armv7l") if platform.machine == "armv8l" else (platform.machine,)


def _oldest_glibc(machine: str) -> int:
    """The oldest glibc 2.x that manylinux knows for a machine."""
    return 5 if machine in ("x86_64", "i686") else 17


def _linux_tags(platform: Platform) -> list[str]:
    machines = _machines(platform)
    tags = [f"linux_{machine}" for machine in machines]
    major, newest = platform.version
    if platform.libc == "glibc" and _MANYLINUX_MACHINES.intersection(machines):
        for machine in machines:
            for minor in range(newest, _oldest_glibc(machine) - 1, -1):
                tags.append(f"manylinux_{major}_{minor}_{machine}")
                if legacy := _LEGACY_BY_GLIBC.get((major, minor)):
                    tags.append(f"{legacy}_{machine}")
    elif platform.libc == "musl":
        for machine in machines:
            tags += [f"musllinux_{major}_{minor}_{machine}" for minor in range(newest, -1, -1)]
    return tags


def _macos_tags(platform: Platform) -> list[str]:
    formats = _MACOS_FORMATS.get(platform.machine, (platform.machine,))
    major, minor = platform.version
    if major < 11:
        return [f"macosx_10_{old}_{form}" for old in range(minor, -1, -1) for form in formats if old >= 4]
    tags = [f"macosx_{old}_0_{form}" for old in range(major, 10, -1) for form in formats]
    # Before 11 there was no arm64, but a universal2 file carries the minimum of its Intel half.
    before = formats if platform.machine == "x86_64" else ("universal2",)
    tags += [f"macosx_10_{old}_{form}" for old in range(16, 3, -1) for form in before]
    return tags


def accepts(platform: Platform, tag: str) -> bool:
    """Does ``platform`` accept this one platform tag? Same answer as membership in the list."""
    if platform.os == "linux":
        return _linux_accepts(platform, tag)
    if platform.os == "macos":
        return _macos_accepts(platform, tag)
    if platform.os == "windows":
        return tag == _WINDOWS_TAGS.get(platform.machine, platform.tag)
    return bool(tag) and tag == platform.tag


def _linux_accepts(platform: Platform, tag: str) -> bool:
    kind, _, rest = tag.partition("_")
    machines = _machines(platform)
    if kind == "linux":
        return rest in machines
    version = _LEGACY_MANYLINUX.get(kind)
    if version is None:
        first, _, rest = rest.partition("_")
        second, _, rest = rest.partition("_")
        if kind not in ("manylinux", "musllinux") or not (first.isdecimal() and second.isdecimal()):
            return False
        version = (int(first), int(second))
    if rest not in machines or version[0] != platform.version[0] or version > platform.version:
        return False
    if kind == "musllinux":
        return platform.libc == "musl"
    return (
        platform.libc == "glibc"
        and not _MANYLINUX_MACHINES.isdisjoint(machines)
        and version[1] >= _oldest_glibc(rest)
    )


def _macos_accepts(platform: Platform, tag: str) -> bool:
    kind, _, rest = tag.partition("_")
    first, _, rest = rest.partition("_")
    second, _, form = rest.partition("_")
    if kind != "macosx" or not (first.isdecimal() and second.isdecimal()):
        return False
    major, minor = int(first), int(second)
    formats = _MACOS_FORMATS.get(platform.machine, (platform.machine,))
    if platform.version < (11, 0):
        return major == 10 and 4 <= minor <= platform.version[1] and form in formats
    if major == 10:
        return 4 <= minor <= 16 and form in (formats if platform.machine == "x86_64" else ("universal2",))
    return 11 <= major <= platform.version[0] and minor == 0 and form in formats
