"""A conda package, read strictly: what is in the archive, and what its `info/` says should be in it.

Two forms: `.tar.bz2`, one tar with everything, and `.conda`, a zip whose members are stored: `metadata.json`,
`pkg-*.tar.zst`, `info-*.tar.zst` (CEP 35). The zip and the tars go through the readers of ``directory.py``
and ``tar.py``, each entry is judged as in ``members.py``; files are hashed while they are written, links
are followed on paper and never made here.
"""

from __future__ import annotations

import hashlib
import os

from hutch.spec.digest import record_text
from hutch.store.archive import ArchiveFault, TooMuch, open_archive
from hutch.store.conda_manifest import CondaManifest
from hutch.store.conda_paths import check_links, compare, read_paths
from hutch.store.directory import Limits
from hutch.store.disk import READ
from hutch.store.manifest import ManifestFile
from hutch.store.members import Pieces, TreeLimits, TreeMember, TreeWriter
from hutch.store.packed import PackFault, TooLong, Unpacked
from hutch.store.paths import clashes, fault_of_name
from hutch.store.problems import InvalidCondaPackage
from hutch.store.tar import Content, TarFault, TarMember, read_tar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

    from hutch.store.archive import Member

__all__ = ["split_conda_name", "unpack_conda"]

_INFO_FILE = 64 << 20  # bytes of any one file of info/ that is read
_READ = frozenset(
    f"info/{name}"
    for name in (
        "index.json",
        "paths.json",
        "link.json",
        "about.json",
        "files",
        "has_prefix",
        "no_link",
        "no_softlink",
    )
)


def split_conda_name(filename: str) -> tuple[str, str, str] | None:
    """Name, version and build in the name of a package file; None if it is none."""
    for suffix in (".conda", ".tar.bz2"):
        if filename.endswith(suffix):
            parts = filename[: -len(suffix)].rsplit("-", 2)
            return (parts[0], parts[1], parts[2]) if len(parts) == 3 and all(parts) else None
    return None


def unpack_conda(
    archive: str, filename: str, into: str, when: int, *, limits: Limits | None, fold_case: bool
) -> CondaManifest:
    """Unpack into the empty folder ``into``; every file gets the date ``when`` (seconds since the epoch).

    The manifest is returned, not written. Raises `InvalidCondaPackage` and OSError.
    """
    return _Package(archive, filename, into, when, limits or Limits(), fold_case).unpack()


class _Package:
    def __init__(
        self, archive: str, filename: str, into: str, when: int, limits: Limits, fold_case: bool
    ) -> None:
        self._archive = archive
        self._filename = filename
        self._into = into
        self._when = when
        self._fold_case = fold_case
        self._limits = TreeLimits(
            size=limits.size, members=limits.members, ratio=250, free=max(limits.free_size, 128 << 20)
        )
        self._writer = TreeWriter(filename, into, self._limits, self._refuse, os.stat(archive).st_size)
        self._info: dict[str, bytes] = {}
        self._hashes: dict[str, tuple[str, str]] = {}
        self._links: dict[str, str] = {}
        self._count = 0

    def _refuse(self, archive: str, reason: str, name: str, too_much: bool) -> Exception:
        name = name.removeprefix("files/")
        return InvalidCondaPackage(archive, f"'{name}': {reason}" if name else reason, too_much=too_much)

    def unpack(self) -> CondaManifest:
        named = split_conda_name(self._filename)
        if named is None:
            raise InvalidCondaPackage(self._filename, "its name is not NAME-VERSION-BUILD.conda or .tar.bz2")
        os.makedirs(os.path.join(self._into, "files"), exist_ok=True)
        self._writer.top = "files"
        if self._filename.endswith(".conda"):
            self._read_zip()
        else:
            with open(self._archive, "rb") as file:
                self._read_tar(file, "bz2", info=True, rest=True)
        return self._check(named)

    # -- reading ----------------------------------------------------------------------------------

    def _read_zip(self) -> None:
        descriptor = os.open(self._archive, READ)
        try:
            zipped = open_archive(descriptor)
            found: dict[str, Member] = {}
            for member in zipped.members:
                kind = member.name.partition("-")[0]
                if member.name == "metadata.json":
                    kind = "metadata"
                elif not (kind in ("pkg", "info") and member.name.endswith(".tar.zst")):
                    raise InvalidCondaPackage(self._filename, f"'{member.name}' has no business in it")
                if kind in found:
                    raise InvalidCondaPackage(self._filename, f"it has two parts called {kind}")
                found[kind] = member
            if len(found) != 3:
                raise InvalidCondaPackage(
                    self._filename, "it needs metadata.json, an info and a pkg part, and has not all"
                )
            self._check_format(zipped.read(found["metadata"]))
            stem = self._filename.removesuffix(".conda")
            for kind in ("info", "pkg"):
                member = found[kind]
                if member.name != f"{kind}-{stem}.tar.zst":
                    # Readers that look for the name would find nothing, others this.
                    raise InvalidCondaPackage(self._filename, f"'{member.name}' is of another package")
                source: Any = Pieces(zipped.chunks(member))
                self._read_tar(source, "zst", info=kind == "info", rest=kind == "pkg")
        except ArchiveFault as fault:
            raise InvalidCondaPackage(
                self._filename, f"it {fault}", too_much=isinstance(fault, TooMuch)
            ) from fault
        finally:
            os.close(descriptor)

    def _check_format(self, data: bytes) -> None:
        import json

        try:
            found = json.loads(data)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or found.get("conda_pkg_format_version") != 2:
            raise InvalidCondaPackage(self._filename, "its metadata.json is not that of version 2")

    def _read_tar(self, file: BinaryIO, form: str, *, info: bool, rest: bool) -> None:
        limits = self._limits
        most = min(limits.size + limits.members * 2048, limits.most(self._writer.packed))
        try:
            for entry, content in read_tar(Unpacked(file, form, most)):
                self._count += 1
                if self._count > limits.members:
                    raise InvalidCondaPackage(
                        self._filename, f"it has more than {limits.members} entries", too_much=True
                    )
                self._take(entry, content, info=info, rest=rest)
        except (TarFault, PackFault) as fault:
            raise InvalidCondaPackage(
                self._filename, str(fault), too_much=isinstance(fault, TooLong)
            ) from fault

    def _take(self, entry: TarMember, content: Content, *, info: bool, rest: bool) -> None:
        name = entry.name.removeprefix("./").rstrip("/")
        if name in ("", "."):
            return
        fault = fault_of_name(name, windows=os.name == "nt")
        if fault is not None:
            raise InvalidCondaPackage(self._filename, f"'{entry.name}' {fault}")
        if entry.kind not in ("file", "directory", "symlink", "hardlink"):
            raise InvalidCondaPackage(self._filename, f"'{name}' is {entry.kind}")
        of_info = name == "info" or name.startswith("info/")
        if of_info != (info and (of_info or not rest)):
            # A `.conda` has each in its own part: what lies in the other one is read by some and not by all.
            raise InvalidCondaPackage(self._filename, f"'{name}' is in the wrong part of it")
        if of_info:
            self._take_info(name, entry, content)
            return
        if name in self._hashes or name in self._links:
            raise InvalidCondaPackage(self._filename, f"'{name}' is in the archive twice")
        if entry.kind == "symlink":
            self._links[name] = entry.target
        # TreeWriter makes no link before `finish`, which is not called.
        target = entry.target
        if entry.kind == "hardlink":
            target = "files/" + target.removeprefix("./")
        member = TreeMember(
            name=f"files/{name}",
            kind=entry.kind,
            mode=entry.mode,
            size=entry.size,
            mtime=entry.mtime,
            target=target,
        )
        if entry.kind == "hardlink":
            known = self._hashes.get(target.removeprefix("files/"))
            self._writer.add(member, None)
            if known is not None:
                self._hashes[name] = known
            return
        hashing = _Hashing(content)
        self._writer.add(member, lambda: hashing)
        if entry.kind == "file":
            self._hashes[name] = hashing.digests()

    def _take_info(self, name: str, entry: TarMember, content: Content) -> None:
        if entry.kind == "directory":
            return
        if name in _READ and entry.kind != "file":
            raise InvalidCondaPackage(self._filename, f"'{name}' is a {entry.kind}")
        if name in self._info:
            raise InvalidCondaPackage(self._filename, f"'{name}' is in the archive twice")
        if name not in _READ:
            return
        if entry.size > _INFO_FILE:
            raise InvalidCondaPackage(self._filename, f"'{name}' has {entry.size} bytes", too_much=True)
        pieces = []
        while piece := content.read(1 << 20):
            pieces.append(piece)
        self._info[name] = b"".join(pieces)

    # -- checking ---------------------------------------------------------------------------------

    def _check(self, named: tuple[str, str, str]) -> CondaManifest:
        index = self._json("info/index.json")
        if index is None:
            raise InvalidCondaPackage(self._filename, "it has no info/index.json")
        said = tuple(index.get(key) for key in ("name", "version", "build"))
        if said != named:
            words = " ".join(str(each) for each in said)
            raise InvalidCondaPackage(self._filename, f"it says that it is {words}")
        folded = clashes([*self._hashes, *self._links], fold_case=self._fold_case)
        if folded:
            raise InvalidCondaPackage(self._filename, tuple(folded))
        paths = read_paths(self._filename, self._info, self._json("info/paths.json"))
        files = self._date_files()
        sizes = {row[0]: row[1] for row in files}
        hexes = {path: both[1] for path, both in self._hashes.items()}
        compare(self._filename, paths, sizes, hexes, self._links)
        check_links(self._filename, self._links)
        directories = tuple(sorted(path for path, kind in paths.kinds.items() if kind == "directory"))
        noarch = index.get("noarch")
        return CondaManifest(
            name=named[0],
            version=named[1],
            build=named[2],
            filename=self._filename,
            subdir=str(index.get("subdir") or ""),
            noarch=noarch if isinstance(noarch, str) else "generic" if noarch is True else "",
            files=files,
            links=tuple(sorted(self._links.items())),
            directories=directories,
            prefixed=paths.prefixed,
            no_link=frozenset(paths.no_link),
            index=self._info["info/index.json"],
            link=self._info.get("info/link.json", b""),
            about=self._info.get("info/about.json", b""),
        )

    def _json(self, name: str) -> dict[str, Any] | None:
        import json

        data = self._info.get(name)
        if data is None:
            return None
        try:
            found = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise InvalidCondaPackage(self._filename, f"its {name} cannot be read") from error
        if not isinstance(found, dict):
            raise InvalidCondaPackage(self._filename, f"its {name} says something else than it should")
        return found

    def _date_files(self) -> tuple[ManifestFile, ...]:
        found = []
        when = self._when * 1_000_000_000
        for path in sorted(self._hashes):
            place = f"{self._into}/files/{path}"
            facts = os.lstat(place)
            # What was put on was less the umask of the moment, which is not for all who link the file.
            mode = 0o755 if facts.st_mode & 0o100 else 0o644
            if os.name != "nt" and facts.st_mode & 0o777 != mode:
                os.chmod(place, mode)
            os.utime(place, ns=(when, when))
            found.append(ManifestFile(path, facts.st_size, when, mode, self._hashes[path][0]))
        return tuple(found)


class _Hashing:
    """What is read goes through SHA-256."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._sha256 = hashlib.sha256()

    def read(self, size: int) -> bytes:
        piece = self._content.read(size)
        self._sha256.update(piece)
        return piece

    def digests(self) -> tuple[str, str]:
        """As in a RECORD, and as in `paths.json`."""
        digest = self._sha256.digest()
        return record_text(digest), digest.hex()

    def __enter__(self) -> _Hashing:
        return self

    def __exit__(self, kind: object, error: object, trace: object, /) -> None:
        pass
