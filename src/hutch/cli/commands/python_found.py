"""The verbs of ``hutch python`` that look for Pythons, and change nothing but pins."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Say what there is."""
    from hutch.cli.ui.python import print_directory
    from hutch.ops.python_dir import python_dir

    return call.finish(python_dir(call.context()), print_directory)
