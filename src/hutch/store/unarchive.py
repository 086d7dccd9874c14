"""From an archive into a tree: a tar or a zip is read strictly, each entry is judged and written.

The readers say what is in it, ``members.py`` says what may be; here they come together. What an archive
is is known by its name and its first bytes, before it is opened as anything.
"""

from __future__ import annotations

import os

from hutch.store.members import Pieces, TreeMember, TreeWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hutch.store.archive import Archive
    from hutch.store.directory import Member as ZipMember

__all__ = ["read_into_tree"]


def _all(name: str) -> bool:
    return True


def read_into_tree(
    archive: Path, form: str, writer: TreeWriter, *, choose: Callable[[str], bool] = _all
) -> None:
    """Give the entries of ``archive`` (``form`` is ``zip``, or how a tar is packed: ``gz``, ``bz2``, ``xz``,
    ``zst``) to ``writer``; those whose name ``choose`` does not like are passed over.

    Raises what the writer refuses with.
    """
    if form == "zip":
        _read_zip(archive, writer, choose)
    else:
        _read_tar(archive, form, writer, choose)


def _read_tar(archive: Path, form: str, writer: TreeWriter, choose: Callable[[str], bool]) -> None:
    """Read a tar as a stream, never back: headers that point backwards have nowhere to point."""
    from hutch.store.packed import PackFault, TooLong, Unpacked
    from hutch.store.tar import TarFault, read_tar

    limits = writer.limits
    try:
        with open(archive, "rb") as file:
            # Headers and padding are counted as well: an archive of nothing but headers is a bomb too.
            most = min(limits.size + limits.members * 2048, limits.most(writer.packed))
            for entry, content in read_tar(Unpacked(file, form, most)):
                if not choose(entry.name):
                    continue
                member = TreeMember(
                    name=entry.name,
                    kind=entry.kind,
                    mode=entry.mode,
                    size=entry.size,
                    mtime=entry.mtime,
                    target=entry.target,
                )
                writer.add(member, lambda content=content: content)  # type: ignore[misc]
    except (TarFault, PackFault) as fault:
        raise writer.refused(str(fault), too_much=isinstance(fault, TooLong)) from fault
    except OSError as error:
        raise writer.refused(f"it cannot be read or written: {error.strerror or error}") from error


def _read_zip(archive: Path, writer: TreeWriter, choose: Callable[[str], bool]) -> None:
    """Read a zip by the strict reader of the store, which believes only what all of the archive says."""
    from hutch.store.archive import ArchiveFault, TooMuch, open_archive
    from hutch.store.directory import Limits as ArchiveLimits

    limits = writer.limits
    allowed = ArchiveLimits(
        members=limits.members, size=limits.size, free_size=limits.free, ratio=limits.ratio
    )
    descriptor = os.open(archive, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        zipped = open_archive(descriptor, limits=allowed, links=True)
        for each in zipped.members:
            if not choose(each.name):
                continue
            member = _zip_member(zipped, each, writer)
            writer.add(member, lambda each=each: Pieces(zipped.chunks(each)))  # type: ignore[misc]
    except ArchiveFault as fault:
        reason = f"it {fault}" if str(fault)[:1] != "'" else str(fault)
        raise writer.refused(reason, too_much=isinstance(fault, TooMuch)) from fault
    except OSError as error:
        raise writer.refused(f"it cannot be read or written: {error.strerror or error}") from error
    finally:
        os.close(descriptor)


def _zip_member(zipped: Archive, each: ZipMember, writer: TreeWriter) -> TreeMember:
    import calendar
    import stat

    kind, target = "file", ""
    if stat.S_ISLNK(each.mode):
        kind = "symlink"
        if each.size > 4096:
            raise writer.refused("it is a link with an endless target", TreeMember(name=each.name, kind=kind))
        target = zipped.read(each).decode("utf-8", "surrogateescape")
    elif each.name.endswith("/"):
        kind = "directory"
    date, time = each.when >> 16, each.when & 0xFFFF
    try:
        mtime = calendar.timegm(
            (1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, 2 * (time & 31))
        )
    except (ValueError, OverflowError):
        mtime = 0
    size = 0 if kind == "symlink" else each.size
    return TreeMember(
        name=each.name, kind=kind, mode=each.mode or 0o644, size=size, mtime=float(mtime), target=target
    )
