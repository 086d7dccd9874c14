"""Unpack a source distribution: `.tar.gz` (and `.tgz`, `.tar.bz2`, `.tar.xz`) or `.zip`.

The name decides what an archive is, and its first bytes have to agree: a file that is both, a gzip and a
zip, is read as one thing only. `tarfile` and `zipfile` read headers; what is done with an entry is
decided in `members.py`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from hutch.build.members import CHUNK, Limits, Member, Writer
from hutch.build.problems import InvalidSdist

if TYPE_CHECKING:
    import tarfile
    import zipfile

__all__ = ["unpack_sdist"]

_FORMATS = (
    ((".tar.gz", ".tgz"), "gz", b"\x1f\x8b"),
    ((".tar.bz2", ".tbz", ".tbz2"), "bz2", b"BZh"),
    ((".tar.xz", ".txz"), "xz", b"\xfd7zXZ\0"),
    ((".zip",), "zip", b"PK\x03\x04"),
)
_UNICODE_PATH = 0x7075
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
    writer = Writer(archive.name, into, limits)
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


class _Counted:
    """A decompressed stream that ends in a refusal when it grows out of proportion."""

    def __init__(self, stream: IO[bytes], packed: int, writer: Writer) -> None:
        self._stream = stream
        self._writer = writer
        limits = writer.limits
        # Headers and padding are counted as well: an archive of nothing but headers is a bomb too.
        self._most = min(limits.size + limits.members * 2048, max(limits.free, packed * limits.ratio))
        self._read = 0

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(min(size, CHUNK * 16) if size >= 0 else CHUNK)
        self._read += len(piece)
        if self._read > self._most:
            raise self._writer.refused(f"it unpacks to more than {self._most} bytes, out of proportion")
        return piece


def _opened(archive: Path, form: str) -> IO[bytes]:
    if form == "gz":
        import gzip

        return cast("IO[bytes]", gzip.open(archive, "rb"))
    if form == "bz2":
        import bz2

        return cast("IO[bytes]", bz2.open(archive, "rb"))
    import lzma

    return cast("IO[bytes]", lzma.open(archive, "rb"))


def _read_tar(archive: Path, form: str, writer: Writer) -> None:
    """Read a tar as a stream, never back: headers that point backwards have nowhere to point."""
    import lzma
    import tarfile
    import zlib

    try:
        with _opened(archive, form) as stream:
            counted = _Counted(stream, archive.stat().st_size, writer)
            with tarfile.open(fileobj=counted, mode="r|", errorlevel=2) as tar:  # type: ignore[call-overload]
                entry: tarfile.TarInfo | None
                while (entry := tar.next()) is not None:
                    _add_tar(tar, entry, writer)
                    tar.members = []  # a stream is not looked back at; the list would only grow
    except InvalidSdist:
        raise
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, ValueError, OverflowError) as error:
        raise writer.refused(f"it is broken: {error}") from error
    except OSError as error:
        raise writer.refused(f"it is broken or cannot be written: {error.strerror or error}") from error


def _add_tar(tar: tarfile.TarFile, entry: tarfile.TarInfo, writer: Writer) -> None:
    import tarfile

    kinds = {
        tarfile.DIRTYPE: "directory",
        tarfile.SYMTYPE: "symlink",
        tarfile.LNKTYPE: "hardlink",
        tarfile.CHRTYPE: "a device",
        tarfile.BLKTYPE: "a device",
        tarfile.FIFOTYPE: "a pipe",
        tarfile.GNUTYPE_SPARSE: "a sparse file",
    }
    kind = (
        "a sparse file" if entry.issparse() else kinds.get(entry.type, "file" if entry.isreg() else "unknown")
    )
    if entry.size < 0:
        raise writer.refused("its size is negative", Member(name=entry.name, kind=kind))
    member = Member(
        name=entry.name,
        kind=kind,
        mode=entry.mode,
        size=entry.size,
        mtime=float(entry.mtime),
        target=entry.linkname,
    )

    def content() -> BinaryIO:
        file = tar.extractfile(entry)
        assert file is not None
        return cast("BinaryIO", file)

    writer.add(member, content)


def _read_zip(archive: Path, writer: Writer) -> None:
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(archive) as zipped:
            packed = archive.stat().st_size
            whole = sum(entry.file_size for entry in zipped.infolist())
            if whole > max(writer.limits.free, packed * writer.limits.ratio) or whole > writer.limits.size:
                raise writer.refused(f"it unpacks to {whole} bytes, out of proportion")
            if min((entry.header_offset for entry in zipped.infolist()), default=0) != 0:
                raise writer.refused("something else stands before its first entry")
            if b"PK" in zipped.comment:
                raise writer.refused("another archive is in its comment")
            for entry in zipped.infolist():
                _add_zip(zipped, entry, writer)
    except InvalidSdist:
        raise
    except (zipfile.BadZipFile, EOFError, zlib.error, ValueError, NotImplementedError, RuntimeError) as error:
        raise writer.refused(f"it is broken: {error}") from error
    except OSError as error:
        raise writer.refused(f"it is broken or cannot be written: {error.strerror or error}") from error


def _add_zip(zipped: zipfile.ZipFile, entry: zipfile.ZipInfo, writer: Writer) -> None:
    import stat

    # The name in the header, not what a Python of some patch release makes of it and of its extra fields.
    name = entry.orig_filename
    mode = entry.external_attr >> 16
    kind = "file"
    if stat.S_ISLNK(mode):
        kind = "symlink"
    elif name.endswith("/") or stat.S_ISDIR(mode):
        kind = "directory"
    elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        kind = "a device or pipe"
    member = Member(name=name, kind=kind)
    if entry.flag_bits & 0x1:
        raise writer.refused("it is encrypted", member)
    if _has_extra(entry.extra, _UNICODE_PATH):
        raise writer.refused("it has a second name", member)
    target = ""
    if kind == "symlink":
        if entry.file_size > 4096:
            raise writer.refused("it is a link with an endless target", member)
        target = zipped.read(entry).decode("utf-8", "surrogateescape")
    import calendar

    try:
        mtime = float(calendar.timegm((*entry.date_time, 0, 0, 0)))
    except (ValueError, OverflowError):
        mtime = 0.0
    writer.add(
        Member(name=name, kind=kind, mode=mode or 0o644, size=entry.file_size, mtime=mtime, target=target),
        lambda: cast("BinaryIO", zipped.open(entry)),
    )


def _has_extra(extra: bytes, wanted: int) -> bool:
    at = 0
    while at + 4 <= len(extra):
        if int.from_bytes(extra[at : at + 2], "little") == wanted:
            return True
        at += 4 + int.from_bytes(extra[at + 2 : at + 4], "little")
    return False
