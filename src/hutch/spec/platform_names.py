"""Names of platforms as other tools spell them: ``linux``, ``aarch64-apple-darwin`` and so on."""

from __future__ import annotations

from hutch.errors import Problem

from .names import safe_text
from .platforms import Platform

__all__ = ["InvalidPlatform", "parse_platform"]

_SHORT = {
    "linux": Platform(os="linux", machine="x86_64", libc="glibc", version=(2, 28)),
    "macos": Platform(os="macos", machine="arm64", version=(14, 0)),
    "windows": Platform(os="windows", machine="x86_64"),
}
_LEGACY = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}


class InvalidPlatform(Problem):
    """A text that should name a platform does not."""

    code = "invalid-platform"

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(
            f"`{safe_text(text)}` is not the name of a platform",
            hint=(
                "linux, macos, windows, or more exactly: x86_64-manylinux_2_28, aarch64-unknown-linux-musl",
                "aarch64-apple-darwin, x86_64-pc-windows-msvc, linux-aarch64-glibc2.17, macos-arm64-13.0",
            ),
        )


def parse_platform(text: str) -> Platform:
    """The platform of a short name, of a triple of compilers, or as the name of a target ends."""
    name = text.strip().lower()
    if short := _SHORT.get({"win": "windows", "darwin": "macos"}.get(name, name)):
        return short
    machine, _, rest = name.partition("-")
    if machine in ("linux", "macos", "windows", "win", "win32", "darwin"):
        return _end_of_target(text, name)
    if rest == "apple-darwin":
        return Platform(os="macos", machine={"aarch64": "arm64"}.get(machine, machine), version=(14, 0))
    if rest == "pc-windows-msvc":
        return Platform(os="windows", machine={"aarch64": "arm64", "i686": "x86"}.get(machine, machine))
    if rest == "unknown-linux-gnu":
        return Platform(os="linux", machine=machine, libc="glibc", version=(2, 28))
    if rest == "unknown-linux-musl":
        return Platform(os="linux", machine=machine, libc="musl", version=(1, 2))
    if rest in _LEGACY:
        return Platform(os="linux", machine=machine, libc="glibc", version=_LEGACY[rest])
    kind, _, numbers = rest.partition("_")
    first, _, second = numbers.partition("_")
    if kind in ("manylinux", "musllinux") and first.isdecimal() and second.isdecimal():
        libc = "glibc" if kind == "manylinux" else "musl"
        return Platform(os="linux", machine=machine, libc=libc, version=(int(first), int(second)))
    raise InvalidPlatform(text)


def _end_of_target(text: str, name: str) -> Platform:
    from .targets import InvalidTarget, parse_target

    try:
        return parse_target(f"cp312-{name}").platform
    except InvalidTarget:
        raise InvalidPlatform(text) from None
