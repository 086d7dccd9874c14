"""What an unpacked wheel consists of: one table, read at once; and whether the disk still has it so."""

from __future__ import annotations

import os
import stat

from hutch.rows import row_type
from hutch.store.tables import pack, unpack
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, NamedTuple

    class ManifestFile(NamedTuple):
        """A file of the wheel. ``path`` is relative, with slashes; ``hash`` is base64, as in RECORD."""

        path: str
        size: int
        mtime_ns: int
        mode: int
        hash: str

    class Script(NamedTuple):
        """An entry point that becomes a script: ``name`` calls ``target`` (``package.module:function``)."""

        name: str
        target: str
        extras: str

else:
    ManifestFile = row_type(__name__, "ManifestFile", "path", "size", "mtime_ns", "mode", "hash")
    Script = row_type(__name__, "Script", "name", "target", "extras")

__all__ = [
    "Manifest",
    "ManifestFile",
    "Script",
    "damaged_files",
    "is_file",
    "read_manifest",
    "redate_files",
    "wheel_time",
]

# Part of every manifest: a manifest of another format is absent, as the folder's version already says.
_FORMAT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The content of a wheel as it lies in the store.

    ``files`` are those for site-packages, below ``files/``; ``data`` those of the ``.data`` folder by
    scheme (``scripts``, ``headers``, ``data``, ``purelib``, ``platlib``), below ``data/<scheme>/``.
    ``directories`` are the folders of ``files``, parents first. ``name`` and ``version`` are spelled as
    in METADATA; ``filename`` is the archive's. ``trees`` are the directories of ``files`` that may be put
    into an environment as one, as far as this wheel alone can tell, and ``leaving`` the libraries that look
    for others outside of the wheel (then there are no trees); see `hutch.store.trees`.
    """

    name: str
    version: str
    filename: str
    dist_info: str
    root_is_purelib: bool
    directories: tuple[str, ...]
    files: tuple[ManifestFile, ...]
    console_scripts: tuple[Script, ...]
    gui_scripts: tuple[Script, ...]
    data: tuple[tuple[str, tuple[ManifestFile, ...]], ...]
    trees: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(each[1] for each in self.files) + sum(each[1] for _, files in self.data for each in files)

    def packed(self) -> bytes:
        """The manifest as the bytes of a table."""
        return pack(
            (
                _FORMAT,
                self.name,
                self.version,
                self.filename,
                self.dist_info,
                self.root_is_purelib,
                self.directories,
                tuple(tuple(each) for each in self.files),
                tuple(tuple(each) for each in self.console_scripts),
                tuple(tuple(each) for each in self.gui_scripts),
                tuple((scheme, tuple(tuple(each) for each in files)) for scheme, files in self.data),
                self.trees,
                self.leaving,
            )
        )


def read_manifest(data: bytes | None) -> Manifest | None:
    """The manifest in the bytes of a table, or None if it is not whole."""
    value = unpack(data)
    if not isinstance(value, tuple) or len(value) != 13 or value[0] != _FORMAT:
        return None
    try:
        return _manifest(value)
    except (TypeError, ValueError):
        return None


def _manifest(value: tuple[Any, ...]) -> Manifest:
    make = ManifestFile._make
    return Manifest(
        name=value[1],
        version=value[2],
        filename=value[3],
        dist_info=value[4],
        root_is_purelib=value[5],
        directories=value[6],
        files=tuple(map(make, value[7])),
        console_scripts=tuple(map(Script._make, value[8])),
        gui_scripts=tuple(map(Script._make, value[9])),
        data=tuple((scheme, tuple(map(make, files))) for scheme, files in value[10]),
        trees=value[11],
        leaving=value[12],
    )


def wheel_time(sha256: str) -> int:
    """The modification time of every file of the wheel with this hash, in seconds since the epoch.

    Derived from the hash, so that it is the same whenever and wherever the wheel is unpacked, and
    differs between wheels. Even (FAT keeps no odd seconds), in the years 2015 to 2023: later than what
    ZIP and FAT can say, earlier than anything that is edited from now on.
    """
    return 1_420_070_400 + int(sha256[:8], 16) % 125_000_000 * 2


def damaged_files(
    folder: str, files: Iterable[ManifestFile], *, deep: bool = False, label: str = ""
) -> list[str]:
    """Those (``label`` before the path) that are not in ``folder``, which ends in a separator, as they were
    published: by size and date, ``deep`` by their bytes as well."""
    damaged = []
    lstat, regular = os.lstat, stat.S_ISREG
    for path, size, mtime_ns, _, digest in files:
        try:
            facts = lstat(folder + path)
        except (OSError, ValueError):
            damaged.append(label + path)
            continue
        if (
            facts.st_size != size
            or facts.st_mtime_ns != mtime_ns
            or not regular(facts.st_mode)
            or (deep and _hash(folder + path) != digest)
        ):
            damaged.append(label + path)
    return damaged


def redate_files(folder: str, files: Iterable[ManifestFile]) -> None:
    """Give those their date back whose content is proven by its hash to be the right one."""
    for path, size, mtime_ns, _, digest in files:
        try:
            facts = os.lstat(folder + path)
            if (
                facts.st_mtime_ns != mtime_ns
                and facts.st_size == size
                and stat.S_ISREG(facts.st_mode)
                and _hash(folder + path) == digest
            ):
                os.utime(folder + path, ns=(mtime_ns, mtime_ns))
        except (OSError, ValueError):
            continue


def is_file(path: str, size: int, digest: str) -> bool:
    """Whether there is a file of that size and content."""
    try:
        facts = os.lstat(path)
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(facts.st_mode) and facts.st_size == size and _hash(path) == digest


def _hash(path: str) -> str:
    import hashlib

    from hutch.spec.digest import record_text

    try:
        with open(path, "rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").digest()
    except OSError:
        return ""
    return record_text(digest)
