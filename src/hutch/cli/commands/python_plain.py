"""``hutch python shim`` and ``hutch python shell``."""

from __future__ import annotations

import os

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Make, show or remove the shims, answer one, or choose the Python of a shell."""
    if call.command.name == "exec":
        from hutch.ops.python_shim_exec import PythonShimExecOptions, python_shim_exec

        # A hidden command is not told where it is: shims are also called where no directory is any more.
        call.directory = call.directory or _here()
        return python_shim_exec(call.context(), call.options(PythonShimExecOptions))
    from hutch.cli.ui.python_plain import show_shell, show_shims

    if call.command.name == "shell":
        from hutch.ops.python_shell import PythonShellOptions, python_shell

        return call.finish(python_shell(call.context(), call.options(PythonShellOptions)), show_shell)
    from hutch.ops.python_shim import (
        PythonShimInstallOptions,
        PythonShimRemoveOptions,
        python_shim_install,
        python_shim_remove,
        python_shim_show,
    )

    context = call.context()
    if call.command.name == "install":
        return call.finish(python_shim_install(context, call.options(PythonShimInstallOptions)), show_shims)
    if call.command.name == "remove":
        return call.finish(python_shim_remove(context, call.options(PythonShimRemoveOptions)), show_shims)
    return call.finish(python_shim_show(context), show_shims)


def _here() -> str:
    try:
        return os.getcwd()
    except OSError:
        return os.sep
