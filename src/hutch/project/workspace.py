"""``[tool.hutch.workspace]``: which folders are members, by glob, and what each of them has of its own.

Patterns are matched against paths from the root, with slashes. Nothing is looked for here: ``covers`` and
the walk of ``ops.workspace`` agree on what a pattern means, part by part.
"""

from __future__ import annotations

from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from hutch.project.faults import Faults
    from hutch.project.spans import Path

__all__ = [
    "WorkspaceTable",
    "covers",
    "is_pattern",
    "part_matches",
    "parse_workspace",
]

_KEYS = ("members", "exclude", "environments", "locks")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceTable:
    """The table. ``environments`` and ``locks`` say whether each member has its own."""

    members: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    environments: Literal["shared", "member"] = "shared"
    locks: Literal["shared", "member"] = "shared"

    def admits(self, path: str) -> bool:
        """Is the folder at ``path`` (from the root) a member, if it has a project?"""
        parts = path.split("/")
        return any(covers(pattern, parts) for pattern in self.members) and not self.excludes(path)

    def excludes(self, path: str) -> bool:
        """Is it, or a folder around it, taken out?"""
        parts = path.split("/")
        return any(
            covers(pattern, parts[:length]) for pattern in self.exclude for length in range(1, len(parts) + 1)
        )


def parse_workspace(value: object, faults: Faults, at: Path) -> WorkspaceTable | None:
    """Read the table; what is wrong goes to ``faults``. None where there is none."""
    if value is None:
        return None
    if not isinstance(value, dict):
        faults.add(at, 'should be a table such as { members = ["packages/*"] }')
        return None
    for key in value:
        if key not in _KEYS:
            faults.add((*at, key), f"unknown key; a workspace has {', '.join(_KEYS)}")
    return WorkspaceTable(
        members=_patterns(value, "members", faults, at),
        exclude=_patterns(value, "exclude", faults, at),
        environments=_whose(value, "environments", faults, at),
        locks=_whose(value, "locks", faults, at),
    )


def _patterns(table: dict[str, object], key: str, faults: Faults, at: Path) -> tuple[str, ...]:
    values = table.get(key, [])
    if not isinstance(values, list):
        faults.add((*at, key), 'should be an array of paths and patterns such as "packages/*"')
        return ()
    found = []
    for number, text in enumerate(values):
        here = (*at, key, number)
        if not isinstance(text, str) or not text.strip("/."):
            faults.add(here, 'should be a path from here, or a pattern such as "packages/*"')
            continue
        parts = [part for part in text.replace("\\", "/").split("/") if part not in ("", ".")]
        if text.startswith(("/", "\\", "~")) or ":" in parts[0] or ".." in parts:
            faults.add(
                here, f"{text} leads out of the workspace; all members lie below the folder of its manifest"
            )
        else:
            found.append("/".join(parts))
    return tuple(found)


def _whose(table: dict[str, object], key: str, faults: Faults, at: Path) -> Literal["shared", "member"]:
    value = table.get(key, "shared")
    if value not in ("shared", "member"):
        faults.add((*at, key), "should be 'shared' (one for the workspace) or 'member' (one for each)")
    return "member" if value == "member" else "shared"


def is_pattern(part: str) -> bool:
    """Does it stand for many names?"""
    return any(c in part for c in "*?[")


def covers(pattern: str, parts: Sequence[str]) -> bool:
    """Does the pattern mean the path with these parts? ``**`` stands for any number of folders."""
    first, _, rest = pattern.partition("/")
    if first == "**":
        for skipped in range(len(parts) + 1):
            if skipped and not part_matches("*", parts[skipped - 1]):
                return False
            if covers(rest, parts[skipped:]) if rest else skipped == len(parts):
                return True
        return False
    if not parts or not part_matches(first, parts[0]):
        return False
    return covers(rest, parts[1:]) if rest else len(parts) == 1


def part_matches(pattern: str, name: str) -> bool:
    """Does one part of a pattern mean the folder ``name``? A wildcard means no hidden one, and no cache."""
    if not is_pattern(pattern):
        return pattern == name
    if (name.startswith(".") and not pattern.startswith(".")) or name in ("__pycache__", "node_modules"):
        return False
    if pattern == "*":
        return True
    from fnmatch import fnmatchcase

    return fnmatchcase(name, pattern)
