"""A strict reader of ZIP archives: one that says one thing only, to every reader.

ZIP tells everything two or three times (local headers, the central directory, ZIP64 records, data
descriptors, Unicode path fields), and readers differ in whom they believe. This one believes nobody:
all of them must agree, members must fill the file from its first byte to the directory without gap
or overlap, and nothing may stand before or behind. Archives that Python's ``zipfile`` and the usual
build tools write pass; see APPNOTE.TXT 6.3.10 for the format and facts about real attacks in
docs/explanation/store.md.

It knows nothing of wheels. Faults are ``ArchiveFault``, which does not leave the room.
"""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock
from struct import Struct

from hutch.store.directory import (
    DEFLATED,
    MAX32,
    NEWEST,
    STORED,
    STREAMED,
    ArchiveFault,
    Limits,
    Member,
    TooMuch,
    check_unicode_path,
    find_directory,
    read_directory,
    read_extra,
)
from hutch.store.inflate import FAULTS, crc32
from hutch.store.inflate import inflater as new_inflater

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Archive", "ArchiveFault", "Limits", "Member", "TooMuch", "open_archive"]

_LOCAL = Struct("<4s5H3L2H")
_MAX16 = 0xFFFF
_WHOLE = 4 << 20  # members up to this size are read in one piece
_CHUNK = 1 << 20
_DESCRIPTOR = 24  # bytes of the longest data descriptor


class Archive:
    """The checked directory of an archive, and its members' contents on request.

    It reads from ``descriptor``, which stays the caller's. Threads may read at once.
    """

    __slots__ = ("_descriptor", "_lock", "limits", "members", "size")

    def __init__(self, descriptor: int, size: int, limits: Limits) -> None:
        self._descriptor = descriptor
        self._lock = allocate_lock()
        self.size = size
        self.limits = limits
        self.members: tuple[Member, ...] = ()

    if sys.platform != "win32":

        def _pread(self, size: int, offset: int) -> bytes:
            data = os.pread(self._descriptor, size, offset)
            if len(data) == size:
                return data
            return self._pread_rest(data, size, offset)

        def _pread_rest(self, data: bytes, size: int, offset: int) -> bytes:
            while data and len(data) < size:
                more = os.pread(self._descriptor, size - len(data), offset + len(data))
                if not more:
                    break
                data += more
            if len(data) != size:
                raise ArchiveFault("is cut short")
            return data

    else:

        def _pread(self, size: int, offset: int) -> bytes:
            with self._lock:
                os.lseek(self._descriptor, offset, os.SEEK_SET)
                parts = []
                missing = size
                while missing:
                    part = os.read(self._descriptor, missing)
                    if not part:
                        raise ArchiveFault("is cut short")
                    parts.append(part)
                    missing -= len(part)
                return b"".join(parts)

    def read(self, member: Member) -> bytes:
        """The content of ``member``; ArchiveFault if anything about it is not as the directory says."""
        if member.extent > _WHOLE or member.size > _WHOLE:
            return b"".join(self.chunks(member))
        raw = self._pread(member.extent, member.offset)
        start = _local_end(member, raw)
        end = start + member.compressed
        if end > len(raw):
            raise ArchiveFault(f"'{member.name}' is longer than its place")
        _check_descriptor(member, raw[end:])
        body = memoryview(raw)[start:end]
        if member.method == STORED:
            data = bytes(body)
        else:
            inflater = new_inflater()
            try:
                # One more than declared: a member that lies about its size is found out at once.
                data = inflater.decompress(body, member.size + 1)
            except FAULTS as error:
                raise ArchiveFault(f"'{member.name}' cannot be inflated") from error
            if not inflater.eof or inflater.unused_data:
                raise ArchiveFault(f"'{member.name}' does not inflate to what it declares")
        if len(data) != member.size:
            raise ArchiveFault(f"'{member.name}' does not have the size it declares")
        if crc32(data) != member.crc:
            raise ArchiveFault(f"'{member.name}' does not have the checksum it declares")
        return data

    def chunks(self, member: Member) -> Iterator[bytes]:
        """As ``read``, in pieces of about 1 MiB. A fault may come after some of them."""
        head = self._pread(min(member.extent, _LOCAL.size + 2 * _MAX16), member.offset)
        start = _local_end(member, head)
        if start + member.compressed > member.extent:
            raise ArchiveFault(f"'{member.name}' is longer than its place")
        end = member.offset + start + member.compressed
        behind = member.offset + member.extent - end
        _check_descriptor(member, self._pread(min(behind, _DESCRIPTOR + 1), end))
        crc = done = 0
        inflater = new_inflater() if member.method == DEFLATED else None
        at = member.offset + start
        while at < end:
            piece: bytes = self._pread(min(_CHUNK, end - at), at)
            at += len(piece)
            pending = False
            while piece or pending:
                if inflater is None:
                    data, piece = piece, b""
                else:
                    if inflater.eof:
                        raise ArchiveFault(f"'{member.name}' does not inflate to what it declares")
                    # One more than is left: a member that lies about its size is found out at once.
                    most = min(_CHUNK, member.size - done + 1)
                    try:
                        data = inflater.decompress(piece, most)
                    except FAULTS as error:
                        raise ArchiveFault(f"'{member.name}' cannot be inflated") from error
                    piece = inflater.unconsumed_tail
                    # All input may be taken while there is output left inside.
                    pending = len(data) == most and not inflater.eof
                done += len(data)
                if done > member.size:
                    raise ArchiveFault(f"'{member.name}' does not have the size it declares")
                crc = crc32(data, crc)
                if data:
                    yield data
        if inflater is not None and (not inflater.eof or inflater.unused_data):
            raise ArchiveFault(f"'{member.name}' does not inflate to what it declares")
        if done != member.size:
            raise ArchiveFault(f"'{member.name}' does not have the size it declares")
        if crc != member.crc:
            raise ArchiveFault(f"'{member.name}' does not have the checksum it declares")


def open_archive(
    descriptor: int, *, limits: Limits | None = None, links: bool = False, windows: bool = os.name == "nt"
) -> Archive:
    """Read and check the directory of the archive open at ``descriptor``; ``links`` lets symbolic links in.

    Raises ArchiveFault. Members' local headers and contents are checked when they are read.
    """
    limits = limits or Limits()
    size = os.fstat(descriptor).st_size
    archive = Archive(descriptor, size, limits)
    pread = archive._pread
    count, directory, directory_size = find_directory(pread, size)
    if count > limits.members:
        raise TooMuch(f"has {count} members, more than {limits.members}")
    members = read_directory(pread(directory_size, directory), count, directory, windows, links)
    total = sum(member.size for member in members)
    if total > limits.size or (total > limits.free_size and total > size * limits.ratio):
        raise TooMuch(f"would unpack to {total} bytes from {size}, out of proportion")
    archive.members = members
    return archive


def _local_end(member: Member, raw: bytes) -> int:
    """Check the local header at the start of ``raw`` against the directory; its length."""
    if len(raw) < _LOCAL.size:
        raise ArchiveFault("is cut short")
    (
        signature, needed, flags, method, _time, _date, crc, compressed, size, name_length, extra_length,
    ) = _LOCAL.unpack_from(raw)  # fmt: skip
    name = member.name
    if signature != b"PK\3\4":
        raise ArchiveFault(f"'{name}' has no local header")
    end: int = _LOCAL.size + name_length + extra_length
    if end > len(raw):
        raise ArchiveFault(f"'{name}' has a local header that is too long")
    if raw[_LOCAL.size : _LOCAL.size + name_length] != member.raw_name:
        raise ArchiveFault(f"'{name}' has another name in its local header")
    if (flags ^ member.flags) & ~0b110 or method != member.method:
        raise ArchiveFault(f"'{name}' has other flags or another method in its local header")
    if needed & 0xFF > NEWEST:
        raise ArchiveFault(f"'{name}' needs a newer reader")
    if extra_length:
        extra = read_extra(name, raw[_LOCAL.size + name_length : end])
        check_unicode_path(name, member.raw_name, extra)
        wide = extra.get(1)
        if wide is not None:
            # Here the field has both sizes, always.
            if len(wide) != 16:
                raise ArchiveFault(f"'{name}' has a broken ZIP64 field in its local header")
            size_64 = int.from_bytes(wide[:8], "little")
            compressed_64 = int.from_bytes(wide[8:], "little")
            if size not in (size_64, MAX32) or compressed not in (compressed_64, MAX32):
                raise ArchiveFault(f"'{name}' has a ZIP64 field that disagrees with its local header")
            size, compressed = size_64, compressed_64
    declared = (crc, compressed, size)
    expected = (member.crc, member.compressed, member.size)
    # When streamed, what was not known yet is zero.
    if declared != expected and not (
        flags & STREAMED and all(each in (0, right) for each, right in zip(declared, expected, strict=True))
    ):
        raise ArchiveFault(f"'{name}' has another checksum or size in its local header")
    return end


def _check_descriptor(member: Member, raw: bytes) -> None:
    """What stands behind the data: a descriptor that agrees when streamed, else nothing."""
    if not member.flags & STREAMED:
        if raw:
            raise ArchiveFault(f"something follows '{member.name}' that no member owns")
        return
    crc = member.crc.to_bytes(4, "little")
    for width in (4, 8):
        if max(member.compressed, member.size) >> (8 * width):
            continue
        body = crc + member.compressed.to_bytes(width, "little") + member.size.to_bytes(width, "little")
        if raw in (body, b"PK\7\x08" + body):
            return
    raise ArchiveFault(f"'{member.name}' has a data descriptor that disagrees with the directory")
