"""Drive a solver: the only place where questions meet the world."""

from __future__ import annotations

import gc

from hutch.solve import Answer, DependenciesOf, Facts, Question, Versions, VersionsOf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Protocol, TypeVar

    T = TypeVar("T")
else:
    Protocol = object

__all__ = ["Provider", "drive"]


class Provider(Protocol):
    """Whoever knows versions and dependencies: an index, a lock, a test."""

    def versions(self, packages: tuple[str, ...]) -> dict[str, Versions]:
        """The versions of each package."""

    def facts(self, question: DependenciesOf) -> Facts:
        """What is true of one version."""


def drive(solver: Generator[Question, Answer, T], provider: Provider) -> T:
    """Answer the solver's questions until it is done; returns what it returns.

    The garbage collector rests meanwhile: a solve keeps what it makes, and to look through all of it
    for rings again and again is a sixth of the time.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        question = next(solver)
        while True:
            if isinstance(question, VersionsOf):
                question = solver.send(provider.versions(question.packages))
            else:
                question = solver.send(provider.facts(question))
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        if collecting:
            gc.enable()
