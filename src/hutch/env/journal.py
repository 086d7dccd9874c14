"""The journal of a change, the trash, and how both are undone.

A journal is two lists of paths relative to the environment: ``moves`` (what goes to the trash, in this
order, under its number) and ``fresh`` (what does not exist once the moves are done). All moves come
before anything fresh is made; the whole of `undo` rests on that:

- a move without its copy in the trash: no fresh path was made yet, or all are gone again;
- all moves in the trash: fresh paths may be there, and none of them is older than the journal.

Every act of the undo may be repeated, so it may itself be killed. The journal is unlinked when the
change is complete, or completely undone; what is in the trash then is rubbish.
"""

from __future__ import annotations

import os

from hutch.errors import Bug

__all__ = ["Journal", "delete_tree", "empty_trash", "read_journal", "undo"]

MAGIC = "hutch-journal-1"


class Journal:
    """An open change of the environment at ``root``."""

    def __init__(self, root: str, moves: list[str], fresh: list[str], token: str = "") -> None:
        self.root = root
        self.moves = moves
        self.fresh = fresh
        # Its own directory in the trash: rubbish that could not be deleted must not look like our moves.
        self.token = token or f"{os.getpid():x}-{os.urandom(4).hex()}"

    @property
    def trash(self) -> str:
        """Where the moves go."""
        return os.path.join(_trash(self.root), self.token)

    def write(self) -> None:
        """Make the journal durable. From here on a killed process is undone."""
        import json

        for path in (*self.moves, *self.fresh):
            if not _is_safe(path):
                raise Bug(f"a change wants to touch {path!r}, which is not a path in the environment")
        directory = os.path.join(self.root, ".hutch")
        value = {"format": MAGIC, "trash": self.token, "moves": self.moves, "fresh": self.fresh}
        data = json.dumps(value).encode("ascii")
        temporary = os.path.join(directory, "journal.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            _sync(descriptor)
        finally:
            os.close(descriptor)
        if self.moves:
            os.makedirs(self.trash, exist_ok=True)
        os.rename(temporary, os.path.join(directory, "journal"))
        _sync_directory(directory)

    def move_away(self) -> None:
        """Rename everything that goes into the trash."""
        trash = self.trash
        for number, path in enumerate(self.moves):
            _move(os.path.join(self.root, path), os.path.join(trash, str(number)))

    def close(self) -> None:
        """The change is complete: this one act makes it so."""
        os.unlink(os.path.join(self.root, ".hutch", "journal"))


def read_journal(root: str) -> Journal | None:
    """The journal that a killed process left, or None. Raises OSError, `DamagedJournal`."""
    import json

    from hutch.env.problems import DamagedJournal

    path = os.path.join(root, ".hutch", "journal")
    try:
        with open(path, "rb") as file:
            value = json.loads(file.read())
    except FileNotFoundError:
        return None
    except ValueError as error:
        # It was synced before it got its name, so this is the disk, or somebody's hand.
        raise DamagedJournal(path, "it cannot be read") from error
    match value:
        case {"format": str(found), **_rest} if found != MAGIC:
            raise DamagedJournal(path, f"another version of hutch wrote it ({found[:40]})")
        case {"format": str(), "trash": str(token), "moves": list(moves), "fresh": list(fresh)} if token:
            paths = (*moves, *fresh, token)
            if all(isinstance(each, str) and _is_safe(each) for each in paths) and "/" not in token:
                return Journal(root, moves, fresh, token)
    raise DamagedJournal(path, "it does not say what was changed")


def _is_safe(path: str) -> bool:
    """Whether a path of a journal stays in the environment."""
    return bool(path) and not path.startswith("/") and ".." not in path.split("/")


def undo(journal: Journal) -> None:
    """Make the environment what it was before ``journal``. May be repeated; raises OSError."""
    root, trash = journal.root, journal.trash
    present = [os.path.lexists(os.path.join(trash, str(number))) for number in range(len(journal.moves))]
    if all(present):
        for path in journal.fresh:
            delete_tree(os.path.join(root, path))
    # Last what went first: a `dist-info` comes back when its files are there.
    for number in reversed(range(len(journal.moves))):
        if present[number]:
            place = os.path.join(root, journal.moves[number])
            # Bytecode that a running program wrote meanwhile, or the rest of a move across file systems.
            delete_tree(place)
            os.rename(os.path.join(trash, str(number)), place)
    journal.close()
    empty_trash(root)


def empty_trash(root: str) -> None:
    """Delete what the last change took away. What cannot be deleted now is tried again next time."""
    trash = _trash(root)
    if os.path.isdir(trash) and not os.path.islink(trash):
        try:
            delete_tree(trash)
        except OSError:
            pass


def delete_tree(path: str) -> None:
    """Delete a file, a link or a directory with all in it; nothing is fine too. Never follows a link."""
    try:
        os.unlink(path)
        return
    except FileNotFoundError:
        return
    except (IsADirectoryError, PermissionError):
        # macOS and Windows say EPERM or EACCES for a directory.
        if os.path.islink(path) or not os.path.isdir(path):
            raise
    _delete_directory(path)


def _delete_directory(path: str) -> None:
    unlink = os.unlink
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    _delete_directory(entry.path)
                else:
                    unlink(entry.path)
        os.rmdir(path)
    except FileNotFoundError:
        pass


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
    os.rename(half, target)
    delete_tree(source)


def _trash(root: str) -> str:
    return os.path.join(root, ".hutch", "trash")


def _sync(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # a file system without it: the journal still survives a kill


def _sync_directory(path: str) -> None:
    if os.name == "nt":
        return
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)
