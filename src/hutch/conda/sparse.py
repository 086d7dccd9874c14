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
    "packages.conda": re.compile(rb'\.conda"\s*:\s*\{'),
    "packages": re.compile(rb'\.tar\.bz2"\s*:\s*\{'),
}
_HERE = "the records"
"""Stands for all records of a table when the rest is read."""
_ODD = re.compile(rb"[\\/\x00-\x20\x7f-\xff]")
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
    found = {key: _keys(data, pattern) for key, pattern in _KEYS.items()}
    if None in found.values():
        return None
    tables = sorted((table[0][0], key, table) for key, table in found.items() if table)
    if not tables or (len(tables) == 2 and tables[0][2][-1][0] > tables[1][0]):
        return None  # the kinds are mixed
    rest, begin = [], 0
    places: dict[str, list[int]] = {}
    for number, (first, _, table) in enumerate(tables):
        rest += [data[begin:first], b'"%b": 0' % _HERE.encode()]
        limit = tables[number + 1][0] if number + 1 < len(tables) else len(data)
        begin = _end_of_record(data, table[-1][2], limit)
        if not begin:
            return None
        _note(places, table, begin)
    rest.append(data[begin:])
    import json

    try:
        outside = json.loads(b"".join(rest))
        if any(outside[key] != {_HERE: 0} for _, key, _ in tables) or outside.get("v3"):
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
    import json

    tables: dict[str, dict[str, Any]] = {"packages.conda": {}, "packages": {}}
    for piece in pieces:
        try:
            found = json.loads(b"{%b}" % piece.rstrip().removesuffix(b","))
        except (ValueError, RecursionError):
            return None
        for filename, record in found.items():
            tables["packages.conda" if filename.endswith(".conda") else "packages"][filename] = record
    return tables


def _keys(data: bytes, pattern: re.Pattern[bytes]) -> list[tuple[int, str, int]] | None:
    """(where the key begins, name of the package, where the record begins) of each record of a kind."""
    found = []
    rfind, odd = data.rfind, _ODD.search
    for match in pattern.finditer(data):
        end = match.start()
        start = rfind(b'"', max(0, end - _LONGEST), end)
        stem = data[start + 1 : end]
        if stem == b"packages":
            continue  # the table, not a record of it
        parts = stem.rsplit(b"-", 2)
        if start < 0 or len(parts) != 3 or not parts[0] or odd(stem) is not None or data[start - 1] == 0x5C:
            return None
        found.append((start, parts[0].decode("ascii").lower(), match.end() - 1))
    return found


def _end_of_record(data: bytes, at: int, limit: int) -> int:
    """Where the record that begins at ``at`` ends; 0 where it is none."""
    import json

    try:
        text = data[at:limit].decode()
        _, length = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return 0
    return at + len(text[:length].encode())


def _note(places: dict[str, list[int]], table: list[tuple[int, str, int]], end: int) -> None:
    """Neighbours of one name are one piece."""
    before = ""
    for start, name, _ in table:
        if name == before:
            continue
        if before:
            places[before].append(start)
        places.setdefault(name, []).append(start)
        before = name
    places[before].append(end)
