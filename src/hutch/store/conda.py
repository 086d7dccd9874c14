"""Unpacked conda packages, by the hash of their archives: find, publish, check.

As with wheels (``wheels.py``): all is checked before anything is visible, the manifest is written last, one
rename makes the entry.
"""

from __future__ import annotations

import os

from hutch.store.conda_manifest import read_conda_manifest
from hutch.store.disk import write_atomic
from hutch.store.layout import CONDA
from hutch.store.manifest import damaged_files, redate_files, wheel_time
from hutch.store.wheels import Entries
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.store.conda_manifest import CondaManifest

__all__ = ["CondaPackages", "StoredConda"]


@dataclass(frozen=True, slots=True)
class StoredConda:
    """A conda package that lies unpacked in the store, in ``folder``."""

    sha256: str
    folder: str
    manifest: CondaManifest

    @property
    def files(self) -> str:
        """The folder whose content goes into a prefix."""
        return os.path.join(self.folder, "files")

    @property
    def is_at_home(self) -> bool:
        """Whether the manifest is that of the package with this hash, as the dates in it say."""
        expected = wheel_time(self.sha256) * 1_000_000_000
        return all(row[2] == expected for row in self.manifest.files[:1])

    def damage(self, *, deep: bool = False) -> tuple[str, ...]:
        """Files that are not as they were unpacked: by size and date, ``deep`` by their bytes."""
        return tuple(damaged_files(os.path.join(self.files, ""), self.manifest.files, deep=deep))

    def redate(self) -> None:
        """Give files their date back whose content is proven by its hash to be the right one."""
        redate_files(os.path.join(self.files, ""), self.manifest.files)

    def strange(self) -> tuple[str, ...]:
        """Files in the folder that are none of the package's."""
        known = {"manifest", *(f"files/{row[0]}" for row in self.manifest.files)}
        found = []
        for below, directories, names in os.walk(self.folder):
            start = os.path.relpath(below, self.folder).replace(os.sep, "/")
            links = [name for name in directories if os.path.islink(os.path.join(below, name))]
            for name in (*names, *links):
                path = name if start == "." else f"{start}/{name}"
                if path not in known:
                    found.append(path)
        return tuple(sorted(found))


class CondaPackages(Entries[StoredConda]):
    """The unpacked conda packages of a store."""

    KIND = CONDA
    __slots__ = ()

    def _entry(self, sha256: str, folder: str, data: bytes | None) -> StoredConda | None:
        manifest = read_conda_manifest(data)
        return None if manifest is None else StoredConda(sha256, folder, manifest)

    @staticmethod
    def _prepare() -> None:
        import hutch.store.conda_read
        import hutch.store.proof  # noqa: F401

    def _publish(self, archive: str, filename: str, sha256: str, hands: int) -> None:
        self.publish(archive, filename, sha256)

    def publish(self, archive: str | os.PathLike[str], filename: str, sha256: str) -> StoredConda:
        """Check the archive, unpack it and make it an entry; the entry that is there if it is sound.

        ``filename`` is the package's own (NAME-VERSION-BUILD.conda or .tar.bz2), whatever the archive is
        called on disk. The hash is taken here, of a download as of a file of this machine. Safe with any
        number of processes. Raises HashMismatch, InvalidCondaPackage, StoreProblem.
        """
        path = os.fspath(archive)
        unpackers = self._unpackers  # which another thread may send home meanwhile
        if unpackers is not None:
            new = unpackers.unpack(path, filename, sha256)
            found = self.find(sha256) if new is not None else None
            if found is not None:
                self.count(sha256 if new else None)
                self._check_name(filename, found)
                return found
        from hutch.store.conda_read import unpack_conda
        from hutch.store.disk import READ
        from hutch.store.problems import StoreProblem, store_problem
        from hutch.store.proof import check_hash

        try:
            descriptor = os.open(path, READ)
        except OSError as error:
            raise store_problem(error, f"reading {filename}", path) from error
        try:
            check_hash(descriptor, filename, sha256)
            found = self.find(sha256, check=True)
            if found is None:
                os.lseek(descriptor, 0, os.SEEK_SET)  # where a second opening shares the place in the file
                with self._scratch() as scratch:
                    prepared = os.path.join(scratch, "package")
                    os.mkdir(prepared)
                    limits = self._limits() if self._limits is not None else None
                    manifest = unpack_conda(
                        # What was hashed is what is read, whoever changes names meanwhile.
                        f"/dev/fd/{descriptor}" if os.path.exists("/dev/fd") else path,
                        filename,
                        prepared,
                        wheel_time(sha256),
                        limits=limits,
                        fold_case=self._fold_case(),
                    )
                    write_atomic(os.path.join(prepared, "manifest"), manifest.packed(), sync=True)
                    found = self._put(prepared, sha256)
            else:
                self._check_name(filename, found)
        except OSError as error:
            raise store_problem(error, f"unpacking {filename} into the store", self.folder(sha256)) from error
        finally:
            os.close(descriptor)
        if found is None:
            raise StoreProblem(
                f"{filename} cannot be kept in the store",
                path=self.folder(sha256),
                why="its folder there is changed by somebody else while it is written",
            )
        return found

    @staticmethod
    def _check_name(filename: str, found: StoredConda) -> None:
        """The same bytes under another name are another package to whoever asks for it."""
        from hutch.store.conda_read import split_conda_name
        from hutch.store.problems import InvalidCondaPackage

        manifest = found.manifest
        if split_conda_name(filename) != (manifest.name, manifest.version, manifest.build):
            label = f"{manifest.name} {manifest.version} {manifest.build}"
            raise InvalidCondaPackage(filename, f"it says that it is {label}")
