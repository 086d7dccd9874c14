"""Small values on disk that may be lost at any time: index pages, metadata, facts, shadows.

A table is a CRC-32 and a marshalled value (see docs/explanation/store.md). Whatever is wrong with
one, it is absent. Reading is on the hot path of every command.
"""

from __future__ import annotations

import marshal
import os
from zlib import crc32

from hutch.store.disk import read_bytes, read_used, write_atomic
from hutch.store.layout import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any, TypeVar

    from hutch.store.disk import Stamp

    T = TypeVar("T")

__all__ = ["Tables", "file_name", "pack", "pack_dated", "unpack", "unpack_dated"]

# All Pythons that run hutch read this one, so they can share a store.
_MARSHAL = 4
USED_WITHIN = 7 * 86400
"""A table's date says when it was last written or read, give or take so many seconds."""
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "clock$", *(f"{port}{i}" for port in ("com", "lpt") for i in range(10))]
)


def pack(value: object) -> bytes:
    """``value`` as a table: None, booleans, numbers, texts, bytes, and tuples, lists, dicts, sets of them."""
    body = marshal.dumps(value, _MARSHAL)  # type: ignore[arg-type]  # a recursive type, for callers a nuisance
    return crc32(body).to_bytes(4, "little") + body


def unpack(data: bytes | None) -> object | None:
    """The value of a table, or None if it is not whole."""
    if data is None or len(data) < 5:
        return None
    body = memoryview(data)[4:]
    if crc32(body).to_bytes(4, "little") != data[:4]:
        return None
    try:
        value: object = marshal.loads(body)
    except Exception:  # marshal promises nothing about what it raises
        return None
    return value


_TOGETHER = 500
"""Parts of a tail that are written at once."""
_DATE = 12
"""Bytes at the end of a dated table: microseconds since the epoch, and their own CRC-32."""


def pack_dated(value: object, tail: Sequence[bytes], date: float) -> Iterator[bytes]:
    """As ``pack``, with ``tail`` behind the value, which is as it is and costs nothing to read, and a date
    that can be renewed in place: seconds since the epoch. In pieces: a page may have a hundred megabytes."""
    head = marshal.dumps(value, _MARSHAL)  # type: ignore[arg-type]
    checksum = crc32(head)
    for each in tail:
        checksum = crc32(each, checksum)
    yield checksum.to_bytes(4, "little") + head
    for start in range(0, len(tail), _TOGETHER):
        yield b"".join(tail[start : start + _TOGETHER])
    yield _packed_date(date)


def unpack_dated(data: bytes | None) -> tuple[object, memoryview, float] | None:
    """The value, what ends with the tail, and the date; None if it is not whole.

    A date that is not whole (somebody else is just writing it) is long ago.
    """
    if data is None or len(data) < 5 + _DATE:
        return None
    body, trailer = memoryview(data)[4:-_DATE], data[-_DATE:]
    if crc32(body).to_bytes(4, "little") != data[:4]:
        return None
    try:
        value: object = marshal.loads(body)  # what follows the value is not looked at
    except Exception:  # marshal promises nothing about what it raises
        return None
    date = int.from_bytes(trailer[:8], "little") / 1e6
    return value, body, date if trailer == _packed_date(date) else 0.0


def _packed_date(date: float) -> bytes:
    data = min(max(round(date * 1e6), 0), (1 << 63) - 1).to_bytes(8, "little")
    return data + crc32(data).to_bytes(4, "little")


def file_name(key: str) -> str:
    """The name of the file that holds ``key``: parts divided by ``~``, each plain or ``=`` and its hash."""
    if _PLAIN.issuperset(key) and len(key) <= 120 and key[:1] != "." and key[-1:] not in (".", ""):
        if key.partition(".")[0] not in _DEVICES:
            return key
    elif "/" in key:
        return "~".join([file_name(part) for part in key.split("/")])
    from hutch.spec.digest import short_sha256

    return "=" + short_sha256(key.encode("utf-8", "surrogatepass"))


class Tables:
    """Values by kind and key.

    ``prepare`` is called before the first write makes a folder, and says whether there may be one.
    ``layers`` are folders of other stores, looked into for what ``root`` has not. While ``busy``, what is to
    be written soon waits until somebody says ``write_one`` or ``catch_up``; whoever reads it finds it.
    """

    __slots__ = ("_folders", "_late", "_prepare", "_waiting", "beside", "busy", "layers", "root")

    def __init__(
        self, root: str, prepare: Callable[[], bool] | None = None, layers: Sequence[str] = ()
    ) -> None:
        self._prepare = prepare
        self._waiting: dict[tuple[str, str], Callable[[], bytes | Iterable[bytes]]] = {}
        self._late: dict[tuple[str, str], Callable[[], bytes | Iterable[bytes]]] = {}
        self.busy = False
        self.beside: dict[str, Any] = {}
        """What others keep in memory of these tables, by a name of theirs."""
        self.move(root, layers)

    def move(self, root: str, layers: Sequence[str]) -> None:
        """From now on be those of another folder."""
        self.root = root
        self.layers = tuple(layers)
        self._folders: dict[str, str] = {}

    def path(self, kind: str, key: str) -> str:
        """Where the table lies or would lie."""
        folder = self._folders.get(kind)
        if folder is None:
            folder = self._folders[kind] = os.path.join(self.root, f"{kind}-v{FORMATS[kind]}", "")
        return folder + file_name(key)

    def read(self, kind: str, key: str, seen: list[Stamp] | None = None) -> object | None:
        """The value, or None if there is none that can be read.

        The (size, date in nanoseconds, inode) of the file is added to ``seen``, if it is not one of a layer.
        """
        return self._read(kind, key, seen, unpack)

    def read_dated(
        self, kind: str, key: str, seen: list[Stamp] | None = None
    ) -> tuple[object, memoryview, float] | None:
        """As ``read``, of a table that was written with a tail and a date; see ``unpack_dated``."""
        return self._read(kind, key, seen, unpack_dated)

    def _read(
        self, kind: str, key: str, seen: list[Stamp] | None, unpacked: Callable[[bytes | None], T | None]
    ) -> T | None:
        if (kind, key) in self._waiting:
            self._write_waiting(kind, key)
        found = unpacked(read_used(self.path(kind, key), USED_WITHIN, seen))
        if found is None:
            for layer in self.layers:
                path = os.path.join(layer, f"{kind}-v{FORMATS[kind]}", file_name(key))
                if (found := unpacked(read_bytes(path))) is not None:
                    break
        return found

    def find(self, kind: str, key: str) -> str | None:
        """The file of a table, of this store or of a layer, for who reads but parts of a tail."""
        places = [self.path(kind, key)]
        places += [os.path.join(layer, f"{kind}-v{FORMATS[kind]}", file_name(key)) for layer in self.layers]
        return next((path for path in places if os.path.exists(path)), None)

    def renew(self, kind: str, key: str, date: float, was: Stamp) -> bool:
        """Give a dated table another date in its place, if it is still the file that ``was`` read.

        Whoever reads it meanwhile finds the old date, the new one, or one that is not whole.
        """
        if os.name == "nt":
            return False  # nothing is written there at a place, with others reading
        try:
            descriptor = os.open(self.path(kind, key), os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            return False
        try:
            facts = os.fstat(descriptor)
            if (facts.st_size, facts.st_mtime_ns, facts.st_ino) != was or facts.st_size < _DATE:
                return False
            return os.pwrite(descriptor, _packed_date(date), facts.st_size - _DATE) == _DATE
        except OSError:
            return False
        finally:
            os.close(descriptor)

    def may_write(self) -> bool:
        """Whether something can be kept; makes what has to be there first."""
        from hutch.store.problems import StoreProblem

        try:
            return self._prepare is None or self._prepare()
        except (OSError, StoreProblem):
            return False

    def write(self, kind: str, key: str, value: object) -> bool:
        """Keep the value; False if that could not be done, which nobody needs to mind."""
        return self.write_packed(kind, key, pack(value))

    def write_soon(self, kind: str, key: str, make: Callable[[], bytes | Iterable[bytes]]) -> None:
        """Keep what ``make`` packs, when there is time; ValueError means that it cannot be kept.

        If the process ends before that, it was not kept.
        """
        self._waiting[kind, key] = make
        if not self.busy:
            self._write_waiting(kind, key)

    def write_late(self, kind: str, key: str, make: Callable[[], bytes | Iterable[bytes]]) -> None:
        """As ``write_soon``, but not before ``catch_up``: for what grows until then."""
        self._late[kind, key] = make
        if not self.busy:
            self.catch_up()

    def write_one(self) -> bool:
        """Write one of those that wait; False if none does."""
        if not self._waiting:
            return False
        self._write_waiting(*next(iter(self._waiting)))
        return True

    def catch_up(self) -> None:
        """Write all that wait, and from now on at once."""
        self.busy = False
        self._waiting.update(self._late)
        self._late.clear()
        while self.write_one():
            pass

    def _write_waiting(self, kind: str, key: str) -> None:
        make = self._waiting.pop((kind, key))
        try:
            self.write_packed(kind, key, make())
        except ValueError:
            pass  # something nested too deeply to be marshalled: not worth keeping

    def write_packed(self, kind: str, key: str, data: bytes | Iterable[bytes]) -> bool:
        """As ``write``, for what ``pack`` or ``pack_dated`` gave."""
        from hutch.store.problems import StoreProblem

        try:
            if self._prepare is not None and not self._prepare():
                return False
            write_atomic(self.path(kind, key), data)
        except (OSError, StoreProblem):
            return False
        return True

    def remove(self, kind: str, key: str) -> None:
        """Forget the value, if there is one."""
        self._waiting.pop((kind, key), None)
        try:
            os.unlink(self.path(kind, key))
        except OSError:
            pass

    def touch(self, kind: str, key: str) -> None:
        """Set the date of the table to now: it was used, or found to be still true."""
        try:
            os.utime(self.path(kind, key))
        except OSError:
            pass
