"""The journal of a change: what it will move and make, written down before; and how that is undone.

A journal (`Record`) has two lists of paths relative to the environment: ``moves`` (what is taken away, in
this order; each is kept under its number) and ``fresh`` (what does not exist once the moves are done). Each
fresh path was not there before, or is one of the moves; the whole of `undo` rests on that:

- a move that is among what is kept goes back to its place, and what lies there is new and deleted;
- a move that is not was never made, or is undone: what lies at its place is what has always been there;
- every other fresh path is new, and deleted.

None of these depends on the order in which a disk has taken the acts before the power was lost, and each
may be repeated, so the undo itself may be killed. A change is complete when its journal is renamed to be a
record of the history. By then the names that it made and took away are durable (`commit`); the contents
need not be, which is why `settling.py` looks at them once the machine has been started again.
"""

from __future__ import annotations

import os

from hutch.env.generations import CHANGE, Record, kept_directory, parse_record
from hutch.env.syncing import sync_directory, sync_file, sync_tree
from hutch.errors import Bug
from hutch.plain import read_plain
from hutch.trees import delete_tree

__all__ = ["Journal", "read_journal", "undo"]


class Journal:
    """An open change of the environment at ``root``; a ``passing`` one has nothing to lose with the power."""

    def __init__(self, root: str, record: Record, *, passing: bool = False) -> None:
        self.root = root
        self.record = record
        self.kept = kept_directory(root, record.name)
        self.passing = passing

    def write(self) -> None:
        """Make the journal durable. From here on a killed process is undone."""
        record = self.record
        for path in (*record.moves, *record.fresh):
            if not path or path.startswith("/") or ".." in path.split("/"):
                raise Bug(f"a change wants to touch {path!r}, which is not a path in the environment")
        directory = os.path.join(self.root, ".hutch")
        data = record.render()
        temporary = os.path.join(directory, "journal.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            if not self.passing:
                sync_file(descriptor)
        finally:
            os.close(descriptor)
        if record.moves:
            os.mkdir(self.kept)
        os.rename(temporary, os.path.join(directory, "journal"))
        if not self.passing:
            sync_directory(directory)

    def move_away(self) -> None:
        """Rename everything that is taken away."""
        for number, path in enumerate(self.record.moves):
            _move(os.path.join(self.root, path), os.path.join(self.kept, str(number)))

    def find(self, path: str) -> str | None:
        """Where that is now which was at ``path``, if it was moved."""
        upper = path
        while upper:
            if upper in self.record.moves:
                return f"{self.kept}/{self.record.moves.index(upper)}{path[len(upper) :]}"
            upper = upper.rpartition("/")[0]
        return None

    def commit(self) -> None:
        """The change is complete: the last act of this makes it so."""
        path = os.path.join(self.root, ".hutch", "journal")
        if self.passing:
            os.unlink(path)
            if self.record.moves:
                delete_tree(self.kept)
            return
        self.sync_names()
        os.utime(path)
        os.rename(path, os.path.join(self.root, ".hutch", CHANGE + self.record.name))

    @property
    def is_open(self) -> bool:
        """Whether the change has begun and is not complete."""
        return os.path.lexists(os.path.join(self.root, ".hutch", "journal"))

    def sync_names(self) -> None:
        """Ask that the names which came and went survive a lost power: a sync of the few directories above.

        A directory that came as a whole needs none for what is in it: that is looked at afterwards.
        """
        paths = (*self.record.moves, *self.record.fresh)
        for parent in sorted({path.rpartition("/")[0] for path in paths}):
            sync_directory(os.path.join(self.root, parent))

    def drop(self) -> None:
        """The change is undone: forget it."""
        if not self.passing:
            self.sync_names()
        os.unlink(os.path.join(self.root, ".hutch", "journal"))
        try:
            delete_tree(self.kept)
        except OSError:
            pass


def read_journal(root: str) -> Journal | None:
    """The journal that a killed process left, or None. Raises OSError, `DamagedJournal`."""
    from hutch.env.problems import DamagedJournal

    path = os.path.join(root, ".hutch", "journal")
    try:
        data = read_plain(path)
    except FileNotFoundError:
        return None
    try:
        return Journal(root, parse_record(data))
    except ValueError as error:
        # It was synced before it got its name, so this is the disk, or somebody's hand.
        raise DamagedJournal(path, str(error)) from error


def undo(journal: Journal) -> None:
    """Make the environment what it was before ``journal``. May be repeated; raises OSError."""
    root, moves = journal.root, journal.record.moves
    _refuse_ways_out(journal)
    there = [os.path.lexists(os.path.join(journal.kept, str(number))) for number in range(len(moves))]
    made = dict(zip(moves, there, strict=True))
    # Where `Foo` and `foo` are one file, a move of the other spelling counts as well.
    folded = {path.casefold(): present for path, present in made.items()}
    for path in journal.record.fresh:
        if made.get(path, folded.get(path.casefold(), True)):
            delete_tree(os.path.join(root, path))
    # Last what went first: a `dist-info` comes back when its files are there.
    for number in reversed(range(len(moves))):
        if there[number]:
            place = os.path.join(root, moves[number])
            # Bytecode that a running program wrote meanwhile, or the rest of a move across file systems.
            delete_tree(place)
            os.rename(os.path.join(journal.kept, str(number)), place)
    journal.drop()


def _refuse_ways_out(journal: Journal) -> None:
    """`DamagedJournal`, before anything is done, if a path of the journal leads out through a link.

    hutch wrote it for paths without one; but an environment may come with a checkout, journal and all.
    """
    from hutch.env.problems import DamagedJournal

    root = os.path.realpath(journal.root)
    paths = (*journal.record.moves, *journal.record.fresh)
    for parent in sorted({path.rpartition("/")[0] for path in paths}):
        real = os.path.realpath(os.path.join(root, parent))
        if real != root and not real.startswith(root + os.sep):
            place = os.path.join(journal.root, ".hutch", "journal")
            raise DamagedJournal(place, f"{parent} leads out of the environment")


def _move(source: str, target: str) -> None:
    import errno

    try:
        os.rename(source, target)
        return
    except OSError as error:
        # A directory of a lower layer of overlayfs (a container's image) cannot be renamed.
        if error.errno != errno.EXDEV:
            raise
    import shutil

    half = target + ".half"
    delete_tree(half)
    if os.path.isdir(source) and not os.path.islink(source):
        shutil.copytree(source, half, symlinks=True)
    else:
        shutil.copy2(source, half, follow_symlinks=False)
    # A rename would have been there or not; a copy is nothing before it is written down.
    sync_tree(half)
    os.rename(half, target)
    sync_directory(os.path.dirname(target))
    delete_tree(source)
