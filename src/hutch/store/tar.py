"""A strict reader of tar streams: headers by our own reading, whatever Python's ``tarfile`` makes of them.

What ``tarfile`` accepts depends on its patch release; it ends an archive silently at a header that is broken,
takes whatever stands in the prefix field for a part of the name, and stops at the first empty block,
whatever follows. Other readers do otherwise, so one archive could be two. Here each header has to be whole,
the numbers of a pax header have to be those of the header that it extends, nothing may follow the end, and
what is compressed has to be sound to its last byte.

Read are ustar, pax and GNU's long names, and what was before them: see "pax Interchange Format" in
POSIX.1-2017. What an entry may be and where it may lie is for others to decide.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NamedTuple, Protocol

    class Source(Protocol):
        """What gives bytes: exactly as many as asked, fewer only at the end."""

        def read(self, size: int) -> bytes:
            """Up to ``size`` bytes."""

    class TarMember(NamedTuple):
        """One entry. ``kind`` is ``file``, ``directory``, ``symlink``, ``hardlink`` or, in words, what else
        it is; ``target`` that of a link (a hard link's is a name in the archive); ``mtime`` in seconds."""

        name: str
        kind: str
        mode: int
        size: int
        mtime: float
        target: str

else:
    from hutch.rows import row_type

    TarMember = row_type(__name__, "TarMember", "name", "kind", "mode", "size", "mtime", "target")


__all__ = ["Content", "TarFault", "TarMember", "read_tar"]

BLOCK = 512
_LONGEST = 1 << 20  # of a header that extends another
_NUMBER = 18  # digits
_KINDS = {
    b"0": "file",
    b"\0": "file",
    b"1": "hardlink",
    b"2": "symlink",
    b"3": "a device",
    b"4": "a device",
    b"5": "directory",
    b"6": "a pipe",
    b"S": "a sparse file",
}
_UNUSED = ((108, 116), (116, 124), (136, 148), (329, 337), (337, 345))  # owner, group, date, device
# Of a pax header only these mean anything to us; the others may not stand in a header for all members.
_MEANT = frozenset([b"path", b"linkpath", b"size", b"mtime"])
_NOT_FOR_ALL = _MEANT - {b"mtime"}


class TarFault(Exception):
    """Why the archive is refused."""


class Content:
    """The bytes of the member that was read last, to be read once."""

    def __init__(self, source: Source, size: int) -> None:
        self._source = source
        self.left = size

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes; TarFault where the archive ends before the member does."""
        piece = self._source.read(min(size, self.left))
        self.left -= len(piece)
        if not piece and self.left and size:
            raise TarFault("it is cut short")
        return piece

    def __enter__(self) -> Content:
        return self

    def __exit__(self, kind: object, error: object, trace: object, /) -> None:
        pass


def read_tar(source: Source) -> Iterator[tuple[TarMember, Content]]:
    """The members with their content, in order. Raises TarFault, and what ``source`` raises."""
    more, begun = _More(), False
    known: set[tuple[bytes, ...]] = set()
    while True:
        block = source.read(BLOCK)
        if not block and begun and not more:
            return  # some writers leave the end out
        begun = True
        if len(block) != BLOCK:
            raise TarFault("it is cut short")
        if block.count(0) == BLOCK:
            if more:
                raise TarFault("it ends after a header that extends another")
            _check_rest(source)
            return
        kind, size = _check_header(block, known)
        padding = -size % BLOCK
        if kind in (b"x", b"g", b"L", b"K"):
            if size > _LONGEST:
                raise TarFault("it has a header without end")
            text = _exactly(source, size)
            # Some readers end a long name at its size, others at the first zero, behind it if need be.
            if _exactly(source, padding).strip(b"\0") and kind in _LONG:
                raise TarFault("it has a name that goes on where some readers end it")
            more.take(kind, text)
            continue
        member = _member(block, kind, size, more)
        more = _More()
        content = Content(source, size)
        yield member, content
        while content.left:
            content.read(1 << 16)
        _exactly(source, padding)


def _exactly(source: Source, size: int) -> bytes:
    data = source.read(size) if size else b""
    if len(data) != size:
        raise TarFault("it is cut short")
    return data


def _check_rest(source: Source) -> None:
    """Behind the end there may be empty blocks, which also proves the checksum of what is compressed."""
    while piece := source.read(1 << 16):
        if piece.count(0) != len(piece):
            raise TarFault("something follows its end")


def _check_header(block: bytes, known: set[tuple[bytes, ...]]) -> tuple[bytes, int]:
    """Type and size, of a header whose checksum is right; ``known`` are numbers that are known to be some."""
    told = _number(block[148:156], "checksum")
    rest = block[:148] + block[156:]
    unsigned = 256 + sum(rest)
    if told != unsigned and told != unsigned - 256 * sum(byte > 127 for byte in rest):
        raise TarFault("it has a broken header")
    unused = block[108:124], block[136:148], block[329:345]
    if unused not in known:  # most members have those of the one before
        for start, end in _UNUSED:
            # Nothing to us, but others refuse an archive for them, or end it there.
            if block[start] != 0xFF:
                _number(block[start:end], "number")
        known.clear()
        known.add(unused)
    return block[156:157], _number(block[124:136], "size")


def _number(field: bytes, what: str) -> int:
    """A number in octal digits, or in GNU's binary form."""
    if field[0] in (0x80, 0xFF):
        if field[0] == 0xFF:
            raise TarFault(f"it has a {what} below zero")
        return int.from_bytes(field[1:], "big")
    digits = field.partition(b"\0")[0].strip(b" ")
    if digits.strip(b"01234567"):
        raise TarFault(f"it has a {what} that is no number")
    return int(digits or b"0", 8)


class _More:
    """What headers before a member say about it."""

    def __init__(self) -> None:
        self.fields: dict[bytes, bytes] = {}
        self._seen: set[bytes] = set()

    def __bool__(self) -> bool:
        return bool(self._seen)

    def take(self, kind: bytes, text: bytes) -> None:
        """Take in a header of type ``kind``; TarFault where two speak of one thing."""
        if kind == b"g":
            if self._seen:
                raise TarFault("it has a header for all between two that belong together")
            _check_global(_records(text))
            return
        if kind in self._seen:
            raise TarFault("it has two headers that extend the same one")
        self._seen.add(kind)
        found = _records(text) if kind == b"x" else {_LONG[kind]: text.rstrip(b"\0")}
        if any(b"\0" in found.get(key, b"") for key in _MEANT):
            raise TarFault("it has a name that goes on where some readers end it")
        if self.fields.keys() & found.keys() & _MEANT:
            raise TarFault("it has two headers that extend the same one")
        self.fields.update(found)


_LONG = {b"L": b"path", b"K": b"linkpath"}


def _check_global(found: dict[bytes, bytes]) -> None:
    if _NOT_FOR_ALL & found.keys() or any(key.startswith(b"GNU.sparse") for key in found):
        raise TarFault("it gives all members one name or size")
    _check_charset(found)


def _check_charset(found: dict[bytes, bytes]) -> None:
    if found.get(b"hdrcharset", b"ISO-IR 10646 2000 UTF-8") != b"ISO-IR 10646 2000 UTF-8":
        raise TarFault("its names are not in UTF-8")


def _records(text: bytes) -> dict[bytes, bytes]:
    """The records of a pax header: ``length key=value``, each with a line feed."""
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(text):
        space = text.find(b" ", at, at + _NUMBER)
        digits = text[at:space]
        if space < 0 or not digits.isdigit():
            raise TarFault("it has a broken pax header")
        end = at + int(digits)
        key, equals, value = text[space + 1 : end - 1].partition(b"=")
        if end > len(text) or end <= space or text[end - 1 : end] != b"\n" or not equals or not key:
            raise TarFault("it has a broken pax header")
        if key in _MEANT and found.get(key, value) != value:
            raise TarFault("it has a pax header that says two things")
        found[key] = value
        at = end
    return found


def _member(block: bytes, kind: bytes, size: int, more: _More) -> TarMember:
    fields = more.fields
    _check_charset(fields)
    name = fields.get(b"path")
    if name is None:
        name = _name(block)
    target = fields.get(b"linkpath", block[157:257].partition(b"\0")[0])
    said = fields.get(b"size")
    if said is not None and (not said.isdigit() or len(said) > _NUMBER or int(said) != size):
        raise TarFault("it has a member with two sizes")
    what = _KINDS.get(kind, "of an unknown kind")
    if any(key.startswith(b"GNU.sparse") for key in fields):
        what = "a sparse file"
    if what == "file" and name.endswith(b"/"):
        what = "directory"  # as it was before there was a type for it
    if size and what != "file":
        raise TarFault(f"it has {what if ' ' in what else f'a {what}'} with content")
    return TarMember(
        name=name.decode("utf-8", "surrogateescape"),
        kind=what,
        mode=_number(block[100:108], "mode") & 0o7777,
        size=size,
        mtime=_mtime(block, fields.get(b"mtime")),
        target=target.decode("utf-8", "surrogateescape"),
    )


def _name(block: bytes) -> bytes:
    """The name in the header itself."""
    name = block[:100].partition(b"\0")[0]
    prefix = block[345:500].partition(b"\0")[0]
    if not prefix:
        return name
    if block[257:263] != b"ustar\0":
        # GNU keeps dates there, others nothing: some readers take them for the beginning of the name.
        raise TarFault("it has a header that can be read in two ways")
    return prefix + b"/" + name


def _mtime(block: bytes, said: bytes | None) -> float:
    """When it was changed, in seconds; 0 where that cannot be read."""
    try:
        if said is not None and len(said) <= 40 and not said.strip(b"0123456789.-"):
            return float(said)
        return float(_number(block[136:148], "date"))
    except (TarFault, ValueError, OverflowError):
        return 0.0
