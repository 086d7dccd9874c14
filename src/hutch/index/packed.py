"""The records of a page that was read from the store: none is touched before somebody looks."""

from __future__ import annotations

from itertools import accumulate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PackedRecords"]


class PackedRecords:
    """The records of the versions of a page as they lie in the store: each a slice of what was read."""

    __slots__ = ("_body", "_ends", "_lengths")

    def __init__(self, body: memoryview, lengths: tuple[int, ...]) -> None:
        self._body = body
        self._lengths = lengths
        self._ends: list[int] | None = None

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[bytes]:
        return map(self.__getitem__, range(len(self._lengths)))

    def __getitem__(self, place: int) -> bytes:
        if self._ends is None:
            self._ends = list(accumulate(self._lengths, initial=len(self._body) - sum(self._lengths)))
        return bytes(self._body[self._ends[place] : self._ends[place] + self._lengths[place]])
