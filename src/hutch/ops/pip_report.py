"""``hutch pip install --report``: what was installed, or would be, in the form that pip gives it.

Spec: pip's "Installation Report", version 1. Of the metadata it has what hutch reads of them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from hutch.interpreters import Interpreter
    from hutch.lock import LockedPackage
    from hutch.ops.install import Chosen
    from hutch.ops.outcomes import SyncOutcome
    from hutch.ops.placed import Placed
    from hutch.ops.resolve import Root
    from hutch.spec import CoreMetadata

__all__ = ["report_of", "write_report"]


def report_of(
    outcome: SyncOutcome,
    packages: Iterable[LockedPackage],
    chosen: Iterable[Chosen],
    placed: Iterable[Placed],
    learned: Mapping[str, CoreMetadata],
    roots: Iterable[Root],
    interpreter: Interpreter,
) -> dict[str, Any]:
    """The report as plain data; ``learned`` are the metadata by name."""
    from hutch import __version__

    news = {name for name, _ in (*outcome.installed, *outcome.reinstalled)}
    news |= {name for name, _, _ in outcome.updated}
    files = {one.name: one for one in chosen}
    places = {one.name: one.direct_url for one in placed}
    extras: dict[str, set[str]] = {}
    for root in roots:
        if not root.constraint:
            extras.setdefault(root.requirement.name, set()).update(root.requirement.extras)
    install = []
    for package in sorted(packages, key=lambda package: package.name):
        if package.name not in news:
            continue
        entry: dict[str, Any] = {
            "metadata": _metadata(package, learned.get(package.name)),
            "is_direct": package.is_direct,
            "is_yanked": package.yanked is not None,
            "requested": package.name in extras,
            "download_info": places.get(package.name) or _download(files[package.name]),
        }
        if extras.get(package.name):
            entry["requested_extras"] = sorted(extras[package.name])
        install.append(entry)
    return {
        "version": "1",
        "pip_version": f"hutch {__version__}",
        "install": install,
        "environment": dict(interpreter.marker_environment),
    }


def write_report(path: str, report: Mapping[str, Any]) -> None:
    """Write it to a file."""
    import json

    from hutch.ops.checkout import write_text

    write_text(path, json.dumps(report, indent=2, ensure_ascii=False) + "\n")


def _download(one: Chosen) -> dict[str, Any]:
    from hutch.lock import without_credentials

    return {
        "url": without_credentials(one.file.url or ""),
        "archive_info": {"hashes": dict(one.file.hashes)},
    }


def _metadata(package: LockedPackage, metadata: CoreMetadata | None) -> dict[str, Any]:
    from hutch.spec import render_specifiers

    found: dict[str, Any] = {"metadata_version": "2.1", "name": package.name}
    if metadata is None:
        return {**found, "version": package.version}
    found["version"] = metadata.version
    if metadata.requires_python:
        found["requires_python"] = render_specifiers(metadata.requires_python)
    if metadata.requirements:
        found["requires_dist"] = [each.render() for each in metadata.requirements]
    if metadata.extras:
        found["provides_extra"] = list(metadata.extras)
    return found
