"""What can be saved from a lock in the middle of a merge: names and versions, from both sides.

A merged lock is not repaired by patching: the two halves were proven each for itself, their mixture
was not. Its versions are worth keeping as preferences for a new solve, and they are easy to read
line by line, because a lock is written one key a line.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["has_merge_markers", "merge_marker_line", "salvage", "salvage_conda", "sides_of_conflict"]

_MARKERS = ("<<<<<<< ", "=======", ">>>>>>> ", "||||||| ")


def merge_marker_line(text: str) -> int | None:
    """The line (from 1) of the first conflict marker, None when there is none."""
    if "<<<<<<<" not in text and ">>>>>>>" not in text:
        return None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(("<<<<<<<", ">>>>>>>")):
            return number
    return None


def has_merge_markers(text: str) -> bool:
    """Whether ``text`` holds the conflict markers of an unfinished merge."""
    return merge_marker_line(text) is not None


def sides_of_conflict(text: str) -> tuple[str, str]:
    """What a file with conflict markers is on our side, and on theirs."""
    ours: list[str] = []
    theirs: list[str] = []
    for side, line in _sided(text.splitlines(keepends=True)):
        if side in ("ours", "both"):
            ours.append(line)
        if side in ("theirs", "both"):
            theirs.append(line)
    return "".join(ours), "".join(theirs)


def _sided(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each line but the markers, with its side: ``both``, ``ours``, ``base``, ``theirs``."""
    side = "both"
    for line in lines:
        if line.startswith("<<<<<<<"):
            side = "ours"
        elif line.startswith("|||||||"):
            side = "base"
        elif line.startswith("=======") and side in ("ours", "base"):
            side = "theirs"
        elif line.startswith(">>>>>>>"):
            side = "both"
        else:
            yield side, line


def salvage(text: str) -> tuple[tuple[str, str], ...]:
    """The (name, version) pairs in a damaged lock, each once: what is common and ours first.

    Nothing is assumed of the rest: any ``name = "…"`` at the beginning of a line, followed by a
    ``version = "…"``, counts, on either side of a conflict; what stands in blocks of conda's records is not
    meant. Of a three-way conflict (``|||||||``) the common ancestor is passed over: neither side wants it
    any more.
    """
    return tuple((name, version) for name, version in _rows(text, ("version",), conda=False))


def salvage_conda(text: str) -> tuple[tuple[str, str, str], ...]:
    """Likewise the (name, version, build) of conda's records."""
    return tuple(
        (name, version, build) for name, version, build in _rows(text, ("version", "build"), conda=True)
    )


def _rows(text: str, keys: tuple[str, ...], *, conda: bool) -> tuple[tuple[str, ...], ...]:
    ours: dict[tuple[str, ...], None] = {}
    theirs: dict[tuple[str, ...], None] = {}
    # A conflict may cut between the name and the version, so each side has what it saw last.
    rows: dict[str, list[str]] = {"ours": [], "theirs": []}
    # Where git cut away the head of a block, what it is of is told by the blocks before it.
    of_conda = {"ours": False, "theirs": False}
    for side, line in _sided(text.splitlines()):
        for each, found in (("ours", ours), ("theirs", theirs)):
            if side not in (each, "both"):
                continue
            row = rows[each]
            if line.startswith("[["):
                row.clear()
                of_conda[each] = line.startswith("[[tool.hutch.conda.")
            elif of_conda[each] is not conda:
                continue
            elif (name := _value(line, "name")) is not None:
                row[:] = [name]
            elif row and (value := _value(line, keys[len(row) - 1])) is not None:
                row.append(value)
                if len(row) > len(keys):
                    found[tuple(row)] = None
                    row.clear()
    return tuple(ours | theirs)


def _value(line: str, key: str) -> str | None:
    """The text of ``key = "text"``, if that is what the line says."""
    left, equals, right = line.partition("=")
    right = right.strip()
    if not equals or left.strip() != key or line[:1].isspace() or len(right) < 2 or right[0] not in "\"'":
        return None
    value, closing, _ = right[1:].partition(right[0])
    return value if closing and value and "\\" not in value else None
