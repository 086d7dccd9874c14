"""The joint solve: records of channels and versions of an index as one resolution.

Targets are platforms times one minor version of Python: the newest that the request admits and every platform
has, the next when there is no solution (``docs/explanation/conda.md``). On each platform Python is settled to
its newest patch release of that minor version, so that every marker has a value.
"""

from __future__ import annotations

from hutch.conda import conda_need
from hutch.conda.names import NameMap
from hutch.ops.asking import needs_of
from hutch.ops.conda_mapping import fetched_mapping
from hutch.ops.conda_problems import NoPythonForWheels
from hutch.ops.conda_question import CondaAsked, CondaResolution, JointPart, Question, Side, asked_needs
from hutch.ops.resolve import Request, provider_options
from hutch.provide import IndexProvider, drive, split_package
from hutch.provide.joint import CONDA, IndexWanted, JointProvider
from hutch.solve import Need, Options, Unsolvable, reach, solve
from hutch.spec import Targets, parse_conda_spec, parse_target
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from hutch.lock import CondaTarget
    from hutch.ops.conda_question import Fetching
    from hutch.ops.resolve import Root
    from hutch.solve import Resolution
    from hutch.spec import CondaRecord, Target

    # The newest patch release of each minor version, by minor version.
    Pythons = dict[tuple[int, int], int]

__all__ = ["solve_joint", "wheel_target"]

MOST_PYTHONS = 6
_PLACES = {
    "linux-64": "linux-x86_64",
    "linux-32": "linux-i686",
    "linux-aarch64": "linux-aarch64",
    "linux-ppc64le": "linux-ppc64le",
    "linux-s390x": "linux-s390x",
    "linux-riscv64": "linux-riscv64",
    "osx-64": "macos-x86_64",
    "osx-arm64": "macos-arm64",
    "win-64": "windows-x86_64",
    "win-32": "windows-x86",
    "win-arm64": "windows-arm64",
}


def solve_joint(question: Question, requirements: tuple[Root, ...], side: Side) -> CondaResolution:
    """The resolution over both sides. Raises `CondaConflict`, the one of the newest Python."""
    provider, records_of = question.provider()
    question.refuse_unknown(provider, records_of)
    names = NameMap(records_of, user=side.map, fetched=fetched_mapping(question.context))
    by_target = [_pythons(question, target, records_of("python")) for target in question.targets]
    minors = sorted(set.intersection(*map(set, by_target)), reverse=True)[:MOST_PYTHONS]
    if not minors:
        question.solve_alone()  # where the MatchSpecs contradict each other, that is what is to be told
        channels = [] if records_of("python") else [channel.name for channel in question.channels]
        raise NoPythonForWheels([target.name for target in question.targets], channels)
    first: tuple[Unsolvable, IndexProvider] | None = None
    for minor in minors:
        targets = tuple(
            wheel_target(target, minor, pythons[minor])
            for target, pythons in zip(question.targets, by_target, strict=True)
        )
        # The index is asked for what somebody wants from there, and for all only where that has no solution.
        called: set[str] = set()
        reluctant = True
        while True:
            how = {"reluctant": reluctant, "called": frozenset(called)}
            attempt = _Attempt(question, requirements, side, names, provider, targets, how)
            try:
                return attempt.solve()
            except IndexWanted:
                called |= attempt.joint.called
            except Unsolvable as problem:
                if not attempt.joint.passed_over:
                    first = first or (problem, attempt.index)
                    break
                reluctant = False
    from hutch.ops.conda_conflicts import conda_conflict
    from hutch.ops.unknown import unknown_package

    assert first is not None
    if unknown := unknown_package(*first):
        if unknown.package in question.repodata.names():
            unknown.hints = (f"conda's channels have {unknown.package}: hutch add --conda {unknown.package}",)
        raise unknown from None
    raise conda_conflict(first[0], question, names=names) from None


def _pythons(question: Question, target: CondaTarget, records: Sequence[CondaRecord]) -> Pythons:
    """The versions of Python that the request admits on a target; what is preferred counts as the newest."""
    asked = [
        parse_conda_spec(each.spec)
        for each in question.asked
        if not each.targets or target.name in each.targets
    ]
    specs = [spec for spec in asked if spec.name == "python"]
    preferred = {label.partition(" ")[0] for label in question.preferred.get("python", ())}
    found: Pythons = {}
    kept: Pythons = {}
    for record in records:
        numbers = record.version.split(".")
        if (
            record.subdir not in (target.subdir, "noarch")
            or len(numbers) != 3
            or not all(map(str.isdigit, numbers))
        ):
            continue
        if not all(spec.admits(record) for spec in specs):
            continue
        minor, patch = (int(numbers[0]), int(numbers[1])), int(numbers[2])
        found[minor] = max(patch, found.get(minor, 0))
        if record.version in preferred:
            kept[minor] = patch
    return {**found, **kept}


def wheel_target(target: CondaTarget, minor: tuple[int, int], patch: int) -> Target:
    """What a wheel has to be for, there."""
    place = _PLACES.get(target.subdir)
    if place is None:
        raise NoPythonForWheels([target.name])
    virtual = {name: version for name, version, _ in target.virtual}
    libc = ""
    if target.subdir.startswith("linux-"):
        name = "musl" if "__musl" in virtual else "glibc"
        version = virtual.get(f"__{name}")
        libc = f"-{name}{_two(version)}" if version else ""
    elif target.subdir.startswith("osx-") and "__osx" in virtual:
        libc = f"-{_two(virtual['__osx'])}"
    return parse_target(f"cp{minor[0]}{minor[1]}.{patch}:{patch + 1}-{place}{libc}")


def _two(version: str) -> str:
    numbers = [part for part in version.split(".") if part.isdigit()]
    return ".".join((*numbers, "0")[:2])


class _Attempt:
    """One solve, for one minor version of Python."""

    def __init__(
        self,
        question: Question,
        requirements: tuple[Root, ...],
        side: Side,
        names: NameMap,
        provider: Fetching,
        targets: tuple[Target, ...],
        how: Mapping[str, Any],
    ) -> None:
        from hutch.ops.builds import Builder
        from hutch.ops.library import StoreLibrary

        self.question = question
        self.provider = provider
        self.names = names
        self.targets = Targets(targets)
        context = question.context
        self.request = Request(
            roots=requirements,
            targets=self.targets,
            demanded=question.everything,
            exclude_newer=question.exclude_newer,
            resolution="lowest" if question.lowest else "highest",
            preferred={
                name: tuple(label for label in labels if " " not in label)
                for name, labels in question.preferred.items()
            },
        )
        if question.adjust is not None:
            self.request = question.adjust(self.request)
        builder = question.builder(targets[0]) if question.builder is not None else Builder(context)
        self.index = IndexProvider(
            StoreLibrary(context, builder), provider_options(self.request), emit=context.emit
        )
        said = side.sides

        def sides(name: str) -> tuple[str, ...]:
            return said(name) if said is not None else ("conda", "index")

        self.joint = JointProvider(self.index, provider, names, question.everything, sides=sides, **how)

    def solve(self) -> CondaResolution:
        question = self.question
        conda = [
            (each, need)
            for each in question.asked
            if (mask := question.mask(each))
            for need in self._conda_needs(each, mask)
        ]
        roots = tuple((root, tuple(needs_of(root, self.targets))) for root in self.request.roots)
        wheels = [need for _, needs in roots for need in needs]
        self.joint.call(tuple(wheels))
        self.index.expect([need for need in wheels if "index" in self.joint.sides_of(need.package)])
        asked = [*(need for _, need in conda), *wheels, *self._python()]
        options = Options(
            targets=question.everything,
            demanded=question.everything,
            lowest=question.lowest,
            first=(f"{CONDA}python",),
        )
        resolution = drive(solve(asked, options, emit=question.context.emit), self.joint)
        by_where: dict[str, list[Need]] = {}
        for each, need in conda:
            by_where.setdefault(each.where, []).append(need)
        for root, needs in roots:
            by_where.setdefault(root.where, []).extend(needs)
        reached = {where: reach(resolution, found) for where, found in sorted(by_where.items())}
        names = {name for keys in reached.values() for name, _ in keys}
        return CondaResolution(
            channels=question.channels,
            targets=tuple(
                replace(target, python=one.name)
                for target, one in zip(question.targets, self.targets.targets, strict=True)
            ),
            roots=question.roots(),
            packages=question.packages(reached, self._record_at),
            joint=JointPart(
                resolution=resolution,
                roots=roots,
                targets=self.targets,
                provider=self.joint,
                index=self.index,
                met=self._met(resolution, names),
                reached=reached,
            ),
        )

    def _conda_needs(self, each: CondaAsked, mask: int) -> list[Need]:
        needs = asked_needs(self.provider, each, mask)
        return [replace(need, package=self.joint.name_of(need.package)) for need in needs]

    def _python(self) -> list[Need]:
        """The Python of this attempt, where one is wanted at all: an ordinary CPython."""
        found = []
        for at, target in enumerate(self.targets.targets):
            version = f"{target.python_text}.{target.low}"
            for text in (
                f"python =={version}",
                f"python_abi * *_cp{target.python[0]}{target.python[1]}",
            ):
                origin = CondaAsked(spec=text, constraint=True, place=f"the Python {version} of the wheels")
                need = conda_need(text, 1 << at, constraint=True, origin=origin)
                found.append(replace(need, package=self.joint.name_of(need.package)))
        return found

    def _record_at(self, name: str, place: int) -> CondaRecord | None:
        """The record that a choice is, with the name that it has on the index."""
        record = self.joint.record_at(name, place)
        base = split_package(name)[0]
        if record is None or base.startswith(CONDA):
            return record
        from hutch.lock import distributions_of

        if base in distributions_of(record):
            return record
        return replace(record, purls=(*(record.purls or ()), f"pkg:pypi/{base}"))

    def _met(self, resolution: Resolution, names: set[str]) -> tuple[tuple[str, str], ...]:
        """What has a name in conda, and was taken from the index."""
        found = []
        for name in names:
            base = split_package(name)[0]
            if base.startswith(CONDA):
                continue
            package = self.names.package(base)
            places = [place for _, place in resolution.chosen.get(name, ())]
            if package is not None and any(self.joint.record_at(name, place) is None for place in places):
                found.append((package, base))
        return tuple(sorted(set(found)))
