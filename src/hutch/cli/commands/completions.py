"""``hutch completions SHELL``."""

from __future__ import annotations

from hutch.cli.call import Call
from hutch.cli.completions import SCRIPTS

__all__ = ["run"]


def run(call: Call) -> int:
    """Print the script for the shell."""
    call.terminal.data(SCRIPTS[str(call.values["shell"])]())
    return 0
