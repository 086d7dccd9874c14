"""Overrides, excludes and corrected metadata of a project, on their way into a solve."""

from __future__ import annotations

from hutch.events import Notice
from hutch.provide import Adjustments
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.ops.context import Context
    from hutch.ops.resolve import Request, Root
    from hutch.project import Adjustment, Manifest, ProjectSettings

__all__ = ["adjusted", "adjustment_inputs", "tell_expired"]


def adjusted(request: Request, settings: ProjectSettings) -> Request:
    """The request, with everything that the project says against others' words."""
    adjustments = Adjustments(settings.overrides, settings.excludes, settings.stated_metadata)
    if not adjustments:
        return request
    direct = {
        name: tuple(replace(one, metadata=adjustments.of(one.metadata)) for one in found)
        for name, found in request.direct.items()
    }
    roots = tuple(_roots(request.roots, adjustments))
    return replace(request, roots=roots, direct=direct, adjustments=adjustments)


def _roots(roots: Iterable[Root], adjustments: Adjustments) -> Iterable[Root]:
    """The project's own requirements are replaced too; a reader finds them where the override stands."""
    for root in roots:
        overrides = () if root.constraint else adjustments.overrides_of(root.requirement.name)
        if not overrides:
            yield root
            continue
        replaced = adjustments.replaced(root.requirement)
        for one, requirement in zip(overrides, replaced, strict=True):
            yield replace(root, requirement=requirement, declared=one.declared)


def tell_expired(context: Context, manifest: Manifest) -> None:
    """Warn of overrides and excludes whose day has passed."""
    settings = manifest.settings
    dated = [one for one in (*settings.overrides, *settings.excludes) if one.until is not None]
    if not dated:
        return
    from datetime import UTC, datetime

    today = datetime.now(UTC).date().isoformat()
    for one in dated:
        if today > str(one.until):
            kind = "override" if one in settings.overrides else "exclude"
            reason = f" ({one.reason})" if one.reason else ""
            text = (
                f"{one.declared.place}: the {kind} `{_told(one)}` was to be looked at again after {one.until}"
            )
            context.emit(Notice(f"{text}{reason}; it still holds", warning=True))


def adjustment_inputs(settings: ProjectSettings, build_policy: str) -> dict[str, str]:
    """What of it the answer of a lock depends on, for the digest; reasons and dates change nothing."""
    found = {
        "overrides": sorted({_told(one) for one in settings.overrides}),
        "excludes": sorted({_told(one) for one in settings.excludes}),
        "dependency-metadata": sorted(
            repr((s.name, s.version, _all(s.requirements), s.requires_python, s.extras))
            for s in settings.stated_metadata
        ),
        "build-policy": [build_policy] if build_policy != "allow" else [],
        "newer-packages": sorted(f"{key} {value}" for key, value in settings.newer_packages.items()),
        "newer-indexes": sorted(f"{key} {value}" for key, value in settings.newer_indexes.items()),
        "conflicts": sorted({" ".join(each) for each in settings.conflicts}),
        "build-constraints": sorted({one.requirement.render() for one in settings.build_constraints}),
    }
    return {key: "; ".join(texts) for key, texts in found.items() if texts}


def _all(requirements: Iterable[object] | None) -> list[str] | None:
    return None if requirements is None else sorted(one.render() for one in requirements)  # type: ignore[attr-defined]


def _told(one: Adjustment) -> str:
    text = one.declared.requirement.render()
    return f"{one.parent.render()} > {text}" if one.parent is not None else text
