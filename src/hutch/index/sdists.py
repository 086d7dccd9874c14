"""What a source distribution says of itself, without building it.

PEP 643: from metadata version 2.2 on, a field of PKG-INFO that is not named ``Dynamic`` holds for
every wheel built of it.
"""

from __future__ import annotations

import os

from hutch.spec import CoreMetadata, InvalidMetadata, parse_metadata, safe_text, static_requirements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.store import Content

__all__ = ["read_sdist_metadata"]

_MOST_METADATA = 8 << 20
_MOST_READ = 1 << 30  # of the unpacked stream, on the way to PKG-INFO
_MOST_MEMBERS = 200_000
_FORMS = ((".bz2", "bz2"), (".tbz", "bz2"), (".xz", "xz"), (".txz", "xz"))


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
    except (InvalidMetadata, OSError):
        return None
    return metadata if static_requirements(metadata) else None


def _is_pkg_info(name: str) -> bool:
    # In the one top directory; "./" before it is written by some.
    parts = name.removeprefix("./").split("/")
    return len(parts) == 2 and parts[1] == "PKG-INFO" and parts[0] not in ("", ".", "..")


def _read_tar(path: str) -> bytes | None:
    from hutch.store import PackFault, TarFault, Unpacked, read_tar

    form = next((form for ending, form in _FORMS if path.endswith(ending)), "gz")
    try:
        with open(path, "rb") as file:
            for count, (member, content) in enumerate(read_tar(Unpacked(file, form, _MOST_READ))):
                if count > _MOST_MEMBERS:
                    return None
                if _is_pkg_info(member.name):
                    # A link, or too large: not for reading by parts.
                    fit = member.kind == "file" and member.size <= _MOST_METADATA
                    return _whole(content, member.size) if fit else None
    except (TarFault, PackFault):
        return None
    return None


def _whole(content: Content, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += content.read(size - len(data))
    return data


def _read_zip(path: str) -> bytes | None:
    from hutch.store import ArchiveFault, open_archive

    try:
        with open(path, "rb") as file:
            archive = open_archive(file.fileno(), links=True)
            found = [member for member in archive.members if _is_pkg_info(member.name)]
            if len(found) != 1 or found[0].size > _MOST_METADATA or found[0].mode & 0o170000 == 0o120000:
                return None
            return archive.read(found[0])
    except ArchiveFault:
        return None
