"""What can be wrong with a lock file.

Problem
├── InvalidLock      not TOML, or not a lock by PEP 751
├── NewerLock        written in a format that this hutch does not know
└── MergeMarkers     in the middle of a merge
"""

from __future__ import annotations

from hutch.errors import Problem, some_lines
from hutch.values import dataclass

__all__ = ["InvalidLock", "LockFault", "MergeMarkers", "NewerLock"]


@dataclass(frozen=True, slots=True)
class LockFault:
    """One thing that is wrong: at ``path`` (``packages[3].wheels[0].hashes``) or in ``line``."""

    path: str
    reason: str
    line: int | None = None


class InvalidLock(Problem):
    """A lock breaks its specification; ``faults`` are all that were found."""

    code = "invalid-lock"

    def __init__(self, filename: str, faults: tuple[LockFault, ...]) -> None:
        self.filename = filename
        self.faults = faults
        told = [f"{f.path}: {f.reason}" if f.path else f"{filename}:{f.line}: {f.reason}" for f in faults]
        super().__init__(
            f"{filename} is not a valid lock",
            why=some_lines(told, 20),
            hint=("take it from version control again", f"delete {filename} and run `{_maker(filename)}`"),
        )


class NewerLock(Problem):
    """The lock was written by something newer than this hutch."""

    code = "newer-lock"

    def __init__(self, filename: str, key: str, found: str, known: str) -> None:
        self.filename = filename
        self.found = found
        self.known = known
        super().__init__(
            f"{filename} was written for a newer version of hutch",
            why=f"its {key} is {found}, and this hutch knows {known}",
            hint="update hutch: `hutch self update`",
        )


class MergeMarkers(Problem):
    """The lock holds the conflict markers of an unfinished merge."""

    code = "lock-merge-markers"

    def __init__(self, filename: str, line: int) -> None:
        self.filename = filename
        self.line = line
        maker = _maker(filename)
        super().__init__(
            f"{filename} has merge markers",
            why=f"the first one is in line {line}",
            hint=(
                "finish the merge of pyproject.toml, then run"
                + (" `hutch lock`: it keeps what both sides had" if maker == "hutch lock" else f" `{maker}`")
            ),
        )


def _maker(filename: str) -> str:
    """The command that makes a lock of this name."""
    from hutch.lock.formats import format_of

    kind = format_of(filename)
    return kind.command if kind is not None else "hutch lock"
