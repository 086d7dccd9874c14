"""What a channel has, name by name, read as little as may be.

Of a folder `repodata.json`; over the network shards where the channel has them (CEP 16), else
`repodata.json.zst`, else `repodata.json`, each asked again by its validator when it is no longer fresh. A
whole repodata is digested once: the store keeps an index of names, and the records of a name are read when
somebody asks for them. Shards are named by their hash, and never asked for twice.
"""

from __future__ import annotations

import marshal
import os
import re

from hutch.conda.problems import InvalidRepodata, NoSuchChannel
from hutch.conda.shards import InvalidShard, parse_index, parse_shard, records_of_tables
from hutch.errors import Problem
from hutch.spec import CondaRecord, safe_text, short_sha256
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from hutch.net import Client, Response
    from hutch.store import Tables

__all__ = ["Channel", "Repodata"]

FRESH = 600.0
"""Seconds for which a repodata is believed where the server does not say otherwise."""
LARGEST = 2 << 30
_DENSEST, _SMALL = 100, 64 << 20
"""How many bytes one of a `repodata.json.zst` may stand for, and so many are never too many: ten are met."""
_SECRET = re.compile(r"/t/[^/]+")
_FORMS = ("repodata_shards.msgpack.zst", "repodata.json.zst", "repodata.json")
_FIELDS = (
    "name", "version", "build", "build_number", "subdir", "filename", "sha256", "md5", "size", "depends",
    "constrains", "timestamp", "noarch", "track_features", "license", "purls", "site_packages",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel: what people call it, and where it is (no slash at the end, no credentials).

    ``mirrors`` are asked instead, in order, where there are any (an address with a token is one, too); what
    a lock records is ``url``, and what a message shows.
    """

    name: str
    url: str
    mirrors: tuple[str, ...] = field(default=(), repr=False)

    @property
    def places(self) -> tuple[str, ...]:
        """Where to ask."""
        return self.mirrors or (self.url,)

    @property
    def folder(self) -> str | None:
        """Its folder, where it is one of this machine."""
        place = self.places[0]
        if not place.startswith("file://"):
            return None
        from urllib.request import url2pathname

        return url2pathname(place.removeprefix("file://"))


class _Subdir:
    """A subdir of a channel as far as it is known."""

    def __init__(self, channel: Channel, subdir: str) -> None:
        self.channel = channel
        self.subdir = subdir
        self.key = short_sha256(f"{channel.places[0]}/{subdir}".encode())
        self.there = True
        self.whole: Mapping[str, tuple[int, int]] | None = None
        self.tail: memoryview | bytes = b""
        self.shards: Mapping[str, str] | None = None
        self.shards_base = ""
        self.problem: Problem | None = None
        self.place = 0

    def url(self, filename: str) -> str:
        return f"{self.channel.places[self.place]}/{self.subdir}/{filename}"

    def shard_base(self, place: int) -> str:
        """Where a mirror has its shards."""
        base = f"{self.channel.places[place]}/{self.subdir}/"
        if self.shards_base:
            from hutch.net import join_url

            base = join_url(base, self.shards_base)
        return base.rstrip("/")

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
        return f"{self.channel.url if _SECRET.search(place) else place}/{self.subdir}/{filename}"


class Repodata:
    """The records of some channels for some subdirs (``noarch`` is always one of them).

    ``tables`` are those of the store. Without ``refresh`` what is fresh by the server's word is not asked for
    again. Problems are raised where the records of a name are asked for.
    """

    def __init__(
        self,
        channels: Sequence[Channel],
        subdirs: Sequence[str],
        tables: Tables,
        client: Client | None = None,
        *,
        refresh: bool = False,
        offline: bool = False,
    ) -> None:
        self.channels = tuple(channels)
        self.subdirs = (*(each for each in subdirs if each != "noarch"), "noarch")
        self._tables = tables
        self._client = client
        self._refresh = refresh
        self._offline = offline
        self._open: dict[tuple[str, str], _Subdir] = {}
        self._records: dict[tuple[str, str, str], tuple[CondaRecord, ...]] = {}

    # -- for everybody ------------------------------------------------------------------------

    def records(self, name: str) -> dict[str, tuple[CondaRecord, ...]]:
        """The records of ``name`` by channel, in their order; channels without it are left out."""
        self.want([name])
        found = {}
        for channel in self.channels:
            records = [
                record for subdir in self.subdirs for record in self._records[channel.url, subdir, name]
            ]
            if records:
                found[channel.url] = tuple(records)
        return found

    def names(self) -> set[str]:
        """Every name that any of the channels has."""
        self._open_all()
        found: set[str] = set()
        for one in self._open.values():
            found.update(one.whole or one.shards or ())
        return found

    def want(self, names: Iterable[str]) -> None:
        """Read the records of these names, all at once where they have to be fetched."""
        self._open_all()
        missing: list[tuple[_Subdir, str, str]] = []
        for name in names:
            for one in self._open.values():
                key = (one.channel.url, one.subdir, name)
                if key in self._records:
                    continue
                if one.shards is not None and name in one.shards:
                    digest = one.shards[name]
                    kept = self._tables.read("shards", _shard_key(one, name, digest))
                    if kept is None:
                        missing.append((one, name, digest))
                    else:
                        self._records[key] = _from_rows(kept, one.channel.url)
                else:
                    self._records[key] = _of_whole(one, name)
        if missing:
            self._fetch_shards(missing)

    # -- opening --------------------------------------------------------------------------------

    def _open_all(self) -> None:
        if self._open:
            return
        asked = []
        for channel in self.channels:
            for subdir in self.subdirs:
                one = _Subdir(channel, subdir)
                self._open[channel.url, subdir] = one
                if channel.folder is not None:
                    self._read_folder(one, channel.folder)
                elif not self._take_kept(one):
                    asked.append(one)
        for one in asked:
            self._ask(one, 0)
        while self._client is not None and asked and self._client.pump():
            pass
        for one in self._open.values():
            if one.problem is not None:
                raise one.problem
        for channel in self.channels:
            if not any(self._open[channel.url, subdir].there for subdir in self.subdirs):
                raise NoSuchChannel(channel.url, self.subdirs)

    def _read_folder(self, one: _Subdir, folder: str) -> None:
        path = os.path.join(folder, one.subdir, "repodata.json")
        try:
            status = os.stat(path)
        except OSError:
            one.there = False
            return
        mark = ["file", status.st_mtime_ns, status.st_size, status.st_ino]
        kept = self._tables.read_dated("repodata", one.key)
        if kept is not None and isinstance(kept[0], tuple) and list(kept[0][0]) == mark:
            _, one.whole, length = kept[0]
            one.tail = kept[1][-length:] if length else b""
            return
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError as error:
            raise InvalidRepodata(path, error.strerror or str(error)) from error
        self._digest(one, data, path, tuple(mark))

    def _take_kept(self, one: _Subdir) -> bool:
        """Use what is in the store, if it is fresh, or nobody can be asked."""
        kept = self._tables.read_dated("repodata", one.key)
        if kept is None or not isinstance(kept[0], tuple):
            return False
        import time

        (form, until, *_), names, length = kept[0]
        if (self._refresh or time.time() > until) and not self._offline:
            return False
        self._take(one, form, names, kept[1][-length:] if length else b"", kept[0][0])
        return True

    def _take(self, one: _Subdir, form: str, names: Any, tail: memoryview | bytes, head: Any) -> None:
        if form == "none":
            one.there = False
        elif form == _FORMS[0]:
            one.shards, one.shards_base = names, head[4]
        else:
            one.whole, one.tail = names, tail

    def _ask(self, one: _Subdir, at: int) -> None:
        from hutch.net import Request

        if self._client is None:
            raise NoSuchChannel(one.channel.url, self.subdirs)
        kept: Any = self._tables.read_dated("repodata", one.key)
        head = kept[0][0] if kept is not None and isinstance(kept[0], tuple) else None
        headers: dict[str, str] = {}
        if head is not None and head[0] == _FORMS[at]:
            if head[2]:
                headers["If-None-Match"] = head[2]
            if head[3]:
                headers["If-Modified-Since"] = head[3]
        url = one.url(_FORMS[at])

        def answered(response: Response | Problem) -> None:
            if isinstance(response, Problem):
                self._failed(one, response)
            elif response.status == 304 and kept is not None and head is not None:
                _, names, length = kept[0]
                tail = kept[1][-length:] if length else b""
                self._take(one, head[0], names, tail, head)
                self._keep(one, (head[0], _until(response), *head[2:]), names, [bytes(tail)])
            elif response.status == 200:
                self._read(one, _FORMS[at], response)
                if one.problem is not None:
                    self._failed(one, one.problem)
            elif response.status in (403, 404, 410) and at + 1 < len(_FORMS):
                self._ask(one, at + 1)
            elif response.status in (404, 410):
                one.there = False
                self._keep(one, ("none", _until(response), "", "", ""), {}, [])
            else:
                refusal = "" if self._client is None else str(self._client.refusal(url))
                reason = f"the server answered {response.status}. {refusal}".strip()
                self._failed(one, InvalidRepodata(one.shown(_FORMS[at]), reason))

        request = Request(
            url=url,
            headers=headers,
            max_bytes=LARGEST,
            purpose=f"what {one.channel.name} has for {one.subdir}",
        )
        self._client.submit(request, answered)

    def _failed(self, one: _Subdir, problem: Problem) -> None:
        """Ask the next mirror, if there is one."""
        if one.go_on():
            self._ask(one, 0)
        else:
            one.problem = _without_token(problem)

    def _read(self, one: _Subdir, form: str, response: Response) -> None:
        validators = (response.headers.get("etag", ""), response.headers.get("last-modified", ""))
        try:
            if form == _FORMS[0]:
                names, base, _ = parse_index(response.body)
                one.shards, one.shards_base = names, base
                self._keep(one, (form, _until(response), *validators, base), names, [])
                return
            data = response.body
            if form.endswith(".zst"):
                from hutch.store import zstd

                opened = zstd().ZstdDecompressor()
                data = opened.decompress(data, max_length=min(LARGEST, _DENSEST * len(data) + _SMALL))
                if not opened.eof:
                    raise InvalidShard("it is cut off, or unpacks to more than it can have in it")
        except InvalidShard as error:
            one.problem = InvalidRepodata(one.shown(form), str(error))
            return
        except Problem as problem:
            one.problem = problem
            return
        except Exception as error:  # what is not Zstandard
            one.problem = InvalidRepodata(one.shown(form), str(error))
            return
        try:
            self._digest(one, data, one.shown(form), (form, _until(response), *validators, ""))
        except InvalidRepodata as problem:
            one.problem = problem

    def _digest(self, one: _Subdir, data: bytes, url: str, head: tuple[object, ...]) -> None:
        """Take a whole repodata apart, and keep it so that names can be read one by one."""
        import json

        try:
            found = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise InvalidRepodata(url, "it is no JSON") from error
        if not isinstance(found, dict):
            raise InvalidRepodata(url, "it is no object with `packages`")
        info = found.get("info")
        told = info.get("subdir") if isinstance(info, dict) else None
        if isinstance(told, str) and told and told != one.subdir:
            raise InvalidRepodata(url, f"it is that of {safe_text(told[:40])}")
        by_name: dict[str, list[tuple[object, ...]]] = {}
        for record in records_of_tables(found, channel=one.channel.url, subdir=one.subdir):
            by_name.setdefault(record.name, []).append(_row(record))
        names: dict[str, tuple[int, int]] = {}
        parts: list[bytes] = []
        at = 0
        for name in sorted(by_name):
            part = marshal.dumps(tuple(by_name[name]), 4)  # type: ignore[arg-type]
            names[name] = (at, at + len(part))
            at += len(part)
            parts.append(part)
        one.whole, one.tail = names, b"".join(parts)
        self._keep(one, head, names, parts)

    def _keep(self, one: _Subdir, head: tuple[object, ...], names: object, tail: list[bytes]) -> None:
        import time

        from hutch.store import pack_dated

        value = (head, names, sum(map(len, tail)))
        self._tables.write_packed("repodata", one.key, pack_dated(value, tail, time.time()))

    # -- shards -----------------------------------------------------------------------------------

    def _fetch_shards(self, missing: list[tuple[_Subdir, str, str]]) -> None:
        from hutch.net import Request

        assert self._client is not None
        problems: list[Problem] = []

        def fetch(one: _Subdir, name: str, digest: str, place: int) -> None:
            url = f"{one.shard_base(place)}/{digest}.msgpack.zst"
            shown = f"{one.shown('')}{digest}.msgpack.zst" if _SECRET.search(url) else url

            def failed(problem: Problem) -> None:
                # What a hash names is the same everywhere, so any mirror may have it.
                if place + 1 < len(one.channel.places):
                    fetch(one, name, digest, place + 1)
                else:
                    problems.append(_without_token(problem))

            def answered(response: Response | Problem) -> None:
                if isinstance(response, Problem):
                    failed(response)
                    return
                import hashlib

                if response.status != 200:
                    failed(InvalidRepodata(shown, f"the server answered {response.status}"))
                elif hashlib.sha256(response.body).hexdigest() != digest:
                    failed(InvalidRepodata(shown, "its hash is another than the channel's index says"))
                else:
                    try:
                        records = parse_shard(response.body, channel=one.channel.url, subdir=one.subdir)
                    except InvalidShard as error:
                        problems.append(InvalidRepodata(shown, str(error)))
                        return
                    mine = tuple(record for record in records if record.name == name)
                    self._records[one.channel.url, one.subdir, name] = mine
                    self._tables.write("shards", _shard_key(one, name, digest), tuple(map(_row, mine)))

            assert self._client is not None
            purpose = f"what {one.channel.name} says of {name}"
            self._client.submit(Request(url=url, purpose=purpose, verified=True), answered)

        for one, name, digest in missing:
            fetch(one, name, digest, one.place)
        while self._client.pump():
            pass
        if problems:
            raise problems[0]


def _shard_key(one: _Subdir, name: str, digest: str) -> str:
    """A channel may name one shard for two names; what is kept of it is of one."""
    return short_sha256(f"{digest}/{one.subdir}/{name}".encode())


def _without_token(problem: Problem) -> Problem:
    """A problem of the network, whose words may have the address with its token in them."""

    def hidden(value: object) -> object:
        if isinstance(value, str):
            return _SECRET.sub("/t/****", value)
        return tuple(map(hidden, value)) if isinstance(value, tuple) else value

    for name, value in list(vars(problem).items()):
        if isinstance(value, str | tuple):
            setattr(problem, name, hidden(value))
    problem.args = tuple(map(hidden, problem.args))
    return problem


def _of_whole(one: _Subdir, name: str) -> tuple[CondaRecord, ...]:
    span = one.whole.get(name) if one.whole is not None else None
    if span is None:
        return ()
    return _from_rows(marshal.loads(one.tail[span[0] : span[1]]), one.channel.url)


def _row(record: CondaRecord) -> tuple[object, ...]:
    return tuple(getattr(record, name) for name in _FIELDS)


def _from_rows(rows: object, channel: str) -> tuple[CondaRecord, ...]:
    assert isinstance(rows, tuple)
    return tuple(CondaRecord(channel=channel, **dict(zip(_FIELDS, row, strict=True))) for row in rows)


def _until(response: Response) -> float:
    """Until when what was sent is fresh."""
    import time

    age = FRESH
    for word in response.headers.get("cache-control", "").split(","):
        key, _, value = word.strip().partition("=")
        if key.lower() == "max-age" and value.isdigit():
            age = min(max(float(value), 0.0), 3600.0)
        elif key.lower() == "no-store":
            age = 0.0
    return time.time() + age
