"""Putting a file of the store where it belongs: by clone, hard link or copy.

The hot path of an installation: tens of thousands of calls. Plain strings and directory descriptors, no
objects for a file but the manifest's tuple. The mode is found out with the first file and kept for the
run; single files that refuse (too many links) are copied.
"""

from __future__ import annotations

import errno
import os
import sys

from hutch.events import Emit, Event, Notice, silent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Literal

    # What of a wheel may be linked by directories is said with it; its other files go as with "auto".
    LinkMode = Literal["auto", "clone", "hardlink", "copy", "tree"]
    # A file of a manifest: (path, size, mtime_ns, mode, hash).
    Row = Sequence[object]

__all__ = ["Linker", "changed_directory", "damaged_file", "write_new"]

# What says "not in this way, on these file systems", as against "not at all".
NOT_SO = frozenset(
    getattr(errno, name)
    for name in (
        "EXDEV",
        "EPERM",
        "EACCES",
        "EOPNOTSUPP",
        "ENOTSUP",
        "ENOTTY",
        "EINVAL",
        "ENOSYS",
        "EMLINK",
        "EBADF",
    )
    if hasattr(errno, name)
)
FICLONE = 0x40049409
"""The ioctl of Linux that makes a file share the blocks of another."""
PARTS_OF_STORES = ("/wheels-v", "/trees-v", "/bytecode-v", "/conda-v")
BY_DESCRIPTOR = os.link in os.supports_dir_fd and os.stat in os.supports_dir_fd


class Linker:
    """Puts files into one environment, in the best way that ``mode`` allows.

    Where files are copied though something better was asked for, it says so once: it takes time and space.
    """

    def __init__(self, mode: LinkMode, emit: Emit = silent) -> None:
        self._ways = ["clone", "hardlink", "copy"] if mode in ("auto", "tree") else [mode, "copy"]
        if mode == "copy":
            self._ways = ["copy"]
        self._order = list(self._ways)
        self._orders: dict[str, list[str]] = {}
        self._store: str | None = None
        self._written = b"", ""
        self._emit = emit
        self._told = False

    @property
    def mode(self) -> str:
        """The way in use: settled once a file has been put."""
        return self._order[0]

    def twin(self, emit: Emit) -> Linker:
        """Another one that knows what this one found out, for another thread."""
        other = Linker("copy", emit)
        other._ways = list(self._ways)
        other._orders = {store: list(order) for store, order in self._orders.items()}
        other._order = list(self._order)
        other._told = self._told
        return other

    def tell(self, notice: Event) -> None:
        """Say what a twin has to say, if nobody has yet."""
        if not self._told:
            self._told = True
            self._emit(notice)

    def put_all(self, source: str, target: str, files: Sequence[Row]) -> None:
        """Put ``files`` (paths relative to both directories, which exist) from ``source`` into ``target``."""
        store = next((source.rpartition(part)[0] for part in PARTS_OF_STORES if part in source), "")
        if store != self._store:
            # Another store may be on another file system, or another user's: what works is its own.
            self._store = store
            self._order = self._orders.setdefault(store, list(self._ways))
        index = 0
        while index < len(files) and self._order[0] != "hardlink":
            row = files[index]
            self.put(f"{source}/{row[0]}", f"{target}/{row[0]}", row[3])  # type: ignore[arg-type]
            index += 1
        if index < len(files):
            self._link_all(source, target, files[index:] if index else files)

    def put(self, source: str, target: str, mode: int) -> None:
        """Put one file. Raises OSError, FileExistsError included: nothing is ever overwritten."""
        while True:
            way = self._order[0]
            try:
                WAYS[way](source, target, mode)
                return
            except FileExistsError:
                raise
            except OSError as error:
                if error.errno not in NOT_SO or way == "copy":
                    raise
                if error.errno != errno.EMLINK:
                    del self._order[0]
                    self._tell(way, error)
                    continue
            _copy(source, target, mode)
            return

    def write(self, target: str, content: bytes) -> None:
        """Write a small file that may be the same for many packages: a link to the last one is made faster.

        Nobody edits these; who replaces one replaces it for one package.
        """
        last, path = self._written
        if last == content and self._order[0] != "copy" and BY_DESCRIPTOR:
            try:
                os.link(path, target)
                return
            except FileExistsError:
                raise
            except OSError:
                pass  # too many of them, or none at all
        write_new(target, content, 0o666)
        self._written = content, target

    def _link_all(self, source: str, target: str, files: Sequence[Row]) -> None:
        """The loop that counts: one system call a file. Short paths are resolved faster by the kernel."""
        link = os.link
        if not BY_DESCRIPTOR:
            for row in files:
                self.put(f"{source}/{row[0]}", f"{target}/{row[0]}", row[3])  # type: ignore[arg-type]
            return
        done = 0
        source_fd = os.open(source, os.O_RDONLY)
        try:
            target_fd = os.open(target, os.O_RDONLY)
            try:
                for row in files:
                    path = row[0]
                    link(path, path, src_dir_fd=source_fd, dst_dir_fd=target_fd)  # type: ignore[arg-type]
                    done += 1
                return
            except FileExistsError:
                raise
            except OSError as error:
                if error.errno not in NOT_SO:
                    raise
            finally:
                os.close(target_fd)
        finally:
            os.close(source_fd)
        row = files[done]
        self.put(f"{source}/{row[0]}", f"{target}/{row[0]}", row[3])  # type: ignore[arg-type]
        self.put_all(source, target, files[done + 1 :])

    def _tell(self, way: str, error: OSError) -> None:
        if self._told or self._order[0] != "copy":
            return
        self._told = True
        if error.errno == errno.EXDEV:
            reason = "the cache and the environment are on different file systems"
        else:
            what = "hard links" if way == "hardlink" else "clones"
            reason = f"there are no {what} between the cache and the environment ({error.strerror})"
        self._emit(Notice(f"files are copied: {reason}; with link-mode copy this is not said"))


def write_new(path: str, content: bytes, mode: int) -> None:
    """Write a file that does not exist, with ``mode`` less the umask."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, mode)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
    finally:
        os.close(descriptor)


def damaged_file(source: str, files: Sequence[Row]) -> str | None:
    """The first of ``files`` in the store that is not as the manifest says (size, time), or None."""
    stat = os.stat
    if os.stat in os.supports_dir_fd:
        try:
            descriptor = os.open(source, os.O_RDONLY)
        except OSError:
            return str(files[0][0]) if files else None
        path: object = None
        try:
            for row in files:
                path = row[0]
                found = stat(path, dir_fd=descriptor, follow_symlinks=False)  # type: ignore[arg-type]
                if found.st_size != row[1] or found.st_mtime_ns != row[2]:
                    return str(path)
        except OSError:
            return str(path)
        finally:
            os.close(descriptor)
        return None
    for row in files:
        try:
            found = stat(f"{source}/{row[0]}", follow_symlinks=False)
        except OSError:
            return str(row[0])
        if found.st_size != row[1] or found.st_mtime_ns != row[2]:
            return str(row[0])
    return None


def changed_directory(files: str, dates: Iterable[tuple[str, int]]) -> str | None:
    """The first directory of a tree below ``files`` that something came into or went from, or None."""
    stat = os.stat
    path = ""
    descriptor: int | None = None
    start = f"{files}/"
    try:
        if BY_DESCRIPTOR:
            descriptor, start = os.open(files, os.O_RDONLY), ""
        for path, date in dates:
            if stat(start + path, dir_fd=descriptor).st_mtime_ns != date:
                return path
    except OSError:
        return path
    finally:
        if descriptor is not None:
            os.close(descriptor)
    return None


def _clone(source: str, target: str, mode: int) -> None:
    """Share blocks until somebody writes. Raises OSError where that is not possible, leaving nothing."""
    if sys.platform == "darwin":
        _clonefile(source, target)
        return
    if not sys.platform.startswith("linux"):
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP), target)
    import fcntl

    source_fd = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        target_fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            fcntl.ioctl(target_fd, FICLONE, source_fd)
            found = os.fstat(source_fd)
            os.utime(target_fd, ns=(found.st_mtime_ns, found.st_mtime_ns))
        except OSError as error:
            os.unlink(target)
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
                raise
            raise OSError(errno.EOPNOTSUPP, error.strerror, target) from error
        finally:
            os.close(target_fd)
    finally:
        os.close(source_fd)


_libc: Callable[[bytes, bytes, int], int] | None = None


def _clonefile(source: str, target: str) -> None:  # pragma: no cover - macOS only
    global _libc
    import ctypes

    if _libc is None:
        function = ctypes.CDLL(None, use_errno=True).clonefile
        function.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int]
        _libc = function
    if _libc(os.fsencode(source), os.fsencode(target), 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), target)


def _link(source: str, target: str, mode: int) -> None:
    os.link(source, target)


def _copy(source: str, target: str, mode: int) -> None:
    """The bytes, the executable bit and the time; exclusive, so that nothing is overwritten."""
    binary = getattr(os, "O_BINARY", 0)
    source_fd = os.open(source, os.O_RDONLY | binary)
    try:
        found = os.fstat(source_fd)
        target_fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary, mode)
        try:
            _copy_bytes(source_fd, target_fd, found.st_size)
            if os.utime in os.supports_fd:
                os.utime(target_fd, ns=(found.st_mtime_ns, found.st_mtime_ns))
        except BaseException:
            os.unlink(target)
            raise
        finally:
            os.close(target_fd)
    finally:
        os.close(source_fd)


def _copy_bytes(source: int, target: int, size: int) -> None:
    """In the kernel where it can, else through memory."""
    left = size
    if left and hasattr(os, "copy_file_range"):
        try:
            while left > 0:
                count = os.copy_file_range(source, target, left)
                if count == 0:
                    return
                left -= count
            return
        except OSError as error:
            if error.errno not in NOT_SO:
                raise
    while chunk := os.read(source, 1 << 20):
        view = memoryview(chunk)
        while view:
            view = view[os.write(target, view) :]


WAYS: dict[str, Callable[[str, str, int], None]] = {"clone": _clone, "hardlink": _link, "copy": _copy}
