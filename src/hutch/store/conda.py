"""Unpacked conda packages, by the hash of their archives: find, publish, check.

As with wheels (``wheels.py``): all is checked before anything is visible, the manifest is written last, one
rename makes the entry.
"""

from __future__ import annotations

import os
import stat

from hutch.store.conda_manifest import read_conda_manifest
from hutch.store.disk import read_bytes, read_used, remove_tree, sync_directory, write_atomic
from hutch.store.layout import CONDA
from hutch.store.manifest import wheel_time
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from hutch.store.archive import Limits
    from hutch.store.conda_manifest import CondaManifest

__all__ = ["CondaPackages", "StoredConda"]

USED_WITHIN = 3600
_HEX = frozenset("0123456789abcdef")


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
        found = []
        for path, size, mtime_ns, _, digest in self.manifest.files:
            place = os.path.join(self.files, path)
            try:
                facts = os.lstat(place)
            except (OSError, ValueError):
                found.append(path)
                continue
            if (
                facts.st_size != size
                or facts.st_mtime_ns != mtime_ns
                or not stat.S_ISREG(facts.st_mode)
                or (deep and _hash(place) != digest)
            ):
                found.append(path)
        return tuple(found)

    def redate(self) -> None:
        """Give files their date back whose content is proven by its hash to be the right one."""
        for path, size, mtime_ns, _, digest in self.manifest.files:
            place = os.path.join(self.files, path)
            try:
                facts = os.lstat(place)
                if (
                    facts.st_mtime_ns != mtime_ns
                    and facts.st_size == size
                    and stat.S_ISREG(facts.st_mode)
                    and _hash(place) == digest
                ):
                    os.utime(place, ns=(mtime_ns, mtime_ns))
            except (OSError, ValueError):
                continue

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


def _hash(path: str) -> str:
    import hashlib
    from base64 import urlsafe_b64encode

    try:
        with open(path, "rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").digest()
    except OSError:
        return ""
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


class CondaPackages:
    """The unpacked conda packages of a store, and of its ``layers``, which are never changed."""

    __slots__ = ("_fold_case", "_folder", "_layers", "_limits", "_scratch", "_shunned", "published")

    def __init__(
        self,
        root: str,
        scratch: Callable[[], AbstractContextManager[str]],
        fold_case: Callable[[], bool],
        limits: Callable[[], Limits] | None = None,
        layers: Sequence[str] = (),
    ) -> None:
        self._scratch = scratch
        self._fold_case = fold_case
        self._limits = limits
        self._shunned: set[str] = set()
        self.published = 0
        self.move(root, layers)

    def move(self, root: str, layers: Sequence[str]) -> None:
        """From now on be those of another folder."""
        self._folder = os.path.join(root, CONDA)
        self._layers = tuple(os.path.join(layer, CONDA) for layer in layers)

    def folder(self, sha256: str) -> str:
        """Where the entry lies or would lie."""
        if len(sha256) != 64 or not _HEX.issuperset(sha256):
            raise ValueError(f"not a SHA-256 in lower-case hexadecimal digits: {sha256!r}")
        return os.path.join(self._folder, sha256[:2], sha256)

    def get(self, sha256: str, *, check: bool = False) -> StoredConda | None:
        """The package, or None. Reads its manifest; with ``check`` looks at every file, and a damaged entry
        is None."""
        folder = self.folder(sha256)
        found = self._read(sha256, folder, read_used(os.path.join(folder, "manifest"), USED_WITHIN), check)
        for layer in self._layers if found is None else ():
            folder = os.path.join(layer, sha256[:2], sha256)
            if folder not in self._shunned:
                found = self._read(sha256, folder, read_bytes(os.path.join(folder, "manifest")), check)
                if found is not None:
                    break
        return found

    def _read(self, sha256: str, folder: str, data: bytes | None, check: bool) -> StoredConda | None:
        manifest = read_conda_manifest(data)
        if manifest is None:
            return None
        found = StoredConda(sha256, folder, manifest)
        return found if found.is_at_home and (not check or self.check_entry(found)) else None

    def check_entry(self, package: StoredConda) -> bool:
        """Whether every file is as it was unpacked. One whose date alone is wrong gets it back."""
        if not package.damage():
            return True
        package.redate()
        return not package.damage()

    def entries(self) -> Iterator[str]:
        """The hashes of all entries, sound or not."""
        for shard in _names(self._folder):
            for name in _names(os.path.join(self._folder, shard)):
                if len(name) == 64 and _HEX.issuperset(name):
                    yield name

    def discard(self, sha256: str) -> None:
        """Take the entry out of the store, whatever state it is in; one of a layer is not looked at again."""
        self._shunned.update(os.path.join(layer, sha256[:2], sha256) for layer in self._layers)
        folder = self.folder(sha256)
        if not os.path.lexists(folder):
            return
        with self._scratch() as scratch:
            try:
                os.rename(folder, os.path.join(scratch, "discarded"))
            except FileNotFoundError:
                return
            except OSError:
                remove_tree(folder)

    def publish(self, archive: str | os.PathLike[str], filename: str, sha256: str) -> StoredConda:
        """Check the archive, unpack it and make it an entry; the entry that is there if it is sound.

        ``filename`` is the package's own (NAME-VERSION-BUILD.conda or .tar.bz2), whatever the archive is
        called on disk. The hash is taken here, of a download as of a file of this machine. Safe with any
        number of processes. Raises HashMismatch, InvalidCondaPackage, StoreProblem.
        """
        from hutch.store.conda_read import split_conda_name, unpack_conda
        from hutch.store.disk import READ
        from hutch.store.problems import InvalidCondaPackage, StoreProblem, store_problem
        from hutch.store.publish import check_hash

        path = os.fspath(archive)
        try:
            descriptor = os.open(path, READ)
        except OSError as error:
            raise store_problem(error, f"reading {filename}", path) from error
        try:
            check_hash(descriptor, filename, sha256)
            found = self.get(sha256, check=True)
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
                    found = self._put(prepared, sha256, manifest)
            elif split_conda_name(filename) != (
                found.manifest.name,
                found.manifest.version,
                found.manifest.build,
            ):
                label = f"{found.manifest.name} {found.manifest.version} {found.manifest.build}"
                raise InvalidCondaPackage(filename, f"it says that it is {label}")
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

    def _put(self, prepared: str, sha256: str, manifest: CondaManifest) -> StoredConda | None:
        """Move a complete folder to its place; another's that is sound is as good."""
        folder = self.folder(sha256)
        for _ in range(40):
            try:
                os.rename(prepared, folder)
            except FileNotFoundError:
                os.makedirs(os.path.dirname(folder), exist_ok=True)
                continue
            except OSError:
                found = self._read(sha256, folder, read_bytes(os.path.join(folder, "manifest")), True)
                if found is not None:
                    return found
                if not os.path.lexists(folder):
                    raise
                self.discard(sha256)
                if os.path.lexists(folder):
                    raise
                continue
            sync_directory(os.path.dirname(folder))
            self.published += 1
            return StoredConda(sha256, folder, manifest)
        return None


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
