"""``hutch env create|list|remove|clone|rename|path|redirect``: environments as a whole."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["VERBS", "run"]

VERBS = ("create", "list", "upgrade", "clone", "rename", "remove", "path", "redirect")


def run(call: Call) -> int:
    """Make one, list them, delete, copy or rename one, say where one is."""
    from hutch.cli.ui import environments as ui

    context, verb = call.context(), call.command.name
    if verb == "create":
        from hutch.ops.env_create import EnvCreateOptions, env_create

        return call.finish(env_create(context, call.options(EnvCreateOptions)), ui.show_created)
    if verb == "list":
        from hutch.ops.env_list import EnvListOptions, env_list

        return call.finish(env_list(context, call.options(EnvListOptions)), ui.print_environments)
    if verb == "upgrade":
        from hutch.ops.env_upgrade import EnvUpgradeOptions, env_upgrade

        return call.finish(env_upgrade(context, call.options(EnvUpgradeOptions)), ui.show_upgraded)
    if verb == "remove":
        from hutch.cli.ui.prompt import confirmation
        from hutch.ops.env_remove import EnvRemoveOptions, env_remove

        agrees = confirmation(call.terminal, ui.show_going) if not call.json else None
        return call.finish(env_remove(context, call.options(EnvRemoveOptions), agrees), ui.show_removed)
    if verb == "clone":
        from hutch.ops.env_clone import EnvCloneOptions, env_clone

        return call.finish(env_clone(context, call.options(EnvCloneOptions)), ui.show_cloned)
    if verb == "rename":
        from hutch.ops.env_clone import EnvRenameOptions, env_rename

        return call.finish(env_rename(context, call.options(EnvRenameOptions)), ui.show_cloned)
    if verb == "path":
        from hutch.ops.env_path import EnvPathOptions, env_path

        return call.finish(env_path(context, call.options(EnvPathOptions)), ui.print_path(call.values))
    from hutch.ops.env_redirect import EnvRedirectOptions, env_redirect

    return call.finish(env_redirect(context, call.options(EnvRedirectOptions)), ui.show_redirect)
