"""``hutch tree``: what needs what."""

from __future__ import annotations

from hutch.ops.edges import with_edges
from hutch.ops.env_part import part_of_environment, tell_environments
from hutch.ops.graph import CONDA, CondaNeed, Graph, Key, bare, make_graph
from hutch.ops.selection import SelectionOptions
from hutch.ops.sync import current_lock
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from hutch.lock import RootEdge
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.graph_model import AnyEdge

__all__ = ["Node", "TreeOptions", "TreeOutcome", "tree"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeOptions:
    """The options of ``tree``."""

    invert: bool = False
    depth: int | None = None
    package: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A package in the tree. ``repeated``: shown in full further up.

    ``kind`` is ``pypi`` or ``conda``, ``sided`` whether the lock has both; ``platforms`` are those on which
    it is needed there, empty where that is wherever the one above it is.
    """

    name: str
    version: str
    extras: tuple[str, ...] = ()
    marker: str | None = None
    where: str | None = None
    repeated: bool = False
    children: tuple[Node, ...] = ()
    directory: str | None = None
    kind: str = "pypi"
    sided: bool = False
    platforms: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "version": self.version,
            "kind": self.kind,
            "extras": list(self.extras),
            "marker": self.marker,
            "platforms": list(self.platforms),
            "where": self.where,
            "directory": self.directory,
            "repeated": self.repeated,
            "children": [child.to_json() for child in self.children],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeOutcome:
    """The trees, and as lines of text."""

    title: str
    nodes: tuple[Node, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """Drawn with lines, as ``tree`` and ``cargo tree`` do."""
        lines = [self.title] if self.title else []
        for number, node in enumerate(self.nodes):
            if self.title:
                _draw(node, "", number == len(self.nodes) - 1, lines)
            else:
                lines.append(_label(node))
                for child_number, child in enumerate(node.children):
                    _draw(child, "", child_number == len(node.children) - 1, lines)
        if any("(*)" in line for line in lines):
            lines.append("(*) shown in full further up")
        return tuple(lines)

    def to_json(self) -> dict[str, Any]:
        return {"title": self.title, "packages": [node.to_json() for node in self.nodes]}


def _draw(node: Node, indent: str, last: bool, lines: list[str]) -> None:
    lines.append(f"{indent}{'└── ' if last else '├── '}{_label(node)}")
    deeper = indent + ("    " if last else "│   ")
    for number, child in enumerate(node.children):
        _draw(child, deeper, number == len(node.children) - 1, lines)


def _label(node: Node) -> str:
    extras = f"[{','.join(node.extras)}]" if node.extras else ""
    kind, _, name = (node.where or "").partition(":")
    notes = [f"{kind} {name}"] if name else []
    if node.sided and node.kind == "conda":
        notes.append("conda")
    if node.platforms:
        notes.append(f"on {', '.join(node.platforms)}")
    if node.marker:
        notes.append(node.marker)
    note = f" ({'; '.join(notes)})" if notes else ""
    version = node.version or (f"({node.directory})" if node.directory else "")
    return f"{node.name}{extras} {version}{note}{' (*)' if node.repeated else ''}"


def tree(context: Context, options: TreeOptions) -> TreeOutcome:
    """The tree of the lock, from the project or from some packages; inverted, towards the project."""
    checkout = context.checkout
    lock = with_edges(context, checkout, current_lock(context, checkout, SelectionOptions())[0])
    graph = make_graph(part_of_environment(context, checkout, lock), checkout.told)
    tell_environments(context, lock)
    depth = options.depth if options.depth is not None else 1 << 30
    seen: set[Key] = set()
    if options.package or options.invert:
        keys = [key for name in options.package for key in graph.named(name)]
        if not keys:
            keys = sorted((key for key in graph.keys if key not in graph.needs), key=_order)
        grow = _grow_up if options.invert else _grow
        return TreeOutcome(title="", nodes=tuple(grow(graph, key, None, depth, seen) for key in keys))
    if checkout.members:
        found = tuple(_nodes_of_members(graph, checkout, depth, seen)) if depth else ()
        return TreeOutcome(title=checkout.name, nodes=found)
    name = checkout.name
    title = f"{name} {checkout.manifest.version}" if checkout.manifest.version else name
    if depth == 0:
        return TreeOutcome(title=title, nodes=())
    nodes = [
        _grow(graph, key, root, depth - 1, seen)
        for key, root in sorted(
            graph.roots, key=lambda pair: (_rank(pair[1].where or "project"), _order(pair[0]))
        )
    ]
    return TreeOutcome(title=title, nodes=tuple(nodes))


def _nodes_of_members(graph: Graph, checkout: Checkout, depth: int, seen: set[Key]) -> Iterator[Node]:
    """A tree for each member; what only the groups of the root ask for goes last."""
    asked: dict[str, list[tuple[Key, RootEdge | CondaNeed]]] = {}
    for key, root in sorted(graph.roots, key=lambda pair: _order(pair[0])):
        asked.setdefault(root.where or "project", []).append((key, root))
    alone: list[Node] = []
    for one in checkout.members:
        itself = (str(one.name), "")
        children: list[Node] = []
        repeated = False
        if one.installs and itself in graph.packages:
            grown = _grow(graph, itself, None, depth - 1, seen)
            children, repeated = list(grown.children), grown.repeated
        for local, where in sorted(one.wheres.items(), key=lambda item: _rank(item[0])):
            for key, root in asked.get(where, ()):
                if key != itself and depth > 1:
                    children.append(replace(_grow(graph, key, root, depth - 2, seen), where=local))
        if one.is_project:
            yield Node(
                name=one.name,
                version="",
                directory=one.path,
                repeated=repeated,
                children=tuple(children),
            )
        else:
            alone += children
    for key, root in asked.get("project", ()):
        if isinstance(root, CondaNeed):  # what the root asks conda for is for everybody
            alone.append(_grow(graph, key, root, depth - 1, seen))
    yield from alone


def _order(key: Key) -> tuple[str, Key]:
    """By name, whichever side it comes from."""
    return bare(key), key


def _rank(where: str) -> tuple[int, str]:
    kind, _, name = where.partition(":")
    return ("project", "extra", "group").index(kind), name


def _node(graph: Graph, key: Key, edge: AnyEdge | None, repeated: bool, children: Iterable[Node]) -> Node:
    return Node(
        name=bare(key),
        version=key[1],
        extras=edge.extras if edge is not None else (),
        marker=edge.marker if edge is not None else None,
        where=getattr(edge, "where", None),
        repeated=repeated,
        children=tuple(children),
        directory=graph.directory_of(key),
        kind="conda" if key[0].startswith(CONDA) else "pypi",
        sided=graph.is_mixed,
        platforms=edge.platforms if isinstance(edge, CondaNeed) else (),
    )


def _grow(graph: Graph, key: Key, edge: AnyEdge | None, depth: int, seen: set[Key]) -> Node:
    needs = graph.needs.get(key, [])
    repeated = key in seen and bool(needs)
    seen.add(key)
    children = [] if repeated or depth <= 0 else [_grow(graph, k, e, depth - 1, seen) for k, e in needs]
    return _node(graph, key, edge, repeated and depth > 0, children)


def _grow_up(graph: Graph, key: Key, edge: AnyEdge | None, depth: int, seen: set[Key]) -> Node:
    """The inverted tree. The leaves are what the project itself asks for; ``where`` marks them."""
    users = graph.needed_by.get(key, [])
    repeated = key in seen and bool(users)
    seen.add(key)
    children = [] if repeated or depth <= 0 else [_grow_up(graph, k, e, depth - 1, seen) for k, e in users]
    node = _node(graph, key, edge, repeated and depth > 0, children)
    asked = [root.where or "project" for root_key, root in graph.roots if root_key == key]
    where = ", ".join("the project" if w == "project" else graph.told(w) for w in dict.fromkeys(asked))
    if not where:
        return node
    return replace(node, extras=(), marker=f"asked for by {where}", where=None)
