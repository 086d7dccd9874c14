"""conda's records as the places of a package: what the solver chooses among."""

from __future__ import annotations

from hutch.solve import Facts, Limit, Need
from hutch.spec import (
    CondaRecord,
    InvalidCondaSpec,
    InvalidCondaVersion,
    alternatives_of,
    parse_conda_spec,
    parse_conda_version,
    parse_condition,
    parse_version_spec,
    short_sha256,
)
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from hutch.solve import DependenciesOf, Versions
    from hutch.spec import CondaSpec, CondaVersion

__all__ = ["KIND", "NOT", "Candidates", "CondaProvider", "conda_need", "is_condition"]

KIND = "conda"
"""What stands for an operator in the specifiers of a `Need` that is a MatchSpec."""
NOT = "not conda"
"""The same of one that means what must not be there."""
_CONDITION = "?"


def is_condition(package: str) -> bool:
    """Whether a name of the solver is no package, but a dependency that holds under a condition (CEP 43)."""
    return package.removeprefix("conda:").startswith(_CONDITION)


class Candidates:
    """The records of a name, worst first, and where each can be used.

    ``masks`` are the targets of each record, in that order. ``preferred`` names records (by label) to take
    before better ones: those of a lock or of a prefix. Where records are made when somebody looks at one,
    ``builds`` are the versions and builds of all.
    """

    prereleases = 0
    yanked = 0

    def __init__(
        self,
        records: Sequence[CondaRecord],
        masks: Sequence[int],
        everywhere: int,
        preferred: Iterable[str] = (),
        late: bool = False,
        builds: Sequence[tuple[str, str]] | None = None,
    ) -> None:
        self.late = late
        self.records = records
        self.masks = tuple(masks)
        self._builds = builds or [(record.version, record.build) for record in records]
        self.labels = [f"{version} {build}" for version, build in self._builds]
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
        self._by_version: list[tuple[CondaVersion, int]] = []
        self._by_build: dict[str, int] = {}

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        """The places that all MatchSpecs among ``specifiers`` admit."""
        found = (1 << len(self.records)) - 1
        for operator, text in specifiers:
            places = self._matching.get(text)
            if places is None:
                places = self._matching[text] = self._admitted(parse_conda_spec(text))
            found &= ~places if operator == NOT else places
        return found

    def _admitted(self, spec: CondaSpec) -> int:
        """The places that a MatchSpec admits. A name has few versions and builds, and many records."""
        found = 0
        if not spec.says_no_more:
            for at, record in enumerate(self.records):
                if spec.admits(record):
                    found |= 1 << at
            return found
        if not spec.version:
            found = (1 << len(self.labels)) - 1
        else:
            admits = parse_version_spec(spec.version)
            for version, places in self._versions():
                if admits(version):
                    found |= places
        if not spec.build or not found:
            return found
        if not self._by_build:
            for at, (_, build) in enumerate(self._builds):
                self._by_build[build] = self._by_build.get(build, 0) | 1 << at
        built = 0
        for build, places in self._by_build.items():
            if places & found and spec.admits_build(build):
                built |= places
        return found & built

    def _versions(self) -> list[tuple[CondaVersion, int]]:
        """The versions, as far as they can be read, and the places of each."""
        if not self._by_version:
            places: dict[str, int] = {}
            for at, (text, _) in enumerate(self._builds):
                places[text] = places.get(text, 0) | 1 << at
            for text, mask in places.items():
                try:
                    self._by_version.append((parse_conda_version(text), mask))
                except InvalidCondaVersion:
                    continue  # no spec admits it
        return self._by_version


def conda_need(text: str, mask: int, *, constraint: bool = False, origin: object = None) -> Need:
    """A MatchSpec as a need, on the targets of ``mask``. Raises `InvalidCondaSpec`."""
    said = _said.get(text)
    if said is None:
        spec = parse_conda_spec(text)
        bare = text.strip().lower() == spec.name
        said = _said[text] = spec.name, () if bare else ((KIND, text),), bool(spec.extras or spec.when)
    return Need(package=said[0], mask=mask, specifiers=said[1], constraint=constraint, origin=origin)


_said: dict[str, tuple[str, tuple[tuple[str, str], ...], bool]] = {}
"""Of a MatchSpec: its name, what it is as specifiers, and whether there is more to it."""


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
        self._conditions: dict[str, tuple[Need, tuple[str, ...]]] = {}

    def versions(self, packages: tuple[str, ...]) -> dict[str, Versions]:
        """The candidates of each name."""
        return {name: self.candidates_of(name) for name in packages}

    def candidates_of(self, name: str) -> Candidates:
        """The records of ``name``, worst first."""
        name = name.partition("[")[0]
        found = self.candidates.get(name)
        if found is None and name.startswith(_CONDITION):
            found = self.candidates[name] = self._condition(name)
        if found is None:
            if name.startswith("__"):
                pairs = self._virtual.get(name, [])
            else:
                pairs = [(record, self._mask(record)) for record in self._sort(self._records_of(name))]
            found = Candidates(
                tuple([record for record, _ in pairs]),
                [mask for _, mask in pairs],
                self._everywhere,
                self._preferred.get(name, ()),
            )
            self.candidates[name] = found
        return found

    def take(
        self,
        name: str,
        records: Sequence[CondaRecord],
        masks: Sequence[int],
        builds: Sequence[tuple[str, str]],
    ) -> None:
        """Have these records for ``name``, worst first, with the targets, versions and builds of each."""
        preferred = self._preferred.get(name, ())
        self.candidates[name] = Candidates(records, masks, self._everywhere, preferred, builds=builds)

    def _mask(self, record: CondaRecord) -> int:
        if self._mask_of is not None:
            return self._mask_of(record)
        return self._everywhere if record.subdir == "noarch" else self._subdirs.get(record.subdir, 0)

    def facts(self, question: DependenciesOf) -> Facts:
        """What a record needs, and what it constrains; of `NAME[EXTRA]` what the extra needs."""
        if question.package.startswith(_CONDITION):
            return self._condition_facts(question.package, question.version)
        candidates = self.candidates_of(question.package)
        record, mask = candidates.records[question.version], candidates.masks[question.version]
        name, _, extra = question.package.rstrip("]").partition("[")
        try:
            if extra:
                itself = Need(package=name, exactly=question.version, mask=mask)
                texts = dict(record.extra_depends).get(extra, ())
                return Facts(mask, (itself, *(need for text in texts for need in self.needs(text, mask))))
            needs = [need for text in record.depends for need in self.needs(text, mask)]
            for text in record.constrains:
                wish = self._constraint(conda_need(text, mask, constraint=True))
                needs += [wish] if wish.mask else []
        except InvalidCondaSpec as problem:
            return Facts(available=0, reason=f"has a dependency that cannot be read ({problem})")
        return Facts(available=mask, needs=tuple(needs))

    def needs(self, text: str, mask: int, *, origin: object = None) -> list[Need]:
        """A MatchSpec that is asked for, as needs: its package, its extras, and what a condition makes of it.

        Raises `InvalidCondaSpec`.
        """
        need = conda_need(text, mask, origin=origin)
        if not _said[text][2]:
            return [need]
        spec = parse_conda_spec(text)
        needs = [need, *(replace(need, package=f"{need.package}[{extra}]") for extra in spec.extras)]
        if not spec.when:
            return needs
        found = []
        for alternative in alternatives_of(parse_condition(spec.when)):
            here, open_ = mask, []
            for atom in alternative:
                if atom.startswith("__"):
                    here &= self._there(atom)
                else:
                    open_.append(atom)
            for each in (replace(each, mask=here) for each in needs) if here else ():
                found.append(self._under(each, tuple(open_)) if open_ else each)
        return found

    def _there(self, text: str) -> int:
        """The targets that have a virtual package that a MatchSpec means."""
        spec = parse_conda_spec(text)
        there = 0
        for record, mask in self._virtual.get(spec.name, ()):
            if spec.admits(record):
                there |= mask
        return there

    # -- dependencies under conditions ---------------------------------------------------------------

    def _under(self, need: Need, atoms: tuple[str, ...]) -> Need:
        """A need that holds where all of ``atoms`` do, as a need of a package that stands for that.

        It has a candidate for each way in which the condition is not met, and one, the worst, that has the
        need. It is decided when everything else is; what meets the condition before that leaves but the one.
        """
        said = f"{need.package} {need.specifiers} {atoms}"
        names = " and ".join(parse_conda_spec(atom).name for atom in atoms)
        name = f"{_CONDITION}{need.package.partition('[')[0]} {short_sha256(said.encode())[:6]} if {names}"
        self._conditions[name] = (replace(need, mask=self._everywhere, origin=None), atoms)
        return Need(package=name, mask=need.mask, origin=need.origin)

    def _condition(self, name: str) -> Candidates:
        _, atoms = self._conditions[name]
        labels = ["needed", *(f"without {atom}" for atom in atoms)]
        records = [CondaRecord(name=name, version=label, build="") for label in labels]
        return Candidates(records, [self._everywhere] * len(records), self._everywhere, late=True)

    def _condition_facts(self, name: str, place: int) -> Facts:
        need, atoms = self._conditions[name]
        if not place:
            return Facts(self._everywhere, (need,))
        spec = parse_conda_spec(atoms[place - 1])
        never = Need(
            package=spec.name, mask=self._everywhere, specifiers=((NOT, atoms[place - 1]),), constraint=True
        )
        return Facts(self._everywhere, (never,))

    def _constraint(self, need: Need) -> Need:
        """What a record constrains: of a virtual package, that is there whoever asks for it, a need."""
        if not need.package.startswith("__"):
            return need
        there = 0
        for _, mask in self._virtual.get(need.package, ()):
            there |= mask
        return replace(need, mask=need.mask & there, constraint=False)
