"""Change a conda prefix: packages of channels and distributions of indexes, in one transaction.

`change_prefix` is what the verbs on environments and `sync` of projects call when they know what shall be
there: it plans, fetches what is missing, and applies the plan, or leaves the prefix as it was.
"""

from __future__ import annotations

import contextlib
import os

from hutch.errors import Problem
from hutch.events import Notice, PhaseEnded, PhaseStarted
from hutch.ops.conda_directory import (
    begin_history,
    check_place,
    missing_above,
    open_present_prefix,
    unmake,
)
from hutch.ops.conda_frozen import refuse_frozen
from hutch.ops.conda_made import note_made
from hutch.ops.conda_noted import note_prefix
from hutch.ops.conda_only_fetch import only_fetches
from hutch.ops.conda_scripts import run_allowed, tell_menus, wanted_scripts
from hutch.ops.conda_turns import check_mark
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from typing import Any

    from hutch.env import Environment, Plan, Rollback, Wanted, WantedEditable
    from hutch.interpreters import Interpreter
    from hutch.ops.builds import Builder
    from hutch.ops.conda_turns import Mark
    from hutch.ops.context import Context
    from hutch.ops.install import Chosen
    from hutch.spec import CondaRecord
    from hutch.store import StoredConda, StoredWheel

__all__ = [
    "PrefixChange",
    "StrandedPackages",
    "change_prefix",
    "environment_then",
    "rollback_prefix",
]


class StrandedPackages(Problem):
    """The Python of a prefix changes, and packages of an index would be left behind with the old one."""

    code = "stranded-packages"

    def __init__(self, root: str, names: tuple[str, ...]) -> None:
        super().__init__(
            f"{root} gets another Python, for which {', '.join(names)} would not be installed",
            why="they came from a package index, and are for the Python that goes",
            hint="name them with the change, so that they are chosen anew, or remove them first",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixChange:
    """What was (or, in a dry run, would be) changed; ``created``: there was no prefix before.

    ``scripts`` are what packages wanted to run and did not; with ``fetched`` all that is needed is in the
    store, and nothing was changed.
    """

    root: str
    plan: Plan
    created: bool = False
    dry_run: bool = False
    fetched: bool = False
    scripts: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "prefix": self.root,
            "created": self.created,
            "dry_run": self.dry_run,
            "download_only": self.fetched,
            **self.plan.to_json(),
            "scripts_not_run": list(self.scripts),
        }


def change_prefix(
    context: Context,
    prefix: str | os.PathLike[str],
    records: Iterable[CondaRecord] | None,
    wheels: Sequence[Wanted | WantedEditable] | None = None,
    *,
    chosen: Mapping[str, Chosen] | None = None,
    extra: Mapping[str, StoredWheel] | None = None,
    builder: Builder | None = None,
    interpreter: Interpreter | None = None,
    requested: Mapping[str, tuple[str, ...]] | None = None,
    update: Sequence[str] = (),
    remove: Sequence[str] = (),
    reinstall: Collection[str] = frozenset(),
    dry_run: bool = False,
    link_mode: str | None = None,
    locate: Callable[[CondaRecord], str] | None = None,
    allow_md5: bool = False,
    run_scripts: Collection[str] = frozenset(),
    externally_managed: bool = True,
    make: Mapping[str, Callable[[], StoredWheel]] | None = None,
    inexact: bool = False,
    registered: bool = True,
    of_project: bool = False,
    mark: Mark | None = None,
) -> PrefixChange:
    """Make the prefix what ``records`` and ``wheels`` say: just these, made anew where there is none.

    ``records`` None keeps the conda packages as they are, ``wheels`` None the distributions. Wheels that are
    not in hand come by ``chosen`` (files of a lock, by normalised name; ``builder`` and ``interpreter`` are
    needed where one is to be built) or ``extra``. ``requested`` are the user's MatchSpecs by conda's name,
    ``update`` and ``remove`` what conda's history is told of the command. ``run_scripts`` names the conda
    packages whose ``post-link`` and ``pre-unlink`` may run (``:all:`` for every one). ``make`` has who builds
    wheels, which is asked where the plan needs them; ``inexact`` keeps what is there besides; conda's list of
    environments does not get one that is not ``registered``. One ``of_project`` may later make room for an
    environment of another kind. With ``mark`` (`prefix_mark`) all of it is for the prefix as it was then:
    raises `PrefixMoved` where it is another one when its lock is had.
    """
    from hutch.env import is_prefix, lock_environment, open_prefix, plan_conda, prefix_packages, python_of
    from hutch.env.plan import Noted
    from hutch.ops.occasions import said_command

    root = os.path.abspath(prefix)
    created = check_place(context, root)
    refuse_frozen(context, root)
    records = None if records is None else tuple(records)
    known = [one.record for one in prefix_packages(root)] if records is None else records
    windows = any(record.subdir.startswith("win") for record in known) or os.name == "nt"
    environment = open_prefix(root, python=python_of(known, windows=windows), after=True, windows=windows)
    noted = Noted(
        command=f"hutch {said_command(context.words)}",
        update=tuple(update),
        remove=tuple(remove),
        managed=externally_managed,
    )

    def planned() -> Plan:
        keep: frozenset[str] = frozenset()
        if wheels is None or inexact:
            keep = frozenset(name for name in environment.installed() if not name.startswith("conda:"))
        if wheels is None:
            _refuse_stranded(environment, keep)
        every = records
        if inexact and records is not None:
            names = {record.name for record in records}
            others = (one.record for one in prefix_packages(root))
            every = (*records, *(record for record in others if record.name not in names))
        return plan_conda(
            environment,
            every,
            wheels or (),
            requested=requested,
            keep=keep,
            reinstall=reinstall,
            noted=noted,
        )

    if dry_run:
        plan = planned()
        return PrefixChange(root=root, plan=plan, created=created, dry_run=True)
    plan = planned()
    packages = _gather(context, plan, locate, allow_md5)
    made = {name: build() for name, build in (make or {}).items() if name in plan.needs()}
    found = _gather_wheels(context, plan, chosen or {}, {**(extra or {}), **made}, builder, interpreter)
    if only_fetches(context):
        return PrefixChange(root=root, plan=plan, created=created, fetched=True)
    before = frozenset(os.listdir(root)) if os.path.isdir(root) else None
    above = tuple(missing_above(root))
    try:
        os.makedirs(root, exist_ok=True)
        if created:
            note_made(root, of_project=of_project)
        with lock_environment(environment, emit=context.emit):
            check_mark(root, mark)
            plan = planned()
            if any(record.name not in packages for record in plan.needs_conda()):
                packages = _gather(context, plan, locate, allow_md5)  # somebody was quicker
            left = wanted_scripts(environment, plan, packages)
            ran = run_allowed(context, environment, plan, "pre-unlink", run_scripts)
            _carry_out(context, environment, plan, packages, found, link_mode, locate, allow_md5)
            ran |= run_allowed(context, environment, plan, "post-link", run_scripts)
            if created and not plan:
                begin_history(root)
    except BaseException:
        if created and not is_prefix(root):
            unmake(root, before)
            with contextlib.suppress(OSError):  # what others have put there stays
                for folder in above:
                    os.rmdir(folder)
        raise
    left = tuple(each for each in left if each not in ran)
    if left:
        context.emit(
            Notice(f"not run, because packages may not run anything unless you say so: {', '.join(left)}")
        )
    tell_menus(context, plan, packages)
    if of_project:
        from hutch.ops.conda_truth import tell_wrong_names

        tell_wrong_names(context, {record.name: record for record in known}, packages)
    from hutch.ops.occasions import note_root

    note_root(context, environment)
    if registered:
        note_prefix(context, root)
    return PrefixChange(root=root, plan=plan, created=created, scripts=left)


def _refuse_stranded(environment: Environment, keep: Collection[str]) -> None:
    installed = environment.installed()
    stranded = [
        str(name)
        for name, one in installed.items()
        if name in keep
        and one.dist_info.rpartition("/")[0] in environment.sites
        and _is_current(environment, one.dist_info)
    ]
    if stranded:
        raise StrandedPackages(environment.root, tuple(sorted(stranded)))


def _is_current(environment: Environment, dist_info: str) -> bool:
    """Whether it is for the Python that the prefix has now: what older ones have left is left."""
    from hutch.env import open_prefix

    return dist_info.rpartition("/")[0] == open_prefix(environment.root, windows=environment.windows).purelib


def _gather(
    context: Context, plan: Plan, locate: Callable[[CondaRecord], str] | None, allow_md5: bool
) -> dict[str, StoredConda]:
    from hutch.ops.conda_fetch import fetch_packages

    packages = fetch_packages(context, plan.needs_conda(), locate=locate, allow_md5=allow_md5)
    if context.configuration.checks_content:
        for name, package in list(packages.items()):
            if package.damage(deep=True):
                context.store.conda.discard(package.sha256)
                wanted = [record for record in plan.needs_conda() if record.name == name]
                packages |= fetch_packages(context, wanted, locate=locate, allow_md5=allow_md5)
    return packages


def _gather_wheels(
    context: Context,
    plan: Plan,
    chosen: Mapping[str, Chosen],
    extra: Mapping[str, StoredWheel],
    builder: Builder | None,
    interpreter: Interpreter | None,
) -> dict[str, StoredWheel]:
    from hutch.ops.install import fetch_wheels

    needed = [chosen[name] for name in plan.needs() if name in chosen and name not in extra]
    found = dict(extra)
    if needed:
        found |= fetch_wheels(context, needed, builder, interpreter)  # type: ignore[arg-type]
    return found


def _carry_out(
    context: Context,
    environment: Environment,
    plan: Plan,
    packages: dict[str, StoredConda],
    wheels: dict[str, StoredWheel],
    link_mode: str | None,
    locate: Callable[[CondaRecord], str] | None,
    allow_md5: bool,
) -> None:
    """Apply the plan; what of the store is damaged is unpacked anew first."""
    from hutch.env import DamagedWheel, apply_plan
    from hutch.ops.conda_fetch import fetch_packages
    from hutch.ops.install import allow_clobber
    from hutch.ops.occasions import occasion_of

    mode: Any = link_mode or context.configuration.link_mode
    records = {record.name: record for record in plan.needs_conda()}
    context.emit(PhaseStarted("install", len(plan.steps)))
    for last in (False, False, False, True):
        try:
            apply_plan(
                plan.supply(wheels).supply_conda(packages),
                environment,
                link_mode="auto" if mode == "tree" else mode,
                allow_clobber=allow_clobber(context, plan),
                emit=context.emit,
                occasion=occasion_of(context),
            )
            break
        except DamagedWheel as damaged:
            again = [
                records[name.removeprefix("conda:")]
                for name, _, _, _ in damaged.wheels
                if name.startswith("conda:")
            ]
            if last or len(again) != len(damaged.wheels):
                raise
            for record in again:
                stored = packages[record.name]
                if context.store.conda.check_entry(stored):
                    continue
                context.store.conda.discard(stored.sha256)
                context.emit(Notice(f"the store's copy of {record.label} was changed: fetched anew"))
                packages |= fetch_packages(context, [record], locate=locate, allow_md5=allow_md5)
    context.emit(PhaseEnded("install"))


# -- going back -------------------------------------------------------------------------------------


def rollback_prefix(
    context: Context, prefix: str | os.PathLike[str], number: int | None = None, *, dry_run: bool = False
) -> PrefixChange:
    """Make a prefix what it was in an earlier generation, packages of both kinds."""
    from hutch.env import apply_plan, lock_environment, plan_rollback
    from hutch.ops.occasions import note_root, occasion_of

    environment = open_present_prefix(context, prefix)
    refuse_frozen(context, environment.root)
    with lock_environment(environment, emit=context.emit):
        way = plan_rollback(environment, number, lambda sha256: context.store.wheels.find(sha256, check=True))
        if not dry_run and way.plan:
            apply_plan(
                way.plan,
                environment_then(environment, way),
                emit=context.emit,
                occasion=occasion_of(context, restores=way.target.number),
            )
            note_root(context, environment)
    return PrefixChange(root=environment.root, plan=way.plan, dry_run=dry_run)


def environment_then(environment: Environment, way: Rollback) -> Environment:
    """The prefix with the Python of the generation that is gone back to."""
    from hutch.env import open_prefix, python_of
    from hutch.env.conda_files import parse_meta
    from hutch.spec import record_from_json

    if not any(step.name == "conda:python" for step in way.plan.steps):
        return environment
    kept = next((link.kept for link in way.plan.links if link.name == "conda:python"), None)
    record = record_from_json(parse_meta(kept.record) or {}) if kept is not None else None
    python = python_of([record], windows=environment.windows) if record is not None else None
    return open_prefix(environment.root, python=python, after=True, windows=environment.windows)
