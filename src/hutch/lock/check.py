"""The law of a lock, checked on every lock before it is written. Shares no code with the solver.

*For each target, the packages whose markers hold there satisfy every requirement that is active
there, each exactly once, and each has a file that installs there.* A target is checked with nothing
chosen beside the project, with each extra and each group, and with all of them together (of those that
exclude each other: in every largest choice; where these are too many, in those that ``choices`` seeks out).

The evidence is the metadata of each entry. Where they are not at hand, what the lock notes itself of who
needs whom stands in, which is weaker: a note says of a target that an entry is needed there, but not with
which choice, so it counts as kept where any choice keeps it.

A violation is a bug of ours: the solver is exact by construction, and this is how one knows.
"""

from __future__ import annotations

from hutch.lock.atoms import any_of_these, gather_atoms, rest_of
from hutch.lock.evidence import Evidence, installable_tags
from hutch.lock.urls import filename_of
from hutch.spec import InvalidVersion, admits, evaluate, parse_marker, version_key
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeAlias

    from hutch.lock.check_conda import CondaLaw
    from hutch.lock.conda_model import CondaTarget
    from hutch.lock.lockfile import Lock
    from hutch.lock.model import Edge, LockedPackage, RootEdge
    from hutch.spec import CoreMetadata, Marker, Requirement, Specifiers, Target

    # The entries of each name on one target, each with a bit for each choice with which it is there.
    There: TypeAlias = dict[str, list[tuple[LockedPackage, int]]]

__all__ = ["Violation", "check_lock", "selected_on"]

Choice = tuple[frozenset[str], frozenset[str]]
"""Chosen extras and groups."""
MOST_CHOICES = 256
_NOTHING: Choice = (frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Violation:
    """What the lock gets wrong on one target, with one choice of extras and groups."""

    target: str
    choice: str
    text: str

    def __str__(self) -> str:
        return f"{self.target}{f' with {self.choice}' if self.choice else ''}: {self.text}"


def check_lock(
    lock: Lock,
    targets: Iterable[Target],
    roots: Mapping[str, Iterable[Requirement]] | None,
    metadata_of: Callable[[LockedPackage], CoreMetadata | None],
) -> tuple[Violation, ...]:
    """Everything that the lock gets wrong; nothing, if all is well.

    ``roots`` are the project's requirements by where they stand (``project``, ``extra:x``,
    ``group:y``); ``metadata_of`` gives the core metadata of an entry. None of either: what the lock
    notes has to do.
    """
    if lock.conda is not None and lock.conda.worlds:
        from hutch.lock.conda_worlds import check_worlds

        return check_worlds(lock, targets, roots, metadata_of, check_lock)
    found = {where: tuple(each) for where, each in roots.items()} if roots is not None else None
    checker = _Checker(lock, found, metadata_of)
    targets = tuple(targets)
    if checker.has_more:
        from hutch.lock.choices import broken_choices

        # Sought out, and then judged as any other.
        for names in broken_choices(lock, targets, found or {}, metadata_of):
            checker.choices.append(_choice(names))
    # Targets on which every comparison has the same outcome are given the same packages, and need the same.
    alike: dict[int, dict[int, tuple[Choice, LockedPackage]]] = {}
    for target in targets:
        signature = checker.signature(target)
        # What conda has is said of each target for itself.
        given = alike.get(signature) if checker.law is None else None
        if given is None:
            given = alike[signature] = checker.check_choices(target)
        for choice, package in given.values():
            checker.check_file(target, choice, package)
    if checker.law is not None:
        checker.check_conda(targets)
    return tuple(checker.violations)


class _Checker:
    def __init__(
        self,
        lock: Lock,
        roots: Mapping[str, tuple[Requirement, ...]] | None,
        metadata_of: Callable[[LockedPackage], CoreMetadata | None],
    ) -> None:
        self.lock = lock
        self.roots = roots or {}
        self.metadata_of = metadata_of
        # Who needs whom by the word of the lock: None stands for the project.
        self.notes: list[tuple[LockedPackage | None, Edge | RootEdge]] = []
        if roots is None:
            self.notes += [(None, edge) for edge in lock.roots]
        self.violations: list[Violation] = []
        self.law: CondaLaw | None = None
        if lock.conda is not None:
            from hutch.lock.check_conda import CondaLaw

            self.law = CondaLaw(lock.conda)
        self._beside: dict[str, list[dict[str, str]]] = {}
        self.markers = [parse_marker(each.marker) if each.marker else None for each in lock.packages]
        extras, groups = frozenset(lock.extras), frozenset(lock.dependency_groups)
        none: frozenset[str] = frozenset()
        alone = [(frozenset({extra}), none) for extra in sorted(extras)]
        alone += [(none, frozenset({group})) for group in sorted(groups)]
        self.choices: list[Choice] = [(none, none), *alone]
        largest = _largest(lock) if len(alone) > 1 else []
        self.has_more = largest is None
        """Whether there are too many choices to try them one by one."""
        self.choices += [choice for choice in largest or () if choice not in self.choices]
        self._held: dict[tuple[Marker, int, str], bool] = {}
        self._evidence: dict[int, Evidence] = {}
        self._admitted: dict[tuple[Specifiers, str], bool] = {}
        self._environments: dict[int, dict[str, str]] = {}
        self._installs: dict[int, dict[str, bool]] = {}
        self._said: set[tuple[str, str]] = set()
        said = [*self.markers, *(each.marker for found in self.roots.values() for each in found)]
        for package in lock.packages:
            metadata = metadata_of(package)
            self._evidence[id(package)] = Evidence(package, metadata)
            if metadata is None:
                self.notes += [(package, edge) for edge in package.dependencies]
            else:
                said += [requirement.marker for requirement in metadata.requirements]
        said += [parse_marker(edge.marker) for _, edge in self.notes if edge.marker]
        atoms: dict[Marker, None] = {}
        self._local: set[Marker] = set()  # what says something of the target, not of extras alone
        for marker in filter(None, dict.fromkeys(said)):
            own: dict[Marker, None] = {}
            gather_atoms(marker, own)
            if own:
                self._local.add(marker)
                atoms.update(own)
        self._atoms = tuple(atoms)

    def signature(self, target: Target) -> int:
        """Which of the comparisons in all markers are true on a target, one bit each."""
        environment = self._environment(target)
        signature = 0
        for number, atom in enumerate(self._atoms):
            if evaluate(atom, environment):
                signature |= 1 << number
        return signature

    def check_choices(self, target: Target) -> dict[int, tuple[Choice, LockedPackage]]:
        """Check what is there and what is needed, with each choice; the entries that are there with any.

        Choices are bits: a workspace of two hundred members has as many, and most that is to be said of one
        package is to be said of it with nearly all of them.
        """
        there = self.there(target)
        for entries in there.values():
            for number, (package, bits) in enumerate(entries):
                for _, others in entries[:number]:
                    if both := bits & others:
                        self._blame(target, self._first(both), f"{package.name} is there twice")
        self.check_needs(target, there)
        if self.notes:
            self.check_notes(target, there)
        return {
            id(package): (self._first(bits), package)
            for entries in there.values()
            for package, bits in entries
        }

    def _first(self, bits: int) -> Choice:
        return self.choices[(bits & -bits).bit_length() - 1]

    def _chosen(self) -> dict[str, int]:
        """The choices in which an extra or a group is (``extra:x``); with the project they all are."""
        chosen = {"project": (1 << len(self.choices)) - 1}
        for number, (extras, groups) in enumerate(self.choices):
            for where in (*(f"extra:{e}" for e in extras), *(f"group:{g}" for g in groups)):
                chosen[where] = chosen.get(where, 0) | 1 << number
        return chosen

    def there(self, target: Target) -> There:
        """The entries by name, each with the choices with which the lock installs it."""
        chosen, environment = self._chosen(), self._environment(target)
        known: dict[str, int] = {"": chosen["project"]}
        found: There = {}
        for package, marker in zip(self.lock.packages, self.markers, strict=True):
            text = package.marker or ""
            if text not in known:
                known[text] = self._with(rest_of(marker, environment), environment, chosen)
            if bits := known[text]:
                found.setdefault(package.name, []).append((package, bits))
        return found

    def _with(self, rest: Marker | bool, environment: Mapping[str, str], chosen: Mapping[str, int]) -> int:
        """The choices with which a marker is true, of which this is left on a target."""
        if isinstance(rest, bool):
            return chosen["project"] if rest else 0
        bits = 0
        any_of = any_of_these(rest)
        if any_of is not None:  # mostly; in a workspace, one of many
            for where in any_of:
                bits |= chosen.get(where, 0)
            return bits
        for number, choice in enumerate(self.choices):
            if evaluate(rest, environment, *choice):
                bits |= 1 << number
        return bits

    def _environment(self, target: Target) -> dict[str, str]:
        key = id(target)
        if key not in self._environments:
            self._environments[key] = target.environment()
        return self._environments[key]

    def check_needs(self, target: Target, there: There) -> None:
        """Is every active requirement met by what is there, with each choice?"""
        key = id(target)
        evidence, local = self._evidence, self._local
        seen: dict[tuple[int, str], int] = {}
        waiting: dict[tuple[int, str], int] = {}

        def meet(requirement: Requirement, by: str, asked: int) -> None:
            name = requirement.name
            missing = asked
            for package, bits in there.get(name, ()):
                here = asked & bits
                if not here:
                    continue
                missing &= ~here
                version = evidence[id(package)].version
                if requirement.specifiers and version and not self._admits(requirement.specifiers, version):
                    text = f"{by} needs {requirement.render()}, and {version} is there"
                    self._blame(target, self._first(here), text)
                for wanted in ("", *requirement.extras) if requirement.extras else ("",):
                    place = id(package), wanted
                    before = seen.get(place, 0)
                    if fresh := here & ~before:
                        seen[place] = before | fresh
                        waiting[place] = waiting.get(place, 0) | fresh
            if missing and self.law is not None:
                missing = self._by_conda(requirement, by, target, missing)
            if missing:
                text = f"{by} needs {requirement.render()}, which is not there"
                self._blame(target, self._first(missing), text)

        for where, asked in self._chosen().items():
            for requirement in self.roots.get(where, ()):
                if requirement.marker is None or self._holds(requirement.marker, key, ""):
                    meet(requirement, where, asked)
        while waiting:
            # In the order of coming, so that those who ask for a package have mostly all asked by then.
            place = next(iter(waiting))
            asked = waiting.pop(place)
            found = evidence[place[0]]
            for requirement, marker in found.asks(place[1], local):
                if marker is None or self._holds(marker, key, place[1]):
                    meet(requirement, found.label, asked)

    def check_notes(self, target: Target, there: There) -> None:
        """Is there, with any choice, what the lock itself says is needed on this target?"""
        environment, chosen = self._environment(target), self._chosen()
        for above, edge in self.notes:
            # The extras in a note are those of the package above, all of which somebody asked for.
            if edge.marker and not evaluate(parse_marker(edge.marker), environment, frozenset(edge.extras)):
                continue
            if above is None:
                by = edge.where  # type: ignore[union-attr]
                having = chosen.get(by, 0)
            else:
                by = f"{above.name} {above.version or ''}".rstrip()
                having = sum(bits for package, bits in there.get(above.name, ()) if package is above)
            entries = there.get(edge.name, ())
            keeping = [bits for package, bits in entries if edge.version in (None, package.version)]
            if having and not any(having & bits for bits in keeping):
                if self.law is not None and any(edge.name in each for each in self._provided(target)):
                    continue
                wanted = f"{edge.name} {edge.version or ''}".rstrip()
                self._blame(target, _NOTHING, f"{by} needs {wanted}, which is not there")

    def _provided(self, target: Target) -> list[dict[str, str]]:
        """The distributions that come from conda, with each choice."""
        found = self._beside.get(target.name)
        if found is None:
            assert self.law is not None
            places = [each for each in self.law.part.targets if each.python == target.name]
            found = [
                {
                    name: version
                    for each in places
                    for name, version in self.law.provided(each, wheres).items()
                }
                for wheres in map(_wheres, self.choices)
            ]
            self._beside[target.name] = found
        return found

    def _by_conda(self, requirement: Requirement, by: str, target: Target, asked: int) -> int:
        """The choices with which not even conda has what is required; PEP 440 judges what it has."""
        for number, provided in enumerate(self._provided(target)):
            version = provided.get(requirement.name)
            if version is None or not asked >> number & 1:
                continue
            asked &= ~(1 << number)
            if requirement.specifiers and not self._admits_conda(requirement.specifiers, version):
                text = f"{by} needs {requirement.render()}, and {version} of conda is there"
                self._blame(target, self.choices[number], text)
        return asked

    def _admits_conda(self, specifiers: Specifiers, version: str) -> bool:
        try:
            version_key(version)
        except InvalidVersion:
            return all(operator in ("==", "===") and text == version for operator, text in specifiers)
        return self._admits(specifiers, version)

    def check_conda(self, targets: Iterable[Target]) -> None:
        """The law of what comes from channels, on each of its targets, with each choice."""
        assert self.law is not None
        known = {target.name: target for target in targets}
        for place in self.law.part.targets:
            target = known.get(place.python)
            there = self.there(target) if target is not None else {}
            for number, choice in enumerate(self.choices):
                wheels = {
                    name: (self._evidence[id(package)].version, package.requires_python)
                    for name, entries in there.items()
                    for package, bits in entries
                    if bits >> number & 1
                }
                for text in self.law.faults(place, _wheres(choice), wheels, target):
                    self._blame(place, choice, text)

    def _holds(self, marker: Marker, key: int, extra: str) -> bool:
        place = key if marker in self._local else 0
        found = self._held.get((marker, place, extra))
        if found is None:
            extras = frozenset({extra}) if extra else frozenset()
            found = self._held[marker, place, extra] = evaluate(marker, self._environments[key], extras)
        return found

    def _admits(self, specifiers: Specifiers, version: str) -> bool:
        found = self._admitted.get((specifiers, version))
        if found is None:
            found = self._admitted[specifiers, version] = admits(specifiers, version)
        return found

    def check_file(self, target: Target, choice: Choice, package: LockedPackage) -> None:
        """Is there a file of the entry that installs there?"""
        if package.is_direct:
            archive = package.archive
            wheel = filename_of(archive.url, archive.path) if archive is not None else ""
            if wheel.endswith(".whl") and not self._fits(target, wheel):
                self._blame(target, choice, f"{wheel} does not install there")
            return
        found = self._evidence[id(package)]
        if found.pythons:
            full = self._environment(target)["python_full_version"]
            if not self._admits(found.pythons, full):
                text = f"{package.name} {package.version} requires Python {package.requires_python}"
                self._blame(target, choice, text)
        if found.lacks_hash:
            self._blame(target, choice, f"{package.name} {package.version} has a file without a hash")
        if package.sdist is None:
            installs = self._installs.setdefault(id(target), {})
            for tags in found.tags:
                if tags not in installs:
                    installs[tags] = target.supports(tags)
                if installs[tags]:
                    return
            self._blame(target, choice, f"no file of {package.name} {package.version} installs there")

    def _fits(self, target: Target, filename: str) -> bool:
        return any(target.supports(tags) for tags in installable_tags([filename]))

    def _blame(self, target: Target | CondaTarget, choice: Choice, text: str) -> None:
        if (target.name, text) not in self._said:
            self._said.add((target.name, text))
            chosen = [*(f"extra {e}" for e in sorted(choice[0])), *(f"group {g}" for g in sorted(choice[1]))]
            self.violations.append(Violation(target.name, ", ".join(chosen), text))


def _largest(lock: Lock) -> list[Choice] | None:
    """The choices to which nothing can be added: all extras and groups, unless some exclude each other.

    Of each conflict one is left out, in every possible way. None: these are too many.
    """
    everything = {f"extra:{name}" for name in lock.extras} | {
        f"group:{name}" for name in lock.dependency_groups
    }
    found = {frozenset(everything)}
    for conflict in map(frozenset, lock.conflicts):
        whole = {choice for choice in found if not choice >= conflict}
        parts = {choice - {one} for choice in found - whole for one in conflict}
        found = whole | {part for part in parts if not any(part < other for other in (*whole, *parts))}
        if len(found) > MOST_CHOICES:
            return None
    return [_choice(choice) for choice in sorted(found, key=sorted)]


def _wheres(choice: Choice) -> frozenset[str]:
    """What leads to records with a choice, as the conda part names it."""
    extras, groups = choice
    return frozenset(
        ("project", *(f"extra:{name}" for name in extras), *(f"group:{name}" for name in groups))
    )


def _choice(names: frozenset[str]) -> Choice:
    return (
        frozenset(name[6:] for name in names if name.startswith("extra:")),
        frozenset(name[6:] for name in names if name.startswith("group:")),
    )


def selected_on(lock: Lock, target: Target, choice: Choice = _NOTHING) -> dict[str, LockedPackage]:
    """What the law finds selected on a target, by name."""
    checker = _Checker(lock, {}, lambda package: None)
    checker.choices = [choice]
    return {name: entries[-1][0] for name, entries in checker.there(target).items()}
