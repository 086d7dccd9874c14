"""``hutch sync``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Bring the environment up to date, and say what changed.

    Where nothing has changed since the last time, a few ``stat`` calls say so: hence the imports.
    """
    again = call.values["reinstall"] or call.values["reinstall_package"]
    if not again and not call.json:
        environment = call.environment_in_place(exact=not call.values["inexact"])
        if environment is not None:
            call.terminal.say(f"Nothing to do: {call.terminal.short(environment)} is up to date")
            return 0
        done = call.sync_at_once()
        if done is not None:
            from hutch.cli.ui.summary import show_sync

            return call.finish(done, show_sync)
    if call.values["all_packages"]:
        from hutch.ops.separate import separate_members

        if separate_members(call.directory, ()) is not None:
            call.values["all_packages"] = False
            return call.for_each_member(_sync)
    return _sync(call)


def _sync(call: Call) -> int:
    from hutch.cli.ui.summary import show_sync
    from hutch.ops.sync import SyncOptions, sync

    return call.finish(sync(call.context(), call.options(SyncOptions)), show_sync)
