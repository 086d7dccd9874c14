"""From an archive to a folder that can become an entry: check everything, unpack, manifest last.

See docs/explanation/store.md for the order of steps and what a crash between any two leaves.
"""

from __future__ import annotations

import os

from hutch.store.archive import ArchiveFault, open_archive
from hutch.store.contents import check_contents
from hutch.store.directory import TooMuch
from hutch.store.disk import write_atomic
from hutch.store.manifest import wheel_time
from hutch.store.problems import InvalidWheel
from hutch.store.texts import same_release, split_wheel_name
from hutch.store.unpack import unpack_wheel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.store.archive import Limits
    from hutch.store.manifest import Manifest

__all__ = ["check_same", "prepare_wheel"]


def prepare_wheel(
    descriptor: int,
    filename: str,
    sha256: str,
    into: str,
    *,
    limits: Limits | None,
    fold_case: bool,
    hands: int = 1,
) -> None:
    """Make the folder ``into`` an entry for the wheel open at ``descriptor``; its manifest is written last.

    ``hands`` are how many processes may unpack it.

    Raises InvalidWheel, and OSError when the disk refuses.
    """
    try:
        archive = open_archive(descriptor, limits=limits)
        contents, faults = check_contents(archive, filename, fold_case=fold_case)
        if contents is None:
            raise InvalidWheel(filename, tuple(faults))
        os.mkdir(into)
        manifest = unpack_wheel(archive, contents, filename, into, wheel_time(sha256), hands=hands)
    except ArchiveFault as fault:
        raise InvalidWheel(filename, str(fault), too_much=isinstance(fault, TooMuch)) from fault
    write_atomic(os.path.join(into, "manifest"), manifest.packed(), sync=True)


def check_same(found: Manifest, filename: str) -> None:
    """The same bytes were published before, perhaps under another name: they must be what it says."""
    asked = split_wheel_name(filename)
    if asked is None or not same_release(found.name, found.version, asked):
        raise InvalidWheel(filename, f"it is {found.name} {found.version}")
