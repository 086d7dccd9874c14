"""What syncs of both kinds of environments have in common: which entries, and what is told."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.interpreters import Interpreter
    from hutch.lock import Lock, LockedPackage
    from hutch.ops.checkout import Checkout
    from hutch.ops.context import Context
    from hutch.ops.outcomes import LockOutcome
    from hutch.ops.seen import Seen
    from hutch.ops.selection import Selection
    from hutch.ops.sync import SyncOptions

__all__ = ["installs_project", "is_current", "select_packages"]


def select_packages(
    lock: Lock, interpreter: Interpreter, selection: Selection, checkout: Checkout | None = None
) -> tuple[LockedPackage, ...]:
    """The entries for this interpreter and selection; a problem where the lock was not made for it."""
    if lock.conflicts and checkout is not None and checkout.members:
        from hutch.ops.choosing import refuse_members_apart

        refuse_members_apart(lock, checkout, selection)
    from hutch.lock import NotLockedFor, select
    from hutch.spec import usual_target

    try:
        return select(
            lock,
            interpreter.marker_environment,
            extras=selection.extras,
            groups=selection.groups,
            only=selection.only_groups,
        )
    except NotLockedFor as problem:
        if lock.is_foreign or not problem.elsewhere:
            raise
        name = usual_target(interpreter.target()).name
        raise problem.with_hint(f"hutch lock --add-target {name}") from None


def installs_project(checkout: Checkout, options: SyncOptions, selection: Selection) -> bool:
    """Whether the project itself is to be installed."""
    return (
        checkout.manifest.is_package
        and options.install_project
        and not options.only_deps
        and not selection.only_groups
    )


def is_current(
    context: Context,
    checkout: Checkout,
    lock: Lock,
    options: SyncOptions,
    outcome: LockOutcome | None,
    seen: Seen | None,
) -> bool:
    """Whether nothing has changed meanwhile, and a lock that was taken as it is would have been taken after a
    look, too."""
    if seen is not None and not seen.unchanged(checkout, lock_written=bool(outcome and outcome.written)):
        return False
    return not options.frozen or _is_fresh(context, checkout, lock)


def _is_fresh(context: Context, checkout: Checkout, lock: Lock) -> bool:
    if checkout.foreign is not None:
        from hutch.ops.foreign_reading import why_stale

        return why_stale(checkout, context) is None
    from hutch.ops.lock import current_inputs

    return lock.inputs == current_inputs(context, checkout)
