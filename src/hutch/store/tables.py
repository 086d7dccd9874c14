"""Small values on disk that may be lost at any time: index pages, metadata, facts, shadows.

A table is a CRC-32 and a marshalled value (see docs/explanation/store.md). Whatever is wrong with
one, it is absent. Reading is on the hot path of every command.
"""

from __future__ import annotations

import marshal
import os
from zlib import crc32

from hutch.store.disk import read_bytes, write_atomic
from hutch.store.layout import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Tables", "file_name", "pack", "unpack"]

# All Pythons that run hutch read this one, so they can share a store.
_MARSHAL = 4
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
    """Values by kind and key. ``prepare`` is called before the first write makes a folder."""

    __slots__ = ("_folders", "_prepare", "root")

    def __init__(self, root: str, prepare: Callable[[], None] | None = None) -> None:
        self.root = root
        self._prepare = prepare
        self._folders: dict[str, str] = {}

    def path(self, kind: str, key: str) -> str:
        """Where the table lies or would lie."""
        folder = self._folders.get(kind)
        if folder is None:
            folder = self._folders[kind] = os.path.join(self.root, f"{kind}-v{FORMATS[kind]}", "")
        return folder + file_name(key)

    def read(self, kind: str, key: str) -> object | None:
        """The value, or None if there is none that can be read."""
        return unpack(read_bytes(self.path(kind, key)))

    def write(self, kind: str, key: str, value: object) -> bool:
        """Keep the value; False if that could not be done, which nobody needs to mind."""
        return self.write_packed(kind, key, pack(value))

    def write_packed(self, kind: str, key: str, data: bytes) -> bool:
        """As ``write``, for what ``pack`` gave."""
        from hutch.store.problems import StoreProblem

        try:
            if self._prepare is not None:
                self._prepare()
            write_atomic(self.path(kind, key), data)
        except (OSError, StoreProblem):
            return False
        return True

    def remove(self, kind: str, key: str) -> None:
        """Forget the value, if there is one."""
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
