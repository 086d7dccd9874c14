"""pixi's platforms: names, and tables that say what machines of a platform have.

platforms = ["osx-arm64", { name = "gpu", platform = "linux-64", cuda = "12.0", glibc = "2.28" }]
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.project.dialects.draft import Draft
    from hutch.project.spans import Path

__all__ = ["Platform", "platforms_said"]

_WORDS = ("cuda", "archspec", "glibc", "musl", "libc", "linux", "macos", "windows")
_RAW = {
    "__cuda": "cuda",
    "__archspec": "archspec",
    "__glibc": "glibc",
    "__musl": "musl",
    "__linux": "linux",
    "__osx": "macos",
    "__win": "windows",
}


class Platform:
    """A platform of the workspace, and where it is said."""

    __slots__ = ("at", "name", "requirements", "subdir")

    def __init__(self, name: str, subdir: str, requirements: dict[str, Any], at: Path) -> None:
        self.name, self.subdir, self.requirements, self.at = name, subdir, requirements, at

    def value(self) -> object:
        """What ``[tool.hutch.conda] platforms`` has for it."""
        if self.name == self.subdir and not self.requirements:
            return self.name
        table: dict[str, object] = {"name": self.name, "platform": self.subdir}
        return {**table, "system-requirements": self.requirements} if self.requirements else table


def platforms_said(table: dict[str, Any], path: Path, draft: Draft) -> list[Platform]:
    """The platforms of a workspace, in their order; no two of one name."""
    found = table.get("platforms")
    if found is None:
        return []
    if not isinstance(found, list):
        draft.fault((*path, "platforms"), "should be an array of platforms")
        return []
    read: list[Platform] = []
    taken = {one for one in found if isinstance(one, str)}
    taken |= {one["name"] for one in found if isinstance(one, dict) and isinstance(one.get("name"), str)}
    for number, one in enumerate(found):
        at = (*path, "platforms", number)
        if isinstance(one, str):
            read.append(Platform(one, one, {}, at))
            continue
        subdir = one.get("platform", one.get("name")) if isinstance(one, dict) else None
        if not isinstance(subdir, str) or not isinstance(one.get("name", ""), str):
            draft.fault(at, "should be a platform, or a table with one")
            continue
        name = one.get("name") or _free(subdir, taken)
        taken.add(name)
        read.append(Platform(name, subdir, _requirements(one, at, draft), at))
    return read


def _free(subdir: str, taken: set[str]) -> str:
    number, name = 1, subdir
    while name in taken:
        number += 1
        name = f"{subdir}-{number}"
    return name


def _requirements(table: dict[str, Any], at: Path, draft: Draft) -> dict[str, Any]:
    """What machines of the platform have, in the words of ``system-requirements``."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        word = _RAW.get(key, key)
        if key in ("name", "platform"):
            continue
        if word not in _WORDS:
            draft.note((*at, key), f"{key[:60]} of a platform has no words in hutch")
            continue
        if word == "cuda" and isinstance(value, dict):
            for other in value.keys() - {"driver"}:
                draft.note((*at, key, other), f"{other[:60]} of CUDA has no words in hutch")
            value = value.get("driver")
        found[word] = value.partition("=")[0] if isinstance(value, str) and key != word else value
    return found
