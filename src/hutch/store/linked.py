"""Trees: copies of entries that environments link to by whole directories; see docs/adr/0020.

A tree is an entry once more, made of hard links, under a name of its own that is never used again. What is in
it does not change: a damaged one is not mended but left to the environments that have it, and another is
made. The table beside it is what a link needs to know of the wheel: its directories with their dates, and
the few files that are put into environments one by one. So nothing is read, compared or written per file.
"""

from __future__ import annotations

import errno
import os
import time

from hutch.store.disk import names_in, read_bytes, read_stated, unique_name, write_atomic
from hutch.store.layout import TREES, sentinel
from hutch.store.manifest import Manifest, read_manifest
from hutch.store.tables import pack, unpack
from hutch.store.wheels import USED_WITHIN, StoredWheel
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from contextlib import AbstractContextManager

    from hutch.store.bytecode import Bytecode

__all__ = ["READY", "Trees", "links_of", "mark_removal", "read_whole", "reduced", "tree_at"]

_FORMAT = 1
_TABLE = "tree"
READY = "links"
"""Where a tree has the links to it, by number: a second name for one costs a tenth of making another."""
CLOSED = 0o555
"""Nobody makes or removes files in the directories of a tree, but bytecode, which has its own."""
_HEX = frozenset("0123456789abcdef")
_CLOCK = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
_NO_LINKS = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


class Trees:
    """The trees of the store in ``root``. Nothing here raises: what cannot be had is linked file by file.

    ``lasting`` tells whether the store outlives the command; ``scratch`` gives a working folder in it;
    ``compiled`` the bytecode that there is of a wheel.
    """

    __slots__ = ("_compiled", "_lasting", "_root", "_scratch")

    def __init__(
        self,
        root: Callable[[], str],
        scratch: Callable[[], AbstractContextManager[str]],
        lasting: Callable[[], bool],
        compiled: Callable[[str], Iterable[Bytecode]] = lambda _: (),
    ) -> None:
        self._compiled = compiled
        self._root = root
        self._scratch = scratch
        self._lasting = lasting

    def folder(self, sha256: str) -> str:
        """Where the trees of the wheel lie, with the table of the one that is linked to now."""
        if len(sha256) != 64 or not _HEX.issuperset(sha256):
            raise ValueError(f"not a SHA-256 in lower-case hexadecimal digits: {sha256!r}")
        return os.path.join(self._root(), TREES, sha256[:2], sha256)

    def find(self, sha256: str, *, check: bool = False) -> StoredWheel | None:
        """The wheel, to be linked by directories. Its manifest has only what is to be put file by file.

        Once an hour, when the machine was started since, and for a ``check``, every file of the tree is
        compared with its manifest; a tree that is damaged is none, and forgotten.
        """
        if not self._lasting():
            return None
        table = os.path.join(self.folder(sha256), _TABLE)
        found = read_stated(table)
        if found is None:
            return None
        data, facts = found
        wheel = self._read(sha256, data)
        age = time.time() - facts.st_mtime
        if wheel is not None and (check or not 0 <= age < min(USED_WITHIN, _running())):
            whole = wheel.whole()
            if whole is None or whole.damage():
                self.forget(sha256)
                return None
            for used in (table, os.path.join(wheel.folder, "manifest")):
                try:
                    os.utime(used)
                except OSError:
                    pass  # it is looked at again
        return wheel

    def _read(self, sha256: str, data: bytes) -> StoredWheel | None:
        match unpack(data):
            case (int(number), str(made_at), str(token), tuple(links), tuple(dates), bytes(rest)) if (
                number == _FORMAT
            ):
                manifest = read_manifest(rest)
                if manifest is not None:
                    place = self.folder(sha256)
                    folder = os.path.join(place, token)
                    # In a store that was moved the links that are ready lead to where it was.
                    ready = place == made_at
                    return StoredWheel(sha256, folder, manifest, links=links, dates=dates, ready=ready)
        return None

    def plant(self, wheel: StoredWheel) -> StoredWheel:
        """The wheel as a tree, which is made if need be; the wheel as it is where there can be none."""
        if wheel.links or not wheel.manifest.trees or not self._lasting():
            return wheel
        found = self.find(wheel.sha256)
        if found is not None or wheel.damage():
            return found or wheel
        from hutch.store.problems import StoreProblem

        place = self.folder(wheel.sha256)
        token = unique_name()
        links = links_of(wheel.manifest)
        try:
            with self._scratch() as scratch:
                made = os.path.join(scratch, "tree")
                dates = _grow(wheel, made, links)
                os.mkdir(os.path.join(made, READY))
                for number, link in enumerate(links):
                    target = f"{place}/{token}/files/{link}"
                    os.symlink(target, os.path.join(made, READY, str(number)), target_is_directory=True)
                for bytecode in self._compiled(wheel.sha256):
                    _fill(os.path.join(made, "files"), bytecode)
                os.makedirs(place, exist_ok=True)
                mark = sentinel(self._root())
                if not os.path.exists(mark):
                    write_atomic(mark, b"")
                os.rename(made, os.path.join(place, token))
            less = reduced(wheel.manifest, links)
            write_atomic(
                os.path.join(place, _TABLE), pack((_FORMAT, place, token, links, dates, less.packed()))
            )
        except (OSError, StoreProblem):
            return wheel
        folder = os.path.join(place, token)
        return StoredWheel(wheel.sha256, folder, less, links=links, dates=dates, ready=True)

    def forget(self, sha256: str) -> None:
        """Link nothing to the tree of that wheel from now on; who has links to it keeps it."""
        try:
            os.unlink(os.path.join(self.folder(sha256), _TABLE))
        except OSError:
            pass

    def fill(self, bytecode: Bytecode) -> None:
        """Put bytecode into the tree that is linked to now, and so into all environments that link to it."""
        data = read_bytes(os.path.join(self.folder(bytecode.sha256), _TABLE))
        wheel = self._read(bytecode.sha256, data or b"")
        if wheel is not None and self._lasting():
            _fill(os.path.join(wheel.folder, "files"), bytecode)

    def entries(self) -> Iterator[tuple[str, str, bool]]:
        """(hash of the wheel, folder, whether new links lead there) of each tree, sound or not."""
        top = os.path.join(self._root(), TREES)
        for shard in names_in(top):
            for sha256 in names_in(os.path.join(top, shard)):
                if len(sha256) != 64 or not _HEX.issuperset(sha256):
                    continue
                place = os.path.join(top, shard, sha256)
                wheel = self._read(sha256, read_bytes(os.path.join(place, _TABLE)) or b"")
                for name in names_in(place):
                    path = os.path.join(place, name)
                    if name != _TABLE and os.path.isdir(path):
                        yield sha256, path, wheel is not None and wheel.folder == path


def mark_removal(root: str) -> None:
    """Let every environment that has links here look at them again."""
    try:
        write_atomic(sentinel(root), b"")
    except OSError:
        pass


def tree_at(target: str) -> tuple[StoredWheel, str] | None:
    """The whole tree that a link leads into, and which directory of it; None if it is none, or gone."""
    folder, slash, path = target.replace(os.sep, "/").partition("/files/")
    parts = folder.rsplit("/", 4)
    if not slash or len(parts) < 4 or parts[-4] != TREES or len(parts[-2]) != 64:
        return None
    manifest = read_manifest(read_bytes(f"{folder}/manifest"))
    return None if manifest is None else (StoredWheel(parts[-2], folder, manifest), path)


def read_whole(folder: str) -> Manifest:
    """The manifest of the tree in ``folder``, every file of it. Raises OSError."""
    manifest = read_manifest(read_bytes(os.path.join(folder, "manifest")))
    if manifest is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)
    return manifest


def links_of(manifest: Manifest) -> tuple[str, ...]:
    """The directories of a wheel that become links; of its `dist-info`, which is a directory itself, what is
    below that (licenses)."""
    if not manifest.trees:
        return ()
    info = manifest.dist_info
    return (*manifest.trees, *(each for each in manifest.directories if each.rpartition("/")[0] == info))


def reduced(manifest: Manifest, links: Collection[str]) -> Manifest:
    """What of a wheel is left to be put file by file when ``links`` are made."""
    inside = tuple(f"{link}/" for link in links)
    return replace(
        manifest,
        directories=tuple(
            each for each in manifest.directories if each not in links and not each.startswith(inside)
        ),
        files=tuple(row for row in manifest.files if not row[0].startswith(inside)),
    )


def _grow(wheel: StoredWheel, into: str, links: Collection[str]) -> tuple[tuple[str, int], ...]:
    """Make the tree of ``wheel`` in the folder ``into``; its linked directories with their dates."""
    manifest = wheel.manifest
    os.mkdir(into)
    _put(os.path.join(wheel.folder, "manifest"), os.path.join(into, "manifest"))
    below = os.path.join(into, "files")
    os.mkdir(below, 0o755)
    for path in manifest.directories:
        os.mkdir(f"{below}/{path}")
    for folder, label, files in wheel.places():
        target = os.path.join(into, label)
        for row in files:
            if not label.startswith("files"):
                os.makedirs(os.path.dirname(target + row[0]), exist_ok=True)
            _put(folder + row[0], target + row[0])
    inside = tuple(f"{link}/" for link in links)
    linked = [path for path in manifest.directories if f"{path}/".startswith(inside)]
    with_modules = {row[0].rpartition("/")[0] for row in manifest.files if row[0].endswith(".py")}
    for path in linked:
        if path in with_modules:
            # The one place where Python may write, and every environment is the better for it.
            os.makedirs(f"{below}/{path}/__pycache__", 0o755, exist_ok=True)
    dates = []
    for path in reversed(linked):
        if not path.endswith("/__pycache__"):
            os.chmod(f"{below}/{path}", CLOSED)
            dates.append((path, os.stat(f"{below}/{path}").st_mtime_ns))
    return tuple(reversed(dates))


def _fill(files: str, bytecode: Bytecode) -> None:
    """Put bytecode where Python looks for it, in place of what it has written there itself."""
    if bytecode.damage():
        return
    for row in bytecode.rows:
        target = f"{files}/{row[0]}"
        if not os.path.isdir(os.path.dirname(target)):
            continue  # below no link
        beside = f"{target}.{unique_name()}"
        try:
            _put(f"{bytecode.files}/{row[0]}", beside)
            os.replace(beside, target)
        except OSError:
            return  # Python will write its own


def _put(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        import shutil

        shutil.copy2(source, target)  # from a layer on another disk, or of another user


def _running() -> float:
    """Seconds since the machine was started."""
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)
