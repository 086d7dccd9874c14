"""Write the files of a checked wheel into a fresh folder, and prove them on the way."""

from __future__ import annotations

import hashlib
import os

from hutch.spec.digest import record_text
from hutch.store.archive import ArchiveFault
from hutch.store.disk import CREATE, FOLDER, write_all
from hutch.store.manifest import Manifest, ManifestFile
from hutch.store.shares import shares_of, write_together
from hutch.store.trees import NATIVE, find_trees, leads_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.store.archive import Archive
    from hutch.store.contents import Contents, Placed

__all__ = ["unpack_wheel"]

_PIECE = 4 << 20  # larger files are written in pieces
_WITH_DESCRIPTORS = (
    os.open in os.supports_dir_fd and os.mkdir in os.supports_dir_fd and os.utime in os.supports_fd
)


def unpack_wheel(
    archive: Archive, contents: Contents, filename: str, into: str, when: int, *, hands: int = 1
) -> Manifest:
    """Unpack into the empty folder ``into``; every file gets the date ``when`` (seconds since the epoch).

    A large one is unpacked by so many ``hands``, processes, where there is no thread. The manifest is
    returned, not written. Raises ArchiveFault when a file is not what the directory or RECORD
    says, and OSError.
    """
    # In the order of the archive's bytes, which is the order that the disk likes.
    placed = sorted(contents.placed, key=lambda each: each.member.offset)
    folder = os.open(into, FOLDER) if _WITH_DESCRIPTORS else None
    try:
        writer = _Writer(archive, into, folder, when * 1_000_000_000)
        writer.make_folder("files")
        shares = shares_of(placed, hands)
        try:
            written = write_together(writer, placed, shares) if len(shares) > 1 else []
        except ArchiveFault:
            # Of several faults the first in the archive is told, whoever came to which.
            writer.remove_all(placed)
            writer.native.clear()
            written = []
        written = written or writer.write_all(placed)
    finally:
        if folder is not None:
            os.close(folder)
    files: list[ManifestFile] = []
    data: dict[str, list[ManifestFile]] = {}
    for each, entry in zip(placed, written, strict=True):
        (data.setdefault(each.scheme, []) if each.scheme else files).append(entry)
    files.sort()
    directories = tuple(sorted(each[6:] for each in writer.folders if each.startswith("files/")))
    known = frozenset(directories)
    below = os.path.join(into, "files")
    native = sorted(path[6:] for path in writer.native if path.startswith("files/"))
    leaving = tuple(path for path in native if leads_out(below, path, known))
    trees = () if leaving else find_trees(directories, (each.path for each in files), contents.dist_info)
    return Manifest(
        name=contents.name,
        version=contents.version,
        filename=filename,
        dist_info=contents.dist_info,
        root_is_purelib=contents.root_is_purelib,
        directories=directories,
        files=tuple(files),
        console_scripts=contents.console_scripts,
        gui_scripts=contents.gui_scripts,
        data=tuple((scheme, tuple(sorted(entries))) for scheme, entries in sorted(data.items())),
        trees=trees,
        leaving=leaving,
    )


class _Writer:
    """Files below one folder, with as few calls to the system as there can be: four a file, one a folder."""

    def __init__(self, archive: Archive, root: str, folder: int | None, mtime_ns: int) -> None:
        self._archive = archive
        self._prefix = "" if folder is not None else os.path.join(root, "")
        self._folder = folder
        self._mtime_ns = mtime_ns
        self._masked: bool | None = None
        self.folders: set[str] = set()
        self.native: list[str] = []

    def make_folder(self, path: str) -> None:
        """Make a folder and its parents, each once."""
        parent = path.rpartition("/")[0]
        if parent and parent not in self.folders:
            self.make_folder(parent)
        os.mkdir(self._prefix + path, 0o755, dir_fd=self._folder)
        self.folders.add(path)

    def make_folders(self, share: Iterable[Placed]) -> None:
        """Make all folders for these."""
        for each in share:
            parent = _path(each).rpartition("/")[0]
            if parent not in self.folders:
                self.make_folder(parent)

    def write_all(self, share: Iterable[Placed]) -> list[ManifestFile]:
        """Unpack these; their lines of the manifest, in the same order."""
        return [self.write(each, _path(each)) for each in share]

    def remove_all(self, share: Iterable[Placed]) -> None:
        """Remove what there is of these."""
        for each in share:
            try:
                os.unlink(self._prefix + _path(each), dir_fd=self._folder)
            except FileNotFoundError:
                pass

    def write(self, placed: Placed, path: str) -> ManifestFile:
        """Unpack one member to ``path``; its line of the manifest."""
        member = placed.member
        parent = path.rpartition("/")[0]
        if parent not in self.folders:
            self.make_folder(parent)
        mode = 0o755 if member.mode & 0o111 else 0o644
        descriptor = os.open(self._prefix + path, CREATE, mode, dir_fd=self._folder)
        try:
            if self._masked is None:
                # A umask of the moment is not for all who will ever link the file.
                self._masked = _WITH_DESCRIPTORS and os.fstat(descriptor).st_mode & 0o777 != mode
            if self._masked:
                os.fchmod(descriptor, mode)
            sha256 = hashlib.sha256()
            proof = sha256 if placed.algorithm == "sha256" else hashlib.new(placed.algorithm)
            pieces = self._archive.chunks(member) if member.size > _PIECE else (self._archive.read(member),)
            for number, piece in enumerate(pieces):
                if number == 0 and piece.startswith(NATIVE):
                    self.native.append(path)
                sha256.update(piece)
                if proof is not sha256:
                    proof.update(piece)
                if piece:
                    write_all(descriptor, piece)
            digest = record_text(sha256.digest())
            if placed.hash != (digest if proof is sha256 else record_text(proof.digest())):
                raise ArchiveFault(f"'{member.name}' does not have the hash that RECORD has for it")
            if _WITH_DESCRIPTORS:
                os.utime(descriptor, ns=(self._mtime_ns, self._mtime_ns))
        finally:
            os.close(descriptor)
        if not _WITH_DESCRIPTORS:
            os.utime(self._prefix + path, ns=(self._mtime_ns, self._mtime_ns))
        return ManifestFile(placed.path, member.size, self._mtime_ns, mode, digest)


def _path(placed: Placed) -> str:
    return f"data/{placed.scheme}/{placed.path}" if placed.scheme else f"files/{placed.path}"
