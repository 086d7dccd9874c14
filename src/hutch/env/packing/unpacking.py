"""An archive becomes a directory again, if it is to its last byte what its manifest says.

Two readings: the manifest, from which is decided whether any of it is wanted here; then all, through the
judge of archives in the store, every file compared with the manifest while it is written.
"""

from __future__ import annotations

import os

from hutch.env.packing.archives import _MAGIC, format_of
from hutch.env.packing.manifest import (
    LARGEST,
    MANIFEST,
    SCRIPT,
    BadManifest,
    PackFile,
    PackManifest,
)
from hutch.env.packing.prefix_manifest import parse_any
from hutch.env.packing.problems import InvalidPack
from hutch.store import TreeMember, TreeWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from hutch.env.packing.prefix_manifest import PrefixPack

    class Readable(Protocol):
        """What the content of a file is read from."""

        def read(self, size: int, /) -> bytes:
            """Up to ``size`` bytes."""

        def __enter__(self) -> Readable: ...

        def __exit__(self, kind: Any, error: Any, trace: Any, /) -> object: ...


__all__ = ["read_pack", "unpack_into"]

TOP = "environment"
_FORMS = {"tar.zst": "zst", "tar.gz": "gz", "zip": "zip"}


def read_pack(archive: str) -> tuple[PackManifest | PrefixPack, str]:
    """The manifest of the archive, and its format. Raises InvalidPack, OSError."""
    form = _form(archive)
    name = os.path.basename(archive)
    try:
        return parse_any(_manifest_bytes(archive, form)), form
    except BadManifest as error:
        raise InvalidPack(name, str(error)) from error


def _form(archive: str) -> str:
    """What the first bytes say; the name may say nothing, and nothing else."""
    with open(archive, "rb") as file:
        begin = file.read(4)
    found = next((form for form, magic in _MAGIC.items() if begin.startswith(magic)), None)
    named = format_of(archive)
    if found is None or (named is not None and named != found):
        said = f"it is no {named}, whatever its name says" if named else "it is no tar.zst, tar.gz or zip"
        raise InvalidPack(os.path.basename(archive), said)
    return found


def _manifest_bytes(archive: str, form: str) -> bytes:
    from hutch.store import ArchiveFault, PackFault, TarFault, Unpacked, open_archive, read_tar

    missing = f"it does not begin with {MANIFEST}: it was not made by hutch env pack"
    try:
        if form == "zip":
            descriptor = os.open(archive, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            try:
                zipped = open_archive(descriptor, links=True)
                first = min(zipped.members, key=lambda each: each.offset, default=None)
                if first is None or first.name != MANIFEST:
                    raise BadManifest(missing)
                if first.size > LARGEST:
                    raise BadManifest(f"its {MANIFEST} is too large")
                return zipped.read(first)
            finally:
                os.close(descriptor)
        with open(archive, "rb") as file:
            for entry, content in read_tar(Unpacked(file, _FORMS[form], LARGEST)):
                if entry.name != MANIFEST or entry.kind != "file":
                    raise BadManifest(missing)
                pieces = []
                while piece := content.read(1 << 20):
                    pieces.append(piece)
                return b"".join(pieces)
    except ArchiveFault as fault:
        reason = f"it {fault}" if str(fault)[:1] != "'" else str(fault)
        raise BadManifest(reason) from fault
    except (TarFault, PackFault) as fault:
        raise BadManifest(str(fault)) from fault
    raise BadManifest(missing)


def unpack_into(
    archive: str,
    form: str,
    manifest: PackManifest | PrefixPack,
    folder: str,
    *,
    step: Callable[[int], None] = lambda size: None,
) -> str:
    """Unpack into the empty directory ``folder``; the directory with the files. Raises InvalidPack, OSError.

    ``step`` is told the bytes of each file that is written.
    """
    from pathlib import Path

    from hutch.store import TreeLimits, read_into_tree

    name = os.path.basename(archive)
    limits = TreeLimits(
        size=manifest.size + LARGEST, members=len(manifest.files) + len(manifest.links) + 100_000
    )
    writer = _Writer(
        archive=name,
        into=Path(folder),
        limits=limits,
        refuse=lambda archive, reason, member, too_much: InvalidPack(
            archive, reason, member=member.removeprefix(f"{TOP}/"), too_much=too_much
        ),
        packed=os.stat(archive).st_size,
    )
    checker = _Checker(manifest, writer, step)
    writer.checker = checker
    top = TreeMember(name=TOP, kind="directory")
    writer.add(top, None)
    read_into_tree(Path(archive), _FORMS[form], writer)
    checker.finish(name)
    return str(writer.finish())


class _Writer(TreeWriter):
    """Writes below one directory of its own what the manifest names, and nothing else."""

    checker: _Checker | None = None

    def add(self, member: TreeMember, content: Callable[[], Readable] | None) -> None:
        if member.name == TOP and member.kind == "directory" and not self.top:
            super().add(member, content)
            return
        assert self.checker is not None
        if self.checker.passes_over(member):
            return
        from hutch.values import replace

        known, inside = self.checker.check(member), replace(member, name=f"{TOP}/{member.name}")
        if known is None:
            super().add(inside, content)
            return
        assert content is not None
        mode = 0o755 if known.executable else 0o644
        source, checker = content, self.checker
        super().add(replace(inside, mode=mode), lambda: _Hashed(source(), known, checker))


class _Checker:
    """What the manifest has not yet been seen of."""

    def __init__(
        self, manifest: PackManifest | PrefixPack, writer: TreeWriter, step: Callable[[int], None]
    ) -> None:
        self.files = {each.path: each for each in manifest.files}
        self.links = dict(manifest.links)
        self.directories: set[str] = set()
        for path in (*self.files, *self.links):
            above = path.rpartition("/")[0]
            while above and above not in self.directories:
                self.directories.add(above)
                above = above.rpartition("/")[0]
        self.writer = writer
        self.step = step

    def passes_over(self, member: TreeMember) -> bool:
        """Directories are made for what is in them; the two files at the top are not for us."""
        if member.kind == "directory":
            name = member.name.rstrip("/")
            if name != "." and name not in self.directories:
                raise self.writer.refused(f"it is not in {MANIFEST}", member)
            return True
        return member.kind == "file" and member.name in (MANIFEST, SCRIPT)

    def check(self, member: TreeMember) -> PackFile | None:
        """What is known of the member; None for a link. Raises what the writer refuses with."""
        if member.kind == "symlink":
            target = self.links.pop(member.name, None)
            if target is None or target != member.target:
                raise self.writer.refused(f"it is not so in {MANIFEST}", member)
            return None
        if member.kind != "file":
            what = "a hard link" if member.kind == "hardlink" else member.kind
            raise self.writer.refused(f"it is {what}", member)
        known = self.files.pop(member.name, None)
        if known is None:
            raise self.writer.refused(f"it is not in {MANIFEST}, or there twice", member)
        if known.size != member.size:
            raise self.writer.refused(f"{MANIFEST} says that it has {known.size} bytes", member)
        return known

    def finish(self, archive: str) -> None:
        """InvalidPack where something has not come."""
        missing = next(iter((*self.files, *self.links)), None)
        if missing is not None:
            raise InvalidPack(archive, f"{missing} is in {MANIFEST}, and not in the archive")


class _Hashed:
    """The content of a file, which at its end has to be what the manifest says."""

    def __init__(self, source: Readable, known: PackFile, checker: _Checker) -> None:
        from hashlib import sha256

        self._source = source
        self._known = known
        self._checker = checker
        self._hash = sha256()

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes."""
        piece = self._source.read(size)
        self._hash.update(piece)
        if not piece and size:
            if self._hash.hexdigest() != self._known.sha256:
                member = TreeMember(name=self._known.path, kind="file")
                raise self._checker.writer.refused(f"its content is not that of {MANIFEST}", member)
            self._checker.step(self._known.size)
        return piece

    def __enter__(self) -> _Hashed:
        self._source.__enter__()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any, /) -> object:
        return self._source.__exit__(kind, error, trace)
