"""Problems that several operations share."""

from __future__ import annotations

from hutch.errors import Problem

__all__ = ["CannotRun"]


class CannotRun(Problem):
    """The command is there and cannot be started."""

    code = "cannot-run"

    def __init__(self, program: str, why: str, hint: str) -> None:
        super().__init__(f"cannot run {program}", why=why, hint=hint or ())
