"""The targets of a ``pdm.lock`` as the markers of the environments that it is for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.lock.parse import Reader

__all__ = ["environments_of"]

_SYSTEMS = {"linux": "linux", "manylinux": "linux", "musllinux": "linux", "alpine": "linux"} | {
    "windows": "win32",
    "macos": "darwin",
}
_MACHINES = {
    "win32": {"amd64": "AMD64", "x86_64": "AMD64", "x86": "x86", "arm64": "ARM64"},
    "darwin": {"aarch64": "arm64", "amd64": "x86_64"},
    "linux": {"amd64": "x86_64", "arm64": "aarch64", "x86": "i686"},
}
_USUAL = {"linux": "x86_64", "alpine": "x86_64", "windows": "amd64", "macos": "arm64"}
"""What PDM means by the system alone."""


def environments_of(targets: list[Any], reader: Reader) -> tuple[str | None, tuple[str, ...]]:
    """(the Pythons that all targets share, a marker for each target); nothing for a lock without any.

    How old a libc or a macOS may be is not in them: PDM installs there as well, with a warning.
    """
    found: list[tuple[str, list[str]]] = []
    for number, target in enumerate(targets):
        path = f"metadata.targets[{number}]"
        if not isinstance(target, dict):
            reader.fault(path, "should be a table")
            continue
        python = (reader.get(target, "requires_python", str, path) or "").strip()
        python = "" if python == "*" else python
        clauses = _system(reader.plain(target, "platform", path) or "")
        implementation = reader.plain(target, "implementation", path)
        if implementation and implementation.isalnum():
            clauses.append(f"implementation_name == '{implementation.lower()}'")
        found.append((python, clauses))
    if not found:
        return None, ()
    shared = found[0][0]
    if any(python != shared for python, _ in found) or "|" in shared:
        shared = ""
    markers = []
    for python, clauses in found:
        parts = [_python(python)] if python and python != shared else []
        markers.append(" and ".join([*(part for part in parts if part), *clauses]))
    return shared or None, () if "" in markers else tuple(dict.fromkeys(markers))


def _system(platform: str) -> list[str]:
    """``manylinux_2_17_x86_64``, ``macos_14_0_arm64``, ``windows``: the system and the machine."""
    word, _, rest = platform.lower().partition("_")
    system = _SYSTEMS.get(word)
    if system is None:
        return []
    machine = rest.lstrip("0123456789_") if rest else _USUAL.get(word, "")
    clauses = [f"sys_platform == '{system}'"]
    machine = _MACHINES[system].get(machine, machine)
    if machine.replace("_", "").isalnum():
        clauses.append(f"platform_machine == '{machine}'")
    return clauses


def _python(text: str) -> str:
    """``>=3.9,<3.12||>=3.13`` as a marker."""
    from hutch.errors import Problem
    from hutch.spec import parse_specifiers

    ways = []
    for part in text.split("||"):
        try:
            specifiers = parse_specifiers(part.strip())
        except Problem:
            return ""
        ways.append(" and ".join(f"python_full_version {op} '{version}'" for op, version in specifiers))
    if "" in ways:
        return ""
    return ways[0] if len(ways) == 1 else "(" + " or ".join(f"({way})" for way in ways) + ")"
