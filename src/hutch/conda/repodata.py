"""What a channel has, name by name, read as little as may be.

Of a folder `repodata.json`; over the network shards where the channel has them (CEP 16), else
`repodata.json.zst`, else `repodata.json`, each asked again by its validator when it is no longer fresh. A
whole repodata is digested once: the store keeps an index of names, and the records of a name are read when
somebody asks for them. Shards are named by their hash, and never asked for twice.
"""

from __future__ import annotations

import os

from hutch.conda.problems import ChannelRefused, InvalidRepodata, NoSuchChannel
from hutch.conda.shards import InvalidShard, parse_index, parse_shard
from hutch.conda.subdir import SECRET, Subdir, from_rows, to_row
from hutch.errors import Problem
from hutch.spec import CondaRecord, short_sha256
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from hutch.net import Client, Response
    from hutch.store import Tables

__all__ = ["Channel", "Repodata"]

FRESH = 600.0
"""Seconds for which a repodata is believed where the server does not say otherwise."""
LARGEST = 2 << 30
_DENSEST, _SMALL = 100, 64 << 20
"""How many bytes one of a `repodata.json.zst` may stand for, and so many are never too many: ten are met."""
_FORMS = ("repodata_shards.msgpack.zst", "repodata.json.zst", "repodata.json")


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
        path = place.removeprefix("file://")
        if os.name == "posix" and "%" not in path:
            return path
        from urllib.request import url2pathname

        return url2pathname(path)


class NotAtHand(Exception):
    """What was asked for would have to be fetched."""


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
        self.only_at_hand = False
        """Nothing is fetched any more: what would have to be is a `NotAtHand`."""
        self._asked = False
        self._open: dict[tuple[str, str], Subdir] = {}
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
            found |= one.names()
        return found

    def want(self, names: Iterable[str]) -> None:
        """Read the records of these names, all at once where they have to be fetched."""
        self._open_all()
        missing: list[tuple[Subdir, str, str]] = []
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
                        self._records[key] = from_rows(kept, one.channel.url)
                else:
                    self._records[key] = one.records(name)
        if missing:
            self._fetch_shards(missing)

    def open_unread(self) -> int:
        """How many bytes of repodata are at hand of which nobody has read anything yet; 0 where a server had
        to be asked, or has to be for a name."""
        self._open_all()
        if self._asked or any(one.shards is not None for one in self._open.values()):
            return 0
        return sum(one.unread for one in self._open.values())

    # -- opening --------------------------------------------------------------------------------

    def _open_all(self) -> None:
        if self._open:
            return
        asked = []
        for channel in self.channels:
            for subdir in self.subdirs:
                one = Subdir(channel, subdir, self._tables)
                self._open[channel.url, subdir] = one
                if channel.folder is not None:
                    one.take_file(os.path.join(channel.folder, subdir, "repodata.json"))
                elif not self._take_kept(one):
                    asked.append(one)
        self._asked = bool(asked)
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

    def _take_kept(self, one: Subdir) -> bool:
        """Use what is in the store, if it is fresh, or nobody can be asked."""
        kept = one.kept()
        if kept is None:
            return False
        import time

        head = kept[0]
        if (self._refresh or time.time() > head[1]) and not self._offline:
            return False
        return self._take(one, kept, head)

    def _take(self, one: Subdir, kept: tuple[Any, ...], head: tuple[Any, ...]) -> bool:
        if head[0] == "none":
            one.there = False
        elif head[0] == _FORMS[0]:
            one.shards, one.shards_base, one.packages_base = kept[1], head[4], head[5]
        else:
            one.where = one.shown(head[0])
            return one.take_table(kept, head)
        return True

    def _ask(self, one: Subdir, at: int) -> None:
        if self.only_at_hand:
            raise NotAtHand
        from hutch.net import Request

        if self._client is None:
            raise NoSuchChannel(one.channel.url, self.subdirs)
        kept = one.kept()
        head = kept[0] if kept is not None else None
        headers: dict[str, str] = {}
        if kept is not None and head is not None and head[0] == _FORMS[at] and self._take(one, kept, head):
            if head[2]:
                headers["If-None-Match"] = head[2]
            if head[3]:
                headers["If-Modified-Since"] = head[3]
        url = one.url(_FORMS[at])

        def answered(response: Response | Problem) -> None:
            if isinstance(response, Problem):
                self._failed(one, response)
                return
            if response.status == 304 and headers and head is not None:
                now = (head[0], _until(response), *head[2:])
                if one.shards is not None:
                    one.keep_names(now, one.shards)
                else:
                    one.renew(now)
                return
            one.clear()
            if response.status == 200:
                self._read(one, _FORMS[at], response)
                if one.problem is not None:
                    self._failed(one, one.problem)
            elif response.status in (403, 404, 410) and at + 1 < len(_FORMS):
                self._ask(one, at + 1)
            elif response.status in (404, 410) and one.go_on():
                self._ask(one, 0)
            elif response.status in (404, 410):
                one.there = False
                one.keep_names(("none", _until(response), "", "", ""), {})
            else:
                self._failed(one, self._refused(one, at, response.status))

        request = Request(
            url=url,
            headers=headers,
            max_bytes=LARGEST,
            purpose=f"what {one.channel.name} has for {one.subdir}",
            place=one.mirror(one.place),
        )
        self._client.submit(request, answered)

    def _refused(self, one: Subdir, at: int, status: int) -> Problem:
        """What an answer that is none means."""
        if status not in (401, 403) or self._client is None:
            return InvalidRepodata(one.shown(_FORMS[at]), f"the server answered {status}")
        url = one.url(_FORMS[at])
        return ChannelRefused(
            channel=one.channel.name,
            url=url,
            status=status,
            token=SECRET.search(url) is not None,
            refusal=self._client.refusal(url),
        )

    def _failed(self, one: Subdir, problem: Problem) -> None:
        """Ask the next mirror, if there is one."""
        if (mirror := one.mirror(one.place)) and self._client is not None:
            self._client.pass_over(mirror, _without_token(problem))
        if one.go_on():
            self._ask(one, 0)
        else:
            one.problem = _without_token(problem)

    def _read(self, one: Subdir, form: str, response: Response) -> None:
        validators = (response.headers.get("etag", ""), response.headers.get("last-modified", ""))
        try:
            if form == _FORMS[0]:
                names, base, packages = parse_index(response.body)
                one.shards, one.shards_base = names, base
                one.packages_base = one.package_base(packages)
                one.keep_names((form, _until(response), *validators, base, one.packages_base), names)
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
            one.take(data, one.shown(form), (form, _until(response), *validators, ""))
            one.keep()
        except InvalidRepodata as problem:
            one.problem = problem

    def keep(self, *, beside: bool = False) -> None:
        """Keep in the store what was read: the next command has it at hand. With ``beside`` what another
        process has kept meanwhile stays."""
        for one in self._open.values():
            one.keep(beside=beside)

    # -- shards -----------------------------------------------------------------------------------

    def _fetch_shards(self, missing: list[tuple[Subdir, str, str]]) -> None:
        if self.only_at_hand:
            raise NotAtHand
        from hutch.net import Request

        assert self._client is not None
        problems: list[Problem] = []

        def fetch(one: Subdir, name: str, digest: str, place: int) -> None:
            url = f"{one.shard_base(place)}/{digest}.msgpack.zst"
            shown = f"{one.shown('')}{digest}.msgpack.zst" if SECRET.search(url) else url

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
                        records = parse_shard(
                            response.body,
                            channel=one.channel.url,
                            subdir=one.subdir,
                            base=one.packages_base,
                        )
                    except InvalidShard as error:
                        problems.append(InvalidRepodata(shown, str(error)))
                        return
                    mine = tuple(record for record in records if record.name == name)
                    self._records[one.channel.url, one.subdir, name] = mine
                    self._tables.write("shards", _shard_key(one, name, digest), tuple(map(to_row, mine)))

            assert self._client is not None
            purpose = f"what {one.channel.name} says of {name}"
            mirror = one.mirror(place)
            self._client.submit(Request(url=url, purpose=purpose, verified=True, place=mirror), answered)

        for one, name, digest in missing:
            fetch(one, name, digest, one.place)
        while self._client.pump():
            pass
        if problems:
            raise problems[0]


def _shard_key(one: Subdir, name: str, digest: str) -> str:
    """A channel may name one shard for two names; what is kept of it is of one."""
    return short_sha256(f"{digest}/{one.subdir}/{name}/{one.packages_base}".encode())


def _without_token(problem: Problem) -> Problem:
    """A problem of the network, whose words may have the address with its token in them."""

    def hidden(value: object) -> object:
        if isinstance(value, str):
            return SECRET.sub("/t/****", value)
        return tuple(map(hidden, value)) if isinstance(value, tuple) else value

    for name, value in list(vars(problem).items()):
        if isinstance(value, str | tuple):
            setattr(problem, name, hidden(value))
    problem.args = tuple(map(hidden, problem.args))
    return problem


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
