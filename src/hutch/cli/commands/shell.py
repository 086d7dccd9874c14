"""``hutch shell``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Become the user's shell; its exit code is ours."""
    from hutch.ops.shell import ShellOptions, shell

    outcome = shell(call.context(), call.options(ShellOptions))
    return outcome.exit_code
