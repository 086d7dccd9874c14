"""``conflicts`` of ``[tool.hutch]``: extras and groups that are never installed together."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.project.faults import Faults
    from hutch.project.manifest import Manifest
    from hutch.project.spans import Path

__all__ = ["check_conflicts", "parse_conflicts"]

_SHAPE = 'should be an array such as [{ extra = "cpu" }, { extra = "cuda" }]'


def parse_conflicts(value: object, faults: Faults, at: Path) -> tuple[tuple[str, ...], ...]:
    """Read sets of ``extra:NAME`` and ``group:NAME``; what is wrong goes to ``faults``."""
    if value is None:
        return ()
    if not isinstance(value, list):
        faults.add(at, "should be an array of arrays, each of extras and groups that exclude each other")
        return ()
    from hutch.spec import normalize

    found: list[tuple[str, ...]] = []
    for number, members in enumerate(value):
        here = (*at, number)
        found.append(())
        if not isinstance(members, list):
            faults.add(here, _SHAPE)
            continue
        names = []
        for place, member in enumerate(members):
            kinds = list(member) if isinstance(member, dict) else []
            if kinds not in (["extra"], ["group"]) or not isinstance(member[kinds[0]], str):
                faults.add((*here, place), 'should be { extra = "NAME" } or { group = "NAME" }')
                continue
            names.append(f"{kinds[0]}:{normalize(member[kinds[0]])}")
        if len(set(names)) < len(names):
            faults.add(here, "names one of them twice")
        elif len(names) == len(members) and len(names) < 2:
            faults.add(here, "should have two members at least")
        else:
            found[-1] = tuple(sorted(names))
    return tuple(found)


def check_conflicts(manifest: Manifest, faults: Faults) -> None:
    """Is there everything that is named, and can the default groups be had?"""
    there = {
        *(f"extra:{name}" for name in manifest.optional_dependencies),
        *(f"group:{name}" for name in manifest.groups),
    }
    default = {f"group:{name}" for name in manifest.default_groups}
    for number, members in enumerate(manifest.settings.conflicts):
        at = ("tool", "hutch", "conflicts", number)
        for name in members:
            if name not in there:
                kind, _, plain = name.partition(":")
                faults.add(at, f"there is no {'dependency group' if kind == 'group' else kind} {plain!r}")
        if len(both := sorted(default.intersection(members))) > 1:
            told = " and ".join(name.removeprefix("group:") for name in both[:2])
            faults.add(at, f"{told} are both default groups, so nothing could be installed")
