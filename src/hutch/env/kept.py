"""What a change took away, found again: one installation, file by file, with its RECORD."""

from __future__ import annotations

import os
import stat

from hutch.env.conda_files import A_DIRECTORY, is_conda
from hutch.env.generations import Package, Record, kept_directory
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Kept", "KeptFile", "find_file", "find_kept", "kept_bytes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file of an installation: its path in the environment, and where it lies now.

    ``link`` is where it leads if it is a directory of the store that was linked to.
    """

    path: str
    source: str
    mode: int
    size: int
    digest: str
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An installation that can be put back as it was; ``record`` is the content of its RECORD."""

    dist_info: str
    sha256: str
    record_name: str
    record: bytes = field(repr=False)
    files: tuple[KeptFile, ...] = field(repr=False)

    def source(self, path: str) -> str:
        """Where the file of that path lies; empty if there is none."""
        return next((file.source for file in self.files if file.path == path), "")


def find_kept(root: str, later: Sequence[Record], package: Package) -> Kept | None:
    """The installation, from what the change kept that took it away; None if it is not whole.

    ``later`` are the records after the generation that had it, oldest first.
    """
    for number, record in enumerate(later):
        if not any(one.name == package.name and one.is_same(package) for one in record.packages):
            return _read_kept(root, later[number:], package)
    return None


def _read_kept(root: str, later: Sequence[Record], package: Package) -> Kept | None:
    from hashlib import sha256

    from hutch.env.records import LINKED, LINKED_RECORD, has_digest, parse_rows

    places = [
        (kept_directory(root, record.name), {path: number for number, path in enumerate(record.moves)})
        for record in later
    ]
    conda = is_conda(package.dist_info)
    own = package.dist_info if conda else f"{package.dist_info}/RECORD"
    where = find_file(places[:1], own)
    if where is None and not conda:
        own = f"{package.dist_info}/{LINKED_RECORD}"
        where = find_file(places[:1], own)
    if where is None:
        return None
    try:
        with open(where, "rb") as file:
            content = file.read()
    except OSError:
        return None
    if len(content) != package.size:
        return None
    if package.digest and sha256(content).hexdigest()[:16] != package.digest:
        return None
    files: list[KeptFile] = []
    straight: dict[str, bool] = {}
    for path, digest, size in parse_rows(root, package.dist_info, content):
        if path == own:
            continue
        if digest == A_DIRECTORY:
            files.append(KeptFile(path=path, source="", mode=0, size=0, digest=digest))
            continue
        # What two distributions own stays with the other, and may have been taken away with that later.
        source = find_file(places, path)
        if source is None:
            source = os.path.join(root, path)
            if not has_digest(source, digest):
                return None  # it is another's by now
        folder = os.path.dirname(source)
        if folder not in straight:
            straight[folder] = _is_straight(root, folder)
        if not straight[folder]:
            return None
        try:
            found = os.lstat(source)
        except OSError:
            if path.endswith(".pyc"):
                continue
            return None
        if conda and stat.S_ISLNK(found.st_mode):
            files.append(
                KeptFile(path=path, source=source, mode=0, size=0, digest=digest, link=os.readlink(source))
            )
            continue
        if digest.startswith(LINKED) and stat.S_ISLNK(found.st_mode) and os.path.isdir(source):
            link = os.readlink(source)
            files.append(KeptFile(path=path, source=source, mode=0, size=0, digest=digest, link=link))
            continue
        if not stat.S_ISREG(found.st_mode):
            return None
        if size is not None and found.st_size != size and not path.endswith(".pyc"):
            return None
        mode = stat.S_IMODE(found.st_mode)
        files.append(KeptFile(path=path, source=source, mode=mode, size=found.st_size, digest=digest))
    return Kept(
        dist_info=package.dist_info,
        sha256=package.sha256,
        record_name=own.rpartition("/")[2],
        record=content,
        files=tuple(files),
    )


def _is_straight(root: str, folder: str) -> bool:
    """Whether no link leads from there out of the environment: it may have come with a checkout."""
    real, top = os.path.realpath(folder), os.path.realpath(root)
    return real == top or real.startswith(top + os.sep)


def find_file(places: Sequence[tuple[str, dict[str, int]]], path: str) -> str | None:
    """The file that was at ``path``: in the first of the directories that has it, below what was moved."""
    for directory, moves in places:
        upper, rest = path, ""
        while upper:
            number = moves.get(upper)
            if number is not None:
                found = os.path.join(directory, str(number)) + rest
                if os.path.lexists(found):
                    return found
            upper, _, name = upper.rpartition("/")
            rest = f"/{name}{rest}"
    return None


def kept_bytes(root: str, name: str) -> int:
    """The bytes that are on the disk only for what the change ``name`` took away.

    A file that the store, or another place, has as well costs nothing here.
    """
    return sum(found.st_size for found in _files(kept_directory(root, name)) if found.st_nlink == 1)


def _files(directory: str) -> Iterator[os.stat_result]:
    waiting = [directory]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        # Not `entry.stat`, which knows of no links on Windows.
                        yield os.lstat(entry.path)
        except OSError:
            continue
