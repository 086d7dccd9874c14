"""The central directory of a ZIP archive, taken at its word only where everything else agrees.

Finds the one end record, follows ZIP64, and gives each member its place in the file. What is
checked here is what can be checked without looking at the members themselves.
"""

from __future__ import annotations

import zlib
from struct import Struct

from hutch.store.paths import fault_of_name
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NamedTuple, TypeAlias

    Read: TypeAlias = Callable[[int, int], bytes]  # size, offset -> exactly so many bytes

    class Member(NamedTuple):
        """One file or folder (whose ``name`` ends with a slash); at ``offset``, ``extent`` bytes belong to
        it."""

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
        when: int  # the date in the high 16 bits, the time in the low ones, as FAT has them

else:
    from hutch.rows import row_type

    Member = row_type(
        __name__,
        "Member",
        *(
            "name",
            "raw_name",
            "flags",
            "method",
            "crc",
            "compressed",
            "size",
            "mode",
            "offset",
            "extent",
            "when",
        ),
    )

__all__ = [
    "ArchiveFault",
    "Limits",
    "Member",
    "TooMuch",
    "check_unicode_path",
    "find_directory",
    "read_directory",
    "read_extra",
]

_END = Struct("<4s4H2LH")
_END64 = Struct("<4sQ2H2L4Q")
_LOCATOR64 = Struct("<4sLQL")
_CENTRAL = Struct("<4s6H3L5H2L")
_FIELD = Struct("<2H")
_SIGNATURES = (b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7")

LOCAL_SIZE = 30  # of a local header, without name and extra fields
STORED, DEFLATED = 0, 8
NEWEST = 63  # version 6.3 of the format; nothing that is stored or deflated needs more
STREAMED = 1 << 3  # sizes follow the data
_UTF8 = 1 << 11
# Bits 1 and 2 tell how hard the compressor tried.
_KNOWN_FLAGS = 0b110 | STREAMED | _UTF8
_ENTRY_LIMIT = 2048  # bytes of the directory for each member, on average: it is read in one piece
_MAX16, MAX32 = 0xFFFF, 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an archive may at most contain; above ``free_size`` bytes in all, ``ratio`` times its own size.

    ``members`` counts folders too, those that are only named on the way to a file included.
    """

    members: int = 200_000
    size: int = 64 << 30
    free_size: int = 64 << 20
    ratio: int = 100


class ArchiveFault(Exception):
    """Why the archive is refused."""


class TooMuch(ArchiveFault):
    """It is larger than ``Limits`` allow, which are the user's to change."""


def find_directory(pread: Read, size: int) -> tuple[int, int, int]:
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
                (length, length64, MAX32),
                (offset, offset64, MAX32),
            ):
                if short not in (long, most):
                    raise ArchiveFault("has ZIP64 records that disagree with its end")
            here = count = count64
            length, offset = length64, offset64
            disk, start_disk = (0 if each == _MAX16 else each for each in (disk, start_disk))
    if disk or start_disk or here != count:
        raise ArchiveFault("is one part of an archive")
    if length > count * _ENTRY_LIMIT:
        raise ArchiveFault("has a directory that is too long for its members")
    if offset + length != end:
        raise ArchiveFault("has something before it, or between its directory and its end")
    return count, offset, length


def _read_end64(pread: Read, locator: bytes, at: int) -> tuple[int, int, int, int]:
    """The ZIP64 end record: its own offset, and the count, size and offset of the directory."""
    _, disk, offset, disks = _LOCATOR64.unpack(locator)
    if disk or disks > 1 or offset + _END64.size != at:
        raise ArchiveFault("has a ZIP64 locator that points elsewhere")
    record = _END64.unpack(pread(_END64.size, offset))
    signature, size, _, _, disk, start_disk, here, count, length, start = record
    if signature != b"PK\6\6" or size != _END64.size - 12 or disk or start_disk or here != count:
        raise ArchiveFault("has a broken ZIP64 record")
    return offset, count, length, start


def read_directory(
    raw: bytes, count: int, directory: int, windows: bool, links: bool = False
) -> tuple[Member, ...]:
    """All members, in the order of the directory ``raw``, which has ``count`` and begins at ``directory``."""
    members = []
    at = 0
    for _ in range(count):
        if at + _CENTRAL.size > len(raw):
            raise ArchiveFault("has a directory that ends too early")
        member, at = _read_central(raw, at)
        fault = fault_of_name(member.name.removesuffix("/"), windows=windows)
        if fault:
            raise ArchiveFault(f"'{member.name}' {fault}")
        _check_kind(member, links)
        members.append(member)
    if at != len(raw):
        raise ArchiveFault("has a directory with more than it says")

    # Each member's place ends where the next begins; the first begins the file.
    order = sorted(range(count), key=lambda index: members[index].offset, reverse=True)
    end = directory
    for index in order:
        member = members[index]
        extent = end - member.offset
        if extent < LOCAL_SIZE + len(member.raw_name) + member.compressed:
            raise ArchiveFault(f"'{member.name}' overlaps another member or the directory")
        members[index] = Member._make((*member[:9], extent, member.when))
        end = member.offset
    if end != 0:
        raise ArchiveFault("has something before its first member")
    return tuple(members)


def _read_central(raw: bytes, at: int) -> tuple[Member, int]:
    """The entry of the central directory at ``at``, and where the next one begins."""
    (
        signature, _made_by, needed, flags, method, time, date, crc, compressed, size,
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
    if needed & 0xFF > NEWEST:
        raise ArchiveFault(f"'{name}' needs a newer reader")
    if flags & ~_KNOWN_FLAGS:
        raise ArchiveFault(f"'{name}' is encrypted or has unknown flags ({flags:#x})")
    if method not in (STORED, DEFLATED):
        raise ArchiveFault(f"'{name}' is compressed by method {method}; stored and deflated are allowed")
    if extra_length:
        extra = read_extra(name, raw[at + name_length : at + name_length + extra_length])
        check_unicode_path(name, raw_name, extra)
        wide = extra.get(1)
        if wide is not None:
            size, compressed, offset, disk = _widen(name, wide, size, compressed, offset, disk)
    if disk:
        raise ArchiveFault(f"'{name}' is on another disk")
    if MAX32 in (size, compressed, offset) and not extra_length:
        raise ArchiveFault(f"'{name}' lacks its ZIP64 field")
    if method == STORED and size != compressed:
        raise ArchiveFault(f"'{name}' is stored, but has two sizes")
    mode, when = external >> 16, date << 16 | time
    return Member._make((name, raw_name, flags, method, crc, compressed, size, mode, offset, 0, when)), end


def _widen(
    name: str, wide: bytes, size: int, compressed: int, offset: int, disk: int
) -> tuple[int, int, int, int]:
    """The four numbers with those taken from the ZIP64 field that did not fit into 32 (16) bits."""
    at = 0
    values = []
    for value in (size, compressed, offset):
        if value == MAX32:
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


def read_extra(name: str, raw: bytes) -> dict[int, bytes]:
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


def check_unicode_path(name: str, raw_name: bytes, extra: dict[int, bytes]) -> None:
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


def _check_kind(member: Member, links: bool) -> None:
    """Only regular files, folders and, where ``links``, symbolic links; mode 0: the archive does not tell."""
    kind = member.mode & 0o170000
    folder = member.name.endswith("/")
    if folder and member.size:
        raise ArchiveFault(f"'{member.name}' is a folder with content")
    if kind == 0o120000:
        if links and not folder:
            return
        raise ArchiveFault(f"'{member.name}' is a symbolic link")
    if kind not in ((0, 0o040000) if folder else (0, 0o100000)):
        raise ArchiveFault(f"'{member.name}' is neither a file nor a folder")
