"""``hutch sync``: make the environment equal to the lock."""

from __future__ import annotations

import time

from hutch.ops.choosing import selection_of
from hutch.ops.context import one_at_a_time
from hutch.ops.environments import project_environment
from hutch.ops.fetching import load_early, start_fetching
from hutch.ops.lock import LockOptions, make_or_read_lock
from hutch.ops.lock_file import read_lock
from hutch.ops.outcomes import LockOutcome, SyncOutcome, told_of_files
from hutch.ops.seen import Seen
from hutch.ops.selection import SelectionOptions
from hutch.ops.syncing import installs_project, is_current, select_packages
from hutch.values import dataclass, fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env import Environment, Plan
    from hutch.interpreters import Interpreter
    from hutch.lock import Lock
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.placed import Placed
    from hutch.ops.quick import Known
    from hutch.store import StoredWheel

__all__ = ["SyncOptions", "sync", "sync_lock"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOptions(SelectionOptions):
    """The options of ``sync``, named as on the command line."""

    only_deps: bool = False
    install_project: bool = True
    inexact: bool = False
    reinstall: bool = False
    reinstall_package: tuple[str, ...] = ()
    link_mode: str | None = None
    dry_run: bool = False


@one_at_a_time
def sync(context: Context, options: SyncOptions) -> SyncOutcome:
    """Lock if need be, make the environment if need be, install and remove until it is the lock."""
    start = time.monotonic()
    seen = Seen(context.root)
    checkout = context.checkout
    seen.look(context, checkout)
    typed = options
    if context.env is not None:
        from hutch.ops.env_selection import chosen_options, refuse_undeclared
        from hutch.ops.environments import environment_root

        refuse_undeclared(context, checkout, options, environment_root(context, checkout))
        options = chosen_options(context, checkout, options)
    if options.package or options.all_packages:
        from hutch.ops.choosing import focused

        checkout = focused(context, options.package, all_packages=options.all_packages)
    selection_of(options, checkout)  # a group that is not there is known before all the work
    if checkout.manifest.notes or checkout.manifest.settings.conda is not None:
        from hutch.ops.notes import tell_activation, tell_warnings

        tell_warnings(context, checkout.manifest)
        tell_activation(context, checkout.manifest)
    load_early(context, checkout, options)
    lock, outcome = current_lock(context, checkout, options, dry_run=options.dry_run)
    return sync_lock(
        context, checkout, lock, options, lock_outcome=outcome, start=start, seen=seen, typed=typed
    )


def current_lock(
    context: Context, checkout: Checkout, options: SelectionOptions, *, dry_run: bool = False
) -> tuple[Lock, LockOutcome | None]:
    """The lock to go by: as it is (``frozen``), checked (``locked``), or brought up to date."""
    if options.frozen:
        return read_lock(context, checkout), None
    if checkout.foreign is not None:
        return foreign_lock(context, checkout), None
    locked = make_or_read_lock(context, checkout, LockOptions(check=options.locked, dry_run=dry_run))
    return locked.lock, locked.outcome


def foreign_lock(context: Context, checkout: Checkout) -> Lock:
    """The lock of another tool, which is the project's; a problem where it is out of date."""
    from hutch.ops.foreign_reading import read_foreign_lock, refuse_stale

    refuse_stale(checkout, context)
    return read_foreign_lock(context, checkout)


def sync_lock(
    context: Context,
    checkout: Checkout,
    lock: Lock,
    options: SyncOptions,
    *,
    lock_outcome: LockOutcome | None = None,
    start: float | None = None,
    seen: Seen | None = None,
    typed: SyncOptions | None = None,
) -> SyncOutcome:
    """Make the environment equal to the chosen part of ``lock``.

    ``typed`` are the options before what the environment itself is for was added to them.
    """
    from hutch.env import DamagedWheel, EnvironmentChanged, plan_changes, unpin
    from hutch.ops.builds import Builder
    from hutch.ops.install import choose_files, get_ready, install
    from hutch.ops.interpreter import project_interpreter
    from hutch.ops.occasions import gutted
    from hutch.ops.targets import warn_of_uncovered
    from hutch.ops.wanted import wanted_distributions

    start, began = time.monotonic() if start is None else start, time.time()
    if typed is None:
        typed = options
        if context.env is not None:
            from hutch.ops.env_selection import chosen_options

            options = chosen_options(context, checkout, options)
    if lock.conda is not None and lock.conda.targets:
        from hutch.ops.conda_sync import sync_prefix

        return sync_prefix(
            context,
            checkout,
            lock,
            options,
            typed=typed,
            lock_outcome=lock_outcome,
            start=start,
            seen=seen,
        )
    ahead = start_fetching(context, checkout, lock, options)
    interpreter = project_interpreter(context, checkout, get_ready(downloads=not ahead))
    if checkout.members:
        from hutch.ops.choosing import tell_left_out

        tell_left_out(context, checkout, options, interpreter)
    selection = selection_of(options, checkout, interpreter, lock)
    packages = select_packages(lock, interpreter, selection, checkout)
    if checkout.members and (options.only_deps or not options.install_project):
        from hutch.ops.choosing import without_chosen

        packages = without_chosen(packages, checkout, options, every=options.only_deps)
    warn_of_uncovered(context, lock, interpreter.target())
    environment, created = project_environment(context, checkout, interpreter, dry_run=options.dry_run)
    builder = Builder(context, interpreter)
    indexed = [package for package in packages if not package.is_direct]
    chosen = {
        one.name: one for one in choose_files(indexed, interpreter, built=context.configuration.no_binary)
    }
    project = None
    if installs_project(checkout, options, selection):
        from hutch.ops.editable import project_itself

        project = project_itself(context, checkout, builder, interpreter)
    placed: tuple[Placed, ...] = ()
    if len(indexed) < len(packages):
        from hutch.ops.placed import Placer

        placed = Placer(context, builder, interpreter, checkout.root).place(packages)
    wanted = wanted_distributions(packages, chosen, checkout, project, placed)
    known: Known = ((), ())
    if environment is not None and not created:
        from hutch.ops.quick import still_known

        known = still_known(context, environment)
    extra: dict[str, StoredWheel] = {}
    for last in (False, False, True):
        installed = environment.installed() if environment is not None else {}
        plan = plan_changes(
            installed,
            wanted,
            keep=_kept(installed, options),
            reinstall=_reinstalled(wanted, options)
            | _moved(environment, placed)
            | gutted(environment, installed),
        )
        if not plan or environment is None or options.dry_run:
            break
        needed = plan.needs()
        extra = {one.name: one.make() for one in placed if one.name in needed}
        if project is not None and project.name in needed:
            extra[project.name] = project.build()
        try:
            install(
                context,
                environment,
                plan,
                chosen,
                extra,
                builder,
                interpreter,
                pinned=False,
                new=created,
            )
            _remember_places(environment, placed, more=options.inexact)
            break
        except (EnvironmentChanged, DamagedWheel):  # while ours was fetching: look again
            if last:
                raise
    if environment is not None and not options.dry_run:
        from hutch.ops.quick import remember_sync, selection_key

        key = selection_key({field.name: getattr(typed, field.name) for field in fields(typed)})
        if context.env is not None:
            from hutch.ops.env_selection import remember_choice

            remember_choice(context, checkout, environment.root, typed, interpreter)
        current = is_current(context, checkout, lock, options, lock_outcome, seen)
        summary = plan.summary
        lost = summary.removed or summary.changed or summary.reinstalled
        unpin(environment.root)  # which a change has done already
        remember_sync(
            context,
            checkout,
            environment,
            key,
            exact=not options.inexact,
            current=current,
            packages=packages if placed else (),
            known=((), ()) if lost else known,
            changed=bool(plan),
        )
        if created and current and not placed:
            from hutch.ops.quick_sync import remember_installation

            digests = {name: one.sha256 for name, one in chosen.items() if one.is_wheel}
            digests.update((name, wheel.sha256) for name, wheel in extra.items())
            told = told_of_files(checkout)
            remember_installation(
                context,
                checkout,
                environment,
                interpreter,
                (*key, "."),
                plan,
                digests,
                began,
                (told.get("taken", ()), told.get("passed_over", ())),
            )
    return _outcome(environment, checkout, context, interpreter, plan, created, options, lock_outcome, start)


def _moved(environment: Environment | None, placed: tuple[Placed, ...]) -> frozenset[str]:
    """The packages of directories that are not what they were when they were installed."""
    if not placed:
        return frozenset()
    from hutch.ops.placed import changed_places

    return changed_places(environment, placed)


def _remember_places(environment: Environment, placed: tuple[Placed, ...], *, more: bool) -> None:
    if placed:
        from hutch.ops.placed import remember_places

        remember_places(environment, placed, more=more)


def _kept(installed: object, options: SyncOptions) -> frozenset[str]:
    """What stays though the lock does not name it: with ``--inexact`` all of it."""
    if options.inexact:
        return frozenset(installed)  # type: ignore[call-overload,no-any-return]
    return frozenset()


def _reinstalled(wanted: object, options: SyncOptions) -> frozenset[str]:
    from hutch.spec import normalize

    if options.reinstall:
        return frozenset(normalize(one.name) for one in wanted)  # type: ignore[attr-defined]
    return frozenset(normalize(name) for name in options.reinstall_package)


def _outcome(
    environment: Environment | None,
    checkout: Checkout,
    context: Context,
    interpreter: Interpreter,
    plan: Plan,
    created: bool,
    options: SyncOptions,
    lock_outcome: LockOutcome | None,
    start: float,
) -> SyncOutcome:
    from hutch.ops.environments import environment_root

    summary = plan.summary
    return SyncOutcome(
        environment=environment_root(context, checkout),
        python=interpreter.version,
        created=created,
        installed=summary.added,
        removed=summary.removed,
        updated=summary.changed,
        reinstalled=summary.reinstalled,
        unchanged=plan.unchanged,
        dry_run=options.dry_run,
        seconds=time.monotonic() - start,
        lock=lock_outcome,
        **told_of_files(checkout),
    )
