"""``[tool.hutch.sources]`` with several entries for a name: which one counts where, and that it is one.

An entry counts on the targets of its marker, and where its extra or group is chosen. Two that count at
once are a question, not an answer. Which extras and groups decide is handed on: each of those is told
apart in the solve, as if it excluded itself.
"""

from __future__ import annotations

from hutch.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hutch.project import Manifest, Source
    from hutch.provide import Bound
    from hutch.spec import Targets

__all__ = [
    "OverlappingSources",
    "bound_indexes",
    "deciding",
    "index_names",
    "refuse_overlaps",
    "settled",
]


class OverlappingSources(Problem):
    """Two sources of one package count on the same target, with the same choice of extras and groups."""

    code = "overlapping-sources"

    def __init__(self, name: str, where: str, told: tuple[str, str], wheres: tuple[str, ...]) -> None:
        self.name = name
        hints = ["give each a marker, an extra or a group, so that one of them counts at a time"]
        if len(wheres) == 2:
            tables = ", ".join(
                f'{{ {kind} = "{each}" }}' for kind, _, each in (w.partition(":") for w in sorted(wheres))
            )
            hints = [f"declare that they exclude each other: conflicts = [[{tables}]] in [tool.hutch]"]
        super().__init__(f"{name} has two sources {where}", why=told, hint=tuple(hints))


def refuse_overlaps(manifest: Manifest, targets: Targets) -> None:
    """``OverlappingSources`` where two entries of one name hold together."""
    conflicts = [frozenset(each) for each in manifest.settings.conflicts]
    for name, sources in manifest.settings.sources.items():
        for number, source in enumerate(sources):
            for before in sources[:number]:
                wheres = frozenset(each.where for each in (before, source) if each.where is not None)
                apart = len(wheres) == 2 and any(wheres <= conflict for conflict in conflicts)
                if apart or _same(before, source):
                    continue
                if mask := _mask(before, targets) & _mask(source, targets):
                    everywhere = mask == targets.everything
                    place = "for the same targets" if everywhere else f"for {targets.name(mask)}"
                    told = (_told(manifest, before), _told(manifest, source))
                    raise OverlappingSources(name, place, told, tuple(wheres))


def bound_indexes(manifest: Manifest) -> dict[str, tuple[Bound, ...]]:
    """The packages that come from indexes of their own, by name."""
    from hutch.provide import Bound
    from hutch.spec import parse_marker

    found: dict[str, tuple[Bound, ...]] = {}
    for name, sources in manifest.settings.sources.items():
        bound = tuple(
            Bound(
                index=source.location,
                marker=parse_marker(source.marker) if source.marker else None,
                where=source.where,
            )
            for source in sources
            if source.kind == "index"
        )
        if bound:
            found[name] = bound
    return found


def index_names(bound: Mapping[str, tuple[Bound, ...]], name: str) -> tuple[str | None, ...]:
    """The indexes that a package may come from; None stands for those that are asked for every name."""
    named = bound.get(name, ())
    found: dict[str | None, None] = {one.index: None for one in named}
    if all(one.marker is not None or one.where is not None for one in named):
        found[None] = None
    return tuple(found)


def deciding(sources: Iterable[tuple[Source, ...]]) -> frozenset[str]:
    """The extras and groups by which a package comes from another place: ``extra:cpu``."""
    return frozenset(one.where for each in sources for one in each if one.where is not None)


def settled(manifest: Manifest, chosen: frozenset[str]) -> Manifest:
    """The manifest once it is said which extras and groups are chosen: their sources count, no others."""
    from hutch.values import replace

    sources = {
        name: tuple(replace(one, extra=None, group=None) for one in each if one.where in {None, *chosen})
        for name, each in manifest.settings.sources.items()
    }
    return replace(manifest, settings=replace(manifest.settings, sources=sources))


def _same(one: Source, other: Source) -> bool:
    """Do both name the same place? Then it does not matter which counts."""
    from hutch.values import replace

    bare = {"marker": None, "extra": None, "group": None}
    return replace(one, **bare) == replace(other, **bare)  # type: ignore[arg-type]


def _mask(source: Source, targets: Targets) -> int:
    if source.marker is None:
        return targets.everything
    from hutch.spec import Targets, parse_marker

    # A marker that cuts through a target is not to leave its cut behind here.
    return Targets(targets.targets).marker_mask(parse_marker(source.marker))


def _told(manifest: Manifest, source: Source) -> str:
    from hutch.lock import without_credentials

    words = [f"{source.place or f'{manifest.filename}:{manifest.line(*source.path)}'}: {source.kind}"]
    words.append(f"`{without_credentials(source.location)}`")
    if source.marker is not None:
        words.append(f"where {source.marker}")
    if source.where is not None:
        words.append(f"with the {source.where.replace(':', ' ')}")
    return " ".join(words)
