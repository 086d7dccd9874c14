"""METADATA out of a wheel of which only some bytes are here.

A zip archive has its directory at its end, and wheels have their ``.dist-info`` last as a rule. So
the tail is asked for first, and whatever else is needed by further ranges: a generator that yields
ranges and is sent bytes, so that it reads a file, a server or a test alike.

This reads hostile archives: every number is checked before it is used, and what two readers could
read differently is refused. See APPNOTE.TXT of the zip format and the binary distribution format.
"""

from __future__ import annotations

import zlib
from struct import Struct

from hutch.spec import InvalidVersion, normalize, version_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = [
    "BadArchive",
    "Piece",
    "Range",
    "TAIL",
    "WholeFileNeeded",
    "read_metadata_by_ranges",
    "run_on_file",
]

TAIL = 48 * 1024
_MOST_DIRECTORY = 32 << 20
_MOST_METADATA = 8 << 20

_END = Struct("<4s4H2LH")  # end of central directory
_ENTRY = Struct("<4s6H3L5H2L")  # file header in the central directory
_LOCAL = Struct("<4s5H3L2H")  # file header before the data

Range = int | tuple[int, int]
"""What is asked for: ``-n`` for the last n bytes, ``(start, stop)`` for those before ``stop``."""

Piece = tuple[int, int, bytes]
"""What is sent: where it starts, how long the whole file is, the bytes."""


class BadArchive(Exception):
    """The archive is not a wheel that can be read; ``args[0]`` says why."""


class WholeFileNeeded(Exception):
    """The archive may be good, but not for reading by parts (zip64, an unusual compression)."""


class _Window:
    """The bytes that are here: one run of the file."""

    def __init__(self, piece: Piece) -> None:
        self.start, self.total, self.data = piece

    def get(self, start: int, stop: int) -> bytes | None:
        if start < self.start or stop > self.start + len(self.data):
            return None
        return self.data[start - self.start : stop - self.start]


def read_metadata_by_ranges(name: str, version: str) -> Generator[Range, Piece, bytes]:
    """Yield ranges of a wheel of ``name`` ``version``, be sent their bytes, return its METADATA.

    Raises ``BadArchive`` and ``WholeFileNeeded``.
    """
    window = _Window((yield -TAIL))
    directory_at, directory_size, count = _find_directory(window)
    directory = window.get(directory_at, directory_at + directory_size)
    if directory is None:
        wider = _Window((yield (directory_at, window.total)))
        _same_file(wider, window)
        window = wider
        directory = window.get(directory_at, directory_at + directory_size)
        if directory is None:
            raise BadArchive("its directory is cut off")
    member, method, crc, packed, size, offset = _find_member(directory, count, name, version)
    if size > _MOST_METADATA or packed > _MOST_METADATA:
        raise BadArchive("its METADATA is larger than any")
    # The local header repeats the name, and may have extra fields of up to 64 KiB; usually 0 to 32 bytes.
    stop = min(offset + _LOCAL.size + len(member) + packed + 64, directory_at)
    data = window.get(offset, stop)
    if data is None:
        piece = _Window((yield (offset, stop)))
        _same_file(piece, window)
        window = piece
        data = window.get(offset, stop)
    if data is None or len(data) < _LOCAL.size:
        raise BadArchive("its METADATA is cut off")
    start = _LOCAL.size + _check_local(data, member, method)
    if start + packed > len(data):
        needed = offset + start + packed
        if needed > directory_at:
            raise BadArchive("its METADATA runs into the directory")
        piece = _Window((yield (offset, needed)))
        _same_file(piece, window)
        data = piece.get(offset, needed)
        if data is None:
            raise BadArchive("its METADATA is cut off")
    return _unpack(data[start : start + packed], method, size, crc)


def _same_file(piece: _Window, other: _Window) -> None:
    if piece.total != other.total:
        raise BadArchive("it changed while it was read")


def _find_directory(window: _Window) -> tuple[int, int, int]:
    """Offset, size and number of entries of the central directory."""
    data = window.data
    if window.start + len(data) != window.total or len(data) < _END.size:
        raise BadArchive("it is too short for an archive")
    # Only an archive without a comment: a comment could hold another end of another directory.
    tail = data[-_END.size :]
    signature, disk, first_disk, here, count, size, offset, comment = _unpack_end(tail)
    if signature != b"PK\5\6" or comment:
        if data.rfind(b"PK\5\6") >= 0:
            raise WholeFileNeeded
        raise BadArchive("it is not a zip archive")
    if 0xFFFF in (disk, count, here) or 0xFFFFFFFF in (size, offset):
        raise WholeFileNeeded  # zip64
    if disk or first_disk or here != count:
        raise BadArchive("it is one part of several")
    if offset + size + _END.size != window.total:
        # Bytes before the archive, or between its directory and its end: readers differ about those.
        raise WholeFileNeeded
    if size > _MOST_DIRECTORY or count * _ENTRY.size > size:
        raise BadArchive("its directory cannot be true")
    return offset, size, count


def _unpack_end(tail: bytes) -> tuple[bytes, int, int, int, int, int, int, int]:
    signature, disk, first_disk, here, count, size, offset, comment = _END.unpack(tail)
    return signature, disk, first_disk, here, count, size, offset, comment


def _find_member(
    directory: bytes, count: int, name: str, version: str
) -> tuple[bytes, int, int, int, int, int]:
    """Name, method, CRC, packed and unpacked size and offset of the one METADATA of the wheel."""
    at = 0
    found: list[tuple[bytes, int, int, int, int, int]] = []
    folders: set[bytes] = set()
    for _ in range(count):
        if at + _ENTRY.size > len(directory):
            raise BadArchive("its directory is cut off")
        fields = _ENTRY.unpack_from(directory, at)
        flags, method, crc, packed, size = fields[3], fields[4], fields[7], fields[8], fields[9]
        name_length, extra_length, comment_length, offset = fields[10], fields[11], fields[12], fields[16]
        if fields[0] != b"PK\1\2":
            raise BadArchive("its directory is damaged")
        start = at + _ENTRY.size
        path = directory[start : start + name_length]
        at = start + name_length + extra_length + comment_length
        folder, slash, rest = path.partition(b"/")
        if not slash or folder[-10:].lower() != b".dist-info":
            continue
        folders.add(folder)
        if rest == b"METADATA":
            if flags & 0x1 or flags & 0x40:
                raise BadArchive("its METADATA is encrypted")
            if 0xFFFFFFFF in (packed, size, offset):
                raise WholeFileNeeded
            found.append((path, method, crc, packed, size, offset))
    if at != len(directory):
        raise BadArchive("its directory has bytes that no entry owns")
    if len(folders) != 1 or len(found) != 1:
        raise BadArchive("it has not exactly one .dist-info directory with METADATA")
    _check_folder(folders.pop(), name, version)
    return found[0]


def _check_folder(folder: bytes, name: str, version: str) -> None:
    try:
        text = folder[:-10].decode("ascii")
        its_name, _, its_version = text.rpartition("-")
        if normalize(its_name) == name and version_key(its_version) == version_key(version):
            return
    except (UnicodeDecodeError, InvalidVersion):
        pass
    raise BadArchive("its .dist-info directory is of another project or version")


def _check_local(data: bytes, member: bytes, method: int) -> int:
    """Length of name and extra fields in the local header, which must agree with the directory."""
    fields = _LOCAL.unpack_from(data)
    if fields[0] != b"PK\3\4" or fields[3] != method:
        raise BadArchive("its METADATA is not where the directory says")
    name_length, extra_length = fields[9], fields[10]
    if data[_LOCAL.size : _LOCAL.size + name_length] != member:
        raise BadArchive("the name of its METADATA differs between directory and file")
    length: int = name_length + extra_length
    return length


def _unpack(data: bytes, method: int, size: int, crc: int) -> bytes:
    if method == 0:
        content = data
    elif method == 8:
        inflater = zlib.decompressobj(-15)
        try:
            content = inflater.decompress(data, size + 1)
        except zlib.error:
            raise BadArchive("its METADATA is damaged")
        if not inflater.eof:
            raise BadArchive("its METADATA has another size than the directory says")
    else:
        raise WholeFileNeeded
    if len(content) != size or zlib.crc32(content) != crc:
        raise BadArchive("its METADATA is damaged")
    return content


def run_on_file(path: str, name: str, version: str) -> bytes:
    """METADATA of the wheel at ``path``. Raises ``BadArchive``, ``WholeFileNeeded`` and ``OSError``."""
    with open(path, "rb") as stream:
        total = stream.seek(0, 2)
        reading = read_metadata_by_ranges(name, version)
        wanted = next(reading)
        while True:
            start, stop = (max(total + wanted, 0), total) if isinstance(wanted, int) else wanted
            stream.seek(start)
            try:
                wanted = reading.send((start, total, stream.read(stop - start)))
            except StopIteration as end:
                content: bytes = end.value
                return content
