"""What kind of machine this is, in the words of the table of builds."""

from __future__ import annotations

import os
import sys

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Host", "host_here"]

_MACHINES = {
    "amd64": "x86_64", "x64": "x86_64",
    "arm64": "aarch64",
    "i386": "x86", "i486": "x86", "i586": "x86", "i686": "x86", "win32": "x86",
    "armv7l": "armv7", "armv8l": "armv7",
    "powerpc64le": "ppc64le",
}  # fmt: skip
SERVED = {
    "linux": frozenset({"x86_64", "aarch64", "x86"}),
    "macos": frozenset({"x86_64", "aarch64"}),
    "windows": frozenset({"x86_64", "aarch64", "x86"}),
}
"""What the table of pbs-installer has builds for; on Linux for glibc alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """``os`` is ``linux``, ``macos``, ``windows`` or what Python calls it; ``libc`` is ``gnu``, ``musl`` or
    ``none``."""

    os: str
    machine: str
    libc: str

    def runs(self, system: str, machine: str, libc: str) -> bool:
        """Whether a build of these words is for this machine."""
        if (system, machine) != (self.os, self.machine):
            return False
        return libc == self.libc or (libc.startswith("gnueabi") and self.libc == "gnu")

    def describe(self) -> str:
        """For people: ``Linux on s390x``, ``Linux on x86_64 with musl``."""
        name = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}.get(self.os, self.os)
        return f"{name} on {self.machine}" + (" with musl" if self.libc == "musl" else "")

    @property
    def is_served(self) -> bool:
        """Whether the table that comes with hutch has anything for such a machine."""
        return self.machine in SERVED.get(self.os, ()) and self.libc != "musl"


def host_here(
    *, system: str | None = None, machine: str | None = None, libc: Callable[[], str] | None = None
) -> Host:
    """This machine, told by the Python that runs hutch: a 32-bit one on a 64-bit kernel counts as 32 bits."""
    system = system or sys.platform
    name = {"linux": "linux", "darwin": "macos", "win32": "windows"}.get(system, system)
    if machine is None:
        machine = os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "")
        if sys.maxsize < 1 << 32:
            machine = {"x86_64": "x86", "amd64": "x86", "aarch64": "armv7"}.get(machine.lower(), machine)
    machine = machine.lower()
    machine = _MACHINES.get(machine, machine)
    if name != "linux":
        return Host(os=name, machine=machine, libc="none")
    return Host(os=name, machine=machine, libc=(libc or _libc)())


def _libc() -> str:
    try:
        if (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc"):
            return "gnu"
    except (AttributeError, ValueError, OSError):
        pass
    # musl knows no such name. What is known of neither is taken for the common one: the probe tells.
    loaders = os.listdir("/lib") if os.path.isdir("/lib") else []
    return "musl" if any(name.startswith("ld-musl-") for name in loaders) else "gnu"
