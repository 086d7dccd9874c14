"""Unpack a source distribution: `.tar.gz` (and `.tgz`, `.tar.bz2`, `.tar.xz`) or `.zip`.

The name decides what an archive is, and its first bytes have to agree: a file that is both, a gzip and a
zip, is read as one thing only. The store's strict readers of tars and zips read headers; what is done with
an entry is decided in `members.py`.
"""

from __future__ import annotations

import os
from pathlib import Path

from hutch.build.members import Limits, Member, Writer
from hutch.build.problems import InvalidSdist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hutch.store import Archive
    from hutch.store import Member as ZipMember

__all__ = ["unpack_sdist"]

_FORMATS = (
    ((".tar.gz", ".tgz"), "gz", b"\x1f\x8b"),
    ((".tar.bz2", ".tbz", ".tbz2"), "bz2", b"BZh"),
    ((".tar.xz", ".txz"), "xz", b"\xfd7zXZ\0"),
    ((".zip",), "zip", b"PK\x03\x04"),
)
_DEFAULT = Limits()


def unpack_sdist(
    archive: str | os.PathLike[str], into: str | os.PathLike[str], *, limits: Limits = _DEFAULT
) -> Path:
    """Unpack ``archive`` into the directory ``into`` (made if need be); its top directory, ``into/<top>``.

    Raises InvalidSdist, after which nothing of the archive is in ``into``.
    """
    archive, into = Path(archive), Path(into)
    form = _format_of(archive)
    made = not into.exists()
    writer = Writer(archive.name, into, limits, packed=archive.stat().st_size)
    try:
        if form == "zip":
            _read_zip(archive, writer)
        else:
            _read_tar(archive, form, writer)
        return writer.finish()
    except BaseException as error:
        _clean(writer, into, made, error)
        raise


def _clean(writer: Writer, into: Path, made: bool, error: BaseException) -> None:
    from hutch.build.scratch import remove_tree

    # A refusal because the directory was there before us must not remove it.
    if writer.top and not (isinstance(error, InvalidSdist) and error.reason.endswith("is there already")):
        remove_tree(into / writer.top)
    if made and into.is_dir():
        try:
            into.rmdir()
        except OSError:
            pass


def _format_of(archive: Path) -> str:
    name = archive.name.lower()
    found = next((one for one in _FORMATS if name.endswith(one[0])), None)
    if found is None:
        raise InvalidSdist(archive.name, "its name does not end as a source archive's does (.tar.gz, .zip)")
    endings, form, magic = found
    try:
        with open(archive, "rb") as file:
            begin = file.read(len(magic))
    except OSError as error:
        raise InvalidSdist(archive.name, error.strerror or "it cannot be read") from error
    if begin != magic:
        raise InvalidSdist(archive.name, f"it is no {endings[0]} archive, whatever its name says")
    return form


def _read_tar(archive: Path, form: str, writer: Writer) -> None:
    """Read a tar as a stream, never back: headers that point backwards have nowhere to point."""
    from hutch.store import PackFault, TarFault, TooLong, Unpacked, read_tar

    limits = writer.limits
    try:
        with open(archive, "rb") as file:
            # Headers and padding are counted as well: an archive of nothing but headers is a bomb too.
            most = min(limits.size + limits.members * 2048, limits.most(writer.packed))
            for entry, content in read_tar(Unpacked(file, form, most)):
                member = Member(
                    name=entry.name,
                    kind=entry.kind,
                    mode=entry.mode,
                    size=entry.size,
                    mtime=entry.mtime,
                    target=entry.target,
                )
                writer.add(member, lambda content=content: content)  # type: ignore[misc]
    except (TarFault, PackFault) as fault:
        raise writer.refused(str(fault), too_much=isinstance(fault, TooLong)) from fault
    except OSError as error:
        raise writer.refused(f"it cannot be read or written: {error.strerror or error}") from error


def _read_zip(archive: Path, writer: Writer) -> None:
    """Read a zip by the strict reader of the store, which believes only what all of the archive says."""
    from hutch.store import ArchiveFault, TooMuch, open_archive
    from hutch.store import Limits as ArchiveLimits

    limits = writer.limits
    allowed = ArchiveLimits(
        members=limits.members, size=limits.size, free_size=limits.free, ratio=limits.ratio
    )
    descriptor = os.open(archive, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        zipped = open_archive(descriptor, limits=allowed, links=True)
        for each in zipped.members:
            member = _zip_member(zipped, each, writer)
            writer.add(member, lambda each=each: _Pieces(zipped.chunks(each)))  # type: ignore[misc]
    except ArchiveFault as fault:
        reason = f"it {fault}" if str(fault)[:1] != "'" else str(fault)
        raise writer.refused(reason, too_much=isinstance(fault, TooMuch)) from fault
    except OSError as error:
        raise writer.refused(f"it cannot be read or written: {error.strerror or error}") from error
    finally:
        os.close(descriptor)


def _zip_member(zipped: Archive, each: ZipMember, writer: Writer) -> Member:
    import calendar
    import stat

    kind, target = "file", ""
    if stat.S_ISLNK(each.mode):
        kind = "symlink"
        if each.size > 4096:
            raise writer.refused("it is a link with an endless target", Member(name=each.name, kind=kind))
        target = zipped.read(each).decode("utf-8", "surrogateescape")
    elif each.name.endswith("/"):
        kind = "directory"
    date, time = each.when >> 16, each.when & 0xFFFF
    try:
        mtime = calendar.timegm(
            (1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, 2 * (time & 31))
        )
    except (ValueError, OverflowError):
        mtime = 0
    size = 0 if kind == "symlink" else each.size
    return Member(
        name=each.name, kind=kind, mode=each.mode or 0o644, size=size, mtime=float(mtime), target=target
    )


class _Pieces:
    """An iterator of bytes as something to read from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._ready = b""

    def read(self, size: int) -> bytes:
        while len(self._ready) < size and (piece := next(self._pieces, None)) is not None:
            self._ready += piece
        data, self._ready = self._ready[:size], self._ready[size:]
        return data

    def __enter__(self) -> _Pieces:
        return self

    def __exit__(self, kind: object, error: object, trace: object, /) -> None:
        pass
