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
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple, TypeAlias

from hutch.store.paths import fault_of_name

__all__ = ["Archive", "ArchiveFault", "Limits", "Member", "open_archive"]

_Read: TypeAlias = Callable[[int, int], bytes]  # size, offset -> exactly so many bytes

_END = Struct("<4s4H2LH")
_END64 = Struct("<4sQ2H2L4Q")
_LOCATOR64 = Struct("<4sLQL")
_CENTRAL = Struct("<4s6H3L5H2L")
_LOCAL = Struct("<4s5H3L2H")
_FIELD = Struct("<2H")
_SIGNATURES = (b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7")

_STORED, _DEFLATED = 0, 8
_STREAMED = 1 << 3  # sizes follow the data
_UTF8 = 1 << 11
# Bits 1 and 2 tell how hard the compressor tried.
_KNOWN_FLAGS = 0b110 | _STREAMED | _UTF8
_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
_WHOLE = 4 << 20  # members up to this size are read in one piece
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an archive may at most contain; above ``free_size`` bytes in all, ``ratio`` times its own size."""

    members: int = 200_000
    size: int = 64 << 30
    free_size: int = 64 << 20
    ratio: int = 100


class ArchiveFault(Exception):
    """Why the archive is refused."""


class Member(NamedTuple):
    """One file or folder (whose ``name`` ends with a slash); at ``offset``, ``extent`` bytes belong to it."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    compressed: int
    size: int
    mode: int
    offset: int
    extent: int


class Archive:
    """The checked directory of an archive, and its members' contents on request.

    It reads from ``descriptor``, which stays the caller's. Threads may read at once.
    """

    __slots__ = ("_descriptor", "_lock", "members", "size")

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self.size = size
        self.members: tuple[Member, ...] = ()

    if hasattr(os, "pread"):

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

    else:  # Windows

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
        if member.method == _STORED:
            data = bytes(body)
        else:
            inflater = zlib.decompressobj(-15)
            try:
                # One more than declared: a member that lies about its size is found out at once.
                data = inflater.decompress(body, member.size + 1)
            except zlib.error as error:
                raise ArchiveFault(f"'{member.name}' cannot be inflated") from error
            if not inflater.eof or inflater.unused_data:
                raise ArchiveFault(f"'{member.name}' does not inflate to what it declares")
        if len(data) != member.size:
            raise ArchiveFault(f"'{member.name}' does not have the size it declares")
        if zlib.crc32(data) != member.crc:
            raise ArchiveFault(f"'{member.name}' does not have the checksum it declares")
        return data

    def chunks(self, member: Member) -> Iterator[bytes]:
        """As ``read``, in pieces of about 1 MiB. A fault may come after some of them."""
        head = self._pread(min(member.extent, _LOCAL.size + 2 * _MAX16), member.offset)
        start = _local_end(member, head)
        if start + member.compressed > member.extent:
            raise ArchiveFault(f"'{member.name}' is longer than its place")
        end = member.offset + start + member.compressed
        _check_descriptor(member, self._pread(member.offset + member.extent - end, end))
        crc = done = 0
        inflater = zlib.decompressobj(-15) if member.method == _DEFLATED else None
        at = member.offset + start
        while at < end:
            piece: bytes = self._pread(min(_CHUNK, end - at), at)
            at += len(piece)
            while piece:
                if inflater is None:
                    data, piece = piece, b""
                else:
                    if inflater.eof:
                        raise ArchiveFault(f"'{member.name}' does not inflate to what it declares")
                    try:
                        data = inflater.decompress(piece, _CHUNK)
                    except zlib.error as error:
                        raise ArchiveFault(f"'{member.name}' cannot be inflated") from error
                    piece = inflater.unconsumed_tail
                    if not piece and len(data) == _CHUNK and not inflater.eof:
                        # All input is taken, but there may be output left inside.
                        data += inflater.decompress(b"", member.size - done - len(data) + 1)
                done += len(data)
                if done > member.size:
                    raise ArchiveFault(f"'{member.name}' does not have the size it declares")
                crc = zlib.crc32(data, crc)
                if data:
                    yield data
        if inflater is not None and (not inflater.eof or inflater.unused_data):
            raise ArchiveFault(f"'{member.name}' does not inflate to what it declares")
        if done != member.size:
            raise ArchiveFault(f"'{member.name}' does not have the size it declares")
        if crc != member.crc:
            raise ArchiveFault(f"'{member.name}' does not have the checksum it declares")


def open_archive(
    descriptor: int, *, limits: Limits | None = None, windows: bool = os.name == "nt"
) -> Archive:
    """Read and check the directory of the archive open at ``descriptor``.

    Raises ArchiveFault. Members' local headers and contents are checked when they are read.
    """
    limits = limits or Limits()
    size = os.fstat(descriptor).st_size
    archive = Archive(descriptor, size)
    pread = archive._pread
    count, directory, directory_size = _find_directory(pread, size)
    if count > limits.members:
        raise ArchiveFault(f"has {count} members, more than {limits.members}")
    if directory_size > count * (_CENTRAL.size + 3 * _MAX16):
        raise ArchiveFault("has a directory that is too long for its members")
    members = _read_directory(pread(directory_size, directory), count, directory, windows)
    total = sum(member.size for member in members)
    if total > limits.size or (total > limits.free_size and total > size * limits.ratio):
        raise ArchiveFault(f"would unpack to {total} bytes from {size}")
    archive.members = members
    return archive


def _find_directory(pread: _Read, size: int) -> tuple[int, int, int]:
    """Where the central directory is: its number of entries, offset and size."""
    if size < _END.size:
        raise ArchiveFault("is not a ZIP archive")
    tail = pread(min(size, _END.size + _MAX16), max(0, size - _END.size - _MAX16))
    at = len(tail) - _END.size
    if not (tail[at : at + 4] == b"PK\5\6" and tail[-2:] == b"\0\0"):
        # With a comment. The last signature is the one that every reader finds first.
        at = tail.rfind(b"PK\5\6", 0, at + 4)
        if at < 0:
            raise ArchiveFault("is not a ZIP archive, or something follows it")
    _, disk, start_disk, here, count, length, offset, comment = _END.unpack_from(tail, at)
    if at + _END.size + comment != len(tail):
        raise ArchiveFault("has something behind its end")
    if any(signature in tail[at + _END.size :] for signature in _SIGNATURES):
        raise ArchiveFault("has an archive in its comment")
    end = size - len(tail) + at
    if end >= _LOCATOR64.size:
        locator = pread(_LOCATOR64.size, end - _LOCATOR64.size)
        if locator[:4] == b"PK\6\7":
            end, count64, length64, offset64 = _read_end64(pread, locator, end - _LOCATOR64.size)
            for short, long, most in (
                (here, count64, _MAX16),
                (count, count64, _MAX16),
                (length, length64, _MAX32),
                (offset, offset64, _MAX32),
            ):
                if short not in (long, most):
                    raise ArchiveFault("has ZIP64 records that disagree with its end")
            here = count = count64
            length, offset = length64, offset64
            disk, start_disk = (0 if each == _MAX16 else each for each in (disk, start_disk))
    if disk or start_disk or here != count:
        raise ArchiveFault("is one part of an archive")
    if offset + length != end:
        raise ArchiveFault("has something before it, or between its directory and its end")
    return count, offset, length


def _read_end64(pread: _Read, locator: bytes, at: int) -> tuple[int, int, int, int]:
    """The ZIP64 end record: its own offset, and the count, size and offset of the directory."""
    _, disk, offset, disks = _LOCATOR64.unpack(locator)
    if disk or disks > 1 or offset + _END64.size != at:
        raise ArchiveFault("has a ZIP64 locator that points elsewhere")
    record = _END64.unpack(pread(_END64.size, offset))
    signature, size, _, _, disk, start_disk, here, count, length, start = record
    if signature != b"PK\6\6" or size != _END64.size - 12 or disk or start_disk or here != count:
        raise ArchiveFault("has a broken ZIP64 record")
    return offset, count, length, start


def _read_directory(raw: bytes, count: int, directory: int, windows: bool) -> tuple[Member, ...]:
    members = []
    at = 0
    for _ in range(count):
        if at + _CENTRAL.size > len(raw):
            raise ArchiveFault("has a directory that ends too early")
        member, at = _read_central(raw, at)
        fault = fault_of_name(member.name.removesuffix("/"), windows=windows)
        if fault:
            raise ArchiveFault(f"'{member.name}' {fault}")
        _check_kind(member)
        members.append(member)
    if at != len(raw):
        raise ArchiveFault("has a directory with more than it says")

    # Each member's place ends where the next begins; the first begins the file.
    order = sorted(range(count), key=lambda index: members[index].offset, reverse=True)
    end = directory
    for index in order:
        member = members[index]
        extent = end - member.offset
        if extent < _LOCAL.size + len(member.raw_name) + member.compressed:
            raise ArchiveFault(f"'{member.name}' overlaps another member or the directory")
        members[index] = member._replace(extent=extent)
        end = member.offset
    if end != 0:
        raise ArchiveFault("has something before its first member")
    return tuple(members)


def _read_central(raw: bytes, at: int) -> tuple[Member, int]:
    """The entry of the central directory at ``at``, and where the next one begins."""
    (
        signature, _made_by, _needed, flags, method, _time, _date, crc, compressed, size,
        name_length, extra_length, comment_length, disk, _internal, external, offset,
    ) = _CENTRAL.unpack_from(raw, at)  # fmt: skip
    if signature != b"PK\1\2":
        raise ArchiveFault("has a broken directory")
    at += _CENTRAL.size
    end = at + name_length + extra_length + comment_length
    if end > len(raw):
        raise ArchiveFault("has a directory that ends too early")
    raw_name = raw[at : at + name_length]
    try:
        name = raw_name.decode("utf-8" if flags & _UTF8 else "ascii")
    except UnicodeDecodeError as error:
        raise ArchiveFault("has a member whose name is neither ASCII nor marked UTF-8") from error
    if flags & ~_KNOWN_FLAGS:
        raise ArchiveFault(f"'{name}' is encrypted or has unknown flags ({flags:#x})")
    if method not in (_STORED, _DEFLATED):
        raise ArchiveFault(f"'{name}' is compressed by method {method}; stored and deflated are allowed")
    if extra_length:
        extra = _read_extra(name, raw[at + name_length : at + name_length + extra_length])
        _check_unicode_path(name, raw_name, extra)
        wide = extra.get(1)
        if wide is not None:
            size, compressed, offset, disk = _widen(name, wide, size, compressed, offset, disk)
    if disk:
        raise ArchiveFault(f"'{name}' is on another disk")
    if _MAX32 in (size, compressed, offset) and not extra_length:
        raise ArchiveFault(f"'{name}' lacks its ZIP64 field")
    if method == _STORED and size != compressed:
        raise ArchiveFault(f"'{name}' is stored, but has two sizes")
    return Member(name, raw_name, flags, method, crc, compressed, size, external >> 16, offset, 0), end


def _widen(
    name: str, wide: bytes, size: int, compressed: int, offset: int, disk: int
) -> tuple[int, int, int, int]:
    """The four numbers with those taken from the ZIP64 field that did not fit into 32 (16) bits."""
    at = 0
    values = []
    for value in (size, compressed, offset):
        if value == _MAX32:
            if at + 8 > len(wide):
                raise ArchiveFault(f"'{name}' has a ZIP64 field that is too short")
            value = int.from_bytes(wide[at : at + 8], "little")
            at += 8
        values.append(value)
    if disk == _MAX16:
        disk = int.from_bytes(wide[at : at + 4], "little")
        at += 4
    if at != len(wide):
        raise ArchiveFault(f"'{name}' has a ZIP64 field that disagrees with its entry")
    return values[0], values[1], values[2], disk


def _read_extra(name: str, raw: bytes) -> dict[int, bytes]:
    fields: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(raw):
        tag, length = _FIELD.unpack_from(raw, at)
        at += 4
        if at + length > len(raw):
            raise ArchiveFault(f"'{name}' has a broken extra field")
        if tag in fields and tag in (1, 0x7075):
            raise ArchiveFault(f"'{name}' has an extra field twice")
        fields[tag] = raw[at : at + length]
        at += length
    if raw[at:].strip(b"\0"):
        raise ArchiveFault(f"'{name}' has a broken extra field")
    return fields


def _check_unicode_path(name: str, raw_name: bytes, extra: dict[int, bytes]) -> None:
    # Info-ZIP's second name: some readers prefer it, some ignore it. It may only say the same.
    path = extra.get(0x7075)
    if path is None:
        return
    if (
        path[:1] != b"\1"
        or path[1:5] != zlib.crc32(raw_name).to_bytes(4, "little")
        or path[5:] != name.encode()
    ):
        raise ArchiveFault(f"'{name}' has another name in its extra field")


def _check_kind(member: Member) -> None:
    """Only regular files and folders; ``mode`` is 0 where the archive does not tell."""
    kind = member.mode & 0o170000
    folder = member.name.endswith("/")
    if folder and member.size:
        raise ArchiveFault(f"'{member.name}' is a folder with content")
    if kind == 0o120000:
        raise ArchiveFault(f"'{member.name}' is a symbolic link")
    if kind not in ((0, 0o040000) if folder else (0, 0o100000)):
        raise ArchiveFault(f"'{member.name}' is neither a file nor a folder")


def _local_end(member: Member, raw: bytes) -> int:
    """Check the local header at the start of ``raw`` against the directory; its length."""
    if len(raw) < _LOCAL.size:
        raise ArchiveFault("is cut short")
    (
        signature, _needed, flags, method, _time, _date, crc, compressed, size, name_length, extra_length,
    ) = _LOCAL.unpack_from(raw)  # fmt: skip
    name = member.name
    if signature != b"PK\3\4":
        raise ArchiveFault(f"'{name}' has no local header")
    end = _LOCAL.size + name_length + extra_length
    if end > len(raw):
        raise ArchiveFault(f"'{name}' has a local header that is too long")
    if raw[_LOCAL.size : _LOCAL.size + name_length] != member.raw_name:
        raise ArchiveFault(f"'{name}' has another name in its local header")
    if (flags ^ member.flags) & ~0b110 or method != member.method:
        raise ArchiveFault(f"'{name}' has other flags or another method in its local header")
    if extra_length:
        extra = _read_extra(name, raw[_LOCAL.size + name_length : end])
        _check_unicode_path(name, member.raw_name, extra)
        wide = extra.get(1)
        if wide is not None:
            # Here the field has both sizes, always.
            if len(wide) != 16:
                raise ArchiveFault(f"'{name}' has a broken ZIP64 field in its local header")
            size_64 = int.from_bytes(wide[:8], "little")
            compressed_64 = int.from_bytes(wide[8:], "little")
            if size not in (size_64, _MAX32) or compressed not in (compressed_64, _MAX32):
                raise ArchiveFault(f"'{name}' has a ZIP64 field that disagrees with its local header")
            size, compressed = size_64, compressed_64
    declared = (crc, compressed, size)
    expected = (member.crc, member.compressed, member.size)
    # When streamed, what was not known yet is zero.
    if declared != expected and not (
        flags & _STREAMED and all(each in (0, right) for each, right in zip(declared, expected, strict=True))
    ):
        raise ArchiveFault(f"'{name}' has another checksum or size in its local header")
    return end


def _check_descriptor(member: Member, raw: bytes) -> None:
    """What stands behind the data: a descriptor that agrees when streamed, else nothing."""
    if not member.flags & _STREAMED:
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
