"""From core metadata to the solver's needs."""

from __future__ import annotations

from hutch.solve import Need
from hutch.spec import mentions_extra, mentions_prerelease, pins_exactly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from hutch.spec import CoreMetadata, Requirement, Targets

    Known: TypeAlias = dict[str, dict[int, tuple[Requirement, tuple[Need, ...]]]]

__all__ = ["needs_of_metadata", "needs_of_requirement", "split_package"]


def split_package(package: str) -> tuple[str, str]:
    """``"flask[async]"`` → ``("flask", "async")``; without an extra the second is empty."""
    name, _, extra = package.partition("[")
    return name, extra.rstrip("]")


def needs_of_requirement(
    requirement: Requirement, targets: Targets, *, extra: str = "", origin: object = None
) -> Iterable[Need]:
    """What one requirement asks for: its package, and each of its extras as a package of its own."""
    mask = targets.marker_mask(requirement.marker, extra)
    if not mask:
        return ()
    specifiers = requirement.specifiers
    prereleases, exact = _asks(specifiers) if specifiers else (False, False)
    common = {
        "specifiers": specifiers,
        "mask": mask,
        "prereleases": prereleases,
        "exact_text": exact,
        "origin": origin,
    }
    names = [requirement.name, *(f"{requirement.name}[{extra}]" for extra in requirement.extras)]
    return [Need(package=name, **common) for name in names]  # type: ignore[arg-type]


# Versions of a package say the same again and again.
_asked: dict[tuple[tuple[str, str], ...], tuple[bool, bool]] = {}


def _asks(specifiers: tuple[tuple[str, str], ...]) -> tuple[bool, bool]:
    """Whether a pre-release is named, and whether one version is."""
    found = _asked.get(specifiers)
    if found is None:
        found = mentions_prerelease(specifiers), pins_exactly(specifiers) is not None
        _asked[specifiers] = found
    return found


def needs_of_metadata(
    metadata: CoreMetadata,
    extra: str,
    place: int,
    targets: Targets,
    known: Known | None = None,
) -> tuple[Need, ...]:
    """What a version needs; with ``extra``, what the extra adds, and the version itself.

    ``known`` remembers, for the same targets, what requirements ask for, by extra and identity (the
    requirement is kept with it, so that no other can take its place): of two hundred versions with a
    hundred optional requirements each, most say the same.
    """
    needs: list[Need] = []
    if extra:
        needs.append(Need(package=metadata.name, exactly=place, mask=targets.everything))
    of_extra = {} if known is None else known.setdefault(extra, {})
    for requirement in metadata.requirements:
        entry = of_extra.get(id(requirement))
        if entry is None:
            entry = of_extra[id(requirement)] = requirement, _needs_with(requirement, targets, extra)
        if entry[1]:
            needs += entry[1]
    return tuple(needs)


def _needs_with(requirement: Requirement, targets: Targets, extra: str) -> tuple[Need, ...]:
    """What a requirement asks for when it belongs to the extra; without an extra, to none."""
    optional = requirement.marker is not None and mentions_extra(requirement.marker)
    return tuple(needs_of_requirement(requirement, targets, extra=extra)) if optional == bool(extra) else ()
