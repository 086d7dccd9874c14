"""What the members of a workspace ask conda's channels for, under one roof: one prefix has it all."""

from __future__ import annotations

from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.ops.members import Member
    from hutch.project import CondaDependency, CondaGroup, CondaPlatform, CondaSettings

__all__ = ["merged_conda"]


def merged_conda(members: tuple[Member, ...]) -> CondaSettings | None:
    """The settings of the root, and after them those of the members; None where nobody has any.

    Of what can be said once the root has the last word, then who comes first. Platforms are those of the
    root, or all that members name; then what a member asks for is for its own.
    """
    said = [one.manifest.settings.conda for one in members]
    if all(each is None for each in said):
        return None
    from hutch.project import CondaSettings

    found = [(one, each) for one, each in zip(members, said, strict=True) if each is not None]
    root = said[0] or CondaSettings()
    channels: dict[str, None] = {}
    platforms: dict[str, CondaPlatform] = {}
    maps: dict[str, str] = {}
    virtual: dict[str, str] = {}
    sides: dict[str, dict[str, str]] = {"prefer": {}, "only": {}}
    groups: dict[str, CondaGroup] = {}
    for one, each in found:
        channels.update(dict.fromkeys(_from_root(channel, one) for channel in each.channels or ()))
        for platform in each.platforms or ():
            platforms.setdefault(platform.name, platform)
        for name, distribution in each.map.items():
            maps.setdefault(name, distribution)
        for name, version in each.requirements:
            virtual.setdefault(name, version)
        for key, known in sides.items():
            for side, name in getattr(each, key):
                known.setdefault(name, side)
    if root.platforms is None:
        groups.update(_limits(found, set(platforms)))
    for one, each in found:
        groups.update((_where(one, where), group) for where, group in each.groups.items())
    return CondaSettings(
        channels=tuple(channels) or None,
        channel_priority=next((each.channel_priority for _, each in found if each.channel_priority), None),
        platforms=root.platforms if root.platforms is not None else tuple(platforms.values()) or None,
        dependencies=tuple(_dependencies(found)),
        prefer=tuple((side, name) for name, side in sides["prefer"].items()),
        only=tuple((side, name) for name, side in sides["only"].items()),
        map=maps,
        requirements=tuple(virtual.items()),
        groups=groups,
    )


def _dependencies(found: list[tuple[Member, CondaSettings]]) -> Iterator[CondaDependency]:
    """With the names that their lists have in the lock, and the lines where they stand."""
    from hutch.ops.conda_asked import place_of

    for one, each in found:
        for dependency in each.dependencies:
            yield replace(
                dependency,
                where=_where(one, dependency.where),
                place=place_of(one.manifest, dependency),
                path=(),
            )


def _where(one: Member, where: str) -> str:
    """What a list of a member is called in the lock. What a root says that is no project is for everybody."""
    if not one.is_project and where == "project":
        return "project"
    kind, _, name = where.partition(":")
    return one.wheres.get(where) or (where if one.path == "." else f"{kind}:{one.name}-{name}")


def _limits(
    found: list[tuple[Member, CondaSettings]], everything: set[str]
) -> Iterator[tuple[str, CondaGroup]]:
    """The platforms of members that are not for all of them."""
    from hutch.project import CondaGroup

    for one, each in found:
        names = tuple(platform.name for platform in each.platforms or ())
        if names and set(names) != everything:
            for where in dict.fromkeys(dependency.where for dependency in each.dependencies):
                yield _where(one, where), CondaGroup(platforms=names)


def _from_root(channel: str, one: Member) -> str:
    """A channel that is a folder, seen from the root."""
    if one.path == "." or not channel.startswith(("./", "../")):
        return channel
    import posixpath

    path = posixpath.normpath(posixpath.join(one.path, channel))
    return path if path.startswith("../") else f"./{path}"
