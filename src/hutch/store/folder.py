"""The store itself: one folder, made when something is first kept in it."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hutch.store.disk import remove_tree, unique_name
from hutch.store.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from hutch.store.built import Built
    from hutch.store.cleaning import Freed, Size
    from hutch.store.wheels import Wheels

__all__ = ["MARKER", "Store"]

MARKER = ".hutch-store"
_MARKER_TEXT = b"This folder is a store of hutch. `hutch cache clean` empties it.\n"
_CACHEDIR_TAG = (
    b"Signature: 8a477f597d28d172789f06886806bc55\n"
    b"# This file marks a cache of hutch, which can be made again and need not be kept in backups.\n"
)
SCRATCH, MUTEX = "scratch-v1", "mutex-v1"
# Where a scratch folder cannot be locked, one that nobody touched for so long is nobody's.
_ABANDONED = 24 * 3600


class Store:
    """What hutch keeps from one command to the next. Making one touches no disk.

    Threads may share one; processes share the folder.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = os.path.abspath(os.fspath(root))
        self.tables = Tables(self.root, self.prepare)
        self._prepared = False
        self._swept = False
        self._wheels: Wheels | None = None
        self._built: Built | None = None

    @property
    def wheels(self) -> Wheels:
        """The unpacked wheels."""
        if self._wheels is None:
            from hutch.store.wheels import Wheels

            self._wheels = Wheels(self.root, self._scratch, self._fold_case)
        return self._wheels

    @property
    def built(self) -> Built:
        """Which wheel was built from what."""
        if self._built is None:
            from hutch.store.built import Built

            self._built = Built(self.tables, self.wheels)
        return self._built

    def prepare(self) -> None:
        """Make the folder and its marker if they are not there; StoreProblem if that cannot be."""
        if self._prepared:
            return
        if not os.path.exists(os.path.join(self.root, MARKER)):
            from hutch.store.cleaning import found_store

            found_store(self.root, {MARKER: _MARKER_TEXT, "CACHEDIR.TAG": _CACHEDIR_TAG})
        self._prepared = True

    def lock(
        self, name: str, *, timeout: float | None = None, waiting: Callable[[str], None] | None = None
    ) -> AbstractContextManager[bool]:
        """Keep other processes (and threads) that take the lock ``name`` out while inside.

        ``waiting`` is called once with who holds it ("" if unknown) when it is not free; StoreBusy
        after ``timeout`` seconds. Gives False where there are no locks: it saves work, it does not protect.
        """
        from hutch.store.locks import hold
        from hutch.store.tables import file_name

        self.prepare()
        path = os.path.join(self.root, MUTEX, file_name(name))
        return hold(path, name, timeout=timeout, waiting=waiting)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A fresh folder on the store's file system, removed on the way out (by others, if we are killed)."""
        from pathlib import Path

        with self._scratch() as folder:
            yield Path(folder)

    @contextmanager
    def _scratch(self) -> Iterator[str]:
        from hutch.store.problems import store_problem

        self.prepare()
        base = os.path.join(self.root, SCRATCH)
        if not self._swept:
            self._swept = True
            self.sweep()
        try:
            folder, descriptor = _make_locked(base)
        except OSError as error:
            raise store_problem(error, "making a working folder in the store", base) from error
        try:
            yield folder
        finally:
            remove_tree(folder)
            if descriptor is not None:
                os.close(descriptor)

    def sweep(self) -> tuple[int, int]:
        """Remove the scratch folders of processes that died; the files and bytes freed."""
        base = os.path.join(self.root, SCRATCH)
        files = size = 0
        try:
            names = os.listdir(base)
        except OSError:
            return 0, 0
        for name in names:
            folder = os.path.join(base, name)
            if _is_abandoned(folder):
                freed = remove_tree(folder)
                files += freed[0]
                size += freed[1]
        return files, size

    def _fold_case(self) -> bool:
        self.prepare()
        return os.path.exists(os.path.join(self.root, MARKER.upper()))

    def strangers(self) -> str | None:
        """Who else may have written what we are going to trust: a sentence to warn with, or None."""
        if os.name == "nt":
            return None
        try:
            facts = os.stat(self.root)
        except OSError:
            return None
        if facts.st_uid not in (0, os.geteuid()):
            return f"the store {self.root} belongs to another user, whose files are used as they are"
        if facts.st_mode & 0o002:
            return f"the store {self.root} can be changed by every user of this machine"
        return None

    def size(self) -> tuple[Size, ...]:
        """How much of each kind there is: ``Size(kind, files, bytes)``, in the order of their names."""
        from hutch.store.cleaning import measure

        return measure(self.root)

    def clean(self, packages: Iterable[str] | None = None) -> Freed:
        """Remove everything, or what belongs to the projects named; what was freed.

        NotAStore if the folder was not made by hutch. Never touches anything else.
        """
        from hutch.store.cleaning import clean

        return clean(self, None if packages is None else frozenset(packages))


def _make_locked(base: str) -> tuple[str, int | None]:
    """A new folder in ``base`` and the descriptor whose lock says that it is in use (None without locks)."""
    while True:
        folder = os.path.join(base, unique_name())
        try:
            os.mkdir(folder, 0o700)
        except FileNotFoundError:
            os.makedirs(base, exist_ok=True)
            continue
        if os.name == "nt":
            return folder, None
        from hutch.store.locks import try_lock

        # Somebody sweeping may have found the folder before we locked it: then it is theirs to remove.
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        try:
            if try_lock(descriptor) is not False and os.path.samestat(os.fstat(descriptor), os.stat(folder)):
                return folder, descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is_abandoned(folder: str) -> bool:
    """Whether nobody uses the scratch folder any more."""
    try:
        old = time.time() - os.lstat(folder).st_mtime > _ABANDONED
        if os.name == "nt":
            return old
        from hutch.store.locks import try_lock

        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        locked = try_lock(descriptor)
        return old if locked is None else locked
    except OSError:
        return False
    finally:
        # Closing gives the lock back before the folder is gone: harmless, since its maker, had there
        # been one, would have failed to lock it and gone away, and others may remove it as well.
        os.close(descriptor)
