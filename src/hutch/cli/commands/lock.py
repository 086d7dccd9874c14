"""``hutch lock``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Lock, and say what changed.

    Where nothing has changed since the last time, a few ``stat`` calls say so: hence the imports.
    """
    known = call.lock_in_place()
    if known is not None:
        from hutch.cli.ui.text import up_to_date

        call.terminal.say(up_to_date(*known))
        return 0
    from hutch.cli.ui.summary import show_lock

    written = call.lock_from_memory()
    if written is not None:
        return call.finish(written, show_lock)
    from hutch.ops.lock import LockOptions

    options = call.options(LockOptions)
    if options.explain_targets:
        from hutch.cli.ui.data import print_targets
        from hutch.ops.lock_targets import explain_targets

        return call.finish(explain_targets(call.context(), options), print_targets)
    if options.add_target:
        from hutch.ops.lock_targets import lock_with_targets

        return call.finish(lock_with_targets(call.context(), options), show_lock)
    if options.apply is not None:
        from hutch.ops.repair import lock_with_edit

        return call.finish(lock_with_edit(call.context(), options), show_lock)
    return _lock(call)


def _lock(call: Call) -> int:
    from hutch.cli.ui.summary import show_lock
    from hutch.ops.lock import LockOptions, lock
    from hutch.ops.separate import SeparateLocks

    try:
        return call.finish(lock(call.context(), call.options(LockOptions)), show_lock)
    except SeparateLocks:
        return call.for_each_member(_lock)
