"""What is at a place: its metadata, and what the lock says of it.

A commit, or the hash of an archive, that an older lock has for the same place is kept, unless an upgrade
is asked for: a branch that moved is no reason for another lock.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

from hutch.errors import Problem
from hutch.ops.origins import InvalidSource, Origin, relative_path
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from hutch.lock import Lock, LockedPackage, LockedVcs
    from hutch.net import Repository
    from hutch.ops.builds import Builder
    from hutch.ops.context import Context
    from hutch.project import Manifest
    from hutch.spec import CoreMetadata

__all__ = [
    "Located",
    "Locator",
    "git_settings",
    "git_source",
    "open_archive",
    "open_repository",
    "opened_commit",
]

_FORMAT = "direct-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A package at its place; ``tags`` are those of a wheel, ``manifest`` what its source tree says."""

    metadata: CoreMetadata
    entry: LockedPackage
    tags: str = ""
    manifest: Manifest | None = None


class Locator:
    """Reads places for one lock. ``root`` is the lock's directory, ``old`` an older lock to keep to.

    ``texts`` are manifests that are not written yet, by path.
    ``upgraded`` tells of a name whether the newest commit or file is asked for.
    """

    def __init__(
        self,
        context: Context,
        builder: Builder,
        root: str,
        old: Lock | None = None,
        upgraded: Callable[[str], bool] = lambda name: False,
        texts: Mapping[str, str] | None = None,
    ) -> None:
        self._context = context
        self._builder = builder
        self._root = root
        self._old = old
        self._upgraded = upgraded
        self._texts = texts or {}

    def locate(self, origin: Origin, name: str | None, place: str) -> Located:
        """What is there. ``name`` is what it is said to be; ``place`` is who says so, for problems."""
        read = {"directory": self._directory, "git": self._git, "archive": self._archive}[origin.kind]
        found = read(origin, name, place)
        if name is not None and found.metadata.name != name:
            raise InvalidSource(
                f"{place} asks for {name}, and finds another project",
                why=f"{origin} is {found.metadata.name}",
                hint=f"write {found.metadata.name}, or name another place",
            )
        return found

    def remembered(self, entry: LockedPackage) -> CoreMetadata | None:
        """The metadata of an entry of the lock, as far as they can be had without a build or a network."""
        from pathlib import Path

        from hutch.build import read_static_metadata, read_wheel_metadata, tree_digest
        from hutch.lock import filename_of

        known = None
        if entry.directory is not None:
            below = entry.directory.subdirectory or ""
            path = os.path.normpath(os.path.join(self._root, entry.directory.path, below))
            if os.path.isdir(path):
                return read_static_metadata(path) or (self._recall(f"tree-{tree_digest(path)}") or (None,))[0]
        elif entry.vcs is not None:
            chosen = git_settings(entry)
            known = self._recall(_key(git_source(entry.vcs.commit_id, entry.vcs.subdirectory, **chosen)))
        elif entry.archive is not None:
            archive = entry.archive
            sha256 = dict(archive.hashes).get("sha256", "")
            path = os.path.join(self._root, archive.path or "")
            if filename_of(archive.url, archive.path).endswith(".whl"):
                if archive.path is None or not os.path.isfile(path) or _digest(Path(path))[0] != sha256:
                    return None
                found = read_wheel_metadata(Path(path))
                return None if isinstance(found, str) else found
            known = self._recall(_key(f"archive-{sha256}-{archive.subdirectory or ''}"))
        return known[0] if known is not None and known[0].name == entry.name else None

    # -- directories ------------------------------------------------------------------------------

    def _directory(self, origin: Origin, name: str | None, place: str) -> Located:
        from hutch.lock import LockedDirectory, LockedPackage
        from hutch.ops.local import manifest_of

        path = os.path.normpath(os.path.join(origin.location, origin.subdirectory or ""))
        shown = relative_path(path, self._root)
        if not os.path.isdir(path) and os.path.join(path, "pyproject.toml") not in self._texts:
            raise InvalidSource(
                f"{place} names a directory that is not there: {shown}",
                why=f"looked for {path}" if not os.path.isabs(shown) else (),
            )
        metadata = self._metadata_of_tree(path, name, shown, origin.editable)
        directory = LockedDirectory(
            path=relative_path(origin.location, self._root),
            editable=origin.editable,
            subdirectory=origin.subdirectory,
        )
        return Located(
            metadata=metadata,
            entry=LockedPackage(name=metadata.name, directory=directory),
            manifest=manifest_of(path, f"{shown}/pyproject.toml", self._texts),
        )

    def _metadata_of_tree(self, path: str, name: str | None, shown: str, editable: bool) -> CoreMetadata:
        """What the tree says of itself, once its manifest says what is about to be written there."""
        text = self._texts.get(os.path.join(path, "pyproject.toml"))
        if text is None:
            return self._metadata_of_files(path, name, shown, editable)
        from hutch.build import metadata_from_project, stated_requirements
        from hutch.project import load_toml

        data = load_toml(text, f"{shown}/pyproject.toml")
        found = metadata_from_project(data)
        if found is None:
            found = self._metadata_of_files(path, name, shown, editable)
            stated = stated_requirements(data)
            if stated is not None:
                found = replace(found, extras=stated[0], requirements=stated[1])
        return found

    def _metadata_of_files(self, path: str, name: str | None, shown: str, editable: bool) -> CoreMetadata:
        """Static metadata as it is, that of a backend once for each state of the tree."""
        from hutch.build import read_static_metadata, tree_digest

        found = read_static_metadata(path)
        if found is not None:
            return found
        key = self._builder.settings.keyed(name or "", f"tree-{tree_digest(path)}")
        known = self._recall(key)
        if known is None:
            known = self._builder.tree_metadata(path, name, shown, editable=editable), ""
            self._remember(key, *known)
        return known[0]

    def _recall(self, key: str) -> tuple[CoreMetadata, str] | None:
        from hutch.spec import metadata_from_tuple

        value = self._context.store.tables.read("metadata", key)
        if isinstance(value, tuple) and len(value) == 3 and value[0] == _FORMAT:
            return metadata_from_tuple(value[1]), value[2]
        return None

    def _remember(self, key: str, metadata: CoreMetadata, manifest: str) -> None:
        from hutch.spec import metadata_to_tuple

        self._context.store.tables.write("metadata", key, (_FORMAT, metadata_to_tuple(metadata), manifest))

    # -- repositories -----------------------------------------------------------------------------

    def _git(self, origin: Origin, name: str | None, place: str) -> Located:
        from hutch.lock import LockedPackage, LockedVcs

        commit = self._commit(origin, name)
        key = git_source(commit, origin.subdirectory, submodules=origin.submodules, lfs=origin.lfs)
        known = self._recall(_key(key))
        if known is None:
            known = self._metadata_of_commit(origin, commit, name)
            self._remember(_key(key), *known)
        metadata, text = known
        vcs = LockedVcs(
            kind="git",
            url=None if origin.is_path else origin.bare,
            path=relative_path(origin.location, self._root) if origin.is_path else None,
            requested_revision=origin.revision,
            commit_id=commit,
            subdirectory=origin.subdirectory,
        )
        manifest = None
        if text:
            from hutch.project import parse_manifest

            manifest = parse_manifest(text, filename=f"pyproject.toml of {origin}")
        settings = {} if origin.submodules else {"submodules": False}
        if origin.lfs:
            settings["lfs"] = True
        tool = {"hutch-git": settings} if settings else {}
        entry = LockedPackage(name=metadata.name, vcs=vcs, tool=tool)
        return Located(metadata=metadata, entry=entry, manifest=manifest)

    def _commit(self, origin: Origin, name: str | None) -> str:
        """The commit that an older lock has for this place, or the one that it means now."""
        with open_repository(self._context, origin.location) as repository:
            if self._old is not None and not (name and self._upgraded(name)):
                for package in self._old.packages:
                    vcs = package.vcs
                    if (
                        vcs is not None
                        and self._is_same(vcs, origin)
                        and package.name == (name or package.name)
                    ):
                        return repository.ensure(vcs.commit_id)
            return repository.resolve(origin.revision_kind, origin.revision)

    def _is_same(self, vcs: LockedVcs, origin: Origin) -> bool:
        place = relative_path(origin.location, self._root) if origin.is_path else origin.bare
        return vcs.kind == "git" and (vcs.path or vcs.url, vcs.requested_revision, vcs.subdirectory) == (
            place,
            origin.revision,
            origin.subdirectory,
        )

    def _metadata_of_commit(self, origin: Origin, commit: str, name: str | None) -> tuple[CoreMetadata, str]:
        from hutch.build import read_static_metadata

        with opened_commit(
            self._context,
            origin.location,
            commit,
            origin.subdirectory,
            submodules=origin.submodules,
            lfs=origin.lfs,
        ) as tree:
            metadata = read_static_metadata(tree) or self._builder.tree_metadata(str(tree), name, str(origin))
            path = os.path.join(tree, "pyproject.toml")
            text = ""
            if os.path.isfile(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text = file.read()
            return metadata, text

    # -- archives ---------------------------------------------------------------------------------

    def _archive(self, origin: Origin, name: str | None, place: str) -> Located:
        from hutch.index import read_sdist_metadata
        from hutch.lock import LockedArchive, LockedPackage

        hashes = origin.hashes or self._locked_hashes(origin, name)
        with open_archive(self._context, origin.location, hashes, place) as path:
            sha256, size = _digest(path)
            if not any(algorithm == "sha256" for algorithm, _ in hashes):
                hashes = tuple(sorted((*hashes, ("sha256", sha256))))
            tags = ""
            if path.name.endswith(".whl"):
                metadata = self._wheel(path, place)
                tags = "-".join(path.name[:-4].lower().rsplit("-", 3)[1:])
            else:
                key = _key(f"archive-{sha256}-{origin.subdirectory or ''}")
                known = self._recall(key)
                if known is None:
                    metadata = (
                        read_sdist_metadata(path) if origin.subdirectory is None else None
                    ) or self._metadata_of_archive(path, origin, name)
                    self._remember(key, metadata, "")
                else:
                    metadata = known[0]
        archive = LockedArchive(
            url=None if origin.is_path else origin.bare,
            path=relative_path(origin.location, self._root) if origin.is_path else None,
            size=size,
            hashes=hashes,
            subdirectory=origin.subdirectory,
        )
        entry = LockedPackage(name=metadata.name, archive=archive)
        return Located(metadata=metadata, entry=entry, tags=tags)

    def _wheel(self, path: Path, place: str) -> CoreMetadata:
        from hutch.build import read_wheel_metadata

        found = read_wheel_metadata(path)
        if isinstance(found, str):
            raise InvalidSource(f"{place} names a wheel that cannot be read: {path.name}", why=found)
        return found

    def _metadata_of_archive(self, path: Path, origin: Origin, name: str | None) -> CoreMetadata:
        from hutch.build import unpack_sdist
        from hutch.ops.limits import source_limits

        with self._context.store.scratch() as scratch:
            unpacked = unpack_sdist(path, scratch, limits=source_limits(self._context))
            tree = inside(str(unpacked), origin.subdirectory, str(origin))
            return self._builder.tree_metadata(tree, name, str(origin))

    def _locked_hashes(self, origin: Origin, name: str | None) -> tuple[tuple[str, str], ...]:
        """The hashes of a URL that an older lock has: what lies there now has to be the same file."""
        if self._old is None or origin.is_path or (name and self._upgraded(name)):
            return ()
        for package in self._old.packages:
            archive = package.archive
            if archive is not None and archive.url == origin.bare and package.name == (name or package.name):
                return archive.hashes
        return ()


def inside(tree: str, subdirectory: str | None, shown: str) -> str:
    """A directory below a tree that somebody else made; a link that leads out of it is refused."""
    path = os.path.join(tree, subdirectory or "")
    if not os.path.isdir(path):
        raise InvalidSource(f"{shown}: there is no such directory in it")
    if os.path.commonpath([os.path.realpath(tree), os.path.realpath(path)]) != os.path.realpath(tree):
        raise InvalidSource(f"{shown}: the subdirectory leads out of it")
    return os.path.normpath(path)


@contextmanager
def open_repository(context: Context, location: str) -> Iterator[Repository]:
    """The bare clone of a repository, for this command alone for as long as it lasts."""
    from hutch.events import Building, PhaseEnded, PhaseStarted
    from hutch.net import Repository, without_credentials

    store = context.store
    store.prepare()
    name = _key(without_credentials(location))
    folder = os.path.join(store.root, "git-v1", name)
    offline = context.configuration.offline
    repository = Repository(location, folder, environ=context.environ, offline=offline)
    if not offline and location.lower().startswith(("http://", "https://")):
        repository.use(context.client.log_in_for(location))
    context.emit(PhaseStarted("download"))
    context.emit(Building(repository.shown))
    try:
        with store.lock(f"git-{name}", timeout=600.0):
            store.borrow(f"git-v1/{name}")
            yield repository
            store.use(f"git-v1/{name}")
    finally:
        context.emit(PhaseEnded("download"))


def git_settings(entry: LockedPackage) -> dict[str, bool]:
    """What is checked out beside the commit that an entry of the lock names."""
    said = entry.tool.get("hutch-git")
    said = said if isinstance(said, dict) else {}
    return {"submodules": said.get("submodules") is not False, "lfs": said.get("lfs") is True}


def git_source(commit: str, subdirectory: str | None, *, submodules: bool, lfs: bool) -> str:
    """What a tree of a repository is, for the keys of what is known of it and built from it."""
    return f"git-{commit}-{subdirectory or ''}{'' if submodules else '-bare'}{'-lfs' if lfs else ''}"


@contextmanager
def opened_commit(
    context: Context,
    location: str,
    commit: str,
    subdirectory: str | None,
    *,
    submodules: bool = True,
    lfs: bool = False,
) -> Iterator[Path]:
    """The tree of a commit (or a directory in it) for as long as this lasts."""
    from pathlib import Path

    with context.store.scratch() as scratch:
        tree = os.path.join(scratch, "tree")
        with open_repository(context, location) as repository:
            repository.ensure(commit)
            repository.checkout(commit, tree, submodules=submodules, lfs=lfs)
        yield Path(inside(tree, subdirectory, f"{repository.shown}, {subdirectory}"))


@contextmanager
def open_archive(
    context: Context,
    location: str,
    hashes: tuple[tuple[str, str], ...],
    place: str,
    *,
    size: int | None = None,
) -> Iterator[Path]:
    """An archive, fetched if need be and proven by its hashes, for as long as this lasts."""
    from pathlib import Path

    from hutch.events import PhaseEnded, PhaseStarted
    from hutch.index import File, fetch_file
    from hutch.lock import filename_of
    from hutch.spec import PROOF_ALGORITHMS

    url = Path(location).as_uri() if "://" not in location else location
    if "://" not in location and not os.path.isfile(location):
        raise InvalidSource(f"{place} names a file that is not there: {location}")
    file = File(
        filename=filename_of(url, None),
        url=url,
        size=size,
        hashes=tuple(each for each in hashes if each[0] in PROOF_ALGORITHMS),
        checksums=tuple(each for each in hashes if each[0] not in PROOF_ALGORITHMS),
    )
    answers: list[object] = []
    with context.store.scratch() as scratch:
        context.emit(PhaseStarted("download", 1))
        fetch_file(context.client, context.store, file, answers.append, into=scratch)
        while not answers and context.client.pump(None):
            pass
        context.emit(PhaseEnded("download"))
        answer = answers[0]
        if isinstance(answer, Problem):
            raise answer
        yield answer  # type: ignore[misc]


def _digest(path: Path) -> tuple[str, int]:
    import hashlib

    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()


def _key(text: str) -> str:
    from hutch.spec import short_sha256

    return short_sha256(text.encode())
