"""The law of a lock's conda part. Shares no code with the solver: of the language it uses the words alone.

*On each target, with each choice: a package is there once at most, from one side; every MatchSpec of every
record that is there, and of the project, is met by what is there (a record, a virtual package that was
assumed, a wheel); what a record constrains is absent or as it wants; a record is of the target's subdir or
noarch; and wheels have the Python by which they were chosen.* What wheels need of records is judged by
``check``, by PEP 440.
"""

from __future__ import annotations

from hutch.spec import (
    CondaRecord,
    InvalidCondaVersion,
    admits,
    condition_holds,
    normalize,
    parse_conda_spec,
    parse_conda_version,
    parse_condition,
    parse_version_spec,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hutch.lock.conda_model import CondaLock, CondaTarget
    from hutch.spec import CondaSpec, Target

__all__ = ["CondaLaw", "distributions_of"]

_PYPI = "pkg:pypi/"


def distributions_of(record: CondaRecord) -> tuple[str, ...]:
    """The normalised names on an index of what a record is, by its purls."""
    return tuple(
        normalize(purl.removeprefix(_PYPI).partition("?")[0].partition("@")[0].partition("#")[0])
        for purl in record.purls or ()
        if purl.startswith(_PYPI)
    )


class CondaLaw:
    """What the conda part says of each target."""

    def __init__(self, part: CondaLock) -> None:
        self.part = part
        self._wheels = dict(part.wheels)
        self._known: dict[tuple[str, frozenset[str]], list[CondaRecord]] = {}

    def there(self, target: CondaTarget, wheres: frozenset[str]) -> list[CondaRecord]:
        """The records that a target has with what is chosen."""
        key = target.name, wheres
        if key not in self._known:
            self._known[key] = [
                package.record
                for package in self.part.packages
                if any(where in wheres and target.name in names for where, names in package.reached)
            ]
        return self._known[key]

    def provided(self, target: CondaTarget, wheres: frozenset[str]) -> dict[str, str]:
        """The distributions that come from conda there, with their versions."""
        return {
            name: record.version for record in self.there(target, wheres) for name in distributions_of(record)
        }

    def faults(
        self,
        target: CondaTarget,
        wheres: frozenset[str],
        wheels: Mapping[str, tuple[str | None, str | None]],
        python: Target | None,
    ) -> Iterator[str]:
        """What is wrong on a target; ``wheels`` have their version and what Python they require."""
        records = self.there(target, wheres)
        by_name: dict[str, list[CondaRecord]] = {}
        for record in records:
            by_name.setdefault(record.name, []).append(record)
            if record.subdir not in (target.subdir, "noarch"):
                yield f"{record.label} is for {record.subdir}"
            for name in distributions_of(record):
                if name in wheels:
                    yield f"{record.label} and the wheel {name} are there at once"
        for name, found in by_name.items():
            if len(found) > 1:
                yield f"{name} is there {len(found)} times: {', '.join(each.label for each in found)}"
        for name, version, build in target.virtual:
            by_name.setdefault(name, []).append(CondaRecord(name=name, version=version, build=build))
        for root in self.part.roots:
            if root.where in wheres and (not root.targets or target.name in root.targets):
                yield from self._need(root.where, root.spec, by_name, wheels)
        for record in records:
            for spec in record.depends:
                yield from self._need(record.label, spec, by_name, wheels)
            for spec in record.constrains:
                yield from self._need(record.label, spec, by_name, wheels, constraint=True)
        if wheels:
            yield from _python(by_name, wheels, python)

    def _need(
        self,
        by: str,
        text: str,
        there: Mapping[str, list[CondaRecord]],
        wheels: Mapping[str, tuple[str | None, str | None]],
        *,
        constraint: bool = False,
        inside: frozenset[tuple[str, str]] = frozenset(),
    ) -> Iterator[str]:
        spec = parse_conda_spec(text)
        if spec.when and not self._holds(spec.when, there, wheels):
            return
        verb = "constrains" if constraint else "needs"
        found = there.get(spec.name, ())
        for record in found:
            if not spec.admits(record):
                yield f"{by} {verb} {text}, and {record.version} {record.build} is there"
            for extra in spec.extras if not constraint else ():
                within = inside | {(record.name, extra)}
                for each in dict(record.extra_depends).get(extra, ()) if within != inside else ():
                    yield from self._need(f"{record.label}[{extra}]", each, there, wheels, inside=within)
        wheel = self._wheels.get(spec.name)
        if wheel is not None and wheel in wheels and not found:
            version = wheels[wheel][0]
            if not _admits_wheel(spec, version):
                yield f"{by} {verb} {text}, and the wheel {wheel} {version or ''} is there"
        elif not found and not constraint:
            yield f"{by} needs {text}, which is not there"

    def _holds(
        self,
        condition: str,
        there: Mapping[str, list[CondaRecord]],
        wheels: Mapping[str, tuple[str | None, str | None]],
    ) -> bool:
        def holds(text: str) -> bool:
            spec = parse_conda_spec(text)
            if spec.name in there:
                return any(spec.admits(record) for record in there[spec.name])
            wheel = self._wheels.get(spec.name, "")
            return wheel in wheels and _admits_wheel(spec, wheels[wheel][0])

        return condition_holds(parse_condition(condition), holds)


def _admits_wheel(spec: CondaSpec, version: str | None) -> bool:
    """Whether a MatchSpec means a wheel: by its version alone, and never where it names a build."""
    if spec.names_a_build:
        return False
    if not spec.version:
        return True
    try:
        return version is not None and bool(parse_version_spec(spec.version)(parse_conda_version(version)))
    except InvalidCondaVersion:
        return False


def _python(
    there: Mapping[str, list[CondaRecord]],
    wheels: Mapping[str, tuple[str | None, str | None]],
    target: Target | None,
) -> Iterator[str]:
    """Wheels are for the Python that is there, and for the C library that was assumed."""
    found = there.get("python", ())
    if not found:
        yield "there are wheels, and no python"
        return
    version = found[0].version
    if target is None:
        yield "there are wheels, and it is not said for which Python they were chosen"
        return
    if version.split(".")[:2] != [str(part) for part in target.python]:
        yield f"the wheels are for Python {target.python_text}, and {version} is there"
    from hutch.spec import parse_specifiers

    for name, (_, requires_python) in wheels.items():
        if requires_python and not admits(parse_specifiers(requires_python), version):
            yield f"{name} requires Python {requires_python}, and {version} is there"
    virtual = {"glibc": "__glibc", "macos": "__osx"}
    kind = "macos" if target.platform.os == "macos" else target.platform.libc
    for record in there.get(virtual.get(kind or "", ""), ()):
        wanted = ".".join(map(str, target.platform.version))
        if not parse_version_spec(f">={wanted}")(parse_conda_version(record.version)):
            yield f"the wheels are for {record.name} {wanted}, and {record.version} was assumed"
