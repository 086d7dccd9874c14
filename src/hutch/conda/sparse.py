"""Where in a ``repodata.json`` the records of each name are, without reading these.

A large channel has half a million records in 300 MB, of which a command needs some hundreds. The keys of
records end in ``.conda"`` or ``.tar.bz2"`` and name the package, so two searches for these texts find them
all; what lies between the tables (``info``, ``removed``) is read as the JSON that it is. A file in which
records do not stand one after the other as everybody writes them is none for this module: `index_of` says
None, and it has to be read as a whole. Whether a record is JSON shows when somebody reads it.
"""

from __future__ import annotations

import re

from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

__all__ = ["Spans", "SparseIndex", "index_of", "read_spans"]

Spans = tuple[int, ...]
"""Start, end, start, end … of pieces with nothing but whole records and their keys in each."""
_KEYS = {
    "packages.conda": (b'.conda"', re.compile(rb'\.conda"\s*:\s*\{')),
    "packages": (b'.tar.bz2"', re.compile(rb'\.tar\.bz2"\s*:\s*\{')),
}
_HERE = "the records"
"""Stands for all records of a table when the rest is read."""
_GOOD = bytes(set(range(0x21, 0x7F)) - set(b"\\/"))
"""What can be in a key; where all of a long text is looked through, `translate` is five times a pattern."""
_OPEN = -1
"""Stands for the end of a piece until it is known."""
_LONGEST = 512
"""No name of a file is longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SparseIndex:
    """The places of the records, by name in lower case; the rest as the file says it."""

    names: Mapping[str, Spans] = field(repr=False)
    subdir: str = ""
    base_url: str = ""
    removed: tuple[str, ...] = ()


def index_of(data: bytes) -> SparseIndex | None:
    """The places of all records; None where the whole has to be read to know them."""
    kinds = sorted((at, key) for key, how in _KEYS.items() if (at := _first_key(data, *how)) >= 0)
    limits = [len(data)] * 2
    if len(kinds) == 2:
        # Where the one kind is, nobody looks for the other. What is there all the same is outside of all
        # records, or between two of the other kind, which shows when these are read.
        limits[0] = kinds[1][0]
    places: dict[str, list[int]] = {}
    tables: list[tuple[str, _Table]] = []
    for (first, key), limit in zip(kinds, limits, strict=False):
        table = _read_keys(data, _KEYS[key][1], first, limit, places)
        if table is None:
            return None
        if table.name:
            tables.append((key, table))
    if not tables or (len(tables) == 2 and tables[0][1].last > tables[1][1].first):
        return None  # the kinds are mixed
    rest, begin = [], 0
    for number, (_, table) in enumerate(tables):
        rest += [data[begin : table.first], b'"%b": 0' % _HERE.encode()]
        limit = tables[number + 1][1].first if number + 1 < len(tables) else len(data)
        begin = _end_of_record(data, table.record, limit)
        if not begin:
            return None
        spans = places[table.name]
        spans[spans.index(_OPEN)] = begin
    rest.append(data[begin:])
    import json

    try:
        outside = json.loads(b"".join(rest))
        if any(outside[key] != {_HERE: 0} for key, _ in tables) or outside.get("v3"):
            return None
    except (ValueError, RecursionError, TypeError, KeyError):
        return None
    return SparseIndex(names={name: tuple(spans) for name, spans in places.items()}, **said_of(outside))


def said_of(outside: Mapping[str, Any]) -> dict[str, Any]:
    """What a repodata says besides its records."""
    found, removed = outside.get("info"), outside.get("removed")
    info = found if isinstance(found, dict) else {}
    subdir, base_url = info.get("subdir"), info.get("base_url")
    return {
        "subdir": subdir if isinstance(subdir, str) else "",
        "base_url": base_url if isinstance(base_url, str) else "",
        "removed": tuple(each for each in removed if isinstance(each, str))
        if isinstance(removed, list)
        else (),
    }


def read_spans(pieces: Iterable[bytes]) -> dict[str, dict[str, Any]] | None:
    """The tables that have the records in ``pieces`` (of some `Spans`); None where that is no JSON."""
    from json import JSONDecoder

    # As `json.loads` reads bytes, which first looks long at what kind of bytes these are.
    read = JSONDecoder().raw_decode
    tables: dict[str, dict[str, Any]] = {"packages.conda": {}, "packages": {}}
    for piece in pieces:
        try:
            text = (b"{%b}" % piece.rstrip().removesuffix(b",")).decode("utf-8", "surrogatepass")
            found, end = read(text)
        except (ValueError, RecursionError):
            return None
        newer = [filename.endswith(".conda") for filename in found]
        if end != len(text) or (any(newer) and not all(newer)):
            return None
        if found:
            tables["packages.conda" if newer[0] else "packages"].update(found)
    return tables


def _first_key(data: bytes, ending: bytes, pattern: re.Pattern[bytes]) -> int:
    """Where the first key with this ending has it, -1 if there is none; values may end so as well."""
    at = data.find(ending)
    while at >= 0 and pattern.match(data, at) is None:
        at = data.find(ending, at + 1)
    return at


class _Table:
    """The records of a kind: where the first key and the last begin, the last record, and its name."""

    __slots__ = ("first", "last", "name", "record")

    def __init__(self) -> None:
        self.first = self.last = self.record = -1
        self.name = ""


def _read_keys(
    data: bytes, pattern: re.Pattern[bytes], first: int, limit: int, places: dict[str, list[int]]
) -> _Table | None:
    """Put into ``places`` where the records of each name begin, and where the next name's do.

    Neighbours of one name are one piece, the last `_OPEN`. None where a key is not as keys are.
    """
    table = _Table()
    rfind, stems = data.rfind, []
    name, same, length = "", b"-", 1
    start = record = -1
    for match in pattern.finditer(data, first, limit):
        end = match.start()
        at = rfind(b'"', end - _LONGEST if end > _LONGEST else 0, end)
        stem = data[at + 1 : end]
        if stem.startswith(same) and stem.count(b"-", length) == 1:
            pass  # another one of the same name
        elif stem == b"packages":
            continue  # the table, not a record of it
        else:
            parts = stem.rsplit(b"-", 2)
            if len(parts) != 3 or not parts[0]:
                return None
            same, before, name = parts[0] + b"-", name, parts[0].decode("latin-1").lower()
            length = len(same)
            if name != before:
                if before:
                    places[before].append(at)
                else:
                    table.first = at
                places.setdefault(name, []).append(at)
        if at < 1 or data[at - 1] == 0x5C:
            return None
        stems.append(stem)
        start, record = at, match.end()
    if b"-".join(stems).translate(None, _GOOD):
        return None
    if name:
        places[name].append(_OPEN)
    table.last, table.record, table.name = start, record - 1, name
    return table


def _end_of_record(data: bytes, at: int, limit: int) -> int:
    """Where the record that begins at ``at`` ends; 0 where it is none."""
    import json

    try:
        text = data[at:limit].decode()
        _, length = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return 0
    return at + len(text[:length].encode())
