"""Packages that are named by their addresses: what an ``@EXPLICIT`` list or a lock of others says of channels
and hashes is made what hutch would have had from the channel itself."""

from __future__ import annotations

from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hutch.ops.context import Context
    from hutch.spec import CondaRecord

__all__ = ["filled", "from_channels", "with_hashes"]


def from_channels(context: Context, records: Iterable[CondaRecord]) -> tuple[CondaRecord, ...]:
    """The records with their channels as they are called everywhere: without user, password and token,
    which are told to that host from now on. Raises `RefusedChannel` for those that nobody may ask here."""
    from hutch.conda import bare_channel
    from hutch.ops.channels import channels_of

    bare: dict[str, str] = {}
    found = []
    for record in records:
        if record.channel not in bare:
            bare[record.channel] = bare_channel(record.channel)[0]
            channels_of(context, (record.channel,))
        found.append(replace(record, channel=bare[record.channel]))
    return tuple(found)


def with_hashes(context: Context, records: Sequence[CondaRecord]) -> tuple[CondaRecord, ...]:
    """The records, those without any hash with what their channel says of that very file: conda writes its
    lists without, and over a network nobody would know the file again."""
    from hutch.ops.channels import channels_of, repodata

    lacking = [one for one in records if not (one.sha256 or one.md5 or one.channel.startswith("file:"))]
    known: dict[tuple[str, str, str], str] = {}
    for channel in dict.fromkeys(one.channel for one in lacking):
        here = [one for one in lacking if one.channel == channel]
        subdirs = tuple(dict.fromkeys(one.subdir for one in here))
        data = repodata(context, channels_of(context, (channel,)), subdirs)
        data.want({one.name for one in here})
        for one in here:
            for rows in data.records(one.name).values():
                known.update({(channel, row.subdir, row.filename): row.sha256 for row in rows})
    return tuple(
        one
        if one not in lacking
        else replace(one, sha256=known.get((one.channel, one.subdir, one.filename), ""))
        for one in records
    )


def filled(context: Context, records: Sequence[CondaRecord]) -> tuple[CondaRecord, ...]:
    """The records with what only the packages themselves tell: what they need, and of a file that lies in no
    subdir (``base``) which one it is for."""
    from hutch.env.conda_files import parse_meta
    from hutch.ops.conda_fetch import fetch_packages
    from hutch.spec import record_from_json

    packages = fetch_packages(context, records, allow_md5=True)
    found = []
    for record in records:
        stored = packages[record.name]
        said = record_from_json(parse_meta(stored.manifest.index) or {}) or record
        found.append(
            replace(
                said,
                subdir=said.subdir if record.base else record.subdir,
                channel=record.channel,
                base=record.base,
                filename=record.filename,
                sha256=stored.sha256,
                md5=record.md5,
            )
        )
    return tuple(found)
