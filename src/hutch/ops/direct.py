"""Packages that come from a place of their own: found, read, and made known to the solve.

What the project asks for by URL or by ``[tool.hutch.sources]`` is followed first; then what those
packages ask for in the same two ways: a local library may have a library beside it. Each name has one
place on each target: the project's own word goes first, and two packages that disagree are a problem.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.ops.origins import InvalidSource, Origin, origin_of_source, origin_of_url
from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hutch.ops.located import Located, Locator
    from hutch.ops.resolve import Root
    from hutch.project import Manifest
    from hutch.provide import Direct
    from hutch.spec import Marker, Targets

__all__ = ["SourceConflict", "find_direct"]


class SourceConflict(Problem):
    """Two places are named for one package on the same target."""

    code = "source-conflict"

    def __init__(self, name: str, one: tuple[str, str], other: tuple[str, str]) -> None:
        self.name = name
        super().__init__(
            f"{name} is asked for from two places",
            why=tuple(f"{place}: {origin}" for place, origin in (one, other)),
            hint=f"say in [tool.hutch.sources] of the project where {name} comes from",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """Somebody names a place for a package; ``marker`` and ``where`` (an extra or group) are where that
    counts."""

    name: str
    origin: Origin
    marker: Marker | None
    place: str
    own: bool
    where: str | None = None


@dataclass(slots=True)
class _Taken:
    """An ask that was followed, and what was found there."""

    ask: _Ask
    located: Located = field(repr=False)


def find_direct(
    roots: Iterable[Root],
    locator: Locator,
    targets: Targets,
    *,
    manifest: Manifest | None = None,
    base: str = "",
) -> dict[str, tuple[Direct, ...]]:
    """All packages that do not come from an index, by name: what ``roots`` ask for by URL, what the
    sources of ``manifest`` (in the directory ``base``) say, and what these packages ask for in turn."""
    from hutch.provide import Direct

    taken: dict[str, list[_Taken]] = {}
    waiting = list(_asks_of_sources(manifest, base, manifest.filename, own=True)) if manifest else []
    waiting += _asks_of_roots(roots)
    while waiting:
        ask = waiting.pop(0)
        known = taken.setdefault(ask.name, [])
        if _is_known(ask, known, targets):
            continue
        located = locator.locate(ask.origin, ask.name, ask.place)
        known.append(_Taken(ask, located))
        waiting += _asks_of_package(ask, located)
    return {
        name: tuple(
            Direct(
                metadata=one.located.metadata,
                entry=one.located.entry,
                tags=one.located.tags,
                marker=one.ask.marker,
                where=one.ask.where,
            )
            for one in found
        )
        for name, found in taken.items()
        if found
    }


def _is_known(ask: _Ask, known: list[_Taken], targets: Targets) -> bool:
    """Is that place followed already, or is another one meant there? A disagreement is a problem."""
    from hutch.spec import or_

    mask = _mask(ask.marker, targets)
    for one in known:
        if one.ask.where is not None and one.ask.where != ask.where:
            continue  # another choice of extras and groups
        if one.ask.origin.identity == ask.origin.identity:
            if one.ask.marker is not None:
                marker = or_(one.ask.marker, ask.marker) if ask.marker is not None else None
                one.ask = replace(one.ask, marker=marker)
            return True
        if mask & _mask(one.ask.marker, targets) and one.ask.own == ask.own:
            raise SourceConflict(ask.name, (one.ask.place, str(one.ask.origin)), (ask.place, str(ask.origin)))
    rest = mask
    for one in known:
        if one.ask.where in (None, ask.where):
            rest &= ~_mask(one.ask.marker, targets)
    return not rest


def _mask(marker: Marker | None, targets: Targets) -> int:
    return targets.everything if marker is None else type(targets)(targets.targets).marker_mask(marker, "")


def _asks_of_roots(roots: Iterable[Root]) -> Iterator[_Ask]:
    for root in roots:
        requirement = root.requirement
        if requirement.url is not None and not root.constraint:
            yield _Ask(
                name=requirement.name,
                origin=origin_of_url(requirement.url, root.place),
                marker=_without_extras(requirement.marker),
                place=root.place,
                own=True,
            )


def _asks_of_sources(
    manifest: Manifest, base: str, filename: str, *, own: bool, names: frozenset[str] | None = None
) -> Iterator[_Ask]:
    from hutch.spec import parse_marker

    for name, sources in manifest.settings.sources.items():
        if names is not None and name not in names:
            continue
        for source in sources:
            place = source.place or f"{filename}:{manifest.line(*source.path)}"
            origin = origin_of_source(source, base, place)
            if source.kind == "workspace":
                from hutch.ops.workspace import member_origin

                origin = member_origin(name, base, place, editable=source.editable)
            if origin is not None:
                marker = parse_marker(source.marker) if source.marker else None
                where = source.where if own else None  # the extras of another project are not chosen here
                yield _Ask(name=name, origin=origin, marker=marker, place=place, own=own, where=where)


def _asks_of_package(ask: _Ask, located: Located) -> Iterator[_Ask]:
    """What a package that was found asks for, where it is asked for itself."""
    from hutch.spec import and_

    origin = ask.origin
    requirements = located.metadata.requirements
    what = f"{ask.name} ({origin})"
    for requirement in requirements:
        if requirement.url is not None and requirement.name != ask.name:
            below = origin_of_url(requirement.url, what)
            if below.is_local and not origin.is_local:
                raise InvalidSource(
                    f"{what} asks for a file of this machine: {below}",
                    why="a package that comes from elsewhere may not name one",
                    hint=f"say in [tool.hutch.sources] where {requirement.name} comes from",
                )
            yield _Ask(
                name=requirement.name,
                origin=below,
                marker=and_(ask.marker, _without_extras(requirement.marker)),
                place=what,
                own=False,
                where=ask.where,
            )
    if located.manifest is None or origin.kind == "archive":
        return
    names = frozenset(requirement.name for requirement in requirements) - {ask.name}
    base = _base(origin)
    for each in _asks_of_sources(located.manifest, base, f"{what}, pyproject.toml", own=False, names=names):
        found = each.origin if origin.kind == "directory" else _within(each.origin, origin, each.place)
        yield replace(each, origin=found, marker=and_(ask.marker, each.marker), where=ask.where)


def _base(origin: Origin) -> str:
    """The directory that paths in a package's manifest start from; of a repository, as if it were ``/``."""
    root = origin.location if origin.kind == "directory" else os.path.join(os.sep, "repository")
    return os.path.normpath(os.path.join(root, origin.subdirectory or ""))


def _within(found: Origin, repository: Origin, place: str) -> Origin:
    """A path in the manifest of a repository's package is a part of that repository."""
    if not found.is_path:
        return found
    root = os.path.join(os.sep, "repository")
    inside = os.path.relpath(found.location, root).replace(os.sep, "/")
    if inside.startswith("..") or found.kind != "directory":
        raise InvalidSource(
            f"{place} names a path that is not in its repository",
            hint="say in [tool.hutch.sources] of the project where it comes from",
        )
    return replace(repository, subdirectory=inside if inside != "." else None)


def _without_extras(marker: Marker | None) -> Marker | None:
    """The marker as far as it speaks of targets: whatever extra is asked for, the place is the same."""
    from hutch.spec import and_, mentions_extra, or_

    if marker is None or not mentions_extra(marker):
        return marker
    if marker[0] not in ("and", "or"):
        return None
    parts = [_without_extras(part) for part in marker[1:]]  # type: ignore[arg-type]
    if marker[0] == "and":
        return and_(*parts)
    return None if None in parts else or_(*parts)
