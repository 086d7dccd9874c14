"""After the machine was started again: is what the last changes put here on the disk?

A change syncs the names that it makes at the top, not the contents of tens of thousands of files: that
would cost more than the change. A power that is lost within half a minute may take some of them along. So
the first command after a start looks, once, at everything that came since the last such look: the RECORD
by its digest, every file by its size. If something is short, the change that brought it is undone from what
it had kept, and so on backwards: the environment is what it was before. Where that cannot be (nothing was
kept, or somebody else has changed it since) the packages are marked, and the next plan replaces them.

A file with a date after the change is somebody's edit, and no damage; a file that is gone from a directory
that was changed after it is somebody's deed too. `env verify` tells of both.
"""

from __future__ import annotations

import os
import stat

from hutch.env.broken import mark_broken, read_note, write_note
from hutch.env.environment import read_settings
from hutch.env.generations import CHANGE, Package, Record, read_change, read_history, record_names
from hutch.env.journal import Journal, undo
from hutch.env.state import SLACK, is_this_boot
from hutch.env.texts import mend_texts

__all__ = ["is_settled", "is_unsettled", "settle"]

SETTLED = "settled"


def is_unsettled(root: str) -> bool:
    """Whether the last change may have been lost with the power: almost never, and two small files tell."""
    names = record_names(root)
    if not names:
        # Made by hutch, and nothing was installed yet: its own files may have been lost.
        return os.path.isdir(os.path.join(root, ".hutch"))
    if read_note(root, SETTLED) == names[-1]:
        return False
    newest = read_change(root, names[-1])
    return newest is None or not is_this_boot(newest.boot)


def is_settled(root: str) -> bool:
    """Whether the last change has outlived a start of the machine: there is nothing more to be lost of it."""
    names = record_names(root)
    return bool(names) and read_note(root, SETTLED) == names[-1]


def settle(root: str) -> tuple[tuple[Record, ...], frozenset[str]]:
    """Look at what came since the last look, under the lock; what was undone, and what is marked as broken.

    Raises OSError.
    """
    if not is_unsettled(root):
        return (), frozenset()
    mend_texts(root, read_settings(root) or {})
    records = list(read_history(root))
    known = (read_note(root, SETTLED) or "").partition("-")[0]
    settled = int(known) if known.isdecimal() and len(known) < 10 else 0
    undone: list[Record] = []
    damaged: frozenset[str] = frozenset()
    while records and records[-1].number > settled:
        newest = records[-1]
        damaged = _damaged(root, newest, settled)
        if not damaged:
            break
        if not _can_undo(root, newest):
            mark_broken(root, damaged)
            break
        directory = os.path.join(root, ".hutch")
        os.rename(os.path.join(directory, CHANGE + newest.name), os.path.join(directory, "journal"))
        undo(Journal(root, newest))
        undone.append(records.pop())
        damaged = frozenset()
    names = record_names(root)
    if names:
        write_note(root, SETTLED, names[-1])
    return tuple(undone), damaged


def _can_undo(root: str, record: Record) -> bool:
    """Whether all that it took away is kept, and nobody has installed or removed anything since."""
    from hutch.env.conda_files import is_conda
    from hutch.env.conda_installed import is_prefix, read_both
    from hutch.env.installed import read_installed

    journal = Journal(root, record)
    if record.foreign:
        return False
    if not all(
        os.path.lexists(os.path.join(journal.kept, str(number))) for number in range(len(record.moves))
    ):
        return False
    distributions = [one for one in record.packages if not is_conda(one.dist_info)]
    directories = sorted({one.dist_info.rpartition("/")[0] for one in distributions})
    if len(distributions) < len(record.packages) or is_prefix(root):
        present = {one.dist_info for one in read_both(root, directories).values()}
    else:
        present = {one.dist_info for one in read_installed(root, directories).values()}
    return present == {one.dist_info for one in record.packages}


def _damaged(root: str, record: Record, settled: int) -> frozenset[str]:
    """The packages that came after the generation ``settled``, and are not all there."""
    when: dict[int, float] = {}
    for name in record_names(root):
        try:
            mtime = os.stat(os.path.join(root, ".hutch", CHANGE + name)).st_mtime
        except OSError:
            continue
        when[int(name.partition("-")[0])] = mtime
    latest = when.get(record.number, record.time)
    return frozenset(
        one.name
        for one in record.packages
        if one.digest and one.since > settled and _is_damaged(root, one, when.get(one.since, latest) + SLACK)
    )


def _is_damaged(root: str, package: Package, until: float) -> bool:
    from hashlib import sha256

    from hutch.env.planted import lost_files
    from hutch.env.records import LINKED, parse_rows, record_path

    directory = os.path.join(root, package.dist_info)
    path = os.path.join(root, record_path(root, package.dist_info))
    if not os.path.lexists(directory):
        return False  # its name was synced: somebody has uninstalled it
    if _is_short(path, package.size, until):
        return True
    try:
        with open(path, "rb") as file:
            content = file.read()
        edited = os.stat(path).st_mtime > until
    except OSError:
        return False  # and not by the power
    if sha256(content).hexdigest()[:16] != package.digest:
        return not edited
    return any(
        _is_short(os.path.join(root, path), size, until)
        or (digest.startswith(LINKED) and bool(lost_files(os.path.join(root, path))))
        for path, digest, size in parse_rows(root, package.dist_info, content)
    )


def _is_short(path: str, size: int | None, until: float) -> bool:
    """Whether the file is not as large as it should be, or not there, and nobody has touched it since."""
    try:
        found = os.lstat(path)
    except OSError:
        try:
            return os.stat(os.path.dirname(path)).st_mtime <= until
        except OSError:
            return True
    if size is None or found.st_size == size or not stat.S_ISREG(found.st_mode):
        return False
    return found.st_mtime <= until
