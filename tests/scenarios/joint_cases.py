"""Scenarios of one solve over conda and an index: their reader, both sides out of data, and a checker.

A file has records of a channel (``NAME VERSION BUILD | DEPENDS | !CONSTRAINS``; ``subdir=…`` behind the
build), versions of an index with their requirements, requests to both sides, and what comes out of it: all of
it, or that there is nothing. The checker knows nothing of the solver: it tries everything.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from hutch.conda import CondaProvider, Offer, Sorter, conda_need
from hutch.conda.names import NameMap
from hutch.provide.drive import drive
from hutch.provide.joint import JointProvider
from hutch.provide.versions import NoVersions
from hutch.solve import DependenciesOf, Facts, Need, Options, Unsolvable, reach, solve
from hutch.spec import CondaRecord, matching, parse_conda_spec, parse_requirement, version_key
from hutch.values import replace

FILES = sorted((Path(__file__).parent / "joint").glob("*.toml"))
CHANNEL = "https://channel.example/conda-forge"
UNSATISFIABLE = "unsatisfiable"


@dataclass
class Case:
    """A scenario, read."""

    data: dict[str, Any]

    def __post_init__(self) -> None:
        self.subdirs: list[str] = self.data.get("subdirs", ["linux-64"])
        self.python: str = self.data.get("python", "3.12")
        self.records: dict[str, list[CondaRecord]] = {}
        for row in self.data.get("conda", []):
            record = _record(row)
            self.records.setdefault(record.name, []).append(record)
        self.virtual = [tuple(row.split()) for row in self.data.get("virtual", ["__glibc 2.28"])]
        self.index: dict[str, dict[str, list[str]]] = {}
        for key, requires in self.data.get("index", {}).items():
            name, version = key.split()
            self.index.setdefault(name, {})[version] = requires
        self.yanked = {tuple(text.split()) for text in self.data.get("yanked", [])}
        self.sides: dict[str, list[str]] = self.data.get("sides", {})
        self.names = NameMap(lambda name: self.records.get(name, []), user=self.data.get("names", {}))

    def side(self, name: str) -> tuple[str, ...]:
        return tuple(self.sides.get(name, ("conda", "index")))

    def is_distribution(self, name: str) -> bool:
        """Whether a name is one of the index's, and not of conda alone."""
        return name in self.index or self.names.package(name) is not None

    def environment(self, subdir: str, extra: str = "") -> dict[str, str]:
        system = subdir.partition("-")[0]
        return {
            "sys_platform": {"linux": "linux", "osx": "darwin", "win": "win32"}[system],
            "platform_system": {"linux": "Linux", "osx": "Darwin", "win": "Windows"}[system],
            "os_name": "nt" if system == "win" else "posix",
            "platform_machine": "arm64" if subdir == "osx-arm64" else "x86_64",
            "python_version": self.python,
            "python_full_version": f"{self.python}.4",
            "implementation_name": "cpython",
            "extra": extra,
        }


def load(path: Path) -> Case:
    return Case(tomllib.loads(path.read_text(encoding="utf-8")))


def _record(row: str) -> CondaRecord:
    head, *parts = [part.strip() for part in row.split("|")]
    name, version, build, *said = head.split()
    more = dict(pair.split("=", 1) for pair in said)
    subdir = more.pop("subdir", "linux-64")
    number = build.rpartition("_")[2]
    return CondaRecord(
        name=name,
        version=version,
        build=build,
        build_number=int(number) if number.isdigit() else 0,
        subdir=subdir,
        channel=CHANNEL,
        filename=f"{name}-{version}-{build}.conda",
        depends=tuple(part for part in parts if not part.startswith("!")),
        constrains=tuple(part[1:] for part in parts if part.startswith("!")),
        **({"purls": tuple(more["purl"].split(","))} if "purl" in more else {}),
    )


# -- hutch's side ------------------------------------------------------------------------------------


class _Listed:
    """The versions that the index has of a name."""

    limits = ()
    preferred = 0

    def __init__(self, case: Case, name: str) -> None:
        self.labels = sorted(case.index[name], key=version_key)
        self._keys = [version_key(label) for label in self.labels]
        self.prereleases = self.yanked = 0
        for at, label in enumerate(self.labels):
            self.prereleases |= Version(label).is_prerelease << at
            self.yanked |= ((name, label) in case.yanked) << at

    def matching(self, specifiers: tuple[tuple[str, str], ...]) -> int:
        return matching(specifiers, self._keys)


class _Index:
    """An index out of data."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._everything = (1 << len(case.subdirs)) - 1

    def versions(self, packages: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for package in packages:
            name = package.partition("[")[0]
            found[package] = _Listed(self._case, name) if name in self._case.index else NoVersions()
        return found

    def facts(self, question: DependenciesOf) -> Facts:
        name, _, extra = question.package.rstrip("]").partition("[")
        label = _Listed(self._case, name).labels[question.version]
        needs = [Need(package=name, exactly=question.version, mask=self._everything)] if extra else []
        for text in self._case.index[name][label]:
            needs += requirement_needs(self._case, text, extra)
        return Facts(self._everything, tuple(needs))


def requirement_needs(case: Case, text: str, extra: str = "") -> list[Need]:
    marker = Requirement(text).marker
    mask = 0
    for at, subdir in enumerate(case.subdirs):
        if marker is None:
            mask |= (not extra) << at
        elif marker.evaluate(case.environment(subdir, extra)):
            # What holds without the extra as well is said by the package itself.
            mask |= (not extra or not marker.evaluate(case.environment(subdir))) << at
    if not mask:
        return []
    read = parse_requirement(text.partition(";")[0])
    names = [str(read.name), *(f"{read.name}[{each}]" for each in sorted(read.extras))]
    return [Need(package=name, mask=mask, specifiers=read.specifiers) for name in names]


def choose(case: Case) -> dict[str, dict[str, str]] | str:
    """What hutch chooses: subdir → name → ``conda VERSION BUILD`` or ``index VERSION``."""
    masks = {subdir: 1 << at for at, subdir in enumerate(case.subdirs)}
    everything = (1 << len(case.subdirs)) - 1
    offer = Offer(lambda name: {CHANNEL: case.records[name]} if name in case.records else {}, masks)
    conda = CondaProvider(
        offer.records,
        masks,
        [(CondaRecord(name=row[0], version=row[1], build="0"), everything) for row in case.virtual],
        sort=Sorter(offer.records).sort,
        mask_of=offer.mask,
    )
    provider = JointProvider(_Index(case), conda, case.names, everything, sides=case.side)
    roots: list[Need] = []
    for text in case.data.get("want", []):
        need = conda_need(text, everything)
        roots.append(replace(need, package=provider.name_of(need.package)))
    for text in case.data.get("require", []):
        roots += requirement_needs(case, text)
    options = Options(targets=everything, demanded=everything, first=("conda:python",))
    try:
        found = drive(solve(roots, options), provider)
    except Unsolvable:
        return UNSATISFIABLE
    reached = reach(found, roots)
    chosen: dict[str, dict[str, str]] = {subdir: {} for subdir in case.subdirs}
    for package, parts in found.chosen.items():
        if "[" in package or package.startswith("conda:__"):
            continue
        for mask, place in parts:
            record = provider.record_at(package, place)
            label = found.universe.label(package, place)
            said = f"index {label}" if record is None else f"conda {record.version} {record.build}"
            for subdir, one in masks.items():
                # An extra needs its package as well, so what is reached is reached by the bare name.
                if mask & one & reached.get((package, place), 0):
                    bare = package.removeprefix("conda:")
                    chosen[subdir][package if case.is_distribution(bare) else bare] = said
    return chosen


# -- the checker: every combination --------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    key: str
    """The distribution that it is, or ``conda:NAME``."""
    version: str
    record: CondaRecord | None = None

    @property
    def label(self) -> str:
        return f"conda {self.version} {self.record.build}" if self.record else f"index {self.version}"


@dataclass(frozen=True)
class Wish:
    """A MatchSpec, or a requirement of the index."""

    key: str
    spec: str = ""
    requirement: str = ""
    extras: tuple[str, ...] = ()
    only_if_there: bool = False

    def admits(self, candidate: Candidate) -> bool:
        if self.spec:
            spec = parse_conda_spec(self.spec)
            if candidate.record is not None:
                return spec.admits(candidate.record)
            if spec.names_a_build:
                return False
            return replace(spec, name="x").admits(CondaRecord(name="x", version=candidate.version, build=""))
        specifier = Requirement(self.requirement.partition(";")[0]).specifier
        try:
            return specifier.contains(Version(candidate.version), prereleases=True)
        except InvalidVersion:
            return not specifier or str(specifier) in (f"=={candidate.version}", f"==={candidate.version}")


class Checker:
    """Tries everything, and knows what is a solution."""

    def __init__(self, case: Case, subdir: str) -> None:
        self.case, self.subdir = case, subdir

    def key(self, conda_name: str) -> str:
        found = None if conda_name.startswith("__") else self.case.names.distribution(conda_name)
        if found is not None and self.case.names.package(found) == conda_name:
            return found
        return f"conda:{conda_name}"

    def candidates(self, key: str) -> Iterator[Candidate]:
        name = key.removeprefix("conda:")
        if name.startswith("__"):
            for row in self.case.virtual:
                if row[0] == name:
                    yield Candidate(key, row[1], CondaRecord(name=name, version=row[1], build="0"))
            return
        is_conda = key.startswith("conda:")
        sides = ("conda",) if is_conda else self.case.side(key)
        if "conda" in sides:
            for record in self.case.records.get(name if is_conda else self.case.names.package(key) or "", []):
                if record.subdir in (self.subdir, "noarch"):
                    yield Candidate(key, record.version, record)
        if "index" in sides and not is_conda:
            for version in self.case.index.get(key, {}):
                yield Candidate(key, version)

    def of_index(self, text: str, extra: str = "") -> Iterator[Wish]:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate(
            self.case.environment(self.subdir, extra)
        ):
            name = str(parse_requirement(text.partition(";")[0]).name)
            yield Wish(name, requirement=text, extras=tuple(sorted(requirement.extras)))

    def wishes(self) -> list[Wish]:
        found = [Wish(self.key(parse_conda_spec(t).name), spec=t) for t in self.case.data.get("want", [])]
        for text in self.case.data.get("require", []):
            found += self.of_index(text)
        return found

    def needs(self, candidate: Candidate, extras: Iterable[str]) -> list[Wish]:
        found: list[Wish] = []
        if candidate.record is not None:
            for text in candidate.record.depends:
                found.append(Wish(self.key(parse_conda_spec(text).name), spec=text))
            for text in candidate.record.constrains:
                found.append(Wish(self.key(parse_conda_spec(text).name), spec=text, only_if_there=True))
            said = (
                self.case.names.distribution(candidate.record.name)
                if candidate.record.name[:2] != "__"
                else ""
            )
            if said and candidate.key != said:  # nothing is there from both sides
                found.append(Wish(said, spec=f"{said} * *", only_if_there=True))
            for version, requires in self.case.index.get(candidate.key, {}).items():
                if _equal(version, candidate.version):
                    for text in requires:
                        for extra in extras:
                            found += [] if _holds(self, text, "") else self.of_index(text, extra)
            return found
        found.append(Wish("conda:python", spec="python"))
        for text in self.case.index[candidate.key][candidate.version]:
            for extra in ("", *extras):
                found += self.of_index(text, extra)
        return found

    def all_wishes(self, chosen: Mapping[str, Candidate]) -> list[Wish]:
        """What the requests and everything that is chosen wish for, extras and all."""
        extras: dict[str, set[str]] = {}
        while True:
            found = self.wishes()
            for key, candidate in chosen.items():
                found += self.needs(candidate, sorted(extras.get(key, ())))
            more: dict[str, set[str]] = {}
            for wish in found:
                more.setdefault(wish.key, set()).update(wish.extras)
            if more == extras:
                return found
            extras = more

    def faults(self, labels: Mapping[str, str]) -> list[str]:
        """What is wrong with an answer (name → label)."""
        chosen: dict[str, Candidate] = {}
        wrong: list[str] = []
        for name, label in labels.items():
            key = name if name.startswith("conda:") or self.case.is_distribution(name) else f"conda:{name}"
            found = [candidate for candidate in self.candidates(key) if candidate.label == label]
            for candidate in found:
                chosen[key] = candidate
            wrong += [] if found else [f"{name} {label} is nowhere"]
        for row in self.case.virtual:
            chosen.update({each.key: each for each in self.candidates(f"conda:{row[0]}")})
        wished = set()
        for wish in self.all_wishes(chosen):
            there = chosen.get(wish.key)
            wished.add(wish.key if not wish.only_if_there else "")
            if there is None:
                wrong += [] if wish.only_if_there else [f"{wish} is not there"]
            elif not wish.admits(there):
                wrong.append(f"{wish} does not admit {there.label}")
        return wrong + [f"nobody wants {key}" for key in chosen if key not in wished and ":__" not in key]

    def has_solution(self, chosen: dict[str, Candidate] | None = None) -> bool:
        """Whether any combination of candidates is one."""
        chosen = chosen or {}
        wishes = self.all_wishes(chosen)
        for wish in wishes:
            if wish.key in chosen and not wish.admits(chosen[wish.key]):
                return False
        for wish in wishes:
            if wish.key not in chosen and not wish.only_if_there:
                return any(
                    self.has_solution({**chosen, wish.key: candidate})
                    for candidate in self.candidates(wish.key)
                    if wish.admits(candidate)
                )
        return True


def _holds(checker: Checker, text: str, extra: str) -> bool:
    return bool(list(checker.of_index(text, extra)))


def _equal(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return False


def expected(case: Case) -> Mapping[str, Mapping[str, str]] | str:
    """What the file says should come out, for each subdir."""
    said = case.data["expected"]
    if said == UNSATISFIABLE:
        return UNSATISFIABLE
    if isinstance(next(iter(said.values()), ""), Mapping):
        return dict(said)
    return dict.fromkeys(case.subdirs, said)


def names_of(paths: Sequence[Path]) -> list[str]:
    return [path.stem for path in paths]
