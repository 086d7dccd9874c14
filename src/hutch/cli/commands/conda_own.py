"""``hutch conda config``, ``clean``, ``compare``, ``rename`` and ``env config``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call, verb: str) -> int:
    """Look at the configuration or change it; make the store smaller."""
    if verb.startswith("env "):
        from hutch.cli.commands import conda_variables

        return conda_variables.run(call, call.command.name)
    context = call.context()
    if verb == "compare":
        from hutch.cli.ui.conda import print_compared
        from hutch.ops.conda_compare import CondaCompareOptions, conda_compare

        compared = conda_compare(context, call.options(CondaCompareOptions))
        return call.finish(compared, print_compared) or compared.exit_code
    if verb == "rename":
        from hutch.cli.ui.environments import show_cloned
        from hutch.ops.conda_rename import CondaRenameOptions, conda_rename

        return call.finish(conda_rename(context, call.options(CondaRenameOptions)), show_cloned)
    if verb == "config":
        from hutch.cli.ui.conda_config import print_config
        from hutch.ops.conda_config import CondaConfigOptions, conda_config

        return call.finish(conda_config(context, call.options(CondaConfigOptions)), print_config)
    from hutch.cli.ui.conda_clean import show_cleaned, show_leaving
    from hutch.cli.ui.prompt import confirmation
    from hutch.ops.conda_clean import CondaCleanOptions, conda_clean

    asks = not call.json and not context.configuration.condarc.switch("always_yes")
    agrees = confirmation(call.terminal, show_leaving) if asks else None
    return call.finish(conda_clean(context, call.options(CondaCleanOptions), agrees), show_cleaned)
