"""``hutch conda search``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Show what channels have, or which environments."""
    from hutch.cli.ui.conda_search import print_environments, print_records
    from hutch.ops.conda_search import CondaSearchOptions, conda_search

    options = call.options(CondaSearchOptions)
    if options.envs:
        from hutch.ops.conda_search_envs import search_envs

        return call.finish(search_envs(call.context(), options), print_environments)
    return call.finish(conda_search(call.context(), options), print_records)
