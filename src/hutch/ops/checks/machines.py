"""Checks of what an environment was made for: this kind of machine, or another one that shares the folder."""

from __future__ import annotations

import os

from hutch.ops.checks.environments import typed_name
from hutch.ops.checks.values import check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env import Environment
    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say

__all__ = ["CHECKS"]


@check(
    "foreign-environment",
    "The environment is of this kind of machine",
    group="environment",
    severity="error",
    why="A folder that two systems share (a container, WSL, a network drive) has the environment of the one"
    " that came first: its interpreter and its compiled modules cannot be loaded by the other.",
)
def foreign_environment(ground: Ground, say: Say) -> None:
    """The layout of another system, or the header of a compiled module."""
    import platform
    import sys

    environment = ground.environment
    if environment is None or environment.python_outside:
        return
    here = f"{sys.platform}-{platform.machine().lower()}"
    seen = ""
    if environment.windows != (os.name == "nt"):
        seen = f"it has the layout of {'Windows' if environment.windows else 'POSIX systems'}"
    else:
        found = {path: kind for path in _native_files(environment) if (kind := _kind_of(path))}
        # A package may bring files for other machines along; an environment of another has none for this one.
        if found and not any(map(_is_of_here, found.values())):
            path, kind = next(iter(found.items()))
            seen = f"{os.path.relpath(path, environment.root)} is for {kind}"
    if seen:
        name = typed_name(ground, environment)
        other = f".venv-{here}"
        say(
            f"{name} is of another system than this one",
            seen=(environment.root, seen, f"this is {here}"),
            commands=(
                f"HUTCH_PROJECT_ENVIRONMENT={other} hutch sync",
                "hutch sync --env NAME makes one more beside it",
            ),
        )


def _native_files(environment: Environment) -> list[str]:
    """The interpreter, if it is a copy, and some compiled modules of the two upper levels."""
    found = []
    if os.path.isfile(environment.executable) and not os.path.islink(environment.executable):
        found.append(environment.executable)
    site = os.path.join(environment.root, environment.purelib)
    try:
        tops = sorted(os.listdir(site))
    except OSError:
        return found
    for top in tops:
        path = os.path.join(site, top)
        if _is_module(top):
            found.append(path)
        elif os.path.isdir(path) and not top.endswith((".dist-info", ".egg-info")):
            try:
                found += [os.path.join(path, name) for name in sorted(os.listdir(path)) if _is_module(name)][
                    :2
                ]
            except OSError:
                continue
        if len(found) > 40:
            break
    return found


def _is_module(name: str) -> bool:
    """Whether it is named as a compiled module of Python is, and not as any library."""
    middle = (".cpython-", ".abi3.", ".pypy", ".graalpy")
    return (
        name.endswith(".pyd") if os.name == "nt" else name.endswith(".so") and any(m in name for m in middle)
    )


_ELF = {
    3: "i686",
    8: "mips",
    21: "ppc64le",
    22: "s390x",
    40: "arm",
    62: "x86_64",
    183: "aarch64",
    243: "riscv64",
}
_MACHO = (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")


def _kind_of(path: str) -> str:
    """``ELF on x86_64``, ``Windows``, ``macOS``, by the first bytes of a file, or ``""``."""
    try:
        with open(path, "rb") as file:
            head = file.read(20)
    except OSError:
        return ""
    if head[:4] == b"\x7fELF" and len(head) == 20:
        if "-linux-musl" in os.path.basename(path):
            return "Linux with musl"
        number = int.from_bytes(head[18:20], "little" if head[5] == 1 else "big")
        return f"ELF on {_ELF.get(number, f'machine {number}')}"
    if head[:2] == b"MZ":
        return "Windows"
    return "macOS" if head[:4] in _MACHO else ""


def _is_of_here(kind: str) -> bool:
    import platform
    import sys

    if sys.platform == "win32":
        return kind == "Windows"
    if sys.platform == "darwin":
        return kind == "macOS"
    if kind == "Linux with musl":
        return platform.libc_ver()[0] != "glibc"
    machine = platform.machine().lower().replace("amd64", "x86_64").replace("arm64", "aarch64")
    told = kind.removeprefix("ELF on ")
    if told == kind or not told or told.startswith("machine"):
        return kind.startswith("ELF")
    pairs = {
        "x86_64": ("x86_64", "i686"),
        "aarch64": ("aarch64", "arm"),
        "armv7l": ("arm",),
        "armv8l": ("arm",),
    }
    return told in pairs.get(machine, (machine, "i686" if machine in ("i386", "i586", "i686") else machine))


CHECKS = (foreign_environment,)
