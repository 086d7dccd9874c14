"""Unpacked wheels, by the hash of their archives: find, publish, check."""

from __future__ import annotations

import errno
import os

from hutch.light import contextmanager
from hutch.store.disk import READ, read_bytes, read_used, remove_tree, sync_directory
from hutch.store.layout import WHEELS
from hutch.store.manifest import Manifest, damaged_files, is_file, read_manifest, redate_files, wheel_time
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Generic, Protocol, TypeVar

    from hutch.store.archive import Limits
    from hutch.store.manifest import ManifestFile
    from hutch.store.unpackers import Unpackers

    class _Stored(Protocol):
        """An entry: whether it is that of its hash, and what of it is not as it was."""

        @property
        def is_at_home(self) -> bool: ...
        def damage(self) -> Sequence[str]: ...
        def redate(self) -> object: ...

    Entry = TypeVar("Entry", bound=_Stored)
else:

    class Generic:
        """``typing.Generic`` without the import of ``typing``."""

        __slots__ = ()
        __class_getitem__ = classmethod(lambda cls, item: cls)

    Entry = None

__all__ = ["USED_WITHIN", "Entries", "StoredWheel", "Wheels"]

USED_WITHIN = 3600
"""The date of a manifest says when its entry was last asked for, give or take so many seconds."""

_OCCUPIED = (errno.ENOTEMPTY, errno.EEXIST, errno.EACCES, errno.EPERM)  # as the system says it
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class StoredWheel:
    """A wheel that lies unpacked in the store: ``folder`` (text; ``path`` is the same as a Path).

    Of one that is to be linked by whole directories (``hutch.store.linked``), ``links`` are those, ``dates``
    all the directories in them with what their dates should be, and the manifest has only what is left;
    ``ready`` says that the links themselves are in ``folder``.
    """

    sha256: str
    folder: str
    manifest: Manifest
    links: tuple[str, ...] = ()
    dates: tuple[tuple[str, int], ...] = ()
    ready: bool = False

    @property
    def path(self) -> Path:
        """The folder of the entry, with ``files/`` and ``data/`` in it."""
        from pathlib import Path

        return Path(self.folder)

    @property
    def files(self) -> str:
        """The folder whose content goes to site-packages."""
        return os.path.join(self.folder, "files")

    @property
    def is_at_home(self) -> bool:
        """Whether the manifest is that of the wheel with this hash, as the dates in it say."""
        expected = wheel_time(self.sha256) * 1_000_000_000
        return all(row[2] == expected for row in self.manifest.files[:1])

    def whole(self) -> StoredWheel | None:
        """The wheel with all its files; None if its manifest is gone."""
        if not self.links:
            return self
        manifest = read_manifest(read_bytes(os.path.join(self.folder, "manifest")))
        return None if manifest is None else StoredWheel(self.sha256, self.folder, manifest)

    def damage(self, *, deep: bool = False) -> tuple[str, ...]:
        """Files (paths below the entry's folder) that are not as they were published; normally none.

        Compares size and date; ``deep`` hashes the content as well. Nothing is changed.
        """
        damaged: list[str] = []
        for folder, label, files in self.places():
            damaged += damaged_files(folder, files, deep=deep, label=label)
        return tuple(damaged)

    def redate(self) -> None:
        """Give files back their date whose content is proven by its hash to be the right one.

        For stores that were copied without dates, or met a clock from elsewhere. Failures show in ``damage``.
        """
        for folder, _, files in self.places():
            redate_files(folder, files)

    def wrong_content(self, among: Collection[str] | None = None) -> list[str]:
        """Files (``among`` those named as `damage` does) that do not have the bytes they should."""
        return [
            label + path
            for folder, label, files in self.places()
            for path, size, _, _, digest in files
            if (among is None or label + path in among) and not is_file(folder + path, size, digest)
        ]

    def places(self) -> Iterator[tuple[str, str, tuple[ManifestFile, ...]]]:
        """Folder, what stands for it in names of files, and the files that should be in it."""
        yield os.path.join(self.folder, "files", ""), "files/", self.manifest.files
        for scheme, files in self.manifest.data:
            yield os.path.join(self.folder, "data", scheme, ""), f"data/{scheme}/", files


class Entries(Generic[Entry]):
    """What of archives lies unpacked in a store, by the hash of each archive.

    ``scratch`` gives a locked working folder on the same file system; ``fold_case`` tells whether names that
    differ in case only are one file there. ``layers`` are folders of other stores: an entry that ``root`` has
    not is used from where it lies there, and nothing is ever changed in one. Who inherits says in which
    folder its ``KIND`` lies and what an ``_entry`` is.
    """

    KIND = ""
    __slots__ = (
        "_fold_case",
        "_folder",
        "_layers",
        "_limits",
        "_scratch",
        "_shunned",
        "_unpackers",
        "fresh",
        "published",
    )

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
        self._shunned: set[str] = set()
        self._unpackers: Unpackers | None = None
        self._limits = limits
        self.published = 0
        self.fresh: set[str] = set()
        """What was published since somebody emptied this: nobody has a link to it yet."""
        self.move(root, layers)

    def _entry(self, sha256: str, folder: str, data: bytes | None) -> Entry | None:
        """The entry in ``folder`` whose manifest is ``data``; None where that is no manifest."""
        raise NotImplementedError

    def _publish(self, archive: str, filename: str, sha256: str, hands: int) -> None:
        """Make an archive whose hash is known an entry, on so many processors."""
        raise NotImplementedError

    @staticmethod
    def _prepare() -> None:
        """Import what `_publish` needs."""
        import hutch.store.publish
        import hutch.store.scratch  # noqa: F401

    @contextmanager
    def unpacking(self, archives: int, *, count: int | None = None) -> Iterator[None]:
        """Have processes for `publish` while inside, if there are so many ``archives`` to come that it pays.

        To be entered before there are threads. ``count`` is how many, for who knows better.
        """
        from hutch.store.unpackers import hire

        def publish(archive: str, filename: str, sha256: str, hands: int) -> bool:
            before = self.published
            self._publish(archive, filename, sha256, hands)
            return self.published > before

        with hire(publish, archives, count=count, prepare=self._prepare) as self._unpackers:
            try:
                yield
            finally:
                self._unpackers = None

    def count(self, sha256: str | None) -> None:
        """A helper has published this."""
        if sha256 is not None:
            self.published += 1
            self.fresh.add(sha256)

    def move(self, root: str, layers: Sequence[str]) -> None:
        """From now on be those of another folder."""
        self._folder = os.path.join(root, self.KIND)
        self._layers = tuple(os.path.join(layer, self.KIND) for layer in layers)

    def folder(self, sha256: str) -> str:
        """Where the entry lies or would lie."""
        if len(sha256) != 64 or not _HEX.issuperset(sha256):
            raise ValueError(f"not a SHA-256 in lower-case hexadecimal digits: {sha256!r}")
        return os.path.join(self._folder, sha256[:2], sha256)

    def find(self, sha256: str, *, check: bool = False) -> Entry | None:
        """The entry, or None. Reads its manifest and nothing else; with ``check`` also looks at every file.

        A damaged entry is None.
        """
        folder = self.folder(sha256)
        found = self._read(sha256, folder, read_used(os.path.join(folder, "manifest"), USED_WITHIN), check)
        if found is None and self._layers:
            for layer in self._layers:
                folder = os.path.join(layer, sha256[:2], sha256)
                if folder not in self._shunned:
                    data = read_bytes(os.path.join(folder, "manifest"))
                    found = self._read(sha256, folder, data, check)
                    if found is not None:
                        break
        return found

    def _read(self, sha256: str, folder: str, data: bytes | None, check: bool) -> Entry | None:
        found = self._entry(sha256, folder, data)
        if found is None or not found.is_at_home:
            return None
        return found if not check or self.check_entry(found) else None

    @property
    def has_some(self) -> bool:
        """Whether there may be an entry at all."""
        return any(os.path.isdir(folder) for folder in (self._folder, *self._layers))

    def is_there(self, sha256: str) -> bool:
        """Whether there is an entry, in whatever state."""
        below = os.path.join(sha256[:2], sha256, "manifest")
        return os.path.exists(os.path.join(self.folder(sha256), "manifest")) or any(
            os.path.exists(os.path.join(layer, below)) for layer in self._layers
        )

    def check_entry(self, entry: Entry) -> bool:
        """Whether every file of the entry is as it was published; do this before linking from it.

        Two microseconds a file. A file whose date alone is wrong is hashed, and gets its date back.
        """
        if not entry.damage():
            return True
        entry.redate()
        return not entry.damage()

    def entries(self) -> Iterator[str]:
        """The hashes of all entries, sound or not."""
        try:
            shards = os.listdir(self._folder)
        except OSError:
            return
        for shard in shards:
            try:
                names = os.listdir(os.path.join(self._folder, shard))
            except OSError:
                continue
            yield from (name for name in names if len(name) == 64 and _HEX.issuperset(name))

    def discard(self, sha256: str) -> None:
        """Take the entry out of the store, whatever state it is in. It disappears at once.

        One of a layer stays there, and is not looked at again.
        """
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
                # Something is in use (Windows). Without its manifest it is no entry.
                remove_tree(folder)

    def _put(self, prepared: str, sha256: str) -> Entry | None:
        """Move a complete folder to its place; the entry, or None if a sound one cannot be had.

        If another process was faster, its entry is taken when it is sound, and replaced when it is not.
        """
        folder = self.folder(sha256)
        data = read_bytes(os.path.join(prepared, "manifest"))
        if self._entry(sha256, prepared, data) is None:
            return None
        for _ in range(40):
            try:
                os.rename(prepared, folder)
                sync_directory(os.path.dirname(folder))
            except FileNotFoundError:
                os.makedirs(os.path.dirname(folder), exist_ok=True)
                continue
            except OSError as error:
                found = self._read(sha256, folder, read_bytes(os.path.join(folder, "manifest")), True)
                if found is not None:
                    return found
                if error.errno not in _OCCUPIED or self._is_forbidden(error, folder):
                    raise
                self._take_away_damaged(sha256)
                continue
            self.published += 1
            self.fresh.add(sha256)
            return self._entry(sha256, folder, data)
        return None

    @staticmethod
    def _is_forbidden(error: OSError, folder: str) -> bool:
        """Whether the folder is not in the way, but somebody else's is what it should be in."""
        denied = error.errno in (errno.EACCES, errno.EPERM)
        return denied and os.name != "nt" and not os.path.lexists(folder)

    def _take_away_damaged(self, sha256: str) -> None:
        """Discard the entry if it is damaged; one that somebody put there meanwhile goes back."""
        folder = self.folder(sha256)
        with self._scratch() as scratch:
            taken = os.path.join(scratch, "taken")
            try:
                os.rename(folder, taken)
            except FileNotFoundError:
                return
            except OSError:
                self.discard(sha256)
                return
            found = self._entry(sha256, taken, read_bytes(os.path.join(taken, "manifest")))
            if found is not None and self.check_entry(found):
                try:
                    os.rename(taken, folder)
                except OSError:
                    pass  # there is another one already


class Wheels(Entries[StoredWheel]):
    """The unpacked wheels of a store."""

    KIND = WHEELS
    __slots__ = ()

    def _entry(self, sha256: str, folder: str, data: bytes | None) -> StoredWheel | None:
        manifest = read_manifest(data)
        return None if manifest is None else StoredWheel(sha256, folder, manifest)

    def _publish(self, archive: str, filename: str, sha256: str, hands: int) -> None:
        self.publish(archive, filename, sha256, hashed=True, hands=hands)

    def publish(
        self, archive: Path | str, filename: str, sha256: str, *, hashed: bool = False, hands: int = 1
    ) -> StoredWheel:
        """Check the archive, unpack it and make it an entry; the entry that is there if it is sound.

        ``filename`` is the wheel's own, whatever the archive is called on disk. ``hashed`` says that the
        caller computed the hash of these bytes while it wrote them. ``hands`` are processes that may unpack
        it, where there is no thread. Safe with any number of processes.
        Raises HashMismatch, InvalidWheel, StoreProblem.
        """
        from hutch.store.problems import StoreProblem, store_problem
        from hutch.store.publish import check_same, prepare_wheel

        unpackers = self._unpackers  # which another thread may send home meanwhile
        if hashed and unpackers is not None:
            new = unpackers.unpack(os.fspath(archive), filename, sha256)
            wheel = self.find(sha256) if new is not None else None
            if wheel is not None:
                self.count(sha256 if new else None)
                check_same(wheel.manifest, filename)
                return wheel
        try:
            descriptor = os.open(archive, READ)
        except OSError as error:
            raise store_problem(error, f"reading {filename}", os.fspath(archive)) from error
        try:
            if not hashed:
                from hutch.store.proof import check_hash

                check_hash(descriptor, filename, sha256)
            wheel = self.find(sha256, check=True)
            if wheel is not None:
                check_same(wheel.manifest, filename)
                return wheel
            with self._scratch() as scratch:
                prepared = os.path.join(scratch, "wheel")
                limits = self._limits() if self._limits is not None else None
                prepare_wheel(
                    descriptor,
                    filename,
                    sha256,
                    prepared,
                    limits=limits,
                    fold_case=self._fold_case(),
                    hands=hands,
                )
                wheel = self._put(prepared, sha256)
        except OSError as error:
            doing = f"unpacking {filename} into the store"
            raise store_problem(error, doing, self.folder(sha256)) from error
        finally:
            os.close(descriptor)
        if wheel is None:
            raise StoreProblem(
                f"{filename} cannot be kept in the store",
                path=self.folder(sha256),
                why="its folder there is changed by somebody else while it is written",
            )
        return wheel
