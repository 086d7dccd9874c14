"""The lock as a graph, for ``tree`` and ``why``: who needs whom."""

from __future__ import annotations

from hutch.errors import Problem
from hutch.ops.checkout import plain_words
from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hutch.lock import Edge, Lock, LockedPackage, RootEdge

__all__ = ["Graph", "NotInLock", "make_graph"]

Key = tuple[str, str]


class NotInLock(Problem):
    """The lock has no package of that name."""

    code = "not-in-lock"

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        self.name = name
        hints = [f"did you mean {other}?" for other in near] or [f"hutch add {name} adds it"]
        super().__init__(f"{name} is not in the lock", hint=tuple(hints))


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Packages by (name, version), what each needs, who needs each, and what the project asks for."""

    packages: dict[Key, LockedPackage]
    needs: dict[Key, list[tuple[Key, Edge]]] = field(default_factory=dict)
    needed_by: dict[Key, list[tuple[Key, Edge]]] = field(default_factory=dict)
    roots: list[tuple[Key, RootEdge]] = field(default_factory=list)
    told: Callable[[str], str] = plain_words

    def named(self, name: str) -> list[Key]:
        """The entries of a name; ``NotInLock`` where there is none."""
        from hutch.spec import normalize

        normal = normalize(name)
        found = [key for key in self.packages if key[0] == normal]
        if not found:
            import difflib

            names = sorted({key[0] for key in self.packages})
            raise NotInLock(normal, tuple(difflib.get_close_matches(normal, names, n=2)))
        return found

    def directory_of(self, key: Key) -> str | None:
        """The directory that a package comes from, as the lock has it."""
        directory = self.packages[key].directory
        return directory.path if directory is not None else None

    def label(self, key: Key) -> str:
        """Name and version, or where the package lies that has none in the lock."""
        directory = self.directory_of(key)
        return f"{key[0]} {key[1] or (f'({directory})' if directory else '')}".rstrip()


def make_graph(lock: Lock, told: Callable[[str], str] = plain_words) -> Graph:
    """Read the edges of a lock; of a lock from another tool those that PEP 751 lets it note.

    ``told`` puts the name of a list (``group:dev``) into words.
    """
    graph = Graph(packages={}, told=told)
    for package in lock.packages:
        key: Key = (package.name, package.version or "")
        if (same := graph.packages.get(key)) is not None:  # one version, from two indexes
            edges = dict.fromkeys((*same.dependencies, *package.dependencies))
            package = replace(same, dependencies=tuple(edges))
        graph.packages[key] = package
    by_name: dict[str, list[Key]] = {}
    for key in graph.packages:
        by_name.setdefault(key[0], []).append(key)

    def targets(edge: Edge | RootEdge) -> list[Key]:
        if edge.version is not None:
            return [key for key in by_name.get(edge.name, ()) if key[1] == edge.version]
        found = by_name.get(edge.name, [])
        # Of several entries only a directory has no version to be told by.
        return [key for key in found if not key[1]] or found

    for above, package in graph.packages.items():
        for edge in package.dependencies:
            for below in targets(edge):
                graph.needs.setdefault(above, []).append((below, edge))
                graph.needed_by.setdefault(below, []).append((above, edge))
    for root in lock.roots:
        for below in targets(root):
            graph.roots.append((below, root))
    if not lock.roots:
        inner = set(graph.needed_by)
        from hutch.lock import RootEdge as Edge_

        graph.roots.extend(
            (key, Edge_(name=key[0], where="project"))  # type: ignore[arg-type]
            for key in graph.packages
            if key not in inner
        )
    return graph
