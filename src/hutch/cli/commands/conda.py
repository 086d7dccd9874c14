"""``hutch conda``: conda's own verbs, each in a module of its own."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Do what a verb of conda means."""
    from hutch.cli.commands import conda_search

    return conda_search.run(call)
