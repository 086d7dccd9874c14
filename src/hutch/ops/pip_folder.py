"""Folders of packages without an interpreter: ``hutch pip install --target``, ``--prefix``.

``--target`` puts modules into the folder itself, as what is zipped or copied somewhere wants it; ``--prefix``
lays it out as an installation. Both are environments in every other respect: planned, journalled, and
made over by the next command. What hutch notes there is taken away once all is done.
"""

from __future__ import annotations

import os

from hutch.errors import UsageProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.env import Environment
    from hutch.interpreters import Interpreter
    from hutch.ops.context import Context

__all__ = ["folder_environment", "tidy"]


def folder_environment(
    context: Context,
    target: str | None,
    prefix: str | None,
    *,
    dry_run: bool,
    interpreter: Interpreter | None = None,
) -> tuple[Environment, Interpreter]:
    """The folder as an environment, made if need be, and the interpreter that it is for."""
    from hutch.env import Environment, recover
    from hutch.ops.interpreter import any_interpreter

    interpreter = interpreter or any_interpreter(context, None)
    windows = os.name == "nt"
    root = context.path(target if target is not None else str(prefix))
    if os.path.lexists(root) and not os.path.isdir(root):
        raise UsageProblem(f"{root} is no directory", hint="name a directory, or one that is not there yet")
    if os.path.isfile(os.path.join(root, "pyvenv.cfg")):
        raise UsageProblem(
            f"{root} is an environment, which has places of its own for packages",
            hint=f"--python {root} installs into it",
        )
    version = ".".join(interpreter.version.split(".")[:2])
    library = "Lib/site-packages" if windows else f"lib/python{version}/site-packages"
    if not dry_run:
        os.makedirs(os.path.join(root, "" if target is not None else library), exist_ok=True)
    environment = Environment(
        root=root,
        purelib="." if target is not None else library,
        platlib="." if target is not None else library,
        scripts="bin" if target is not None or not windows else "Scripts",
        include="include" if windows else f"include/site/python{version}",
        windows=windows,
        settings={},
        python_outside=interpreter.path,
    )
    if not dry_run:
        recover(environment, context.emit)
    return environment, interpreter


def tidy(environment: Environment) -> None:
    """Take away what hutch noted in a folder, unless there is something left to finish.

    The notes would help after a loss of power, so all that they are about goes to the disk first.
    """
    import shutil

    notes = os.path.join(environment.root, ".hutch")
    try:
        names = set(os.listdir(notes)) - {"lock", "settled"}
        if all(name.startswith("change-") for name in names):
            if names and hasattr(os, "sync"):
                os.sync()
            shutil.rmtree(notes)
    except OSError:
        pass
