"""``hutch export``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.data import print_export
from hutch.ops.export import ExportOptions, export

__all__ = ["run"]


def run(call: Call) -> int:
    """Print the text, or say where it was written."""
    return call.finish(export(call.context(), call.options(ExportOptions)), print_export)
