"""The lock as a graph, for ``tree`` and ``why``: who needs whom, whichever side each comes from."""

from __future__ import annotations

from hutch.ops.checkout import plain_words
from hutch.ops.graph_model import CONDA, CondaNeed, Graph, Key, NotInLock, bare
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from hutch.lock import Edge, Lock, RootEdge

    AnyEdge: TypeAlias = "Edge | RootEdge | CondaNeed"

__all__ = ["CONDA", "CondaNeed", "Graph", "Key", "NotInLock", "bare", "make_graph"]


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
    if lock.conda is not None:
        from hutch.ops.conda_graph import add_records

        add_records(graph, lock, by_name)
    elif not lock.roots:
        inner = set(graph.needed_by)
        from hutch.lock import RootEdge as Edge_

        graph.roots.extend(
            (key, Edge_(name=key[0], where="project"))  # type: ignore[arg-type]
            for key in graph.packages
            if key not in inner
        )
    return graph
