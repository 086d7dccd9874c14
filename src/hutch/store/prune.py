"""Make a store smaller: what nobody has asked for in a long time goes, what environments use stays.

The last use of a thing is the date of one file of it: the manifest of a wheel, the state of a throwaway
environment, the folder of a clone, a table itself. Whoever uses it sets the date, at most once an hour
(tables: once a week), so that an answer from the store costs no write. See docs/explanation/store.md.
"""

from __future__ import annotations

import os
import sys
import time

from hutch.store.built import wheel_of
from hutch.store.bytecode import read_bytecode
from hutch.store.cleaning import folders, is_gone, measure_tree
from hutch.store.conda_manifest import read_conda_manifest
from hutch.store.disk import names_in, read_bytes, remove_tree
from hutch.store.layout import BYTECODE, CONDA, FORMATS, MUTEX, SCRATCH, WHEELS
from hutch.store.linked import mark_removal
from hutch.store.manifest import read_manifest
from hutch.store.problems import StoreBusy
from hutch.store.roots import registered
from hutch.store.scratch import working_folder
from hutch.trees import walk
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from typing import Any

    from hutch.store.conda_manifest import CondaManifest
    from hutch.store.folder import Store
    from hutch.store.manifest import Manifest
    from hutch.store.wheels import Entries

__all__ = ["Pruned", "prune"]

_HOUR, _DAY = 3600.0, 86400.0
_GRACE = 2 * _HOUR  # a wheel that a running command has found may not be linked yet
_ENVIRONMENT = 30 * _DAY  # for which throwaway environments are kept; under pressure it is a day
_TABLE = 60 * _DAY
_OLD_FORMAT = 30 * _DAY
_PARTIAL = 7 * _DAY
_LEFTOVER = _DAY  # temporary files and locks of processes that were killed


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What went (or would go), and what is left.

    ``removed`` counts by kind; ``bytes`` are those of the store, some of which environments may still hold.
    ``left`` is the size afterwards, ``in_use`` what of it environments use, of which there are
    ``environments``; ``limit`` None for no limit.
    """

    removed: dict[str, int]
    bytes: int
    left: int
    in_use: int
    environments: int
    limit: int | None


class _Thing:
    """Something that goes as a whole. ``mark`` is the file whose date says when it was last used; what is
    ``spare`` goes as soon as nobody can be about to use it."""

    __slots__ = ("kind", "lock", "mark", "path", "size", "spare", "used")

    def __init__(
        self, kind: str, path: str, mark: str, used: float, size: int, lock: str = "", *, spare: bool = False
    ) -> None:
        self.spare = spare
        self.kind = kind
        self.path = path
        self.mark = mark
        self.used = used
        self.size = size
        self.lock = lock


def prune(
    store: Store,
    *,
    limit: int | None,
    in_use: Callable[[str], Collection[str]],
    dry_run: bool = False,
    seconds: float | None = None,
    step: Callable[[str], None] = lambda _: None,
) -> Pruned:
    """Remove what is stale, then what was least recently used until the store is within ``limit`` bytes.

    ``in_use`` tells the hashes of the wheels that the environment at a path uses; those stay. With
    ``seconds`` it ends after so long, however far it is. Raises StoreBusy when another process prunes.
    """
    with store.lock("prune", timeout=0):
        return _Pruning(store, limit, dry_run, seconds, step).run(in_use)


class _Pruning:
    def __init__(
        self,
        store: Store,
        limit: int | None,
        dry_run: bool,
        seconds: float | None,
        step: Callable[[str], None],
    ) -> None:
        self._store = store
        self._root = store.root
        self._limit = limit
        self._dry_run = dry_run
        self._step = step
        self._now = time.time()
        self._end = None if seconds is None else time.monotonic() + seconds
        self._removed: dict[str, int] = {}
        self._freed = 0
        self._running: frozenset[str] | None = None

    def run(self, in_use: Callable[[str], Collection[str]]) -> Pruned:
        if not self._dry_run:
            self._store.sweep()
        used, environments = self._roots(in_use)
        protected = candidates = 0
        evictable: list[_Thing] = []
        things = (
            self._trees(used),
            self._unpacked("wheels", self._store.wheels, read_manifest),
            self._unpacked("conda", self._store.conda, read_conda_manifest),
            self._bytecode(),
            self._clones(),
            self._environments(),
        )
        for thing in (each for kind in things for each in kind):
            if thing.kind in ("wheels", "conda") and os.path.basename(thing.path) in used:
                protected += thing.size
                continue
            candidates += thing.size
            evictable.append(thing)
        evictable.sort(key=lambda thing: thing.used)
        total = protected + candidates + self._small()
        for thing in evictable:
            over = self._limit is not None and total > self._limit
            if self._is_stale(thing) or (over and self._is_spare(thing)):
                total -= self._remove(thing)
        self._forget_built()
        self._forget_bytecode()
        return Pruned(
            removed=self._removed,
            bytes=self._freed,
            left=total,
            in_use=protected,
            environments=environments,
            limit=self._limit,
        )

    def _late(self) -> bool:
        return self._end is not None and time.monotonic() > self._end

    def _roots(self, in_use: Callable[[str], Collection[str]]) -> tuple[frozenset[str], int]:
        """The wheels that environments use, and how many of those there are; the notes of others go."""
        used: set[str] = set()
        alive = 0
        for note, path in registered(self._root):
            if is_gone(path):
                if not self._dry_run:
                    _unlink(note)
                continue
            alive += 1
            used.update(in_use(path))
        return frozenset(used), alive

    # -- what there is ----------------------------------------------------------------------------

    def _unpacked(
        self,
        kind: str,
        entries: Entries[Any],
        read: Callable[[bytes | None], Manifest | CondaManifest | None],
    ) -> Iterator[_Thing]:
        """What of archives lies unpacked: wheels, or packages of conda."""
        for sha256 in entries.entries():
            folder = entries.folder(sha256)
            mark = os.path.join(folder, "manifest")
            data = read_bytes(mark)
            manifest = read(data)
            if manifest is None:
                # No entry, but perhaps one that another process is about to replace.
                yield _Thing(kind, folder, folder, self._date(folder), measure_tree(folder, set())[1])
            else:
                yield _Thing(kind, folder, mark, self._date(mark), manifest.size + len(data or b""))

    def _trees(self, used: Collection[str]) -> Iterator[_Thing]:
        """Those that no environment links to. Where something has taken the place of one, it is spare."""
        for sha256, path, current in self._store.trees.entries():
            if f"{sha256}/{os.path.basename(path)}" not in used:
                mark = os.path.join(path, "manifest")
                yield _Thing("trees", path, mark, self._date(mark), _own_size(path), spare=not current)

    def _bytecode(self) -> Iterator[_Thing]:
        for sha256, tag in self._store.bytecode.entries():
            folder = self._store.bytecode.folder(sha256, tag)
            mark = os.path.join(folder, "manifest")
            data = read_bytes(mark)
            entry = read_bytecode(folder, sha256, tag, data)
            if entry is None:
                yield _Thing("bytecode", folder, folder, self._date(folder), measure_tree(folder, set())[1])
            else:
                yield _Thing("bytecode", folder, mark, self._date(mark), entry.size + len(data or b""))

    def _clones(self) -> Iterator[_Thing]:
        for path in self._children("git-v1"):
            lock = f"git-{os.path.basename(path)}"
            yield _Thing("git", path, path, self._date(path), measure_tree(path, set())[1], lock)

    def _environments(self) -> Iterator[_Thing]:
        for path in self._children("envs-v1"):
            mark = os.path.join(path, ".hutch", "state")
            if not os.path.exists(mark):
                mark = path  # not made to the end
            yield _Thing(
                "envs", path, mark, self._date(mark), _own_size(path), f"env-{os.path.basename(path)}"
            )

    def _children(self, folder: str) -> Iterator[str]:
        try:
            with os.scandir(os.path.join(self._root, folder)) as entries:
                found = sorted(entry.path for entry in entries if entry.is_dir(follow_symlinks=False))
        except OSError:
            return
        yield from found

    def _date(self, path: str) -> float:
        """When it was last used. A date in the future is that of a wrong clock: nobody has used it since."""
        try:
            when = os.stat(path).st_mtime
        except OSError:
            return self._now
        return when if when < self._now + _DAY else 0.0

    # -- what may go ------------------------------------------------------------------------------

    def _is_stale(self, thing: _Thing) -> bool:
        age = {"envs": _ENVIRONMENT, "bytecode": _TABLE}.get(thing.kind)
        old = age is not None and thing.used < self._now - age
        return (old or thing.spare) and self._is_spare(thing)

    def _is_spare(self, thing: _Thing) -> bool:
        if thing.kind == "envs":
            return thing.used < self._now - _DAY and thing.path not in self._environments_running()
        return thing.used < self._now - _GRACE

    def _environments_running(self) -> frozenset[str]:
        """The environments that processes of this user run in, as far as the system tells."""
        if self._running is None:
            found: set[str] = set()
            if sys.platform == "linux":
                for name in os.listdir("/proc"):
                    data = _read_all(f"/proc/{name}/environ") if name.isdecimal() else b""
                    for variable in data.split(b"\0"):
                        if variable.startswith(b"VIRTUAL_ENV="):
                            found.add(os.fsdecode(variable[12:]))
            self._running = frozenset(found)
        return self._running

    # -- going ------------------------------------------------------------------------------------

    def _remove(self, thing: _Thing) -> int:
        """Remove it unless somebody uses it by now; the bytes by which the store is smaller."""
        if self._late():
            return 0
        if not self._dry_run:
            self._step(os.path.basename(thing.path))
            if thing.lock:
                try:
                    with self._store.lock(thing.lock, timeout=0):
                        gone = self._take(thing)
                except StoreBusy:
                    return 0
            else:
                gone = self._take(thing)
            if not gone:
                return 0
        self._count(thing.kind, thing.size)
        return thing.size

    def _take(self, thing: _Thing) -> bool:
        """Move it out of sight, look again whether anybody has asked for it since, and put it back if so."""
        try:
            with working_folder(os.path.join(self._root, SCRATCH)) as scratch:
                aside = os.path.join(scratch, "pruned")
                if self._date(thing.mark) != thing.used:
                    return False
                os.rename(thing.path, aside)
                if thing.kind == "trees":
                    mark_removal(self._root)
                if self._date(aside + thing.mark[len(thing.path) :]) != thing.used:
                    try:
                        os.rename(aside, thing.path)
                        return False
                    except OSError:
                        pass  # there is another one already
        except OSError:
            return False
        return not os.path.lexists(thing.path)

    def _count(self, kind: str, size: int) -> None:
        self._removed[kind] = self._removed.get(kind, 0) + 1
        self._freed += size

    # -- small things -----------------------------------------------------------------------------

    def _small(self) -> int:
        """Remove tables nobody has read for long, and what was left behind; the bytes of what stays."""
        left = 0
        current = {f"{kind}-v{number}" for kind, number in FORMATS.items()}
        for kind, folder in folders(self._root):
            name = os.path.basename(folder)
            if name in current:
                left += self._files(kind, folder, _TABLE)
            elif kind == "archives":
                left += self._files(kind, folder, _PARTIAL)
            elif kind == "mutex" and name == MUTEX:
                self._old_locks(folder)
            elif kind in (*FORMATS, "wheels", "conda", "bytecode") and name not in (WHEELS, CONDA, BYTECODE):
                left += self._old_format(kind, folder)
        return left

    def _files(self, kind: str, folder: str, age: float) -> int:
        left = 0
        try:
            with os.scandir(folder) as entries:
                found = list(entries)
        except OSError:
            return 0
        for entry in found:
            try:
                facts = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            old = self._now - facts.st_mtime
            limit = _LEFTOVER if entry.name.endswith(".tmp") else age
            goes = old > limit and not self._late() and entry.is_file(follow_symlinks=False)
            if goes and (self._dry_run or _unlink(entry.path)):
                self._count(kind, facts.st_size)
            else:
                left += facts.st_size
        return left

    def _old_locks(self, folder: str) -> None:
        """Lock files of processes that were killed: taken, they are removed by giving them back."""
        for name in names_in(folder):
            path = os.path.join(folder, name)
            if name != "prune" and self._date(path) < self._now - _LEFTOVER and not self._dry_run:
                try:
                    with self._store.lock(name, timeout=0):
                        pass
                except StoreBusy:
                    continue

    def _old_format(self, kind: str, folder: str) -> int:
        """What an older hutch has left, and does not use any more; a newer one's is as good as ours."""
        newest = max((self._date(path) for path in _below(folder, 3)), default=0.0)
        size = measure_tree(folder, set())[1]
        if newest > self._now - _OLD_FORMAT or self._late():
            return size
        if not self._dry_run:
            remove_tree(folder)
        self._count(kind, size)
        return 0

    def _forget_built(self) -> None:
        """What a source was built to is no news when the wheel is gone."""
        folder = os.path.join(self._root, f"built-v{FORMATS['built']}")
        for name in names_in(folder) if not self._dry_run and "wheels" in self._removed else ():
            sha256 = wheel_of(read_bytes(os.path.join(folder, name)))
            if sha256 is not None and not self._store.wheels.is_there(sha256):
                _unlink(os.path.join(folder, name))

    def _forget_bytecode(self) -> None:
        """Bytecode goes with its wheel."""
        for sha256, tag in self._store.bytecode.entries() if "wheels" in self._removed else ():
            if not self._dry_run and not self._late() and not self._store.wheels.is_there(sha256):
                remove_tree(self._store.bytecode.folder(sha256, tag))


def _own_size(path: str) -> int:
    """Bytes of the files that nothing else shares: the rest of an environment is the wheels' own."""
    size = 0
    for below, _, names in walk(path):
        for name in names:
            try:
                facts = os.lstat(os.path.join(below, name))
            except OSError:
                continue
            size += facts.st_size if facts.st_nlink <= 1 else 0
    return size


def _below(folder: str, depth: int) -> Iterator[str]:
    """Paths in a folder, at most so deep: where an older format may have kept the date of a use."""
    waiting = [(folder, depth)]
    while waiting:
        path, left = waiting.pop()
        for name in names_in(path):
            child = os.path.join(path, name)
            yield child
            if left > 1 and os.path.isdir(child) and not os.path.islink(child):
                waiting.append((child, left - 1))


def _unlink(path: str) -> bool:
    try:
        os.unlink(path)
    except OSError:
        return False
    return True


def _read_all(path: str) -> bytes:
    """A file that does not know its size."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
