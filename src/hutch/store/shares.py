"""One large archive, unpacked by several processes: each writes some of its files.

What is last to arrive is often the largest, and then one process would unpack while the others wait. Files
are the unit; so of an archive that is one huge file only the rest is shared. Each process that is forked
answers with the lines of the manifest, after all of its files are written and proven; where one does not
answer, whatever the reason, its files are written here, where the problem belongs.
"""

from __future__ import annotations

from hutch.forked import Forked, may_fork
from hutch.pipes import message, receive, send
from hutch.store.manifest import ManifestFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Protocol

    from hutch.store.contents import Placed

    class Writer(Protocol):
        """Writes files of an archive below a folder."""

        native: list[str]

        def make_folders(self, share: Iterable[Placed]) -> None:
            """Make all folders for these."""

        def write_all(self, share: Iterable[Placed]) -> list[ManifestFile]:
            """Unpack these; their lines of the manifest, in the same order."""

        def remove_all(self, share: Iterable[Placed]) -> None:
            """Remove what there is of these."""


__all__ = ["shares_of", "write_together"]

WORTH = 8 << 20
"""So many bytes are worth another process."""
_MOST = 8
_A_FILE = 8192  # what one costs besides its bytes, in bytes


def shares_of(placed: Sequence[Placed], hands: int) -> list[list[int]]:
    """Who writes what: numbers of files for each of the processes that it pays to have, at most ``hands``."""
    weights = [each.member.size + _A_FILE for each in placed] if hands > 1 and may_fork() else []
    count = min(_MOST, hands, sum(weights) // WORTH)
    if count < 2:
        return [[*range(len(placed))]]
    loads, shares = [0] * count, [list[int]() for _ in range(count)]
    # The largest first, each to whoever has least.
    for number in sorted(range(len(placed)), key=weights.__getitem__, reverse=True):
        least = loads.index(min(loads))
        loads[least] += weights[number]
        shares[least].append(number)
    parts = sorted(zip(loads, shares, strict=True), reverse=True)
    # Beside a huge file there may be little for the others, or nothing: one does as soon what two would do.
    while len(parts) > 1 and parts[-1][0] + parts[-2][0] <= parts[0][0] + WORTH // 2:
        (load, share), (more, others) = parts.pop(), parts.pop()
        parts = sorted([*parts, (load + more, share + others)], reverse=True)
    return [sorted(share) for _, share in parts]


def write_together(
    writer: Writer, placed: Sequence[Placed], shares: Sequence[list[int]]
) -> list[ManifestFile]:
    """Unpack all; the lines of the manifest in their order. Raises what ``writer`` raises."""
    writer.make_folders(placed)
    parts = [[placed[number] for number in share] for share in shares]
    lines: dict[int, ManifestFile] = {}
    helpers: list[Forked] = []
    try:
        for part in parts[1:]:
            try:
                helpers.append(_help(writer, part))
            except OSError:
                break  # no more processes for this user, or no descriptors
        for at, (share, part) in enumerate(zip(shares, parts, strict=True)):
            written = _answer(writer, helpers[at - 1]) if 0 < at <= len(helpers) else None
            if written is None:
                if at:
                    writer.remove_all(part)
                written = writer.write_all(part)
            lines.update(zip(share, written, strict=True))
    except BaseException:
        for helper in helpers:
            _quietly(helper.kill)  # nobody wants to have what it writes
        raise
    finally:
        for helper in helpers:
            helper.close()
            _quietly(helper.wait)
    return [lines[number] for number in range(len(placed))]


def _quietly(act: Callable[[], None]) -> None:
    try:
        act()
    except OSError:
        pass  # who started us ignores SIGCHLD, so the system has taken it already


def _help(writer: Writer, part: Sequence[Placed]) -> Forked:
    return Forked(lambda jobs, answers: _serve(writer, part, answers))


def _serve(writer: Writer, share: Sequence[Placed], answers: int) -> None:
    """What another process does all its life."""
    writer.native.clear()
    rows = [tuple(row) for row in writer.write_all(share)]
    send(answers, message((rows, writer.native)))


def _answer(writer: Writer, helper: Forked) -> list[ManifestFile] | None:
    """The lines of what it has written; None where it says nothing."""
    said = receive(helper.answers)
    if said is None:
        return None
    rows, native = said
    writer.native += native
    return [ManifestFile(*row) for row in rows]
