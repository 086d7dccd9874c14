"""``hutch python install|upgrade|uninstall``."""

from __future__ import annotations

from hutch.cli.call import Call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.errors import Problem

__all__ = ["run"]


def run(call: Call) -> int:
    """Put Pythons on this machine, or take them away."""
    from hutch.cli.ui.python_installed import show_install, show_uninstall, show_upgrade

    context = call.context()
    if call.command.name == "install":
        from hutch.ops.python_install import PythonInstallOptions, python_install

        installed = python_install(context, call.options(PythonInstallOptions))
        return _finished(call, call.finish(installed, show_install), installed.problems)
    if call.command.name == "upgrade":
        from hutch.ops.python_upgrade import PythonUpgradeOptions, python_upgrade

        upgraded = python_upgrade(context, call.options(PythonUpgradeOptions))
        return _finished(call, call.finish(upgraded, show_upgrade), upgraded.problems)
    from hutch.ops.python_uninstall import PythonUninstallOptions, python_uninstall

    return call.finish(python_uninstall(context, call.options(PythonUninstallOptions)), show_uninstall)


def _finished(call: Call, code: int, problems: tuple[Problem, ...]) -> int:
    """The first of the problems is raised, the others told before it."""
    if not problems:
        return code
    if call.json:
        return max(problem.exit_code for problem in problems)
    from hutch.cli.ui.problems import render_problem

    for problem in problems[1:]:
        call.terminal.tell(*render_problem(problem, call.terminal.err))
    raise problems[0]
