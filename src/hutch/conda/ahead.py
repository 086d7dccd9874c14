"""A process that reads what a solve will ask for: the records of names, sorted as conda sorts them.

Half of a lock is reading and sorting records, and what a solve asks for next is nearly always what the best
records of the names before need. So while this process solves, another one, forked when the channels are
open, reads the names that are asked for, what these need, and so on, and sends each as soon as it is ready:
the records that count, worst first, with the targets of each.

Nobody ever waits for it. What it has sent when a name is wanted is taken; any other name is read here, and it
is told to pass that one over. What it sends comes out of the very code that runs here, on what this process
knew when it was forked; so it makes no difference who has read a name, nor whether it is killed, or meets
something that cannot be read: of that it says nothing, and the problem is met here, where it belongs. It
fetches nothing. It keeps what it has read in the store, beside what this process has kept.
"""

from __future__ import annotations

import marshal
import os
import sys
from struct import Struct

from hutch.conda.subdir import to_row
from hutch.forked import Forked, may_fork, processors
from hutch.light import deque
from hutch.pipes import message, receive, send, widen
from hutch.spec import record_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from hutch.conda.candidates import Candidates, CondaProvider
    from hutch.conda.repodata import Repodata
    from hutch.spec import CondaRecord

    # Records worst first, the targets of each, version and build of each.
    Ready = tuple[Sequence[CondaRecord], tuple[int, ...], tuple[tuple[str, str], ...]]
    Records = Sequence[CondaRecord]
else:
    Records = object

__all__ = ["Ahead", "is_worth_it", "needed"]

LEAST = 1 << 20
"""Bytes of repodata, of which the store knows no record, from which on it is worth another process."""
MOST = 3000
"""So many names are read that nobody has asked for yet, and no more: a solve of 800 packages reaches 600."""
_PART = 1 << 16
_AT_ONCE = 4096
"""Bytes that go into a pipe as a whole, or not at all."""
_HEAD = Struct("<HI")


def is_worth_it(repodata: Repodata) -> bool:
    """Whether there is much to read for the first time, all at hand, and a processor for it; and nothing
    that a fork would break off in the middle."""
    if processors() < 2 or not may_fork() or "pycurl" in sys.modules:
        return False
    return repodata.open_unread() >= LEAST


class Ahead:
    """The process, and what it has sent so far. Raises OSError where there can be none."""

    def __init__(self, provider: CondaProvider, repodata: Repodata, names: Sequence[str]) -> None:
        self._channels = [channel.url for channel in repodata.channels]
        self._found: dict[str, bytes] = {}
        self._begun = b""
        process = Forked(lambda jobs, answers: _serve(provider, repodata, names, jobs, answers))
        self._process: Forked | None = process
        os.set_blocking(process.jobs, False)
        os.set_blocking(process.answers, False)
        widen(process.answers)

    def take(self, name: str) -> Ready | None:
        """The candidates of a name, if it has sent them. They are told once."""
        if name not in self._found:
            self._hear()
        packed = self._found.pop(name, None)
        said = marshal.loads(packed) if packed is not None else None
        if said is None:
            return None
        rows, places, masks, builds = said
        return _Records(rows, places, self._channels), masks, builds

    def tell(
        self, *, read_here: Iterable[str] = (), wanted: Iterable[str] = (), needed: Iterable[str] = ()
    ) -> None:
        """Tell it which names are read here, which are wanted next (of these it takes the last first), and
        which are needed. It may not hear it, which costs time and nothing else."""
        for part in _parts(read_here, wanted, needed):
            if self._process is None:
                return
            try:
                os.write(self._process.jobs, part)
            except OSError:
                return  # it has much to hear, or is gone, which its other pipe says as well

    def dismiss(self) -> None:
        """Send it home; it keeps what there is to keep, for which nobody waits before `wait`."""
        self._found.clear()
        if self._process is not None:
            self._process.close()

    def wait(self) -> None:
        """Send it home, and wait until it is gone."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def _hear(self) -> None:
        """Take what it has sent."""
        if self._process is None:
            return
        parts, full = [self._begun], True
        while full:
            try:
                data = os.read(self._process.answers, _PART)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            if not data:
                self.wait()
                break
            parts.append(data)
            full = len(data) == _PART
        if len(parts) == 1:
            return
        data, at = b"".join(parts), 0
        while at + _HEAD.size <= len(data):
            length, size = _HEAD.unpack_from(data, at)
            middle, end = at + _HEAD.size + length, at + _HEAD.size + length + size
            if end > len(data):
                break
            self._found[data[at + _HEAD.size : middle].decode()] = data[middle:end]
            at = end
        self._begun = data[at:]


class _Records(Records):
    """Records that are unpacked when somebody looks at them, which is at few."""

    __slots__ = ("_channels", "_made", "_places", "_rows")

    def __init__(self, rows: tuple[bytes, ...], places: tuple[int, ...], channels: list[str]) -> None:
        self._rows, self._places, self._channels = rows, places, channels
        self._made: dict[int, CondaRecord] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[each] for each in range(len(self._rows))[at]]
        at = range(len(self._rows))[at]
        record = self._made.get(at)
        if record is None:
            row = (*marshal.loads(self._rows[at]), self._channels[self._places[at]])
            record = self._made[at] = record_of(row)
        return record


def _parts(*lists: Iterable[str]) -> Iterator[bytes]:
    """Names in messages that are heard as a whole or not at all: which list, and the names."""
    for which, names in enumerate(lists):
        part: list[str] = []
        size = 16
        for name in names:
            size += len(name) + 8
            if size > _AT_ONCE and part:
                yield message((which, part), 2)
                part, size = [], len(name) + 24
            if size <= _AT_ONCE:  # or it is no name
                part.append(name)
        if part:
            yield message((which, part), 2)


# -- in the other process ------------------------------------------------------------------------------


def _serve(
    provider: CondaProvider, repodata: Repodata, names: Iterable[str], jobs: int, answers: int
) -> None:
    """What the process does all its life."""
    import gc
    from select import select

    gc.disable()
    repodata.only_at_hand = True
    urls = {channel.url: at for at, channel in enumerate(repodata.channels)}
    waiting = deque(names)
    needs, done, followed = set(waiting), set[str](), set[str]()
    try:
        while True:
            if select([jobs], [], [], 0 if waiting else None)[0]:
                job = receive(jobs)
                if job is None:
                    break
                which, told = job
                if which == 0:
                    done.update(told)
                    followed.update(told)
                elif which == 1:
                    waiting.extendleft(told)
                else:
                    needs.update(told)
                    waiting.extend(told)
                continue
            name = waiting.popleft()
            if name not in done:
                done.add(name)
                try:
                    data = _packed(provider.candidates_of(name), urls)
                except Exception:
                    continue  # whoever wants it will see
                key = name.encode()
                send(answers, _HEAD.pack(len(key), len(data)) + key + data)
            if name in needs and name not in followed and len(done) < MOST:
                followed.add(name)
                found = provider.candidates_of(name)
                waiting.extend(constrained(found))
                more = [*needed(found)]
                needs.update(more)
                waiting.extend(more)
    except OSError:
        pass  # nobody listens any more
    repodata.keep(beside=True)


def _packed(found: Candidates, urls: dict[str, int]) -> bytes:
    rows: Any = map(to_row, found.records)
    places = [urls[record.channel] for record in found.records]
    builds = [(record.version, record.build) for record in found.records]
    packed = [marshal.dumps(row, 2) for row in rows]
    return marshal.dumps((tuple(packed), tuple(places), found.masks, tuple(builds)), 2)


def needed(found: Candidates) -> Iterator[str]:
    """The names that the best record of each target needs. One that is written otherwise is none here: it is
    met when the solve asks."""
    for record in _best(found):
        yield from _names(record.depends)


def constrained(found: Candidates) -> Iterator[str]:
    """The names that the best records constrain: a solve asks for these, too, and not for what they need."""
    for record in _best(found):
        yield from _names(record.constrains)


def _best(found: Candidates) -> Iterator[CondaRecord]:
    covered = 0
    for record, mask in zip(reversed(found.records), reversed(found.masks), strict=True):
        if mask & ~covered:
            covered |= mask
            yield record


def _names(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        name = text.partition(" ")[0].lower()
        if not name.startswith("__"):
            yield name
