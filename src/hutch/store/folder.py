"""The store itself: one folder, made when something is first kept in it."""

from __future__ import annotations

import os
import sys

from hutch.store.layout import MARKER, MUTEX, SCRATCH
from hutch.store.tables import Tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from hutch.store.built import Built
    from hutch.store.cleaning import Freed, Size
    from hutch.store.wheels import Wheels

__all__ = ["Store"]


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
            from hutch.store.founding import found_store

            found_store(self.root)
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

    def scratch(self) -> AbstractContextManager[Path]:
        """A fresh folder on the store's file system, removed on the way out (by others, if we are killed)."""
        from hutch.store.scratch import working_path

        return working_path(self._scratch())

    def _scratch(self) -> AbstractContextManager[str]:
        from hutch.store.scratch import working_folder

        self.prepare()
        if not self._swept:
            self._swept = True
            self.sweep()
        return working_folder(os.path.join(self.root, SCRATCH))

    def sweep(self) -> tuple[int, int]:
        """Remove the scratch folders of processes that died; the files and bytes freed."""
        from hutch.store.scratch import sweep

        return sweep(os.path.join(self.root, SCRATCH))

    def _fold_case(self) -> bool:
        self.prepare()
        return os.path.exists(os.path.join(self.root, MARKER.upper()))

    def strangers(self) -> str | None:
        """Who else may have written what we are going to trust: a sentence to warn with, or None."""
        if sys.platform != "win32":
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

        return clean(self.root, None if packages is None else frozenset(packages), self.sweep)
