"""``hutch sync`` where packages of conda are asked for: the environment is a prefix with both kinds.

What `ops.sync.sync_lock` does for a virtual environment. See ``docs/explanation/conda.md``.
"""

from __future__ import annotations

import os
import time

from hutch.events import Notice
from hutch.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hutch.env import Wanted, WantedEditable
    from hutch.interpreters import Interpreter
    from hutch.lock import CondaTarget, Lock, SelectedConda
    from hutch.ops.checkout import Checkout
    from hutch.ops.conda_prefix import PrefixChange
    from hutch.ops.context import Context
    from hutch.ops.install import Chosen
    from hutch.ops.outcomes import LockOutcome, SyncOutcome
    from hutch.ops.placed import Placed
    from hutch.ops.quick import Known
    from hutch.ops.seen import Seen
    from hutch.ops.selection import Selection
    from hutch.ops.sync import SyncOptions
    from hutch.spec import CondaRecord
    from hutch.store import StoredWheel

__all__ = ["conda_target", "selected_records", "sync_prefix"]


def sync_prefix(
    context: Context,
    checkout: Checkout,
    lock: Lock,
    options: SyncOptions,
    *,
    typed: SyncOptions,
    lock_outcome: LockOutcome | None,
    start: float,
    seen: Seen | None,
) -> SyncOutcome:
    """Make the project's environment a prefix with the chosen part of ``lock``."""
    from hutch.env import ClobberProblem, open_prefix
    from hutch.ops.choosing import selection_of
    from hutch.ops.conda_folders import located
    from hutch.ops.conda_made import refuse_foreign_prefix
    from hutch.ops.conda_swap import put_back
    from hutch.ops.environments import environment_root
    from hutch.ops.quick import still_known
    from hutch.ops.syncing import is_current

    assert lock.conda is not None
    lock = replace(lock, conda=located(lock.conda, checkout.home))
    root = environment_root(context, checkout)
    selection = selection_of(options, checkout, None, lock)
    target = conda_target(context, lock, selection)
    _refuse_python(context, checkout, lock, target)
    selected = selected_records(*chosen_part(context, lock, selection), target)
    put_back(context, root)
    refuse_foreign_prefix(context, checkout, root)
    known = still_known(context, open_prefix(root))
    wishes = _Wishes(context, checkout, lock, options, selection, target, root, selected)
    try:
        change = wishes.carry_out()
    except ClobberProblem as problem:
        # What `run` leaves in place, a sync takes out: half of a package that somebody has removed by hand.
        if options.inexact and any(clash.owner[-1:].isdigit() for clash in problem.clashes):  # a version
            which = f" --env {context.env}" if context.env is not None else ""
            problem.hints = (f"hutch sync{which} takes out what the lock does not have", *problem.hints)
        raise
    if not options.dry_run:
        current = is_current(context, checkout, lock, options, lock_outcome, seen)
        _remember(context, checkout, wishes, change, typed, known, current=current)
    return _outcome(context, checkout, root, change, wishes, options, lock_outcome, start)


def _refuse_python(context: Context, checkout: Checkout, lock: Lock, target: CondaTarget) -> None:
    """``--python`` cannot choose: Python is a package of conda here."""
    from hutch.errors import UsageProblem

    request = context.flags.get("python")
    assert lock.conda is not None
    version = next((one.version for one in lock.conda.on(target.name) if one.name == "python"), "")
    if not isinstance(request, str) or version == request or version.startswith(f"{request}."):
        return
    has = f"the lock has Python {version} for {target.name}" if version else "the lock has no Python"
    raise UsageProblem(
        f"--python {request} cannot be had: this project's Python is a package of conda",
        why=has,
        hint=f"hutch add --conda 'python {request}.*' asks for another one",
    )


def conda_target(context: Context, lock: Lock, selection: Selection) -> CondaTarget:
    """The target of the lock that this machine is, for what is chosen. Raises `NotLockedForPlatform`, and
    `NotSolvedTogether` where that is in several worlds."""
    from hutch.conda import subdir_here
    from hutch.lock import choose_conda_target, chosen_wheres
    from hutch.ops.channels import virtual_packages

    assert lock.conda is not None
    subdir = context.environ.get("CONDA_SUBDIR") or subdir_here()
    wheres = chosen_wheres(selection.extras, selection.groups, only=selection.only_groups)
    virtual = virtual_packages(context, subdir)
    return choose_conda_target(lock.conda, subdir, virtual, context.env, wheres)


def chosen_part(context: Context, lock: Lock, selection: Selection) -> tuple[Lock, Selection]:
    """Of a lock with several worlds what is chosen, as a lock that has nothing else; any other as it is."""
    if lock.conda is None or not lock.conda.worlds:
        return lock, selection
    from hutch.lock import chosen_lock, chosen_wheres
    from hutch.ops.selection import Selection

    wheres = chosen_wheres(selection.extras, selection.groups, only=selection.only_groups)
    return chosen_lock(lock, context.env, wheres), Selection()


def selected_records(lock: Lock, selection: Selection, target: CondaTarget) -> tuple[SelectedConda, ...]:
    """The records of the lock that belong into an environment."""
    from hutch.lock import select_conda

    known = {*lock.dependency_groups}, {*lock.extras}
    return select_conda(
        lock,
        target.name,
        extras=[name for name in selection.extras if name in known[1]],
        groups=[name for name in selection.groups if name in known[0]],
        only=selection.only_groups,
    )


class _Wishes:
    """What the prefix shall have: records, wheels with where they come from."""

    def __init__(
        self,
        context: Context,
        checkout: Checkout,
        lock: Lock,
        options: SyncOptions,
        selection: Selection,
        target: CondaTarget,
        root: str,
        selected: Sequence[SelectedConda],
    ) -> None:
        from hutch.lock import chosen_wheres
        from hutch.ops.conda_python import PrefixBuilder, python_to_be

        self.context, self.checkout, self.options = context, checkout, options
        self.target = target
        self.wheres = chosen_wheres(selection.extras, selection.groups, only=selection.only_groups)
        self.lock, self.taken = chosen_part(context, lock, selection)
        self.root = root
        self.records: list[CondaRecord] = [one.record for one in selected]
        self.requested = {one.record.name: one.requested for one in selected}
        self.python: Interpreter | None = python_to_be(target, root, self.records)
        self.builder = PrefixBuilder(context, root, self.records)
        self.chosen: dict[str, Chosen] = {}
        self.make: dict[str, object] = {}
        self.wheels: list[Wanted | WantedEditable] = []
        self.placed = False
        if self.python is not None:
            self._choose_wheels(self.python, selection)

    def _choose_wheels(self, python: Interpreter, selection: Selection) -> None:
        from hutch.ops.editable import project_itself
        from hutch.ops.install import choose_files
        from hutch.ops.placed import Placer
        from hutch.ops.syncing import installs_project, select_packages
        from hutch.ops.wanted import wanted_distributions

        checkout, options, context = self.checkout, self.options, self.context
        packages = select_packages(self.lock, python, self.taken, checkout) if self.lock.packages else ()
        indexed = [package for package in packages if not package.is_direct]
        files = choose_files(indexed, python, built=context.configuration.no_binary)
        self.chosen = {one.name: one for one in files}
        placed: tuple[Placed, ...] = ()
        if len(indexed) < len(packages):
            placed = Placer(context, self.builder, python, checkout.root).place(packages)
            self.make = {one.name: one.make for one in placed}
            self.placed = True
        project = None
        if installs_project(checkout, options, selection):
            project = project_itself(context, checkout, self.builder, python)
            self.make[project.name] = project.build
        self.wheels = wanted_distributions(packages, self.chosen, checkout, project, placed)

    def carry_out(self) -> PrefixChange:
        """Make it so; a virtual environment that is in the way comes back where that fails."""
        from hutch.env import is_prefix

        is_virtual = os.path.lexists(os.path.join(self.root, "pyvenv.cfg"))
        if is_prefix(self.root) or not is_virtual:
            return self._change()
        if self.options.dry_run:
            self.root = f"{self.root}.new"  # what is there is no part of what will be
            return self._change()
        from hutch.ops.conda_fetch import fetch_packages
        from hutch.ops.conda_swap import stepping_aside
        from hutch.ops.install import fetch_wheels

        name = os.path.basename(self.root)
        self.context.emit(Notice(f"making {name} anew: it is to have packages of conda"))
        # All that can fail for others' sake comes first.
        fetch_packages(self.context, self.records)
        extra = fetch_wheels(self.context, self.chosen.values(), self.builder, self.python)  # type: ignore[arg-type]
        with stepping_aside(self.context, self.root):
            return self._change(extra)

    def _change(self, extra: Mapping[str, StoredWheel] | None = None) -> PrefixChange:
        from hutch.ops.conda_prefix import change_prefix

        options = self.options
        every = {*(record.name for record in self.records), *(one.name for one in self.wheels)}
        return change_prefix(
            self.context,
            self.root,
            self.records,
            self.wheels,
            chosen=self.chosen,
            extra=extra,
            make=self.make,  # type: ignore[arg-type]
            builder=self.builder,
            interpreter=self.python,
            requested=self.requested,
            reinstall=every if options.reinstall else frozenset(options.reinstall_package),
            dry_run=options.dry_run,
            link_mode=options.link_mode,
            inexact=options.inexact,
            of_project=True,
        )


def _remember(
    context: Context,
    checkout: Checkout,
    wishes: _Wishes,
    change: PrefixChange,
    typed: SyncOptions,
    known: Known,
    *,
    current: bool,
) -> None:
    """Whose it is, what it was chosen for, and that there is nothing to do until something changes."""
    from hutch.env import open_prefix, unpin
    from hutch.ops.quick import remember_sync, selection_key
    from hutch.ops.redirects import make_known
    from hutch.ops.trust import made_here
    from hutch.values import fields

    root = wishes.root
    environment = open_prefix(root)
    if change.created:
        make_known(context, checkout, root)
        made_here(context.environ, root, context.configuration.data_dir, checkout.home)
    if context.env is not None:
        from hutch.ops.env_selection import remember_choice

        remember_choice(context, checkout, root, typed, wishes.python)
    unpin(root)
    from hutch.ops.project_activation import record_activation

    record_activation(context, checkout, root, wishes.wheres, wishes.target)
    summary = change.plan.summary
    lost = summary.removed or summary.changed or summary.reinstalled or change.created
    remember_sync(
        context,
        checkout,
        environment,
        selection_key({field.name: getattr(typed, field.name) for field in fields(typed)}),
        exact=not wishes.options.inexact,
        current=current,
        packages=wishes.lock.packages if wishes.placed else (),
        known=((), ()) if lost else known,
        changed=bool(change.plan),
    )


def _outcome(
    context: Context,
    checkout: Checkout,
    root: str,
    change: PrefixChange,
    wishes: _Wishes,
    options: SyncOptions,
    lock_outcome: LockOutcome | None,
    start: float,
) -> SyncOutcome:
    from hutch.ops.outcomes import SyncOutcome, told_of_files

    summary = change.plan.summary
    python = next((record.version for record in wishes.records if record.name == "python"), "")
    return SyncOutcome(
        environment=root,
        python=python,
        created=change.created,
        installed=tuple(sorted((_plain(name), version) for name, version in summary.added)),
        removed=tuple(sorted((_plain(name), version) for name, version in summary.removed)),
        updated=tuple(sorted((_plain(name), before, after) for name, before, after in summary.changed)),
        reinstalled=tuple(sorted((_plain(name), version) for name, version in summary.reinstalled)),
        unchanged=change.plan.unchanged,
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
        lock=lock_outcome,
        **told_of_files(checkout),
    )


def _plain(name: str) -> str:
    return name.removeprefix("conda:")
