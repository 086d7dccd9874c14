"""The verbs of ``hutch python`` that look for Pythons, and change nothing but pins."""

from __future__ import annotations

from hutch.cli.call import Call

__all__ = ["run"]


def run(call: Call) -> int:
    """Say what there is, which one is used, and why; or pin one."""
    from hutch.cli.ui import python as ui

    context = call.context()
    match call.command.name:
        case "list":
            from hutch.ops.python_list import PythonListOptions, python_list

            return call.finish(python_list(context, call.options(PythonListOptions)), ui.print_list)
        case "find":
            from hutch.ops.python_find import PythonFindOptions, python_find

            return call.finish(python_find(context, call.options(PythonFindOptions)), ui.print_found)
        case "which":
            from hutch.ops.python_which import PythonWhichOptions, python_which

            return call.finish(python_which(context, call.options(PythonWhichOptions)), ui.print_which)
        case "pin":
            from hutch.ops.python_pin import PythonPinOptions, python_pin

            return call.finish(python_pin(context, call.options(PythonPinOptions)), ui.show_pin)
        case _:
            from hutch.ops.python_dir import python_dir

            return call.finish(python_dir(context), ui.print_directory)
