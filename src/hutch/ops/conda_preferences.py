"""What a new lock should keep of an old one, over both sides, and what ``--upgrade-package`` lets go."""

from __future__ import annotations

from hutch.errors import Problem, UsageProblem
from hutch.ops.conda_question import CondaAsked
from hutch.ops.resolve import Root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.lock import Lock
    from hutch.ops.lock import LockOptions
    from hutch.ops.lock_file import OldLock
    from hutch.project import CondaSettings

    Preferred = dict[str, tuple[str, ...]]

__all__ = ["asked_name", "kept_and_asked", "locked_packages"]


def kept_and_asked(
    old: OldLock, options: LockOptions, settings: CondaSettings
) -> tuple[Preferred, tuple[Root, ...], tuple[CondaAsked, ...]]:
    """What to keep, by the names of both sides, and what ``--upgrade-package NAME<4`` asks for on top.

    Versions of an index are kept by those, records by ``VERSION BUILD``.
    """
    if options.upgrade:
        return {}, (), ()
    preferred: Preferred = {}
    for found in (old.versions, old.records):
        for name, labels in found.items():
            preferred[str(name)] = (*preferred.get(str(name), ()), *labels)
    roots: list[Root] = []
    asked: list[CondaAsked] = []
    lock = old.lock or old.seed
    packages = locked_packages(lock)
    for text in options.upgrade_package:
        name, specifies = asked_name(text)
        conda, wheel = _sides_of(name, packages, preferred)
        if conda is None and wheel is None:
            raise UsageProblem(
                f"--upgrade-package: {name} is not in the lock", hint="hutch tree shows what is"
            )
        for each in (conda, wheel):
            preferred.pop(each or "", None)
        if specifies and conda is not None:
            spec = _renamed(text, name, conda)
            asked.append(CondaAsked(spec=spec, constraint=True, place="this command"))
        elif specifies:
            from hutch.spec import parse_requirement

            roots.append(Root(requirement=parse_requirement(text), constraint=True))
    _forget_other_sides(preferred, settings, packages)
    return preferred, tuple(roots), tuple(asked)


def locked_packages(lock: Lock | None) -> dict[str, str]:
    """The packages of conda in a lock: by their names, and by those of the distributions that they are."""
    if lock is None or lock.conda is None:
        return {}
    from hutch.lock import distributions_of

    found: dict[str, str] = {}
    for each in lock.conda.packages:
        for name in distributions_of(each.record):
            found.setdefault(name, each.record.name)
    found.update({each.record.name: each.record.name for each in lock.conda.packages})
    return found


def asked_name(text: str) -> tuple[str, bool]:
    """The name in a requirement or a MatchSpec, as it was typed, and whether more is said than that."""
    from hutch.spec import parse_conda_spec, parse_requirement

    try:
        requirement = parse_requirement(text)
    except Problem:
        spec = parse_conda_spec(text)
        return spec.name, bool(spec.version or spec.build or spec.names_a_build)
    return str(requirement.name), bool(requirement.specifiers)


def _sides_of(name: str, packages: dict[str, str], preferred: Iterable[str]) -> tuple[str | None, str | None]:
    """What is locked by that name: the package of conda, and the distribution of an index."""
    from hutch.spec import normalize

    conda = packages.get(name)
    if conda is None:
        normal = normalize(name)
        conda = next((each for known, each in packages.items() if normalize(known) == normal), None)
    wheel = normalize(name)
    return conda, wheel if wheel in preferred and wheel != conda else None


def _renamed(text: str, name: str, conda: str) -> str:
    """A requirement of the distribution ``name`` as a MatchSpec of the package that it is."""
    from hutch.spec import parse_conda_spec

    spec = parse_conda_spec(text)
    if spec.name == conda:
        return text
    return " ".join(part for part in (conda, spec.version, spec.build) if part)


def _forget_other_sides(preferred: Preferred, settings: CondaSettings, packages: dict[str, str]) -> None:
    """Where the project prefers a side, what was taken from the other one is not kept for its own sake."""
    for side, name in settings.prefer:
        for key in {name, packages.get(name, name)}:
            kept = tuple(label for label in preferred.get(key, ()) if (" " in label) is (side == "conda"))
            if key in preferred:
                preferred[key] = kept
