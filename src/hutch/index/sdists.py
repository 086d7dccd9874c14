"""What a source distribution says of itself, without building it.

PEP 643: from metadata version 2.2 on, a field of PKG-INFO that is not named ``Dynamic`` holds for
every wheel built of it.
"""

from __future__ import annotations

import os

from hutch.spec import CoreMetadata, InvalidMetadata, parse_metadata, safe_text, static_requirements

TYPE_CHECKING = False
if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterator

__all__ = ["read_sdist_metadata"]

_MOST_METADATA = 8 << 20
_MOST_READ = 1 << 30  # of the unpacked stream, on the way to PKG-INFO
_MOST_MEMBERS = 200_000


def read_sdist_metadata(path: str | os.PathLike[str]) -> CoreMetadata | None:
    """The metadata of the sdist at ``path``, if its requirements are static; else None.

    None also for an archive that cannot be read here: a build will say what is wrong with it.
    """
    text = os.fspath(path)
    try:
        data = _read_zip(text) if text.endswith(".zip") else _read_tar(text)
        if data is None:
            return None
        metadata = parse_metadata(data, what=safe_text(os.path.basename(text)))
    except (InvalidMetadata, OSError, EOFError, ValueError, RuntimeError, NotImplementedError):
        return None
    return metadata if static_requirements(metadata) else None


def _is_pkg_info(name: str) -> bool:
    # In the one top directory; "./" before it is written by some.
    parts = name.removeprefix("./").split("/")
    return len(parts) == 2 and parts[1] == "PKG-INFO" and parts[0] not in ("", ".", "..")


def _read_tar(path: str) -> bytes | None:
    import lzma
    import tarfile
    import zlib

    found: bytes | None = None
    try:
        with tarfile.open(path, "r:*") as archive:
            for member in _members(archive):
                if not _is_pkg_info(member.name):
                    continue
                if not member.isreg() or member.size > _MOST_METADATA or found is not None:
                    return None  # a link, too large, or a second one: not for reading by parts
                stream = archive.extractfile(member)
                found = stream.read() if stream is not None else None
                if found is not None:
                    return found
    except (tarfile.TarError, zlib.error, lzma.LZMAError):
        return None
    return found


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Members in order, until the archive turns out to be larger than any sdist."""
    for count, member in enumerate(archive):
        if count > _MOST_MEMBERS or member.offset > _MOST_READ or member.size > _MOST_READ:
            return
        yield member


def _read_zip(path: str) -> bytes | None:
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(path) as archive:
            found = [info for info in archive.infolist() if _is_pkg_info(info.filename)]
            if len(found) != 1 or found[0].file_size > _MOST_METADATA:
                return None
            with archive.open(found[0]) as stream:
                data = stream.read(_MOST_METADATA + 1)
            return data if len(data) <= _MOST_METADATA else None
    except (zipfile.BadZipFile, zlib.error):
        return None
