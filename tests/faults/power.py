"""A disk that loses what was not synced: it records what is done below a directory, and gives every state
in which the power may have been lost.

The model, which is harsher than the file systems that people have:

- the content of a file is on the disk after an fsync of the file; before, any beginning of it may be;
- a name (made, linked, renamed, removed) is on the disk after an fsync of its directory; before, it may be or
  not, whatever became of other names, but for two rules: what happens to one name happens in order, and a
  rename is one act. A directory that is removed is empty by then.

So a state is a point in time, a choice among the acts that were not synced by then, and for each file that
was not synced how much of it is there.
"""

from __future__ import annotations

import builtins
import os
import random
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

__all__ = ["Disk", "State"]


@dataclass(eq=False)
class Node:
    """A file, a link or a directory, whatever its names are."""

    kind: str
    data: bytes = b""
    mode: int = 0o644
    mtime_ns: int = 0
    names: dict[str, Node] = field(default_factory=dict)


Slot = tuple[Node, str]


@dataclass(eq=False)
class Act:
    """Names that come and go at once: slot -> what has the name then (None: nothing)."""

    changes: list[tuple[Slot, Node | None]]
    emptied: Node | None = None


@dataclass(frozen=True)
class State:
    """Which acts have happened, and how much there is of each file (0 to 1)."""

    acts: frozenset[Act]
    lost: dict[Node, float]
    point: int


class Disk:
    """What is below ``root``. ``volatile`` says whether files from elsewhere are not on the disk either."""

    def __init__(self, root: str, *, volatile: bool = True) -> None:
        self.root = os.path.realpath(root)
        self.volatile = volatile
        self.start = time.time_ns() - 1_000_000_000
        self.log: list[tuple[str, Any]] = []
        self.syncs = 0
        self._files: dict[int, Node] = {}
        self._elsewhere: dict[tuple[int, int], Node] = {}
        self._contents: dict[Node, list[tuple[int, bytes]]] = {}
        self.tree = self._read(self.root)
        self.first = _copy_names(self.tree)

    # -- recording -------------------------------------------------------------------------------

    def _read(self, path: str) -> Node:
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):
            return Node("link", os.readlink(path).encode())
        if stat.S_ISDIR(found.st_mode):
            node = Node("directory", mode=stat.S_IMODE(found.st_mode))
            node.names = {name: self._read(os.path.join(path, name)) for name in os.listdir(path)}
            return node
        key = (found.st_dev, found.st_ino)
        if key not in self._elsewhere:
            with open(path, "rb") as file:
                data = file.read()
            mode = stat.S_IMODE(found.st_mode)
            self._elsewhere[key] = Node("file", data, mode=mode, mtime_ns=found.st_mtime_ns)
        return self._elsewhere[key]

    def _slot(self, path: Any, dir_fd: int | None = None) -> Slot | None:
        """The directory and the name in it; None for what is elsewhere."""
        if isinstance(path, int):
            return None
        path = os.fspath(path)
        if dir_fd is not None:
            node = self._files.get(dir_fd)
            if node is None:
                return None
        else:
            path = path.rstrip("/")
            path = os.path.join(os.path.realpath(os.path.dirname(path) or "."), os.path.basename(path))
            if not path.startswith(self.root + os.sep):
                return None
            path = path[len(self.root) + 1 :]
            node = self.tree
        *parents, name = path.split(os.sep)
        for parent in parents:
            node = node.names[parent]
        return node, name

    def _act(self, *changes: tuple[Slot, Node | None], emptied: Node | None = None) -> None:
        self.log.append(("act", Act(list(changes), emptied)))
        for (directory, name), node in changes:
            if node is None:
                directory.names.pop(name, None)
            else:
                directory.names[name] = node

    def _write(self, node: Node, data: bytes) -> None:
        node.data = data
        self.log.append(("write", (node, data)))

    def record(self, act: Callable[[], object]) -> None:
        """Do it, and take note."""
        with pytest.MonkeyPatch.context() as patch:
            for name in dir(self):
                if name.startswith("_os_"):
                    real = getattr(os, name[4:])
                    patch.setattr(os, name[4:], _bound(getattr(self, name), real))
            patch.delattr(os, "copy_file_range", raising=False)
            patch.setattr(builtins, "open", _bound(self._open_file, builtins.open))
            act()

    def _os_open(self, real: Any, path: Any, flags: int, mode: int = 0o777, *, dir_fd: Any = None) -> int:
        slot = self._slot(path, dir_fd)
        there = slot is not None and slot[1] in slot[0].names
        descriptor: int = real(path, flags, mode, dir_fd=dir_fd)
        if slot is not None:
            if not there:
                node = Node("file", mode=stat.S_IMODE(os.fstat(descriptor).st_mode), mtime_ns=time.time_ns())
                self._act((slot, node))
                self._write(node, b"")
            node = slot[0].names[slot[1]]
            if there and flags & os.O_TRUNC:
                self._write(node, b"")
            self._files[descriptor] = node
        elif os.path.realpath(path) == self.root:
            self._files[descriptor] = self.tree
        return descriptor

    def _os_close(self, real: Any, descriptor: int) -> None:
        self._files.pop(descriptor, None)
        real(descriptor)

    def _os_write(self, real: Any, descriptor: int, data: Any) -> int:
        count: int = real(descriptor, data)
        node = self._files.get(descriptor)
        if node is not None:
            node.mtime_ns = time.time_ns()
            self._write(node, node.data + bytes(data[:count]))
        return count

    def _os_fsync(self, real: Any, descriptor: int) -> None:
        self.syncs += 1
        node = self._files.get(descriptor)
        if node is not None:
            self.log.append(("sync", node))

    def _os_rename(self, real: Any, source: Any, target: Any, **more: Any) -> None:
        old, new = self._slot(source), self._slot(target)
        real(source, target, **more)
        if old is None or new is None:
            assert old is None
            assert new is None
            return
        self._act((old, None), (new, old[0].names[old[1]]))

    _os_replace = _os_rename

    def _os_link(self, real: Any, source: Any, target: Any, **more: Any) -> None:
        real(source, target, **more)
        new = self._slot(target, more.get("dst_dir_fd"))
        if new is None:
            return
        old = self._slot(source, more.get("src_dir_fd"))
        if old is not None:
            node = old[0].names[old[1]]
        elif os.path.islink(source) and not more.get("follow_symlinks", True):
            node = Node("link", os.fsencode(os.readlink(source)))
        else:
            found = os.stat(target, dir_fd=more.get("dst_dir_fd"))
            key = (found.st_dev, found.st_ino)
            if key not in self._elsewhere:
                path = source
                if more.get("src_dir_fd") is not None:
                    path = os.path.join(os.readlink(f"/proc/self/fd/{more['src_dir_fd']}"), source)
                with open(path, "rb") as file:
                    data = file.read()
                node = Node("file", data, mode=stat.S_IMODE(found.st_mode), mtime_ns=found.st_mtime_ns)
                self._elsewhere[key] = node
                if self.volatile:
                    self.log.append(("write", (node, data)))
            node = self._elsewhere[key]
        self._act((new, node))

    def _os_unlink(self, real: Any, path: Any, **more: Any) -> None:
        slot = self._slot(path, more.get("dir_fd"))
        real(path, **more)
        if slot is not None:
            self._act((slot, None))

    _os_remove = _os_unlink

    def _os_mkdir(self, real: Any, path: Any, mode: int = 0o777, **more: Any) -> None:
        slot = self._slot(path, more.get("dir_fd"))
        real(path, mode, **more)
        if slot is not None:
            self._act((slot, Node("directory", mode=0o755)))

    def _os_rmdir(self, real: Any, path: Any, **more: Any) -> None:
        slot = self._slot(path, more.get("dir_fd"))
        real(path, **more)
        if slot is not None:
            self._act((slot, None), emptied=slot[0].names[slot[1]])

    def _os_symlink(self, real: Any, target: Any, path: Any, **more: Any) -> None:
        slot = self._slot(path, more.get("dir_fd"))
        real(target, path, **more)
        if slot is not None:
            self._act((slot, Node("link", os.fsencode(target))))

    def _os_utime(self, real: Any, path: Any, times: Any = None, **more: Any) -> None:
        real(path, times, **more)
        slot = self._slot(path)
        node = self._files.get(path) if isinstance(path, int) else slot and slot[0].names[slot[1]]
        if node is not None:
            node.mtime_ns = more["ns"][1] if "ns" in more else time.time_ns()

    def _open_file(self, real: Any, path: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if not isinstance(path, int) and set(mode) & set("wxa+") and self._slot(path) is not None:
            return _Writer(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666))
        return real(path, mode, *rest, **more)

    # -- losing ----------------------------------------------------------------------------------

    def states(self, seed: random.Random, *, points: int | None, each: int) -> Iterator[State]:
        """States after so many of the recorded points (None: all), the last always; so many for each."""
        every = range(len(self.log) + 1)
        chosen = set(every) if points is None or points >= len(every) else set(seed.sample(every, points))
        chosen.add(len(self.log))
        for point in sorted(chosen):
            log = self.log[:point]
            acts = [(number, what) for number, (kind, what) in enumerate(log) if kind == "act"]
            synced: dict[Node, int] = {
                what: number for number, (kind, what) in enumerate(log) if kind == "sync"
            }
            sure = {
                act
                for number, act in acts
                if any(synced.get(directory, -1) > number for (directory, _), _ in act.changes)
            }
            sure = self._closed(acts, sure)
            open_acts = [act for _, act in acts if act not in sure]
            written = {what[0]: number for number, (kind, what) in enumerate(log) if kind == "write"}
            unsafe = [node for node, number in written.items() if synced.get(node, -1) < number]
            yield State(frozenset({*sure, *open_acts}), {}, point)  # as after `kill -9`
            yield State(frozenset({*sure, *open_acts}), dict.fromkeys(unsafe, 0.0), point)
            yield State(frozenset(sure), dict.fromkeys(unsafe, 0.0), point)
            for _ in range(each):
                share = seed.choice((0.1, 0.5, 0.9))
                some = {act for act in open_acts if seed.random() < share}
                if seed.random() < 0.3:  # in order, as file systems with a journal have it
                    some = set(open_acts[: seed.randint(0, len(open_acts))])
                lost = {node: seed.choice((0.0, 0.5)) for node in unsafe if seed.random() < 0.3}
                yield State(frozenset(self._closed(acts, sure | some)), lost, point)

    def _closed(self, acts: list[tuple[int, Act]], chosen: set[Act]) -> set[Act]:
        """With everything that must have happened before what was chosen."""
        chosen = set(chosen)
        needed: set[tuple[int, str]] = set()
        emptied: set[int] = set()
        for _, act in reversed(acts):
            slots = [(id(directory), name) for (directory, name), _ in act.changes]
            if act in chosen or needed.intersection(slots) or emptied.intersection(slot[0] for slot in slots):
                chosen.add(act)
                needed.update(slots)
                if act.emptied is not None:
                    emptied.add(id(act.emptied))
        return chosen

    def put(self, state: State) -> None:
        """Make the directory what is on the disk in that state, after the machine was started again."""
        names = {id(node): dict(entries) for node, entries in self.first.items()}
        contents: dict[int, bytes] = {}
        for kind, what in self.log[: state.point]:
            if kind == "act" and what in state.acts:
                for (directory, name), node in what.changes:
                    entries = names.setdefault(id(directory), {})
                    if node is None:
                        entries.pop(name, None)
                    else:
                        entries[name] = node
            elif kind == "write":
                contents[id(what[0])] = what[1]
        shutil.rmtree(self.root)
        self._put(self.tree, self.root, names, contents, state, {})

    def _put(
        self,
        node: Node,
        path: str,
        names: dict[int, dict[str, Node]],
        contents: dict[int, bytes],
        state: State,
        made: dict[int, str],
    ) -> None:
        if node.kind == "link":
            os.symlink(node.data, path)
        elif node.kind == "directory":
            os.mkdir(path, node.mode)
            for name, child in names.get(id(node), {}).items():
                self._put(child, os.path.join(path, name), names, contents, state, made)
            os.utime(path, ns=(self.start, self.start))
        elif id(node) in made:
            os.link(made[id(node)], path)
        else:
            data = contents.get(id(node), node.data)
            if node in state.lost:
                data = data[: int(len(data) * state.lost[node])]
            with open(path, "wb") as file:
                file.write(_another_start(data) if "/.hutch/" in path else data)
            os.chmod(path, node.mode)
            os.utime(path, ns=(node.mtime_ns or self.start,) * 2)
            made[id(node)] = path


def _copy_names(node: Node) -> dict[Node, dict[str, Node]]:
    found = {node: dict(node.names)}
    for child in node.names.values():
        if child.kind == "directory":
            found.update(_copy_names(child))
    return found


def _another_start(data: bytes) -> bytes:
    """What was noted of the start of the machine is another one's."""
    import re

    return re.sub(rb'"boot": \[[0-9.]+, [0-9.]+\]', b'"boot": [1.0, 1.0]', data)


def _bound(method: Any, real: Any) -> Any:
    def call(*args: Any, **more: Any) -> Any:
        return method(real, *args, **more)

    return call


class _Writer:
    """As much of a file as those who write small ones need."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, data: bytes | str) -> int:
        return os.write(self._descriptor, data.encode() if isinstance(data, str) else data)

    def flush(self) -> None:
        """Nothing is held back."""

    def fileno(self) -> int:
        return self._descriptor

    def close(self) -> None:
        os.close(self._descriptor)

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
