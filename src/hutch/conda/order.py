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
        self._best: dict[str, Best] = {}
        self._by_version: dict[str, list[tuple[CondaVersion, list[CondaRecord]]]] = {}

    def sort(self, records: Sequence[CondaRecord]) -> list[CondaRecord]:
        """``records`` of one name, worst first. Those whose version nobody can read are left out."""
        readable = []
        for record in records:
            try:
                readable.append((parse_conda_version(record.version), record))
            except InvalidCondaVersion:
                continue
        ranks = _ranks({version.text: version for version, _ in readable}.values())
        lowest = bool(records) and self._lowest is not None and self._lowest(records[0].name)
        groups: dict[tuple[int, bool, int, int], list[CondaRecord]] = {}
        for version, record in readable:
            rank = ranks[version.text]
            behind = self._rank_of(record) if self._rank_of is not None else 0
            key = (-behind, not record.track_features, -rank if lowest else rank, record.build_number)
            groups.setdefault(key, []).append(record)
        found: list[CondaRecord] = []
        for key in sorted(groups):
            found += self._sort_equals(groups[key])
        return found[::-1] if lowest else found

    def _sort_equals(self, records: list[CondaRecord]) -> list[CondaRecord]:
        if len(records) < 2:
            return records
        # Among those that nothing else parts the first by name is the best, however a channel lists them.
        records = sorted(
            records, key=lambda record: (record.subdir, record.build, record.filename), reverse=True
        )
        needs = {id(record): _needs(record) for record in records}
        shared = set(needs[id(records[0])])
        for each in needs.values():
            shared &= each.keys()
        names = [name for name in sorted(shared) if len({needs[id(record)][name] for record in records}) > 1]

        def by_needs(one: CondaRecord, other: CondaRecord) -> int:
            for name in names:
                left, right = needs[id(one)][name], needs[id(other)][name]
                if left != right and (order := _order(self._newest(left), self._newest(right))):
                    return order
            return one.timestamp - other.timestamp

        return sorted(records, key=cmp_to_key(by_needs))

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
        for version, records in self._versions(spec.name):
            for record in records:
                if spec.admits(record):
                    return version, bool(record.track_features)
        return None

    def _versions(self, name: str) -> list[tuple[CondaVersion, list[CondaRecord]]]:
        """The versions of ``name``, newest first, with their records."""
        found = self._by_version.get(name)
        if found is None:
            by_text: dict[str, list[CondaRecord]] = {}
            for record in self._records_of(name):
                by_text.setdefault(record.version, []).append(record)
            pairs: list[tuple[CondaVersion, list[CondaRecord]]] = []
            for text, records in by_text.items():
                try:
                    pairs.append((parse_conda_version(text), records))
                except InvalidCondaVersion:
                    continue
            pairs.sort(key=cmp_to_key(_newest_first))
            found = self._by_version[name] = pairs
        return found


def _ranks(versions: Iterable[CondaVersion]) -> dict[str, int]:
    """The place of each version among them; equal ones (1.0 and 1.0.0) have one."""
    ranks: dict[str, int] = {}
    before: CondaVersion | None = None
    rank = 0
    for version in sorted(versions, key=cmp_to_key(compare_conda_versions)):
        if before is not None and compare_conda_versions(before, version):
            rank += 1
        ranks[version.text] = rank
        before = version
    return ranks


def _needs(record: CondaRecord) -> dict[str, tuple[str, ...]]:
    """What a record depends on, by name."""
    found: dict[str, tuple[str, ...]] = {}
    for text in record.depends:
        name = text.partition(" ")[0].partition("[")[0].lower()
        found[name] = (*found.get(name, ()), text)
    return found


def _order(one: Best, other: Best) -> int:
    """Less than 0 where ``one`` is the worse."""
    if one is None or other is None:
        return (one is not None) - (other is not None)
    if one[1] != other[1]:
        return -1 if one[1] else 1
    return compare_conda_versions(one[0], other[0])


def _newest_first(
    one: tuple[CondaVersion, list[CondaRecord]], other: tuple[CondaVersion, list[CondaRecord]]
) -> int:
    return compare_conda_versions(other[0], one[0])
