"""From requirements to a resolution: targets, provider, solver; again where a target has to be split."""

from __future__ import annotations

from hutch.events import Dropped, Notice, PhaseEnded, PhaseStarted
from hutch.ops.asking import cut, direct_masks, is_part, needs_of
from hutch.ops.checkout import plain_words
from hutch.provide import (
    NO_ADJUSTMENTS,
    Adjustments,
    Bound,
    Direct,
    IndexProvider,
    ProviderOptions,
    TargetsCut,
    drive,
)
from hutch.solve import Need, Options, Resolution, Unsolvable, solve
from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hutch.ops.builds import Builder
    from hutch.ops.context import Context
    from hutch.project import Declared, Manifest
    from hutch.solve import Incompatibility, Universe
    from hutch.spec import Marker, Requirement, Targets

__all__ = ["Request", "Resolved", "Root", "cut", "is_part", "needs_of", "provider_options", "resolve"]

MOST_CUTS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A requirement of the project: ``where`` is ``project``, ``extra:x`` or ``group:y``.

    ``within`` says where it counts at all: what a member of a workspace asks for counts on the Pythons of
    that member. What is ``implied`` is asked for by a package of the lock as well, and told from here.
    """

    requirement: Requirement
    where: str = "project"
    declared: Declared | None = None
    constraint: bool = False
    asker: str = "this command"
    within: Marker | None = None
    implied: bool = False

    @property
    def limited(self) -> Requirement:
        """The requirement with all that limits it."""
        if self.within is None:
            return self.requirement
        from hutch.spec import and_

        return replace(self.requirement, marker=and_(self.within, self.requirement.marker))

    @property
    def place(self) -> str:
        """Where a reader finds it: ``pyproject.toml:8``."""
        return self.declared.place if self.declared is not None else self.asker


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be solved. ``demanded`` is a mask of ``targets``.

    ``manifest`` is the project whose requirements these are, if advice may be about it too;
    ``from_manifest`` tells that the targets are those that it names. ``conflicts`` are extras and groups
    that cannot all be chosen together; more of them may be found, unless all is wanted at once
    (``together`` is None), but not among what is always wanted ``together``; ``deciding`` are those by
    which a package comes from another place. ``worlds`` are choices to be solved for, where there are too
    many for all of them. ``told`` puts the name of such a list into words.
    What the packages ``spoken_for`` ask for are ``implied`` roots as well. ``likely`` are packages that will
    probably be needed. An attempt that need not succeed ``explains`` nothing: ``Unsolvable`` is its end.
    """

    roots: tuple[Root, ...]
    targets: Targets
    demanded: int
    preferred: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    direct: Mapping[str, tuple[Direct, ...]] = field(default_factory=dict)
    resolution: str = "highest"
    only_binary: frozenset[str] = frozenset()
    no_binary: frozenset[str] = frozenset()
    exclude_newer: str | None = None
    newer_packages: Mapping[str, str | None] = field(default_factory=dict)
    newer_indexes: Mapping[str, str | None] = field(default_factory=dict)
    bound: Mapping[str, tuple[Bound, ...]] = field(default_factory=dict)
    adjustments: Adjustments = NO_ADJUSTMENTS
    conflicts: tuple[frozenset[str], ...] = ()
    deciding: frozenset[str] = frozenset()
    worlds: tuple[frozenset[str], ...] = ()
    together: frozenset[str] | None = None
    spoken_for: frozenset[str] = frozenset()
    told: Callable[[str], str] = plain_words
    left_out: tuple[tuple[str, str], ...] = ()
    prerelease: str = "explicit"
    dependencies: bool = True
    likely: frozenset[str] = frozenset()
    prefer_binary: bool = False
    manifest: Manifest | None = None
    from_manifest: bool = False
    explains: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The resolution, the needs of each root under its own targets, and who answered."""

    resolution: Resolution
    roots: tuple[tuple[Root, tuple[Need, ...]], ...]
    targets: Targets
    provider: IndexProvider
    dropped: tuple[tuple[str, str], ...]
    conflicts: tuple[frozenset[str], ...] = ()


def resolve(context: Context, request: Request, builder: Builder | None) -> Resolved:
    """Solve ``request``; raises ``Conflict`` where a demanded target has no solution."""
    from hutch.ops.apart import Contradiction, divided
    from hutch.ops.library import StoreLibrary
    from hutch.ops.masks import Masks
    from hutch.ops.twins import TwinsPart
    from hutch.ops.worlds import missing_worlds

    context.emit(PhaseStarted("resolve"))
    request = divided(request, request.conflicts)
    provider: IndexProvider | None = None
    most = len(request.targets.targets) * MOST_CUTS
    masks = Masks(context)
    tables = context.store.tables
    was_busy, tables.busy = tables.busy, True
    try:
        while True:
            masks.recall(request.targets)
            options = provider_options(request)
            if provider is None:
                provider = IndexProvider(StoreLibrary(context, builder), options, emit=context.emit)
                provider.index_labels = _index_labels(context)
            else:
                provider.set_options(options)
            try:
                resolved = _solve(context, request, provider, options.lowest)
                if request.targets.worlds and (more := missing_worlds(resolved, request)):
                    request = replace(request, worlds=(*request.worlds, *more))
                    request = divided(request, request.conflicts)
                    continue
                _tell(context, request, resolved)
                masks.remember(resolved)
                return resolved
            except TwinsPart as parting:
                request = parting.without(context, request)
            except Contradiction as found:
                request = found.held_apart(context, request, provider)
            except TargetsCut:
                request = cut(request)
                if len(request.targets.targets) > most:
                    raise
    finally:
        if "indexes" in context.__dict__:
            context.indexes.rest()
        if not was_busy:
            tables.catch_up()
        context.emit(PhaseEnded("resolve"))


def provider_options(request: Request) -> ProviderOptions:
    """What the provider has to know of a request."""
    lowest: Mapping[str, int] | bool = request.resolution == "lowest"
    if request.resolution == "lowest-direct":
        lowest = direct_masks(request)
    return ProviderOptions(
        targets=request.targets,
        demanded=request.demanded,
        preferred=request.preferred,
        direct=request.direct,
        only_binary=request.only_binary,
        no_binary=request.no_binary,
        exclude_newer=request.exclude_newer,
        newer_packages=request.newer_packages,
        newer_indexes=request.newer_indexes,
        bound=request.bound,
        adjustments=request.adjustments,
        lowest=lowest,
        prerelease=request.prerelease,
        dependencies=request.dependencies,
        likely=request.likely,
        prefer_binary=request.prefer_binary,
    )


def _index_labels(context: Context) -> dict[str, str]:
    """What to call each index: the name that somebody gave it, or its address (which has no secrets)."""
    labels = {}
    for index in context.configuration.indexes:
        made_up = index.name.startswith(("extra-", "find-links", "default"))
        labels[index.name] = index.url if made_up else index.name
    return labels


def _solve(
    context: Context, request: Request, provider: IndexProvider, lowest: Mapping[str, int] | bool
) -> Resolved:
    from hutch.ops.apart import in_every_world, raise_contradiction
    from hutch.ops.twins import raise_twins

    targets = request.targets
    roots = tuple((root, tuple(needs_of(root, targets))) for root in request.roots)
    if targets.cuts:
        raise TargetsCut
    asked = [need for _, needs in roots for need in needs]
    provider.expect(asked)
    solver = solve(
        asked,
        Options(targets=targets.everything, demanded=request.demanded, lowest=lowest),
        emit=context.emit,
    )
    try:
        from hutch.ops.patience import patient

        resolution = drive(solver, patient(context, request, provider))
    except Unsolvable as problem:
        raise_contradiction(problem.proof, request)
        raise_twins(problem.proof.mask, request)
        if not request.explains:
            raise
        from hutch.ops.diagnosis import explained

        raise explained(problem, request, provider) from None
    for given_up in resolution.given_up:
        raise_contradiction(given_up.proof, request)
        raise_twins(given_up.targets, request)
    resolution = in_every_world(resolution, targets)
    dropped = list(request.left_out)
    for given_up in resolution.given_up:
        reason = _reason(given_up.proof, resolution.universe, targets)
        for name in targets.names(given_up.targets):
            if not any(name == known for known, _ in dropped):
                dropped.append((name, reason))
    return Resolved(
        resolution=resolution,
        roots=roots,
        targets=targets,
        provider=provider,
        dropped=tuple(dropped),
        conflicts=request.conflicts,
    )


def _tell(context: Context, request: Request, resolved: Resolved) -> None:
    """What there is to say of a resolution that stands."""
    for name, reason in resolved.dropped[len(request.left_out) :]:
        context.emit(Dropped(name, reason))
    _tell_missing_extras(context, request, resolved.provider, resolved.resolution)
    if request.manifest is not None:
        from hutch.ops.stale import tell_lost_pythons, tell_stale

        tell_lost_pythons(context, request, resolved.resolution)
        tell_stale(context, request, resolved.provider, resolved.resolution)


def _tell_missing_extras(
    context: Context, request: Request, provider: IndexProvider, resolution: Resolution
) -> None:
    """An extra that a package does not have is no conflict, but most often a slip."""
    for root in request.roots:
        if root.declared is None or not root.requirement.extras:
            continue
        name = root.requirement.name
        for _, place in resolution.chosen.get(name, ()):
            version = resolution.universe.label(name, place)
            has = provider.metadata_at(name, place).extras
            for extra in root.requirement.extras:
                if extra not in has:
                    listed = f"; it has {', '.join(sorted(has))}" if has else ""
                    text = f"{root.place}: {name} {version} has no extra {extra}{listed}"
                    context.emit(Notice(text, warning=True))


def _reason(proof: Incompatibility, universe: Universe, targets: Targets) -> str:
    """One line: why these targets have no solution."""
    from hutch.solve import explain

    lines = explain(proof, universe, origin=_origin, place=targets.name)
    told = [line for line in lines if " has no " in line or " has a " in line or " requires " in line]
    return (told or lines or ["the requirements cannot be met there"])[0]


def _origin(need: Need) -> str:
    return need.origin.place if isinstance(need.origin, Root) else "the project"
