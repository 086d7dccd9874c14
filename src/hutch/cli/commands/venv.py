"""``hutch venv``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Make an environment, and say how to use it.

    Where it is known which Python it gets, and nothing is in its place, it is made at once: hence the
    imports.
    """
    made = call.venv_at_once()
    if made is not None and call.terminal.quiet:
        return 0
    from hutch.cli.ui.summary import show_venv
    from hutch.ops.venv import VenvOptions, VenvOutcome, activation, venv

    if made is None:
        return call.finish(venv(call.context(), call.options(VenvOptions)), show_venv)
    path, version, interpreter = made
    activate = activation(call.directory, path, call.environ)
    outcome = VenvOutcome(path=path, version=version, interpreter=interpreter, activate=activate)
    return call.finish(outcome, show_venv)
