"""Problems that several operations share."""

from __future__ import annotations

from hutch.errors import Problem

__all__ = ["CannotRun", "NoEnvironment"]


class CannotRun(Problem):
    """The command is there and cannot be started."""

    code = "cannot-run"

    def __init__(self, program: str, why: str, hint: str) -> None:
        super().__init__(f"cannot run {program}", why=why, hint=hint or ())


class NoEnvironment(Problem):
    """The project has no environment, and none was to be made."""

    code = "no-environment"

    def __init__(self, path: str, hint: str = "hutch sync makes it; or leave --no-sync out") -> None:
        super().__init__(f"there is no environment in {path}", hint=hint)
