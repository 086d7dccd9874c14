"""In which order conda tries the records of a name.

Worst first, as the solver wants it: records with ``track_features`` before all others, then by version, by
build number, by what the dependencies may become (of two builds the one that can have the newer Python), by
date. That is the order of rattler's solver; the tests compare the two.
"""

from __future__ import annotations

from functools import cmp_to_key

from hutch.spec import (
    InvalidCondaSpec,
    InvalidCondaVersion,
    compare_conda_versions,
    parse_conda_spec,
    parse_conda_version,
    parse_version_spec,
    rank_conda_versions,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hutch.spec import CondaRecord, CondaVersion

    # The newest version that a spec admits, and whether that record has features that are tracked.
    Best = tuple[CondaVersion, bool] | None

__all__ = ["Sorter"]


class Sorter:
    """Sorts records; ``records_of`` gives those of other names, which decide between equal versions.

    ``rank_of`` tells how far behind the channel of a record stands, where that counts more than its version
    (`Offer.rank`). With ``lowest`` the order is for a solver that begins at the other end: the lowest version
    stands first, and of one version the best build.
    """

    def __init__(
        self,
        records_of: Callable[[str], Iterable[CondaRecord]],
        *,
        rank_of: Callable[[CondaRecord], int] | None = None,
        lowest: Callable[[str], bool] | None = None,
    ) -> None:
        self._records_of = records_of
        self._rank_of = rank_of
        self._lowest = lowest
        self._names: dict[str, str] = {}  # of MatchSpecs
        self._best: dict[str, Best] = {}
        self._by_version: dict[str, list[tuple[CondaVersion, list[CondaRecord]]]] = {}

    def sort(self, records: Sequence[CondaRecord]) -> list[CondaRecord]:
        """``records`` of one name, worst first. Those whose version nobody can read are left out."""
        ranks = rank_conda_versions(_readable({record.version for record in records}))
        lowest = bool(records) and self._lowest is not None and self._lowest(records[0].name)
        groups: dict[tuple[int, bool, int, int], list[CondaRecord]] = {}
        for record in records:
            rank = ranks.get(record.version)
            if rank is None:
                continue
            behind = self._rank_of(record) if self._rank_of is not None else 0
            key = (-behind, not record.track_features, -rank if lowest else rank, record.build_number)
            group = groups.get(key)
            if group is None:
                groups[key] = [record]
            else:
                group.append(record)
        found: list[CondaRecord] = []
        for key in sorted(groups):
            found += self._sort_equals(groups[key])
        return found[::-1] if lowest else found

    def _sort_equals(self, records: list[CondaRecord]) -> list[CondaRecord]:
        if len(records) < 2:
            return records
        # Among those that nothing else parts the first by name is the best, however a channel lists them.
        records.sort(key=lambda record: (record.subdir, record.build, record.filename), reverse=True)
        needs = [self._needs(record) for record in records]
        shared = set(needs[0])
        for each in needs:
            shared &= each.keys()
        keys: list[tuple[int, ...]] = [()] * len(records)
        for name in sorted(shared):
            places = self._places([each[name] for each in needs])
            if places is not None:
                keys = [(*key, place) for key, place in zip(keys, places, strict=True)]
        pairs = zip(keys, records, strict=True)
        return [record for _, record in sorted(pairs, key=lambda pair: (pair[0], pair[1].timestamp))]

    def _places(self, needs: list[tuple[str, ...]]) -> list[int] | None:
        """The place of each among ``needs``, all of one name, by the newest that they admit; None where
        that parts none of them."""
        distinct = dict.fromkeys(needs)
        if len(distinct) < 2:
            return None
        places: dict[tuple[str, ...], int] = {}
        newest = [(self._newest(each), each) for each in distinct]
        newest.sort(key=cmp_to_key(_by_newest))
        place, before = 0, newest[0][0]
        for best, each in newest:
            if _order(before, best):
                place, before = place + 1, best
            places[each] = place
        return [places[each] for each in needs] if place else None

    def _needs(self, record: CondaRecord) -> dict[str, tuple[str, ...]]:
        """What a record depends on, by name."""
        found: dict[str, tuple[str, ...]] = {}
        names = self._names
        for text in record.depends:
            name = names.get(text)
            if name is None:
                name = names[text] = text.partition(" ")[0].partition("[")[0].lower()
            found[name] = (*found[name], text) if name in found else (text,)
        return found

    def _newest(self, specs: tuple[str, ...]) -> Best:
        """The best that any of ``specs``, all of one name, admits."""
        found: Best = None
        for text in specs:
            if text not in self._best:
                self._best[text] = self._find_newest(text)
            if _order(found, self._best[text]) < 0:
                found = self._best[text]
        return found

    def _find_newest(self, text: str) -> Best:
        try:
            spec = parse_conda_spec(text)
        except InvalidCondaSpec:
            return None
        admits = parse_version_spec(spec.version) if spec.version else None
        plain = spec.says_no_more
        for version, records in self._versions(spec.name):
            if admits is not None and not admits(version):
                continue
            for record in records:
                if spec.admits_build(record.build) if plain else spec.admits(record):
                    return version, bool(record.track_features)
        return None

    def _versions(self, name: str) -> list[tuple[CondaVersion, list[CondaRecord]]]:
        """The versions of ``name``, newest first, with their records."""
        found = self._by_version.get(name)
        if found is None:
            by_text: dict[str, list[CondaRecord]] = {}
            for record in self._records_of(name):
                by_text.setdefault(record.version, []).append(record)
            versions = _readable(by_text)
            ranks = rank_conda_versions(versions)
            versions.sort(key=lambda version: ranks[version.text], reverse=True)
            found = self._by_version[name] = [(version, by_text[version.text]) for version in versions]
        return found


def _readable(texts: Iterable[str]) -> list[CondaVersion]:
    """The versions, without those that nobody can read."""
    found = []
    for text in texts:
        try:
            found.append(parse_conda_version(text))
        except InvalidCondaVersion:
            continue
    return found


def _by_newest(one: tuple[Best, object], other: tuple[Best, object]) -> int:
    return _order(one[0], other[0])


def _order(one: Best, other: Best) -> int:
    """Less than 0 where ``one`` is the worse."""
    if one is None or other is None:
        return (one is not None) - (other is not None)
    if one[1] != other[1]:
        return -1 if one[1] else 1
    return compare_conda_versions(one[0], other[0])
