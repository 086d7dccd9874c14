"""What a project asks conda's channels for, as `solve_conda` takes it: with places, platforms and sides."""

from __future__ import annotations

from hutch.ops.conda_asked import line_of, place_of
from hutch.ops.conda_question import CondaAsked, CondaResolution, Side
from hutch.ops.conda_solve import solve_conda

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hutch.lock import Lock
    from hutch.ops.conda_corrections import Corrections
    from hutch.ops.conda_worlds import Cluster
    from hutch.ops.context import Context
    from hutch.ops.resolve import Request, Root
    from hutch.project import CondaPlatform, CondaSettings, Manifest
    from hutch.spec import Specifiers

__all__ = ["asked_by", "conda_key", "locked_choices", "place_of", "platforms_of", "solve_project_conda"]


def solve_project_conda(
    context: Context,
    manifest: Manifest,
    roots: Iterable[Root] = (),
    old: Lock | None = None,
    *,
    asked: Iterable[CondaAsked] = (),
    preferred: Mapping[str, tuple[str, ...]] | None = None,
    platforms: tuple[CondaPlatform, ...] | None = None,
    lowest: bool | None = None,
    cluster: Cluster | None = None,
    adjust: Callable[[Request], Request] | None = None,
    sides: Callable[[str], tuple[str, ...]] | None = None,
    corrections: Corrections | None = None,
) -> CondaResolution:
    """The resolution of a project that has ``[tool.hutch.conda]``, in whatever words; ``roots`` are what it
    asks an index for, and ``old`` is the lock that it has, whose choices are kept where they can be.

    ``asked`` are more MatchSpecs; ``preferred`` and ``platforms`` are taken instead of what the old lock and
    the manifest say. With a ``cluster`` that part of it is solved for. ``adjust`` adds to what is asked of
    the index, and ``sides`` says where a distribution may come from, if more than the settings do.
    """
    settings = manifest.settings.conda
    assert settings is not None
    platforms = platforms_of(settings) if platforms is None else platforms
    configuration = context.configuration
    specs = (*asked_by(manifest, settings, platforms), *asked)
    channels, whole = settings.channels or (), frozenset[str]()
    if cluster is not None:
        platforms, channels = cluster.platforms, cluster.channels
        specs, roots, whole = tuple(cluster.asked(specs)), cluster.roots(roots), cluster.whole
    return solve_conda(
        context,
        specs,
        roots,
        platforms,
        locked_choices(old) if preferred is None else preferred,
        channels=channels,
        priority=settings.channel_priority,
        assumed=dict(settings.requirements),
        exclude_newer=configuration.exclude_newer or manifest.settings.exclude_newer,
        lowest=configuration.resolution == "lowest" if lowest is None else lowest,
        side=Side(sides=sides or settings.sides, map=settings.map),
        adjust=adjust,
        whole=whole,
        correct=corrections if corrections else None,
    )


def platforms_of(settings: CondaSettings) -> tuple[CondaPlatform, ...]:
    """The platforms that the project names; that of this machine, if it names none."""
    if settings.platforms:
        return settings.platforms
    from hutch.conda import subdir_here
    from hutch.project import CondaPlatform

    return (CondaPlatform(name=subdir_here(), subdir=subdir_here()),)


def locked_choices(*locks: Lock | None) -> dict[str, tuple[str, ...]]:
    """What locks have chosen, as a solve prefers it: versions of an index, ``VERSION BUILD`` of records. Of
    several the last comes first."""
    preferred: dict[str, tuple[str, ...]] = {}
    for lock in locks:
        if lock is None:
            continue
        records = lock.conda.preferences() if lock.conda is not None else {}
        for name, labels in (*lock.preferences().items(), *records.items()):
            preferred[str(name)] = (*labels, *preferred.get(str(name), ()))
    return preferred


def asked_by(
    manifest: Manifest, settings: CondaSettings, platforms: tuple[CondaPlatform, ...]
) -> tuple[CondaAsked, ...]:
    """The MatchSpecs of a project, each with the platforms where it counts and the line where it stands.

    What the project says of Python for its wheels holds for conda's Python as well.
    """
    found = []
    # An override for all is for what the project asks itself, too.
    instead = {each.name: each for each in settings.overrides if not each.parent}
    for each in settings.dependencies:
        here = tuple(one.name for one in platforms if each.is_for(one.subdir, one.name))
        if not here:
            continue
        override = instead.get(each.name) if not each.constraint else None
        found.append(
            CondaAsked(
                spec=each.spec if override is None else override.spec,
                where=each.where,
                targets=() if len(here) == len(platforms) else here,
                constraint=each.constraint,
                place=place_of(manifest, each) if override is None else line_of(manifest, override.path),
            )
        )
    if manifest.requires_python:
        place = f"{manifest.filename}:{manifest.line('project', 'requires-python')}"
        spec = f"python {_python(manifest.requires_python)}"
        found.append(CondaAsked(spec=spec, constraint=True, place=place))
    for part in manifest.parts:  # members of a workspace, which have one Python together
        python = part.manifest.requires_python
        if python and python != manifest.requires_python:
            place = f"{part.manifest.filename}:{part.manifest.line('project', 'requires-python')}"
            spec = f"python {_python(python)}"
            found.append(CondaAsked(spec=spec, constraint=True, place=place))
    return tuple(found)


def conda_key(settings: CondaSettings, environments: Mapping[str, object] | None = None) -> str:
    """All of the settings that a lock depends on, for the digest of its inputs."""
    from hutch.spec import short_sha256

    said = (
        settings.channels,
        settings.channel_priority,
        sorted((each.name, each.subdir, each.requirements) for each in settings.platforms or ()),
        sorted((each.spec, each.where, each.selectors, each.constraint) for each in settings.dependencies),
        sorted(settings.prefer),
        sorted(settings.only),
        sorted(settings.map.items()),
        sorted(settings.requirements),
    )
    corrected = [
        [kind, *sorted(each.told for each in found)]
        for kind, found in (("overrides", settings.overrides), ("excludes", settings.excludes))
        if found
    ]
    more = (sorted(settings.groups.items()), sorted((environments or {}).items()), *corrected)
    return short_sha256(repr((*said, *more) if any(more) else said).encode())


def _python(specifiers: Specifiers) -> str:
    """Specifiers of packaging in conda's words, which differ for a family alone: ``3.12.*``."""
    found = []
    for operator, version in specifiers:
        is_family = operator == "==" and version.endswith(".*")
        found.append(version if is_family else f"{operator.replace('===', '==')}{version}")
    return ",".join(found)
