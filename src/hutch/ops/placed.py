"""Entries of a lock that come from a place of their own, made ready for an environment.

A directory, a commit or a source archive is built, once for each state of what is there; a wheel is
fetched. What is installed of a directory is known by the key of the state it was built from, which is
written down in the environment: `direct_url.json` says where something comes from, not what it was then.
"""

from __future__ import annotations

import os

from hutch.ops.origins import InvalidSource
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from hutch.env import Environment, Wanted
    from hutch.interpreters import Interpreter
    from hutch.lock import LockedArchive, LockedDirectory, LockedPackage, LockedVcs
    from hutch.ops.builds import Builder
    from hutch.ops.context import Context
    from hutch.store import StoredWheel

__all__ = ["Placed", "Placer", "changed_places", "remember_places", "watched_files"]

MOST_WATCHED = 3000
_MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One such package: its version, the key of what it is built from, and how to have its wheel.

    ``state`` is the key of a directory's state, empty where ``direct_url`` says all.
    """

    name: str
    version: str
    direct_url: dict[str, object]
    state: str = ""
    make: Callable[[], StoredWheel] = field(repr=False, compare=False)

    def wanted(self, requested: bool) -> Wanted:
        """What the environment shall have."""
        from hutch.env import Wanted

        return Wanted(name=self.name, version=self.version, direct_url=self.direct_url, requested=requested)


class Placer:
    """Makes entries ready for one interpreter. ``root`` is the directory of the lock."""

    def __init__(self, context: Context, builder: Builder, interpreter: Interpreter, root: str) -> None:
        self._context = context
        self._builder = builder
        self._interpreter = interpreter
        self._root = root

    def place(self, packages: Iterable[LockedPackage]) -> tuple[Placed, ...]:
        """Those of the entries that come from a place of their own, in their order."""
        placed = []
        for package in packages:
            if package.directory is not None:
                placed.append(self._directory(package, package.directory))
            elif package.vcs is not None:
                placed.append(self._vcs(package, package.vcs))
            elif package.archive is not None:
                placed.append(self._archive(package, package.archive))
        return tuple(placed)

    # -- directories ------------------------------------------------------------------------------

    def _directory(self, package: LockedPackage, directory: LockedDirectory) -> Placed:
        from pathlib import Path

        from hutch.spec import canonical_version

        root = os.path.normpath(os.path.join(self._root, directory.path))
        path = os.path.normpath(os.path.join(root, directory.subdirectory or ""))
        if not os.path.isdir(path):
            raise InvalidSource(
                f"{package.name} is to be installed from a directory that is not there",
                why=f"the lock says {directory.path}; looked for {path}",
                hint="fetch it, or lock again without it",
            )
        state = self._builder.settings.keyed(package.name, self._state(path, directory.editable))

        def make() -> StoredWheel:
            return self._built(state) or self._builder.build_tree(
                path, package.name, state, editable=directory.editable
            )

        url: dict[str, object] = {
            "url": Path(root).as_uri(),
            "dir_info": {"editable": True} if directory.editable else {},
        }
        version = package.version or self._version(path, make)
        return Placed(
            name=package.name,
            version=canonical_version(version),
            direct_url=_below(url, directory.subdirectory),
            state=state,
            make=make,
        )

    def _version(self, path: str, make: Callable[[], StoredWheel]) -> str:
        from hutch.build import read_static_metadata

        found = read_static_metadata(path)
        return found.version if found is not None else make().manifest.version

    def _state(self, path: str, editable: bool) -> str:
        """All that the wheel of a directory depends on; of an editable one, its manifests and its place."""
        from hutch.build import build_key, tree_digest

        if not editable:
            return build_key(source=tree_digest(path), python=self._python)
        import hashlib

        digest = hashlib.sha256(os.fsencode(path) + b"\0")
        for name in _MANIFESTS:
            if not os.path.isfile(os.path.join(path, name)):
                digest.update(b"-")
                continue
            try:
                with open(os.path.join(path, name), "rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
            except OSError:
                digest.update(b"-")
        return build_key(source=digest.hexdigest(), python=self._python, editable=True)

    @property
    def _python(self) -> str:
        return f"{self._interpreter.cache_tag}-{self._interpreter.target().name}"

    def _built(self, key: str) -> StoredWheel | None:
        return self._context.store.built.find_wheel(key)

    # -- commits ------------------------------------------------------------------------------------

    def _vcs(self, package: LockedPackage, vcs: LockedVcs) -> Placed:
        from pathlib import Path

        from hutch.build import build_key
        from hutch.lock import without_credentials
        from hutch.net.git import PROTOCOLS
        from hutch.ops.located import git_settings, git_source, opened_commit
        from hutch.spec import canonical_version

        if vcs.kind != "git":
            raise InvalidSource(
                f"{package.name} comes from a {vcs.kind} repository, of which hutch knows nothing",
                hint="lock it from an archive or from git",
            )
        location = vcs.url or os.path.normpath(os.path.join(self._root, vcs.path or ""))
        location = location.removeprefix("git+")
        if "://" not in location and not os.path.isabs(location):  # git@host:path, or ext::program
            raise InvalidSource(
                f"{package.name} comes from a repository whose address is none: {location[:80]!r}",
                why=f"one has a protocol ({', '.join(PROTOCOLS)}), or is a path",
                hint="lock again, from an address such as ssh://git@host/path",
            )
        chosen = git_settings(package)
        source = git_source(vcs.commit_id, vcs.subdirectory, **chosen)
        key = self._builder.settings.keyed(package.name, build_key(source=source, python=self._python))

        def make() -> StoredWheel:
            built = self._built(key)
            if built is not None:
                return built
            with opened_commit(self._context, location, vcs.commit_id, vcs.subdirectory, **chosen) as tree:
                return self._builder.build_tree(str(tree), package.name, key)

        info = {"vcs": "git", "commit_id": vcs.commit_id}
        if vcs.requested_revision:
            info["requested_revision"] = vcs.requested_revision
        url = without_credentials(location) if "://" in location else Path(location).as_uri()
        return Placed(
            name=package.name,
            version=canonical_version(package.version or make().manifest.version),
            direct_url=_below({"url": url, "vcs_info": info}, vcs.subdirectory),
            make=make,
        )

    # -- archives -----------------------------------------------------------------------------------

    def _archive(self, package: LockedPackage, archive: LockedArchive) -> Placed:
        from pathlib import Path

        from hutch.lock import filename_of, without_credentials
        from hutch.spec import canonical_version

        filename = filename_of(archive.url, archive.path)
        place = os.path.normpath(os.path.join(self._root, archive.path or ""))
        location = archive.url or place
        url: dict[str, object] = {
            "url": without_credentials(archive.url) if archive.url else Path(place).as_uri(),
            "archive_info": {"hashes": dict(archive.hashes)},
        }
        for algorithm, digest in archive.hashes[:1]:  # what PEP 610 had first: PDM reads nothing else
            url["archive_info"] = {"hash": f"{algorithm}={digest}", "hashes": dict(archive.hashes)}
        if filename.endswith(".whl"):
            make = self._wheel(package, archive, location, filename)
        else:
            make = self._source(package, archive, location)
        return Placed(
            name=package.name,
            version=canonical_version(package.version or make().manifest.version),
            direct_url=_below(url, archive.subdirectory),
            make=make,
        )

    def _wheel(
        self, package: LockedPackage, archive: LockedArchive, location: str, filename: str
    ) -> Callable[[], StoredWheel]:
        from hutch.lock import LockedFile, choose_file
        from hutch.ops.located import open_archive
        from hutch.spec import supported_tags
        from hutch.values import replace

        # A wheel for another machine is told of in the same words as one from an index.
        file = LockedFile(filename=filename, url=archive.url, path=archive.path, hashes=archive.hashes)
        choose_file(
            replace(package, archive=None, wheels=(file,)), supported_tags(self._interpreter.tag_facts)
        )

        def make() -> StoredWheel:
            sha256 = dict(archive.hashes).get("sha256")
            stored = self._context.store.wheels.find(sha256) if sha256 else None
            if stored is not None:
                return stored
            with open_archive(self._context, location, archive.hashes, "the lock", size=archive.size) as path:
                known = sha256 or _digest(path)
                return self._context.store.wheels.publish(str(path), filename, known, hashed=True)

        return make

    def _source(
        self, package: LockedPackage, archive: LockedArchive, location: str
    ) -> Callable[[], StoredWheel]:
        from hutch.build import build_key, unpack_sdist
        from hutch.ops.limits import source_limits
        from hutch.ops.located import inside, open_archive

        def key_of(hashes: tuple[tuple[str, str], ...]) -> str:
            source = f"archive-{hashes!r}-{archive.subdirectory or ''}"
            return self._builder.settings.keyed(package.name, build_key(source=source, python=self._python))

        def make() -> StoredWheel:
            built = self._built(key_of(archive.hashes)) if archive.hashes else None
            if built is not None:
                return built
            with (
                open_archive(self._context, location, archive.hashes, "the lock", size=archive.size) as path,
                self._context.store.scratch() as scratch,
            ):
                # Of an archive that a lock has no hash of (Pipfile.lock), what it is decides, not where.
                key = key_of(archive.hashes or (("sha256", _digest(path)),))
                if not archive.hashes and (built := self._built(key)) is not None:
                    return built
                unpacked = unpack_sdist(path, scratch, limits=source_limits(self._context))
                tree = inside(str(unpacked), archive.subdirectory, location)
                return self._builder.build_tree(tree, package.name, key)

        return make


def _digest(path: Path) -> str:
    import hashlib

    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _below(url: dict[str, object], subdirectory: str | None) -> dict[str, object]:
    return {**url, "subdirectory": subdirectory} if subdirectory else url


# -- what an environment was given ------------------------------------------------------------------


def changed_places(environment: Environment | None, placed: Iterable[Placed]) -> frozenset[str]:
    """The packages of directories whose state is not the one that is installed."""
    from hutch.env import read_places

    known = read_places(environment.root) if environment is not None else {}
    return frozenset(one.name for one in placed if one.state and known.get(one.name) != one.state)


def remember_places(environment: Environment, placed: Iterable[Placed], *, more: bool = False) -> None:
    """Write down the states that are installed now; with ``more`` others have stayed beside them."""
    from hutch.env import read_places, write_places

    known = read_places(environment.root)
    states = {**(known if more else {}), **{one.name: one.state for one in placed if one.state}}
    if states != known:
        write_places(environment.root, states)


def watched_files(root: str, packages: Iterable[LockedPackage]) -> tuple[str, ...] | None:
    """The files and directories whose change may ask for another installation; None if they are too many."""
    found: list[str] = []
    for package in packages:
        directory = package.directory
        if directory is None:
            continue
        path = os.path.normpath(os.path.join(root, directory.path, directory.subdirectory or ""))
        found += [os.path.join(path, name) for name in _MANIFESTS]
        if directory.editable:
            continue
        from hutch.build import source_files

        for name in source_files(path):
            found.append(name)
            if len(found) > MOST_WATCHED:
                return None
    return tuple(dict.fromkeys(found))
