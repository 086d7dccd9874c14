"""The store itself: one folder, made when something is first kept in it."""

from __future__ import annotations

import os
import sys
from _thread import RLock

from hutch.store.layout import LOGS, MARKER, MUTEX, SCRATCH
from hutch.store.tables import Tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from hutch.store.built import Built
    from hutch.store.bytecode import Bytecode, Bytecodes
    from hutch.store.cleaning import Freed, Size
    from hutch.store.conda import CondaPackages
    from hutch.store.directory import Limits
    from hutch.store.linked import Trees
    from hutch.store.prune import Pruned
    from hutch.store.verify import Verified
    from hutch.store.wheels import Wheels

__all__ = ["Store"]


class Store:
    """What hutch keeps from one command to the next. Making one touches no disk.

    ``layers`` are folders of other stores, which are read and never written. ``elsewhere`` is for those who
    rather work with a store that goes away with them (``close``) than not at all: it is told in a sentence
    why the folder cannot be used, when that is found out. ``limits`` says what an archive may unpack to,
    when one is unpacked. Threads may share a store; processes share the folder.
    """

    def __init__(
        self,
        root: Path | str,
        *,
        layers: Iterable[Path | str] = (),
        elsewhere: Callable[[str], None] | None = None,
        limits: Callable[[], Limits] | None = None,
    ) -> None:
        self.root = os.path.abspath(os.fspath(root))
        self.layers = tuple(os.path.abspath(os.fspath(each)) for each in layers)
        self.tables = Tables(self.root, self._may_write, self.layers)
        self._elsewhere = elsewhere
        self._limits = limits
        self._temporary: str | None = None
        self._writable: bool | None = None
        self._swept = False
        self._hold = RLock()
        self._wheels: Wheels | None = None
        self._conda: CondaPackages | None = None
        self._trees: Trees | None = None
        self._built: Built | None = None
        self._bytecode: Bytecodes | None = None

    @property
    def logs(self) -> str:
        """The folder for what failed builds said; it may not be there."""
        return os.path.join(self.root, LOGS)

    @property
    def wheels(self) -> Wheels:
        """The unpacked wheels."""
        if self._wheels is None:
            from hutch.store.wheels import Wheels

            self._wheels = Wheels(self.root, self._scratch, self._fold_case, self._limits, layers=self.layers)
        return self._wheels

    @property
    def conda(self) -> CondaPackages:
        """The unpacked packages of conda's channels."""
        if self._conda is None:
            from hutch.store.conda import CondaPackages

            self._conda = CondaPackages(
                self.root, self._scratch, self._fold_case, self._limits, layers=self.layers
            )
        return self._conda

    @property
    def trees(self) -> Trees:
        """The wheels that environments may link to by whole directories."""
        if self._trees is None:
            from hutch.store.linked import Trees

            self._trees = Trees(
                lambda: self.root, self._scratch, lambda: self._temporary is None, self._compiled
            )
        return self._trees

    def _compiled(self, sha256: str) -> list[Bytecode]:
        """The bytecode of a wheel, for whatever interpreters there is some."""
        found = (self.bytecode.find(sha256, tag) for tag in self.bytecode.tags())
        return [each for each in found if each is not None]

    @property
    def built(self) -> Built:
        """Which wheel was built from what."""
        if self._built is None:
            from hutch.store.built import Built

            self._built = Built(self.tables, self.wheels)
        return self._built

    @property
    def bytecode(self) -> Bytecodes:
        """The bytecode of wheels, by the tag of the interpreters that it is for."""
        if self._bytecode is None:
            from hutch.store.bytecode import Bytecodes

            self._bytecode = Bytecodes(self.root, self._scratch, layers=self.layers)
        return self._bytecode

    @property
    def is_temporary(self) -> bool:
        """Whether it goes away with ``close``, because its own folder could not be used."""
        return self._temporary is not None

    @property
    def has_news(self) -> bool:
        """Whether something large was put into it by this process."""
        return any(each is not None and each.published > 0 for each in (self._wheels, self._conda))

    @property
    def is_writable(self) -> bool:
        """Whether something can be kept in its own folder, which is made if it is not there. May raise
        StoreProblem."""
        return self._may_write()

    def _may_write(self) -> bool:
        """Whether something can be kept; the folder is made if it is not there. May raise StoreProblem."""
        if self._writable is None:
            from hutch.store.founding import why_unwritable

            self._writable = why_unwritable(self.root) is None
        return self._writable

    def prepare(self) -> None:
        """Make the folder and its marker if they are not there; StoreProblem if that cannot be.

        Where it cannot be written, and there is an ``elsewhere``, ``root`` is another one afterwards.
        """
        if self._writable:
            return
        from hutch.store.founding import why_unwritable

        with self._hold:
            problem = why_unwritable(self.root)
            if problem is not None:
                if self._elsewhere is None:
                    raise problem
                reason = problem.what.rpartition(": ")[2]
                self.leave(f"the cache {self.root} cannot be written ({reason})")
            self._writable = True

    def leave(self, why: str, *, keep_reading: bool = True) -> None:
        """Work in a private folder from here on, and say so; the old one is a layer if that is right."""
        assert self._elsewhere is not None
        from hutch.store.founding import found_elsewhere

        self._temporary = found_elsewhere(self.root)
        if keep_reading:
            self.layers = (self.root, *self.layers)
        self.root = os.path.join(self._temporary, "cache")
        self._writable = True
        self._swept = False
        self.tables.move(self.root, self.layers)
        if self._wheels is not None:
            self._wheels.move(self.root, self.layers)
        if self._conda is not None:
            self._conda.move(self.root, self.layers)
        if self._bytecode is not None:
            self._bytecode.move(self.root, self.layers)
        self._elsewhere(f"{why}: what is fetched or built now is not kept")

    def admit(self, *, chosen: bool, warn: Callable[[str], None]) -> None:
        """Look whose files we are going to trust.

        A store that its user did not name himself (``chosen``), and that somebody else may write, is not
        used: hashes say nothing about files that lie unpacked. Of one that he did name he is told, and of
        layers, which nobody else can name.
        """
        who = _stranger(self.root)
        if who is not None and not chosen and self._elsewhere is not None:
            self.leave(f"the cache {self.root} is not used, because it {who}", keep_reading=False)
        elif who is not None:
            warn(f"the cache {self.root} {who}: its files are used as they are")
        sound = []
        for layer in self.layers:
            if not os.path.isdir(layer):
                warn(f"the cache layer {layer} is not there")
                continue
            who = _stranger(layer)
            sound.append(layer)
            if who is not None:
                warn(f"the cache layer {layer} {who}: its files are used as they are")
        if len(sound) != len(self.layers):
            self.layers = tuple(sound)
            self.tables.move(self.root, self.layers)

    def close(self) -> None:
        """Write what waits to be written; remove what was only for this process."""
        self.tables.catch_up()
        if self._temporary is not None:
            from hutch.store.disk import remove_tree

            remove_tree(self._temporary)

    def lock(
        self, name: str, *, timeout: float | None = None, waiting: Callable[[str], None] | None = None
    ) -> AbstractContextManager[bool]:
        """Keep other processes (and threads) that take the lock ``name`` out while inside.

        ``waiting`` is called once with who holds it ("" if unknown) when it is not free; StoreBusy
        after ``timeout`` seconds. Gives False where there are no locks, or no place for them: it saves work,
        it does not protect.
        """
        from hutch.store.locks import hold
        from hutch.store.tables import file_name

        if not self._may_write():
            from contextlib import nullcontext

            return nullcontext(False)
        path = os.path.join(self.root, MUTEX, file_name(name))
        return hold(path, name, timeout=timeout, waiting=waiting)

    def scratch(self) -> AbstractContextManager[Path]:
        """A fresh folder on the store's file system, removed on the way out (by others, if we are killed)."""
        from hutch.store.scratch import working_path

        return working_path(self._scratch())

    def scratch_folder(self) -> AbstractContextManager[str]:
        """The same, for who needs no Path of it."""
        return self._scratch()

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

    def size(self) -> tuple[Size, ...]:
        """How much of each kind there is: ``Size(kind, files, bytes)``, in the order of their names."""
        from hutch.store.cleaning import measure

        return measure(self.root)

    def verify(
        self, *, deep: bool = False, fix: bool = False, step: Callable[[str], None] | None = None
    ) -> Verified:
        """Compare every wheel with its manifest (``deep``: its bytes) and every table with its checksum.

        With ``fix`` what is damaged is taken out. ``step`` is told each wheel that was looked at.
        """
        from hutch.store.verify import verify

        return verify(self, deep=deep, fix=fix, step=step or _nobody)

    def prune(
        self,
        *,
        limit: int | None,
        in_use: Callable[[str], Collection[str]],
        dry_run: bool = False,
        seconds: float | None = None,
        step: Callable[[str], None] | None = None,
    ) -> Pruned:
        """Remove what is stale, then what was least recently used until there are at most ``limit`` bytes.

        ``in_use`` tells the hashes of the wheels that the environment at a path uses, and ``<hash>/<name>``
        of the trees that it links to; those stay. With ``seconds`` it ends after so long, however far it is.
        Raises StoreBusy when another process prunes, NotAStore.
        """
        from hutch.store.cleaning import is_ours
        from hutch.store.prune import prune

        if not is_ours(self.root):
            from hutch.store.prune import Pruned

            return Pruned(removed={}, bytes=0, left=0, in_use=0, environments=0, limit=limit)
        return prune(self, limit=limit, in_use=in_use, dry_run=dry_run, seconds=seconds, step=step or _nobody)

    def is_due(self, seconds: float) -> bool:
        """Whether the last prune that nobody asked for began so long ago; if so, one begins now.

        A new store has nothing to spare, so its first one is not due.
        """
        import time

        stamp = os.path.join(self.root, ".pruned")
        try:
            if 0 <= time.time() - os.lstat(stamp).st_mtime < seconds:
                return False
            os.utime(stamp)
        except FileNotFoundError:
            from hutch.store.disk import write_atomic

            try:
                write_atomic(stamp, b"")
            except OSError:
                pass
            return False
        except OSError:
            return False
        return True

    def use(self, folder: str) -> None:
        """Note that a folder of the store (a clone) was used, for `prune`."""
        try:
            os.utime(os.path.join(self.root, folder))
        except OSError:
            pass

    def borrow(self, folder: str) -> None:
        """Have a folder (a clone) that only a layer has in the store itself, as a copy; if that can be."""
        own = os.path.join(self.root, folder)
        for layer in self.layers:
            theirs = os.path.join(layer, folder)
            if not os.path.lexists(own) and os.path.isdir(theirs):
                import shutil

                try:
                    with self._scratch() as scratch:
                        shutil.copytree(theirs, os.path.join(scratch, "copy"), symlinks=True)
                        os.makedirs(os.path.dirname(own), exist_ok=True)
                        os.rename(os.path.join(scratch, "copy"), own)
                except (OSError, shutil.Error):
                    continue

    def clean(
        self, packages: Iterable[str] | None = None, *, in_use: Callable[[str], Collection[str]] | None = None
    ) -> Freed:
        """Remove everything, or what belongs to the projects named; what was freed.

        Trees stay that the environment at a path links to, as ``in_use`` tells (``<hash>/<name>``).
        NotAStore if the folder was not made by hutch. Never touches anything else.
        """
        from hutch.store.cleaning import clean

        return clean(self, None if packages is None else frozenset(packages), in_use or _nothing)


def _nothing(path: str) -> tuple[str, ...]:
    """An environment that links to nothing."""
    return ()


def _nobody(what: str) -> None:
    """Tell nobody."""


def _stranger(root: str) -> str | None:
    """Who else may have written what lies in ``root``, to go on a sentence with; None for nobody."""
    if sys.platform != "win32":
        try:
            facts = os.stat(root)
        except OSError:
            return None
        if facts.st_uid not in (0, os.geteuid()):
            return f"belongs to another user ({facts.st_uid})"
        if facts.st_mode & 0o002:
            return "can be changed by every user of this machine"
    return None
