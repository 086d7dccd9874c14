"""``hutch env history|rollback|verify``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Tell what became of an environment, take it back, or look whether it is whole."""
    from hutch.cli.ui.environment import print_history, show_rollback, show_verify

    context = call.context()
    if call.command.name == "history":
        from hutch.ops.env_history import env_history

        return call.finish(env_history(context), print_history)
    if call.command.name == "rollback":
        from hutch.ops.env_rollback import EnvRollbackOptions, env_rollback

        return call.finish(env_rollback(context, call.options(EnvRollbackOptions)), show_rollback)
    from hutch.ops.env_verify import DamagedEnvironment, EnvVerifyOptions, env_verify

    outcome = env_verify(context, call.options(EnvVerifyOptions))
    if not outcome.is_sound and not call.json:
        raise DamagedEnvironment(outcome)
    call.finish(outcome, show_verify)
    return 0 if outcome.is_sound else 1
