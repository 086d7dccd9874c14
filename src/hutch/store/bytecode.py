"""Bytecode of wheels, compiled once for each kind of Python: find it, check it, put it in.

An entry is for one wheel and one *tag*: what the interpreter calls its bytecode and the number that its
files begin with, so that an alpha is not taken for a release. It has the files of ``__pycache__`` folders at
their paths below site-packages, with the date of the wheel's own files, and a manifest. Who compiles is in
`hutch.store.compiling`; what this is worth, and why it stays right, in docs/explanation/store.md.
"""

from __future__ import annotations

import errno
import os
import stat

from hutch.store.disk import names_in, read_bytes, read_used
from hutch.store.layout import BYTECODE
from hutch.store.manifest import ManifestFile, wheel_time
from hutch.store.tables import pack, unpack
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

__all__ = ["CACHE", "Bytecode", "Bytecodes", "bytecode_tag", "encoded_hash", "read_bytecode", "source_of"]

CACHE = "__pycache__"
USED_WITHIN = 3600
_FORMAT = 1
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
_HEX = frozenset("0123456789abcdef")
_OCCUPIED = (errno.ENOTEMPTY, errno.EEXIST, errno.EACCES, errno.EPERM)


def bytecode_tag(cache_tag: str, magic: str) -> str | None:
    """``cpython-312-cb0d0d0a``: the tag of an interpreter with this ``cache_tag`` and magic number (in hex).

    None for one that has no bytecode, or calls it something that is no name for a folder.
    """
    plain = cache_tag and _SAFE.issuperset(cache_tag) and cache_tag[0].isalpha() and len(cache_tag) <= 40
    return f"{cache_tag}-{magic}" if plain and len(magic) == 8 and _HEX.issuperset(magic) else None


def source_of(path: str) -> str:
    """The module whose bytecode is at ``path``: ``pkg/x.py`` for ``pkg/__pycache__/x.cpython-312.pyc``."""
    folder, _, name = path.rpartition("/")
    return f"{folder[: -len(CACHE)]}{name.partition('.')[0]}.py"


@dataclass(frozen=True, slots=True)
class Bytecode:
    """The bytecode of one wheel for one tag.

    ``rows`` are as those of the wheel's manifest (path, size, date in nanoseconds, mode, hash), their paths
    relative to site-packages and to `files`; ``directories`` the ``__pycache__`` folders they are in.
    ``label`` is the wheel's name and version; ``left_out`` has (path, why) of modules without bytecode.
    """

    sha256: str
    tag: str
    folder: str
    label: str
    directories: tuple[str, ...]
    rows: tuple[ManifestFile, ...]
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def files(self) -> str:
        """The folder whose content goes to site-packages."""
        return self.folder + os.sep + "files"

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(row[1] for row in self.rows)

    def packed(self) -> bytes:
        """The manifest as the bytes of a table."""
        rows = tuple(tuple(row) for row in self.rows)
        return pack((_FORMAT, self.sha256, self.tag, self.label, self.directories, rows, self.left_out))

    def damage(self, *, deep: bool = False) -> tuple[str, ...]:
        """Files that are not as they were published, by size and date; ``deep``: by their bytes as well."""
        damaged = []
        for path, size, mtime_ns, _, digest in self.rows:
            where = f"{self.files}/{path}"
            try:
                facts = os.lstat(where)
            except (OSError, ValueError):
                damaged.append(path)
                continue
            if (
                facts.st_size != size
                or facts.st_mtime_ns != mtime_ns
                or not stat.S_ISREG(facts.st_mode)
                or (deep and encoded_hash(read_bytes(where) or b"") != digest)
            ):
                damaged.append(path)
        return tuple(damaged)


def encoded_hash(data: bytes) -> str:
    """The SHA-256 of ``data``, written as in a RECORD."""
    from hashlib import sha256

    from hutch.spec.digest import record_text

    return record_text(sha256(data).digest())


def read_bytecode(folder: str, sha256: str, tag: str, data: bytes | None) -> Bytecode | None:
    """The entry in ``folder`` with ``data`` as its manifest; None if that is not whole, or another's."""
    value = unpack(data)
    if not isinstance(value, tuple) or len(value) != 7 or value[:3] != (_FORMAT, sha256, tag):
        return None
    label, directories, rows, left_out = value[3:]
    try:
        # Rows stay plain tuples: there are ten thousand of them in a large environment.
        found = Bytecode(sha256, tag, folder, label, directories, rows, left_out)
        expected = wheel_time(sha256) * 1_000_000_000
        return found if all(row[2] == expected for row in rows[:1]) else None
    except (TypeError, IndexError):
        return None


class Bytecodes:
    """The bytecode in a store. ``scratch`` gives a locked working folder; ``layers`` are only read."""

    __slots__ = ("_layers", "_root", "_scratch", "_shunned")

    def __init__(
        self, root: str, scratch: Callable[[], AbstractContextManager[str]], layers: Sequence[str] = ()
    ) -> None:
        self._scratch = scratch
        self._shunned: set[str] = set()
        self.move(root, layers)

    def move(self, root: str, layers: Sequence[str]) -> None:
        """From now on be that of another folder."""
        self._root = os.path.join(root, BYTECODE)
        self._layers = tuple(os.path.join(layer, BYTECODE) for layer in layers)

    def folder(self, sha256: str, tag: str) -> str:
        """Where the entry lies or would lie."""
        return os.path.join(self._root, tag, sha256)

    def find(self, sha256: str, tag: str) -> Bytecode | None:
        """The bytecode of the wheel, or None. Reads the manifest alone, and marks it as used."""
        folder = os.path.join(self._root, tag, sha256)
        data = read_used(os.path.join(folder, "manifest"), USED_WITHIN)
        found = read_bytecode(folder, sha256, tag, data) if data is not None else None
        if found is None:
            for layer in self._layers:
                folder = os.path.join(layer, tag, sha256)
                if folder not in self._shunned:
                    data = read_bytes(os.path.join(folder, "manifest"))
                    found = read_bytecode(folder, sha256, tag, data) if data is not None else None
                    if found is not None:
                        break
        return found

    def tags(self) -> list[str]:
        """The tags for which there is any bytecode."""
        return names_in(self._root)

    def is_there(self, sha256: str, tag: str) -> bool:
        """Whether there is an entry, in whatever state: for those who link nothing of it themselves."""
        return any(
            os.path.exists(os.path.join(root, tag, sha256, "manifest"))
            for root in (self._root, *self._layers)
        )

    def entries(self) -> Iterator[tuple[str, str]]:
        """(hash of the wheel, tag) of all entries, sound or not."""
        for tag in names_in(self._root):
            for name in names_in(os.path.join(self._root, tag)):
                if len(name) == 64 and _HEX.issuperset(name):
                    yield name, tag

    def discard(self, sha256: str, tag: str) -> None:
        """Take the entry out, whatever state it is in. One of a layer stays, and is not looked at again."""
        self._shunned.update(os.path.join(layer, tag, sha256) for layer in self._layers)
        folder = self.folder(sha256, tag)
        if not os.path.lexists(folder):
            return
        with self._scratch() as scratch:
            try:
                os.rename(folder, os.path.join(scratch, "discarded"))
            except OSError:
                from hutch.store.disk import remove_tree

                remove_tree(folder)

    def prepare(self, tag: str) -> None:
        """Make the folder for a tag, if it is not there. Raises OSError; the store itself is never made."""
        for folder in (self._root, os.path.join(self._root, tag)):
            try:
                os.mkdir(folder)
            except FileExistsError:
                pass

    def publish(self, prepared: str, sha256: str, tag: str) -> bool:
        """Move a complete folder (``files`` and ``manifest``) to its place; whether there is an entry now.

        A sound one that another process has put there stays. Raises OSError, also where the folder for the
        tag (see `prepare`) is gone: whoever removed it meant it.
        """
        folder = self.folder(sha256, tag)
        for _ in range(4):
            try:
                os.rename(prepared, folder)
                return True
            except OSError as error:
                found = read_bytecode(folder, sha256, tag, read_bytes(os.path.join(folder, "manifest")))
                if found is not None and not found.damage():
                    return True
                if error.errno not in _OCCUPIED or not os.path.lexists(folder):
                    raise
                self.discard(sha256, tag)
        return False
