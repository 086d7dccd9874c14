"""The few ways in which the store touches the disk.

Plain ``os`` calls on ``str`` paths: this is on the path of every command, and ``pathlib``,
``tempfile`` and ``shutil`` cost more to import than the work they would do.
"""

from __future__ import annotations

import os
import stat
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "CREATE",
    "FOLDER",
    "READ",
    "read_bytes",
    "read_stated",
    "read_used",
    "remove_tree",
    "replace",
    "names_in",
    "sync_directory",
    "unique_name",
    "write_all",
    "write_atomic",
]

READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
# To make a file that is not there yet, and to write through no link.
CREATE = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
)
_WINDOWS = os.name == "nt"
# To open a folder as such, for its lock, for a sync, or to work below it.
FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)


Stamp = tuple[int, int, int]
"""Size, date in nanoseconds and inode: which file it is, and in which state."""


def read_bytes(path: str) -> bytes | None:
    """The content of the file, or None if it cannot be read, for whatever reason."""
    found = read_stated(path)
    return None if found is None else found[0]


def read_stated(path: str) -> tuple[bytes, os.stat_result] | None:
    """The content of the file, and what it was when it was read; None if it cannot be read."""
    try:
        descriptor = os.open(path, READ)
    except (OSError, ValueError):
        return None
    try:
        facts = os.fstat(descriptor)
        # One byte more than there should be: a read that fills the buffer would mean that the file grew.
        return os.read(descriptor, facts.st_size + 1), facts
    except OSError:
        return None
    finally:
        os.close(descriptor)


def read_used(path: str, seconds: int, seen: list[Stamp] | None = None) -> bytes | None:
    """As ``read_bytes``, and leave a mark that it was used: its date, set to now where it is older than that.

    One look at the clock when there is nothing to mark. A date in the future (a clock that was wrong) would
    never grow old, and is set as well. What file it was that was read is added to ``seen``.
    """
    found = read_stated(path)
    if found is None:
        return None
    data, facts = found
    if seen is not None:
        seen.append((facts.st_size, facts.st_mtime_ns, facts.st_ino))
    if not -seconds < time.time() - facts.st_mtime < seconds:
        try:
            os.utime(path)
        except OSError:
            pass  # not ours, or not to be written: whoever owns it knows what is used
    return data


def unique_name() -> str:
    """A file name that no other process, thread or earlier run chose."""
    return f"{os.getpid():x}-{os.urandom(6).hex()}"


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Write all of ``data``; the system may take it in several bites."""
    written = os.write(descriptor, data)
    while written < len(data):
        data = memoryview(data)[written:]
        written = os.write(descriptor, data)


def write_atomic(path: str, data: bytes | Iterable[bytes], *, sync: bool = False) -> None:
    """Put a file with this content, or these pieces of it, at ``path``: the old one or the new one is there,
    never a half.

    Raises OSError. Makes the parent folder (one level) if it is not there.
    """
    temporary = f"{path}.{unique_name()}.tmp"
    try:
        descriptor = os.open(temporary, CREATE, 0o644)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor = os.open(temporary, CREATE, 0o644)
    try:
        try:
            for piece in (data,) if isinstance(data, bytes) else data:
                write_all(descriptor, piece)
            if sync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        replace(temporary, path)
    except BaseException:
        try:
            os.unlink(temporary)
        except OSError:
            pass
        raise


def replace(source: str, target: str) -> None:
    """``os.replace``, patient with Windows, where a reader keeps a file from being replaced."""
    if not _WINDOWS:
        os.replace(source, target)
        return
    for attempt in range(8):
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if attempt == 7:
                raise
            time.sleep(0.005 * 2**attempt)


def names_in(folder: str) -> list[str]:
    """What is in a folder, in order; nothing where it is none, or cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def sync_directory(path: str) -> None:
    """Ask that renames inside ``path`` survive a power cut, where the system has such a thing."""
    if _WINDOWS:
        return
    try:
        descriptor = os.open(path, FOLDER)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)


def remove_tree(path: str) -> tuple[int, int]:
    """Remove ``path`` with all in it, never following a link; the files and bytes freed.

    What cannot be removed is left, silently: the caller looks whether the path is still there. A
    file with other hard links (in environments) counts nothing: its bytes are not freed.
    """
    files = size = 0
    folders: list[str] = []
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        folders.append(folder)
        try:
            # lstat by the entry: a link to a directory is unlinked, not entered.
            with os.scandir(folder) as entries:
                children = list(entries)
        except NotADirectoryError:
            folders.pop()
            files += 1
            _unlink(folder)
            continue
        except OSError:
            # A folder without permission to list it is ours all the same: try once more with it.
            if not _unlock(folder):
                continue
            try:
                with os.scandir(folder) as entries:
                    children = list(entries)
            except OSError:
                continue
        for entry in children:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
                continue
            try:
                facts = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if _unlink(entry.path):
                files += 1
                size += facts.st_size if facts.st_nlink <= 1 else 0
    for folder in reversed(folders):
        try:
            os.rmdir(folder)
        except PermissionError:
            if _unlock(os.path.dirname(folder)):
                try:
                    os.rmdir(folder)
                except OSError:
                    pass
        except OSError:
            pass
    return files, size


def _unlink(path: str) -> bool:
    try:
        os.unlink(path)
        return True
    except PermissionError:
        if not _unlock(os.path.dirname(path)):
            return False
    except OSError:
        return False
    try:
        if _WINDOWS:
            os.chmod(path, stat.S_IWRITE)
        os.unlink(path)
        return True
    except OSError:
        return False


def _unlock(folder: str) -> bool:
    """Give ourselves all rights on a folder; whether that went well."""
    try:
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            return False
        os.chmod(folder, 0o700)
        return True
    except OSError:
        return False
