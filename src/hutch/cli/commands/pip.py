"""``hutch pip``: choose pins and install them; what works on what is installed is in `pip_installed`."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Choose pins, or bring an environment to them."""
    from hutch.cli.commands import pip_installed, pip_more
    from hutch.cli.ui.pip import show_changes, show_compile

    if call.command.path[1] in pip_more.VERBS:
        return pip_more.run(call)
    if call.command.name in pip_installed.VERBS:
        return pip_installed.run(call)
    context = call.context()
    if call.command.name == "compile":
        from hutch.ops.pip_compile import PipCompileOptions, pip_compile
        from hutch.ops.pip_tools import with_pip_tools

        asked = with_pip_tools(context, call.options(PipCompileOptions), call.said, verb="compile")
        return call.finish(pip_compile(context, asked), show_compile)
    if call.command.name == "install":
        from hutch.ops.pip_install import PipInstallOptions, pip_install

        return call.finish(pip_install(context, call.options(PipInstallOptions)), show_changes)
    from hutch.cli.ui.prompt import confirmation
    from hutch.ops.pip_sync import PipSyncOptions, pip_sync
    from hutch.ops.pip_tools import with_pip_tools

    wanted = with_pip_tools(context, call.options(PipSyncOptions), call.said, verb="sync")
    agrees = confirmation(call.terminal, show_changes) if wanted.ask else None
    return call.finish(pip_sync(context, wanted, agrees), show_changes)
