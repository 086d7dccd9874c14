"""Unpack a source distribution: `.tar.gz` (and `.tgz`, `.tar.bz2`, `.tar.xz`) or `.zip`.

The name decides what an archive is, and its first bytes have to agree: a file that is both, a gzip and a
zip, is read as one thing only. The store's strict readers of tars and zips read headers; what is done with
an entry is decided in the store's `members.py`.
"""

from __future__ import annotations

import os
from pathlib import Path

from hutch.build.members import Limits, sdist_writer
from hutch.build.problems import InvalidSdist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.store import TreeWriter

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
    from hutch.store import read_into_tree

    archive, into = Path(archive), Path(into)
    form = _format_of(archive)
    made = not into.exists()
    writer = sdist_writer(archive, into, limits)
    try:
        read_into_tree(archive, form, writer)
        return writer.finish()
    except BaseException as error:
        _clean(writer, into, made, error)
        raise


def _clean(writer: TreeWriter, into: Path, made: bool, error: BaseException) -> None:
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
