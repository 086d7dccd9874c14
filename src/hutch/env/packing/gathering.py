"""What of an environment goes into an archive, and in which form: a form that names no place.

Commands look for the interpreter beside themselves; a RECORD says what is in the archive; what makes the
directory an environment is left out, because it is made where it is unpacked. Nothing is written here.
"""

from __future__ import annotations

import os
import stat

from hutch.env.packing.manifest import PackFile, PackPackage, fault_of_path
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hutch.env.environment import Environment
    from hutch.env.installed import Installed
    from hutch.spec import NormalizedName

__all__ = [
    "FIXED",
    "Gathered",
    "Gatherer",
    "Item",
    "gather",
    "hash_item",
    "hashes_of",
    "is_editable",
    "place_of",
]

FIXED = 1_580_601_600
"""The date of what we write ourselves: the second of February 2020."""
OWN = frozenset(["RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "hutch.record", "uv_cache.json"])
"""Files in a dist-info that have the date of the installation, and no meaning in it."""
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry: a file (``content``, or what is at ``source``), or a link to ``target``."""

    path: str
    source: str = ""
    content: bytes | None = field(default=None, repr=False)
    target: str = ""
    executable: bool = False
    mtime: int = FIXED


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What will be packed, in order.

    ``ways_out`` lead out of the environment, in words: with any of them there is no archive. ``left_out`` are
    editables that were not wanted, ``editables`` others; ``remnants`` what a killed pip has left.
    """

    items: tuple[Item, ...]
    packages: tuple[PackPackage, ...]
    ways_out: tuple[str, ...] = ()
    editables: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    remnants: tuple[str, ...] = ()
    excluded: int = 0


def gather(
    environment: Environment,
    *,
    bytecode: bool = True,
    ignore_editable: bool = False,
    exclude: Sequence[str] = (),
    latest: int | None = None,
) -> Gathered:
    """Look at everything. Files get no date after ``latest`` (Unix time). Raises OSError."""
    return Gatherer(environment, bytecode, ignore_editable, tuple(exclude), latest).run()


def hash_item(item: Item, needle: bytes = b"") -> tuple[PackFile, bool]:
    """The file as the manifest has it, and whether ``needle`` is somewhere in it. Raises OSError."""
    from hashlib import sha256

    if item.content is not None:
        digest = sha256(item.content).hexdigest()
        size = len(item.content)
        return PackFile(path=item.path, size=size, sha256=digest, executable=item.executable), False
    found, size, hashed = False, 0, sha256()
    with open(item.source, "rb") as file:
        before = b""
        while piece := file.read(CHUNK):
            hashed.update(piece)
            size += len(piece)
            if needle and not found:
                found = needle in before + piece
                before = piece[-len(needle) :]
    return (
        PackFile(path=item.path, size=size, sha256=hashed.hexdigest(), executable=item.executable),
        found,
    )


class Gatherer:
    """Looks at an environment, once."""

    def __init__(
        self,
        environment: Environment,
        bytecode: bool,
        ignore_editable: bool,
        exclude: tuple[str, ...],
        latest: int | None,
    ) -> None:
        self.environment = environment
        self.root = environment.root
        self.bytecode = bytecode
        self.ignore_editable = ignore_editable
        self.exclude = exclude
        self.latest = latest
        self.items: dict[str, Item] = {}
        self.ways_out: list[str] = []
        self.remnants: list[str] = []
        self.excluded: set[str] = set()
        self.dropped: set[str] = set()
        self.linked: dict[str, str] = {}
        self.gone: set[str] = set()
        self.of_editables: set[str] = set()
        self.anew: dict[str, bytes] = {}

    def run(self) -> Gathered:
        """All of it."""
        from hutch.env.records import LINKED, read_record

        installed = self.environment.installed()
        editables, kept, gone = self._parted(installed)
        for one in kept.values():
            rows = read_record(self.root, one.dist_info)
            gone -= rows.keys()
            self.linked.update(
                {path: one.dist_info for path, what in rows.items() if what.startswith(LINKED)}
            )
        self.gone = gone
        self._walk("")
        for name, one in editables.items():
            if not self.ignore_editable:
                self.ways_out.append(f"{name} is installed from {place_of(one)}, and is changed there")
        self._commands()
        self._records(kept)
        self._paths()
        self._stale_bytecode()
        self._odd_names()
        hashes = hashes_of(self.root, {str(name): one for name, one in installed.items()})
        return Gathered(
            items=tuple(self.items[path] for path in sorted(self.items)),
            packages=tuple(self._package(str(name), one, hashes) for name, one in kept.items()),
            ways_out=tuple(self.ways_out),
            editables=tuple(map(str, editables)) if not self.ignore_editable else (),
            left_out=tuple(map(str, editables)) if self.ignore_editable else (),
            remnants=tuple(self.remnants),
            excluded=len(self.excluded),
        )

    def _parted(
        self, installed: Mapping[NormalizedName, Installed]
    ) -> tuple[dict[NormalizedName, Installed], dict[NormalizedName, Installed], set[str]]:
        """What is changed elsewhere, the others, and the files that are left out with the first."""
        from hutch.env.records import read_record

        editables = {name: one for name, one in installed.items() if is_editable(one)}
        gone: set[str] = set()
        for one in editables.values():
            paths = read_record(self.root, one.dist_info).keys() | {one.dist_info}
            self.of_editables |= paths
            if self.ignore_editable:
                gone |= paths
        return editables, {name: one for name, one in installed.items() if name not in editables}, gone

    # -- files ----------------------------------------------------------------------------------------

    def _walk(self, top: str) -> None:
        waiting = [(top, os.path.join(self.root, top) if top else self.root)]
        while waiting:
            here, folder = waiting.pop()
            with os.scandir(folder) as entries:
                for entry in sorted(entries, key=lambda each: each.name):
                    path = f"{here}/{entry.name}" if here else entry.name
                    if path in self.gone:
                        continue
                    if self._stays_behind(path):
                        continue
                    if here == self.environment.purelib and entry.name.startswith("~"):
                        self.remnants.append(path)
                        continue
                    if self._is_excluded(path):
                        self.excluded.add(path)
                        continue
                    if entry.is_symlink():
                        self._link(path, entry.path, waiting)
                    elif entry.is_dir(follow_symlinks=False):
                        if not self.bytecode and entry.name == "__pycache__":
                            self.dropped.add(path)
                            continue
                        waiting.append((path, entry.path))
                    else:
                        self._file(path, entry.path)

    def _stays_behind(self, path: str) -> bool:
        """Whether it is part of the environment itself, and is made where that is unpacked."""
        from hutch.env.removal import is_protected

        # The directories of the environment themselves are protected as well.
        structure = path in ("lib", "bin", "Lib", "Scripts")
        return is_protected(path, self.environment.scripts) and not structure

    def _is_excluded(self, path: str) -> bool:
        from fnmatch import fnmatchcase

        return any(
            fnmatchcase(path, pattern)
            or (pattern.startswith("**/") and fnmatchcase(path, pattern[3:]))
            or ("/" not in pattern and fnmatchcase(path.rpartition("/")[2], pattern))
            for pattern in self.exclude
        )

    def _link(self, path: str, where: str, waiting: list[tuple[str, str]]) -> None:
        """A link into the store is what it leads to; one that stays inside stays a link."""
        if path in self.linked and os.path.isdir(where):
            waiting.append((path, os.path.realpath(where)))
            return
        target = os.readlink(where)
        whole = os.path.normpath(os.path.join(os.path.dirname(where), target))
        if os.path.isabs(target) and not _is_below(self.root, whole):
            whole = os.path.realpath(where)
            if not _is_below(os.path.realpath(self.root), whole):
                self.ways_out.append(f"{path} is a link to {target}")
                return
            whole = os.path.join(self.root, os.path.relpath(whole, os.path.realpath(self.root)))
        if not _is_below(self.root, whole):
            self.ways_out.append(f"{path} is a link to {target}")
            return
        relative = os.path.relpath(whole, os.path.dirname(where)).replace(os.sep, "/")
        self.items[path] = Item(path=path, target=relative)

    def _file(self, path: str, where: str) -> None:
        status = os.stat(where)
        if not stat.S_ISREG(status.st_mode):
            self.ways_out.append(f"{path} is no file, but a pipe, a socket or a device")
            return
        executable = bool(status.st_mode & 0o100) and not path.endswith((".py", ".pyc", ".pyi"))
        if status.st_mode & 0o100 and path.startswith(f"{self.environment.scripts}/"):
            executable = True
        self.items[path] = Item(
            path=path, source=where, executable=executable, mtime=self._date(path, int(status.st_mtime))
        )

    def _date(self, path: str, mtime: int) -> int:
        folder, _, name = path.rpartition("/")
        if path.endswith(".pyc") or (folder.endswith(".dist-info") and name in OWN):
            return FIXED
        mtime = max(mtime, 315_532_800)  # what a zip can say, and no archive is of before
        return mtime if self.latest is None else min(mtime, self.latest)

    # -- what is written anew -------------------------------------------------------------------------

    def _commands(self) -> None:
        """Commands that look for their interpreter beside themselves."""
        from hutch.env.repointing import relocatable_commands

        self.anew = relocatable_commands(self.environment)
        for path, content in self.anew.items():
            if path in self.items:
                self.items[path] = Item(path=path, content=content, executable=True)
        start = f"{self.environment.scripts}/"
        for path, item in list(self.items.items()):
            if path.startswith(start) and item.source and path not in self.anew:
                # What was made with the environment has no date of its own.
                self.items[path] = Item(path=path, source=item.source, executable=item.executable)

    def _records(self, kept: Mapping[NormalizedName, Installed]) -> None:
        from hutch.env.records import LINKED_RECORD, record_name, replace_rows, without_rows
        from hutch.spec.digest import record_digest

        then: dict[str, tuple[str, str, int]] = {}
        for path, new in self.anew.items():
            with open(os.path.join(self.root, path), "rb") as file:
                then[path] = (record_digest(file.read()), record_digest(new), len(new))
        for one in kept.values():
            name = record_name(self.root, one.dist_info)
            where = f"{one.dist_info}/{name}"
            if where not in self.items:
                continue
            with open(os.path.join(self.root, where), "rb") as file:
                content = file.read()
            content = replace_rows(self.root, one.dist_info, content, then)
            if name == LINKED_RECORD:
                content = self._without_links(one.dist_info, content)
                del self.items[where]
                where = f"{one.dist_info}/RECORD"
            lost = [path for path in _rows(self.root, one.dist_info, content) if self._is_lost(path)]
            if lost:
                content = without_rows(self.root, one.dist_info, content, lost, fold=False)
            self.items[where] = Item(path=where, content=content)

    def _is_lost(self, path: str) -> bool:
        """Whether a path that a RECORD names is left out on purpose."""
        if path in self.items:
            return False
        if path.endswith(".pyc") and not os.path.lexists(os.path.join(self.root, path)):
            return False
        above = path
        while above:
            if above in self.excluded or above in self.dropped:
                return True
            above = above.rpartition("/")[0]
        return False

    def _without_links(self, dist_info: str, content: bytes) -> bytes:
        """The record with the files behind its links, as a RECORD."""
        from hutch.env.records import LINKED, parse_rows, render_row
        from hutch.spec.digest import record_text

        site = dist_info.rpartition("/")[0]
        lines = []
        for path, digest, size in parse_rows(self.root, dist_info, content):
            shown = os.path.relpath(path, site).replace(os.sep, "/")
            if not digest.startswith(LINKED):
                if path.endswith("/hutch.record"):
                    shown = shown.replace("hutch.record", "RECORD")
                lines.append(render_row(shown, digest.removeprefix("sha256="), "" if size is None else size))
                continue
            for inner in sorted(each for each in self.items if each.startswith(f"{path}/")):
                file, _ = hash_item(self.items[inner])
                code = record_text(bytes.fromhex(file.sha256))
                name = os.path.relpath(inner, site).replace(os.sep, "/")
                pyc = inner.endswith(".pyc")
                lines.append(render_row(name, "" if pyc else code, "" if pyc else file.size))
        return "".join(lines).encode("utf-8", "surrogateescape")

    # -- what leads out -------------------------------------------------------------------------------

    def _paths(self) -> None:
        """`.pth` files that name directories elsewhere."""
        site = self.environment.purelib
        for path, item in list(self.items.items()):
            if not path.endswith(".pth") or path.rpartition("/")[0] != site or not item.source:
                continue
            if path in self.of_editables:
                continue  # which are told of, or left out
            with open(item.source, "rb") as file:
                text = file.read(1 << 20).decode("utf-8", "replace")
            for line in text.splitlines():
                line = line.rstrip()
                if not line or line.startswith(("#", "import ", "import\t")):
                    continue
                whole = os.path.normpath(os.path.join(self.root, site, line))
                if not _is_below(self.root, whole) or os.path.isabs(line):
                    self.ways_out.append(f"{path} adds the directory {line}")

    def _stale_bytecode(self) -> None:
        """Bytecode is for a source of one date: it goes where that changes, or the source is left out."""
        for path in [each for each in self.items if each.endswith(".pyc") and "/__pycache__/" in each]:
            folder, _, name = path.rpartition("/__pycache__/")
            source = self.items.get(f"{folder}/{name.partition('.')[0]}.py")
            moved = False
            if source is not None and source.source and self.latest is not None:
                moved = int(os.stat(source.source).st_mtime) != source.mtime
            if source is None or moved:
                del self.items[path]

    def _odd_names(self) -> None:
        for path in self.items:
            fault = self._fault(path)
            if fault:
                self.ways_out.append(f"{path!r} {fault}")

    def _fault(self, path: str) -> str:
        return fault_of_path(path, self.environment.scripts)

    def _package(self, name: str, one: Installed, hashes: Mapping[str, str]) -> PackPackage:
        return PackPackage(
            name=name,
            version=one.version,
            sha256=hashes.get(name, ""),
            tags=tuple(self._tags(one)),
            dist_info=one.dist_info,
        )

    def _tags(self, one: Installed) -> Iterable[str]:
        try:
            with open(os.path.join(self.root, one.dist_info, "WHEEL"), "rb") as file:
                text = file.read(1 << 16).decode("utf-8", "replace")
        except OSError:
            return
        for line in text.splitlines():
            key, _, value = line.partition(":")
            if key.strip().lower() == "tag" and value.strip().isprintable():
                yield value.strip()


def hashes_of(root: str, installed: Mapping[str, Installed]) -> dict[str, str]:
    """Those of the wheels that hutch has put in, where nobody has put in anything else since."""
    from hutch.env.generations import read_newest
    from hutch.env.recording import packages_now

    now = packages_now(root, installed, read_newest(root))
    return {one.name: one.sha256 for one in now if one.sha256}


def _rows(root: str, dist_info: str, content: bytes) -> Iterator[str]:
    from hutch.env.records import parse_rows

    return (path for path, _, _ in parse_rows(root, dist_info, content))


def is_editable(one: Installed) -> bool:
    """Whether it is used from a directory outside, where it is changed."""
    return one.editable or one.kind == "egg-link"


def place_of(one: Installed) -> str:
    """The directory, or the address, that it was installed from."""
    url = one.url or ""
    if url.startswith("file://"):
        from urllib.parse import unquote, urlsplit

        return unquote(urlsplit(url).path)
    return url or "a directory"


def _is_below(root: str, path: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)
