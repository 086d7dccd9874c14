"""``conflicts`` of ``[tool.hutch]``: extras, groups and members that are never installed together.

Of a member of a workspace they are ``extra:NAME@MEMBER``, ``group:NAME@MEMBER`` and ``package:MEMBER``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.project.faults import Faults
    from hutch.project.manifest import Manifest
    from hutch.project.spans import Path

__all__ = ["check_conflicts", "check_selectors", "parse_conflicts"]

_SHAPE = 'should be an array such as [{ extra = "cpu" }, { extra = "cuda" }]'
_MEMBER = 'should be { extra = "NAME" } or { group = "NAME" }'


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
            told = dict(member) if isinstance(member, dict) else {}
            package = told.pop("package", None)
            kinds = list(told) or (["package"] if package is not None else [])
            said = [package, *told.values()] if package is not None else [*told.values()]
            if kinds not in (["extra"], ["group"], ["package"]) or not all(isinstance(s, str) for s in said):
                faults.add((*here, place), _MEMBER)
                continue
            if kinds == ["package"]:
                names.append(f"package:{normalize(package)}")
            else:
                whose = f"@{normalize(package)}" if package is not None else ""
                names.append(f"{kinds[0]}:{normalize(told[kinds[0]])}{whose}")
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
            if "@" in name or name.startswith("package:"):
                if manifest.settings.workspace is None:
                    faults.add(at, "names a package, and there is no [tool.hutch.workspace] here")
            elif name not in there:
                kind, _, plain = name.partition(":")
                faults.add(at, f"there is no {'dependency group' if kind == 'group' else kind} {plain!r}")
        if len(both := sorted(default.intersection(members))) > 1:
            told = " and ".join(name.removeprefix("group:") for name in both[:2])
            faults.add(at, f"{told} are both default groups, so nothing could be installed")


def check_selectors(manifest: Manifest, faults: Faults) -> None:
    """Is there every extra and group that a source is for?"""
    for sources in manifest.settings.sources.values():
        for source in sources:
            if source.extra is not None and source.extra not in manifest.optional_dependencies:
                faults.add((*source.path, "extra"), f"there is no extra {source.extra!r}")
            if source.group is not None and source.group not in manifest.groups:
                faults.add((*source.path, "group"), f"there is no dependency group {source.group!r}")
