"""Bounds of MatchSpecs that follow what was chosen: ``hutch upgrade --bump``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from hutch.lock import CondaLock
    from hutch.project import Editor, Manifest

__all__ = ["lowest_version", "raise_conda_bounds", "raised_spec"]


def raise_conda_bounds(
    editor: Editor, manifest: Manifest, part: CondaLock, names: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """Write the versions of ``part`` as lower bounds of what ``manifest`` asks conda for, with ``names`` of
    those alone; (place, before, after) of each."""
    from hutch.ops.conda_project import place_of

    conda = manifest.settings.conda
    assert conda is not None
    for each in conda.dependencies:
        if each.constraint or (names and each.name not in names):
            continue
        versions = {one.record.version for one in part.packages if one.record.name == each.name}
        words = raised_spec(each.spec, versions)
        if words is None or len(each.selectors) > 1:
            continue
        editor.add_conda(words, each.where, selector=each.selectors[0] if each.selectors else "")
        yield place_of(manifest, each), each.spec, words


def lowest_version(versions: Collection[str]) -> str:
    """By conda's order."""
    from functools import cmp_to_key

    from hutch.spec import compare_conda_versions, parse_conda_version

    found = min(map(parse_conda_version, versions), key=cmp_to_key(compare_conda_versions))
    return str(found.text)


def raised_spec(text: str, versions: Collection[str]) -> str | None:
    """``numpy >=2,<3`` with the lowest of ``versions`` as its lower bound; None where it has none that could
    be raised."""
    from hutch.spec import (
        compare_conda_versions,
        parse_conda_spec,
        parse_conda_version,
        parse_version_spec,
    )

    spec = parse_conda_spec(text)
    parts = [part.strip() for part in spec.version.split(",")]
    lower = [part for part in parts if part.startswith(">=")]
    if not versions or "|" in spec.version or len(lower) != 1 or "(" in spec.version:
        return None
    lowest = lowest_version(versions)
    old, new = parse_conda_version(lower[0][2:].strip()), parse_conda_version(lowest)
    if compare_conda_versions(old, new) >= 0 or not parse_version_spec(spec.version)(new):
        return None
    if text.count(lower[0]) != 1:
        return None
    return text.replace(lower[0], f">={lowest.partition('+')[0]}")
