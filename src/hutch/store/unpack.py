"""Write the files of a checked wheel into a fresh folder, and prove them on the way."""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64encode

from hutch.store.archive import ArchiveFault
from hutch.store.disk import CREATE, FOLDER, write_all
from hutch.store.manifest import Manifest, ManifestFile
from hutch.store.trees import NATIVE, find_trees, leads_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.store.archive import Archive
    from hutch.store.contents import Contents, Placed

__all__ = ["unpack_wheel"]

_PIECE = 4 << 20  # larger files are written in pieces
_WITH_DESCRIPTORS = (
    os.open in os.supports_dir_fd and os.mkdir in os.supports_dir_fd and os.utime in os.supports_fd
)


def unpack_wheel(archive: Archive, contents: Contents, filename: str, into: str, when: int) -> Manifest:
    """Unpack into the empty folder ``into``; every file gets the date ``when`` (seconds since the epoch).

    The manifest is returned, not written. Raises ArchiveFault when a file is not what the directory or RECORD
    says, and OSError.
    """
    folder = os.open(into, FOLDER) if _WITH_DESCRIPTORS else None
    try:
        writer = _Writer(archive, into, folder, when * 1_000_000_000)
        writer.make_folder("files")
        files: list[ManifestFile] = []
        data: dict[str, list[ManifestFile]] = {}
        # In the order of the archive's bytes, which is the order that the disk likes.
        for placed in sorted(contents.placed, key=lambda each: each.member.offset):
            if placed.scheme:
                entry = writer.write(placed, f"data/{placed.scheme}/")
                data.setdefault(placed.scheme, []).append(entry)
            else:
                files.append(writer.write(placed, "files/"))
    finally:
        if folder is not None:
            os.close(folder)
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

    def write(self, placed: Placed, below: str) -> ManifestFile:
        """Unpack one member to its path; its line of the manifest."""
        member = placed.member
        path = below + placed.path
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
            digest = _encode(sha256.digest())
            if placed.hash != (digest if proof is sha256 else _encode(proof.digest())):
                raise ArchiveFault(f"'{member.name}' does not have the hash that RECORD has for it")
            if _WITH_DESCRIPTORS:
                os.utime(descriptor, ns=(self._mtime_ns, self._mtime_ns))
        finally:
            os.close(descriptor)
        if not _WITH_DESCRIPTORS:
            os.utime(self._prefix + path, ns=(self._mtime_ns, self._mtime_ns))
        return ManifestFile(placed.path, member.size, self._mtime_ns, mode, digest)


def _encode(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
