"""``hutch tree``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.data import print_tree
from hutch.ops.tree import TreeOptions, tree

__all__ = ["run"]


def run(call: Call) -> int:
    """Print the tree."""
    return call.finish(tree(call.context(), call.options(TreeOptions)), print_tree)
