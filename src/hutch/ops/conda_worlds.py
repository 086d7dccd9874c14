"""Which of a project's environments are solved for together, and which apart: clusters.

Groups and environments of hutch are solved together, as everywhere. Apart are environments that say so
(``solve-group``), those whose Python, channels or machines differ from the project's, groups that are
declared to conflict, and what turns out to contradict. Clusters are solved one after another, and each rather
takes what the ones before it have. See ``docs/explanation/conda.md``, "Several environments".
"""

from __future__ import annotations

from hutch.errors import UsageProblem
from hutch.lock.conda_worlds import FIRST
from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from hutch.ops.conda_question import CondaAsked
    from hutch.ops.resolve import Root
    from hutch.project import CondaPlatform, DeclaredEnvironment, Manifest

__all__ = ["Cluster", "Member", "clusters_of", "held_apart"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An environment: what is chosen in it, and the names of its platforms. Without a ``name`` it is a choice
    that nobody declared, but that has to be solved for."""

    name: str
    wheres: frozenset[str]
    platforms: tuple[str, ...]
    python: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What is solved for together: environments, and whatever else (``more``) can be chosen beside them."""

    name: str
    members: tuple[Member, ...]
    more: frozenset[str] = frozenset()
    channels: tuple[str, ...] = ()
    platforms: tuple[CondaPlatform, ...] = ()
    limits: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), compare=False)
    """The platforms of lists that are not for all of them."""

    @property
    def wheres(self) -> frozenset[str]:
        """All that is asked for."""
        return self.more.union(*(each.wheres for each in self.members))

    @property
    def whole(self) -> frozenset[str]:
        """The lists that an environment has without the project's own dependencies."""
        alone = (each.wheres for each in self.members if "project" not in each.wheres)
        return frozenset().union(*alone) if "project" in self.wheres else frozenset()

    def asked(self, asked: Iterable[CondaAsked]) -> Iterator[CondaAsked]:
        """What of the project's MatchSpecs is asked here; and the Python that an environment names."""
        from hutch.ops.conda_question import CondaAsked

        names = [platform.name for platform in self.platforms]
        limits = dict(self.limits)
        for each in asked:
            if each.where not in self.wheres:
                continue
            known = limits.get(each.where, names)
            here = tuple(name for name in each.targets or names if name in known and name in names)
            if here:
                yield replace(each, targets=here if len(here) < len(names) else ())
        for spec, place in sorted({(each.python, each.place) for each in self.members if each.python}):
            yield CondaAsked(spec=spec, constraint=True, place=place, where=min(self.wheres))

    def roots(self, roots: Iterable[Root]) -> tuple[Root, ...]:
        """What of the requirements for the index is asked here."""
        return tuple(root for root in roots if root.where in self.wheres or root.constraint)


def clusters_of(
    manifest: Manifest, platforms: tuple[CondaPlatform, ...], lists: Collection[str] = ()
) -> tuple[Cluster, ...]:
    """The clusters of a project, that of its first environment first. ``lists`` are more than the manifest
    names: extras that a build backend computes."""
    return _Plan(manifest, platforms, lists).clusters()


def held_apart(
    cluster: Cluster, wheres: Collection[str], manifest: Manifest, platforms: tuple[CondaPlatform, ...]
) -> tuple[Cluster, ...]:
    """The first cluster without these lists, and one for each environment that has them; empty where the
    contradiction is within what the first environment has, or no environment can be taken away."""
    plan = _Plan(manifest, platforms)
    first = cluster.members[0]
    moved = frozenset(wheres) - first.wheres
    if not moved:
        return ()
    stay = tuple(each for each in cluster.members if not each.wheres & moved)
    leaving = [each for each in cluster.members if each.wheres & moved]
    known = {each.wheres for each in leaving}
    for where in sorted(moved & cluster.more):
        if first.wheres | {where} not in known:
            leaving.append(plan.choice(first.wheres | {where}))
    rest = replace(cluster, members=stay, more=cluster.more - moved)
    # With a list that nobody declared an environment for, all else can be chosen as well.
    return (
        rest,
        *(plan.cluster((each,), each.name, frozenset() if each.name else rest.more) for each in leaving),
    )


class _Plan:
    def __init__(
        self, manifest: Manifest, platforms: tuple[CondaPlatform, ...], lists: Collection[str] = ()
    ) -> None:
        settings = manifest.settings.conda
        assert settings is not None
        self.manifest, self.settings, self.platforms = manifest, settings, platforms
        self.declared = manifest.settings.environments
        self.lists = lists
        self.first = self.member(FIRST, {"project", *_groups(manifest.default_groups)})

    def clusters(self) -> tuple[Cluster, ...]:
        first = self.declared.get(FIRST)
        own = first.solve_group if first is not None else None
        found: dict[tuple[object, ...], list[Member]] = {}
        key = self.key(self.first, own)
        found[key] = [self.first]
        names = {key: own or FIRST}
        for name, each in self.declared.items():
            if name != FIRST:
                member = self.declared_member(name, each)
                at = self.key(member, each.solve_group)
                found.setdefault(at, []).append(member)
                names.setdefault(at, each.solve_group or name)
        more: set[str] = set()
        for where in self.loose():
            member = self.choice(self.first.wheres | {where})
            at = self.key(member, own)
            if at == key:
                more.add(where)
            else:
                found.setdefault(at, []).append(member)
                names.setdefault(at, where.partition(":")[2])
        clusters = [
            self.cluster(tuple(members), names[at], frozenset(more) if at == key else frozenset())
            for at, members in found.items()
        ]
        for conflict in self.manifest.settings.conflicts:
            if frozenset(conflict) <= clusters[0].wheres:
                apart = held_apart(clusters[0], conflict, self.manifest, self.platforms)
                clusters[:1] = apart or clusters[:1]
        return tuple(clusters)

    def key(self, member: Member, solve_group: str | None) -> tuple[object, ...]:
        """Members of one key are solved together."""
        if solve_group is not None:
            return (solve_group,)
        groups = [
            self.settings.groups[where] for where in sorted(member.wheres & self.settings.groups.keys())
        ]
        asked = tuple(each for each in ((one.channels, one.requirements) for one in groups) if any(each))
        return (None, asked, member.python)

    def member(self, name: str, wheres: Iterable[str], python: str | None = None) -> Member:
        chosen = frozenset(wheres)
        groups = [self.settings.groups[where] for where in sorted(chosen & self.settings.groups.keys())]
        here = tuple(each.name for each in self.platforms if all(one.is_for(each) for one in groups))
        if not here and name:
            raise UsageProblem(
                f"the environment {name} is for no platform",
                why="its groups have no platform in common with each other and with the project",
                hint="see `platforms` of [tool.hutch.conda] and of its groups",
            )
        place = ""
        if python is not None:
            path = ("tool", "hutch", "environments", name, "python")
            filename = self.manifest.locator.filename(path) or self.manifest.filename
            place = f"{filename}:{self.manifest.line(*path)}"
        return Member(name=name, wheres=chosen, platforms=here, python=_python_spec(python), place=place)

    def choice(self, wheres: Iterable[str]) -> Member:
        return self.member("", wheres)

    def declared_member(self, name: str, each: DeclaredEnvironment) -> Member:
        from hutch.spec import normalize

        left = {normalize(group) for group in each.no_groups}
        if each.only_groups:
            groups = {normalize(group) for group in each.only_groups} - left
            return self.member(name, _groups(groups), each.python)
        groups = {*self.manifest.default_groups, *map(normalize, each.groups)} - left
        if not each.dev:
            groups.discard(normalize("dev"))
        extras = (f"extra:{normalize(extra)}" for extra in each.extras)
        return self.member(name, {"project", *_groups(groups), *extras}, each.python)

    def loose(self) -> Iterator[str]:
        """The lists that are in no environment; not groups that stand for one, as the dialect of pixi has."""
        from hutch.spec import normalize

        if self.declared and "pixi" in self.manifest.dialects:
            return  # what no environment has is nowhere, for pixi
        used = set(self.first.wheres)
        for name, each in self.declared.items():
            used |= self.declared_member(name, each).wheres if name != FIRST else set()
        conda = {*(each.where for each in self.settings.dependencies), *self.settings.groups}
        stand = {f"group:{normalize(name)}" for name in self.declared} - conda
        extras = (f"extra:{name}" for name in self.manifest.optional_dependencies)
        yield from sorted({*_groups(self.manifest.groups), *extras, *conda, *self.lists} - used - stand)

    def cluster(self, members: tuple[Member, ...], name: str, more: frozenset[str] = frozenset()) -> Cluster:
        """The cluster of some members, with the channels and platforms that their groups ask for."""
        wheres = more.union(*(each.wheres for each in members))
        groups = {where: one for where, one in self.settings.groups.items() if where in wheres}
        said = [one.channels for one in groups.values() if one.channels is not None]
        channels = tuple(
            dict.fromkeys(each for found in (*said, self.settings.channels or ()) for each in found)
        )
        least: dict[str, str] = {}
        for one in groups.values():
            for virtual, version in one.requirements:
                least[virtual] = _greater(version, least.get(virtual))
        named = {each for member in members for each in member.platforms}
        platforms = []
        for platform in self.platforms:
            if platform.name in named:
                own = dict(platform.requirements)
                own |= {virtual: _greater(version, own.get(virtual)) for virtual, version in least.items()}
                platforms.append(replace(platform, requirements=tuple(sorted(own.items()))))
        limits = [
            (where, tuple(each.name for each in self.platforms if one.is_for(each)))
            for where, one in groups.items()
            if one.platforms is not None
        ]
        return Cluster(
            name=name or min(members[0].wheres - self.first.wheres, default=FIRST).rpartition(":")[2],
            members=members,
            more=more,
            channels=channels,
            platforms=tuple(platforms),
            limits=tuple(limits),
        )


def _groups(names: Iterable[str]) -> Iterator[str]:
    return (f"group:{name}" for name in names)


def _greater(version: str, other: str | None) -> str:
    """The higher of two versions of a virtual package: what has to be there satisfies both."""
    from hutch.spec import InvalidCondaVersion, parse_conda_version, parse_version_spec

    try:
        is_less = other is not None and not parse_version_spec(f">={other}")(parse_conda_version(version))
    except InvalidCondaVersion:  # a CPU has a name
        is_less = False
    return other if other is not None and is_less else version


def _python_spec(text: str | None) -> str:
    """A MatchSpec of the Python that an environment asks for; empty where it is no version."""
    words = (text or "").strip().removeprefix("cpython").removeprefix("@").strip()
    if not words:
        return ""
    if words[0] in "<>=!~":
        return f"python {words.replace(' ', '')}"
    return f"python {words}.*" if words.replace(".", "").isdigit() else ""
