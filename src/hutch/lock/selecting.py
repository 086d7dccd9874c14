"""What of a lock belongs into one environment, and which file of it: no resolver, no network.

``select`` follows the procedure that PEP 751 prescribes for installers; ``packaging``'s
``Pylock.select`` is the oracle of the tests. Beyond the standard, it can leave the project's own
dependencies out and take only some groups or extras, by walking our edges.
"""

from __future__ import annotations

from hutch.errors import Problem, some_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from hutch.lock.lockfile import Lock
    from hutch.lock.model import Edge, LockedFile, LockedPackage, RootEdge
    from hutch.spec import NormalizedName

__all__ = [
    "AmbiguousLock",
    "ContradictingSelection",
    "LockHasNoEdges",
    "LockIncomplete",
    "NoFileFits",
    "NotLockedFor",
    "UnknownSelection",
    "choose_file",
    "refuse_contradiction",
    "select",
]


class NotLockedFor(Problem):
    """The environment is none of those that the lock was made for."""

    code = "lock-not-for-this-environment"

    def __init__(
        self, what: str, why: str, *, elsewhere: bool = False, hint: str | tuple[str, ...] = ()
    ) -> None:
        self.elsewhere = elsewhere
        """Whether it is the targets of the lock that leave this environment out."""
        super().__init__(
            what, why=why, hint=hint or "use a Python that the lock covers, or lock again with this target"
        )

    def with_hint(self, command: str) -> NotLockedFor:
        """The same, naming the command that helps."""
        hint = (command, "use a Python that the lock covers")
        return NotLockedFor(self.what, self.why[0], elsewhere=self.elsewhere, hint=hint)


class AmbiguousLock(Problem):
    """Two entries of one name hold in the same environment."""

    code = "ambiguous-lock"

    def __init__(self, name: str, versions: tuple[str, ...]) -> None:
        self.name = name
        self.versions = versions
        super().__init__(
            f"the lock has {len(versions)} entries for {name} that hold here",
            why=" and ".join(versions),
            hint="choose fewer extras or groups at once, or run `hutch lock`",
        )


class UnknownSelection(Problem):
    """An extra or a group is asked for that the lock does not have."""

    code = "unknown-selection"

    def __init__(self, kind: str, name: str, known: tuple[str, ...]) -> None:
        self.kind = kind
        self.name = name
        self.known = known
        super().__init__(
            f"the lock has no {kind} {name}",
            why=f"it has {', '.join(known)}" if known else f"it has no {kind}s at all",
            hint="run `hutch lock` if it is new in pyproject.toml",
        )


class ContradictingSelection(Problem):
    """Extras and groups are asked for together that the lock holds apart."""

    code = "contradicting-selection"

    def __init__(self, wheres: tuple[str, ...]) -> None:
        self.wheres = wheres
        names = [where.replace(":", " ") for where in wheres]
        told = ", ".join(f"the {name}" for name in names[:-1]) + f" and the {names[-1]}"
        super().__init__(
            f"{told} cannot be installed together",
            why="what they need contradicts, so the lock holds them apart",
            hint=tuple(_choice(wheres, left_out) for left_out in reversed(wheres)),
        )


def _choice(wheres: tuple[str, ...], left_out: str) -> str:
    """The flags that take all of ``wheres`` but one."""
    flags = [f"--{where.replace(':', ' ')}" for where in wheres if where != left_out]
    if left_out.startswith("group:"):
        flags.append(f"--no-{left_out.replace(':', ' ')}")
    return " ".join(flags)


def refuse_contradiction(lock: Lock, extras: Collection[str], groups: Collection[str]) -> None:
    """``ContradictingSelection`` where the lock holds some of them apart."""
    if lock.conflicts:
        from hutch.spec import normalize

        chosen = {f"extra:{normalize(each)}" for each in extras}
        chosen |= {f"group:{normalize(each)}" for each in groups}
        for conflict in lock.conflicts:
            if chosen.issuperset(conflict):
                raise ContradictingSelection(conflict)


class LockHasNoEdges(Problem):
    """Only some groups are asked for, and the lock does not say who needs whom."""

    code = "lock-has-no-edges"

    def __init__(self) -> None:
        super().__init__(
            "this lock cannot tell what a group needs apart from the project's own dependencies",
            why="another tool wrote it, without the edges between packages",
            hint="run `hutch lock`, or install without --only-group",
        )


class LockIncomplete(Problem):
    """A package is needed here, and the lock of another tool does not have it."""

    code = "lock-incomplete"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"the lock has no {name}, which is needed here",
            why="it was made for other requirements, or for other platforms",
            hint="lock again with the tool that made it, or run `hutch lock`",
        )


class NoFileFits(Problem):
    """An entry has neither a wheel for this interpreter nor an sdist."""

    code = "no-file-fits"

    def __init__(self, package: LockedPackage) -> None:
        self.package = package
        super().__init__(
            f"{package.name} {package.version or ''}".rstrip()
            + " has no file in the lock that installs here",
            why=tuple(wheel.filename for wheel in package.wheels[:8]),
            hint="add this platform to the targets and run `hutch lock`",
        )


def select(
    lock: Lock,
    environment: Mapping[str, str],
    *,
    extras: Collection[str] = (),
    groups: Collection[str] | None = None,
    only: bool = False,
) -> tuple[LockedPackage, ...]:
    """The entries of ``lock`` for the marker variables ``environment``, in the lock's order.

    ``extras`` are none by default, ``groups`` (None) the lock's default groups. ``only`` leaves out
    what only the project's own dependencies need. Raises ``NotLockedFor``, ``UnknownSelection``,
    ``AmbiguousLock``, and ``LockHasNoEdges`` for ``only`` with another tool's lock.
    """
    from hutch.spec import evaluate, normalize, parse_marker

    extras = frozenset(normalize(extra) for extra in extras)
    groups = frozenset(lock.default_groups if groups is None else groups)
    _known("extra", extras, lock.extras)
    groups = _spelled(groups, lock.dependency_groups)
    refuse_contradiction(lock, extras, groups)
    _covers(lock, environment)
    if only or lock.by_edges:
        return _walk(lock, environment, extras, groups, only=only)
    # Markers compare normalised names; a lock of another tool may spell its groups otherwise.
    normal_groups = frozenset(normalize(group) for group in groups)
    chosen: dict[str, LockedPackage] = {}
    for package in lock.packages:
        if package.marker and not evaluate(parse_marker(package.marker), environment, extras, normal_groups):
            continue
        _take(package, chosen, environment)
    return tuple(chosen.values())


def _take(package: LockedPackage, chosen: dict[str, LockedPackage], environment: Mapping[str, str]) -> None:
    if package.requires_python and not _admits(package.requires_python, environment):
        python = environment.get("python_full_version", "?")
        raise NotLockedFor(
            f"{package.name} {package.version or ''} in the lock is not for Python {python}",
            f"it requires Python {package.requires_python}",
        )
    other = chosen.get(package.name)
    if other is not None and other is not package:
        raise AmbiguousLock(package.name, tuple(_told(each) for each in (other, package)))
    chosen[package.name] = package


def _told(package: LockedPackage) -> str:
    words = package.version or "an entry without version"
    return f"{words} ({package.marker})" if package.marker else words


def _known(kind: str, asked: Collection[str], known: tuple[str, ...]) -> None:
    for name in sorted(asked):
        if name not in known:
            raise UnknownSelection(kind, name, known)


def _spelled(groups: Collection[str], known: tuple[str, ...]) -> frozenset[str]:
    """``groups`` in the spelling of the lock."""
    from hutch.spec import normalize

    spelling = {normalize(name): name for name in known}
    for group in sorted(groups):
        if normalize(group) not in spelling:
            raise UnknownSelection("group", group, known)
    return frozenset(spelling[normalize(group)] for group in groups)


def _covers(lock: Lock, environment: Mapping[str, str]) -> None:
    from hutch.spec import evaluate, parse_marker

    if lock.requires_python and not _admits(lock.requires_python, environment):
        raise NotLockedFor(
            f"the lock is not for Python {environment.get('python_full_version', '?')}",
            f"it was made for Python {lock.requires_python}",
        )
    if lock.environments and not any(evaluate(parse_marker(text), environment) for text in lock.environments):
        here = " ".join(
            environment.get(key, "?") for key in ("sys_platform", "platform_machine", "python_full_version")
        )
        raise NotLockedFor(f"the lock is not for this environment ({here})", _list(lock), elsewhere=True)


def _list(lock: Lock) -> str:
    known = lock.targets or lock.environments
    return f"it was made for {some_words(known, 12)}"


def _admits(specifiers: str, environment: Mapping[str, str]) -> bool:
    from hutch.spec import admits, parse_specifiers

    version = environment.get("python_full_version", "")
    # A Python built from a checkout calls itself "3.13.0+", which is no version.
    return admits(parse_specifiers(specifiers), version + "local" if version.endswith("+") else version)


# --- by the edges ---


def _walk(
    lock: Lock,
    environment: Mapping[str, str],
    extras: frozenset[str],
    groups: frozenset[str],
    *,
    only: bool,
) -> tuple[LockedPackage, ...]:
    """The entries that the chosen extras and groups need, ``only`` them or beside the project's own."""
    if lock.is_foreign and not lock.by_edges:
        raise LockHasNoEdges
    wanted = {f"extra:{name}" for name in extras} | {f"group:{name}" for name in groups}
    if not only:
        wanted.add("project")
    entries: dict[NormalizedName, list[LockedPackage]] = {}
    for package in lock.packages:
        entries.setdefault(package.name, []).append(package)

    chosen, seen = _reached(lock, entries, environment, extras, groups, wanted)
    while lock.conflicts and lock.by_edges:
        # What is installed with an extra decides about edges elsewhere, which may lead to more extras.
        with_extras = {f"{name}[{extra}]" for name, found in seen.items() for extra in found}
        if with_extras <= extras:
            break
        extras |= with_extras
        chosen, seen = _reached(lock, entries, environment, extras, groups, wanted)
    return tuple(package for package in lock.packages if chosen.get(package.name) is package)


def _reached(
    lock: Lock,
    entries: Mapping[NormalizedName, list[LockedPackage]],
    environment: Mapping[str, str],
    extras: frozenset[str],
    groups: frozenset[str],
    wanted: set[str],
) -> tuple[dict[str, LockedPackage], dict[str, set[str]]]:
    """The entries that edges lead to from the lists that are ``wanted``, and the extras of each."""
    from hutch.lock.markers import assuming
    from hutch.spec import evaluate, parse_marker

    def holds(edge: Edge | RootEdge, parent_extras: frozenset[str]) -> bool:
        if not edge.marker:
            return True
        marker = parse_marker(edge.marker)
        if lock.conflicts:
            left = assuming(marker, extras, groups)
            return left is None or evaluate(left, environment, parent_extras)
        return evaluate(marker, environment, parent_extras)

    chosen: dict[str, LockedPackage] = {}
    seen: dict[str, set[str]] = {}
    open_edges: list[Edge | RootEdge] = [e for e in lock.roots if e.where in wanted and holds(e, frozenset())]
    while open_edges:
        edge = open_edges.pop()
        entry = _target_of(edge, entries, environment, extras, groups, bool(lock.conflicts))
        if entry is None:
            if lock.by_edges:
                raise LockIncomplete(edge.name)
            continue
        _take(entry, chosen, environment)
        before = seen.get(entry.name)
        now = set(edge.extras) if before is None else before | set(edge.extras)
        if before is not None and now == before:
            continue
        seen[entry.name] = now
        open_edges += [each for each in entry.dependencies if holds(each, frozenset(now))]
    return chosen, seen


def _target_of(
    edge: Edge | RootEdge,
    entries: Mapping[NormalizedName, list[LockedPackage]],
    environment: Mapping[str, str],
    extras: frozenset[str],
    groups: frozenset[str],
    apart: bool,
) -> LockedPackage | None:
    """The entry that ``edge`` means here; None where the lock has none (then it is not needed here)."""
    from hutch.spec import evaluate, parse_marker

    named = entries.get(edge.name, ())
    found = [p for p in named if edge.version is None or p.version == edge.version]
    if edge.source is not None:
        found = [p for p in found if p.source == edge.source]
    if len(found) > 1 or (found and apart):
        found = [
            p for p in found if not p.marker or evaluate(parse_marker(p.marker), environment, extras, groups)
        ]
    if len(found) > 1:
        raise AmbiguousLock(edge.name, tuple(map(_told, found)))
    return found[0] if found else None


# --- the file ---


def choose_file(package: LockedPackage, supported: Mapping[str, int]) -> LockedFile:
    """The wheel of ``package`` that fits best, else its sdist; ``NoFileFits`` if there is neither.

    ``supported`` maps tags to ranks, 0 the best (``spec.supported_tags``). Of two wheels of one rank
    the higher build number wins.
    """
    from hutch.spec import best_rank, parse_wheel_name

    best: tuple[int, LockedFile] | None = None
    for wheel in package.wheels:
        name = parse_wheel_name(wheel.filename)
        rank = best_rank(name.tags, supported)
        if rank is None or (best is not None and rank > best[0]):
            continue
        if (
            best is None
            or rank < best[0]
            or name.build_order > parse_wheel_name(best[1].filename).build_order
        ):
            best = (rank, wheel)
    if best is not None:
        return best[1]
    if package.sdist is None:
        raise NoFileFits(package)
    return package.sdist
