"""From an archive to an entry: check everything, unpack aside, move into place.

See docs/explanation/store.md for the order of steps and what a crash between any two leaves.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from hutch.errors import Problem
from hutch.spec.names import safe_text
from hutch.store.archive import Archive, ArchiveFault, open_archive
from hutch.store.contents import Contents, check_contents, split_wheel_name
from hutch.store.disk import write_atomic
from hutch.store.manifest import wheel_time
from hutch.store.problems import InvalidWheel, StoreProblem, store_problem
from hutch.store.unpack import unpack_wheel

if TYPE_CHECKING:
    from hutch.store.wheels import StoredWheel, Wheels

__all__ = ["publish_wheel", "read_wheel"]

_OPEN = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def publish_wheel(wheels: Wheels, path: str, filename: str, sha256: str, *, hashed: bool) -> StoredWheel:
    """See ``Wheels.publish``."""
    try:
        descriptor = os.open(path, _OPEN)
    except OSError as error:
        raise store_problem(error, f"reading {safe_text(filename)}", path) from error
    try:
        if not hashed:
            _check_hash(descriptor, filename, sha256)
        found = wheels.find(sha256, check=True)
        if found is not None:
            _check_same(found, filename)
            return found
        try:
            archive, contents = read_wheel(descriptor, filename, wheels)
            with wheels.scratch() as scratch:
                prepared = os.path.join(scratch, "wheel")
                os.mkdir(prepared)
                manifest = unpack_wheel(archive, contents, filename, prepared, wheel_time(sha256))
                write_atomic(os.path.join(prepared, "manifest"), manifest.packed(), sync=True)
                found = wheels.install_entry(prepared, sha256)
        except ArchiveFault as fault:
            raise InvalidWheel(filename, str(fault)) from fault
        except OSError as error:
            raise store_problem(
                error, f"unpacking {safe_text(filename)} into the store", wheels.folder(sha256)
            ) from error
    finally:
        os.close(descriptor)
    if found is None:
        raise StoreProblem(
            f"{safe_text(filename)} cannot be kept in the store",
            path=wheels.folder(sha256),
            why="its folder there is changed by somebody else while it is written",
        )
    return found


def read_wheel(descriptor: int, filename: str, wheels: Wheels) -> tuple[Archive, Contents]:
    """The archive and its contents, checked as far as can be before unpacking; ArchiveFault, InvalidWheel."""
    archive = open_archive(descriptor, limits=wheels.limits)
    contents, faults = check_contents(archive, filename, fold_case=wheels.fold_case())
    if contents is None:
        raise InvalidWheel(filename, tuple(faults))
    return archive, contents


def _check_hash(descriptor: int, filename: str, expected: str) -> None:
    with open(descriptor, "rb", buffering=0, closefd=False) as stream:
        actual = hashlib.file_digest(stream, "sha256").hexdigest()
    if actual != expected:
        from hutch.spec.hashes import HashMismatch

        raise HashMismatch(expected=f"sha256:{expected}", actual=f"sha256:{actual}", what=filename)


def _check_same(found: StoredWheel, filename: str) -> None:
    """The same bytes were published before, perhaps under another name: they must be what it says."""
    from hutch.spec.names import normalize
    from hutch.spec.versions import version_key

    asked = split_wheel_name(filename)
    try:
        same = (
            asked is not None
            and normalize(asked[0]) == normalize(found.manifest.name)
            and version_key(asked[1].replace("_", "-")) == version_key(found.manifest.version)
        )
    except Problem:
        same = False
    if not same:
        raise InvalidWheel(filename, f"it is {found.manifest.name} {found.manifest.version}")
