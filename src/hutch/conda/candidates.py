"""conda's records as the places of a package: what the solver chooses among."""

from __future__ import annotations

from hutch.solve import Facts, Limit, Need
from hutch.spec import CondaRecord, InvalidCondaSpec, parse_conda_spec
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from hutch.solve import DependenciesOf, Versions

__all__ = ["KIND", "Candidates", "CondaProvider", "conda_need"]

KIND = "conda"
"""What stands for an operator in the specifiers of a `Need` that is a MatchSpec."""


class Candidates:
    """The records of a name, worst first, and where each can be used.

    ``masks`` are the targets of each record, in that order. ``preferred`` names records (by label) to take
    before better ones: those of a lock or of a prefix.
    """

    prereleases = 0
    yanked = 0

    def __init__(
        self,
        records: Sequence[CondaRecord],
        masks: Sequence[int],
        everywhere: int,
        preferred: Iterable[str] = (),
    ) -> None:
        self.records = tuple(records)
        self.masks = tuple(masks)
        self.labels = [f"{record.version} {record.build}" for record in records]
        wanted = set(preferred)
        self.preferred = sum(1 << at for at, label in enumerate(self.labels) if label in wanted)
        by_mask: dict[int, int] = {}
        for at, mask in enumerate(masks):
            if mask != everywhere:
                by_mask[mask] = by_mask.get(mask, 0) | 1 << at
        self.limits = tuple(
            Limit(places, everywhere & ~mask, "has no record") for mask, places in by_mask.items()
        )
        self._matching: dict[str, int] = {}

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        """The places that all MatchSpecs among ``specifiers`` admit."""
        found = (1 << len(self.records)) - 1
        for _, text in specifiers:
            places = self._matching.get(text)
            if places is None:
                spec = parse_conda_spec(text)
                places = 0
                for at, record in enumerate(self.records):
                    if spec.admits(record):
                        places |= 1 << at
                self._matching[text] = places
            found &= places
        return found


def conda_need(text: str, mask: int, *, constraint: bool = False, origin: object = None) -> Need:
    """A MatchSpec as a need, on the targets of ``mask``. Raises `InvalidCondaSpec`."""
    spec = parse_conda_spec(text)
    bare = text.strip().lower() == spec.name
    return Need(
        package=spec.name,
        mask=mask,
        specifiers=() if bare else ((KIND, text),),
        constraint=constraint,
        origin=origin,
    )


class CondaProvider:
    """Answers the solver from channels.

    ``records_of`` gives the records of a name for all targets, best channel first by priority already;
    ``subdirs`` is the mask of the targets of each subdir; ``virtual`` are virtual packages, each with its
    targets. ``mask_of`` tells the targets of a record where more than its subdir decides (`Offer.mask`).
    """

    def __init__(
        self,
        records_of: Callable[[str], Sequence[CondaRecord]],
        subdirs: Mapping[str, int],
        virtual: Iterable[tuple[CondaRecord, int]] = (),
        *,
        preferred: Mapping[str, Iterable[str]] | None = None,
        sort: Callable[[Sequence[CondaRecord]], list[CondaRecord]],
        mask_of: Callable[[CondaRecord], int] | None = None,
    ) -> None:
        self._records_of = records_of
        self._subdirs = subdirs
        self._everywhere = 0
        for mask in subdirs.values():
            self._everywhere |= mask
        self._preferred = preferred or {}
        self._sort = sort
        self._mask_of = mask_of
        self._virtual: dict[str, list[tuple[CondaRecord, int]]] = {}
        for record, mask in virtual:
            self._virtual.setdefault(record.name, []).append((record, mask))
        self.candidates: dict[str, Candidates] = {}

    def versions(self, packages: tuple[str, ...]) -> dict[str, Versions]:
        """The candidates of each name."""
        return {name: self.candidates_of(name) for name in packages}

    def candidates_of(self, name: str) -> Candidates:
        """The records of ``name``, worst first."""
        found = self.candidates.get(name)
        if found is None:
            if name.startswith("__"):
                pairs = self._virtual.get(name, [])
            else:
                pairs = [(record, self._mask(record)) for record in self._sort(self._records_of(name))]
            found = Candidates(
                [record for record, _ in pairs],
                [mask for _, mask in pairs],
                self._everywhere,
                self._preferred.get(name, ()),
            )
            self.candidates[name] = found
        return found

    def _mask(self, record: CondaRecord) -> int:
        if self._mask_of is not None:
            return self._mask_of(record)
        return self._everywhere if record.subdir == "noarch" else self._subdirs.get(record.subdir, 0)

    def facts(self, question: DependenciesOf) -> Facts:
        """What a record needs, and what it constrains."""
        candidates = self.candidates_of(question.package)
        record, mask = candidates.records[question.version], candidates.masks[question.version]
        try:
            needs = [conda_need(text, mask) for text in record.depends]
            wishes = [self._constraint(conda_need(text, mask, constraint=True)) for text in record.constrains]
            needs += [each for each in wishes if each.mask]
        except InvalidCondaSpec as problem:
            return Facts(available=0, reason=f"has a dependency that cannot be read ({problem})")
        return Facts(available=mask, needs=tuple(needs))

    def _constraint(self, need: Need) -> Need:
        """What a record constrains: of a virtual package, that is there whoever asks for it, a need."""
        if not need.package.startswith("__"):
            return need
        there = 0
        for _, mask in self._virtual.get(need.package, ()):
            there |= mask
        return replace(need, mask=need.mask & there, constraint=False)
