"""Several resolutions in one lock: which world an environment is in, and an environment's part alone.

A *world* is what was solved for together; each has targets of its own, so what a record is for is said by
the names of its targets as ever. Wheels have markers (``group:gpu`` is ``'gpu' in dependency_groups``), which
other installers read as well. See ``docs/explanation/conda.md``.
"""

from __future__ import annotations

from hutch.errors import Problem, some_lines
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from typing import Protocol

    from hutch.lock.check import Violation
    from hutch.lock.conda_model import CondaEdge, CondaEnvironment, CondaLock, CondaWorld
    from hutch.lock.lockfile import Lock
    from hutch.lock.model import Edge, LockedPackage, RootEdge
    from hutch.spec import CoreMetadata, Requirement, Target

    class _World(Protocol):
        @property
        def name(self) -> str: ...
        @property
        def wheres(self) -> Collection[str]: ...


__all__ = [
    "FIRST",
    "NotSolvedTogether",
    "check_worlds",
    "choices_of",
    "chosen_lock",
    "environment_lock",
    "meant",
    "only_in",
    "world_of",
]

FIRST = "default"
"""The name that the first environment of a project has among ``CondaLock.environments``."""


class NotSolvedTogether(Problem):
    """What is chosen is in no world at once."""

    code = "not-solved-together"

    def __init__(self, wheres: Collection[str], part: CondaLock) -> None:
        chosen = [_words(where) for where in sorted(wheres, key=lambda each: (each != "project", each))]
        environments = sorted(part.environments, key=lambda each: each.name)
        known = [f"{each.name} has {_list(each.wheres)}" for each in environments]
        super().__init__(
            f"the lock has no packages of conda for {', '.join(chosen)} together",
            why=some_lines(known, 8),
            hint=(
                "choose an environment with --env",
                "declare one in [tool.hutch.environments] and run hutch lock",
            ),
        )


def _words(where: str) -> str:
    kind, _, name = where.partition(":")
    return f"the {kind} {name}" if name else "the project"


def _list(wheres: Iterable[str]) -> str:
    return ", ".join(map(_words, sorted(wheres, key=lambda each: (each != "project", each)))) or "nothing"


def world_of(
    part: CondaLock, *, environment: str | None = None, wheres: Collection[str] | None = None
) -> CondaWorld | None:
    """The world of what is chosen; None in a lock that has none. Raises ``NotSolvedTogether``.

    ``environment`` is the name of a declared one (None: the first), ``wheres`` are what is chosen there; None
    of both: the first environment.
    """
    if not part.worlds:
        return None
    named = part.environment(environment or FIRST)
    if wheres is None:
        if named is None:
            raise NotSolvedTogether((), part)
        return part.world(named.world)
    chosen = meant(part, wheres)
    own = named.world if named is not None else ""
    fitting = [
        (each.world != own, -len(each.wheres), len(world.wheres), world.name, world)
        for each in part.environments
        if (world := part.world(each.world)) is not None and _holds(part, world, each, chosen)
    ]
    if not fitting:
        raise NotSolvedTogether(chosen, part)
    return min(fitting, key=lambda one: one[:4])[4]


def _holds(part: CondaLock, world: CondaWorld, each: CondaEnvironment, chosen: frozenset[str]) -> bool:
    """Whether a choice is ``each``, or that and more of its world, or has something that only its world has.

    What the first environment has need not be chosen, but the project's own dependencies, or that there are
    none."""
    if not chosen <= frozenset(world.wheres) or ("project" in chosen) is not ("project" in world.wheres):
        return False
    if each.group:  # groups alone do not mean it
        return chosen == frozenset(each.wheres)
    first = part.environment(FIRST)
    own = frozenset(each.wheres).difference(first.wheres if first is not None else ())
    return own <= chosen or any(where in chosen for where in only_in(part.worlds, world))


def only_in(worlds: Iterable[_World], world: _World) -> frozenset[str]:
    """The lists that no other world has: each of them tells this one apart."""
    others = (other.wheres for other in worlds if other.name != world.name)
    return frozenset(world.wheres).difference({"project"}, *others)


def meant(part: CondaLock, wheres: Collection[str]) -> frozenset[str]:
    """What is chosen; a group that is the name of an environment, and nothing else, means what that has."""
    chosen = frozenset(wheres)
    if part.worlds:
        known = frozenset().union(*(world.wheres for world in part.worlds))
        for where in sorted(chosen - known):
            each = part.environment(where.removeprefix("group:")) if where.startswith("group:") else None
            if each is not None:
                return frozenset(each.wheres)
    return chosen


def chosen_lock(
    lock: Lock,
    environment: str | None,
    wheres: Collection[str],
    *,
    plain: bool = False,
    named: bool = False,
    alone: bool = False,
) -> Lock:
    """A lock with worlds as it were if what is chosen was all there is; any other lock as it is, unless the
    choice is wanted ``alone`` of that, too.

    Raises ``NotSolvedTogether``. See ``world_of`` and ``environment_lock``.
    """
    part = lock.conda
    world = world_of(part, environment=environment, wheres=wheres) if part is not None else None
    if part is None or (world is None and not alone):
        return lock
    from hutch.lock.conda_model import CondaEnvironment

    chosen = meant(part, wheres)
    if world is None:
        typed = CondaEnvironment(name="", world="", wheres=tuple(sorted(chosen)))
        return environment_lock(lock, typed, plain=plain, named=named)
    same = [
        each for each in part.environments if each.world == world.name and chosen == frozenset(each.wheres)
    ]
    same.sort(key=lambda each: each.name != (environment or FIRST))
    typed = CondaEnvironment(name="", world=world.name, wheres=tuple(sorted(chosen)))
    return environment_lock(lock, same[0] if same else typed, plain=plain, named=named)


def environment_lock(
    lock: Lock, environment: CondaEnvironment, *, plain: bool = False, named: bool = False
) -> Lock:
    """The lock as it were if ``environment`` was all there is: no groups, no extras, no worlds.

    ``plain``: its targets have the names of their platforms, without that of the world. ``named``: what is
    asked for is noted by the lists that ask, for somebody who looks at it.
    """
    part = lock.conda
    assert part is not None
    chosen = frozenset(environment.wheres)
    world = environment.world if part.worlds else ""
    targets = tuple(replace(target, world="") for target in part.targets if target.world == world)
    said = {
        target.name: target.name.removeprefix(f"{world}.") if plain else target.name for target in targets
    }
    targets = tuple(replace(target, name=said[target.name]) for target in targets)
    packages = []
    for each in part.packages:
        here = tuple(said[name] for name in each.targets(chosen) if name in said)
        if here:
            packages.append(replace(each, reached=(("project", here),)))
    roots = []
    for root in part.roots:
        here = tuple(said[name] for name in root.targets if name in said)
        if root.where in chosen and (here or not root.targets):
            where = root.where if named else "project"
            roots.append(replace(root, where=where, targets=here if len(here) < len(said) else ()))
    pythons = tuple(dict.fromkeys(target.python for target in targets if target.python))
    wheels = tuple(_wheels(lock, chosen, environment.group, pythons))
    versions = {(wheel.name, wheel.version) for wheel in wheels}
    names_there = {name for name, _ in versions}
    edges = [
        replace(edge, where=(edge.where if named else "project") if edge.where else "")
        for edge in part.edges
        if (edge.where in chosen if edge.where else _is_wheel_of(edge, versions))
    ]

    def is_of_here(edge: Edge | RootEdge) -> bool:
        """Whether it does not lead to what another world has of that name."""
        return (edge.name, edge.version) in versions or not edge.version or edge.name not in names_there

    return replace(
        lock,
        conda=replace(
            part,
            channels=_channels(part, world),
            targets=targets,
            packages=tuple(packages),
            roots=tuple(dict.fromkeys(roots)),
            edges=tuple(dict.fromkeys(edges)),
            worlds=(),
            environments=(),
        ),
        packages=tuple(
            replace(wheel, dependencies=tuple(filter(is_of_here, wheel.dependencies))) for wheel in wheels
        ),
        roots=tuple(
            replace(root, where=root.where if named else "project")
            for root in lock.roots
            if root.where in chosen and is_of_here(root)
        ),
        targets=pythons,
        environments=(),
        extras=(),
        dependency_groups=(),
        default_groups=(),
        conflicts=(),
    )


def _is_wheel_of(edge: CondaEdge, versions: Collection[tuple[str, str | None]]) -> bool:
    """Whether the wheel is there that a need across the border is about."""
    if edge.version is not None:
        return (edge.wheel, edge.version) in versions
    return any(name == edge.wheel for name, _ in versions)


def _channels(part: CondaLock, name: str) -> tuple[str, ...]:
    world = part.world(name)
    return world.channels if world is not None and world.channels else part.channels


def _wheels(
    lock: Lock, chosen: frozenset[str], group: str, pythons: tuple[str, ...]
) -> Iterator[LockedPackage]:
    """The entries that are there with a choice, on any of these targets; what is left of their markers."""
    from hutch.lock.markers import assuming
    from hutch.spec import NEVER, evaluate, parse_marker, parse_target, render_marker

    places = [parse_target(name).environment() for name in pythons]
    extras = frozenset(where[6:] for where in chosen if where.startswith("extra:") and not group)
    groups = frozenset(where[6:] for where in chosen if where.startswith("group:") and not group)
    groups |= {group} if group else set()
    for package in lock.packages:
        rest = assuming(parse_marker(package.marker), extras, groups) if package.marker else None
        if rest == NEVER or not places:
            continue
        if rest is None or any(evaluate(rest, place) for place in places):
            yield replace(package, marker=render_marker(rest) if rest is not None else None)


def check_worlds(
    lock: Lock,
    targets: Iterable[Target],
    roots: Mapping[str, Iterable[Requirement]] | None,
    metadata_of: Callable[[LockedPackage], CoreMetadata | None],
    judge: Callable[..., tuple[Violation, ...]],
) -> tuple[Violation, ...]:
    """What the lock gets wrong in any environment, and in what else can be chosen in a world.

    Each is judged as a lock of its own, by ``check_lock`` (``judge``).
    """
    part = lock.conda
    assert part is not None
    known = {target.name: target for target in targets}
    said = None if roots is None else {where: tuple(each) for where, each in roots.items()}
    found = []
    for environment in choices_of(part):
        alone = environment_lock(lock, environment)
        asked = None
        if said is not None:
            asked = {"project": [one for where in sorted(environment.wheres) for one in said.get(where, ())]}
        places = [known[name] for name in alone.targets if name in known]
        found += [
            replace(each, choice=environment.name or _list(environment.wheres))
            for each in judge(alone, places, asked, metadata_of)
        ]
    return tuple(dict.fromkeys(found))


def choices_of(part: CondaLock) -> Iterator[CondaEnvironment]:
    """The environments; what else can be chosen with the first, each list alone and all of them; and of other
    worlds what only they have."""
    from hutch.lock.conda_model import CondaEnvironment

    yield from part.environments
    first = part.environment(FIRST)
    known = {frozenset(each.wheres) for each in part.environments}
    for world in part.worlds:
        own = ("project",) if "project" in world.wheres else ()
        by_name = all(each.group for each in part.environments if each.world == world.name)
        choices = [(*own, where) for where in sorted(only_in(part.worlds, world)) if not by_name]
        if first is not None and world.name == first.world:
            choices += [own, world.wheres, *((*own, where) for where in world.wheres)]
        for wheres in choices:
            if frozenset(wheres) not in known:
                known.add(frozenset(wheres))
                yield CondaEnvironment(name="", world=world.name, wheres=tuple(sorted(set(wheres))))
