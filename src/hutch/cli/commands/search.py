"""``hutch search NAME``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.data import print_search
from hutch.ops.search import SearchOptions, search

__all__ = ["run"]


def run(call: Call) -> int:
    """List the versions that there are."""
    return call.finish(search(call.context(), call.options(SearchOptions)), print_search)
