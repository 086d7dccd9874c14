"""Lists of a project that ask for its own extras: ``dev = ["shop[cpu]"]``.

To uv whoever chooses such a list has chosen the extra, so its sources count, and what excludes it. hutch goes
by the lists that are chosen: each of these gets what is said of the extra.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from hutch.project.dialects.draft import Draft

__all__ = ["share_extras"]


def share_extras(draft: Draft) -> None:
    """Say of the lists that ask for an extra what sources and conflicts say of that."""
    from hutch.spec import normalize

    asking = _asking(draft)
    if not asking:
        return
    sources = draft.get("tool", "hutch", "sources")
    for name, said in sources.items() if isinstance(sources, dict) else ():
        entries = said if isinstance(said, list) else [said]
        more = []
        for entry in entries:
            extra = entry.get("extra") if isinstance(entry, dict) else None
            if isinstance(extra, str):
                bare = {key: value for key, value in entry.items() if key != "extra"}
                more += [{**bare, **member} for member in asking.get(normalize(extra), ())]
        if more:
            sources[name] = [*entries, *(each for each in more if each not in entries)]
    conflicts = draft.get("tool", "hutch", "conflicts")
    if isinstance(conflicts, list):
        for each in _implied(conflicts, asking):
            if not any(_members(each) == _members(known) for known in conflicts):
                conflicts.append(each)


def _members(conflict: Any) -> set[str]:
    """The members of a set, in no order."""
    return {repr(each) for each in conflict} if isinstance(conflict, list) else set()


def _implied(conflicts: list[Any], asking: dict[str, list[dict[str, str]]]) -> Iterator[list[Any]]:
    """The sets with lists in the place of the extras that they ask for."""
    from hutch.spec import normalize

    for members in list(conflicts):
        for number, member in enumerate(members if isinstance(members, list) else ()):
            if (
                not isinstance(member, dict)
                or list(member) != ["extra"]
                or not isinstance(member["extra"], str)
            ):
                continue
            for other in asking.get(normalize(member["extra"]), ()):
                changed = [*members[:number], other, *members[number + 1 :]]
                if other not in members:
                    yield changed


def _asking(draft: Draft) -> dict[str, list[dict[str, str]]]:
    """By extra the lists that ask for it, as members of a conflict: ``{ group = "dev" }``."""
    from hutch.errors import Problem
    from hutch.spec import normalize, parse_requirement

    own = draft.get("project", "name")
    found: dict[str, list[dict[str, str]]] = {}
    if not isinstance(own, str):
        return found
    places = (
        ("group", draft.get("dependency-groups")),
        ("extra", draft.get("project", "optional-dependencies")),
    )
    for kind, table in places:
        for key, items in table.items() if isinstance(table, dict) else ():
            for item in items if isinstance(items, list) else ():
                if not isinstance(item, str) or not normalize(item).startswith(normalize(own)):
                    continue
                try:
                    requirement = parse_requirement(item)
                except Problem:
                    continue
                if requirement.name == normalize(own):
                    for extra in requirement.extras:
                        found.setdefault(extra, []).append({kind: normalize(key)})
    return found
