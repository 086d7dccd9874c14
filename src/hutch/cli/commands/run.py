"""``hutch run COMMAND``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Run the command; its exit code is ours."""
    from hutch.ops.run import RunOptions
    from hutch.ops.run import run as run_command

    outcome = run_command(call.context(), call.options(RunOptions))
    return outcome.exit_code
