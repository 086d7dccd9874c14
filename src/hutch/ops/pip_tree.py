"""``hutch pip tree``: what needs what among all that is installed."""

from __future__ import annotations

from hutch.errors import Problem
from hutch.ops.pip_place import Where, find_place
from hutch.ops.tree import Node, TreeOutcome
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.ops.context import Context
    from hutch.ops.pip_dists import Dist
    from hutch.ops.pip_place import Place
    from hutch.spec import Requirement

__all__ = ["NotInstalled", "PipTreeOptions", "pip_tree"]


class NotInstalled(Problem):
    """A package was named that is not there."""

    code = "not-installed"

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(f"not installed: {', '.join(names)}", hint="hutch pip list shows what is installed")


@dataclass(frozen=True, slots=True, kw_only=True)
class PipTreeOptions(Where):
    """The options of ``pip tree``. ``prune`` names packages that are left out, with what they alone need."""

    invert: bool = False
    depth: int | None = None
    package: tuple[str, ...] = ()
    prune: tuple[str, ...] = ()
    outdated: bool = False
    dedupe: bool = True
    strict: bool = False


def pip_tree(context: Context, options: PipTreeOptions) -> TreeOutcome:
    """The trees of what nothing else needs, or of what was named."""
    from hutch.spec import normalize

    place = find_place(
        context,
        options,
    )
    dists = place.dists()
    if options.strict:
        from hutch.ops.pip_check import tell_faults

        tell_faults(context, place, dists)
    pruned = {str(normalize(name)) for name in options.prune}
    named = [str(normalize(name)) for name in options.package]
    known = {str(one.name): one for one in dists if str(one.name) not in pruned}
    absent = [name for name in named if name not in known]
    if absent:
        raise NotInstalled(absent)
    latest: dict[str, str] = {}
    if options.outdated:
        from hutch.ops.pip_latest import find_latest

        newest = find_latest(context, (one.name for one in known.values()), place.interpreter)
        latest = {name: one.version for name, one in newest.items()}
    grown = _Grown(known, pruned, place, latest, options)
    starts = named or grown.starts()
    depth = options.depth if options.depth is not None else 1 << 30
    return TreeOutcome(title="", nodes=tuple(grown.node(name, None, (), depth, ()) for name in starts))


class _Grown:
    """The edges between what is installed, and trees along them."""

    def __init__(
        self,
        known: dict[str, Dist],
        pruned: set[str],
        place: Place,
        latest: dict[str, str],
        options: PipTreeOptions,
    ) -> None:
        self.known = known
        self.pruned = pruned
        self.place = place
        self.latest = latest
        self.options = options
        self.seen: set[tuple[str, tuple[str, ...]]] = set()
        self.users: dict[str, list[tuple[str, Requirement]]] = {}
        for name, extras in self._asked_for():
            for requirement in self.needs(name, extras):
                users = self.users.setdefault(str(requirement.name), [])
                if all(name != user for user, _ in users):
                    users.append((name, requirement))

    def _asked_for(self) -> list[tuple[str, tuple[str, ...]]]:
        """Every package, and with the extras that others want of it."""
        found: dict[tuple[str, tuple[str, ...]], None] = {(name, ()): None for name in sorted(self.known)}
        todo = list(found)
        while todo:
            for requirement in self.needs(*todo.pop()):
                key = str(requirement.name), requirement.extras
                if key not in found and key[0] in self.known:
                    found[key] = None
                    todo.append(key)
        return list(found)

    def needs(self, name: str, extras: tuple[str, ...]) -> list[Requirement]:
        """What a package needs here, one a name; what cannot be read needs nothing."""
        from hutch.spec import InvalidRequirement

        one = self.known.get(name)
        if one is None:
            return []
        found: dict[str, Requirement] = {}
        try:
            for need in one.needs(self.place.markers, extras):
                if str(need.requirement.name) not in self.pruned:
                    found.setdefault(str(need.requirement.name), need.requirement)
        except InvalidRequirement:
            return []
        return [found[each] for each in sorted(found)]

    def starts(self) -> list[str]:
        """What nothing else needs (inverted: what needs nothing); of a ring that nothing needs, the first."""
        up = {name: {user for user, _ in self.users.get(name, ())} for name in self.known}
        down: dict[str, set[str]] = {name: set() for name in self.known}
        for name, users in up.items():
            for user in users:
                down[user].add(name)
        if self.options.invert:
            up, down = down, up
        found: list[str] = []
        reached: set[str] = set()
        for name in sorted(self.known):
            if name not in reached and _closure(name, up) <= (below := _closure(name, down)):
                found.append(name)
                reached |= below
        return found

    def node(
        self,
        name: str,
        edge: Requirement | None,
        extras: tuple[str, ...],
        depth: int,
        above: tuple[str, ...],
    ) -> Node:
        """The tree of a package; what was shown further up, or is above it, is not shown in full again."""
        one = self.known.get(name)
        if self.options.invert:
            below = [(user, requirement, ()) for user, requirement in self.users.get(name, ())]
        else:
            needs = self.needs(name, extras)
            below = [(str(each.name), each, each.extras) for each in needs]  # type: ignore[misc]
        key = (name, extras)
        repeated = bool(below) and (name in above or (self.options.dedupe and key in self.seen))
        self.seen.add(key)
        children: list[Node] = []
        if not repeated and depth > 0:
            children = [
                self.node(each, requirement, tuple(more), depth - 1, (*above, name))
                for each, requirement, more in below
            ]
        return Node(
            name=one.raw_name if one is not None else name,
            version=one.version if one is not None else "(not installed)",
            extras=extras,
            marker=self._note(name, one, edge),
            repeated=repeated and depth > 0,
            children=tuple(children),
        )

    def _note(self, name: str, one: Dist | None, edge: Requirement | None) -> str | None:
        """What is to be said of it: a requirement that it does not meet, a newer version."""
        from hutch.spec import InvalidVersion, admits, render_specifiers, version_key

        notes = []
        if edge is not None and edge.specifiers:
            wanted = render_specifiers(edge.specifiers)
            asked = self.known.get(str(edge.name))
            if asked is None or not admits(edge.specifiers, asked.version):
                subject = f"needs {edge.name} {wanted}" if self.options.invert else f"needed: {wanted}"
                notes.append(subject)
        newest = self.latest.get(name)
        if one is not None and newest is not None:
            try:
                if version_key(newest) > version_key(one.version):
                    notes.append(f"latest: {newest}")
            except InvalidVersion:
                pass
        return "; ".join(notes) or None


def _closure(name: str, edges: dict[str, set[str]]) -> set[str]:
    """Everything that can be come to along the edges, and the beginning."""
    found: set[str] = set()
    todo = [name]
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            todo += edges[each]
    return found
