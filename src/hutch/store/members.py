"""What an entry of an archive may be that becomes a tree: judged by us, before anything is written.

PEP 706 says what a safe extraction does; which parts of it a Python applies, and with which holes,
depends on its patch release. So nothing here asks `tarfile` or `zipfile` whether an entry is safe:
archives are read into `TreeMember` values, and these are judged and written. Links are made when all files
are there, and a path that leads through a link is refused, so no file can be written through one.

For source distributions and for interpreters; each says with a problem of its own what was refused.
"""

from __future__ import annotations

import os
import posixpath

from hutch.store.disk import write_all
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any, Protocol

    class Readable(Protocol):
        """What the content of a file is read from."""

        def read(self, size: int, /) -> bytes:
            """Up to ``size`` bytes."""

        def __enter__(self) -> Readable: ...

        def __exit__(self, kind: Any, error: Any, trace: Any, /) -> object: ...


__all__ = ["Pieces", "TreeLimits", "TreeMember", "TreeWriter"]

CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeLimits:
    """What an archive may unpack to. ``ratio`` (unpacked to packed) counts beyond ``free`` bytes only:
    small archives compress very well."""

    size: int = 4 * 1024**3
    members: int = 250_000
    ratio: int = 250
    free: int = 128 * 1024**2
    depth: int = 64
    name: int = 1024

    def most(self, packed: int) -> int:
        """What an archive of ``packed`` bytes may unpack to by its ratio."""
        return max(self.free, packed * self.ratio)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeMember:
    """One entry. ``kind`` is ``file``, ``directory``, ``symlink``, ``hardlink`` or, in words, what else it
    is; ``target`` that of a link (a hard link's is a name in the archive); ``mtime`` in seconds."""

    name: str
    kind: str
    mode: int = 0o644
    size: int = 0
    mtime: float = 0.0
    target: str = ""


@dataclass(slots=True)
class TreeWriter:
    """Writes the members of one archive below ``into``, or refuses it.

    Everything has to lie in one top directory, which becomes ``into/<top>``. `finish` makes the links
    and gives that directory. ``refuse`` makes the exception that says why, of the archive's name, the reason,
    the name of the entry ("" for the whole) and whether a limit was passed; after it the caller clears up.
    """

    archive: str
    into: str | os.PathLike[str]
    limits: TreeLimits
    refuse: Callable[[str, str, str, bool], Exception]
    packed: int = 0
    top: str = ""
    _kinds: dict[str, str] = field(default_factory=dict)
    _links: dict[str, TreeMember] = field(default_factory=dict)
    _times: list[tuple[str, float]] = field(default_factory=list)
    _made: set[str] = field(default_factory=set)
    _count: int = 0
    _size: int = 0

    def add(self, member: TreeMember, content: Callable[[], Readable] | None) -> None:
        """Judge a member and write it; ``content`` opens what is in a file."""
        self._count += 1
        # Folders that are only named on the way count as well.
        if max(self._count, len(self._kinds)) > self.limits.members:
            raise self.refused(f"it has more than {self.limits.members} entries", too_much=True)
        parts = self._parts(member)
        if parts is None:
            return
        name = "/".join(parts)
        if member.kind == "directory":
            self._directory(name)
        elif member.kind == "file":
            assert content is not None
            self._file(member, name, content)
        elif member.kind == "symlink":
            self._symlink(member, name)
        elif member.kind == "hardlink":
            self._hardlink(member, name)
        else:
            raise self.refused(f"it is {member.kind}", member)

    def finish(self) -> Path:
        """Make the links, set the times, and give the top directory."""
        if not self.top or self._kinds.get(self.top) != "directory":
            raise self.refused("it has no directory at its top")
        for name, member in self._links.items():
            self._make_link(name, member)
        for name, mtime in self._times:
            # Builds with `make` look at the order of times; only a time that no file can have is dropped.
            try:
                os.utime(self._path(name), (mtime, mtime))
            except (OSError, OverflowError, ValueError):
                pass
        from pathlib import Path

        return Path(self.into, self.top)

    def refused(self, reason: str, member: TreeMember | None = None, *, too_much: bool = False) -> Exception:
        """The problem, with the name of the entry."""
        return self.refuse(self.archive, reason, member.name if member else "", too_much)

    def _parts(self, member: TreeMember) -> list[str] | None:
        """The parts of a member's name, judged; None for an entry that means nothing."""
        name = member.name
        if not name or len(name) > self.limits.name:
            raise self.refused("its name is empty or too long", member)
        if not name.isprintable() and any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in name):
            raise self.refused("its name has control characters", member)
        # A name is read as Windows would read it too: what is harmless here must be so everywhere.
        if name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":" and name[0].isalpha()):
            raise self.refused("its path is absolute", member)
        if ".." in name.replace("\\", "/").split("/"):
            raise self.refused("its path leads upwards", member)
        spelled = name.replace("\\", "/") if os.name == "nt" else name
        parts = [part for part in spelled.split("/") if part not in ("", ".")]
        if not parts:
            return None  # `./`
        if len(parts) > self.limits.depth:
            raise self.refused("its path is too deep", member)
        if len(parts) == 1 and member.kind == "file" and parts[0].startswith("._"):
            return None  # what macOS keeps beside a file, put there by its `tar`
        if not self.top:
            if len(parts) == 1 and member.kind != "directory":
                raise self.refused("it lies beside, not in, a top directory", member)
            self.top = parts[0]
            if os.path.lexists(os.path.join(self.into, self.top)):
                raise self.refused(f"{self.top} is there already")
            os.makedirs(self.into, exist_ok=True)
        elif parts[0] != self.top:
            raise self.refused(f"it lies outside of the top directory {self.top}", member)
        for end in range(1, len(parts)):
            above = "/".join(parts[:end])
            kind = self._kinds.setdefault(above, "directory")
            if kind != "directory":
                raise self.refused(f"its path leads through {above}, which is a {kind}", member)
        return parts

    def _path(self, name: str) -> str:
        return f"{self.into}/{name}" if os.sep == "/" else os.path.join(self.into, *name.split("/"))

    def _directory(self, name: str) -> None:
        kind = self._kinds.setdefault(name, "directory")
        if kind != "directory":
            raise self.refused(f"{name} is a directory, and was a {kind} before")
        self._make(self._path(name))

    def _make(self, folder: str) -> None:
        if folder not in self._made:
            os.makedirs(folder, mode=0o755, exist_ok=True)
            self._made.add(folder)

    def _file(self, member: TreeMember, name: str, content: Callable[[], Readable]) -> None:
        known = self._kinds.get(name)
        if known == "file":
            # Some tools pack a file twice. Harmless if it is the same; else it is read differently by
            # different programs, and refused.
            self._same(member, name, content)
            return
        if known is not None:
            raise self.refused(f"it is a file, and was a {known} before", member)
        self._kinds[name] = "file"
        path = self._path(name)
        self._make(path[: path.rindex(os.sep)])
        # PEP 706: no setuid, setgid, sticky; not writable by others; executable if it was so for its owner.
        mode = 0o755 if member.mode & 0o100 else 0o644
        flags = (
            os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        )
        try:
            descriptor = os.open(path, flags, mode)
        except FileExistsError:
            raise self.refused(
                "its name differs from another's in a way that this disk does not see", member
            ) from None
        except OSError as error:
            raise self.refused(f"it cannot be written: {error.strerror}", member) from error
        # Hard links are copies: of few bytes they make many.
        most = min(self.limits.size, self.limits.most(self.packed))
        with open(descriptor, "wb", buffering=0), content() as source:
            written = 0
            while piece := source.read(CHUNK):
                written += len(piece)
                self._size += len(piece)
                if written > member.size:
                    raise self.refused("it is longer than it says", member)
                if self._size > most:
                    raise self.refused(
                        f"it unpacks to more than {most} bytes, out of proportion", too_much=True
                    )
                write_all(descriptor, piece)
        if written != member.size:
            raise self.refused("it is shorter than it says", member)
        self._times.append((name, member.mtime))

    def _same(self, member: TreeMember, name: str, content: Callable[[], Readable]) -> None:
        with open(self._path(name), "rb") as first, content() as second:
            while True:
                piece = second.read(CHUNK)
                if piece != first.read(len(piece) or 1):
                    raise self.refused("it is there twice, with different content", member)
                if not piece:
                    return

    def _symlink(self, member: TreeMember, name: str) -> None:
        if name in self._kinds:
            raise self.refused("it is there twice", member)
        self._inside(member, name)
        self._kinds[name] = "link"
        self._links[name] = member

    def _inside(self, member: TreeMember, name: str) -> str:
        """The name that a link leads to, if it stays in the top directory."""
        target = member.target
        if not target or "\0" in target:
            raise self.refused("it is a link to nothing", member)
        if target.startswith(("/", "\\")) or (len(target) > 1 and target[1] == ":"):
            raise self.refused(f"it is a link to the absolute path {target}", member)
        if "\\" in target:
            # A letter of a name here, and the end of a folder's elsewhere: two readings.
            raise self.refused(f"it is a link with a backslash in its target, {target}", member)
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(name), target.replace("\\", "/")))
        if joined != self.top and not joined.startswith(f"{self.top}/"):
            raise self.refused(f"it is a link that leads out, to {target}", member)
        return joined

    def _hardlink(self, member: TreeMember, name: str) -> None:
        """A second name of a file before it: written as a copy."""
        target = "/".join(part for part in member.target.split("/") if part not in ("", "."))
        if self._kinds.get(target) != "file":
            raise self.refused(
                f"it is a hard link to {member.target}, which is no file of the archive", member
            )
        if target == name:
            return
        path = self._path(target)
        status = os.stat(path, follow_symlinks=False)
        same = TreeMember(
            name=member.name, kind="file", mode=status.st_mode, size=status.st_size, mtime=member.mtime
        )
        self._file(same, name, lambda: open(path, "rb"))  # noqa: SIM115

    def _make_link(self, name: str, member: TreeMember) -> None:
        """Make a symbolic link, now that all is there; no link on its way may lead through another."""
        parts, lexical = member.target.replace("\\", "/").split("/"), name.split("/")[:-1]
        for index, part in enumerate(parts):
            if part == "..":
                lexical = lexical[:-1]
            elif part not in ("", "."):
                lexical.append(part)
            if "/".join(lexical) in self._links and index < len(parts) - 1:
                raise self.refused("it is a link that leads through another link", member)
        path = self._path(name)
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        try:
            os.symlink(member.target, path)
        except (OSError, NotImplementedError):
            self._copy_instead("/".join(lexical), path, member)

    def _copy_instead(self, target: str, path: str, member: TreeMember) -> None:
        """Where links cannot be made (Windows without the right), a file's copy does as well."""
        import shutil

        if self._kinds.get(target) != "file":
            raise self.refused("it is a link, which cannot be made here", member)
        shutil.copyfile(self._path(target), path, follow_symlinks=False)


class Pieces:
    """An iterator of bytes as something to read from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._ready = b""

    def read(self, size: int) -> bytes:
        while len(self._ready) < size and (piece := next(self._pieces, None)) is not None:
            self._ready += piece
        data, self._ready = self._ready[:size], self._ready[size:]
        return data

    def __enter__(self) -> Pieces:
        return self

    def __exit__(self, kind: object, error: object, trace: object, /) -> None:
        pass
