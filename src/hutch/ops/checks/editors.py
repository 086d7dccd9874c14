"""Checks of editors and notebooks: do they know a Python that is there."""

from __future__ import annotations

import os

from hutch.ops.checks.values import Fix, check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.ops.checks.ground import Ground
    from hutch.ops.checks.values import Say

__all__ = ["CHECKS"]

_SETTINGS = ("python.defaultInterpreterPath", "python.pythonPath")


@check(
    "dead-kernel",
    "Every notebook kernel has a Python that is there",
    group="machine",
    severity="warning",
    fix_class="safe",
    why="The notebook offers the kernel, and it dies when it is started.",
)
def dead_kernel(ground: Ground, say: Say) -> None:
    """The first word of each `kernel.json` that Jupyter would find."""
    from hutch.ops.kernelspecs import read_kernels

    root = ground.environment.root if ground.environment is not None else None
    for kernel in read_kernels(ground.environ, root):
        if not kernel.is_dead:
            continue
        say(
            f"the kernel {kernel.name} has a Python that is gone",
            seen=(kernel.folder, f"it starts {kernel.program}, which is not there"),
            commands=() if kernel.ours else (f"jupyter kernelspec remove {kernel.name}",),
            fix=_removal(kernel.folder, kernel.name) if kernel.ours else None,
        )


def _removal(folder: str, name: str) -> Fix:
    def apply() -> str:
        from hutch.trees import delete_tree

        delete_tree(folder)
        return f"removed the kernel {name}"

    return Fix(
        plan=(f"remove the kernel {name}, which hutch made",), apply=apply, undo="hutch kernel install"
    )


@check(
    "dead-editor-python",
    "The editor of the project knows a Python that is there",
    group="project",
    severity="warning",
    fix_class="ask",
    why="The editor underlines every import, and runs and tests with another Python than you think.",
)
def dead_editor_python(ground: Ground, say: Say) -> None:
    """VS Code's settings of this folder."""
    from hutch.plain import read_plain
    from hutch.project.jsonc import JsoncFault, parse_jsonc

    root = ground.root or ground.context.directory
    path = os.path.join(root, ".vscode", "settings.json")
    try:
        settings = parse_jsonc(read_plain(path, 4 << 20).decode("utf-8", "replace"))
    except (OSError, JsoncFault):
        return
    if not isinstance(settings, dict):
        return
    for name in _SETTINGS:
        value = settings.get(name)
        if not isinstance(value, str):
            continue
        said = value.replace("${workspaceFolder}", root).replace("${workspaceRoot}", root)
        said = os.path.expanduser(said) if said.startswith("~") else said
        if "${" in said or not ("/" in said or "\\" in said):
            continue  # a name that the editor looks for
        whole = os.path.normpath(os.path.join(root, said))
        there = ground.environment is not None
        if not os.path.exists(whole):
            say(
                "VS Code is told of a Python that is gone",
                seen=(path, f"{name} is {value}, and there is no {whole}"),
                commands=() if there else ("hutch sync", "hutch ide vscode"),
                fix=_telling(ground) if there else None,
            )
            return
        if there and ground.environment is not None and not _is_of(whole, ground.environment.root):
            say(
                "VS Code is told of another Python than the project's",
                seen=(path, f"{name} is {value}", f"the environment is {ground.environment.root}"),
                fix=_telling(ground),
                severity="info",
            )
            return


def _telling(ground: Ground) -> Fix:
    def apply() -> str:
        from hutch.ops.ide import IdeOptions, vscode

        done = vscode(ground.context, IdeOptions())
        return f"wrote {done.file}, whose comments stay"

    return Fix(plan=("tell VS Code of the project's environment, as hutch ide vscode does",), apply=apply)


def _is_of(path: str, root: str) -> bool:
    """Whether a Python, or a directory that is named instead of it, is of the environment."""
    here = os.path.realpath(root)
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    while True:
        if os.path.realpath(folder) == here:
            return True
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above


CHECKS = (dead_kernel, dead_editor_python)
