"""``hutch import``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.ui.convert import show_import
from hutch.ops.import_ import ImportOptions, import_project

__all__ = ["run"]


def run(call: Call) -> int:
    """Write the manifest, or show what would be written."""
    return call.finish(import_project(call.context(), call.options(ImportOptions)), show_import)
