"""``hutch why``: why a package is in the lock, and what held its version."""

from __future__ import annotations

from hutch.errors import UsageProblem
from hutch.ops.edges import with_edges
from hutch.ops.env_part import part_of_environment
from hutch.ops.graph import CONDA, CondaNeed, Graph, Key, NotInLock, bare, make_graph
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
    """``entries`` by version: markers, the shortest paths from the project, who else needs it.

    Of one that comes from conda ``builds`` are (build, channel, platforms).
    """

    name: str
    entries: tuple[dict[str, Any], ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """For a person."""
        lines = []
        for entry in self.entries:
            where = f", where {entry['marker']}" if entry["marker"] else ""
            version = entry["version"] or (f"({entry['directory']})" if entry["directory"] else "")
            lines.append(f"{entry.get('name', self.name)} {version}{where}")
            lines += [f"  {_built(each)}" for each in entry.get("builds", ())]
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
    graph = make_graph(part_of_environment(context, checkout, lock), checkout.told)
    from hutch.spec import normalize

    if checkout.manifest.name and normalize(options.name) == normalize(checkout.manifest.name):
        raise UsageProblem(f"{checkout.manifest.name} is this project", hint="hutch tree shows what it needs")
    try:
        keys = graph.named(options.name)
    except NotInLock as problem:
        if context.env is None:
            raise
        make_graph(lock).named(options.name)  # which is the problem where none of the environments has it
        raise NotInLock(problem.name, (), context.env) from None
    entries = []
    for key in keys:
        paths = _paths(graph, key, checkout)
        entries.append(
            {
                "name": bare(key),
                "version": key[1],
                "kind": "conda" if key[0].startswith(CONDA) else "pypi",
                "builds": _builds(graph, key),
                "directory": graph.directory_of(key),
                "marker": graph.marker_of(key),
                "paths": paths[:MOST_PATHS],
                "more": max(0, len(paths) - MOST_PATHS),
                "constraints": _constraints(context, graph, key),
            }
        )
    return WhyOutcome(name=bare(keys[0]), entries=tuple(entries))


def _builds(graph: Graph, key: Key) -> list[dict[str, Any]]:
    """The records of a package of conda, and who has them."""
    return [
        {"build": each.record.build, "channel": each.record.channel, "platforms": list(each.targets())}
        for each in graph.records.get(key, ())
    ]


def _built(found: dict[str, Any]) -> str:
    from hutch.net import hide_credentials

    where = f" on {', '.join(found['platforms'])}" if found["platforms"] else ""
    return f"{found['build']} from {hide_credentials(found['channel'])}{where}"


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
        [_root_label(checkout, root.where or "project"), graph.label(goal)]
        for key, root in graph.roots
        if key == goal
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
                found.append([_root_label(checkout, root.where or "project"), *labels])
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
    names = _names(graph, key)
    wheres = _wheres(context.checkout, graph, key)
    for where, declared in manifest.requirements().items():
        for one in declared:
            if one.requirement.name in names and (wheres is None or where in wheres):
                lines.append(f"{hide_credentials(one.text)} is asked for in {one.place}")
    if manifest.settings.conda is not None:
        from hutch.ops.conda_project import place_of

        for each in manifest.settings.conda.dependencies:
            if key[0] != f"{CONDA}{each.name}" and each.name not in names:
                continue
            if each.constraint or wheres is None or each.where in wheres:
                verb = "is a constraint" if each.constraint else "is asked for"
                lines.append(f"{hide_credentials(each.spec)} {verb} in {place_of(manifest, each)}")
    for user, edge in graph.needed_by.get(key, ()):
        text = edge.spec if isinstance(edge, CondaNeed) else _asked_by(context, graph, user, key[0])
        if text:
            lines.append(f"{bare(user)} {user[1]} needs {text}")
    for user, spec in _constrainers(graph, key):
        lines.append(f"{bare(user)} {user[1]} constrains {spec}")
    return list(dict.fromkeys(lines))


def _wheres(checkout: Checkout, graph: Graph, key: Key) -> frozenset[str] | None:
    """The lists that lead to this very version; None where the lock does not tell."""
    found = frozenset(root.where or "project" for root_key, root in graph.roots if root_key == key)
    return None if checkout.members or not found else found


def _names(graph: Graph, key: Key) -> frozenset[str]:
    """What an entry is called on an index."""
    from hutch.lock import distributions_of

    if not key[0].startswith(CONDA):
        return frozenset((key[0],))
    return frozenset(name for each in graph.records.get(key, ()) for name in distributions_of(each.record))


def _constrainers(graph: Graph, key: Key) -> list[tuple[Key, str]]:
    """The records that say what a package of conda has to be if it is there."""
    from hutch.spec import parse_conda_spec

    found: dict[tuple[Key, str], None] = {}
    for user, packages in graph.records.items():
        for text in (text for package in packages for text in package.record.constrains):
            if key[0].startswith(CONDA) and parse_conda_spec(text).name == bare(key):
                found[user, text] = None
    return list(found)


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
