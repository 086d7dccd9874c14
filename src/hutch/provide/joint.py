"""Two sides of one solve: a package index, and channels of conda.

A package that both sides have is one package to the solver, whose places are the versions of the index and
the records of the channels: whatever is chosen is there once, from one side. See docs/explanation/conda.md.

Names: what an index may have is called by its normalised name, and so is the conda package that is the same
thing; every other conda package is `conda:NAME`.
"""

from __future__ import annotations

from hutch.conda import KIND, NOT, is_condition
from hutch.provide.needs import split_package
from hutch.provide.versions import JoinedVersions, NoVersions
from hutch.solve import DependenciesOf, Facts, Need
from hutch.spec import (
    InvalidCondaVersion,
    InvalidVersion,
    admits_key,
    parse_conda_spec,
    parse_conda_version,
    parse_version_spec,
    version_key,
)
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Protocol

    from hutch.conda import Candidates, CondaProvider
    from hutch.provide.drive import Provider
    from hutch.solve import Limit, Versions
    from hutch.spec import CondaRecord, VersionKey
else:
    Protocol = object

__all__ = ["CONDA", "IndexWanted", "JointProvider", "Names", "Side"]

CONDA = "conda:"
"""What the names of packages begin with that only conda can have."""
PYTHON = f"{CONDA}python"


class Names(Protocol):
    """Which conda package is which distribution of an index."""

    def distribution(self, name: str) -> str | None:
        """The normalised name on an index of the conda package ``name``; None where it is none."""

    def package(self, name: str) -> str | None:
        """The conda package that the distribution ``name`` is; None where there is none."""


class Side(Protocol):
    """Which sides a distribution may come from, best first: ``("conda", "index")``."""

    def __call__(self, name: str) -> tuple[str, ...]: ...


def _conda_first(name: str) -> tuple[str, ...]:
    return ("conda", "index")


class IndexWanted(Exception):
    """A version of the index needs what the channels have in no such version, and the index was not asked for
    that: the solve is to begin again, with what is ``called`` now."""


class JointProvider:
    """Answers the solver from an index and from channels.

    ``index`` answers as if there were no conda, ``conda`` as if there were no index; ``everything`` is the
    mask of all targets.

    A ``reluctant`` one asks the index only for what is ``called`` by a requirement of Python, preferred from
    there, or in no channel: of hundreds of conda packages most are on an index too, and nobody wants them
    from there. It raises `IndexWanted` where that was too little; ``passed_over`` are those that it did not
    ask for.
    """

    def __init__(
        self,
        index: Provider,
        conda: CondaProvider,
        names: Names,
        everything: int,
        *,
        sides: Side = _conda_first,
        explicit: Collection[str] = frozenset(),
        reluctant: bool = False,
        called: Collection[str] = (),
    ) -> None:
        self._index = index
        self._conda = conda
        self._names = names
        self._everything = everything
        self._sides = sides
        self._explicit = explicit
        self._reluctant = reluctant
        self.called = set(called)
        self.passed_over: set[str] = set()
        self._parts: dict[str, tuple[_IndexSide | None, int, _CondaSide | None, int]] = {}
        self._of_extra: dict[str, JoinedVersions] = {}

    # -- names --------------------------------------------------------------------------------

    def name_of(self, conda_name: str) -> str:
        """What the solver calls a conda package, or an extra of one."""
        if is_condition(conda_name):
            return CONDA + conda_name
        conda_name, extra = split_package(conda_name)
        if extra:
            return f"{self.name_of(conda_name)}[{extra}]"
        found = None if conda_name.startswith("__") else self._names.distribution(conda_name)
        return found if found is not None and self._names.package(found) == conda_name else CONDA + conda_name

    def sides_of(self, package: str) -> tuple[str, ...]:
        """Which sides a package may come from, the better one first."""
        name, _ = split_package(package)
        return ("conda",) if name.startswith(CONDA) else self._sides(name)

    def record_at(self, package: str, place: int) -> CondaRecord | None:
        """The conda record that a choice is; None where it is a version of the index."""
        name, _ = split_package(package)
        if name.startswith(CONDA):
            return self._conda_side(name.removeprefix(CONDA)).records[place]
        _, _, conda, first = self._part(name)
        if conda is None or not first <= place < first + len(conda.labels):
            return None
        return conda.candidates.records[place - first]

    def version_at(self, package: str, place: int) -> int:
        """The place in the index's own list of a choice that comes from there."""
        _, first, _, _ = self._part(split_package(package)[0])
        return place - first

    # -- the solver's questions -----------------------------------------------------------------

    def versions(self, packages: tuple[str, ...]) -> dict[str, Versions]:
        """The places of each package."""
        names = [split_package(package)[0] for package in packages]
        reached = [self._conda_name(name) for name in names]
        self._conda.versions(tuple(dict.fromkeys(name for name in reached if name is not None)))
        asked = tuple(dict.fromkeys(name for name in names if self._asks_index(name)))
        if asked:
            self._index.versions(asked)  # all at once where they have to be fetched
        return {package: self._versions_of(name) for package, name in zip(packages, names, strict=True)}

    def facts(self, question: DependenciesOf) -> Facts:
        """What a version of the index needs, or a record of a channel."""
        name, extra = split_package(question.package)
        if name.startswith(CONDA):
            return self._conda_facts(question.package.removeprefix(CONDA), question.version, question)
        index, index_first, conda, conda_first = self._part(name)
        if conda is not None and conda_first <= question.version < conda_first + len(conda.labels):
            if extra:
                return self._extra_of_record(name, extra, question, conda.candidates, conda_first)
            conda_name = self._names.package(name)
            assert conda_name is not None
            return self._conda_facts(conda_name, question.version - conda_first, question)
        assert index is not None
        return self._index_facts(question, question.version - index_first, index_first)

    def call(self, needs: tuple[Need, ...]) -> None:
        """Requirements of Python name these: the index is asked for them."""
        for need in needs:
            name, extra = split_package(need.package)
            if name in self.called or name.startswith(CONDA):
                continue
            self.called.add(name)
            if name in self.passed_over:
                _, _, conda, _ = self._part(name)
                if extra or conda is None or not conda.matching(need.specifiers):
                    raise IndexWanted

    def _asks_index(self, name: str) -> bool:
        if name.startswith(CONDA):
            return False
        sides = self._sides(name)
        if not self._reluctant or "index" not in sides or sides[0] == "index" or name in self.called:
            return "index" in sides
        conda_name = self._conda_name(name)
        return conda_name is None or not self._conda_side(conda_name).records

    # -- conda's side -----------------------------------------------------------------------------

    def _conda_name(self, name: str) -> str | None:
        if name.startswith(CONDA):
            return name.removeprefix(CONDA)
        return self._names.package(name) if "conda" in self._sides(name) else None

    def _conda_side(self, conda_name: str) -> Candidates:
        return self._conda.candidates_of(conda_name)

    def _conda_facts(self, conda_name: str, place: int, question: DependenciesOf) -> Facts:
        facts = self._conda.facts(replace(question, package=conda_name, version=place))
        needs = [self._renamed(need) for need in facts.needs]
        odd = conda_name.startswith("__") or "[" in conda_name or is_condition(conda_name)
        found = None if odd else self._names.distribution(conda_name)
        if found is not None and self._names.package(found) != conda_name:
            # A second package of conda for one distribution: at least the index is not to add a third.
            not_of_the_index = ((KIND, f"{found} * *"),)
            needs.append(
                Need(package=found, mask=facts.available, specifiers=not_of_the_index, constraint=True)
            )
        return replace(facts, needs=tuple(needs))

    def _renamed(self, need: Need) -> Need:
        return replace(need, package=self.name_of(need.package))

    def _extra_of_record(
        self, name: str, extra: str, question: DependenciesOf, candidates: Candidates, first: int
    ) -> Facts:
        """An extra of a conda package: what its record says of it, else the index of that version."""
        place = question.version - first
        itself = Need(package=name, exactly=question.version, mask=self._everything)
        if extra in dict(candidates.records[place].extra_depends):
            conda_name = self._names.package(name)
            facts = self._conda_facts(f"{conda_name}[{extra}]", place, question)
            return replace(facts, needs=(itself, *(need for need in facts.needs if need.exactly is None)))
        index, _, _, _ = self._part(name)
        twin = index.place_of(candidates.records[place].version) if index is not None else None
        if twin is None:
            return Facts(candidates.masks[place], (itself,))
        facts = self._index.facts(replace(question, version=twin))
        needs = tuple(need for need in facts.needs if need.exactly is None)
        return Facts(candidates.masks[place], (itself, *needs))

    # -- the index's side -------------------------------------------------------------------------

    def _index_facts(self, question: DependenciesOf, place: int, first: int) -> Facts:
        facts = self._index.facts(replace(question, version=place))
        needs = tuple(
            replace(need, exactly=need.exactly + first) if need.exactly is not None else need
            for need in facts.needs
        )
        self.call(needs)
        # Whatever an index has is for a Python, and that is a package of conda here.
        python = Need(package=PYTHON, mask=facts.available)
        return replace(facts, needs=(*needs, python) if facts.available else needs)

    # -- both ---------------------------------------------------------------------------------------

    def _versions_of(self, name: str) -> Versions:
        if name.startswith(CONDA):
            return self._conda_side(name.removeprefix(CONDA))
        index, index_first, conda, conda_first = self._part(name)
        found = self._of_extra.get(name)
        if found is None:
            sides: list[tuple[int, Versions]] = []
            if index is not None:
                sides.append((index_first, index))
            if conda is not None:
                sides.append((conda_first, conda))
            parts = [(side, self._everything, "") for _, side in sorted(sides, key=lambda pair: pair[0])]
            found = self._of_extra[name] = JoinedVersions(parts, self._everything)
        return found

    def _part(self, name: str) -> tuple[_IndexSide | None, int, _CondaSide | None, int]:
        """Both sides of a name, with the place at which each begins; the better one is behind the other."""
        found = self._parts.get(name)
        if found is None:
            sides = self._sides(name)
            index = conda = None
            if self._asks_index(name):
                versions = self._index.versions((name,))[name]
                index = _IndexSide(versions) if not isinstance(versions, NoVersions) else None
            elif "index" in sides:
                self.passed_over.add(name)
            conda_name = self._conda_name(name)
            if conda_name is not None:
                candidates = self._conda_side(conda_name)
                conda = _CondaSide(candidates) if candidates.records else None
            index_count = len(index.labels) if index is not None else 0
            conda_count = len(conda.labels) if conda is not None else 0
            if sides[:1] == ("conda",):
                found = index, 0, conda, index_count
            else:
                found = index, conda_count, conda, 0
            self._parts[name] = found
        return found


class _IndexSide:
    """The versions of an index, of which a MatchSpec can speak as well."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self.labels = versions.labels
        self.limits: tuple[Limit, ...] = versions.limits
        self.prereleases = versions.prereleases
        self.yanked = versions.yanked
        self.preferred = versions.preferred
        self._places: Mapping[VersionKey, int] | None = None

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        found = self._versions.matching(tuple(each for each in specifiers if each[0] not in (KIND, NOT)))
        for operator, text in specifiers:
            if operator == KIND:
                found &= _by_conda_rules(text, self.labels)
            elif operator == NOT:
                found &= ~_by_conda_rules(text, self.labels)
        return found

    def place_of(self, version: str) -> int | None:
        """The place of the version that is equal to conda's ``version``, by PEP 440."""
        if self._places is None:
            self._places = {version_key(label): at for at, label in enumerate(self.labels)}
        try:
            return self._places.get(version_key(version))
        except InvalidVersion:
            return None


class _CondaSide:
    """The records of a channel, of which a specifier of PEP 440 can speak as well."""

    prereleases = 0
    yanked = 0

    def __init__(self, candidates: Candidates) -> None:
        self.candidates = candidates
        self.labels = candidates.labels
        self.limits: tuple[Limit, ...] = candidates.limits
        self.preferred = candidates.preferred

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        found = self.candidates.matching(tuple(each for each in specifiers if each[0] in (KIND, NOT)))
        ours = tuple(each for each in specifiers if each[0] not in (KIND, NOT))
        if not ours:
            return found
        admitted: dict[str, bool] = {}
        for at, record in enumerate(self.candidates.records):
            if found >> at & 1:
                version = record.version
                if version not in admitted:
                    admitted[version] = _by_pep_440(ours, version)
                if not admitted[version]:
                    found &= ~(1 << at)
        return found


def _by_pep_440(specifiers: tuple[tuple[str, str], ...], version: str) -> bool:
    """Whether a requirement admits a version of conda. What PEP 440 cannot read is itself alone."""
    try:
        key = version_key(version)
    except InvalidVersion:
        return all(operator in ("==", "===") and text == version for operator, text in specifiers)
    return admits_key(specifiers, key)


def _by_conda_rules(text: str, labels: object) -> int:
    """The places of an index's versions that a MatchSpec admits: none where it names a build or a channel."""
    spec = parse_conda_spec(text)
    if spec.names_a_build:
        return 0
    if not spec.version:
        return -1
    admits: Callable[..., bool] = parse_version_spec(spec.version)
    found = 0
    for at, label in enumerate(labels):  # type: ignore[arg-type, var-annotated]
        try:
            if admits(parse_conda_version(label)):
                found |= 1 << at
        except InvalidCondaVersion:
            continue
    return found
