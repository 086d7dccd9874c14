"""What can be saved from a lock in the middle of a merge: names and versions, from both sides.

A merged lock is not repaired by patching: the two halves were proven each for itself, their mixture
was not. Its versions are worth keeping as preferences for a new solve, and they are easy to read
line by line, because a lock is written one key a line.
"""

from __future__ import annotations

__all__ = ["has_merge_markers", "merge_marker_line", "salvage"]

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


def salvage(text: str) -> tuple[tuple[str, str], ...]:
    """The (name, version) pairs in a damaged lock, each once: what is common and ours first.

    Nothing is assumed of the rest: any ``name = "…"`` at the beginning of a line, followed by a
    ``version = "…"``, counts, on either side of a conflict. Of a three-way conflict (``|||||||``)
    the common ancestor is passed over: neither side wants it any more.
    """
    ours: dict[tuple[str, str], None] = {}
    theirs: dict[tuple[str, str], None] = {}
    side = "both"
    # A conflict may cut between the name and the version, so each side has the name that it saw last.
    names = {"ours": "", "theirs": ""}
    for line in text.splitlines():
        if line.startswith("<<<<<<<"):
            side = "ours"
        elif line.startswith("|||||||"):
            side = "base"
        elif line.startswith("=======") and side in ("ours", "base"):
            side = "theirs"
        elif line.startswith(">>>>>>>"):
            side = "both"
        elif side != "base":
            for each, found in (("ours", ours), ("theirs", theirs)):
                if side not in (each, "both"):
                    continue
                if line.startswith("[["):
                    names[each] = ""
                elif (name := _value(line, "name")) is not None:
                    names[each] = name
                elif (version := _value(line, "version")) is not None and names[each]:
                    found[names[each], version] = None
                    names[each] = ""
    return tuple(ours | theirs)


def _value(line: str, key: str) -> str | None:
    """The text of ``key = "text"``, if that is what the line says."""
    left, equals, right = line.partition("=")
    right = right.strip()
    if not equals or left.strip() != key or line[:1].isspace() or len(right) < 2 or right[0] not in "\"'":
        return None
    value, closing, _ = right[1:].partition(right[0])
    return value if closing and value and "\\" not in value else None
