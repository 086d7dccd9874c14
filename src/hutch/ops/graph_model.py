"""Packages of a lock, of both sides, and who needs whom: the values of `ops.graph`."""

from __future__ import annotations

from hutch.errors import Problem
from hutch.ops.checkout import plain_words
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from hutch.lock import Edge, LockedConda, LockedPackage, RootEdge

    AnyEdge: TypeAlias = "Edge | RootEdge | CondaNeed"

__all__ = ["CONDA", "CondaNeed", "Graph", "Key", "NotInLock", "bare"]

Key = tuple[str, str]
"""Name and version; the name of a package of conda begins with ``conda:``."""
CONDA = "conda:"


class NotInLock(Problem):
    """The lock has no package of that name."""

    code = "not-in-lock"

    def __init__(self, name: str, near: tuple[str, ...], environment: str = "") -> None:
        self.name = name
        if environment:
            why = "the lock has it for another one"
            super().__init__(
                f"{name} is not in the environment {environment}", why=why, hint=f"hutch why {name}"
            )
            return
        hints = [f"did you mean {other}?" for other in near] or [f"hutch add {name} adds it"]
        super().__init__(f"{name} is not in the lock", hint=tuple(hints))


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaNeed:
    """A need of, or on, a record of conda, in the words of whoever has it (``spec``).

    ``platforms`` are those on which it leads there, empty where that is wherever the one who needs is; of the
    project's own ``where`` says which list has it.
    """

    name: str
    spec: str = ""
    where: str | None = None
    platforms: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    marker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Packages by (name, version), what each needs, who needs each, and what the project asks for.

    Of conda's the records of all platforms that have one version are one entry.
    """

    packages: dict[Key, LockedPackage]
    records: dict[Key, tuple[LockedConda, ...]] = field(default_factory=dict)
    needs: dict[Key, list[tuple[Key, AnyEdge]]] = field(default_factory=dict)
    needed_by: dict[Key, list[tuple[Key, AnyEdge]]] = field(default_factory=dict)
    roots: list[tuple[Key, RootEdge | CondaNeed]] = field(default_factory=list)
    told: Callable[[str], str] = plain_words

    @property
    def keys(self) -> tuple[Key, ...]:
        """All entries, of the index and of conda."""
        return (*self.packages, *self.records)

    @property
    def is_mixed(self) -> bool:
        """Whether it has to be said of a package which side it comes from."""
        return bool(self.packages and self.records)

    def named(self, name: str) -> list[Key]:
        """The entries of a name; ``NotInLock`` where there is none.

        A package of conda is found by its name there, and by that of the distribution that it is.
        """
        from hutch.spec import normalize

        normal = normalize(name)
        found = [key for key in self.packages if key[0] == normal]
        found += [key for key in self.records if self.is_called(key, name, normal)]
        if not found:
            import difflib

            names = sorted({bare(key) for key in self.keys})
            raise NotInLock(normal, tuple(difflib.get_close_matches(normal, names, n=2)))
        return found

    def is_called(self, key: Key, name: str, normal: str) -> bool:
        """Whether a name means an entry of conda."""
        from hutch.lock import distributions_of

        if bare(key) in (name.lower(), normal):
            return True
        return any(normal in distributions_of(each.record) for each in self.records[key])

    def directory_of(self, key: Key) -> str | None:
        """The directory that a package comes from, as the lock has it."""
        package = self.packages.get(key)
        return package.directory.path if package is not None and package.directory is not None else None

    def marker_of(self, key: Key) -> str | None:
        """Where a package of the index is there at all."""
        package = self.packages.get(key)
        return package.marker if package is not None else None

    def platforms_of(self, key: Key) -> tuple[str, ...]:
        """The platforms that have an entry of conda."""
        found = {name for each in self.records.get(key, ()) for name in each.targets()}
        return tuple(sorted(found))

    def label(self, key: Key) -> str:
        """Name and version, or where the package lies that has none in the lock."""
        directory = self.directory_of(key)
        return f"{bare(key)} {key[1] or (f'({directory})' if directory else '')}".rstrip()


def bare(key: Key) -> str:
    """What a package is called on its own side."""
    return key[0].removeprefix(CONDA)
