"""Overrides, excludes and corrected metadata of a project, on their way into a solve."""

from __future__ import annotations

from hutch.events import Notice
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.lock import Lock
    from hutch.ops.context import Context
    from hutch.ops.resolve import Request, Resolved, Root
    from hutch.project import Adjustment, Manifest, ProjectSettings
    from hutch.provide import Adjustments

__all__ = ["adjusted", "adjustment_inputs", "tell_expired", "tell_unused"]


def adjusted(request: Request, settings: ProjectSettings) -> Request:
    """The request, with everything that the project says against others' words."""
    from hutch.provide import Adjustments

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


def tell_unused(context: Context, manifest: Manifest, resolved: Resolved, lock: Lock) -> None:
    """Tell of overrides, excludes, constraints and corrected metadata that nothing in the lock has to do
    with."""
    settings = manifest.settings
    about = (*settings.overrides, *settings.excludes, *settings.stated_metadata)
    if not about and not settings.constraints:
        return
    versions: dict[str, list[str]] = {}
    used: set[int] = set()
    for package in lock.packages:
        version = resolved.provider.metadata_of(package).version
        versions.setdefault(package.name, []).append(version)
        used.update(map(id, resolved.provider.options.adjustments.used_for(package.name, version)))
    asked = {root.requirement.name for root, _ in resolved.roots if not root.constraint}
    for one in (*settings.overrides, *settings.excludes):
        name = one.declared.requirement.name
        is_override = one in settings.overrides
        if id(one) in used or (is_override and one.parent is None and name in asked):
            continue
        kind = "override" if is_override else "exclude"
        told = f"{one.declared.place}: the {kind} `{_told(one)}` changes nothing:"
        told += f" {_why_unused(one, versions)}; it may go"
        context.emit(Notice(told))
    for declared in settings.constraints:
        name = declared.requirement.name
        if name not in versions:
            text = f"{declared.place}: the constraint `{declared.requirement.render()}` changes nothing:"
            context.emit(Notice(f"{text} {name} is not in the lock; it may go"))
    for stated in settings.stated_metadata:
        if id(stated) in used:
            continue
        place = f"{manifest.filename}:{manifest.line(*stated.path)}"
        what = f"{stated.name} {stated.version}" if stated.version else stated.name
        has = f"it has {' and '.join(versions[stated.name])}" if stated.name in versions else ""
        told = f"{place}: the dependency-metadata of {what} change nothing: {what} is not in the lock"
        context.emit(Notice(f"{told}{f' ({has})' if has else ''}; they may go"))


def _why_unused(one: Adjustment, versions: dict[str, list[str]]) -> str:
    name = one.declared.requirement.name
    if one.parent is None:
        return f"no package of the lock asks for {name}"
    parent = one.parent.name
    if parent not in versions:
        return f"{parent} is not in the lock"
    from hutch.spec import admits

    locked = " and ".join(versions[parent])
    if not any(admits(one.parent.specifiers, version) for version in versions[parent] if version):
        return f"the lock has {parent} {locked}"
    return f"{parent} {locked} does not ask for {name}"


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
