"""Several resolutions of one project put into one lock: records by their targets, wheels by their markers.

Of records each world has targets of its own. A wheel says by its marker where it is wanted: on which Python
and platform, and with which groups; so installers that know nothing of worlds take the right one of two
versions, wherever the choice of groups tells environments apart. See ``docs/explanation/conda.md``.
"""

from __future__ import annotations

from hutch.lock import (
    CondaEnvironment,
    CondaLock,
    CondaWorld,
    Lock,
    LockedConda,
)
from hutch.lock.conda_worlds import FIRST, only_in
from hutch.ops.conda_merging_wheels import Wheels
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hutch.lock import CondaRoot, CondaTarget
    from hutch.ops.conda_question import CondaResolution
    from hutch.ops.conda_worlds import Cluster, Member

__all__ = ["World", "merged_lock", "worlds_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is chosen where a world is meant. With a ``group`` it means one environment (``own``) alone."""

    world: World
    chosen: frozenset[str]
    own: Member | None = None
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A world of the lock: members of one cluster that have the same platforms, and the project or not."""

    name: str
    at: int
    members: tuple[Member, ...]
    wheres: frozenset[str]
    platforms: frozenset[str]

    def target(self, platform: str) -> str:
        """What a platform is called there."""
        return platform if self.name == FIRST else f"{self.name}.{platform}"


def worlds_in(clusters: Sequence[Cluster]) -> tuple[World, ...]:
    """The worlds of the lock; the first is that of the first environment."""
    found: list[World] = []
    taken: set[str] = set()
    for at, cluster in enumerate(clusters):
        parts: dict[tuple[bool, frozenset[str]], list[Member]] = {}
        for member in cluster.members:
            parts.setdefault(("project" in member.wheres, frozenset(member.platforms)), []).append(member)
        for number, ((_, platforms), members) in enumerate(parts.items()):
            wheres = frozenset().union(*(each.wheres for each in members))
            first = at == number == 0
            if number == 0:
                wheres |= cluster.more
            name = FIRST if first else _unused(cluster.name if number == 0 else members[0].name, taken)
            taken.add(name)
            found.append(World(name=name, at=at, members=tuple(members), wheres=wheres, platforms=platforms))
    return tuple(found)


def _unused(name: str, taken: set[str]) -> str:
    """A name that a lock can have, which none has yet."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name.lower()).strip(
        "-_"
    )
    plain = plain or "world"
    number, found = 1, plain
    while found in taken or found == FIRST:
        number += 1
        found = f"{plain}-{number}"
    return found


def merged_lock(
    solved: Sequence[tuple[Cluster, CondaResolution]],
    inputs: str,
    *,
    requires_python: str | None = None,
    extras: Iterable[str] = (),
    groups: Iterable[str] = (),
    default_groups: Iterable[str] = (),
    by_name: bool = False,
) -> Lock:
    """The lock of the resolutions of all clusters. ``by_name``: wheels are told apart by environments."""
    worlds = worlds_in([cluster for cluster, _ in solved])
    resolutions = [found for _, found in solved]
    has_wheels = any(found.joint is not None for found in resolutions)
    taken = {*groups, *_named("group:", worlds)}
    unasked = frozenset(f"group:{name}" for name in default_groups)
    choices = _told_apart(worlds, unasked, set(taken), by_name=by_name)
    own_groups = {each.own: each.group for each in choices if each.group} if has_wheels else {}
    conda = _conda(worlds, resolutions, own_groups)
    lock = Lock(
        conda=conda,
        inputs=inputs,
        # Without the project's own dependencies its word on Python does not count either.
        requires_python=requires_python if all("project" in each.wheres for each in worlds) else None,
        extras=tuple(sorted({*extras, *_named("extra:", worlds)})),
        dependency_groups=tuple(sorted({*taken, *own_groups.values()})),
        default_groups=tuple(sorted(default_groups)),
        conflicts=_conflicts(worlds, default_groups),
    )
    return Wheels(worlds, resolutions, choices).put_into(lock) if has_wheels else lock


def _named(kind: str, worlds: Iterable[World]) -> set[str]:
    return {where[6:] for world in worlds for where in world.wheres if where.startswith(kind)}


def _conflicts(worlds: Sequence[World], default_groups: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Pairs of groups and extras that are in no world together."""
    unasked = {"project", *(f"group:{name}" for name in default_groups)}
    names = sorted(frozenset().union(*(world.wheres for world in worlds)) - unasked)
    together = {(one, other) for world in worlds for one in world.wheres for other in world.wheres}
    return tuple(
        (one, other)
        for number, one in enumerate(names)
        for other in names[number + 1 :]
        if (one, other) not in together
    )


# -- records ----------------------------------------------------------------------------------------


def _conda(
    worlds: Sequence[World], solved: Sequence[CondaResolution], own_groups: Mapping[Member | None, str]
) -> CondaLock:
    targets: list[CondaTarget] = []
    environments: list[CondaEnvironment] = []
    roots: dict[CondaRoot, None] = {}
    packages: dict[tuple[str, str, str], tuple[LockedConda, dict[str, dict[str, None]]]] = {}
    channels = dict.fromkeys(channel.url for found in solved for channel in found.channels)
    noted = []
    for world in worlds:
        found = solved[world.at]
        here = [target for target in found.targets if target.name in world.platforms]
        names = {target.name: world.target(target.name) for target in here}
        targets += [replace(target, name=names[target.name], world=world.name) for target in here]
        own = tuple(channel.url for channel in found.channels)
        said = own if own != tuple(channels) else ()
        noted.append(CondaWorld(name=world.name, wheres=tuple(sorted(world.wheres)), channels=said))
        environments += [
            CondaEnvironment(
                name=each.name or min(each.wheres - worlds[0].members[0].wheres),
                world=world.name,
                wheres=tuple(sorted(each.wheres)),
                group=own_groups.get(each, ""),
            )
            for each in world.members
        ]
        for root in found.roots:
            asked = tuple(names[name] for name in root.targets or names if name in names)
            if root.where in world.wheres and asked:
                roots[replace(root, targets=asked)] = None
        for each in found.packages:
            record = each.record
            key = (record.channel, record.subdir, record.filename)
            there = packages.setdefault(key, (each, {}))[1]
            for where, on in each.reached:
                if where in world.wheres:
                    there.setdefault(where, {}).update((names[name], None) for name in on if name in names)
    locked = []
    for package, reaching in packages.values():
        unasked = reaching.get("project", {})
        kept = []
        for where, names_of in sorted(reaching.items()):
            left = tuple(sorted(name for name in names_of if where == "project" or name not in unasked))
            if left:
                kept.append((where, left))
        if kept:
            locked.append(replace(package, reached=tuple(kept)))
    locked.sort(key=lambda each: (each.record.name, each.record.subdir, each.record.label))
    every = [each.name for each in targets]
    return CondaLock(
        channels=tuple(channels),
        targets=tuple(targets),
        roots=_joined(roots, every),
        packages=tuple(locked),
        wheels=tuple(
            sorted({pair for found in solved if found.joint is not None for pair in found.joint.met})
        ),
        worlds=tuple(noted),
        environments=tuple(environments),
    )


def _joined(roots: Iterable[CondaRoot], every: Sequence[str]) -> tuple[CondaRoot, ...]:
    """What several worlds ask in the same words, once."""
    found: dict[tuple[str, str], set[str]] = {}
    for root in roots:
        found.setdefault((root.spec, root.where), set()).update(root.targets)
    from hutch.lock import CondaRoot

    return tuple(
        CondaRoot(spec=spec, where=where, targets=() if len(on) == len(every) else tuple(sorted(on)))
        for (spec, where), on in found.items()
    )


# -- choices ---------------------------------------------------------------------------------------


def _told_apart(
    worlds: Sequence[World], unasked: frozenset[str], taken: set[str], *, by_name: bool
) -> list[Choice]:
    """Which groups and extras mean which world: nothing in particular the first.

    A list that only one world has means that; else it is all of an environment but what is installed
    unasked. What can be chosen in the first world too, or is the same in two, tells nothing: then a group
    that is made for the environment does; ``by_name``: for every one.
    """
    plain = {"project"} | unasked
    first = worlds[0]
    found: dict[frozenset[str], Choice] = {frozenset(): Choice(world=first, chosen=frozenset())}
    members = [(world, each) for world in worlds[1:] for each in world.members]
    silent = []
    for world, member in members:
        chosen = member.wheres - plain
        own = (only_in(worlds, world) - plain) & chosen
        if by_name:
            silent.append((world, member))
        elif own:
            for where in sorted(own):
                found.setdefault(frozenset((where,)), Choice(world=world, chosen=frozenset((where,))))
        elif (
            chosen <= first.wheres
            or found.setdefault(chosen, Choice(world=world, chosen=chosen)).world != world
        ):
            silent.append((world, member))
    for world, member in members:
        chosen = member.wheres - plain
        if any(less and less < chosen and other.world != world for less, other in found.items()):
            found.setdefault(chosen, Choice(world=world, chosen=chosen))
    # A marker may say what is not chosen: so what else can be chosen in a world is a choice, too.
    names = frozenset().union(*found)
    unheard = {id(member) for _, member in silent}
    more = [(world, member.wheres & names) for world, member in members if id(member) not in unheard]
    here = first.wheres & names
    more += [(first, frozenset((where,))) for where in sorted(here)]
    more += [(first, member.wheres & names) for member in first.members] + [(first, here)]
    for world, chosen in more:
        found.setdefault(chosen, Choice(world=world, chosen=chosen))
    for world, member in silent:
        group = _unused(f"{member.name or world.name}-environment", taken)
        taken.add(group)
        chosen = frozenset((f"group:{group}",))
        found[chosen] = Choice(world=world, chosen=chosen, own=member, group=group)
    return [found[chosen] for chosen in sorted(found, key=lambda chosen: (len(chosen), sorted(chosen)))]
