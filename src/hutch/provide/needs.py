"""From core metadata to the solver's needs."""

from __future__ import annotations

from collections.abc import Iterable

from hutch.solve import Need
from hutch.spec import mentions_extra, mentions_prerelease, pins_exactly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.spec import CoreMetadata, Requirement, Targets

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
    known: dict[int, tuple[Requirement, tuple[Need, ...]]] | None = None,
) -> tuple[Need, ...]:
    """What a version needs; with ``extra``, what the extra adds, and the version itself.

    ``known`` remembers, for the same targets, what requirements without an extra ask for, by identity
    (the requirement is kept with it, so that no other can take its place).
    """
    if not extra and known is not None:
        needs: list[Need] = []
        for requirement in metadata.requirements:
            entry = known.get(id(requirement))
            if entry is None:
                entry = known[id(requirement)] = requirement, _plain(requirement, targets)
            needs += entry[1]
        return tuple(needs)
    found: list[Need] = []
    if extra:
        found.append(Need(package=metadata.name, exactly=place, mask=targets.everything))
    for requirement in metadata.requirements:
        if not extra:
            found += _plain(requirement, targets)
        elif requirement.marker is not None and mentions_extra(requirement.marker):
            found += needs_of_requirement(requirement, targets, extra=extra)
    return tuple(found)


def _plain(requirement: Requirement, targets: Targets) -> tuple[Need, ...]:
    if requirement.marker is not None and mentions_extra(requirement.marker):
        return ()
    return tuple(needs_of_requirement(requirement, targets))
