"""Sharded repodata (CEP 16): an index of hashes, and a file a name, both MessagePack behind Zstandard."""

from __future__ import annotations

import re

from hutch.conda.problems import NoMessagePack
from hutch.spec import RECORD_ROW, CondaRecord, record_of, row_from_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["InvalidShard", "parse_index", "parse_shard", "records_of_tables", "rows_of_tables"]

_SUBDIR = RECORD_ROW.index("subdir")
_HASH = re.compile(r"[0-9a-f]{64}")
_LARGEST = 256 << 20
"""No index and no shard has so many bytes unpacked; conda-forge's largest has some two millions."""


class InvalidShard(Exception):
    """What a channel sent is no shard, or no index of any."""


def _unpack(data: bytes) -> Any:
    try:
        import msgpack  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError:
        raise NoMessagePack() from None
    from hutch.store import PackFault, zstd

    try:
        opened = zstd().ZstdDecompressor()
        body = opened.decompress(data, max_length=_LARGEST)
        if not opened.eof:
            raise InvalidShard("it is cut off, or unpacks to more than 256 MiB")
        return msgpack.unpackb(body, raw=False, strict_map_key=False)
    except PackFault as error:
        raise InvalidShard(str(error)) from error
    except InvalidShard:
        raise
    except Exception as error:  # what is not MessagePack fails in a dozen ways
        raise InvalidShard(f"it is no MessagePack behind Zstandard ({type(error).__name__})") from error


def parse_index(data: bytes) -> tuple[dict[str, str], str, str]:
    """(name → hash of its shard, base of the shards, base of the packages); the bases may be relative."""
    found = _unpack(data)
    info = found.get("info") if isinstance(found, dict) else None
    shards = found.get("shards") if isinstance(found, dict) else None
    if not isinstance(info, dict) or not isinstance(shards, dict):
        raise InvalidShard("it has no `info` and `shards`")
    names: dict[str, str] = {}
    for name, digest in shards.items():
        text = digest.hex() if isinstance(digest, bytes) else digest
        # It becomes part of an address, and of a path in the store.
        if isinstance(name, str) and isinstance(text, str) and _HASH.fullmatch(text):
            names[name.lower()] = text
    bases = [info.get(key) for key in ("shards_base_url", "base_url")]
    shards_base, base = (each if isinstance(each, str) else "" for each in bases)
    return names, shards_base, base


def parse_shard(data: bytes, *, channel: str, subdir: str, base: str = "") -> list[CondaRecord]:
    """The records of a shard; ``base`` is that of `CondaRecord`."""
    found = _unpack(data)
    if not isinstance(found, dict):
        raise InvalidShard("it is no map")
    return records_of_tables(found, channel=channel, subdir=subdir, base=base)


def records_of_tables(
    found: dict[str, Any], *, channel: str, subdir: str, base: str = ""
) -> list[CondaRecord]:
    """The records of `rows_of_tables`."""
    return [record_of((*row, channel)) for row in rows_of_tables(found, subdir=subdir, base=base)]


def rows_of_tables(found: dict[str, Any], *, subdir: str, base: str = "") -> list[tuple[Any, ...]]:
    """The records below ``packages.conda`` and ``packages``, and those of ``v3`` (CEP 48), where names of
    files may be without an ending; of one package in both forms the newer form. Made by `row_from_json`."""
    rows: list[tuple[Any, ...]] = []
    stems: set[str] = set()
    here = (subdir, "noarch")
    removed = found.get("removed")
    gone = {each for each in removed if isinstance(each, str)} if isinstance(removed, list | tuple) else ()
    newest = found.get("v3")
    third = newest if isinstance(newest, dict) else {}
    for table, ending, is_third in (
        (third.get("conda"), ".conda", True),
        (found.get("packages.conda"), ".conda", False),
        (third.get("tar.bz2"), ".tar.bz2", True),
        (found.get("packages"), ".tar.bz2", False),
    ):
        if not isinstance(table, dict):
            continue
        for filename, data in table.items():
            if not isinstance(filename, str) or not isinstance(data, dict):
                continue
            if not filename.endswith(ending):
                if not is_third:
                    continue
                filename += ending
            stem = filename.removesuffix(ending)
            if stem in stems or filename in gone or "/" in filename or "\\" in filename:
                continue
            row = row_from_json(data, filename, subdir=subdir, base=base)
            if row is not None and row[_SUBDIR] in here:
                stems.add(stem)
                rows.append(row)
    return rows
