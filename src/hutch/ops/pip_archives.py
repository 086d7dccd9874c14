"""Archives in a folder: ``hutch pip download`` and ``wheel``.

Each is proven by its hash before it gets its name there; one that is there already, with the right
content, stays as it is.
"""

from __future__ import annotations

import os

from hutch.errors import Problem
from hutch.events import Fetched, PhaseEnded, PhaseStarted
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from hutch.lock import LockedFile, LockedPackage
    from hutch.ops.builds import Builder
    from hutch.ops.context import Context
    from hutch.ops.install import Chosen

__all__ = [
    "PipFilesOutcome",
    "Saved",
    "UnsafeName",
    "bring_archive",
    "fetch_archives",
    "folder_for",
    "save",
    "sdist_of",
]


class UnsafeName(Problem):
    """A file has a name that leads elsewhere."""

    code = "unsafe-name"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"`{name}` is no name of a file",
            why="a wheel or a source distribution has a name without folders",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One file in the folder; ``new`` unless it was there."""

    name: str
    version: str
    path: str
    new: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PipFilesOutcome:
    """The files, in the order of their names; ``verb`` is what was done to get them."""

    folder: str
    files: tuple[Saved, ...]
    verb: str
    dry_run: bool = False
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "directory": self.folder,
            "files": [
                {"name": one.name, "version": one.version, "path": one.path, "new": one.new}
                for one in self.files
            ],
            "dry_run": self.dry_run,
        }


def folder_for(context: Context, text: str | None, *, dry_run: bool) -> str:
    """The folder, made if it is not there."""
    from hutch.ops.checkout import UnreadableFile

    folder = context.path(text or ".")
    try:
        if not dry_run:
            os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise UnreadableFile(folder, "write", error.strerror or str(error)) from None
    return folder


def fetch_archives(context: Context, chosen: Iterable[Chosen], folder: str, *, dry_run: bool) -> list[Saved]:
    """Bring the file of each into ``folder``."""
    from hutch.index import fetch_file
    from hutch.ops.install import downloads_at_once, indexed_file

    chosen = list(chosen)
    saved: list[Saved] = []
    missing: list[Chosen] = []
    for one in chosen:
        path = _inside(folder, one.file.filename)
        if dry_run or _is_there(path, one.file):
            saved.append(Saved(name=one.name, version=one.version, path=path, new=not os.path.exists(path)))
        else:
            missing.append(one)
    if not missing:
        return saved
    failed: list[Problem] = []
    waiting = iter(missing)
    context.emit(PhaseStarted("download", len(missing)))
    with context.store.scratch() as scratch:

        def start() -> None:
            one = None if failed else next(waiting, None)
            if one is None:
                return

            def fetched(answer: object, one: Chosen = one) -> None:
                if isinstance(answer, Problem):
                    failed.append(answer)
                    return
                context.emit(Fetched(one.file.filename, one.file.size or 0))
                path = _inside(folder, one.file.filename)
                try:
                    save(str(answer), path)
                except Problem as problem:
                    failed.append(problem)
                    return
                saved.append(Saved(name=one.name, version=one.version, path=path))
                start()

            fetch_file(context.client, context.store, indexed_file(one), fetched, into=scratch)

        for _ in range(downloads_at_once()):
            start()
        while not failed and context.client.pump(None):
            pass
    context.emit(PhaseEnded("download"))
    if failed:
        raise failed[0]
    return saved


def _inside(folder: str, name: str) -> str:
    """The path of a file in the folder: locks and URLs name files, and are others' work."""
    if not name or name != os.path.basename(name) or name.startswith(".") or "\\" in name or "\0" in name:
        raise UnsafeName(name)
    return os.path.join(folder, name)


def _is_there(path: str, file: LockedFile) -> bool:
    """Is this file in the folder already? Without a hash nobody knows."""
    hashes = dict(file.hashes)
    algorithm = next((name for name in ("sha256", "sha384", "sha512") if name in hashes), None)
    if algorithm is None or not os.path.isfile(path):
        return False
    import hashlib

    try:
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, algorithm).hexdigest() == hashes[algorithm]
    except OSError:
        return False


def save(source: str, path: str) -> None:
    """Move a file into the folder, whole or not at all."""
    import errno
    import shutil

    from hutch.ops.checkout import UnreadableFile

    near = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.getpid()}.part")
    try:
        os.chmod(source, 0o644)
        try:
            os.replace(source, path)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            with open(source, "rb") as stream, open(near, "xb") as copy:
                shutil.copyfileobj(stream, copy)
            os.replace(near, path)
    except OSError as error:
        raise UnreadableFile(path, "write", error.strerror or str(error)) from None
    finally:
        if os.path.lexists(near):
            os.unlink(near)


def bring_archive(context: Context, package: LockedPackage, base: str, folder: str, *, dry_run: bool) -> str:
    """Bring an archive that comes from a place of its own; its path in ``folder``."""
    from hutch.lock import filename_of
    from hutch.ops.located import open_archive

    archive = package.archive
    assert archive is not None
    location = archive.url or os.path.normpath(os.path.join(base, archive.path or ""))
    path = _inside(folder, filename_of(archive.url, archive.path))
    if not dry_run:
        with open_archive(context, location, archive.hashes, package.name, size=archive.size) as found:
            save(str(found), path)
    return path


def sdist_of(context: Context, builder: Builder, package: LockedPackage, base: str, folder: str) -> str:
    """The source distribution of a directory or a commit, made by its backend; its path in ``folder``."""
    from hutch.build import build_sdist
    from hutch.ops.builds import build_options
    from hutch.ops.forbidden import refuse_builds
    from hutch.ops.located import git_settings, inside, opened_commit

    refuse_builds(context, ((package.name, package.name),), indexed=False)

    def make(tree: str) -> str:
        with context.store.scratch() as scratch:
            options = build_options(context, what=package.name)
            built = build_sdist(tree, scratch, environments=builder, options=options, emit=context.emit)
            path = os.path.join(folder, built.name)
            save(str(built), path)
            return path

    if package.directory is not None:
        tree = os.path.normpath(os.path.join(base, package.directory.path))
        return make(inside(tree, package.directory.subdirectory, package.name))
    vcs = package.vcs
    assert vcs is not None
    location = (vcs.url or os.path.normpath(os.path.join(base, vcs.path or ""))).removeprefix("git+")
    with opened_commit(context, location, vcs.commit_id, vcs.subdirectory, **git_settings(package)) as commit:
        return make(str(commit))
