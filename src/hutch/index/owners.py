"""Who owns a name: the first place that has it, unless that place only holds copies of the next one's files.

See ``docs/adr/0008-how-extra-indexes-rank.md``. A place on this disk (find-links, a ``file://`` index)
is often a partial mirror: a few wheels of public packages, for one Python. As an owner it would hide
every other version. Whether it is one can be proven: if each of its files is, by SHA-256, a file of the
next place that has the name, then both have the same project, and the next place has all of it. Who
does not have the bytes of a private package cannot claim its name in this way.
"""

from __future__ import annotations

from hutch.index.page import Page

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.errors import Problem
    from hutch.index.options import IndexOptions

__all__ = ["Claim", "is_mirror"]


class Claim:
    """The page of one name, while places are asked in order.

    ``page`` is the answer so far. It is settled unless it comes from this disk: then the next place is
    asked as well, and takes the name over if the first turns out to be a mirror of it.
    """

    __slots__ = ("_settled", "page")

    def __init__(self) -> None:
        self.page: Page | None = None
        self._settled = False

    def asks(self, options: IndexOptions) -> bool:
        """Is there a reason to ask this place?"""
        return options.joins or not self._settled

    def take(self, options: IndexOptions, found: Page | None) -> None:
        """Consider what a place has, None if it does not have the name."""
        if found is None:
            return
        if self.page is None:
            self.page = found
        elif options.joins:
            from hutch.index.joining import joined

            self.page = joined(self.page, found)
            return
        elif is_mirror(self.page, found):
            self.page = found
        # A second partial mirror on this disk settles nothing: ask on.
        self._settled = not options.url.startswith("file:")

    def stands_without(self, problem: Problem) -> bool:
        """Does the answer hold though the next place could not be asked? What is on this disk is there."""
        return self.page is not None and problem.exit_code == 3


def is_mirror(local: Page, other: Page) -> bool:
    """Is every file of ``local``, a page of a place on this disk, by its hash a file of ``other``?"""
    theirs = {record[0]: record for record in _records(other)}
    for record in _records(local):
        proof = theirs.get(record[0])
        if proof is None or (expected := _sha256(proof)) is None:
            return False
        actual = _sha256(record) or _sha256_of_file(record[1])
        if actual != expected:
            return False
    return True


def _records(page: Page) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for position in range(len(page.records)):
        found += page.records_of(position)
    return found


def _sha256(record: tuple[Any, ...]) -> str | None:
    hashes = record[2]
    if isinstance(hashes, dict):
        hashes = hashes.get("sha256")
    return hashes.lower() if isinstance(hashes, str) else None


def _sha256_of_file(url: str) -> str | None:
    import hashlib

    from hutch.index.local import local_path

    try:
        with open(local_path(url), "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
