"""``hutch why``: why a package is in the lock, and what held its version."""

from __future__ import annotations

from hutch.errors import UsageProblem
from hutch.ops.edges import with_edges
from hutch.ops.graph import Graph, Key, make_graph
from hutch.ops.selection import SelectionOptions
from hutch.ops.sync import current_lock
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context

__all__ = ["WhyOptions", "WhyOutcome", "why"]

MOST_PATHS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyOptions:
    """The options of ``why``."""

    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyOutcome:
    """``entries`` by version: markers, the shortest paths from the project, who else needs it."""

    name: str
    entries: tuple[dict[str, Any], ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """For a person."""
        lines = []
        for entry in self.entries:
            where = f", where {entry['marker']}" if entry["marker"] else ""
            version = entry["version"] or (f"({entry['directory']})" if entry["directory"] else "")
            lines.append(f"{self.name} {version}{where}")
            for path in entry["paths"]:
                lines.append("  " + " → ".join(path))
            if entry["more"]:
                lines.append(f"  and {entry['more']} more")
            lines += [f"  {need}" for need in entry["constraints"]]
        return tuple(lines)

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "entries": list(self.entries)}


def why(context: Context, options: WhyOptions) -> WhyOutcome:
    """Paths from the project to the package, the shortest through each of its users."""
    checkout = context.checkout
    lock = with_edges(context, checkout, current_lock(context, checkout, SelectionOptions())[0])
    graph = make_graph(lock, checkout.told)
    from hutch.spec import normalize

    if checkout.manifest.name and normalize(options.name) == normalize(checkout.manifest.name):
        raise UsageProblem(f"{checkout.manifest.name} is this project", hint="hutch tree shows what it needs")
    keys = graph.named(options.name)
    entries = []
    for key in keys:
        paths = _paths(graph, key, checkout)
        entries.append(
            {
                "version": key[1],
                "directory": graph.directory_of(key),
                "marker": graph.packages[key].marker,
                "paths": paths[:MOST_PATHS],
                "more": max(0, len(paths) - MOST_PATHS),
                "constraints": _constraints(context, graph, key),
            }
        )
    return WhyOutcome(name=keys[0][0], entries=tuple(entries))


def _paths(graph: Graph, goal: Key, checkout: Checkout) -> list[list[str]]:
    """One path for each root and each user of ``goal``: from the project's requirement down to it."""
    above: dict[Key, Key | None] = {key: None for key, _ in graph.roots}
    queue = list(above)
    for key in queue:  # breadth first, so each is reached by a shortest path
        for below, _ in graph.needs.get(key, ()):
            if below not in above:
                above[below] = key
                queue.append(below)
    found = [
        [_root_label(checkout, root.where), graph.label(goal)] for key, root in graph.roots if key == goal
    ]
    for user, _ in graph.needed_by.get(goal, ()):
        chain: list[Key] = [goal]
        step: Key | None = user
        while step is not None and step not in chain:
            chain.append(step)
            step = above.get(step)
        first = chain[-1]
        for key, root in graph.roots:
            if key == first:
                labels = [graph.label(each) for each in reversed(chain)]
                found.append([_root_label(checkout, root.where), *labels])
                break
    return sorted(found, key=len)


def _root_label(checkout: Checkout, where: str) -> str:
    name = checkout.name
    return f"{name} ({checkout.told(where)})" if where != "project" else name


def _constraints(context: Context, graph: Graph, key: Key) -> list[str]:
    """What each user asks of the version, as far as its metadata is in the store."""
    from hutch.net import hide_credentials

    lines = []
    manifest = context.checkout.manifest
    for declared in manifest.requirements().values():
        for one in declared:
            if one.requirement.name == key[0]:
                lines.append(f"{hide_credentials(one.text)} is asked for in {one.place}")
    for user, _ in graph.needed_by.get(key, ()):
        text = _asked_by(context, graph, user, key[0])
        if text:
            lines.append(f"{user[0]} {user[1]} needs {text}")
    return lines


def _asked_by(context: Context, graph: Graph, user: Key, name: str) -> str | None:
    from hutch.index import Page, read_metadata

    package = graph.packages[user]
    page = context.indexes.read_page(package.name)
    if not isinstance(page, Page) or package.version not in page.versions:
        return None
    for file in page.files_of(page.versions.index(package.version)):
        metadata = read_metadata(context.store, page, file)
        for requirement in metadata.requirements if metadata is not None else ():
            if requirement.name == name:
                return requirement.render()
    return None
