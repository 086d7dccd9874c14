"""What channels offer by the user's rules: whose records of a name count, and since when.

*Strict* priority: of the channels that have a name for a platform, the first alone; *flexible*: its records
before those of the others, whatever their versions; *disabled*: the best record wherever it is. A request
that names a channel (``pytorch::pytorch``) is for that one, and for no other.
"""

from __future__ import annotations

from hutch.spec import channel_is

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from hutch.spec import CondaRecord, CondaSpec

__all__ = ["PRIORITIES", "Offer"]

PRIORITIES = ("strict", "flexible", "disabled")


class Offer:
    """The records of a name that count, each with its targets.

    ``records_of`` tells what all channels have of a name, by the channel's address, in their order;
    ``subdirs`` is the mask of the targets of each subdir. ``from_channel`` names the channel that a name has
    to come from. What is ``present`` in the environment counts though no channel has it any more. Records
    after ``exclude_newer`` (milliseconds) and those without a date are passed over, and those that one of
    ``disallowed`` means. ``correct`` makes a record what it is to be.
    """

    def __init__(
        self,
        records_of: Callable[[str], Mapping[str, Sequence[CondaRecord]]],
        subdirs: Mapping[str, int],
        *,
        priority: str = "strict",
        exclude_newer: int | None = None,
        from_channel: Mapping[str, str] | None = None,
        disallowed: Iterable[CondaSpec] = (),
        present: Mapping[str, CondaRecord] | None = None,
        correct: Callable[[CondaRecord], CondaRecord] | None = None,
    ) -> None:
        self._records_of = records_of
        self._subdirs = subdirs
        self._priority = priority
        self._exclude_newer = exclude_newer
        self._from_channel = from_channel or {}
        self._disallowed = tuple(disallowed)
        self._present = present or {}
        self._correct = correct
        self._everywhere = 0
        for mask in subdirs.values():
            self._everywhere |= mask
        self._found: dict[str, tuple[CondaRecord, ...]] = {}
        self._masks: dict[int, int] = {}  # of `records`, which are kept: by which object it is
        self._ranks: dict[tuple[str, str], int] = {}

    def records(self, name: str) -> tuple[CondaRecord, ...]:
        """The records of ``name`` that count on any target, best channel first."""
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = tuple(self._look(name))
        return found

    def mask(self, record: CondaRecord) -> int:
        """The targets that may have a record, one of `records`."""
        return self._masks.get(id(record), 0)

    def rank(self, record: CondaRecord) -> int:
        """How far behind a record's channel stands; 0 where channels do not count."""
        if self._priority != "flexible":
            return 0
        self.records(record.name)
        return self._ranks.get((record.name, record.channel), 0)

    def _look(self, name: str) -> Iterable[CondaRecord]:
        wanted = self._from_channel.get(name)
        taken = 0
        installed = self._present.get(name)
        everywhere, newest = self._everywhere, self._exclude_newer
        for rank, (channel, records) in enumerate(self._records_of(name).items()):
            if wanted is not None and not channel_is(wanted, channel):
                continue
            self._ranks[name, channel] = rank
            here = 0
            for record in records:
                mask = everywhere if record.subdir == "noarch" else self._subdirs.get(record.subdir, 0)
                here |= mask
                mask &= ~taken
                if not mask or (newest is not None and not 0 < record.timestamp <= newest):
                    continue
                if self._disallowed and any(spec.matches(record) for spec in self._disallowed):
                    continue
                if self._correct is not None:
                    record = self._correct(record)
                self._masks[id(record)] = mask
                if installed is not None and record.label == installed.label:
                    installed = None
                yield record
            if self._priority == "strict":
                taken |= here
        if installed is not None:
            mask = everywhere if installed.subdir == "noarch" else self._subdirs.get(installed.subdir, 0)
            self._masks[id(installed)] = mask
            yield installed
