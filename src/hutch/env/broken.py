"""The names of the distributions that lost files with the power, until they are put in anew."""

from __future__ import annotations

import os

from hutch.plain import without_waiting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["mark_broken", "mend", "read_broken", "read_note", "write_note"]

BROKEN = "broken"


def read_broken(root: str) -> frozenset[str]:
    """The normalised names."""
    return frozenset((read_note(root, BROKEN) or "").split())


def mark_broken(root: str, names: Collection[str]) -> None:
    """These lost something; the next plan replaces them."""
    write_note(root, BROKEN, "\n".join(sorted(read_broken(root).union(names))))


def mend(root: str, names: Collection[str]) -> None:
    """These were put in anew."""
    broken = read_broken(root)
    if not broken.isdisjoint(names):
        write_note(root, BROKEN, "\n".join(sorted(broken.difference(names))))


def read_note(root: str, name: str) -> str | None:
    """The text of a small file in `.hutch`; None if it is not there."""
    try:
        with open(os.path.join(root, ".hutch", name), "rb", opener=without_waiting) as file:
            return file.read(1 << 20).decode("utf-8", "replace").strip()
    except OSError:
        return None


def write_note(root: str, name: str, text: str) -> None:
    """Write one. Failing only means that somebody looks again."""
    path = os.path.join(root, ".hutch", name)
    try:
        with open(path + ".new", "wb") as file:
            file.write(text.encode() + b"\n")
        os.replace(path + ".new", path)
    except OSError:
        pass
