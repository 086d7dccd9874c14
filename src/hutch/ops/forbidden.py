"""What is not to be built: ``no-build`` for whatever it is, ``only-binary`` for what an index has.

A lock is solved without source distributions that must not be built. Where something else would still
have to be built (a lock that somebody else made, a directory, a commit), the command stops before it
changes anything. What somebody works on himself, the project and editable directories, is built all the
same: it is others' code that is not to run.
"""

from __future__ import annotations

from hutch.errors import Problem, some_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hutch.lock import Lock
    from hutch.ops.context import Context

__all__ = ["BuildRefused", "needs_build", "refuse_builds", "refusing"]


class BuildRefused(Problem):
    """A package would have to be built, and it was said that it must not be."""

    code = "build-refused"

    def __init__(self, whats: tuple[str, ...], said: str, *, indexed: bool) -> None:
        self.whats = whats
        if len(whats) == 1:
            what, why = f"{whats[0]} would have to be built, which {said} forbids", ""
        else:
            what = f"{len(whats)} packages would have to be built, which {said} forbids"
            why = some_words(whats, 8)
        hints = [f"leave {said} out, if their builds may run here"]
        if indexed:
            hints.insert(0, "hutch lock --no-build chooses versions that have wheels, where there are such")
        super().__init__(what, why=why or (), hint=tuple(hints))


def refuse_builds(context: Context, asked: Iterable[tuple[str, str]], *, indexed: bool) -> None:
    """``BuildRefused`` where one of the (name, what to call it) must not be built.

    ``indexed`` packages are source distributions of an index.
    """
    configuration = context.configuration
    names = frozenset(configuration.only_binary if indexed else configuration.no_build)
    found = tuple(what for name, what in asked if {name, ":all:"} & names)
    if found:
        settings = ("no-build", "no-build-package", "only-binary")
        said = next(name for name in settings if configuration.values[name].value)
        place = configuration.origin(said).place
        raise BuildRefused(found, said if place.startswith("--") else f"{said} ({place})", indexed=indexed)


def needs_build(context: Context, lock: Lock) -> bool:
    """Has the lock a package of an index without a wheel that must not be built?"""
    names = frozenset(context.configuration.no_build)
    return any(
        package.sdist is not None and not package.wheels and {package.name, ":all:"} & names
        for package in lock.packages
    )


def refusing(context: Context, name: str) -> Callable[[str], None]:
    """To be called with the words for a build of ``name`` before it starts."""

    def refuse(what: str) -> None:
        refuse_builds(context, ((name, what),), indexed=False)

    return refuse
