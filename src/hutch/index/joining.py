"""One page out of two: what the owner has, and what a place that joins it adds."""

from __future__ import annotations

from hutch.index.page import Page

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.index.page import Record

__all__ = ["joined"]


def joined(owner: Page, extra: Page) -> Page:
    """The owner's page with the versions and files of ``extra``; its own file wins of two of one name."""
    positions = [{key: position for position, key in enumerate(page.keys)} for page in (owner, extra)]
    keys = sorted({*owner.keys, *extra.keys})
    prerelease = yanked = wheels = sdists = 0
    pythons: dict[str, int] = {}
    versions: list[str] = []
    records: list[Any] = []
    for position, key in enumerate(keys):
        bit = 1 << position
        # (page, position there) of those that have the version, the owner first.
        sides = [(page, at[key]) for page, at in zip((owner, extra), positions, strict=True) if key in at]
        first, place = sides[0]
        versions.append(first.versions[place])
        records.append(first.records[place] if len(sides) == 1 else _both(sides))
        for text, mask in first.requires_python if len(sides) == 1 else ():
            if mask >> place & 1:
                pythons[text] = pythons.get(text, 0) | bit
        prerelease |= bit if first.prerelease >> place & 1 else 0
        yanked |= bit if all(page.yanked >> at & 1 for page, at in sides) else 0
        wheels |= bit if any(page.wheels >> at & 1 for page, at in sides) else 0
        sdists |= bit if any(page.sdists >> at & 1 for page, at in sides) else 0
    return Page(
        name=owner.name,
        index=owner.index,
        url=owner.url,
        versions=tuple(versions),
        keys=tuple(keys),
        prerelease=prerelease,
        yanked=yanked,
        wheels=wheels,
        sdists=sdists,
        requires_python=tuple(pythons.items()),
        status=owner.status,
        status_reason=owner.status_reason,
        records=records,
    )


def _both(sides: list[tuple[Page, int]]) -> tuple[Record, ...]:
    by_name: dict[object, Record] = {}
    for page, position in sides:
        for record in page.records_of(position):
            by_name.setdefault(record[0], record)
    return tuple(by_name.values())
