"""``hutch python shim exec``: the slow way of a shim, which becomes the Python.

Only shims call it: ``hutch python shim exec FOLDER NAME [WORD...]``.
"""

from __future__ import annotations

import os

from hutch.errors import UsageProblem
from hutch.ops.child import execute
from hutch.ops.plain_python import Noting, is_pip, plain_python
from hutch.ops.shim_tables import ShimTables
from hutch.values import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.context import Context

__all__ = ["PythonShimExecOptions", "python_shim_exec"]

ROUNDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonShimExecOptions:
    """The words of ``python shim exec``."""

    command: tuple[str, ...] = ()


def python_shim_exec(context: Context, options: PythonShimExecOptions) -> int:
    """The exit code, where this process does not become the Python."""
    if len(options.command) < 2 or not os.path.isabs(options.command[0]):
        raise UsageProblem("only shims call this", hint="hutch python shim install makes them")
    folder, name, *words = options.command
    from hutch.ops.context import Context

    data = {"HUTCH_DATA_DIR": os.path.dirname(folder)}
    within = Context(context.directory, {**context.environ, **data}, emit=context.emit)
    try:
        from hutch.ops.python_shim import renew_shims, watched_folders

        noting = Noting()
        if _is_own(folder):
            tables = ShimTables(folder)
            if tables.begin(watched_folders(within)):
                renew_shims(within, tables=False)  # pyenv, say, has installed one
            noting = Noting(name=tables.note_name, file=tables.note_file)
        found = plain_python(within, name, noting)
    finally:
        within.close()
    variables = dict(context.environ)
    target = found.path
    if found.from_path:
        _count_rounds(name, target, variables)
    if is_pip(name):
        target = os.path.join(os.path.dirname(found.path), name)
        if not (os.path.isfile(target) and os.access(target, os.X_OK)):
            from hutch.ops.shim_files import hutch_words

            root = os.path.dirname(os.path.dirname(found.path))
            if os.path.isfile(os.path.join(root, "pyvenv.cfg")):
                variables["VIRTUAL_ENV"] = root
                target, *before = hutch_words()
                words = [*before, "pip", *words]
            else:
                target, words = found.path, ["-m", "pip", *words]
    context.becomes_another = True
    context.close()
    return execute(target, [target, *words], variables)


def _is_own(folder: str) -> bool:
    """Whether the shims are this user's: `sudo python` would leave files that their owner cannot replace."""
    try:
        return os.stat(folder).st_uid == os.geteuid()
    except OSError:
        return False


def _count_rounds(name: str, target: str, variables: dict[str, str]) -> None:
    process, _, said = variables.get("_HUTCH_SHIM", "").partition(":")
    count = int(said) if process == str(os.getpid()) and said.isascii() and said.isdigit() else 0
    if count >= ROUNDS:
        from hutch.ops.shim_files import NoShims

        raise NoShims(
            f"two shims on PATH call each other, the other one is {target}", hint=f"take {name} off PATH"
        )
    variables["_HUTCH_SHIM"] = f"{os.getpid()}:{count + 1}"
