"""The lock as plain tuples, for ``marshal``: what is kept in the cache beside the file.

Files and edges of each package are marshalled on their own, inside: loading a lock of 150 packages
then makes 150 entries and no more, and what an install does not look at is never unpacked. Whoever
stores a shadow says by its key which text it belongs to, and which format of tuple (``SHADOW``).
"""

from __future__ import annotations

import marshal

from hutch.lock.lockfile import Lock
from hutch.lock.model import (
    LockedArchive,
    LockedDirectory,
    LockedFile,
    LockedPackage,
    LockedVcs,
    RootEdge,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hutch.lock.conda_model import CondaLock

__all__ = ["SHADOW", "lock_from_tuple", "lock_to_tuple"]

SHADOW = 10
"""Changes whenever the tuples change; a shadow of another number is not read."""

_LAZY = ("sdist", "wheels", "dependencies")


def lock_to_tuple(lock: Lock) -> tuple[Any, ...]:
    """``lock`` as tuples, strings and numbers."""
    return (
        SHADOW,
        lock.requires_python,
        lock.environments,
        lock.extras,
        lock.dependency_groups,
        lock.default_groups,
        lock.created_by,
        lock.targets,
        marshal.dumps(tuple((e.name, e.version, e.extras, e.marker, e.where, e.source) for e in lock.roots)),
        lock.inputs,
        _plain(lock.tool),
        tuple(map(_package, lock.packages)),
        lock.conflicts,
        lock.by_edges,
        lock.default_extras,
        lock.conda and _conda_tuple(lock.conda),
    )


def lock_from_tuple(value: object) -> Lock | None:
    """The lock back; None for anything that is not such a tuple."""
    if not isinstance(value, tuple) or len(value) != 16 or value[0] != SHADOW:
        return None
    try:
        return Lock(
            requires_python=value[1],
            environments=value[2],
            extras=value[3],
            dependency_groups=value[4],
            default_groups=value[5],
            created_by=value[6],
            targets=value[7],
            roots=tuple(
                RootEdge(name=n, version=v, extras=e, marker=m, where=w, source=s)
                for n, v, e, m, w, s in marshal.loads(value[8])
            ),
            inputs=value[9],
            tool=_thaw(value[10]),
            packages=tuple(map(_entry, value[11])),
            conflicts=value[12],
            by_edges=value[13],
            default_extras=value[14],
            conda=value[15] and _conda(value[15]),
        )
    except (TypeError, ValueError, EOFError):
        return None


def _conda(value: tuple[Any, ...]) -> CondaLock | None:
    from hutch.lock.conda_shadow import conda_from_tuple

    return conda_from_tuple(value)


def _conda_tuple(part: CondaLock) -> tuple[Any, ...] | None:
    from hutch.lock.conda_shadow import conda_to_tuple

    return conda_to_tuple(part)


def _package(package: LockedPackage) -> tuple[Any, ...]:
    tree, vcs, archive = package.directory, package.vcs, package.archive
    return (
        package.name,
        package.version,
        package.marker,
        package.requires_python,
        package.index,
        package.yanked,
        package.loose_hashes,
        tree and (tree.path, tree.editable, tree.subdirectory),
        vcs and (vcs.kind, vcs.url, vcs.path, vcs.requested_revision, vcs.commit_id, vcs.subdirectory),
        archive
        and (
            archive.url,
            archive.path,
            archive.size,
            archive.upload_time,
            archive.hashes,
            archive.subdirectory,
        ),
        _plain(package.attestation_identities),
        _plain(package.tool),
        marshal.dumps((_file(package.sdist) if package.sdist else None, tuple(map(_file, package.wheels)))),
        marshal.dumps(tuple((e.name, e.version, e.extras, e.marker, e.source) for e in package.dependencies)),
    )


def _file(file: LockedFile) -> Any:
    return (file.filename, file.url, file.path, file.size, file.upload_time, file.hashes)


def _entry(value: tuple[Any, ...]) -> LockedPackage:
    (
        name,
        version,
        marker,
        requires_python,
        index,
        yanked,
        loose_hashes,
        tree,
        vcs,
        archive,
        identities,
        tool,
        files,
        edges,
    ) = value
    # Made without __init__: its lazy slots are to stay empty (LockedPackage.__getattr__ fills them).
    package = object.__new__(LockedPackage)
    put = object.__setattr__
    put(package, "name", name)
    put(package, "version", version)
    put(package, "marker", marker)
    put(package, "requires_python", requires_python)
    put(package, "index", index)
    put(package, "yanked", yanked)
    put(package, "loose_hashes", loose_hashes)
    put(package, "directory", tree and LockedDirectory(path=tree[0], editable=tree[1], subdirectory=tree[2]))
    put(package, "vcs", vcs and _vcs(vcs))
    put(package, "archive", archive and _archive(archive))
    put(package, "attestation_identities", _thaw(identities))
    put(package, "tool", _thaw(tool))
    put(package, "_packed_files", files)
    put(package, "_packed_edges", edges)
    return package


def _vcs(v: tuple[Any, ...]) -> LockedVcs:
    return LockedVcs(
        kind=v[0], url=v[1], path=v[2], requested_revision=v[3], commit_id=v[4], subdirectory=v[5]
    )


def _archive(v: tuple[Any, ...]) -> LockedArchive:
    return LockedArchive(url=v[0], path=v[1], size=v[2], upload_time=v[3], hashes=v[4], subdirectory=v[5])


def _plain(value: Any) -> Any:
    """Other tools' tables as tuples: marshal has dicts too, but a date is text there."""
    if isinstance(value, dict):
        return ("d", tuple((key, _plain(item)) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        return ("t" if isinstance(value, tuple) else "l", tuple(map(_plain, value)))
    if value is None or isinstance(value, (str, int, float)):
        return ("v", value)
    return ("s", type(value).__name__, value.isoformat())


def _thaw(value: Any) -> Any:
    kind = value[0]
    if kind == "d":
        return {key: _thaw(item) for key, item in value[1]}
    if kind in "tl":
        items = map(_thaw, value[1])
        return tuple(items) if kind == "t" else list(items)
    if kind == "v":
        return value[1]
    import datetime

    made: Any = getattr(datetime, value[1]).fromisoformat(value[2])
    return made
