"""``hutch conda``: conda's own verbs, by what they do."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Do what a verb of conda means."""
    verb = " ".join(call.command.path[1:])
    verb = {"uninstall": "remove", "upgrade": "update"}.get(verb, verb)
    if verb == "search":
        from hutch.cli.commands import conda_search

        return conda_search.run(call)
    if verb in ("create", "install", "update", "remove", "env create", "env update"):
        from hutch.cli.commands import conda_change

        return conda_change.run(call, verb)
    if verb in ("activate", "deactivate", "reactivate"):
        from hutch.cli.commands import conda_activate

        return conda_activate.run(call, verb)
    if verb in ("config", "clean", "compare", "rename") or verb.startswith("env config vars "):
        from hutch.cli.commands import conda_own

        return conda_own.run(call, verb)
    if verb == "run":
        from hutch.ops.conda_run import CondaRunOptions, conda_run

        return conda_run(call.context(), call.options(CondaRunOptions)).exit_code
    from hutch.cli.ui import conda as ui

    context = call.context()
    if verb == "list":
        from hutch.ops.conda_list import CondaListOptions, conda_list

        return call.finish(conda_list(context, call.options(CondaListOptions)), ui.print_packages)
    if verb == "info":
        from hutch.ops.conda_info import CondaInfoOptions, conda_info

        return call.finish(conda_info(context, call.options(CondaInfoOptions)), ui.print_info)
    if verb == "env list":
        from hutch.ops.conda_list import conda_env_list

        return call.finish(conda_env_list(context), ui.print_environments)
    if verb == "env remove":
        from hutch.cli.commands import conda_remove
        from hutch.ops.conda_env import CondaEnvRemoveOptions

        return conda_remove.run(call, context, call.options(CondaEnvRemoveOptions))
    from hutch.ops.conda_list import CondaExportOptions, conda_export

    return call.finish(conda_export(context, call.options(CondaExportOptions)), ui.print_export)
