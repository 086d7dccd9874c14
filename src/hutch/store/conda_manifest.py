"""What the store knows of an unpacked conda package: its files, links and directories, and its own words."""

from __future__ import annotations

from hutch.store.manifest import ManifestFile
from hutch.store.tables import pack, unpack
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["CondaManifest", "Prefixed", "read_conda_manifest"]

_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefixed:
    """A file that has the place of its prefix in it: ``placeholder`` is to be replaced, as ``mode`` says
    (``text`` or ``binary``)."""

    placeholder: str
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaManifest:
    """The content of a conda package as it lies in the store, below ``files/``.

    ``files`` are plain files (hashes as in a RECORD), ``links`` symbolic links with their targets, which are
    nowhere but here; ``directories`` those that shall be there though nothing is in them. ``prefixed`` are
    files that are written anew for each prefix; ``no_link`` those that are to be copied. ``index``, ``link``
    and ``about`` are the JSON texts of `info/` (empty where there is none).
    """

    name: str
    version: str
    build: str
    filename: str
    subdir: str
    noarch: str
    files: tuple[ManifestFile, ...]
    links: tuple[tuple[str, str], ...] = ()
    directories: tuple[str, ...] = ()
    prefixed: dict[str, Prefixed]
    no_link: frozenset[str] = frozenset()
    index: bytes = b"{}"
    link: bytes = b""
    about: bytes = b""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(each[1] for each in self.files)

    def packed(self) -> bytes:
        """The manifest as the bytes of a table."""
        return pack(
            (
                _FORMAT,
                self.name,
                self.version,
                self.build,
                self.filename,
                self.subdir,
                self.noarch,
                tuple(tuple(each) for each in self.files),
                self.links,
                self.directories,
                tuple((path, each.placeholder, each.mode) for path, each in self.prefixed.items()),
                tuple(sorted(self.no_link)),
                self.index,
                self.link,
                self.about,
            )
        )


def read_conda_manifest(data: bytes | None) -> CondaManifest | None:
    """The manifest in the bytes of a table, or None if it is not whole."""
    value = unpack(data)
    if not isinstance(value, tuple) or len(value) != 15 or value[0] != _FORMAT:
        return None
    try:
        return _manifest(value)
    except (TypeError, ValueError):
        return None


def _manifest(value: tuple[Any, ...]) -> CondaManifest:
    return CondaManifest(
        name=value[1],
        version=value[2],
        build=value[3],
        filename=value[4],
        subdir=value[5],
        noarch=value[6],
        files=tuple(map(ManifestFile._make, value[7])),
        links=value[8],
        directories=value[9],
        prefixed={path: Prefixed(placeholder=text, mode=mode) for path, text, mode in value[10]},
        no_link=frozenset(value[11]),
        index=value[12],
        link=value[13],
        about=value[14],
    )
