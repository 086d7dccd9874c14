"""``hutch git setup|merge-lock``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.summary import show_git_setup, show_merge_lock
from hutch.ops.git import GitSetupOptions, MergeLockOptions, git_setup, merge_lock

__all__ = ["run"]


def run(call: Call) -> int:
    """Tell git how to merge locks, or merge one."""
    context = call.context()
    if call.command.name == "setup":
        return call.finish(git_setup(context, call.options(GitSetupOptions)), show_git_setup)
    return call.finish(merge_lock(context, call.options(MergeLockOptions)), show_merge_lock)
