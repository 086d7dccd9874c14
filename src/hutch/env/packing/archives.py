"""Writing the archive: the same files give the same bytes.

Entries in the order in which they are given, owner 0, modes 644 and 755, the dates that they have. A file
that is not what was hashed a moment ago is a problem: somebody is changing the environment.
"""

from __future__ import annotations

import os
import sys

from hutch.env.packing.gathering import CHUNK, FIXED, Item
from hutch.env.packing.problems import CannotPack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any, BinaryIO

    from hutch.env.packing.manifest import PackFile

__all__ = ["FORMATS", "LEVELS", "format_of", "write_pack"]

FORMATS = ("tar.zst", "tar.gz", "zip")
LEVELS = {"tar.zst": (1, 22, 9), "tar.gz": (0, 9, 6), "zip": (0, 9, 6)}
"""The lowest, the highest and the usual level of compression of each."""
_ENDINGS = {".tar.zst": "tar.zst", ".tzst": "tar.zst", ".tar.gz": "tar.gz", ".tgz": "tar.gz", ".zip": "zip"}
_NEW = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_MAGIC = {"tar.zst": b"\x28\xb5\x2f\xfd", "tar.gz": b"\x1f\x8b", "zip": b"PK\x03\x04"}


def format_of(name: str) -> str | None:
    """The format that a file name tells, or None."""
    return next((form for ending, form in _ENDINGS.items() if name.lower().endswith(ending)), None)


def write_pack(
    path: str,
    form: str,
    level: int | None,
    texts: Iterable[Item],
    items: Iterable[Item],
    known: Mapping[str, PackFile],
    *,
    step: Callable[[int], None] = lambda size: None,
) -> int:
    """Write ``texts``, then ``items``, of which ``known`` has hash and size; the bytes of the archive.

    It gets its name when it is complete. Raises CannotPack, and OSError.
    """
    from hutch.env.flock import take

    # Always the same name: what a killed command leaves is what the next one writes over.
    temporary = f"{path}.part"
    level = LEVELS[form][2] if level is None else level
    mine, writer = True, None
    try:
        with open(os.open(temporary, _NEW, 0o666), "wb") as file:
            if not _is_free(file.fileno(), take):
                mine = False
                raise CannotPack(f"{path} is being written by another command")
            file.truncate()
            writer = _Zip(file, level) if form == "zip" else _Tar(file, form, level)
            for item in texts:
                writer.add(item, len(item.content or b""), _pieces(item, None))
            for item in items:
                size = known[item.path].size if item.path in known else 0
                writer.add(item, size, _pieces(item, known.get(item.path)))
                step(size)
            writer.close()
            file.flush()
            os.fsync(file.fileno())
        size = os.stat(temporary).st_size
        os.replace(temporary, path)
    except BaseException:
        if isinstance(writer, _Zip):
            writer.abandon()
        if mine:
            try:
                os.unlink(temporary)
            except OSError:
                pass
        raise
    return size


def _is_free(descriptor: int, take: Callable[[int], bool]) -> bool:
    try:
        return take(descriptor)
    except OSError:
        return True  # a file system without locks


def _pieces(item: Item, known: PackFile | None) -> Iterator[bytes]:
    from hashlib import sha256

    if item.content is not None:
        yield item.content
        return
    hashed, size = sha256(), 0
    with open(item.source, "rb") as file:
        while piece := file.read(CHUNK):
            hashed.update(piece)
            size += len(piece)
            if known is not None and size > known.size:
                break
            yield piece
    if known is None or size != known.size or hashed.hexdigest() != known.sha256:
        raise CannotPack(
            f"{item.path} changed while it was packed", hint="try again when nothing works in the environment"
        )


class _Tar:
    def __init__(self, file: BinaryIO, form: str, level: int) -> None:
        self._file = file
        if form == "tar.gz":
            import zlib

            # The header has neither a date nor a name.
            self._compressor: Any = zlib.compressobj(level, zlib.DEFLATED, 31)
        else:
            from hutch.store import zstd

            module = zstd()
            options = {
                module.CompressionParameter.compression_level: level,
                module.CompressionParameter.checksum_flag: 1,
            }
            self._compressor = module.ZstdCompressor(options=options)

    def add(self, item: Item, size: int, pieces: Iterator[bytes]) -> None:
        import tarfile

        entry = tarfile.TarInfo(item.path)
        entry.mtime = item.mtime
        entry.mode = 0o755 if item.executable else 0o644
        if item.target:
            entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, item.target, 0o777
        else:
            entry.size = size
        self._write(entry.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))
        if item.target:
            return
        for piece in pieces:
            self._write(piece)
        self._write(bytes(-size % 512))

    def close(self) -> None:
        self._write(bytes(1024))
        self._file.write(self._compressor.flush())

    def _write(self, data: bytes) -> None:
        if data:
            self._file.write(self._compressor.compress(data))


class _Zip:
    def __init__(self, file: BinaryIO, level: int) -> None:
        import zipfile

        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=level)

    def add(self, item: Item, size: int, pieces: Iterator[bytes]) -> None:
        import stat
        import time
        import zipfile

        date = time.gmtime(max(item.mtime, 315_532_800) if item.mtime else FIXED)[:6]
        entry = zipfile.ZipInfo(item.path, date)
        entry.create_system = 3
        mode = stat.S_IFLNK | 0o777 if item.target else stat.S_IFREG | (0o755 if item.executable else 0o644)
        entry.external_attr = mode << 16
        entry.compress_type = zipfile.ZIP_STORED if item.target else zipfile.ZIP_DEFLATED
        if sys.version_info >= (3, 13):
            entry.compress_level = self._archive.compresslevel
        else:
            entry._compresslevel = self._archive.compresslevel  # type: ignore[attr-defined, unused-ignore]
        if item.target:
            self._archive.writestr(entry, item.target.encode("utf-8"))
            return
        entry.file_size = size
        with self._archive.open(entry, "w", force_zip64=size >= 1 << 31) as file:
            for piece in pieces:
                file.write(piece)

    def close(self) -> None:
        self._archive.close()

    def abandon(self) -> None:
        """Write nothing more: else it would end itself when it is forgotten, on a disk that is full."""
        self._archive.fp = None
