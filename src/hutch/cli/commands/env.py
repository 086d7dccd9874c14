"""``hutch env``: the history of an environment; those as a whole are in `env_named`."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Tell what became of an environment, take it back, or look whether it is whole."""
    from hutch.cli.commands import env_named

    if call.command.name in env_named.VERBS:
        return env_named.run(call)
    from hutch.cli.ui.environment import print_history, show_rollback, show_verify

    context = call.context()
    if call.command.name == "history":
        from hutch.ops.env_history import env_history

        return call.finish(env_history(context), print_history)
    if call.command.name == "rollback":
        from hutch.ops.env_rollback import EnvRollbackOptions, env_rollback

        return call.finish(env_rollback(context, call.options(EnvRollbackOptions)), show_rollback)
    if call.command.name == "pack":
        from hutch.cli.ui.packing import show_pack
        from hutch.ops.env_pack import EnvPackOptions, env_pack

        return call.finish(env_pack(context, call.options(EnvPackOptions)), show_pack)
    if call.command.name == "unpack":
        from hutch.cli.ui.packing import show_unpack
        from hutch.ops.env_unpack import EnvUnpackOptions, env_unpack

        return call.finish(env_unpack(context, call.options(EnvUnpackOptions)), show_unpack)
    from hutch.ops.env_verify import DamagedEnvironment, DriftedEnvironment, EnvVerifyOptions, env_verify

    outcome = env_verify(context, call.options(EnvVerifyOptions))
    if not outcome.is_sound and not call.json:
        raise DamagedEnvironment(outcome)
    if outcome.drift and not call.json:
        raise DriftedEnvironment(outcome)
    call.finish(outcome, show_verify)
    return 0 if outcome.is_sound and not outcome.drift else 1
