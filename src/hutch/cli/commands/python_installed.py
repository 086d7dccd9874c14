"""``hutch python install|upgrade|uninstall``."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Put Pythons on this machine, or take them away."""
    from hutch.cli.ui.python_installed import end_with, show_install, show_uninstall, show_upgrade

    context = call.context()
    if call.command.name == "install":
        from hutch.ops.python_install import PythonInstallOptions, python_install

        installed = python_install(context, call.options(PythonInstallOptions))
        call.finish(installed, show_install)
        return end_with(installed.problems, call.terminal, json=call.json)
    if call.command.name == "upgrade":
        from hutch.ops.python_upgrade import PythonUpgradeOptions, python_upgrade

        upgraded = python_upgrade(context, call.options(PythonUpgradeOptions))
        call.finish(upgraded, show_upgrade)
        return end_with(upgraded.problems, call.terminal, json=call.json)
    from hutch.ops.python_uninstall import PythonUninstallOptions, python_uninstall

    return call.finish(python_uninstall(context, call.options(PythonUninstallOptions)), show_uninstall)
