"""From a plan to a change of the tree: every path that goes and comes, checked before anything is touched.

Who may have a path is decided in `claims.py`.
"""

from __future__ import annotations

import os
import stat

from hutch.env.claims import Claims, folds_case
from hutch.env.conda_files import META, is_conda
from hutch.env.link import changed_directory, damaged_file
from hutch.env.looks import Looks, files_of
from hutch.env.placement import Placement, launcher_facts, place
from hutch.env.problems import CannotWrite, DamagedBytecode, DamagedWheel, EnvironmentChanged
from hutch.env.records import Owners
from hutch.env.removal import find_moves
from hutch.events import Emit, Notice
from hutch.values import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from hutch.env.environment import Environment
    from hutch.env.installed import Installed
    from hutch.env.launchers import LauncherFacts
    from hutch.env.looks import Files
    from hutch.env.plan import Link, Plan

__all__ = ["Change", "prepare"]


@dataclass(slots=True, kw_only=True)
class Change:
    """What `apply` does: ``moves`` are taken away, then the ``placements`` are made.

    ``plan`` is what was asked for, with what else is put in anew for it. ``fresh`` covers every path that
    does not exist after the moves and does after the links. ``records`` are RECORDs of packages that stay,
    and lose a file, by path; ``notes`` what else a prefix has written anew. ``installed`` is what was there
    when this was computed, by name.
    """

    plan: Plan
    moves: list[str]
    fresh: list[str]
    placements: list[Placement] = field(default_factory=list)
    records: Mapping[str, bytes] = field(default_factory=dict)
    notes: Mapping[str, bytes] = field(default_factory=dict)
    installed: Mapping[str, Installed] = field(default_factory=dict)


def prepare(
    plan: Plan,
    environment: Environment,
    allow_clobber: Collection[str],
    emit: Emit,
    *,
    proven: Collection[str] = (),
    looks: Looks | None = None,
) -> Change:
    """The change that ``plan`` means on the disk as it is; to be called under the lock.

    Packages named in ``allow_clobber`` (normalised) may replace files of others. Files of wheels that are
    ``proven`` (by their digests) are not looked at; ``looks`` at all others may have been begun already.
    Raises `EnvironmentChanged`, `DamagedWheel`, `DamagedBytecode`, `ClobberProblem`, `InvalidCommand`,
    `CannotWrite`; nothing has been changed then.
    """
    installed: dict[str, Installed] = {str(name): one for name, one in environment.installed().items()}
    _check_current(plan, environment, installed)
    fold = folds_case(environment.root)
    if any(one.linked for one in installed.values()):
        from hutch.env.parting import with_neighbours

        plan = with_neighbours(plan, environment, installed, fold=fold)
    prefix = environment.prefix
    structure = _structure(environment) if not prefix else []
    _check_structure(environment.root, structure or [META])
    removed = {step.name for step in plan.removals}
    owners = Owners(
        environment.root,
        environment.purelib,
        [
            (f"{one.name.removeprefix('conda:')} {one.version}", one.dist_info)
            for name, one in installed.items()
            if name not in removed and one.kind in ("dist-info", "conda")
        ],
        fold=fold,
    )
    dist_infos = [where for step in plan.removals for where in step.dist_infos]
    try:
        also: list[str] = []
        if prefix:
            from hutch.env.conda_notes import managed_notes

            also = managed_notes(environment) if plan.noted is None or plan.noted.managed else []
        moves = find_moves(
            environment.root,
            structure,
            environment.scripts,
            dist_infos,
            owners,
            prefix=prefix,
            also=[*also, *(plan.noted.strays if plan.noted is not None else ())],
        )
        wrong = (looks or Looks(_looked_at(plan, proven))).damage()
        _check_store(plan, wrong)
        facts = launcher_facts(environment)
        placements = [_place(step, environment, facts) for step in plan.links]
        if any(one.links for one in placements):
            from hutch.env.parting import open_shared

            open_shared(placements, environment, moves, fold=fold)
            _check_opened(placements)
        _check_bytecode(placements, wrong)
        _tell_startup(plan, placements, emit)
        claims = Claims(
            environment,
            structure,
            moves,
            owners,
            allowed=allow_clobber,
            repaired={link.name for link in plan.links if link.reason == "repaired"},
            restored={link.name for link in plan.links if link.kept is not None},
            emit=emit,
        )
        fresh, records = claims.settle(placements)
        notes: Mapping[str, bytes] = {}
        if prefix:
            from hutch.env.conda_notes import prefix_notes, respecified

            again = respecified(environment.root, plan.respecified)
            notes = prefix_notes(plan, environment, placements, also)
            for path in (*again, *notes):
                claims.take(path, moves)
            records |= again
            fresh = claims.fresh
        return Change(
            plan=plan,
            moves=moves,
            fresh=fresh,
            placements=placements,
            records=records,
            notes=notes,
            installed=installed,
        )
    except OSError as error:
        raise CannotWrite(error.filename or environment.root, error.strerror or str(error)) from error


def _place(step: Link, environment: Environment, facts: LauncherFacts) -> Placement:
    """Where everything of the step goes, of whichever kind it is."""
    if step.kept is not None and is_conda(step.kept.dist_info):
        from hutch.env.conda_placement import place_kept_conda

        return place_kept_conda(step, step.kept, environment)
    if step.conda is not None:
        from hutch.env.conda_placement import place_conda

        return place_conda(step, step.conda, environment)
    return place(step, environment, facts)


def _check_current(plan: Plan, environment: Environment, installed: Mapping[str, Installed]) -> None:
    changes: list[str] = []
    removed = {}
    for step in plan.removals:
        removed[step.name] = step
        present = installed.get(step.name)
        if present is None:
            changes.append(f"{step.name} {step.version} is no longer there")
        elif {present.dist_info, *present.others} != set(step.dist_infos):
            changes.append(f"{step.name} is {present.version} now, and was {step.version}")
    for link in plan.links:
        present = installed.get(link.name)
        if present is not None and link.name not in removed:
            changes.append(f"{link.name} {present.version} has been installed")
    if changes:
        raise EnvironmentChanged(environment.root, tuple(changes))


def _structure(environment: Environment) -> list[str]:
    """The directories of the environment itself: they stay, and must be real ones."""
    found: dict[str, None] = {}
    for directory in (environment.purelib, environment.scripts, environment.include):
        parts = directory.split("/")
        for length in range(1, len(parts) + 1):
            found["/".join(parts[:length])] = None
    return list(found)


def _check_structure(root: str, structure: Iterable[str]) -> None:
    for directory in structure:
        path = os.path.join(root, directory)
        try:
            mode = os.lstat(path).st_mode
        except FileNotFoundError:
            continue  # made when it is needed
        if not stat.S_ISDIR(mode):
            # Writing through it would write somewhere else.
            raise CannotWrite(path, "it is not a directory of the environment itself")


def _looked_at(plan: Plan, proven: Collection[str]) -> Iterator[Files]:
    """What has to be as it was when it was unpacked, but for wheels that are ``proven``."""
    for step in plan.links:
        stored = step.wheel or (step.conda.package if step.conda is not None else None)
        if stored is not None and stored.sha256 not in proven:
            yield from files_of(stored)
        if step.bytecode is not None and not (step.wheel is not None and step.wheel.links):
            yield from files_of(step.bytecode)


def _check_store(plan: Plan, wrong: Mapping[str, str]) -> None:
    """Nothing is linked from a folder of the store in which something is ``wrong``."""
    damaged: list[tuple[str, str, str, str]] = []
    for step in plan.links:
        stored = step.wheel or (step.conda.package if step.conda is not None else None)
        if stored is None:
            continue
        file = next((wrong[folder] for folder, _ in files_of(stored) if folder in wrong), None)
        if file is None and step.wheel is not None:
            file = changed_directory(step.wheel.files, step.wheel.dates)
        if file is not None:
            damaged.append((step.name, step.version, stored.sha256, file))
    if damaged:
        raise DamagedWheel(tuple(damaged))


def _check_opened(placements: list[Placement]) -> None:
    """The same for the files of directories that could not be links."""
    damaged = [
        (one.name, one.version, one.sha256, file)
        for one in placements
        if one.opened and (file := damaged_file(one.source, one.opened)) is not None
    ]
    if damaged:
        raise DamagedWheel(tuple(damaged))


def _check_bytecode(placements: list[Placement], wrong: Mapping[str, str]) -> None:
    """The same for bytecode. Where something is wrong, it may be what is not put in.

    Beside links to directories there is little of it, and what that is has only just been settled.
    """
    spoiled = [
        (one.name, one.version, one.bytecode)
        for one in placements
        if one.bytecode is not None
        and (one.links or one.opened or one.bytecode.files in wrong)
        and damaged_file(one.bytecode.files, one.compiled()) is not None
    ]
    if spoiled:
        raise DamagedBytecode(tuple(spoiled))


def _tell_startup(plan: Plan, placements: list[Placement], emit: Emit) -> None:
    """Code that runs at every start of Python is how the worst packages of late got in: say it."""
    editable = {link.name for link in plan.links if "dir_info" in (link.direct_url or {})}
    for one in placements:
        if one.name not in editable and (files := one.startup_files()):
            text = f"{one.label} runs code whenever Python starts in this environment ({', '.join(files)})"
            emit(Notice(text, warning=True))
