"""Checks of the project's files: can they be read, does the lock say what the manifest asks for."""

from __future__ import annotations

from hutch.ops.checks.values import check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.errors import Problem
    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say

__all__ = ["CHECKS"]


def _lines(problem: Problem) -> tuple[str, ...]:
    return tuple(line for text in problem.why for line in text.splitlines())


@check(
    "unreadable-manifest",
    "The manifest of the project can be read",
    group="project",
    severity="error",
    why="No command that needs the project works until it can be read.",
)
def unreadable_manifest(ground: Ground, say: Say) -> None:
    """Say what keeps the manifest, or the settings beside it, from being read."""
    if ground.root is None:
        return
    ground.checkout, ground.configuration  # noqa: B018 - asked for, to have the problems
    told: set[str] = set()
    for name in ("place", "checkout", "configuration"):
        problem = ground.problems.get(name)
        if problem is not None and problem.what not in told:
            told.add(problem.what)
            say(problem.what, seen=_lines(problem), commands=problem.hints)


CHECKS = (unreadable_manifest,)
