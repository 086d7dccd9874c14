"""Compile wheels into the store, with as many processes as there are processors.

This side reads sources, proves them by the hash in the wheel's manifest, and writes what comes back; the
other side (`compile_script`) runs in the interpreter that the bytecode is for, and only turns text into
bytes. A source that it cannot compile, or that breaks it, has no bytecode, and that is all.
"""

from __future__ import annotations

import os
import signal
import threading
import time

from hutch.errors import Problem
from hutch.forked import processors
from hutch.store.bytecode import CACHE, Bytecode, encoded_hash
from hutch.store.compilers import Compiler
from hutch.store.detached import bare
from hutch.store.disk import read_bytes, unique_name, write_all, write_atomic
from hutch.store.layout import MARKER
from hutch.store.manifest import ManifestFile, wheel_time
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from hutch.store.folder import Store
    from hutch.store.manifest import Manifest
    from hutch.store.wheels import StoredWheel

__all__ = ["Compiled", "compile_wheels", "modules_of"]

MOST_SOURCE = 4 << 20
MOST_STRIKES = 3
"""Sources of one wheel that may break the compiler, before the rest of it is left alone."""
PATIENCE = 300.0
"""Seconds of the clock for one source. Processor time is limited by the worker itself; who gets none of it
because others work has not failed."""
TESTS = frozenset(["test", "tests"])
CHANGED = "it was changed or removed"
MOST_LOOKED_AT = 64
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What was done: ``wheels`` that have bytecode now, with so many ``modules``; ``left_out`` of theirs
    have none (wheel, path, why). ``stopped`` says why not all was done."""

    wheels: int = 0
    modules: int = 0
    left_out: tuple[tuple[str, str, str], ...] = ()
    stopped: str = ""


def modules_of(manifest: Manifest, cache_tag: str) -> list[tuple[ManifestFile, str]]:
    """The sources of a wheel that get bytecode, each with the path of that.

    Not what no `import` statement can name, nor what lies in test folders: who runs those has them compiled
    as ever, and all others need not link them. Bytecode that the wheel itself has stays as it is.
    """
    own = {row[0] for row in manifest.files if row[0].endswith(".pyc")}
    known: dict[str, bool] = {"": True}

    def importable(folder: str) -> bool:
        good = known.get(folder)
        if good is None:
            parent, _, name = folder.rpartition("/")
            good = known[folder] = name.isidentifier() and name not in TESTS and importable(parent)
        return good

    found = []
    for row in manifest.files:
        folder, _, name = row[0].rpartition("/")
        if name.endswith(".py") and name[:-3].isidentifier() and row[1] <= MOST_SOURCE and importable(folder):
            path = f"{folder}/{CACHE}/" if folder else f"{CACHE}/"
            path += f"{name[:-3]}.{cache_tag}.pyc"
            if path not in own:
                found.append((row, path))
    return found


def compile_wheels(
    store: Store,
    wheels: Iterable[StoredWheel],
    tag: str,
    python: Sequence[str],
    *,
    environ: Mapping[str, str],
    seconds: float,
    workers: int = 0,
    step: Callable[[str], None] = lambda _: None,
) -> Compiled:
    """Have bytecode for ``tag`` of the ``wheels`` that have none yet, by the command ``python``.

    Small wheels come first. It ends after ``seconds``, and when the store vanishes. Safe with any number of
    processes, and to be killed at any moment. ``environ`` are variables of which a few are passed on;
    ``step`` is told the wheels that are done. Raises StoreProblem where the store cannot be written.
    """
    # Of one that is linked by directories the manifest at hand has but the rest.
    missing = (wheel.whole() for wheel in wheels if store.bytecode.find(wheel.sha256, tag) is None)
    todo = [wheel for wheel in missing if wheel is not None]
    if not todo:
        return Compiled()
    with store.scratch() as scratch:
        try:
            store.bytecode.prepare(tag)
        except OSError as error:
            return Compiled(stopped=str(error))
        run = _Run(
            store, os.fspath(scratch), tag, list(python), bare(environ), time.monotonic() + seconds, step
        )
        return run.through(sorted(todo, key=lambda wheel: wheel.manifest.size), workers or processors())


@dataclass(slots=True, kw_only=True)
class _Task:
    """A wheel that is being compiled. ``open`` counts the modules that are not done."""

    wheel: StoredWheel
    open: int
    made: list[tuple[str, bytes]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    strikes: int = 0

    @property
    def label(self) -> str:
        return f"{self.wheel.manifest.name} {self.wheel.manifest.version}"


class _Run:
    """One call of `compile_wheels`: a thread for each worker, and one lock for what they share."""

    def __init__(
        self,
        store: Store,
        scratch: str,
        tag: str,
        argv: list[str],
        environ: Mapping[str, str],
        end: float,
        step: Callable[[str], None],
    ) -> None:
        self._store = store
        self._scratch = scratch
        self._tag = tag
        self._magic = bytes.fromhex(tag.rpartition("-")[2])
        self._argv = argv
        self._environ = environ
        self._end = end
        self._step = step
        self._told: list[str] = []
        self._hold = threading.RLock()  # a wheel without modules is done where work is given out
        self._workers: list[Compiler] = []
        self._stopped = ""
        self._published: list[str] = []
        self._modules = 0
        self._left_out: list[tuple[str, str, str]] = []

    def through(self, wheels: list[StoredWheel], count: int) -> Compiled:
        work = self._work(wheels)
        threads = [threading.Thread(target=self._serve, args=(work,), daemon=True) for _ in range(count)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)
                    self._look()
        finally:
            self._stop("it was interrupted" if any(thread.is_alive() for thread in threads) else "")
            for worker in tuple(self._workers):
                worker.end()
            for thread in threads:
                thread.join()
        self._look()
        return Compiled(
            wheels=len(self._published),
            modules=self._modules,
            left_out=tuple(self._left_out),
            stopped=self._stopped,
        )

    def _look(self) -> None:
        """End what takes too long, and tell what is done: in the thread that asked for it all."""
        while self._told:
            self._step(self._told.pop(0))
        now = time.monotonic()
        if now > self._end:
            self._stop("the time is up")
        for worker in tuple(self._workers):
            if now - worker.since > PATIENCE and not hasattr(signal, "SIGXCPU"):
                worker.end()  # nothing else limits it on Windows
            elif now - worker.since > PATIENCE:
                self._stop("the interpreter does not answer")
            if self._stopped:
                worker.end()

    def _stop(self, why: str) -> None:
        self._stopped = self._stopped or why

    def _work(self, wheels: list[StoredWheel]) -> Iterator[tuple[_Task, ManifestFile, str]]:
        cache_tag = self._tag.rpartition("-")[0]
        for wheel in wheels:
            modules = modules_of(wheel.manifest, cache_tag)
            task = _Task(wheel=wheel, open=len(modules))
            if not modules:
                self._publish(task)
            for row, path in modules:
                yield task, row, path

    def _next(
        self, work: Iterator[tuple[_Task, ManifestFile, str]]
    ) -> tuple[_Task, ManifestFile, str] | None:
        with self._hold:
            return None if self._stopped else next(work, None)

    def _serve(self, work: Iterator[tuple[_Task, ManifestFile, str]]) -> None:
        """What one thread does: module after module, with a worker of its own."""
        worker: Compiler | None = None
        try:
            while (each := self._next(work)) is not None:
                task, row, path = each
                source, why = self._source(task, row)
                answer: bytes | None = None
                for again in (True, False) if source is not None else ():
                    if worker is None:
                        worker = Compiler(self._argv, self._environ, self._magic)
                        with self._hold:
                            self._workers.append(worker)
                    answer, why = worker.ask(row[0], source or b"", wheel_time(task.wheel.sha256))
                    if not worker.broken:
                        break
                    again = again and worker.died and not self._stopped
                    worker.end()
                    with self._hold:
                        self._workers.remove(worker)
                        task.strikes += not again
                    worker = None
                    if not again:
                        break
                if self._stopped:
                    return
                self._settle(task, row[0], path, answer, why)
        except (OSError, ValueError, Problem) as error:
            # The disk is full, or somebody removes the store; without an interpreter nothing goes either.
            self._stop(str(error))
        finally:
            if worker is not None:
                worker.end()

    def _source(self, task: _Task, row: ManifestFile) -> tuple[bytes | None, str]:
        """The source if it is what the wheel had, else why not."""
        if task.strikes >= MOST_STRIKES:
            return None, "the compiler failed at others of its wheel"
        source = read_bytes(f"{task.wheel.files}/{row[0]}")
        if source is None or len(source) != row[1] or encoded_hash(source) != row[4]:
            return None, CHANGED
        return source, ""

    def _settle(self, task: _Task, name: str, path: str, answer: bytes | None, why: str) -> None:
        """Keep what came of one module; the last one of a wheel makes it an entry."""
        with self._hold:
            if answer is not None:
                task.made.append((path, answer))
            else:
                task.left_out.append((name, why))
            task.open -= 1
            last = not task.open
        if last:
            self._publish(task)

    def _publish(self, task: _Task) -> None:
        """Make it an entry, unless what was compiled has gone from under it.

        Nothing is written before all is there, and then all at once: whoever removes the folder of the store
        meanwhile should not find new files in what he has just emptied.
        """
        gone = not os.path.exists(os.path.join(task.wheel.folder, "manifest"))
        if gone or any(why == CHANGED for _, why in task.left_out):
            return
        if not self._is_there():
            self._stop("the store is gone")
            return
        folder = os.path.join(self._scratch, unique_name())
        directories = tuple(sorted({path.rpartition("/")[0] for path, _ in task.made}))
        os.mkdir(folder, 0o755)
        for directory in ("", *directories):
            os.makedirs(os.path.join(folder, "files", directory), 0o755, exist_ok=True)
        when = wheel_time(task.wheel.sha256) * 1_000_000_000
        rows = tuple(_write(f"{folder}/files/", path, data, when) for path, data in sorted(task.made))
        left_out = tuple(sorted(task.left_out))
        entry = Bytecode(task.wheel.sha256, self._tag, folder, task.label, directories, rows, left_out)
        # Not synced: what a lost power takes is made again, and a manifest that is torn says so.
        write_atomic(os.path.join(folder, "manifest"), entry.packed())
        if not self._is_there():
            self._stop("the store is gone")
        elif self._store.bytecode.publish(folder, task.wheel.sha256, self._tag):
            published = self._store.bytecode.find(task.wheel.sha256, self._tag)
            if published is not None:
                self._store.trees.fill(published)
            with self._hold:
                self._published.append(self._store.bytecode.folder(task.wheel.sha256, self._tag))
                self._modules += len(rows)
                self._left_out += [(task.label, *each) for each in left_out]
                self._told.append(task.label)
        task.made.clear()

    def _is_there(self) -> bool:
        """Whether the store is, and what was last put there still: nobody is removing it."""
        recent = self._published[-MOST_LOOKED_AT:]
        return os.path.exists(os.path.join(self._store.root, MARKER)) and all(
            os.path.exists(os.path.join(folder, name)) for folder in recent for name in ("manifest", "files")
        )


def _write(folder: str, path: str, data: bytes, when: int) -> ManifestFile:
    descriptor = os.open(folder + path, _CREATE, 0o644)
    try:
        write_all(descriptor, data)
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, 0o644)  # whatever the umask of the moment says
    finally:
        os.close(descriptor)
    os.utime(folder + path, ns=(when, when))
    return ManifestFile(path, len(data), when, 0o644, encoded_hash(data))
