"""``hutch conda search``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Show what channels have."""
    from hutch.cli.ui.conda_search import print_records
    from hutch.ops.conda_search import CondaSearchOptions, conda_search

    return call.finish(conda_search(call.context(), call.options(CondaSearchOptions)), print_records)
