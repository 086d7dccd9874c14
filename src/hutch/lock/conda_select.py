"""What a lock says of one conda environment: the records of a target, with who asked for which."""

from __future__ import annotations

from hutch.errors import Problem
from hutch.lock.selecting import AmbiguousLock, UnknownSelection, refuse_contradiction
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from hutch.lock.conda_model import CondaLock, CondaTarget
    from hutch.lock.lockfile import Lock
    from hutch.spec import CondaRecord

__all__ = ["NotLockedForPlatform", "SelectedConda", "choose_conda_target", "chosen_wheres", "select_conda"]


class NotLockedForPlatform(Problem):
    """No target of the lock's conda part is for this platform, or none for a machine as this one is.

    ``lacking`` are the MatchSpecs of virtual packages that locked records need and this machine does not
    have, where there is a target of its platform.
    """

    code = "not-locked-for-platform"

    def __init__(self, subdir: str, why: tuple[str, ...], lacking: tuple[str, ...] = ()) -> None:
        self.subdir = subdir
        self.lacking = lacking
        if not lacking:
            what = f"the lock has nothing from conda for {subdir}"
            hint = ["add the platform to `platforms` of the manifest and run `hutch lock`"]
        else:
            what = f"this machine lacks what packages in the lock need ({subdir})"
            hint = [
                f"{variable} before the command has it as on a machine that is so"
                for variable in dict.fromkeys(map(_variable, lacking))
                if variable
            ]
            hint.append("system-requirements of the project are the least that machines have; hutch lock")
        super().__init__(what, why=why, hint=tuple(hint))


def _variable(text: str) -> str:
    """The variable that says of a machine that it has what a MatchSpec of a virtual package asks; or ""."""
    name, _, rest = text.removeprefix("__").partition(" ")
    if name not in ("archspec", "cuda", "glibc", "linux", "osx", "win"):
        return ""
    if name == "archspec":
        value = rest.rpartition(" ")[2]
    else:
        value = (
            "".join(letter if letter in "0123456789." else " " for letter in rest).strip().partition(" ")[0]
        )
    return f"CONDA_OVERRIDE_{name.upper()}={value}" if value else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedConda:
    """A record to install, and the MatchSpecs by which somebody asked for it (none: another needs it)."""

    record: CondaRecord
    requested: tuple[str, ...] = ()


def select_conda(
    lock: Lock,
    target: str,
    *,
    extras: Collection[str] = (),
    groups: Collection[str] | None = None,
    environment: str | None = None,
    only: bool = False,
) -> tuple[SelectedConda, ...]:
    """The records of ``lock`` for its conda target of this name, in the lock's order.

    ``groups`` (None) are the lock's default groups. An ``environment`` that the lock notes is taken as it is
    there; ``only`` leaves out what only the project's own dependencies need. Raises ``UnknownSelection``,
    ``ContradictingSelection`` and ``AmbiguousLock``.
    """
    part = lock.conda
    if part is None:
        return ()
    extras = frozenset(extras)
    groups = frozenset(lock.default_groups if groups is None else groups)
    for kind, asked, known in (("extra", extras, lock.extras), ("group", groups, lock.dependency_groups)):
        for name in sorted(asked):
            if name not in known:
                raise UnknownSelection(kind, name, known)
    refuse_contradiction(lock, extras, groups)
    from hutch.lock.conda_worlds import meant

    wheres = meant(part, chosen_wheres(extras, groups))
    noted = part.environment(environment) if environment is not None else None
    if noted is not None:
        wheres = frozenset(noted.wheres)
    found = part.target(target)
    world = part.world(found.world) if found is not None else None
    alone = world is not None and "project" not in world.wheres
    if alone or (only and noted is None):
        wheres -= {"project"}
    own = "project" not in wheres and not alone
    records = _needed_by(lock, target, wheres) if own else part.on(target, wheres)
    chosen: dict[str, CondaRecord] = {}
    for record in records:
        other = chosen.get(record.name)
        if other is not None:
            labels = tuple(f"{each.version} {each.build}" for each in (other, record))
            raise AmbiguousLock(record.name, labels)
        chosen[record.name] = record
    asked_for = _requested(part, target, wheres)
    return tuple(
        SelectedConda(record=record, requested=tuple(asked_for.get(name, ())))
        for name, record in chosen.items()
    )


def _needed_by(lock: Lock, target: str, wheres: frozenset[str]) -> Iterator[CondaRecord]:
    """What some lists lead to on a target; what the project has anyway is not noted for them."""
    part = lock.conda
    assert part is not None
    there = {record.name: record for record in part.on(target)}
    wheels = dict(part.wheels)
    needs: dict[str, set[str]] = {}  # names of conda as they are, those of the index behind a colon
    for package in lock.packages:
        needs.setdefault(f":{package.name}", set()).update(f":{edge.name}" for edge in package.dependencies)
    for edge in part.edges:
        if edge.extra:
            needs.setdefault(edge.conda, set()).add(f":{edge.wheel}")
        elif edge.wheel:
            needs.setdefault(f":{edge.wheel}", set()).add(edge.conda)
    for record in there.values():
        names = {_name_of(spec) for spec in record.depends}
        needs.setdefault(record.name, set()).update(
            name if name in there or name not in wheels else f":{wheels[name]}" for name in names
        )
    waiting = [f":{root.name}" for root in lock.roots if root.where in wheres]
    waiting += [edge.conda for edge in part.edges if edge.where in wheres]
    for asked in part.roots:
        if asked.where in wheres and (not asked.targets or target in asked.targets):
            name = _name_of(asked.spec)
            waiting.append(name if name in there or name not in wheels else f":{wheels[name]}")
    if any(name.startswith(":") for name in waiting):
        waiting.append("python")
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += needs.get(name, ())
    return (record for record in part.on(target) if record.name in seen)


def _name_of(text: str) -> str:
    """The name of a package in a MatchSpec."""
    from hutch.spec import parse_conda_spec

    return parse_conda_spec(text).name


def chosen_wheres(
    extras: Iterable[str] = (), groups: Iterable[str] = (), *, only: bool = False
) -> frozenset[str]:
    """What is chosen, as the conda part names it; ``only``: without the project's own dependencies."""
    wheres = {*(f"extra:{name}" for name in extras), *(f"group:{name}" for name in groups)}
    return frozenset(wheres if only else {"project", *wheres})


def _requested(part: CondaLock, target: str, wheres: frozenset[str]) -> dict[str, list[str]]:
    from hutch.spec import parse_conda_spec

    found: dict[str, list[str]] = {}
    for root in part.roots:
        if root.where in wheres and (not root.targets or target in root.targets):
            specs = found.setdefault(parse_conda_spec(root.spec).name, [])
            if root.spec not in specs:
                specs.append(root.spec)
    return found


def choose_conda_target(
    part: CondaLock,
    subdir: str,
    virtual: Iterable[CondaRecord],
    environment: str | None = None,
    wheres: Collection[str] | None = None,
) -> CondaTarget:
    """The target that this machine is: of its subdir, whose records need no virtual package that it lacks.

    In a lock with several worlds it is of that in which ``environment`` (a declared one; None: the first) or
    what is chosen (``wheres``, see ``chosen_wheres``) was solved for. What was assumed when it was solved
    does not count, but what the records make of it. Of several targets the one that assumes most is taken.
    Raises ``NotLockedForPlatform`` and ``NotSolvedTogether``.
    """
    from hutch.lock.conda_worlds import meant, world_of

    here = {record.name: record for record in virtual}
    fitting: list[CondaTarget] = []
    unfit: list[tuple[str, str]] = []
    world = world_of(part, environment=environment, wheres=wheres)
    there = [target for target in part.targets if world is None or target.world == world.name]
    noted = part.environment(environment) if environment is not None and world is not None else None
    if wheres is None:
        wheres = noted.wheres if noted is not None else ()
    chosen = meant(part, wheres) or None
    for target in there:
        if target.subdir == subdir:
            reason = _unfit(part, target, here, chosen)
            if reason is None:
                fitting.append(target)
            else:
                unfit.append(reason)
    if not fitting:
        known = ", ".join(target.name for target in there) or "no platform"
        why = tuple(why for why, _ in unfit) or (f"it was solved for {known}",)
        raise NotLockedForPlatform(subdir, why, tuple(spec for _, spec in unfit))
    return max(fitting, key=lambda target: len(target.virtual))


def _unfit(
    part: CondaLock, target: CondaTarget, here: Mapping[str, CondaRecord], chosen: frozenset[str] | None
) -> tuple[str, str] | None:
    """Why a machine with these virtual packages cannot have a target's records, and what is asked of it."""
    from hutch.spec import parse_conda_spec

    judged: set[str] = set()
    for record in part.on(target.name, chosen):
        for text in (*record.depends, *record.constrains):
            if not text.startswith("__") or text in judged:
                continue
            spec = parse_conda_spec(text)
            found = here.get(spec.name)
            needed = text in record.depends
            if found is None and needed:
                return f"{record.label}, for {target.name}, needs {text}, which this machine lacks", text
            if found is not None and not spec.admits(found):
                return (
                    f"{record.label}, for {target.name}, needs {text}; this machine has {found.version}",
                    text,
                )
            if needed:
                judged.add(text)
    return None
