"""The entries of a lock, as values.

Specifiers, markers and moments are text here, as in the file: a lock is written, compared and
passed on far more often than its markers are evaluated. See ``docs/explanation/lock.md``; the
standard part is PEP 751's.
"""

from __future__ import annotations

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hutch.spec import NormalizedName

__all__ = [
    "Edge",
    "LockedArchive",
    "LockedDirectory",
    "LockedFile",
    "LockedPackage",
    "LockedVcs",
    "RootEdge",
]

Hashes = tuple[tuple[str, str], ...]
"""(algorithm, hexadecimal digest) pairs, sorted by algorithm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedFile:
    """A wheel or an sdist: its name, where it is, and its hashes.

    Exactly one of ``url`` and ``path`` (relative to the lock, with ``/``) is the rule; of a lock of
    another tool there may be neither, and then the index is asked for the file of this name. ``size`` is in
    bytes, ``upload_time`` RFC 3339 in UTC (``2025-01-25T11:30:12Z``).
    """

    filename: str
    url: str | None = None
    path: str | None = None
    size: int | None = None
    upload_time: str | None = None
    hashes: Hashes


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedDirectory:
    """A source tree on this disk; ``path`` is relative to the lock."""

    path: str
    editable: bool = False
    subdirectory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedVcs:
    """A commit of a repository. ``kind`` is ``git`` (or ``hg``, ``svn``, ``bzr``)."""

    kind: str
    url: str | None = None
    path: str | None = None
    requested_revision: str | None = None
    commit_id: str
    subdirectory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedArchive:
    """An archive by its URL or path: an sdist or a wheel that no index vouches for."""

    url: str | None = None
    path: str | None = None
    size: int | None = None
    upload_time: str | None = None
    hashes: Hashes
    subdirectory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One package needs another. ``version`` is set only where the lock has several of that name, ``source``
    only where it has several of that version (as ``LockedPackage.source`` has it).

    In a lock that is read by its edges the marker may name an ``extra``: one of the package that needs. It
    may ask for ``'NAME[EXTRA]' in extras`` as well: whether that package is installed with that extra.
    """

    name: NormalizedName
    version: str | None = None
    extras: tuple[str, ...] = ()
    marker: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RootEdge:
    """What the project asks for. ``where`` is ``project``, ``extra:NAME`` or ``group:NAME``."""

    name: NormalizedName
    version: str | None = None
    extras: tuple[str, ...] = ()
    marker: str | None = None
    where: str = "project"
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPackage:
    """One entry of the lock: a version of a package, where it holds and what its files are.

    Exactly one kind of source is set: ``wheels`` and/or ``sdist``, or one of ``directory``, ``vcs``
    and ``archive``. ``yanked`` is the index's reason (possibly empty) where the version is yanked.
    ``tool`` holds the tables of other tools, and ``attestation_identities`` what PEP 751 has there;
    both are carried through unread. ``loose_hashes`` are those of its files where a lock does not say which
    is whose (``Pipfile.lock``, requirements): the index knows the files, and any of them may be meant.

    Of a lock that comes from its shadow, files and edges are unpacked when they are first asked for.
    """

    name: NormalizedName
    version: str | None = None
    marker: str | None = None
    requires_python: str | None = None
    index: str | None = None
    sdist: LockedFile | None = None
    wheels: tuple[LockedFile, ...] = ()
    directory: LockedDirectory | None = None
    vcs: LockedVcs | None = None
    archive: LockedArchive | None = None
    dependencies: tuple[Edge, ...] = ()
    yanked: str | None = None
    loose_hashes: Hashes = ()
    attestation_identities: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
    tool: Mapping[str, Any] = field(default_factory=dict, hash=False)
    _packed_files: bytes = field(default=b"", init=False, repr=False, compare=False)
    _packed_edges: bytes = field(default=b"", init=False, repr=False, compare=False)

    def __getattr__(self, name: str) -> Any:
        # Only reached for a slot that was left empty, which only shadow.py does.
        if name in ("sdist", "wheels"):
            sdist, wheels = _unpack_files(self._packed_files)
            object.__setattr__(self, "sdist", sdist)
            object.__setattr__(self, "wheels", wheels)
            return sdist if name == "sdist" else wheels
        if name == "dependencies":
            edges = _unpack_edges(self._packed_edges)
            object.__setattr__(self, "dependencies", edges)
            return edges
        raise AttributeError(name)

    @property
    def is_direct(self) -> bool:
        """Whether it comes from a directory, a repository or a single archive, not from an index."""
        return not (self.directory is None and self.vcs is None and self.archive is None)

    @property
    def source(self) -> str:
        """Where it comes from, in a word: its index, its repository with the commit, its URL or its path."""
        if self.directory is not None:
            return self.directory.path
        if self.vcs is not None:
            return f"{self.vcs.url or self.vcs.path}@{self.vcs.commit_id}#{self.vcs.subdirectory or ''}"
        if self.archive is not None:
            return self.archive.url or self.archive.path or ""
        return self.index or ""


def _unpack_files(packed: bytes) -> tuple[LockedFile | None, tuple[LockedFile, ...]]:
    """The sdist and the wheels of a package, from the tuples that shadow.py makes."""
    import marshal

    sdist, wheels = marshal.loads(packed)
    return sdist and _locked_file(sdist), tuple(map(_locked_file, wheels))


def _locked_file(v: tuple[Any, ...]) -> LockedFile:
    return LockedFile(filename=v[0], url=v[1], path=v[2], size=v[3], upload_time=v[4], hashes=v[5])


def _unpack_edges(packed: bytes) -> tuple[Edge, ...]:
    """The edges of a package, likewise."""
    import marshal

    return tuple(
        Edge(name=n, version=v, extras=e, marker=m, source=s) for n, v, e, m, s in marshal.loads(packed)
    )
