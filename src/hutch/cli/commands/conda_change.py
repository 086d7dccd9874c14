"""``hutch conda create|install|update|remove`` and ``env create|update``: what changes an environment."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call, verb: str) -> int:
    """Solve, show, ask, change."""
    from hutch.cli.ui.conda import show_change, show_plan
    from hutch.cli.ui.prompt import confirmation

    call.refuse_redirected()
    agrees = confirmation(call.terminal, show_plan) if not call.json else None
    context = call.context()
    if context.configuration.condarc.switch("always_yes"):
        agrees = None
    if verb == "env create":
        from hutch.ops.conda_env import CondaEnvCreateOptions, conda_env_create

        made = conda_env_create(context, call.options(CondaEnvCreateOptions), agrees)
    elif verb == "env update":
        from hutch.ops.conda_env import CondaEnvUpdateOptions, conda_env_update

        made = conda_env_update(context, call.options(CondaEnvUpdateOptions), agrees)
    elif verb == "create":
        from hutch.ops.conda_change import CondaCreateOptions
        from hutch.ops.conda_env import conda_create_by

        made = conda_create_by(context, call.options(CondaCreateOptions), agrees)
    elif verb == "install":
        from hutch.ops.conda_change import CondaInstallOptions, conda_install

        made = conda_install(context, call.options(CondaInstallOptions), agrees)
    elif verb == "update":
        from hutch.ops.conda_change import CondaUpdateOptions, conda_update

        made = conda_update(context, call.options(CondaUpdateOptions), agrees)
    else:
        from hutch.ops.conda_change import CondaRemoveOptions, conda_remove

        options = call.options(CondaRemoveOptions)
        if options.all and not options.keep_env:
            from hutch.cli.commands import conda_remove as whole
            from hutch.ops.conda_env import whole_environment

            return whole.run(call, context, whole_environment(options))
        made = conda_remove(context, options, agrees)
    return call.finish(made, show_change)
