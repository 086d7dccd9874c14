"""A subdir of a channel as far as it is known: an index of names, and the records that were read so far.

What the store keeps of a repodata is one table: who sent it and when, where in the file the records of each
name are (`sparse`), and the records of those names that somebody has asked for, digested. The file itself is
read where it lies: a folder's in the folder, one of a server in the store, piece by piece. Where an index
cannot be had of a file, all of it is digested.
"""

from __future__ import annotations

import marshal
import os
import re
from operator import attrgetter

from hutch.conda.problems import A_PAGE, InvalidRepodata
from hutch.conda.shards import rows_of_tables
from hutch.conda.sparse import SparseIndex, index_of, read_spans, said_of
from hutch.spec import RECORD_ROW, CondaRecord, record_of, safe_text, short_sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from hutch.conda.repodata import Channel
    from hutch.errors import Problem
    from hutch.store import Tables

# A file (path, where the repodata begins in it, how long that is, which file it was).
_File = tuple[str, int, int, tuple[int, ...]]

__all__ = ["SECRET", "Subdir", "from_rows", "to_row"]

SECRET = re.compile(r"/t/[^/]+")
_row = attrgetter(*RECORD_ROW[:-1])
_NOTHING = SparseIndex(names={})


class Subdir:
    """What one channel has for one platform.

    ``head`` is a value of whoever has asked for it (form, validators), ``where`` tells what its bytes are
    called in messages.
    """

    def __init__(self, channel: Channel, subdir: str, tables: Tables) -> None:
        self.channel = channel
        self.subdir = subdir
        self.key = short_sha256(f"{channel.places[0]}/{subdir}".encode())
        self.there = True
        self.problem: Problem | None = None
        self.place = 0
        self.shards: Mapping[str, str] | None = None
        self.shards_base = ""
        self.packages_base = ""
        self.where = ""
        self._tables = tables
        self._head: tuple[object, ...] = ()
        self._index = _NOTHING
        self._base: str | None = None
        self._kept: dict[str, tuple[int, int]] = {}
        self._tail: memoryview | bytes = b""
        self._fresh: dict[str, bytes] = {}
        self._new = False
        self._body: bytes | None = None
        self._file: _File | None = None
        self._mark: tuple[int, str] = (0, "")

    # -- addresses --------------------------------------------------------------------------------

    def url(self, filename: str) -> str:
        """Where to ask now."""
        return f"{self.channel.places[self.place]}/{self.subdir}/{filename}"

    def shard_base(self, place: int) -> str:
        """Where a mirror has its shards."""
        base = f"{self.channel.places[place]}/{self.subdir}/"
        if self.shards_base:
            from hutch.net import join_url

            base = join_url(base, self.shards_base)
        return base.rstrip("/")

    def mirror(self, place: int) -> str:
        """What a mirror is called, where there is another one behind it; else nothing."""
        places = self.channel.places
        return SECRET.sub("/t/****", places[place]) if place + 1 < len(places) else ""

    def go_on(self) -> bool:
        """Turn to the next mirror, if there is one."""
        if self.place + 1 >= len(self.channel.places):
            return False
        self.place += 1
        self.problem = None
        return True

    def shown(self, filename: str) -> str:
        """What a message calls it: of a channel with a token, that is nobody's business."""
        place = self.channel.places[self.place]
        return f"{self.channel.url if SECRET.search(place) else place}/{self.subdir}/{filename}"

    # -- records ----------------------------------------------------------------------------------

    @property
    def unread(self) -> int:
        """How many bytes it has, where no record of them has been read yet."""
        if self._kept or self._fresh or not self._index.names:
            return 0
        return self._file[2] if self._file is not None else len(self._body or b"")

    def names(self) -> set[str]:
        """Every name that it has."""
        return {*self._index.names, *self._kept, *self._fresh, *(self.shards or ())}

    def records(self, name: str) -> tuple[CondaRecord, ...]:
        """The records of a name, of a repodata in one piece."""
        if (span := self._kept.get(name)) is not None:
            return from_rows(marshal.loads(self._tail[span[0] : span[1]]), self.channel.url)
        if (packed := self._fresh.get(name)) is not None:
            return from_rows(marshal.loads(packed), self.channel.url)
        spans = self._index.names.get(name)
        if spans is None:
            return ()
        pieces = self._pieces(list(zip(spans[::2], spans[1::2], strict=True)))
        tables: dict[str, Any] | None = read_spans(pieces)
        if tables is None:  # not one record after the other, after all
            self._digest_all(self._all())
            return self.records(name)
        tables["removed"] = self._index.removed
        rows = tuple([row for row in rows_of_tables(tables, **self._origin()) if row[0] == name])
        del tables  # a text that has one owner is packed, and unpacked, in half of the time
        self._fresh[name] = marshal.dumps(rows, 4)
        self._new = True
        return from_rows(rows, self.channel.url)

    def _origin(self) -> dict[str, str]:
        if self._base is None:
            self._base = self.package_base(self._index.base_url)
        return {"subdir": self.subdir, "base": self._base}

    def package_base(self, said: str) -> str:
        """Where the channel says that its packages are (CEP 15); empty where that is where they always are.

        Raises `InvalidRepodata` for what no channel may say: a place that only this machine sees, a password.
        """
        if not said:
            return ""
        from hutch.net import join_url

        here = f"{self.channel.url}/{self.subdir}"
        url = join_url(f"{here}/", said).rstrip("/")
        scheme, _, rest = url.partition("://")
        schemes = {"file": ("https", "http", "file"), "http": ("https", "http")}.get(
            here.partition(":")[0], ("https",)
        )
        odd = "@" in rest.partition("/")[0] or any(ord(c) <= 32 or c in "?#" for c in url)
        if scheme not in schemes or not rest or odd:
            shown = safe_text(re.sub(r"//[^/]*@", "//****@", said)[:80])
            raise InvalidRepodata(self.shown("repodata"), f"its packages cannot be at `{shown}`")
        return "" if url == here else url

    # -- from whoever has it ----------------------------------------------------------------------

    def take(self, data: bytes, where: str, head: tuple[object, ...]) -> None:
        """Be what a repodata says, fresh from ``where``. Raises `InvalidRepodata`."""
        self.where, self._head, self._body = where, head, data
        self._kept, self._tail, self._fresh, self._new, self._base = {}, b"", {}, True, None
        index = index_of(data)
        if index is not None:
            self._index = index
        else:
            self._digest_all(data)
        told = self._index.subdir
        if told and told != self.subdir:
            raise InvalidRepodata(where, f"it is that of {safe_text(told[:40])}")
        self._origin()

    def take_file(self, path: str) -> None:
        """As `take`, of a file of a folder: what is kept of it, or the file."""
        try:
            status = os.stat(path)
        except OSError:
            self.there = False
            return
        mark = _mark_of(status)
        self.where, head = path, ("file", *mark)
        kept = self.kept()
        if kept is None or kept[0] != head or not self.take_table(kept, head):
            try:
                with open(path, "rb") as file:
                    data = file.read()
            except OSError as error:
                raise InvalidRepodata(path, error.strerror or str(error)) from error
            self.take(data, path, head)
        self._file = path, 0, mark[1], mark

    def kept(self) -> tuple[Any, ...] | None:
        """The table of the store: its head first."""
        found = self._tables.read_dated("repodata", self.key)
        if found is None or not isinstance(found[0], tuple) or len(found[0]) != 6:
            return None
        return (*found[0], found[1])

    def take_table(self, kept: tuple[Any, ...], head: tuple[object, ...]) -> bool:
        """Be what a table of the store says, from now on under ``head``; False where a part of it is gone."""
        _, index, rows, length, said, mark, body = kept
        if index and head[:1] != ("file",):
            self._file = self._find_body(mark)
            if self._file is None:
                return False
        self._head, self._kept, self._fresh, self._body, self._mark = head, rows, {}, None, mark
        self._tail = body[-length:] if length else b""
        self._index = SparseIndex(names=index, base_url=said[0], removed=said[1])
        return True

    def keep(self, *, beside: bool = False) -> None:
        """Keep in the store what is new; ``beside`` what is there, if that is of the same file."""
        if not self._new:
            return
        import time

        from hutch.store import pack_dated

        if self._body is not None and self._index.names and self._file is None:
            # What a server has sent: its pieces are read out of the store later.
            self._mark = (len(self._body), short_sha256(os.urandom(16)))
            body = pack_dated(self._mark, [self._body], time.time())
            self._tables.write_packed("repodata", f"{self.key}-body", body)
        rows, at = dict(self._kept), len(self._tail)
        parts = [bytes(self._tail)]
        fresh = {**self._others(), **self._fresh} if beside else self._fresh
        for name, row in fresh.items():
            rows[name] = at, at + len(row)
            at += len(row)
            parts.append(row)
        index = self._index
        said = (index.base_url, index.removed)
        value = (self._head, dict(index.names), rows, at, said, self._mark)
        self._tables.write_packed("repodata", self.key, pack_dated(value, parts, time.time()))
        self._kept, self._tail, self._fresh, self._new = rows, b"".join(parts), {}, False

    def _others(self) -> dict[str, bytes]:
        """The names that another process has kept since this one has looked."""
        kept = self.kept()
        if kept is None or kept[0] != self._head:
            return {}
        tail = kept[-1][-kept[3] :] if kept[3] else b""
        spans = kept[2].items()
        return {name: bytes(tail[start:end]) for name, (start, end) in spans if name not in self._kept}

    def keep_names(self, head: tuple[object, ...], names: Mapping[str, str]) -> None:
        """Keep what is no repodata: names with the hashes of shards, or that nothing is there."""
        import time

        from hutch.store import pack_dated

        value: tuple[Any, ...] = (head, dict(names), {}, 0, ("", ()), self._mark)
        self._tables.write_packed("repodata", self.key, pack_dated(value, [], time.time()))

    def clear(self) -> None:
        """Take nothing for true that the store says."""
        self._index, self._kept, self._tail, self._fresh, self._new = _NOTHING, {}, b"", {}, False
        self.shards, self.shards_base, self.packages_base = None, "", ""

    def renew(self, head: tuple[object, ...]) -> None:
        """It is still true, as its server says: keep it under a new head."""
        self._head, self._new = head, True

    # -- bytes ------------------------------------------------------------------------------------

    def _find_body(self, mark: tuple[int, str]) -> _File | None:
        """The repodata that the store has beside its index, if it is the same one."""
        path = self._tables.find("repodata", f"{self.key}-body")
        head = marshal.dumps(mark, 4)
        try:
            with open(path or os.devnull, "rb") as file:
                start = file.read(4 + len(head))
                status = os.fstat(file.fileno())
        except OSError:
            return None
        if path is None or start[4:] != head or status.st_size < len(start) + mark[0]:
            return None
        return path, len(start), mark[0], _mark_of(status)

    def _pieces(self, spans: Sequence[tuple[int, int]]) -> list[bytes]:
        """Parts of the repodata, wherever it is."""
        if self._body is not None:
            return [self._body[start:end] for start, end in spans]
        assert self._file is not None
        path, offset, _, mark = self._file
        found = []
        try:
            with open(path, "rb", buffering=0) as file:
                if _mark_of(os.fstat(file.fileno())) != mark:
                    raise InvalidRepodata(self.where, "it was changed while it was read: try again")
                for start, end in spans:
                    file.seek(offset + start)
                    found.append(file.read(end - start))
        except OSError as error:
            raise InvalidRepodata(self.where, error.strerror or str(error)) from error
        return found

    def _all(self) -> bytes:
        return self._pieces([(0, self._file[2] if self._file is not None else len(self._body or b""))])[0]

    def _digest_all(self, data: bytes) -> None:
        """Take the whole apart."""
        import json

        try:
            found = json.loads(data)
        except (ValueError, RecursionError) as error:
            page = data[:1000].lstrip()[:1] == b"<"
            raise InvalidRepodata(self.where, A_PAGE if page else "it is no JSON") from error
        if not isinstance(found, dict):
            raise InvalidRepodata(self.where, "it is no object with `packages`")
        by_name: dict[str, list[tuple[Any, ...]]] = {}
        self._index = SparseIndex(names={}, **said_of(found))
        for row in rows_of_tables(found, **self._origin()):
            by_name.setdefault(row[0], []).append(row)
        self._kept, self._tail, self._new = {}, b"", True
        self._fresh = {name: marshal.dumps(tuple(rows), 4) for name, rows in by_name.items()}


def _mark_of(status: os.stat_result) -> tuple[int, ...]:
    return status.st_mtime_ns, status.st_size, status.st_ino


def to_row(record: CondaRecord) -> tuple[object, ...]:
    """A record as tables keep it: without its channel."""
    row: tuple[object, ...] = _row(record)
    return row


def from_rows(rows: object, channel: str) -> tuple[CondaRecord, ...]:
    """The records that tables keep."""
    assert isinstance(rows, tuple)
    return tuple([record_of((*row, channel)) for row in rows])
